//! The parameters of queries and forms (RFC 6749 section 3.1 and appendix B).

use std::borrow::Cow;
use url::form_urlencoded;

/// The parameters of one query or form, decoded once.
#[expect(missing_debug_implementations, reason = "it has secrets as text")]
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A parameter that must not be repeated, was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated;

impl<'a> Parameters<'a> {
    /// Decodes a query or a form.
    pub fn parse(encoded: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(encoded).collect())
    }

    /// Returns a parameter's last value.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_ref())
    }

    /// Returns a protocol parameter: empty counts as absent, repeated is refused.
    pub fn once(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(other, _)| other == name);
        let first = values.next().map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty());
        if values.next().is_some() { Err(Repeated) } else { Ok(first) }
    }
}
