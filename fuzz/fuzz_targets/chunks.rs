//! Invariant: a chunked cookie value reads back exactly.
//!
//! The browser keeps every cookie of up to 4,096 bytes, and previous values may have had any length. A value that is
//! too long is refused as a whole. After clearing, no chunk is left.
#![no_main]

use arbitrary::Arbitrary;
use aura_proto::SetCookie;
use aura_proto::fuzzing::Chunks;
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

#[derive(Arbitrary, Debug)]
struct Input {
    name: u8,
    lengths: Vec<u16>,
}

fuzz_target!(|input: Input| {
    let name = "n".repeat(usize::from(input.name).max(1));
    let chunks = Chunks::new(&name);
    let mut browser = BTreeMap::new();
    for (length, letter) in input.lengths.iter().take(12).zip(b'a'..) {
        let value = char::from(letter).to_string().repeat(usize::from(*length) % 24_000);
        let kept = browser.clone();
        let Some(cookies) = chunks.set(&value, &sent(&browser)) else {
            assert!(value.len() > 5 * (4096 - name.len() - 2), "{}", value.len());
            continue;
        };
        keep(&mut browser, &cookies);
        let read = chunks.read(&sent(&browser)).expect("there is one value of each name");
        // An empty value sets nothing, and leaves the first cookie alone.
        match value.is_empty() {
            true => assert!(browser.len() <= kept.len()),
            false => assert_eq!(read.last(), Some(&value)),
        }
    }
    let cleared = chunks.clear(&sent(&browser));
    keep(&mut browser, &cleared);
    assert!(browser.is_empty(), "{:?}", browser.keys());
});

fn sent(browser: &BTreeMap<String, String>) -> HeaderMap {
    let pairs: Vec<_> = browser.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let field = HeaderValue::try_from(pairs.join("; ")).expect("a header value");
    if browser.is_empty() { HeaderMap::new() } else { HeaderMap::from_iter([(header::COOKIE, field)]) }
}

fn keep(browser: &mut BTreeMap<String, String>, cookies: &[SetCookie]) {
    for cookie in cookies {
        let header = cookie.to_header_value();
        let pair = header.to_str().expect("visible ASCII").split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a pair");
        assert!(name.len() + value.len() <= 4096, "browsers drop {name}");
        if cookie.clears() {
            browser.remove(name);
        } else {
            browser.insert(name.to_owned(), value.to_owned());
        }
    }
}
