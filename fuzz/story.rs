//! Text format of a fuzz input: a request, then one line for each provider answer.

use crate::{NOW, entropy};
use aura_proto::{Admission, Auth, Candidate, Fetch, FetchError, Purpose, Session};
use aura_tests::{Outcome, World, drive};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};

/// Exchanges with providers that one request may take.
const MAX_FETCHES: usize = 8;

/// Result of a request.
#[derive(Debug)]
pub struct Ended {
    /// The answer to the browser.
    pub response: Response<Bytes>,
    /// Whether a provider named a user, and the application was asked to admit them.
    pub named: bool,
}

impl Ended {
    /// Tells whether the answer sets a session.
    pub fn sets_session(&self) -> bool {
        self.response.headers().get_all(header::SET_COOKIE).iter().any(|cookie| {
            let cookie = cookie.to_str().expect("visible ASCII");
            cookie.starts_with("__Host-aura-auth.session_token=") && !cookie.contains("=; Max-Age=0")
        })
    }

    /// Opens the session that the answer sets.
    ///
    /// # Panics
    /// If what it sets is no session.
    pub fn session(&self, auth: &Auth) -> Option<Session> {
        let cookies = self.response.headers().get_all(header::SET_COOKIE).iter();
        let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let pairs: Vec<_> = pairs.filter(|pair| !pair.ends_with('=')).collect();
        let cookies = HeaderValue::try_from(pairs.join("; ")).expect("visible ASCII");
        let headers = HeaderMap::from_iter([(header::COOKIE, cookies)]);
        self.sets_session().then(|| auth.session(&headers, NOW).expect("a session"))
    }
}

/// Reads a method, a target, and `name: value` headers up to an empty line; `body` is the body.
pub fn request<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<Request<Bytes>> {
    let (method, target) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut request = Request::builder().method(method).uri(target).body(Bytes::new()).ok()?;
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        if name == "body" {
            *request.body_mut() = Bytes::copy_from_slice(value.as_bytes());
        } else if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().append(name, value);
        }
    }
    Some(request)
}

/// Reads a provider's answer: `status content-type body`; no line is no answer.
///
/// # Errors
/// If there is no line, or none that a client would hand on.
pub fn answer(line: Option<&str>) -> Outcome {
    let mut parts = line.ok_or(FetchError::TimedOut)?.splitn(3, ' ');
    let status: u16 = parts.next().and_then(|status| status.parse().ok()).unwrap_or(200);
    let content_type = parts.next().unwrap_or_default();
    let body = Bytes::copy_from_slice(parts.next().unwrap_or_default().as_bytes());
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    response.body(body).map_err(|_| FetchError::Unreachable)
}

/// Answers a request. The function supplies the result of every exchange, and every user is admitted.
pub fn carry_out(
    auth: &Auth,
    request: Request<Bytes>,
    seed: u8,
    mut fetch: impl FnMut() -> Outcome,
) -> Ended {
    let mut world = Answers { fetch: &mut fetch, fetches: 0, named: false };
    let response = drive(auth.handle(request, NOW, entropy(seed)), NOW, &mut world);
    Ended { response, named: world.named }
}

/// Answers of providers, and what was asked.
struct Answers<'a> {
    fetch: &'a mut dyn FnMut() -> Outcome,
    fetches: usize,
    named: bool,
}

impl World for Answers<'_> {
    fn fetch(&mut self, _: Purpose, _: &Fetch) -> Outcome {
        self.fetches += 1;
        assert!(self.fetches <= MAX_FETCHES);
        (self.fetch)()
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        self.named = true;
        candidate.admit()
    }
}

/// The `name=value` of the first cookie that an answer sets under a prefix.
pub fn cookie(response: &Response<Bytes>, prefix: &str) -> String {
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.find(|cookie| cookie.starts_with(prefix)).unwrap_or_default();
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// A parameter of the URL that an answer leads to.
pub fn parameter(response: &Response<Bytes>, name: &str) -> String {
    let location = response.headers()[header::LOCATION].to_str().expect("visible ASCII");
    let url = url::Url::parse(location).expect("an absolute URL");
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// A `GET` of a path.
pub fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).expect("a request")
}
