//! How is an HTTP request answered? By carrying out the core's actions until one ends it.

use crate::client::Client;
use crate::record::record;
use crate::world::{entropy, now};
use aura_proto::{Action, Admission, Auth, Candidate, Fetch, FetchError, RequestError};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Longest request body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// Longest request body whose rest is received only to be dropped, in bytes.
const MAX_DROPPED: usize = 8 * 1024 * 1024;
/// How long a request body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers requests with an [`Auth`] and a [`Client`]. Cheap to clone.
///
/// ```
/// # async fn serve(auth: aura_proto::Auth, request: http::Request<http_body_util::Full<bytes::Bytes>>) {
/// use aura_http::{Driver, HttpClient};
///
/// let driver = Driver::new(auth, HttpClient::new());
/// if driver.auth().owns(request.uri().path()) {
///     let response = driver.answer(request).await;
///     println!("{}", response.status());
/// }
/// # }
/// ```
pub struct Driver<C> {
    auth: Auth,
    client: Arc<C>,
    admit: Arc<Admit>,
}

/// The application's decision on each user who signs in.
type Admit = dyn Fn(Candidate) -> Pin<Box<dyn Future<Output = Admission> + Send>> + Send + Sync;

impl<C> Clone for Driver<C> {
    fn clone(&self) -> Self {
        Self { auth: self.auth.clone(), client: Arc::clone(&self.client), admit: Arc::clone(&self.admit) }
    }
}

impl<C> fmt::Debug for Driver<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("auth", &self.auth).finish_non_exhaustive()
    }
}

impl<C: Client> Driver<C> {
    /// Joins a configuration and a client.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth) {
    /// let driver = aura_http::Driver::new(auth, aura_http::HttpClient::new());
    /// # let _ = driver;
    /// # }
    /// ```
    pub fn new(auth: Auth, client: C) -> Self {
        let everybody = |candidate: Candidate| -> Pin<Box<dyn Future<Output = Admission> + Send>> {
            Box::pin(std::future::ready(candidate.admit()))
        };
        Self { auth, client: Arc::new(client), admit: Arc::new(everybody) }
    }

    /// Asks the application about each user who signs in, and again when a page has the profile read again: admit them, and
    /// shape their session, or refuse them, which ends a session that there is. Without it, everybody is admitted.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth) {
    /// use aura_http::{Driver, HttpClient};
    /// use aura_proto::{Admission, Candidate};
    ///
    /// let driver = Driver::new(auth, HttpClient::new()).admit(async |candidate: Candidate| {
    ///     if candidate.user.email.is_some() { candidate.admit() } else { Admission::Refuse }
    /// });
    /// # let _ = driver;
    /// # }
    /// ```
    #[must_use]
    pub fn admit<F, Decision>(mut self, decide: F) -> Self
    where
        F: Fn(Candidate) -> Decision + Send + Sync + 'static,
        Decision: Future<Output = Admission> + Send + 'static,
    {
        self.admit = Arc::new(move |candidate| Box::pin(decide(candidate)));
        self
    }

    /// Returns the configuration.
    ///
    /// ```
    /// # fn show<C: aura_http::Client>(driver: &aura_http::Driver<C>) {
    /// println!("routes under {}", driver.auth().base_path());
    /// # }
    /// ```
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Answers a request under the base path. Dropping the future drops the exchange under way, and with it the sign-in.
    ///
    /// ```
    /// # async fn answer<C: aura_http::Client>(driver: &aura_http::Driver<C>) -> Result<(), http::Error> {
    /// let request = http::Request::get("/auth/session").body(http_body_util::Empty::<bytes::Bytes>::new())?;
    /// println!("{}", driver.answer(request).await.status());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn answer<B: Body>(&self, request: Request<B>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let mut action = match (buffer(request).await, entropy()) {
            (Ok(request), Ok(entropy)) => self.auth.handle(request, now(), entropy),
            (Err(error), _) => Action::Respond(self.auth.refuse(&path, error)),
            (_, Err(error)) => Action::Respond(self.auth.refuse(&path, error)),
        };
        loop {
            action = match action {
                Action::Redirect(redirect) => {
                    redirect.events.iter().for_each(record);
                    return redirect.into_response();
                }
                Action::Respond(respond) => {
                    respond.events.iter().for_each(record);
                    return respond.into_response();
                }
                Action::FetchDiscovery(fetch)
                | Action::FetchJwks(fetch)
                | Action::FetchPushedRequest(fetch)
                | Action::FetchToken(fetch)
                | Action::FetchUserInfo(fetch)
                | Action::FetchRevocation(fetch) => self.fetch(fetch).await,
                Action::AdmitUser(question) => {
                    let admission = (self.admit)(question.candidate).await;
                    question.pending.resume(admission, now())
                }
            };
        }
    }

    /// Performs an exchange within its time; the deadline covers connecting and the whole body.
    async fn fetch(&self, fetch: Fetch) -> Action {
        let exchange = self.client.call(fetch.request, fetch.max_response);
        let outcome = tokio::time::timeout(fetch.timeout, exchange).await;
        fetch.pending.resume(outcome.unwrap_or(Err(FetchError::TimedOut)), now())
    }
}

/// Reads a request's body, where its method has one.
async fn buffer<B: Body>(request: Request<B>) -> Result<Request<Bytes>, RequestError> {
    let (head, body) = request.into_parts();
    if matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(Request::from_parts(head, Bytes::new()));
    }
    let body =
        tokio::time::timeout(BODY_TIMEOUT, read(body)).await.unwrap_or(Err(RequestError::BodyTimedOut))?;
    Ok(Request::from_parts(head, body))
}

/// Keeps a body up to [`MAX_BODY`]. What is beyond is dropped as it arrives, up to [`MAX_DROPPED`]: a client that is
/// still sending does not read the answer.
async fn read<B: Body>(body: B) -> Result<Bytes, RequestError> {
    let mut body = std::pin::pin!(body);
    let mut kept = BytesMut::new();
    let mut received = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| RequestError::MalformedBody)?.into_data() else { continue };
        received = received.saturating_add(data.remaining());
        if received > MAX_DROPPED {
            break;
        }
        if received <= MAX_BODY {
            kept.put(&mut data);
        }
    }
    if received > MAX_BODY { Err(RequestError::BodyTooLarge) } else { Ok(kept.freeze()) }
}
