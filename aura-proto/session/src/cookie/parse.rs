//! The cookies that a browser sent (RFC 6265 section 5.4).

use http::header::{self, COOKIE};
use http::{HeaderMap, HeaderValue};
use memchr::memchr;
use memchr::memmem::Finder;

/// How many different values of one name are accepted.
const MAX_CANDIDATES: usize = 4;

/// The cookies of one request. Names match byte for byte; only spaces and tabs around a pair are dropped.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct Cookies<'a>(&'a HeaderMap);

impl<'a> Cookies<'a> {
    /// Reads the cookies of the headers of a request.
    pub fn new(headers: &'a HeaderMap) -> Self {
        Self(headers)
    }

    /// Tells whether the browser sent no cookie at all.
    pub fn is_empty(self) -> bool {
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
    pub fn of_name<'n>(self, name: &'n Finder<'n>) -> OfName<'a, 'n> {
        OfName { fields: self.0.get_all(COOKIE).iter(), name, field: &[], from: 0 }
    }

    /// Returns the one value of a name of this site, not empty; `None` if there are others.
    pub fn sole(self, name: &Finder<'_>) -> Option<Option<&'a [u8]>> {
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

/// The values of one name. It is written out, because adapters of iterators are not always compiled into one loop, and many requests
/// have no session.
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct OfName<'a, 'n> {
    fields: header::ValueIter<'a, HeaderValue>,
    name: &'n Finder<'n>,
    /// The field that is searched, and from where on.
    field: &'a [u8],
    from: usize,
}

impl<'a> Iterator for OfName<'a, '_> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            if let Some(value) = self.next_of_field() {
                return Some(value);
            }
            (self.field, self.from) = (self.fields.next()?.as_bytes(), 0);
        }
    }
}

impl<'a> OfName<'a, '_> {
    #[inline]
    fn next_of_field(&mut self) -> Option<&'a [u8]> {
        while self.from < self.field.len() {
            let at = self.from.saturating_add(self.name.find(self.field.get(self.from..)?)?);
            self.from = at.saturating_add(self.name.needle().len());
            let begins = matches!(trim(self.field.get(..at)?), [] | [.., b';']);
            let [b'=', rest @ ..] = trim(self.field.get(self.from..)?) else { continue };
            if !begins {
                continue;
            }
            let value = rest.get(..memchr(b';', rest).unwrap_or(rest.len()))?;
            self.from = self.from.saturating_add(value.len());
            return Some(trim(value));
        }
        None
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
#[path = "parse_tests.rs"]
mod tests;
