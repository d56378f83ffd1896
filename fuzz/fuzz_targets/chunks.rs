//! Invariant: a chunked cookie value reads back exactly.
//!
//! The browser keeps every cookie of up to 4,096 bytes, and previous values may have had any length. A value that is
//! too long is refused as a whole. After clearing, no chunk is left.
#![no_main]

use arbitrary::Arbitrary;
use aura_proto::internals::{Attributes, CookieTable, Cookies, OurCookie, Sent};
use aura_proto::{SameSite, Scheme, SetCookie};
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Arbitrary, Debug)]
struct Input {
    name: u8,
    lengths: Vec<u16>,
}

fuzz_target!(|input: Input| {
    let name = "n".repeat(usize::from(input.name).max(1));
    let table = table(&name);
    let noted = |headers: &HeaderMap| Sent::new(Cookies::new(headers), &table, |_| false);
    let mut browser = BTreeMap::new();
    for (length, letter) in input.lengths.iter().take(12).zip(b'a'..) {
        let value = char::from(letter).to_string().repeat(usize::from(*length) % 24_000);
        let kept = browser.clone();
        let Ok(cookies) = table.session.set_chunks(&value, &noted(&sent(&browser))) else {
            assert!(value.len() > 5 * (4096 - name.len() - 2), "{}", value.len());
            continue;
        };
        keep(&mut browser, &cookies);
        let headers = sent(&browser);
        let read = table.session.read(Cookies::new(&headers)).expect("there is one value of each name");
        // An empty value sets nothing, and leaves the first cookie alone.
        match value.is_empty() {
            true => assert!(browser.len() <= kept.len()),
            false => assert_eq!(read.last().map(AsRef::as_ref), Some(value.as_str())),
        }
    }
    let cleared = table.session.clear_chunks(&noted(&sent(&browser)));
    keep(&mut browser, &cleared);
    assert!(browser.is_empty(), "{:?}", browser.keys());
});

fn table(name: &str) -> CookieTable {
    let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https);
    let cookie = |name: &str| OurCookie::new(name.to_owned(), attributes.clone());
    CookieTable {
        session: cookie(name),
        snapshot: cookie("snapshot"),
        csrf: cookie("csrf"),
        attempts: cookie("state"),
        access_tokens: cookie("access_token"),
    }
}

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
