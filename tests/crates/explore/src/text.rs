//! Shared text that is hashed once.
//!
//! A world holds many long texts and is compared with all others. Comparing hashes avoids reading the texts again.

use crate::fingerprint::{Fingerprint, fingerprint};
use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

/// A text that is shared, and hashed once.
#[derive(Clone, Debug)]
pub struct Text {
    text: Rc<str>,
    fingerprint: Fingerprint,
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: text.into(), fingerprint: fingerprint(text) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        (*text).into()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Borrow<str> for Text {
    /// For maps that are ordered: a text is hashed otherwise than its characters.
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}
