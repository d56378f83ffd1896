//! Targets of redirects: paths of this site and URLs of trusted origins, as they were parsed.

#![allow(unreachable_pub, reason = "fuzz targets reach this module through `internals`")]

use crate::error::{Error, HostError};
use crate::forwarded::is_plain_path;
use crate::origin::{Origin, TrustedOrigins};
use crate::parameters::{InvalidParameter, ParameterIssue};
use crate::query::Parameters;
use http::HeaderValue;
use std::fmt;
use url::{Url, form_urlencoded};

/// Longest `redirectTo`, in bytes.
const MAX_LENGTH: usize = 2048;

/// The value of a `Location` header: something that was parsed, never text from a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Location(HeaderValue);

impl Location {
    /// Returns the value as text.
    pub fn as_str(&self) -> &str {
        // Cannot fail: it is made of a serialized URL, which is ASCII.
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn into_header_value(self) -> HeaderValue {
        self.0
    }

    /// The error page, a path that was checked when it was configured, with code and reason of an error, the application's
    /// refusal code, and what it takes to try again: the id of a configured provider, and a target that was parsed.
    pub(crate) fn of_error_page(
        path: &str,
        error: &Error,
        provider: &str,
        target: Option<&RedirectTo>,
    ) -> Option<Self> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("error", error.code()).append_pair("reason", error.reason());
        query.extend_pairs(error.refusal_code().map(|code| ("refusal", code.as_str())));
        query.append_pair("provider", provider);
        query.extend_pairs(target.map(|target| ("redirectTo", target.as_str())));
        Self::of_path(path, &query.finish())
    }

    /// A page of this site, a path that was checked when it was configured, with a target that was parsed.
    pub(crate) fn of_page(path: &str, target: Option<&RedirectTo>) -> Option<Self> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(target.map(|target| ("redirectTo", target.as_str())));
        Self::of_path(path, &query.finish())
    }

    /// A path of this site that may have a query, with more parameters, form-encoded.
    fn of_path(path: &str, query: &str) -> Option<Self> {
        let separator = match query {
            "" => "",
            _ if path.contains('?') => "&",
            _ => "?",
        };
        HeaderValue::try_from([path, separator, query].concat()).ok().map(Self)
    }

    /// Makes the value of a URL, which is visible ASCII.
    pub(crate) fn of_url(url: &Url) -> Result<Self, HostError> {
        Self::of_url_text(url.as_str().to_owned())
    }

    /// Makes the value of the text of a URL, which becomes the header's.
    pub(crate) fn of_url_text(url: String) -> Result<Self, HostError> {
        HeaderValue::try_from(url).map(Self).map_err(|_| HostError::Unreachable)
    }
}

impl fmt::Debug for Location {
    /// Leaves the query out: on the way to a provider it holds the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        let path = text.split(['?', '#']).next().unwrap_or_default();
        write!(f, "Location({path}{})", if path.len() < text.len() { "?.." } else { "" })
    }
}

/// Where a flow ends: a path of this site, or a URL of a trusted origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectTo(Location);

impl Default for RedirectTo {
    fn default() -> Self {
        Self(Location(HeaderValue::from_static("/")))
    }
}

impl RedirectTo {
    /// The front page of a site that browsers see under a plain path, or under none.
    pub(crate) fn home(public_path: &str) -> Self {
        if public_path.is_empty() {
            return Self::default();
        }
        Self::new(&[public_path, "/"].concat()).unwrap_or_default()
    }

    /// Reads a target as a browser would. A URL that is neither of this site nor trusted is `None`.
    pub fn parse(value: &str, own: &Origin, trusted: &TrustedOrigins) -> Option<Self> {
        // A path of plain words resolves to itself, and resolving it takes 4,000 instructions.
        let room = MAX_LENGTH.saturating_sub(own.as_str().len());
        if value.len() <= room && (value == "/" || is_plain_path(value)) {
            return Self::new(value);
        }
        Self::resolve(value, own, trusted)
    }

