//! Requests of a browser, as a transcript shows them.

use crate::opened::{CSRF_FIELD, CSRF_TOKEN, Chunk, Opened, pair};
use crate::redact::Redactor;
use crate::sealed::{Sealed, placeholder};
use crate::stand_ins::Space;
use crate::written::meant;
use aura_proto::replay_door::{self, Kind};
use aura_proto::{Auth, Connection, Scheme};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request, Uri, header};

/// The headers that the core reads, and where their words are compared; others are not noted.
const HEADERS: [(HeaderName, Space); 16] = [
    (header::HOST, Space::Target),
    (header::ORIGIN, Space::Target),
    (header::REFERER, Space::Target),
    (header::COOKIE, Space::Cookie),
    (header::ACCEPT, Space::Request),
    (header::CONTENT_TYPE, Space::Request),
    (header::FORWARDED, Space::Target),
    (HeaderName::from_static("sec-fetch-site"), Space::Request),
    (HeaderName::from_static("sec-fetch-mode"), Space::Request),
    (HeaderName::from_static("sec-fetch-dest"), Space::Request),
    (HeaderName::from_static("sec-purpose"), Space::Request),
    (HeaderName::from_static("purpose"), Space::Request),
    (CSRF_TOKEN, Space::Cookie),
    (HeaderName::from_static("x-forwarded-host"), Space::Target),
    (HeaderName::from_static("x-forwarded-proto"), Space::Target),
    (HeaderName::from_static("x-forwarded-prefix"), Space::Target),
];

/// A request, as much of it as the core reads.
pub(crate) struct Sent {
    pub(crate) secure: bool,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A request as it is shown.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) sealed: Vec<Sealed>,
}

impl Sent {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
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
    pub(crate) fn length(&self) -> usize {
        let authority = self.uri.authority().map_or(0, |authority| authority.as_str().len());
        let target = self.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let headers = self.headers.iter().flat_map(|(name, value)| [name.as_str().len(), value.len()]);
        let others = [self.method.as_str().len(), authority, target, self.body.len()];
        headers.chain(others).fold(0, usize::saturating_add)
    }

    /// Opens what is protected in it.
    pub(crate) fn opened(&self, auth: &Auth) -> Opened {
        Opened::of(auth, &self.headers, &self.body)
    }

    /// Redacts it, given what was opened of it.
    pub(crate) fn shown(&self, auth: &Auth, opened: &Opened, redactor: &mut Redactor) -> Shown {
        let mut shower = Shower { auth, opened, redactor };
        let target = self.uri.to_string();
        let target = match target.split_once('?') {
            Some((place, query)) => {
                format!("{}?{}", shower.redactor.text(Space::Target, place), shower.form(query))
            }
            None => shower.redactor.text(Space::Target, &target),
        };
        let mut headers = Vec::new();
        for (name, space) in HEADERS {
            for value in self.headers.get_all(&name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                let shown = match opened.whole(&value) {
                    Some(at) if name == CSRF_TOKEN => placeholder(at),
                    Some(_) | None if name == header::COOKIE => shower.cookies(&value),
                    Some(_) | None => shower.redactor.text(space, &value),
                };
                headers.push((name.as_str().to_owned(), shown));
            }
        }
        let body = shower.form(&String::from_utf8_lossy(&self.body));
        let method = redactor.text(Space::Request, self.method.as_str());
        Shown { method, target, headers, body, sealed: Vec::new() }
    }
}

/// The redactors of the parts of one request.
struct Shower<'a> {
    auth: &'a Auth,
    opened: &'a Opened,
    redactor: &'a mut Redactor,
}

impl Shower<'_> {
    fn cookies(&mut self, field: &str) -> String {
        let mut shown = Vec::new();
        for text in field.split(';') {
            let Some((name, value)) = pair(text) else {
                shown.push(self.redactor.text(Space::Cookie, text.trim_matches([' ', '\t'])));
                continue;
            };
            let value = match (self.opened.chunk(name, value), self.opened.whole(value)) {
                (Some(Chunk::Later), _) => String::new(),
                (Some(Chunk::First(at)), _) | (None, Some(at)) => placeholder(at),
                (None, None) => self.redactor.text(Space::Cookie, value),
            };
            shown.push(format!("{}={value}", cookie_name(self.auth, self.redactor, name)));
        }
        shown.join("; ")
    }

    /// Redacts a query or a form pair by pair; other text has no pairs.
    fn form(&mut self, text: &str) -> String {
        let mut shown = Vec::new();
        for pair in text.split('&') {
            let Some((name, value)) = pair.split_once('=') else {
                shown.push(self.redactor.text(Space::Request, pair));
                continue;
            };
            let value = match (meant(name).as_str(), value) {
                // A boolean.
                ("redirect", "0" | "1") => value.to_owned(),
                (CSRF_FIELD, _) => match self.opened.whole(&meant(value)) {
                    Some(at) => placeholder(at),
                    None => self.redactor.text(Space::Cookie, value),
                },
                ("state", _) => self.redactor.text(Space::State, value),
                ("redirectTo", _) => self.redactor.text(Space::Target, value),
                (_, _) => self.redactor.text(Space::Request, value),
            };
            shown.push(format!("{}={value}", self.redactor.text(Space::Request, name)));
        }
        shown.join("&")
    }
}

/// Redacts the name of a cookie. The index of a chunk is kept: it decides the outcome, and identifies no user.
pub(crate) fn cookie_name(auth: &Auth, redactor: &mut Redactor, name: &str) -> String {
    match replay_door::cookie_name(auth, name) {
        Some(ours) if ours.kind == Kind::Attempt => {
            format!("{}{}", ours.stem, redactor.text(Space::State, ours.end))
        }
        Some(ours) => format!("{}{}", redactor.text(Space::Cookie, ours.stem), ours.end),
        None => redactor.text(Space::Cookie, name),
    }
}
