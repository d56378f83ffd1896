//! HTML escaping of text from requests.

use std::fmt::{self, Write as _};

/// Shows text so that it means itself, in HTML and XML content and in quoted attributes.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match reference(char) {
            Some(reference) => formatter.write_str(reference),
            None => formatter.write_char(char),
        })
    }
}

const fn reference(char: char) -> Option<&'static str> {
    match char {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_text_is_not() {
        assert_eq!(Escaped("a<b é>'\"&amp;").to_string(), "a&lt;b é&gt;&#39;&quot;&amp;amp;");
        assert_eq!(Escaped("").to_string(), "");
        assert_eq!(Escaped("plain").to_string(), "plain");
    }
}
