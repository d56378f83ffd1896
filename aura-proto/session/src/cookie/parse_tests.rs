//! Tests of the reader of cookies, with the recorded `Cookie` fields.

use super::*;
use http::HeaderValue;
use proptest::prelude::*;

fn headers(fields: &[&[u8]]) -> HeaderMap {
    fields.iter().map(|field| (COOKIE, HeaderValue::from_bytes(field).unwrap())).collect()
}

#[test]
fn pairs_come_from_every_field_and_malformed_ones_are_skipped() {
    let headers = headers(&[b"a=1;  b = 2 ;c;=d; e==f", b"a=3; g=\"h\"; \xffx=1; i="]);
    let pairs: Vec<_> = Cookies::new(&headers).pairs().collect();
    assert_eq!(
        pairs,
        [("a", "1"), ("b", "2"), ("", "d"), ("e", "=f"), ("a", "3"), ("g", "\"h\""), ("i", "")]
    );
}

#[test]
fn ck_03_names_that_only_look_alike_are_others() {
    for field in
        ["A=1", "%61=1", "a.=1", "__Host-a=1", "\"a\"=1", "\u{2000}a=1", "\u{a0}a=1", "\u{85}a=1", "$a=1"]
    {
        let headers = headers(&[field.as_bytes()]);
        assert_eq!(Cookies::new(&headers).values("a"), Some(Vec::new()), "{field}");
    }
}

#[test]
fn equal_values_count_once_and_too_many_different_ones_are_refused() {
    let parse = |count: usize| {
        let field = (0..count).map(|n| format!("a={}", n % 5)).collect::<Vec<_>>().join("; ");
        let headers = headers(&[field.as_bytes()]);
        Cookies::new(&headers).values("a").map(|values| values.len())
    };
    assert_eq!(parse(4), Some(4));
    assert_eq!(parse(5), None);
    let headers = headers(&["a=1; ".repeat(2000).as_bytes()]);
    assert_eq!(Cookies::new(&headers).values("a"), Some(vec!["1"]));
}

/// `cookie_parse` of the recorded data. Three rows differ: values are not percent-decoded, so that one session has
/// one spelling, and no header field can hold a NUL.
#[test]
fn pairs_are_read_as_recorded() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/golden/functions.json")).unwrap();
    let mut differing = Vec::new();
    for row in recorded["cookie_parse"].as_array().unwrap() {
        let field = row["header"].as_str().unwrap();
        let mut first = serde_json::Map::new();
        if let Ok(value) = HeaderValue::from_bytes(field.as_bytes()) {
            let headers = HeaderMap::from_iter([(COOKIE, value)]);
            for (name, value) in Cookies::new(&headers).pairs() {
                first.entry(name).or_insert_with(|| value.into());
            }
        }
        if row["result"] != serde_json::Value::Object(first) {
            differing.push(field);
        }
    }
    assert_eq!(differing, ["a=%20", "a=b%3Bc", "a=b\0"]);
}

proptest! {
    /// The reader that splits is the oracle.
    #[test]
    fn the_values_of_a_name_are_those_of_its_pairs(
        fields in proptest::collection::vec("([ \t]{0,2}(a\\.b|a\\.|\\.b|A\\.b|x|é|\"){0,2}[ \t]{0,2}[=;]{1,2}){0,8}(a\\.b)?", 0..4),
        cut: proptest::sample::Index,
    ) {
        // A field that ends amid a character is no UTF-8.
        let cut = |field: &str| cut.index(field.len().max(1));
        let fields: Vec<_> = fields.iter().map(|field| &field.as_bytes()[..cut(field)]).collect();
        let headers = headers(&fields);
        let split = Cookies::new(&headers).pairs().filter(|(name, _)| *name == "a.b").map(|(_, value)| value);
        let finder = Finder::new("a.b");
        let found = Cookies::new(&headers).of_name(&finder).filter_map(|value| str::from_utf8(value).ok());
        prop_assert_eq!(found.collect::<Vec<_>>(), split.collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_give_pairs_or_nothing(bytes: Vec<u8>) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let headers = HeaderMap::from_iter([(COOKIE, value)]);
            for (name, value) in Cookies::new(&headers).pairs() {
                prop_assert!(!name.contains([';', '=']) && !value.contains(';'));
            }
        }
    }
}
