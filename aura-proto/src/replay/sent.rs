//! The request of the browser, as a transcript shows it.

use super::redact::{Redactor, Space};
use super::sealed::{Sealed, placeholder};
use super::written::meant;
use crate::auth::Auth;
use crate::connection::Connection;
use crate::cookie::chunks;
use crate::cookie::parse::Cookies;
use crate::cookie::{CookieTable, OurCookie};
use crate::origin::Scheme;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request, Uri, header};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The headers that the core reads, and where their words are compared; others are not noted.
const HEADERS: [(HeaderName, Space); 13] = [
    (header::HOST, Space::Target),
    (header::ORIGIN, Space::Target),
    (header::REFERER, Space::Target),
    (header::COOKIE, Space::Cookie),
    (header::ACCEPT, Space::Request),
    (header::CONTENT_TYPE, Space::Request),
    (header::FORWARDED, Space::Target),
    (HeaderName::from_static("sec-fetch-site"), Space::Request),
    (HeaderName::from_static("sec-purpose"), Space::Request),
    (HeaderName::from_static("purpose"), Space::Request),
    (CSRF_TOKEN, Space::Cookie),
    (HeaderName::from_static("x-forwarded-host"), Space::Target),
    (HeaderName::from_static("x-forwarded-proto"), Space::Target),
];
const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
/// The field of a form that holds the CSRF token.
const CSRF_FIELD: &str = "csrfToken";

/// A request, as much of it as the core reads.
pub(super) struct Sent {
    pub(super) secure: bool,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A request as it is shown.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) sealed: Vec<Sealed>,
}

impl Sent {
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let read = HEADERS.into_iter().flat_map(|(name, _)| {
            let values = request.headers().get_all(&name).iter().cloned();
            values.map(move |value| (name.clone(), value))
        });
        let connection = request.extensions().get::<Connection>();
        Self {
            secure: connection.is_some_and(|connection| connection.scheme == Scheme::Https),
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: read.collect(),
            body: request.body().clone(),
        }
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> usize {
        let authority = self.uri.authority().map_or(0, |authority| authority.as_str().len());
        let target = self.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let headers = self.headers.iter().flat_map(|(name, value)| [name.as_str().len(), value.len()]);
        let others = [self.method.as_str().len(), authority, target, self.body.len()];
        headers.chain(others).fold(0, usize::saturating_add)
    }

    pub(super) fn shown(&self, auth: &Auth, redactor: &Redactor) -> Shown {
        let mut opened =
            Opened { auth, redactor, sealed: Vec::new(), whole: BTreeMap::new(), chunks: BTreeMap::new() };
        opened.open(self);
        let target = self.uri.to_string();
        let target = match target.split_once('?') {
            Some((place, query)) => format!("{}?{}", redactor.text(Space::Target, place), opened.form(query)),
            None => redactor.text(Space::Target, &target),
        };
        let headers = HEADERS.into_iter().flat_map(|(name, space)| {
            let values = self.headers.get_all(&name).iter().map(|value| text(value.as_bytes()));
            let shown = values.map(|value| {
                if name == header::COOKIE {
                    return opened.cookies(&value);
                }
                let token = opened.whole.get(value.as_ref()).filter(|_| name == CSRF_TOKEN);
                token.map_or_else(|| redactor.text(space, &value), |at| placeholder(*at))
            });
            shown.map(|shown| (name.as_str().to_owned(), shown)).collect::<Vec<_>>()
        });
        let headers = headers.collect();
        let body = opened.form(&text(&self.body));
        Shown { method: self.method(redactor), target, headers, body, sealed: opened.sealed }
    }

    fn method(&self, redactor: &Redactor) -> String {
        let known = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ];
        if known.contains(&self.method) {
            return self.method.to_string();
        }
        redactor.text(Space::Request, self.method.as_str())
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What opens of a request: values of our cookies, in chunks where they are long, and the CSRF token of a header or form.
struct Opened<'a> {
    auth: &'a Auth,
    redactor: &'a Redactor,
    sealed: Vec<Sealed>,
    /// The number of each value that stands in one piece.
    whole: BTreeMap<String, usize>,
    /// The name and value of each cookie that is a chunk. The whole stands where the first was; the others are empty.
    chunks: BTreeMap<(String, String), Option<usize>>,
}

