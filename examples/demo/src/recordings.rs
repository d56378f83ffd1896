//! Recordings of sign-ins, in bounded memory: each is shown to the browser whose sign-in it was, and to no other.
//!
//! The key is a random value in a cookie of the demo's own, drawn anew for each sign-in. A session would not do: anyone may sign in as
//! one of the embedded provider's accounts, and a sign-in that fails has no session.

use crate::names::Names;
use crate::notes::Notes;
use crate::sequence::{Answered, Destination, Part, Sequence};
use aura_axum::Auth;
use aura_examples::{Settings, random_text};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Maximum number of recordings. The oldest goes first.
const MAX_KEPT: usize = 256;
/// Maximum number of requests of a recording: a sign-in has two, and one more where the provider posts its answer.
const MAX_REQUESTS: usize = 4;
/// Maximum number of actions of a request, and of characters of an outline.
const MAX_ACTIONS: (usize, usize) = (64, 512);
/// How long a recording is shown.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// Longest answer that is read for its link, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// The recordings of this process. Clones share them.
#[derive(Clone)]
pub(crate) struct Recordings {
    auth: Auth,
    kept: Arc<Mutex<Kept>>,
    has_store: bool,
    is_https: bool,
}

#[derive(Default)]
struct Kept {
    by_key: HashMap<String, Vec<Answered>>,
    /// The keys, the oldest first.
    keys: VecDeque<String>,
}

impl Recordings {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            auth: settings.auth.clone(),
            kept: Arc::default(),
            has_store: settings.auth.needs_store(),
            is_https: settings.public_url.starts_with("https://"),
        }
    }

    fn cookie_name(&self) -> &'static str {
        // With the prefix, no sibling domain can set it.
        if self.is_https { "__Host-aura-demo-recording" } else { "aura-demo-recording" }
    }

    fn set_cookie(&self, value: &str, max_age: Duration) -> Option<HeaderValue> {
        let (name, max_age) = (self.cookie_name(), max_age.as_secs());
        let secure = if self.is_https { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&cookie).ok()
    }

    /// Returns the key that a browser sends.
    fn key<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let fields = headers.get_all(header::COOKIE).into_iter().filter_map(|field| field.to_str().ok());
        let mut pairs =
            fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie_name()).map(|(_, value)| value)
    }

    fn forget(&self, key: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_key.remove(key);
        kept.keys.retain(|other| other != key);
    }

    /// Adds a request to the recording of its browser, and returns the key where that is a new one. What begins a sign-in begins a
    /// recording.
    fn add(&self, key: Option<&str>, request: Answered) -> Option<String> {
        if request.part == Part::Callback {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(requests) = key.and_then(|key| kept.by_key.get_mut(key)) {
                if requests.len() < MAX_REQUESTS {
                    requests.push(request);
                }
                return None;
            }
        }
        if let Some(key) = key {
            self.forget(key);
        }
        // Without random bytes there is no recording.
        let key = random_text().ok()?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.keys.len() >= MAX_KEPT
            && let Some(oldest) = kept.keys.pop_front()
        {
            kept.by_key.remove(&oldest);
        }
        kept.keys.push_back(key.clone());
        kept.by_key.insert(key.clone(), vec![request]);
        Some(key)
    }

    fn sequence(&self, headers: &HeaderMap) -> Option<Sequence> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = kept.by_key.get(self.key(headers)?)?;
        let is_fresh = requests.first().is_some_and(|request| request.began.elapsed() < MAX_AGE);
        is_fresh.then(|| Sequence::of(requests, self.has_store))
    }
}

