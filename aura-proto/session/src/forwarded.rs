//! Forwarding headers of a proxy: `Forwarded` (RFC 7239) and `X-Forwarded-*`.
//!
//! One hop is trusted, so one element counts: the right-most, which that hop wrote. A `Forwarded` field must be well
//! formed as a whole, since otherwise the beginning of its last element is ambiguous; of an `X-Forwarded-*` list only
//! the last item is looked at. Two leniencies: spaces around `;`, and addresses and ports without the quotes that RFC
//! 7239 section 4 asks for, because widespread proxies write both.

use crate::origin::Scheme;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use http::{HeaderMap, HeaderValue, header};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_HOST: &str = "x-forwarded-host";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
const X_FORWARDED_PREFIX: &str = "x-forwarded-prefix";

/// Whether `Forwarded` and `X-Forwarded-*` determine where a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum ProxyHeaders {
    /// Anyone may have written them.
    Ignored,
    /// A proxy in front overwrites them, or adds its own at the end.
    Trusted,
}

/// Which fields the trusted proxy writes. The client can write the other family, if the proxy passes it on.
///
/// ```
/// # use aura_proto::ForwardedFields;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let builder = aura_proto::Auth::builder(secret, salt);
/// let builder = builder.trusted_origins(["https://example.com"]).trusted_proxy_headers();
/// let auth = builder.forwarded_fields(ForwardedFields::XForwarded).build()?;
/// let request = http::Request::get("/").header("forwarded", "for=198.51.100.1").header("x-forwarded-for", "192.0.2.1");
/// assert_eq!(auth.client_address(&request.body(())?), Some("192.0.2.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedFields {
    /// Both families; `Forwarded` takes precedence over `X-Forwarded-*`, as in the wire contract. Only for proxies
    /// that write or remove both: from any other, a client's own `Forwarded` wins over what the proxy wrote.
    #[default]
    Either,
    /// `Forwarded` alone (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` alone, as most proxies write.
    XForwarded,
}

impl ForwardedFields {
    /// Reads the last element of `Forwarded`, where it counts.
    fn element(self, headers: &HeaderMap) -> Result<Option<Element>, Malformed> {
        match self {
            Self::Either | Self::Forwarded => last_element(headers),
            Self::XForwarded => Ok(None),
        }
    }

    /// Reads the last item of an `X-Forwarded-*` list, where it counts.
    fn item<'a>(self, headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Malformed> {
        match self {
            Self::Either | Self::XForwarded => last_item(headers, name),
            Self::Forwarded => Ok(None),
        }
    }
}

/// The scheme and the host that the trusted proxy reports; `None` for what it does not report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Whether the browser spoke TLS (RFC 7239 section 5.4).
    pub scheme: Option<Scheme>,
    /// The `Host` that the browser sent, as text (RFC 7239 section 5.3).
    pub host: Option<String>,
}

/// The forwarding headers are malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Forwarded {
    /// Reads scheme and host: each from `Forwarded`, else from its own `X-Forwarded-*` field.
    pub fn read(headers: &HeaderMap, fields: ForwardedFields) -> Result<Self, Malformed> {
        let element = fields.element(headers)?.unwrap_or_default();
        let scheme = match element.proto {
            Some(proto) => Some(scheme(&proto)?),
            None => fields.item(headers, X_FORWARDED_PROTO)?.map(scheme).transpose()?,
        };
        let host = match element.host {
            Some(host) => Some(host),
            None => fields.item(headers, X_FORWARDED_HOST)?.map(str::to_owned),
        };
        Ok(Self { scheme, host })
    }
}

/// Reads the address that the trusted hop was called from (RFC 7239 section 5.2): `None` if it does not report one.
///
/// # Errors
/// [`Malformed`] if the hop hides it (`unknown`, `_hidden`) or the field cannot be parsed: then the client is unknown.
pub fn client(headers: &HeaderMap, fields: ForwardedFields) -> Result<Option<IpAddr>, Malformed> {
    let node = match fields.element(headers)? {
        Some(Element { node: Some(node), .. }) => Some(node),
        Some(_) | None => fields.item(headers, X_FORWARDED_FOR)?.map(str::to_owned),
    };
    node.map(|node| address(&node).ok_or(Malformed)).transpose()
}

