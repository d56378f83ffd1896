//! What goes into one request? Noted as it passes, and redacted at once.

use super::known;
use super::redact::Redactor;
use super::sealed::{self, Sealed, canonical};
use super::signed::Signed;
use super::{Answer, Transcript, What, outline};
use crate::action::Action;
use crate::admission::Admission;
use crate::auth::Auth;
use crate::connection::Connection;
use crate::cookie::STATE_CHARACTERS;
use crate::cookie::parse::Cookies;
use crate::error::FetchError;
use crate::origin::Scheme;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderName, Request, Response, header};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// The version of what is written.
pub(super) const VERSION: u32 = 1;

/// The headers that the core reads; others are not noted.
const HEADERS: [HeaderName; 13] = [
    header::HOST,
    header::ORIGIN,
    header::REFERER,
    header::COOKIE,
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::FORWARDED,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-csrf-token"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
];

/// Notes what goes into one request, redacted at once; the key of the stand-ins is dropped with it.
///
/// ```
/// use aura_proto::replay::Recorder;
/// # fn record(auth: &aura_proto::Auth, request: &http::Request<bytes::Bytes>, now: aura_proto::UnixTime, key: [u8; 32]) {
/// let mut recorder = Recorder::new(auth, request, now, key);
/// # let _ = recorder;
/// # }
/// ```
pub struct Recorder {
    redactor: Redactor,
    recorded: Transcript,
    signed: Signed,
    asked: Asked,
}

/// What the last exchange is for, as far as its answer is read here.
#[derive(Clone, Copy)]
enum Asked {
    Discovery,
    Keys,
    Token,
    Other,
}

impl Recorder {
    /// Begins with a request. The key, 32 fresh random bytes, is what stand-ins are derived with; it is kept nowhere.
    ///
    /// ```
    /// use aura_proto::replay::Recorder;
    /// # fn record(auth: &aura_proto::Auth, request: &http::Request<bytes::Bytes>, now: aura_proto::UnixTime, key: [u8; 32]) {
    /// let recorder = Recorder::new(auth, request, now, key);
    /// assert_eq!(format!("{recorder:?}"), "Recorder(..)");
    /// # }
    /// ```
    pub fn new(auth: &Auth, request: &Request<Bytes>, now: UnixTime, key: [u8; 32]) -> Self {
        let known = known::texts(auth);
        let mut redactor = Redactor::new(key, known.iter().map(String::as_str));
        let found = find_sealed(auth, request);
        // An attempt's cookie may not open, and still be the one that the callback's state names.
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let states = query.filter(|(name, _)| name == "state").map(|(_, value)| value);
        for state in states.chain(found.iter().filter_map(|(_, sealed)| sealed.state()).map(Cow::Borrowed)) {
            redactor.begins(&state, STATE_CHARACTERS);
        }
        let placed = |text: &str| {
            let mut text = text.to_owned();
            for (at, (pieces, _)) in found.iter().enumerate() {
                // The whole stands where its first piece did; an empty cookie says nothing.
                for (number, piece) in pieces.iter().enumerate() {
                    let instead = if number == 0 { sealed::placeholder(at) } else { String::new() };
                    text = text.replace(piece.as_str(), &instead);
                }
            }
            redactor.text(&text)
        };
        let headers = HEADERS.into_iter().flat_map(|name| {
            let values = request.headers().get_all(&name).iter();
            let texts = values.map(|value| placed(&String::from_utf8_lossy(value.as_bytes())));
            texts.map(|text| (name.as_str().to_owned(), text)).collect::<Vec<_>>()
        });
        let headers = headers.collect();
        let connection = request.extensions().get::<Connection>();
        let recorded = Transcript {
            version: VERSION,
            now,
            secure: connection.is_some_and(|connection| connection.scheme == Scheme::Https),
            method: request.method().to_string(),
            target: placed(&request.uri().to_string()),
            headers,
            body: placed(&String::from_utf8_lossy(request.body())),
            sealed: found.iter().map(|(_, sealed)| sealed.redacted(&redactor)).collect(),
            answers: Vec::new(),
            actions: Vec::new(),
        };
        Self { redactor, recorded, signed: Signed::default(), asked: Asked::Other }
    }

    /// Notes an action, before it is carried out.
    ///
    /// ```
    /// # fn note(recorder: &mut aura_proto::replay::Recorder, action: &aura_proto::Action) {
    /// recorder.action(action);
    /// # }
    /// ```
    pub fn action(&mut self, action: &Action) {
        self.asked = match action {
            Action::FetchDiscovery(_) => Asked::Discovery,
            Action::FetchJwks(_) => Asked::Keys,
            Action::FetchToken(_) => Asked::Token,
            Action::FetchPushedRequest(_)
            | Action::FetchUserInfo(_)
            | Action::FetchRevocation(_)
            | Action::AdmitUser(_)
            | Action::Redirect(_)
            | Action::Respond(_) => Asked::Other,
        };
        self.recorded.actions.push(self.redactor.outline(&outline(action)));
    }