/// Shows a browser its last sign-in: the steps, or `null`.
pub(crate) async fn show(State(recordings): State<Recordings>, headers: HeaderMap) -> Response {
    let fields = [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (fields, Json(recordings.sequence(&headers))).into_response()
}

/// Records requests to the routes of a sign-in, and forgets the recording when the session ends.
pub(crate) async fn record(State(recordings): State<Recordings>, request: Request, next: Next) -> Response {
    let key = recordings.key(request.headers()).map(str::to_owned);
    let (notes, began) = (Notes::default(), Instant::now());
    let sign_in = SignIn::of(&recordings.auth, &request);
    let mut response = notes.scope(next.run(request)).await;
    let noted = notes.take();
    let cookie = if let Some(SignIn { part, method, path, parameters }) = sign_in {
        let ended = Instant::now();
        let has_begun = noted.actions.last().is_some_and(|outline| outline.contains("SIGN_IN_INITIATED"));
        let destination = if has_begun { destination(&mut response).await } else { None };
        let (count, length) = MAX_ACTIONS;
        let actions = noted.actions.into_iter().take(count);
        let actions: Vec<String> = actions.map(|outline| outline.chars().take(length).collect()).collect();
        // What a limit refuses has no outline.
        if actions.is_empty() {
            return response;
        }
        let notes = noted.notes;
        let request = Answered { part, method, path, parameters, began, ended, notes, actions, destination };
        recordings.add(key.as_deref(), request).and_then(|key| recordings.set_cookie(&key, MAX_AGE))
    } else if let Some(key) = key.filter(|_| noted.is_session_ended) {
        recordings.forget(&key);
        recordings.set_cookie("", Duration::ZERO)
    } else {
        None
    };
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A request to begin or end a sign-in with a configured provider.
struct SignIn {
    part: Part,
    method: Method,
    path: String,
    parameters: Names,
}

impl SignIn {
    fn of(auth: &Auth, request: &Request) -> Option<Self> {
        let (route, provider) = auth.route_name(request.uri().path())?;
        let part = match route {
            "signIn" => Part::Begin,
            "callback" => Part::Callback,
            _ => return None,
        };
        let path = format!("{}/{route}/{}", auth.base_path(), provider?);
        let parameters = Names::of_form(request.uri().query().unwrap_or_default());
        Some(Self { part, method: request.method().clone(), path, parameters })
    }
}

/// Reads where an answer sends the browser to sign in: by a redirect, or by the member `signInURL`.
async fn destination(response: &mut Response) -> Option<Destination> {
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let url = match location {
        Some(location) => location.to_owned(),
        None => {
            let body = to_bytes(std::mem::take(response.body_mut()), MAX_ANSWER).await.ok()?;
            *response.body_mut() = Body::from(body.clone());
            let answer: Value = serde_json::from_slice(&body).ok()?;
            answer.get("signInURL")?.as_str()?.to_owned()
        }
    };
    let url: Uri = url.parse().ok()?;
    let parameters = Names::of_form(url.query().unwrap_or_default());
    Some(Destination { host: url.authority()?.to_string(), path: url.path().to_owned(), parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recordings() -> Recordings {
        Recordings::new(&Settings::read(&|_| None).unwrap())
    }

    fn request(part: Part, path: &str) -> Answered {
        let now = Instant::now();
        Answered {
            part,
            method: Method::GET,
            path: path.to_owned(),
            parameters: Names::default(),
            began: now,
            ended: now,
            notes: Vec::new(),
            actions: Vec::new(),
            destination: None,
        }
    }

    fn paths(recordings: &Recordings, key: &str) -> Option<Vec<String>> {
        let kept = recordings.kept.lock().unwrap();
        Some(kept.by_key.get(key)?.iter().map(|request| request.path.clone()).collect())
    }

    #[test]
    fn a_callback_is_added_to_the_sign_in_that_its_browser_began() {
        let recordings = recordings();
        let key = recordings.add(None, request(Part::Begin, "/begun")).unwrap();
        assert_eq!(recordings.add(Some(&key), request(Part::Callback, "/ended")), None);
        assert_eq!(paths(&recordings, &key).unwrap(), ["/begun", "/ended"]);
        // More are not kept.
        for _ in 0..MAX_REQUESTS {
            recordings.add(Some(&key), request(Part::Callback, "/again"));
        }
        assert_eq!(paths(&recordings, &key).unwrap().len(), MAX_REQUESTS);
    }

    #[test]
    fn a_sign_in_that_begins_takes_the_place_of_the_one_before_under_another_key() {
        let recordings = recordings();
        let first = recordings.add(None, request(Part::Begin, "/first")).unwrap();
        let second = recordings.add(Some(&first), request(Part::Begin, "/second")).unwrap();
        assert_eq!(paths(&recordings, &first), None);
        assert_eq!(paths(&recordings, &second).unwrap(), ["/second"]);
    }

    #[test]
    fn a_key_that_a_browser_makes_up_is_not_used() {
        let recordings = recordings();
        let key = recordings.add(Some("made-up"), request(Part::Callback, "/ended")).unwrap();
        assert_ne!(key, "made-up");
        assert_eq!(paths(&recordings, "made-up"), None);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_recording_goes_first() {
        let recordings = recordings();
        let keys: Vec<_> =
            (0..=MAX_KEPT).filter_map(|_| recordings.add(None, request(Part::Begin, "/begun"))).collect();
        assert_eq!(paths(&recordings, &keys[0]), None);
        assert!(keys[1..].iter().all(|key| paths(&recordings, key).is_some()));
        let kept = recordings.kept.lock().unwrap();
        assert_eq!((kept.keys.len(), kept.by_key.len()), (MAX_KEPT, MAX_KEPT));
    }

    #[test]
    fn the_cookie_is_for_the_server_alone_and_by_https_for_this_host_alone() {
        let local = recordings().set_cookie("k", MAX_AGE).unwrap();
        assert_eq!(local, "aura-demo-recording=k; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
        let settings = Settings::read(&|name| (name == "BASE_URL").then(|| "https://app.test".to_owned()));
        let public = Recordings::new(&settings.unwrap()).set_cookie("k", MAX_AGE).unwrap();
        assert_eq!(
            public,
            "__Host-aura-demo-recording=k; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
