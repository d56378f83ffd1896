//! Invariant: cookies are read as a simple independent reader reads them.
//!
//! Cookies that are read and written again read the same. A name with more than four different values is rejected, and
//! empty values are ignored.
#![no_main]

use aura_fuzz::cookie_fields;
use aura_proto::internals::Cookies;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

// The input is `Cookie` fields, a line each.
fuzz_target!(|input: &[u8]| {
    let headers = cookie_fields(input.split(|&byte| byte == b'\n'));
    let pairs = pairs(&headers);
    let naive: Vec<_> = headers.values().flat_map(|field| naive(field.as_bytes())).collect();
    assert_eq!(pairs, naive);

    let written: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let again = self::pairs(&cookie_fields([written.join("; ").as_bytes()]));
    assert_eq!(again, pairs);

    // Only some of thousands of names: comparing every pair would make each run too slow.
    let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name).collect();
    for name in names.into_iter().take(16) {
        let of_name = pairs.iter().filter(|(other, value)| other == name && !value.is_empty());
        let different: BTreeSet<_> = of_name.map(|(_, value)| value.clone()).collect();
        match Cookies::new(&headers).values(name) {
            Some(values) => {
                assert!(
                    values.len() <= 4
                        && values.into_iter().map(str::to_owned).collect::<BTreeSet<_>>() == different
                );
            }
            None => assert!(different.len() > 4),
        }
    }
});

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    Cookies::new(headers).pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Reads a field as RFC 6265 section 5.4 writes it, by the string functions of the standard library.
fn naive(field: &[u8]) -> Vec<(String, String)> {
    let pairs = field.split(|&byte| byte == b';').filter_map(|pair| {
        let at = pair.iter().position(|&byte| byte == b'=')?;
        let text = |bytes: &[u8]| {
            let text = str::from_utf8(bytes).ok()?;
            Some(text.trim_matches([' ', '\t']).to_owned())
        };
        Some((text(&pair[..at])?, text(&pair[at + 1..])?))
    });
    pairs.collect()
}