    /// Notes what a fetch brought.
    ///
    /// ```
    /// # use aura_proto::{FetchError, UnixTime};
    /// # fn note(recorder: &mut aura_proto::replay::Recorder, now: UnixTime) {
    /// recorder.outcome(&Err(FetchError::TimedOut), now);
    /// # }
    /// ```
    pub fn outcome(&mut self, outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) {
        let what = match outcome {
            Ok(response) => {
                let field = |name: &str| {
                    let value = response.headers().get(name)?;
                    Some(self.redactor.text(&String::from_utf8_lossy(value.as_bytes())))
                };
                What::Answered {
                    status: response.status().as_u16(),
                    content_type: field("content-type"),
                    dpop_nonce: field("dpop-nonce"),
                    challenge: field("www-authenticate"),
                    body: self.body(&String::from_utf8_lossy(response.body())),
                }
            }
            Err(FetchError::TimedOut) => What::TimedOut,
            Err(FetchError::Unreachable) => What::Unreachable,
            Err(FetchError::Untrusted) => What::Untrusted,
            Err(FetchError::TooLarge) => What::TooLarge,
        };
        self.recorded.answers.push(Answer { now, what });
    }

    /// Redacts an answer, and notes what hangs together in it and others.
    fn body(&mut self, text: &str) -> String {
        let answer = self.recorded.answers.len();
        if matches!(self.asked, Asked::Token) {
            self.signed.token(answer, text);
        }
        let Some(json) = canonical(text) else { return self.redactor.text(text) };
        match (self.asked, &json) {
            (Asked::Discovery, Value::Object(members)) => {
                return self.signed.discovery(members, &mut self.redactor).to_string();
            }
            (Asked::Keys, Value::Object(members)) if members.get("keys").is_some_and(Value::is_array) => {
                self.signed.keys(answer, members);
            }
            (_, _) => {}
        }
        sealed::redact("", &json, &self.redactor).to_string()
    }

    /// Notes the application's decision; what it made of the user is not noted.
    ///
    /// ```
    /// # use aura_proto::{Admission, UnixTime};
    /// # fn note(recorder: &mut aura_proto::replay::Recorder, now: UnixTime) {
    /// recorder.admission(&Admission::Refuse, now);
    /// # }
    /// ```
    pub fn admission(&mut self, admission: &Admission, now: UnixTime) {
        let what = match admission {
            Admission::Admit(_) => What::Admitted,
            Admission::Refuse => What::Refused,
        };
        self.recorded.answers.push(Answer { now, what });
    }

    /// Returns what was noted.
    ///
    /// ```
    /// # fn keep(recorder: aura_proto::replay::Recorder) {
    /// println!("{}", recorder.finish());
    /// # }
    /// ```
    #[must_use = "keep it where failures are looked at"]
    pub fn finish(self) -> Transcript {
        let Self { redactor, mut recorded, signed, .. } = self;
        signed.finish(&redactor, &mut recorded.answers);
        recorded
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder(..)")
    }
}

impl Redactor {
    /// Redacts the parts of an outline that come from outside: where a redirect leads.
    fn outline(&self, outline: &str) -> String {
        let Some((before, rest)) = outline.split_once(" to ") else { return outline.to_owned() };
        let (location, after) = rest.split_once(',').unwrap_or((rest, ""));
        let comma = if after.is_empty() { "" } else { "," };
        format!("{before} to {}{comma}{after}", self.text(location))
    }
}

/// Finds the values that open, each with the pieces in which it stands in the request: those of the cookies, in chunks
/// where they are long, and the CSRF token of a header or form.
fn find_sealed(auth: &Auth, request: &Request<Bytes>) -> Vec<(Vec<String>, Sealed)> {
    let cookies = Cookies::new(request.headers());
    let mut texts: Vec<String> = cookies.pairs().map(|(_, value)| value.to_owned()).collect();
    let tokens = request.headers().get_all("x-csrf-token").iter().filter_map(|value| value.to_str().ok());
    texts.extend(tokens.map(str::to_owned));
    let form = url::form_urlencoded::parse(request.body());
    texts.extend(form.filter(|(name, _)| name == "csrfToken").map(|(_, value)| value.into_owned()));
    texts.sort();
    texts.dedup();
    let whole = texts.into_iter().map(|text| (vec![text.clone()], text));
    let joined = chunked(auth, cookies).into_iter().map(|text| (pieces(cookies, &text), text));
    let opened =
        |(pieces, text): (Vec<String>, String)| Sealed::open(auth, &text).map(|sealed| (pieces, sealed));
    whole.chain(joined).filter_map(opened).collect()
}

/// The values that chunks of our cookies can be joined to, longer than each of them.
fn chunked(auth: &Auth, cookies: Cookies<'_>) -> Vec<String> {
    let config = auth.config();
    let mut values = Vec::new();
    for table in [Scheme::Http, Scheme::Https].map(|scheme| config.cookies(scheme)) {
        let of_providers = config.providers.keys().map(|id| table.access_token(id));
        for cookie in std::iter::once(table.session.clone()).chain(of_providers) {
            values.extend(cookie.read(cookies).unwrap_or_default().into_iter().map(Cow::into_owned));
        }
    }
    values.retain(|value| !cookies.pairs().any(|(_, chunk)| chunk == value));
    values
}

/// The cookies that a value was joined of, first to last.
fn pieces(cookies: Cookies<'_>, value: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let next = cookies.pairs().map(|(_, chunk)| chunk).filter(|chunk| !chunk.is_empty());
        let Some(piece) = next.filter(|chunk| rest.starts_with(chunk)).max_by_key(|chunk| chunk.len()) else {
            break;
        };
        pieces.push(piece.to_owned());
        rest = rest.strip_prefix(piece).unwrap_or_default();
    }
    pieces
}
