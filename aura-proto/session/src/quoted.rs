//! Text from outside, as it is reported.

use std::fmt;

/// Longest text that is reported, in characters before they are escaped.
const MAX_LENGTH: usize = 128;

/// What somebody outside wrote, as an event reports it: at most 128 characters, of which all but visible ASCII are escaped. It can be
/// written to a log as it is.
///
/// ```
/// use aura_proto::Event;
/// fn refused_host(event: &Event) -> Option<&str> {
///     match event {
///         Event::HostUnknown { host } => Some(host.as_str()),
///         _ => None,
///     }
/// }
/// # let _ = refused_host;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Cuts and escapes a text.
    ///
    /// ```
    /// assert_eq!(aura_session::Quoted::new("evil.test\r\n").as_str(), "evil.test\\r\\n");
    /// ```
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(MAX_LENGTH).flat_map(char::escape_default).collect())
    }

    /// Returns the escaped text.
    ///
    /// ```
    /// # fn show(host: &aura_session::Quoted) {
    /// assert!(host.as_str().is_ascii());
    /// # }
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_short_and_visible() {
        assert_eq!(Quoted::new("a\r\nb\u{202e}\u{1b}[0m\"é").as_str(), r#"a\r\nb\u{202e}\u{1b}[0m\"\u{e9}"#);
        assert_eq!(Quoted::new(&"x".repeat(1000)).as_str().len(), MAX_LENGTH);
    }
}
