//! Invariant: whatever stands before it, the last element of a well-formed `Forwarded` decides; text that is quoted reads
//! as it was; junk is refused as a whole; and no field of either kind makes the readers panic.
#![no_main]

use arbitrary::Arbitrary;
use aura_proto::Scheme;
use aura_proto::fuzzing::{forwarded, forwarded_client};
use core::net::{IpAddr, Ipv6Addr};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

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

fuzz_target!(|input: Input<'_>| {
    let mut headers = HeaderMap::new();
    for (field, value) in &input.fields {
        let name = match field {
            Field::Forwarded => header::FORWARDED,
            Field::For => HeaderName::from_static("x-forwarded-for"),
            Field::Host => HeaderName::from_static("x-forwarded-host"),
            Field::Proto => HeaderName::from_static("x-forwarded-proto"),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let _ = forwarded_client(&headers);
    let read = forwarded(&headers);
    if let Some((_, Some(host))) = &read {
        assert!(!host.is_empty());
    }
    // The trusted hop adds its element, to the last field or as a field of its own.
    let host: String = input.host.chars().filter(|c| !c.is_control()).collect();
    let address = IpAddr::V6(Ipv6Addr::from(input.address));
    let proto = if input.secure { "https" } else { "HTTP" };
    let quoted = host.replace('\\', "\\\\").replace('"', "\\\"");
    let element = format!("for=\"[{address}]:4711\" ; Host=\"{quoted}\";proto={proto}");
    let fields: Vec<_> = headers.get_all(header::FORWARDED).iter().cloned().collect();
    let well_formed = fields.iter().all(|field| {
        let alone = HeaderMap::from_iter([(header::FORWARDED, field.clone())]);
        forwarded(&alone).is_some_and(|(scheme, _)| scheme.is_some())
            || forwarded(&with(&alone, "proto=http")).is_some()
    });
    let added = with(&headers, &element);
    let expected = (Some(if input.secure { Scheme::Https } else { Scheme::Http }), Some(host.clone()));
    match forwarded(&added) {
        Some(read) => assert_eq!(read, expected),
        None => assert!(!well_formed || host.is_empty(), "{added:?}"),
    }
    if let (true, false, Some(client)) = (well_formed, host.is_empty(), forwarded_client(&added)) {
        assert_eq!(client, address);
    }
    if let (Some(last), true) = (fields.last(), well_formed && !host.is_empty()) {
        let joined = [last.as_bytes(), b",", element.as_bytes()].concat();
        let joined = HeaderValue::from_bytes(&joined).expect("a header value");
        let read = forwarded(&HeaderMap::from_iter([(header::FORWARDED, joined)]));
        assert!(read.is_none_or(|read| read == expected));
    }
});

fn with(headers: &HeaderMap, element: &str) -> HeaderMap {
    let mut headers = headers.clone();
    headers.append(header::FORWARDED, HeaderValue::from_bytes(element.as_bytes()).expect("a header value"));
    headers
}
