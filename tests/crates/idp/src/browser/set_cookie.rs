//! Parsing of `Set-Cookie` fields (RFC 6265bis 5.6).

use bytes::Bytes;

use super::cookie_date;
use super::refused::Refused;

/// Name and value together are at most this long (RFC 6265bis 5.6 step 5).
const MAX_PAIR: usize = 4096;
/// A longer attribute value is ignored (RFC 6265bis 5.6, attribute step 5).
const MAX_ATTRIBUTE_VALUE: usize = 1024;

/// The `SameSite` attribute of a cookie (RFC 6265bis 5.6.7); `Default` is enforced as `Lax`.
///
/// ```
/// # use aura_test_idp::browser::{SameSite, SetCookie};
/// assert_eq!(SetCookie::parse(b"a=b; samesite=STRICT").map(|parsed| parsed.same_site), Ok(SameSite::Strict));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// No attribute, or one with an unknown value.
    #[default]
    Default,
    /// Sent with every request.
    None,
    /// Sent with same-site requests and with cross-site top-level navigations by a safe method.
    Lax,
    /// Sent with same-site requests only.
    Strict,
}

/// The `Path` attribute of a cookie (RFC 6265bis 5.6.4).
///
/// ```
/// # use aura_test_idp::browser::{PathAttribute, SetCookie};
/// assert_eq!(SetCookie::parse(b"a=b; Path=x").map(|parsed| parsed.path), Ok(PathAttribute::Default));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathAttribute {
    /// The field has no such attribute.
    #[default]
    Absent,
    /// The attribute does not begin with a slash, so the default path applies.
    Default,
    /// The attribute names this path.
    Given(String),
}

/// A parsed `Set-Cookie` field (RFC 6265bis 5.6), of each attribute the last one that counts.
///
/// ```
/// # use aura_test_idp::browser::SetCookie;
/// let parsed = SetCookie::parse(b"sid=31d4; Path=/; HttpOnly; Max-Age=60").unwrap();
/// assert_eq!((&parsed.name[..], &parsed.value[..], parsed.max_age), (&b"sid"[..], &b"31d4"[..], Some(60)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The cookie-name; empty when the field had no `=`.
    pub name: Bytes,
    /// The cookie-value, quotes included.
    pub value: Bytes,
    /// `Expires` in seconds since the Unix epoch (5.6.1).
    pub expires: Option<u64>,
    /// `Max-Age` in seconds (5.6.2).
    pub max_age: Option<i64>,
    /// `Domain` in lower case without its leading dot (5.6.3); an empty one is none.
    pub domain: Option<String>,
    /// `Path` (5.6.4).
    pub path: PathAttribute,
    /// `Secure` is present (5.6.5).
    pub secure: bool,
    /// `HttpOnly` is present (5.6.6).
    pub http_only: bool,
    /// `SameSite` (5.6.7).
    pub same_site: SameSite,
}

impl SetCookie {
    /// Reads a `Set-Cookie` field value (RFC 6265bis 5.6), or returns the rule on the text alone that it breaks.
    ///
    /// # Errors
    /// [`Refused`] by a rule that looks at neither the URL nor the jar.
    pub fn parse(field: &[u8]) -> Result<Self, Refused> {
        if field.iter().any(|byte| matches!(byte, 0x00..=0x08 | 0x0A..=0x1F | 0x7F)) {
            return Err(Refused::ControlCharacter);
        }
        let mut parts = field.split(|byte| *byte == b';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = match split_at_equals(pair) {
            (name, Some(value)) => (name, value),
            (value, None) => (&[][..], value),
        };
        if name.len().saturating_add(value.len()) > MAX_PAIR {
            return Err(Refused::TooLong);
        }
        if name.is_empty() && value.is_empty() {
            return Err(Refused::Empty);
        }
        let mut attributes = Attributes::default();
        for part in parts {
            let (attribute, argument) = split_at_equals(part);
            attributes.take(attribute, argument.unwrap_or_default());
        }
        let domain = String::from_utf8(attributes.domain).ok().filter(|domain| domain.is_ascii());
        let domain = domain.ok_or(Refused::DomainNotAscii)?;
        if name.is_empty() && (has_prefix(value, b"__Secure-") || has_prefix(value, b"__Host-")) {
            return Err(Refused::NamelessPrefix);
        }
        Ok(Self {
            name: Bytes::copy_from_slice(name),
            value: Bytes::copy_from_slice(value),
            expires: attributes.expires,
            max_age: attributes.max_age,
            domain: Some(domain).filter(|domain| !domain.is_empty()),
            path: attributes.path,
            secure: attributes.secure,
            http_only: attributes.http_only,
            same_site: attributes.same_site,
        })
    }
}