    fn resolve(value: &str, own: &Origin, trusted: &TrustedOrigins) -> Option<Self> {
        // A space is percent-encoded, as browsers do; they drop or rewrite the others.
        let odd = |byte: u8| byte < b' ' || byte == 0x7f || byte == b'\\';
        let is_long = |value: &str| value.len() > MAX_LENGTH;
        if is_long(value) || value.bytes().any(odd) {
            return None;
        }
        let is_path = value.starts_with('/') && !value.starts_with("//");
        let is_absolute = value.split_once("://").is_some_and(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
        });
        if !is_path && !is_absolute {
            return None;
        }
        // Percent-encoding makes it longer, and the attempt's cookie has room for so much only.
        let url = own.join(value).filter(|url| !is_long(url.as_str()))?;
        if !url.username().is_empty() || url.password().is_some() || is_ambiguous(&url) {
            return None;
        }
        if own.is_origin_of(&url) {
            let path = url.as_str().get(url.origin().ascii_serialization().len()..)?;
            // `/..//host` is a path to the URL standard, but another host once it stands alone.
            return Some(path).filter(|path| !path.starts_with("//")).and_then(Self::new);
        }
        trusted.contains(&url).then_some(url.as_str()).and_then(Self::new)
    }

    fn new(text: &str) -> Option<Self> {
        HeaderValue::from_str(text).ok().map(Location).map(Self)
    }

    /// Returns the target as the value of `Location`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<RedirectTo> for Location {
    fn from(target: RedirectTo) -> Self {
        target.0
    }
}

/// Tells whether a path holds an encoded control character, or leads elsewhere to a proxy that decodes its slashes and
/// backslashes once more: to another host, or by dots to another path.
fn is_ambiguous(url: &Url) -> bool {
    // Nothing is encoded in most paths, and to join one with itself takes 4,000 instructions.
    if !url.path().contains('%') {
        return false;
    }
    let path = url.path().to_ascii_lowercase();
    let decoded = path.replace("%2f", "/").replace("%5c", "\\");
    let again = url.join(&decoded);
    let is_same = again.is_ok_and(|again| again.origin() == url.origin() && again.path() == decoded);
    (decoded != path && !is_same) || ["%0", "%1", "%7f"].iter().any(|control| path.contains(control))
}

/// Reads `redirectTo`. Older front ends spell an absent one `undefined`.
pub(crate) fn redirect_to<'a>(parameters: &'a Parameters<'_>) -> Option<&'a str> {
    parameters.last("redirectTo").filter(|value| !value.is_empty() && *value != "undefined")
}

