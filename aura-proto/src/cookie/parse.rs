//! The cookies that a browser sent (RFC 6265 section 5.4).

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr;
use memchr::memmem::Finder;

/// How many different values of one name are accepted.
const MAX_CANDIDATES: usize = 4;

/// The cookies of one request. Names match byte for byte; only spaces and tabs around a pair are dropped.
#[derive(Clone, Copy)]
pub struct Cookies<'a>(&'a HeaderMap);

impl<'a> Cookies<'a> {
    /// Reads the cookies of the headers of a request.
    pub fn new(headers: &'a HeaderMap) -> Self {
        Self(headers)
    }

    /// Tells whether the browser sent no cookie at all.
    pub(crate) fn is_empty(self) -> bool {
        !self.0.contains_key(COOKIE)
    }

    /// Iterates over name and value of every well-formed pair. Values are taken as they are: nothing is unquoted or
    /// decoded, so that one session has one spelling.
    pub fn pairs(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.bytes()
            .filter_map(|(name, value)| Some((str::from_utf8(name).ok()?, str::from_utf8(value).ok()?)))
    }

    /// Iterates over name and value of every pair, which may not be UTF-8.
    fn bytes(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let fields = self.0.get_all(COOKIE).iter();
        fields.flat_map(|field| split(field.as_bytes())).filter_map(|pair| {
            let equals = memchr(b'=', pair)?;
            Some((trim(pair.get(..equals)?), trim(pair.get(equals.saturating_add(1)..)?)))
        })
    }

    /// Iterates over the values that [`pairs`](Self::pairs) gives a name of this site, which has no separator in it. The fields
    /// are searched for the name and not split: a further cookie costs 20 instructions instead of 420. Of values that are not
    /// UTF-8 there are no pairs, and here they are.
    pub(crate) fn of_name<'n>(self, name: &'n Finder<'_>) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.0.get_all(COOKIE).iter().flat_map(move |field| {
            let (field, mut from) = (field.as_bytes(), 0_usize);
            std::iter::from_fn(move || {
                loop {
                    let at = from.saturating_add(name.find(field.get(from..)?)?);
                    from = at.saturating_add(name.needle().len());
                    let begins = matches!(trim(field.get(..at)?), [] | [.., b';']);
                    let [b'=', rest @ ..] = trim(field.get(from..)?) else { continue };
                    if !begins {
                        continue;
                    }
                    let value = rest.get(..memchr(b';', rest).unwrap_or(rest.len()))?;
                    from = from.saturating_add(value.len());
                    return Some(trim(value));
                }
            })
        })
    }

    /// Returns the one value of a name of this site, not empty; `None` if there are others.
    pub(crate) fn sole(self, name: &Finder<'_>) -> Option<Option<&'a [u8]>> {
        let mut values = self.of_name(name).filter(|value| !value.is_empty());
        let first = values.next();
        values.all(|other| first == Some(other)).then_some(first)
    }

    /// Returns the distinct non-empty values of a name, or `None` if there are more than `MAX_CANDIDATES`.
    pub fn values(self, name: &str) -> Option<Vec<&'a str>> {
        let mut values = Vec::new();
        let named = self.bytes().filter(|(other, value)| *other == name.as_bytes() && !value.is_empty());
        for value in named.filter_map(|(_, value)| str::from_utf8(value).ok()) {
            if values.contains(&value) {
                continue;
            }
            if values.len() == MAX_CANDIDATES {
                return None;
            }
            values.push(value);
        }
        Some(values)
    }
}

/// Splits a field at its semicolons. Sessions are long, and most of the time goes into finding where they end.
fn split(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(field);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let end = memchr(b';', bytes);
        rest = end.and_then(|end| bytes.get(end.saturating_add(1)..));
        bytes.get(..end.unwrap_or(bytes.len()))
    })
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
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
            serde_json::from_str(include_str!("../../../tests/golden/functions.json")).unwrap();
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
}
