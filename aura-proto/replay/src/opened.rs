//! Protected values of a request, opened: the site's cookies, and CSRF tokens.

use aura_proto::Auth;
use aura_proto::replay_door::{self, Kind};
use http::{HeaderMap, HeaderName, header};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The header that holds the CSRF token.
pub(crate) const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
/// The field of a form that holds the CSRF token.
pub(crate) const CSRF_FIELD: &str = "csrfToken";
/// How many values are tried at most. A browser has few that open, and the core tries four of one name.
const MAX_TRIED: usize = 64;

/// The values of a request that could be opened.
pub(crate) struct Opened {
    /// The values, by number. They are secret.
    pub(crate) values: Vec<(Kind, Value)>,
    /// The number of each value that stands in one piece.
    whole: BTreeMap<String, usize>,
    /// The cookies, by name and value, that are chunks of a value.
    chunks: BTreeMap<(String, String), Chunk>,
}

/// A cookie that is a part of a value.
#[derive(Clone, Copy)]
pub(crate) enum Chunk {
    /// The first, where the whole value of this number is shown.
    First(usize),
    /// A later one, which is shown empty.
    Later,
}

impl Opened {
    /// Opens the values that the core would try. Each is opened as the kind that its name stands for, as the core does.
    pub(crate) fn of(auth: &Auth, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut opened = Self { values: Vec::new(), whole: BTreeMap::new(), chunks: BTreeMap::new() };
        let fields = headers.get_all(header::COOKIE).iter();
        let fields: Vec<_> = fields.map(|field| String::from_utf8_lossy(field.as_bytes())).collect();
        let pairs: Vec<_> = fields.iter().flat_map(|field| field.split(';')).filter_map(pair).collect();
        let mut candidates: BTreeSet<(Kind, String)> = BTreeSet::new();
        let cookies = pairs.iter().filter_map(|(name, value)| {
            let ours = replay_door::cookie_name(auth, name)?;
            let is_chunk = ours.kind != Kind::Attempt && !ours.end.is_empty();
            (!is_chunk).then(|| (ours.kind, (*value).to_owned()))
        });
        let tokens = headers.get_all(CSRF_TOKEN).iter().filter_map(|value| value.to_str().ok());
        let fields = url::form_urlencoded::parse(body).filter(|(name, _)| name == CSRF_FIELD);
        let csrf = tokens.map(str::to_owned).chain(fields.map(|(_, value)| value.into_owned()));
        for candidate in cookies.chain(csrf.map(|value| (Kind::Csrf, value))) {
            if candidates.len() < MAX_TRIED {
                candidates.insert(candidate);
            }
        }
        for (kind, value) in candidates {
            if let Some(at) = opened.open(auth, kind, &value) {
                opened.whole.insert(value, at);
            }
        }
        for (name, value) in replay_door::joined_cookies(auth, headers).into_iter().take(MAX_TRIED) {
            let kind = replay_door::cookie_name(auth, &name).map(|ours| ours.kind);
            let Some(at) = kind.and_then(|kind| opened.open(auth, kind, &value)) else { continue };
            for (index, piece) in pieces(&pairs, &name, &value).into_iter().enumerate() {
                opened.chunks.insert(piece, if index == 0 { Chunk::First(at) } else { Chunk::Later });
            }
        }
        opened
    }

    /// Tells whether a sign-in attempt opened.
    pub(crate) fn has_attempt(&self) -> bool {
        self.values.iter().any(|(kind, _)| *kind == Kind::Attempt)
    }

    /// Lists the tickets of stored sessions. They are secret.
    pub(crate) fn tickets(&self) -> Vec<String> {
        let is_ticket = |at: usize| self.values.get(at).is_some_and(|(kind, _)| *kind == Kind::Ticket);
        self.whole.iter().filter(|(_, at)| is_ticket(**at)).map(|(text, _)| text.clone()).collect()
    }

    /// Lists what CSRF tokens name the stored sessions by, each with the number of its ticket.
    pub(crate) fn handles(&self, auth: &Auth) -> Vec<(String, usize)> {
        let named = |text: String| Some((replay_door::stored(auth).handle(&text)?, self.whole(&text)?));
        self.tickets().into_iter().filter_map(named).collect()
    }

    /// Returns the number of a value that stands in one piece.
    pub(crate) fn whole(&self, value: &str) -> Option<usize> {
        self.whole.get(value).copied()
    }

    /// Tells which part of a value a cookie is.
    pub(crate) fn chunk(&self, name: &str, value: &str) -> Option<Chunk> {
        if self.chunks.is_empty() {
            return None;
        }
        self.chunks.get(&(name.to_owned(), value.to_owned())).copied()
    }

    fn open(&mut self, auth: &Auth, kind: Kind, value: &str) -> Option<usize> {
        self.values.push((kind, replay_door::open(auth, kind, value)?));
        self.values.len().checked_sub(1)
    }
}

/// Splits one cookie of a field into name and value.
pub(crate) fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t'])))
}

/// The cookies that a value was joined of, first to last.
fn pieces(pairs: &[(&str, &str)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let name = if pieces.is_empty() { name.to_owned() } else { format!("{name}.{}", pieces.len()) };
        let chunks = pairs.iter().filter(|(own, chunk)| *own == name && !chunk.is_empty());
        let fitting = chunks.map(|(_, chunk)| *chunk).filter(|chunk| rest.starts_with(chunk));
        let Some(piece) = fitting.max_by_key(|chunk| chunk.len()) else { break };
        pieces.push((name, piece.to_owned()));
        rest = rest.strip_prefix(piece).unwrap_or_default();
    }
    pieces
}