impl Opened<'_> {
    fn open(&mut self, sent: &Sent) {
        let cookies = Cookies::new(&sent.headers);
        let ours =
            cookies.pairs().filter(|(name, _)| is_ours(self.auth, name)).map(|(_, value)| value.into());
        let tokens =
            sent.headers.get_all(CSRF_TOKEN).iter().filter_map(|value| Some(value.to_str().ok()?.into()));
        let form = url::form_urlencoded::parse(&sent.body);
        let fields = form.filter(|(name, _)| name == CSRF_FIELD).map(|(_, value)| value);
        let values: BTreeSet<Cow<'_, str>> = ours.chain(tokens).chain(fields).collect();
        for value in values {
            if let Some(at) = self.number(&value) {
                self.whole.insert(value.into_owned(), at);
            }
        }
        for (cookie, value) in joined(self.auth, cookies) {
            let Some(at) = self.number(&value) else { continue };
            let pieces = pieces(cookies, &cookie.name, &value).into_iter().enumerate();
            self.chunks.extend(pieces.map(|(index, piece)| (piece, (index == 0).then_some(at))));
        }
    }

    fn number(&mut self, value: &str) -> Option<usize> {
        self.sealed.push(Sealed::open(self.auth, self.redactor, value)?);
        self.sealed.len().checked_sub(1)
    }

    fn cookies(&self, field: &str) -> String {
        let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
        let shown = field.split(';').map(|pair| match pair.split_once('=') {
            None => self.redactor.text(Space::Cookie, &trim(pair)),
            Some((name, value)) => {
                let pair = (trim(name), trim(value));
                let value = match (self.chunks.get(&pair), self.whole.get(&pair.1)) {
                    (Some(None), _) => String::new(),
                    (Some(Some(at)), _) | (None, Some(at)) => placeholder(*at),
                    (None, None) => self.redactor.text(Space::Cookie, &pair.1),
                };
                format!("{}={value}", cookie_name(self.auth, self.redactor, &pair.0))
            }
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    /// Redacts a query or a form pair by pair; other text has no pairs.
    fn form(&self, text: &str) -> String {
        let shown = text.split('&').map(|pair| {
            let Some((name, value)) = pair.split_once('=') else {
                return self.redactor.text(Space::Request, pair);
            };
            let shown = match (meant(name).as_str(), value) {
                // A word for yes or no.
                ("redirect", "0" | "1") => value.to_owned(),
                (CSRF_FIELD, _) => match self.whole.get(&meant(value)) {
                    Some(at) => placeholder(*at),
                    None => self.redactor.text(Space::Cookie, value),
                },
                ("state", _) => self.redactor.text(Space::State, value),
                ("redirectTo", _) => self.redactor.text(Space::Target, value),
                (_, _) => self.redactor.text(Space::Request, value),
            };
            format!("{}={shown}", self.redactor.text(Space::Request, name))
        });
        shown.collect::<Vec<_>>().join("&")
    }
}

fn tables(auth: &Auth) -> [&CookieTable; 2] {
    [Scheme::Http, Scheme::Https].map(|scheme| auth.config().cookies(scheme))
}

fn is_ours(auth: &Auth, name: &str) -> bool {
    tables(auth).into_iter().any(|table| {
        let ours = [&table.session, &table.csrf, &table.attempts, &table.access_tokens];
        ours.into_iter().any(|cookie| name.starts_with(&cookie.name))
    })
}

/// Redacts the name of a cookie. What the number of a chunk is decides what happens, and says nothing.
pub(super) fn cookie_name(auth: &Auth, redactor: &Redactor, name: &str) -> String {
    for table in tables(auth) {
        let after = |ours: &OurCookie| name.strip_prefix(&ours.name).and_then(|rest| rest.strip_prefix('.'));
        if let Some(state) = after(&table.attempts) {
            return format!("{}.{}", table.attempts.name, redactor.text(Space::State, state));
        }
        let chunk = after(&table.session)
            .or_else(|| after(&table.access_tokens)?.split_once('.').map(|(_, chunk)| chunk));
        let index = chunk.filter(|chunk| chunks::index(chunk).is_some());
        if let Some((stem, index)) = index.and_then(|index| Some((name.strip_suffix(index)?, index))) {
            return format!("{}{index}", redactor.text(Space::Cookie, stem));
        }
    }
    redactor.text(Space::Cookie, name)
}

/// The values that chunks of our cookies can be joined to, longer than each of them.
fn joined(auth: &Auth, cookies: Cookies<'_>) -> Vec<(OurCookie, String)> {
    let second: BTreeSet<_> = cookies.pairs().filter_map(|(name, _)| name.strip_suffix(".1")).collect();
    let mut all = Vec::new();
    for table in tables(auth) {
        let of_providers = auth.config().providers.keys().map(|id| table.access_token(id));
        let chunked = std::iter::once(table.session.clone()).chain(of_providers);
        for cookie in chunked.filter(|cookie| second.contains(cookie.name.as_str())) {
            let values = cookie.read(cookies).unwrap_or_default().into_iter();
            let longer = values.filter(|value| matches!(value, Cow::Owned(_)));
            all.extend(longer.map(|value| (cookie.clone(), value.into_owned())));
        }
    }
    all
}

/// The cookies that a value was joined of, first to last.
fn pieces(cookies: Cookies<'_>, name: &str, value: &str) -> Vec<(String, String)> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let name = if pieces.is_empty() { name.to_owned() } else { format!("{name}.{}", pieces.len()) };
        let chunks = cookies.pairs().filter(|(own, chunk)| *own == name && !chunk.is_empty());
        let fitting = chunks.map(|(_, chunk)| chunk).filter(|chunk| rest.starts_with(chunk));
        let Some(piece) = fitting.max_by_key(|chunk| chunk.len()) else { break };
        pieces.push((name, piece.to_owned()));
        rest = rest.strip_prefix(piece).unwrap_or_default();
    }
    pieces
}