/// Reads `redirect`, a boolean that is true where it is absent, and `redirectTo`: of a query, or else of a form.
pub(crate) fn parameters<'a>(
    query: &'a Parameters<'_>,
    form: &'a Parameters<'_>,
) -> Result<(bool, Option<&'a str>), InvalidParameter> {
    let word = query.last("redirect").or_else(|| form.last("redirect"));
    let redirect = match word.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "1" | "yes" | "on" | "y" | "enabled") => true,
        Some("false" | "0" | "no" | "off" | "n" | "disabled") => false,
        Some(_) => return Err(InvalidParameter::new("redirect", ParameterIssue::Invalid)),
    };
    Ok((redirect, redirect_to(query).or_else(|| redirect_to(form))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::OriginPattern;
    use proptest::prelude::*;

    fn own() -> Origin {
        Origin::parse("https://app.test").unwrap()
    }

    fn trusted() -> TrustedOrigins {
        TrustedOrigins(vec![OriginPattern::parse("https://*.friend.test").unwrap()])
    }

    fn target(value: &str) -> String {
        RedirectTo::parse(value, &own(), &trusted()).unwrap_or_default().as_str().to_owned()
    }

    #[test]
    fn or_5_good_values_survive() {
        for value in [
            "/",
            "/dashboard",
            "/search?query=test&sort=asc",
            "/page#section1",
            "/a%20b?next=%2Fc&x=%0A",
            "/users/12123/profile",
            "/caf%C3%A9",
            "/a//b",
            "/a:b@c",
            "/vhosts/%2F/queues",
            "/files/a%2fb%2F?x=%2F#%2f",
            "https://a.friend.test/a%2Fb",
            "https://a.friend.test/x?y#z",
        ] {
            assert_eq!(target(value), value);
        }
        assert_eq!(target("https://app.test/dashboard?a#b"), "/dashboard?a#b");
        assert_eq!(target("/café"), "/caf%C3%A9");
        assert_eq!(target("/docs/Some Page?a b#c d"), "/docs/Some%20Page?a%20b#c%20d");
    }

    #[test]
    fn or_1_everything_else_leads_home() {
        for value in [
            "",
            "dashboard",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "\\/evil.test",
            "/\t/evil.test",
            "/..//evil.test",
            "/.//evil.test",
            "/%2F/evil.test",
            "/%5Cevil.test",
            "/..%2f..%2f",
            "/a%2f..%2fb",
            "/%2Fevil.test",
            "/a%5C%2Fb",
            "https://app.test /",
            "https://evil.test",
            "https://app.test.evil.test",
            "https://app.test@evil.test",
            "https://user@app.test/",
            "https:evil.test",
            "https:/evil.test",
            "http://app.test/",
            "https://a.b.friend.test/",
            "https://friend.test/",
            "javascript:alert(1)",
            "data:text/html,x",
            "/x\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:a=b",
            "/%1fx",
            "/%7fx",
            "/x%09",
            " /x",
            "／dashboard",
        ] {
            assert_eq!(target(value), "/", "{value:?}");
        }
        assert_eq!(target(&format!("/{}", "a".repeat(MAX_LENGTH))), "/");
        assert_eq!(target(&format!("/{}", "é".repeat(MAX_LENGTH / 3))), "/");
    }

    #[test]
    fn or_1_a_target_is_bounded_as_it_is_written_and_as_it_is_read() {
        let longest = format!("{}/bc", "/a/..".repeat(409));
        assert_eq!((longest.len(), target(&longest).as_str()), (MAX_LENGTH, "/bc"));
        assert_eq!(target(&format!("{longest}d")), "/");
        let room = MAX_LENGTH - "https://app.test/".len();
        assert_eq!(target(&format!("/{}", "a".repeat(room))).len(), room + 1);
        assert_eq!(target(&format!("/{}", "a".repeat(room + 1))), "/");
    }

    #[test]
    fn a_location_reads_as_it_is_and_shows_no_query() {
        let location = |value: &str| Location::from(RedirectTo::new(value).unwrap());
        assert_eq!(location("/a?b#c").as_str(), "/a?b#c");
        for (value, shown) in
            [("/a", "Location(/a)"), ("/a?state=s", "Location(/a?..)"), ("/a#s", "Location(/a?..)")]
        {
            assert_eq!(format!("{:?}", location(value)), shown);
        }
    }

    proptest! {
        #[test]
        fn or_1_a_browser_never_leaves_the_list(value in "(/|\\\\|\\.|:|@|%2f|%5c|https?:|evil\\.test|app\\.test|a\\.friend\\.test|\t|\\?|#|[ -~]){0,8}") {
            let target = target(&value);
            let reached = own().join(&target).unwrap();
            let resolved = RedirectTo::resolve(&value, &own(), &trusted());
            prop_assert_eq!(RedirectTo::parse(&value, &own(), &trusted()), resolved, "the general reader is the oracle");
            prop_assert!(own().is_origin_of(&reached) || trusted().contains(&reached), "{value:?} led to {reached}");
            prop_assert_eq!(RedirectTo::parse(&target, &own(), &trusted()), Some(RedirectTo::new(&target).unwrap()));
        }
    }
}