/// Reads the path that the trusted hop removed: empty if it removed none, `None` if it reports nothing.
pub fn prefix(headers: &HeaderMap, fields: ForwardedFields) -> Result<Option<&str>, Malformed> {
    let says_nothing = |value: &HeaderValue| value.as_bytes().trim_ascii().is_empty();
    if headers.get_all(X_FORWARDED_PREFIX).iter().all(says_nothing) {
        return Ok(None);
    }
    let Some(prefix) = fields.item(headers, X_FORWARDED_PREFIX)? else { return Ok(None) };
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty() || is_plain_path(prefix) { Ok(Some(prefix)) } else { Err(Malformed) }
}

/// Reads a scheme. Some proxies write that of the WebSocket which a request asks for.
fn scheme(text: &str) -> Result<Scheme, Malformed> {
    let is = |words: [&str; 2]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["https", "wss"]) {
        return Ok(Scheme::Https);
    }
    if is(["http", "ws"]) { Ok(Scheme::Http) } else { Err(Malformed) }
}

/// Reads an address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(bracketed) = text.strip_prefix('[') {
        let (address, _port) = bracketed.split_once(']')?;
        return address.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let (address, _port) = text.split_once(':')?;
    address.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

/// Returns the last item of a comma-separated list that may be spread over several fields; empty items do not count.
fn last_item<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Malformed> {
    let Some(field) = headers.get_all(name).iter().next_back() else { return Ok(None) };
    let items = field.to_str().map_err(|_| Malformed)?.rsplit(',');
    items.map(str::trim).find(|item| !item.is_empty()).map(Some).ok_or(Malformed)
}

/// The parameters of one element of `Forwarded` that mean something here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element {
    node: Option<String>,
    host: Option<String>,
    proto: Option<String>,
}

/// Reads every `Forwarded` field and returns the last element, or `None` if there is no such field.
fn last_element(headers: &HeaderMap) -> Result<Option<Element>, Malformed> {
    let mut last = None;
    for field in headers.get_all(header::FORWARDED) {
        last = Some(Element::last_of(field.as_bytes())?);
    }
    Ok(last)
}

impl Element {
    /// Reads `1#forwarded-element` (RFC 7239 section 4) and keeps the last element.
    fn last_of(field: &[u8]) -> Result<Self, Malformed> {
        let mut rest = field;
        let mut last = None;
        let mut current = None;
        loop {
            rest = rest.trim_ascii_start();
            rest = match rest.split_first() {
                None => break,
                Some((b';', tail)) => tail,
                Some((b',', tail)) => {
                    last = current.take().or(last);
                    tail
                }
                Some(_) => current.get_or_insert_with(Self::default).take_pair(rest)?,
            };
        }
        current.or(last).ok_or(Malformed)
    }

    /// Takes `token "=" value` and returns what follows it.
    fn take_pair<'a>(&mut self, text: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let (name, rest) = split_while(text, is_token);
        let rest = rest.strip_prefix(b"=").filter(|_| !name.is_empty()).ok_or(Malformed)?;
        let (value, rest) = match rest.strip_prefix(b"\"") {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (value, rest) = split_while(rest, |byte| is_token(byte) || b":[]".contains(&byte));
                (value.to_vec(), rest)
            }
        };
        let ends = matches!(rest.trim_ascii_start().first(), None | Some(b';' | b','));
        if value.is_empty() || !ends {
            return Err(Malformed);
        }
        let member = match name.to_ascii_lowercase().as_slice() {
            b"for" => &mut self.node,
            b"host" => &mut self.host,
            b"proto" => &mut self.proto,
            // `by`, and the extensions of RFC 7239 section 5.5.
            _ => return Ok(rest),
        };
        // "Each parameter MUST NOT occur more than once per field-value."
        match member.replace(String::from_utf8(value).map_err(|_| Malformed)?) {
            None => Ok(rest),
            Some(_) => Err(Malformed),
        }
    }
}

