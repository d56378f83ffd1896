//! The parameters of queries and forms (RFC 6749 section 3.1 and appendix B).

use crate::parameters::{InvalidParameter, ParameterIssue};
use std::borrow::Cow;
use url::form_urlencoded;

/// The parameters of one query or form, decoded once.
pub(crate) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A parameter that must not be repeated, was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeated;

impl<'a> Parameters<'a> {
    pub(crate) fn parse(encoded: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(encoded).collect())
    }

    /// Returns a parameter's last value.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_ref())
    }

    /// Returns a protocol parameter: empty counts as absent, repeated is refused.
    pub(crate) fn once(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(other, _)| other == name);
        let first = values.next().map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty());
        if values.next().is_some() { Err(Repeated) } else { Ok(first) }
    }
}

/// Reads `redirectTo`. Older front ends spell an absent one `undefined`.
pub(crate) fn redirect_to<'a>(parameters: &'a Parameters<'_>) -> Option<&'a str> {
    parameters.last("redirectTo").filter(|value| !value.is_empty() && *value != "undefined")
}

/// Reads `redirect`, a boolean; absent means true.
pub(crate) fn wants_redirect(
    query: &Parameters<'_>,
    form: &Parameters<'_>,
) -> Result<bool, InvalidParameter> {
    let Some(word) = query.last("redirect").or_else(|| form.last("redirect")) else { return Ok(true) };
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "y" | "enabled" => Ok(true),
        "false" | "0" | "no" | "off" | "n" | "disabled" => Ok(false),
        _ => Err(InvalidParameter::new("redirect", ParameterIssue::Invalid)),
    }
}
