//! Cookies of a server's calls: those of the browser that it acts for (RFC 6265 section 5.4).

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use std::fmt;
use zeroize::Zeroizing;

/// The cookies of one browser, carried by hand from call to call. Without any, a browser attaches its own.
///
/// ```
/// use aura_client::Cookies;
/// let browser = http::Request::get("/").header("cookie", "aura-auth.session_token=secret").body(()).unwrap();
/// let cookies = Cookies::of(browser.headers());
/// assert_eq!(format!("{cookies:?}"), r#"Cookies(["aura-auth.session_token"])"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cookies(Vec<Pair>);

#[derive(Clone, PartialEq, Eq)]
struct Pair {
    name: Vec<u8>,
    /// `name=value`, verbatim.
    whole: Zeroizing<Vec<u8>>,
}

impl Cookies {
    /// Takes every cookie of a browser's request, as it is.
    ///
    /// ```
    /// use aura_client::Cookies;
    /// assert_eq!(Cookies::of(&http::HeaderMap::new()), Cookies::default());
    /// ```
    pub fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(COOKIE).iter();
        Self(
            fields
                .flat_map(|field| field.as_bytes().split(|byte| *byte == b';'))
                .filter_map(Pair::read)
                .collect(),
        )
    }

    /// Stores the cookies that an answer sets and drops those that it clears, so that the next call has a browser's cookies.
    ///
    /// ```
    /// use aura_client::Cookies;
    /// use http::HeaderValue;
    /// let mut cookies = Cookies::default();
    /// cookies.keep(&[HeaderValue::from_static("a=1; Path=/"), HeaderValue::from_static("b=2; Path=/")]);
    /// cookies.keep(&[HeaderValue::from_static("a=; Max-Age=0; Path=/")]);
    /// assert_eq!(format!("{cookies:?}"), r#"Cookies(["b"])"#);
    /// ```
    pub fn keep<'a>(&mut self, set_cookies: impl IntoIterator<Item = &'a HeaderValue>) {
        for field in set_cookies {
            let mut parts = field.as_bytes().split(|byte| *byte == b';');
            let Some(pair) = parts.next().and_then(Pair::read) else { continue };
            self.0.retain(|known| known.name != pair.name);
            if !parts.any(clears) {
                self.0.push(pair);
            }
        }
    }

    pub(crate) fn to_header_value(&self) -> Option<HeaderValue> {
        let pairs: Vec<&[u8]> = self.0.iter().map(|pair| pair.whole.as_slice()).collect();
        if pairs.is_empty() {
            return None;
        }
        // Cannot fail: parts of header values make a header value.
        let mut value = HeaderValue::from_bytes(&Zeroizing::new(pairs.join(b"; ".as_slice()))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|pair| String::from_utf8_lossy(&pair.name)).collect();
        f.debug_tuple("Cookies").field(&Line(&names)).finish()
    }
}

/// Prints a list on one line, pretty or not.
struct Line<'a, T>(&'a T);

impl<T: fmt::Debug> fmt::Debug for Line<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Pair {
    fn read(text: &[u8]) -> Option<Self> {
        let whole = text.trim_ascii();
        let end = whole.iter().position(|byte| *byte == b'=')?;
        let name = whole.get(..end)?.trim_ascii().to_vec();
        (!name.is_empty()).then(|| Self { name, whole: Zeroizing::new(whole.to_vec()) })
    }
}

/// Tells whether an attribute ends the cookie at once (RFC 6265 section 5.2.2).
fn clears(attribute: &[u8]) -> bool {
    let mut parts = attribute.splitn(2, |byte| *byte == b'=');
    let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default().trim_ascii());
    let is_negative = value.starts_with(b"-") && value.len() > 1;
    let is_zero = !value.is_empty() && value.iter().all(|byte| *byte == b'0');
    name.trim_ascii().eq_ignore_ascii_case(b"max-age") && (is_negative || is_zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(fields: &[&str]) -> Cookies {
        Cookies::of(&fields.iter().map(|field| (COOKIE, field.parse().unwrap())).collect())
    }

    fn sent(cookies: &Cookies) -> String {
        cookies.to_header_value().map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_the_browser_sent_is_passed_on_in_its_order_twins_included() {
        assert_eq!(sent(&of(&["a=1;b=2; c", "a=3; =4; d==5;"])), "a=1; b=2; a=3; d==5");
        assert_eq!(sent(&of(&[""])), "");
    }

    #[test]
    fn a_cookie_that_is_set_replaces_every_other_of_its_name() {
        let mut cookies = of(&["a=1; b=2; a=3"]);
        cookies.keep(&["a=4; Max-Age=60; Path=/".parse().unwrap(), "nonsense".parse().unwrap()]);
        assert_eq!(sent(&cookies), "b=2; a=4");
    }

    #[test]
    fn max_age_of_nothing_or_less_clears() {
        for attribute in ["Max-Age=0", "max-age = 00", "MAX-AGE=-1"] {
            let mut cookies = of(&["a=1; b=2"]);
            cookies.keep(&[format!("a=; Path=/; {attribute}").parse().unwrap()]);
            assert_eq!(sent(&cookies), "b=2", "{attribute}");
        }
        for attribute in ["Max-Age", "Max-Age=", "Max-Age=-", "Max-Age=10", "X-Max-Age=0"] {
            let mut cookies = of(&["a=1"]);
            cookies.keep(&[format!("a=2; {attribute}").parse().unwrap()]);
            assert_eq!(sent(&cookies), "a=2", "{attribute}");
        }
    }

    #[test]
    fn se_07_values_never_show() {
        let cookies = of(&["a=s3cret"]);
        assert_eq!(format!("{cookies:#?}").replace(char::is_whitespace, ""), r#"Cookies(["a"],)"#);
        assert_eq!(format!("{:?}", cookies.to_header_value()), "Some(Sensitive)");
    }

    proptest! {
        #[test]
        fn any_fields_make_a_field_that_reads_the_same(
            sent in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4),
            set in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4),
        ) {
            let values = |fields: Vec<Vec<u8>>| -> Vec<HeaderValue> {
                fields.iter().filter_map(|bytes| HeaderValue::from_bytes(bytes).ok()).collect()
            };
            let mut cookies = Cookies::of(&values(sent).into_iter().map(|value| (COOKIE, value)).collect());
            cookies.keep(&values(set));
            let again = cookies.to_header_value().map(|value| (COOKIE, value));
            prop_assert_eq!(Cookies::of(&again.into_iter().collect()), cookies);
        }
    }
}