/// Reads a quoted string after its opening quote (RFC 9110 section 5.6.4), and returns what follows it.
fn unquote(text: &[u8]) -> Result<(Vec<u8>, &[u8]), Malformed> {
    let mut value = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Ok((value, tail)),
            [b'\\', byte, tail @ ..] | [byte, tail @ ..] => {
                value.push(*byte);
                tail
            }
            [] => return Err(Malformed),
        };
    }
}

fn split_while(text: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| !belongs(byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Tells whether a text is a path of plain words, such as `/auth` or `/api/v1/auth`.
pub fn is_plain_path(text: &str) -> bool {
    let plain = |segment: &str| {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        !segment.is_empty() && segment.bytes().all(unreserved) && !matches!(segment, "." | "..")
    };
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;
    use proptest::prelude::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        fields.iter().map(field).collect()
    }

    fn read(fields: &[(&'static str, &str)]) -> Result<(Option<Scheme>, Option<String>), Malformed> {
        Forwarded::read(&headers(fields), ForwardedFields::Either)
            .map(|forwarded| (forwarded.scheme, forwarded.host))
    }

    #[test]
    fn the_last_element_of_the_last_field_counts() {
        let both =
            [("forwarded", "proto=https"), ("x-forwarded-proto", "http"), ("x-forwarded-host", "a.test")];
        for (fields, scheme, host) in [
            (&[][..], None, None),
            (&[("forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43")], Some(Scheme::Http), None),
            (&[("forwarded", "Proto=HTTPS;HOST=a.test")], Some(Scheme::Https), Some("a.test")),
            (&[("forwarded", "host=evil.test;proto=http, host=\"a.test:8443\"")], None, Some("a.test:8443")),
            (&[("forwarded", "host=evil.test"), ("forwarded", "proto=https")], Some(Scheme::Https), None),
            (&[("forwarded", "for=a ; host=localhost:3000;;secret=x, ,")], None, Some("localhost:3000")),
            (&[("forwarded", "for=\"_a,;\\\"\";host=a.test")], None, Some("a.test")),
            (&[("x-forwarded-proto", "javascript, https , ")], Some(Scheme::Https), None),
            (&[("x-forwarded-host", "evil.test"), ("x-forwarded-host", "b, a.test")], None, Some("a.test")),
            (&both, Some(Scheme::Https), Some("a.test")),
        ] {
            assert_eq!(read(fields), Ok((scheme, host.map(str::to_owned))), "{fields:?}");
        }
    }

    #[test]
    fn hh_07_junk_is_an_error() {
        for (name, value) in [
            ("forwarded", ""),
            ("forwarded", " , "),
            ("forwarded", "proto"),
            ("forwarded", "proto="),
            ("forwarded", "=https"),
            ("forwarded", "proto =https"),
            ("forwarded", "proto=https http"),
            ("forwarded", "proto=\"ht tps\""),
            ("forwarded", "proto=javascript"),
            ("forwarded", "proto=https;proto=https"),
            ("forwarded", "host=a.test/x"),
            ("forwarded", "host=\"a.test"),
            ("forwarded", "host=\"a.test\\"),
            ("forwarded", "host=\"a.test\"x"),
            ("forwarded", "host=é"),
            ("forwarded", "for=\", for=x;host=\"a.test\";proto=https"),
            ("x-forwarded-proto", ""),
            ("x-forwarded-proto", "https://x"),
            ("x-forwarded-proto", "https, javascript"),
            ("x-forwarded-proto", "é"),
            ("x-forwarded-host", " ,"),
            ("x-forwarded-host", "é"),
        ] {
            assert_eq!(read(&[(name, value)]), Err(Malformed), "{name}: {value}");
        }
        assert_eq!(read(&[("forwarded", "proto"), ("forwarded", "proto=https")]), Err(Malformed));
    }

    #[test]
    fn hh_06_rl_02_of_the_family_that_the_proxy_does_not_write_nothing_counts_not_even_junk() {
        let own = [("forwarded", "for=203.0.113.9;host=evil.test;proto=http")];
        let proxy = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-host", "a.test"),
            ("x-forwarded-proto", "https"),
        ];
        let says = |fields, headers: &HeaderMap| {
            let Forwarded { scheme, host } = Forwarded::read(headers, fields).unwrap();
            (scheme, host, client(headers, fields).unwrap().map(|address| address.to_string()))
        };
        let said = |scheme, host: &str, client: &str| (Some(scheme), Some(host.into()), Some(client.into()));
        let (of_proxy, of_client) =
            (said(Scheme::Https, "a.test", "192.0.2.1"), said(Scheme::Http, "evil.test", "203.0.113.9"));
        let both = headers(&[&own[..], &proxy[..]].concat());
        assert_eq!(says(ForwardedFields::XForwarded, &both), of_proxy);
        assert_eq!(says(ForwardedFields::Forwarded, &both), of_client);
        assert_eq!(says(ForwardedFields::Either, &both), of_client);
        assert_eq!(says(ForwardedFields::Either, &headers(&proxy)), of_proxy);
        assert_eq!(says(ForwardedFields::Forwarded, &headers(&proxy)), (None, None, None));
        assert_eq!(says(ForwardedFields::XForwarded, &headers(&own)), (None, None, None));
        let junk = headers(&[&[("forwarded", "proto=\"ht tps\"")], &proxy[..]].concat());
        assert_eq!(says(ForwardedFields::XForwarded, &junk), of_proxy);
        assert_eq!(Forwarded::read(&junk, ForwardedFields::Either), Err(Malformed));
    }

    #[test]
    fn rl_02_the_client_is_the_address_that_the_trusted_hop_saw() {
        for (fields, expected) in [
            (&[][..], Ok(None)),
            (&[("x-forwarded-for", "203.0.113.9, 192.0.2.1")], Ok(Some("192.0.2.1"))),
            (&[("x-forwarded-for", "192.0.2.1:443")], Ok(Some("192.0.2.1"))),
            (&[("x-forwarded-for", "2001:db8::1")], Ok(Some("2001:db8::1"))),
            (&[("x-forwarded-for", "192.0.2.1, unknown")], Err(Malformed)),
            (&[("forwarded", "for=203.0.113.9, for=\"[2001:DB8::1]:4711\"")], Ok(Some("2001:db8::1"))),
            (&[("forwarded", "for=_hidden"), ("x-forwarded-for", "192.0.2.1")], Err(Malformed)),
            (&[("forwarded", "proto=https"), ("x-forwarded-for", "192.0.2.1")], Ok(Some("192.0.2.1"))),
            (&[("forwarded", "for"), ("x-forwarded-for", "192.0.2.1")], Err(Malformed)),
            (&[("x-real-ip", "192.0.2.1"), ("cf-connecting-ip", "192.0.2.1")], Ok(None)),
        ] {
            assert_eq!(
                client(&headers(fields), ForwardedFields::Either),
                expected.map(|text: Option<&str>| text.map(|text| text.parse().unwrap())),
                "{fields:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(host in "[ -~]{1,40}", before in "[a-z]{1,9}=[a-z0-9._:]{1,9}") {
            prop_assume!(!before.starts_with("host="));
            let quoted = host.replace('\\', "\\\\").replace('"', "\\\"");
            let field = format!("host=evil.test, {before};host=\"{quoted}\"");
            let read = Element::last_of(field.as_bytes()).map(|element| element.host);
            prop_assert_eq!(read, Ok(Some(host)));
        }

        #[test]
        fn any_bytes_give_an_element_or_an_error(bytes: Vec<u8>) {
            if let Ok(element) = Element::last_of(&bytes) {
                prop_assert!(!element.host.is_some_and(|host| host.is_empty()));
            }
        }
    }

    #[test]
    fn a_pair_has_a_value_and_ends_with_it() {
        for field in
            ["for=;proto=https", "proto=https;for=", "for=\"\";proto=https", "for=\"a\"b;proto=https"]
        {
            assert_eq!(read(&[("forwarded", field)]), Err(Malformed), "{field}");
        }
    }
}
