//! Invariant: scheme and host equal what a second reader of RFC 7239's grammar reads from the fields.
//!
//! Malformed fields are refused as a whole. Quoted text is unquoted. The last element of the last field decides,
//! whatever precedes it.
#![no_main]

use arbitrary::Arbitrary;
use aura_proto::internals::{Forwarded, client};
use aura_proto::{ForwardedFields, Scheme};
use core::net::{IpAddr, Ipv6Addr};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    fields: Vec<(Field, &'a [u8])>,
    host: &'a str,
    address: [u8; 16],
    secure: bool,
}

#[derive(Arbitrary, Debug)]
enum Field {
    Forwarded,
    For,
    Host,
    Proto,
}

const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

type Read = (Option<Scheme>, Option<String>);

fuzz_target!(|input: Input<'_>| {
    let mut headers = HeaderMap::new();
    for (field, value) in &input.fields {
        let name = match field {
            Field::Forwarded => header::FORWARDED,
            Field::For => HeaderName::from_static("x-forwarded-for"),
            Field::Host => HOST,
            Field::Proto => PROTO,
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    assert_eq!(forwarded(&headers), read(&headers), "{headers:?}");
    let named = client(&headers, ForwardedFields::Either);
    // The trusted hop adds its element, to the last field or as a field of its own.
    let host: String = input.host.chars().filter(|c| !c.is_control()).collect();
    let address = IpAddr::V6(Ipv6Addr::from(input.address));
    let proto = if input.secure { "https" } else { "HTTP" };
    let quoted = host.replace('\\', "\\\\").replace('"', "\\\"");
    let element = format!("for=\"[{address}]:4711\" ; Host=\"{quoted}\";proto={proto}");
    let fields: Vec<_> = headers.get_all(header::FORWARDED).iter().cloned().collect();
    let well_formed = fields.iter().all(|field| last_element(field.as_bytes()).is_some());
    assert!(well_formed || named.is_err(), "junk names nobody");
    let said = Some((Some(if input.secure { Scheme::Https } else { Scheme::Http }), Some(host.clone())));
    let added = with(&headers, &element);
    let expected = said.clone().filter(|_| well_formed && !host.is_empty());
    assert_eq!(forwarded(&added), expected, "{added:?}");
    assert_eq!(
        client(&added, ForwardedFields::Either).ok().flatten(),
        expected.as_ref().map(|_| address),
        "{added:?}"
    );
    if let Some(last) = fields.last() {
        let joined = [last.as_bytes(), b",", element.as_bytes()].concat();
        let joined = HeaderValue::from_bytes(&joined).expect("a header value");
        let joined = HeaderMap::from_iter([(header::FORWARDED, joined)]);
        assert_eq!(forwarded(&joined), read(&joined), "{joined:?}");
        let is_junk = last_element(last.as_bytes()).is_none() || host.is_empty();
        assert!(is_junk || forwarded(&joined) == said, "{joined:?}");
    }
});

fn forwarded(headers: &HeaderMap) -> Option<Read> {
    let forwarded = Forwarded::read(headers, ForwardedFields::Either).ok()?;
    Some((forwarded.scheme, forwarded.host))
}

fn with(headers: &HeaderMap, element: &str) -> HeaderMap {
    let mut headers = headers.clone();
    headers.append(header::FORWARDED, HeaderValue::from_bytes(element.as_bytes()).expect("a header value"));
    headers
}

/// Reads scheme and host: of the last element of the last field, else of the older fields.
fn read(headers: &HeaderMap) -> Option<Read> {
    let mut element = BTreeMap::new();
    for field in headers.get_all(header::FORWARDED) {
        element = last_element(field.as_bytes())?;
    }
    let proto =
        element.remove("proto").map_or_else(|| last_item(headers, &PROTO), |proto| Some(Some(proto)))?;
    let scheme = match proto.map(|proto| proto.to_ascii_lowercase()).as_deref() {
        None => None,
        Some("https" | "wss") => Some(Scheme::Https),
        Some("http" | "ws") => Some(Scheme::Http),
        Some(_) => return None,
    };
    let host = element.remove("host").map_or_else(|| last_item(headers, &HOST), |host| Some(Some(host)))?;
    Some((scheme, host))
}

/// The last item of the last field of a name, if there is one: not even one item is junk.
fn last_item(headers: &HeaderMap, name: &HeaderName) -> Option<Option<String>> {
    let Some(field) = headers.get_all(name).iter().next_back() else { return Some(None) };
    let items: Vec<_> =
        field.to_str().ok()?.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    items.last().map(|item| Some((*item).to_owned()))
}

/// `1#forwarded-element`, where elements and pairs may be empty. Returns the pairs of the last element that are used here.
fn last_element(field: &[u8]) -> Option<BTreeMap<&'static str, String>> {
    let mut last = None;
    for element in split(field, b',') {
        let mut said = BTreeMap::new();
        let mut pairs = split(element, b';')
            .into_iter()
            .map(<[u8]>::trim_ascii)
            .filter(|pair| !pair.is_empty())
            .peekable();
        let is_element = pairs.peek().is_some();
        for pair in pairs {
            let (name, value) = self::pair(pair)?;
            let Some(name) =
                ["for", "host", "proto"].into_iter().find(|known| name.eq_ignore_ascii_case(known))
            else {
                continue;
            };
            if said.insert(name, String::from_utf8(value).ok()?).is_some() {
                return None;
            }
        }
        last = if is_element { Some(said) } else { last };
    }
    last
}

/// Splits text at a separator outside of quotes.
fn split(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|byte| {
        let separates = *byte == separator && !quoted;
        quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && quoted && !escaped;
        separates
    })
    .collect()
}

/// `token "=" value`, where the value is a token, an address, or quoted.
fn pair(pair: &[u8]) -> Option<(String, Vec<u8>)> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&pair[..equals], &pair[equals + 1..]);
    let value = match value {
        [b'"', quoted @ .., b'"'] => unquote(quoted)?,
        plain if plain.iter().all(|byte| is_token(byte) || b":[]".contains(byte)) => plain.to_vec(),
        _ => return None,
    };
    let sound = !name.is_empty() && name.iter().all(is_token) && !value.is_empty();
    sound.then(|| (String::from_utf8_lossy(name).into_owned(), value))
}

/// Text between quotes, without the backslashes that quote one character each.
fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = quoted.iter();
    let mut value = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return None,
            b'\\' => value.push(*bytes.next()?),
            other => value.push(*other),
        }
    }
    Some(value)
}
