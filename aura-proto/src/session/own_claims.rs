//! The application's own claims of a session, which are read when somebody asks for them.

use super::claims::is_own;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// Claims of the application's own. Most requests ask for none, and to leave them unread saves 60 instructions a byte.
#[derive(Clone, Default)]
pub(crate) struct OwnClaims {
    read: Map<String, Value>,
    /// The payload of a token of which the names and values have been checked, where they have not been read.
    unread: Option<String>,
}

impl OwnClaims {
    /// Takes those of a checked payload.
    pub(super) fn unread(payload: String) -> Self {
        Self { read: Map::new(), unread: Some(payload) }
    }

    pub(crate) fn get(&self) -> Cow<'_, Map<String, Value>> {
        self.unread.as_ref().map_or(Cow::Borrowed(&self.read), |payload| Cow::Owned(read(payload)))
    }

    pub(crate) fn to_mut(&mut self) -> &mut Map<String, Value> {
        if let Some(payload) = self.unread.take() {
            self.read = read(&payload);
        }
        &mut self.read
    }
}

fn read(payload: &str) -> Map<String, Value> {
    // Cannot fail: the payload has been read by the same parser.
    let mut claims: Map<_, _> = serde_json::from_str(payload).unwrap_or_default();
    claims.retain(|name, _| is_own(name));
    claims
}

impl From<Map<String, Value>> for OwnClaims {
    fn from(read: Map<String, Value>) -> Self {
        Self { read, unread: None }
    }
}

impl PartialEq for OwnClaims {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for OwnClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
