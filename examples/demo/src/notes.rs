//! Notes of what one request to a sign-in route does: exchanges and questions to the store, without their values.

use crate::names::Names;
use aura_axum::replay::Transcript;
use aura_axum::{Client, FetchError, UnixTime};
use aura_host::store::{
    BeginSession, Begun, CountKey, CountStore, EndSessions, ListSessions, Listed, LoadSession, Loaded,
    ReplaceSession, Replaced, SessionStore, StoreFuture, SwapCount,
};
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, Response, header};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Maximum number of notes of one request.
const MAX_NOTES: usize = 64;

tokio::task_local! {
    /// The notes of the request that this task answers.
    static NOTES: Notes;
}

/// What one request does, as far as it has come. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Noted>>);

/// What one request did.
#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) notes: Vec<Note>,
    /// The outlines of the actions; see [`Transcript::actions`].
    pub(crate) actions: Vec<String>,
}

/// One exchange, or one question to the store.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Exchange(Exchange),
    /// A question to the store of sessions.
    Session(Asked),
    /// A question to the store of counts.
    Count(Asked),
}

/// Whether a store answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Answered,
    Failed,
}

/// An exchange with a provider: names alone, no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// The authority of the URL.
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) parameters: Names,
    /// The scheme of the header `Authorization`.
    pub(crate) authorization: Option<&'static str>,
    /// The status and the members of the answer, or why there is none.
    pub(crate) answer: Result<(u16, Names), FetchError>,
}

impl Notes {
    /// Runs a future whose exchanges and questions are noted here.
    pub(crate) async fn scope<T>(&self, future: impl Future<Output = T>) -> T {
        NOTES.scope(self.clone(), future).await
    }

    /// Returns what was noted, and begins anew.
    pub(crate) fn take(&self) -> Noted {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the notes of this task's request. A task without notes changes nothing.
    fn change(change: impl FnOnce(&mut Noted)) {
        // An error means that this task answers no request to a route of the sign-in.
        let _: Result<(), _> =
            NOTES.try_with(|notes| change(&mut notes.0.lock().unwrap_or_else(PoisonError::into_inner)));
    }

    fn add(began: Instant, what: What) {
        let note = Note { began, ended: Instant::now(), what };
        Self::change(|noted| {
            if noted.notes.len() < MAX_NOTES {
                noted.notes.push(note);
            }
        });
    }
}

/// Notes the outlines of a request's actions.
pub(crate) fn note_transcript(transcript: &Transcript) {
    Notes::change(|noted| noted.actions = transcript.actions().to_vec());
}

/// A client, a store of sessions or a store of counts, whose use is noted for the page.
///
/// ```
/// use aura_demo::Watched;
/// use aura_host::store::MemoryStore;
/// # fn join(auth: aura_axum::Auth, client: aura_axum::HttpClient) {
/// let driver = aura_axum::Driver::with_session_store(auth, Watched(client), Watched(MemoryStore::default()));
/// # let _ = driver;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Watched<T>(pub T);

impl<C: Client> Client for Watched<C> {
    async fn call(
        &self,
        request: Request<Bytes>,
        max_response: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let began = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let parameters = Names::of_request(request.uri().query(), request.headers(), request.body());
        let authorization = authorization(request.headers());
        let outcome = self.0.call(request, max_response).await;
        let answer = match &outcome {
            Ok(response) => Ok((response.status().as_u16(), Names::of_json(response.body()))),
            Err(error) => Err(*error),
        };
        Notes::add(began, What::Exchange(Exchange { method, host, path, parameters, authorization, answer }));
        outcome
    }

    fn is_proxied(&self, uri: &axum::http::Uri) -> Option<bool> {
        self.0.is_proxied(uri)
    }
}

/// Returns the scheme of a request's credentials (RFC 9110 section 11.4), where it is one that Aura uses.
fn authorization(headers: &HeaderMap) -> Option<&'static str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split(' ').next()?;
    ["Basic", "Bearer", "DPoP"].into_iter().find(|scheme| scheme.eq_ignore_ascii_case(given))
}

/// Notes a question to a store when it is answered.
fn noted<'a, T: 'a>(what: fn(Asked) -> What, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
    let began = Instant::now();
    Box::pin(async move {
        let answer = answer.await;
        Notes::add(began, what(if answer.is_ok() { Asked::Answered } else { Asked::Failed }));
        answer
    })
}

impl<S: SessionStore> SessionStore for Watched<S> {
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded> {
        noted(What::Session, self.0.load(question))
    }

    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun> {
        noted(What::Session, self.0.begin(question))
    }

    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced> {
        noted(What::Session, self.0.replace(question))
    }

    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64> {
        noted(What::Session, self.0.end(question))
    }

    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed> {
        noted(What::Session, self.0.list(question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64> {
        self.0.sweep(now, limit)
    }
}

impl<S: CountStore> CountStore for Watched<S> {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        noted(What::Count, self.0.get_count(key))
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        noted(What::Count, self.0.swap_count(swap))
    }
}