#[derive(Default)]
struct Attributes {
    expires: Option<u64>,
    max_age: Option<i64>,
    domain: Vec<u8>,
    path: PathAttribute,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
}

impl Attributes {
    /// Takes one attribute; later ones replace earlier ones, unknown ones such as `Partitioned` are ignored.
    fn take(&mut self, name: &[u8], value: &[u8]) {
        if value.len() > MAX_ATTRIBUTE_VALUE {
            return;
        }
        match name.to_ascii_lowercase().as_slice() {
            b"expires" => self.expires = cookie_date::parse(value).or(self.expires),
            b"max-age" => self.max_age = seconds(value).or(self.max_age),
            b"domain" => self.domain = value.strip_prefix(b".").unwrap_or(value).to_ascii_lowercase(),
            b"path" => self.path = path(value),
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"samesite" => self.same_site = same_site(value),
            _ => {}
        }
    }
}

/// Returns whether bytes begin with a cookie name prefix, in any case (RFC 6265bis 4.1.3).
pub(super) fn has_prefix(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Splits at the first `=` and takes white space off both halves.
fn split_at_equals(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut halves = text.splitn(2, |byte| *byte == b'=');
    (trim(halves.next().unwrap_or_default()), halves.next().map(trim))
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Reads `Max-Age`; a number too large to hold is as good as the largest one.
fn seconds(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude = std::str::from_utf8(digits).ok()?.parse().unwrap_or(i64::MAX);
    Some(if digits.len() < value.len() { magnitude.saturating_neg() } else { magnitude })
}

fn path(value: &[u8]) -> PathAttribute {
    if !value.starts_with(b"/") {
        return PathAttribute::Default;
    }
    // A replacement character never occurs in a request path, so such a cookie is never sent.
    PathAttribute::Given(String::from_utf8_lossy(value).into_owned())
}

fn same_site(value: &[u8]) -> SameSite {
    match value.to_ascii_lowercase().as_slice() {
        b"none" => SameSite::None,
        b"lax" => SameSite::Lax,
        b"strict" => SameSite::Strict,
        _ => SameSite::Default,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(field: &str) -> SetCookie {
        SetCookie::parse(field.as_bytes()).unwrap()
    }

    fn refusal(field: &[u8]) -> Refused {
        SetCookie::parse(field).unwrap_err()
    }

    #[test]
    fn the_first_equals_sign_splits_name_and_value() {
        let parsed = parse(" a \t=  b=c \t; Secure");
        assert_eq!((parsed.name, parsed.value), ("a".into(), "b=c".into()));
    }

    #[test]
    fn a_pair_without_an_equals_sign_is_a_value_without_a_name() {
        let parsed = parse("abc");
        assert_eq!((parsed.name, parsed.value), ("".into(), "abc".into()));
    }

    #[test]
    fn quotes_belong_to_the_value() {
        assert_eq!(parse("a=\"b c\"").value, "\"b c\"");
    }

    #[test]
    fn an_empty_name_with_an_empty_value_is_refused() {
        assert_eq!(refusal(b""), Refused::Empty);
        assert_eq!(refusal(b" = ; Secure"), Refused::Empty);
    }

    #[test]
    fn control_characters_are_refused_everywhere_and_tabs_are_not() {
        for byte in (0x00..=0x1F).chain([0x7F]).filter(|byte| *byte != b'\t') {
            assert_eq!(refusal(&[b'a', b'=', byte]), Refused::ControlCharacter);
            assert_eq!(refusal(&[b'a', b'=', b';', b'x', byte]), Refused::ControlCharacter);
        }
        assert_eq!(parse("a=b\tc").value, "b\tc");
    }

    #[test]
    fn name_and_value_fill_4096_bytes_and_not_one_more() {
        let fits = format!("name={}", "v".repeat(4092));
        assert_eq!(parse(&fits).value.len(), 4092);
        assert_eq!(refusal(format!("{fits}v").as_bytes()), Refused::TooLong);
    }

    #[test]
    fn a_nameless_value_must_not_pose_as_a_prefixed_name() {
        assert_eq!(refusal(b"__Host-a"), Refused::NamelessPrefix);
        assert_eq!(refusal(b"=__HOST-a=b"), Refused::NamelessPrefix);
        assert_eq!(refusal(b"= __secure-a=b"), Refused::NamelessPrefix);
    }

    #[test]
    fn an_attribute_value_over_1024_bytes_is_ignored() {
        let fits = format!("a=b; Path=/{}", "p".repeat(1023));
        assert_ne!(parse(&fits).path, PathAttribute::Absent);
        assert_eq!(parse(&format!("{fits}p")).path, PathAttribute::Absent);
    }

    #[test]
    fn the_last_of_equal_attributes_counts() {
        let parsed = parse(
            "a=b; Domain=x.test; Path=/x; Max-Age=1; SameSite=Lax; domain=.Y.test; path=/y; MAX-AGE=2; samesite=none",
        );
        assert_eq!(parsed.domain.as_deref(), Some("y.test"));
        assert_eq!(parsed.path, PathAttribute::Given("/y".to_owned()));
        assert_eq!((parsed.max_age, parsed.same_site), (Some(2), SameSite::None));
    }

    #[test]
    fn an_empty_domain_is_no_domain() {
        assert_eq!(parse("a=b; Domain=x.test; Domain=").domain, None);
    }

    #[test]
    fn a_domain_that_is_not_ascii_is_refused() {
        assert_eq!(refusal("a=b; Domain=ü.test".as_bytes()), Refused::DomainNotAscii);
        assert_eq!(refusal(b"a=b; Domain=\xFF.test"), Refused::DomainNotAscii);
    }

    #[test]
    fn secure_and_http_only_ignore_their_values() {
        let parsed = parse("a=b;secure=false;HTTPONLY=0");
        assert!(parsed.secure && parsed.http_only);
    }

    #[test]
    fn max_age_is_an_optional_minus_and_digits() {
        assert_eq!(parse("a=b; Max-Age=-1").max_age, Some(-1));
        assert_eq!(parse("a=b; Max-Age=99999999999999999999").max_age, Some(i64::MAX));
        for bad in ["", "-", "+1", "1.5", "1s", "--1", "0x1"] {
            assert_eq!(parse(&format!("a=b; Max-Age={bad}")).max_age, None, "{bad}");
        }
    }

    #[test]
    fn a_bad_max_age_or_expires_leaves_the_good_one_before_it() {
        let parsed = parse("a=b; Max-Age=5; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:09 GMT; Expires=never");
        assert_eq!((parsed.max_age, parsed.expires), (Some(5), Some(9)));
    }

    #[test]
    fn an_unknown_same_site_is_the_default() {
        assert_eq!(parse("a=b").same_site, SameSite::Default);
        assert_eq!(parse("a=b; SameSite=Strict; SameSite=maybe").same_site, SameSite::Default);
    }

    #[test]
    fn partitioned_and_unknown_attributes_are_ignored() {
        assert_eq!(parse("a=b; Partitioned; Priority=High; ;=;"), parse("a=b"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_cookie_or_a_refusal(field in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SetCookie::parse(&field);
        }

        #[test]
        fn any_attributes_are_a_cookie_or_a_refusal(
            field in "[ab =]{0,4}(; ?(Expires|Max-Age|Domain|Path|SameSite|Secure)=?[ -~é]{0,30}){0,5}"
        ) {
            let _ = SetCookie::parse(field.as_bytes());
        }
    }
}
