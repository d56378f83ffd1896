//! Destinations of a page: a path of its own site, or a web page elsewhere.

use aura_types::parse_http_url;
use std::fmt;
use url::Url;

/// A path of the site, or an `http` or `https` URL: never a script, and only what was parsed.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.starts_with('/') {
            return parse_http_url(text).map(|url| Self(url.into()));
        }
        // Resolved as a browser would: what leads to another host is no path.
        let base = Url::parse("http://site.invalid").ok()?;
        let url = base.join(text).ok().filter(|url| url.origin() == base.origin())?;
        let path = url.as_str().get(url.origin().ascii_serialization().len()..)?;
        // `/..//host` is a path to the URL standard, but another host once it stands alone.
        (path.starts_with('/') && !path.starts_with("//")).then(|| Self(path.to_owned()))
    }

    /// Returns the path or URL, in ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Destination {
    /// Leaves the query out: on the way to a provider it holds the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        write!(f, "Destination({path}{})", if path.len() < self.0.len() { "?.." } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_and_web_pages_are_destinations() {
        for text in
            ["/", "/a?b=c#d", "https://app.test/x", "http://localhost:3000/auth/signIn/dev?redirectTo=%2F"]
        {
            assert_eq!(Destination::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(Destination::parse("/café").unwrap().as_str(), "/caf%C3%A9");
        assert_eq!(
            format!("{:?}", Destination::parse("https://a.test/x?state=s")),
            "Some(Destination(https://a.test/x?..))"
        );
    }

    #[test]
    fn scripts_other_hosts_in_disguise_and_credentials_are_none() {
        for text in [
            "",
            "x",
            "//evil.test",
            "/\\evil.test",
            "/\t/evil.test",
            "/..//evil.test",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@app.test/",
            "https://",
            "ftp://app.test/",
        ] {
            assert_eq!(Destination::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_destination_fits_a_header_and_reads_the_same(text in "(/|\\\\|https?:|javascript:|\\.|a\\.test|\t|\\PC){0,8}") {
            if let Some(destination) = Destination::parse(&text) {
                prop_assert!(http::HeaderValue::from_str(destination.as_str()).is_ok());
                prop_assert_eq!(Destination::parse(destination.as_str()), Some(destination));
            }
        }
    }
}
