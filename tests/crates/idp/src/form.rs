//! Strict parsing of request parameters: no repetition, valid encoding, a bounded number.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;

/// The longest query or body that is read, so that what a request leaves behind stays small.
const LONGEST: usize = 16 * 1024;

/// The parameters of one request, decoded from `application/x-www-form-urlencoded` (RFC 6749 appendix B).
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
}

/// The input is too long, or an escape or its UTF-8 is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A parameter occurs more than once (RFC 6749 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeated;

impl Parameters {
    /// Reads a body whose content type is that of a form.
    pub(crate) fn from_body(request: &Request<Bytes>) -> Result<Self, Malformed> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).ok_or(Malformed)?;
        if !essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Malformed);
        }
        Self::parse(request.body())
    }

    pub(crate) fn parse(input: &[u8]) -> Result<Self, Malformed> {
        if input.len() > LONGEST {
            return Err(Malformed);
        }
        let pairs = input
            .split(|&byte| byte == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let mut halves = pair.splitn(2, |&byte| byte == b'=');
                let name = decode(halves.next().unwrap_or_default())?;
                let value = decode(halves.next().unwrap_or_default())?;
                Ok((name, value))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { pairs })
    }

    /// The value of a parameter that may occur once; one without a value counts as omitted.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated);
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The same parameters but for some.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.pairs.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// The same parameters, and one more if there is none of that name.
    pub(crate) fn with_default(mut self, name: &str, value: &str) -> Self {
        if !self.pairs.iter().any(|(key, _)| key == name) {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Refuses the whole request if any parameter occurs twice, known or not.
    pub(crate) fn refuse_repeated(&self) -> Result<(), Repeated> {
        let mut seen = BTreeSet::new();
        if self.pairs.iter().all(|(name, _)| seen.insert(name)) { Ok(()) } else { Err(Repeated) }
    }
}

/// Decodes one form-encoded name or value; a lone `%` or invalid UTF-8 is an error, not a guess.
pub(crate) fn decode(encoded: &[u8]) -> Result<String, Malformed> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = hex_digit(bytes.next())?;
                let low = hex_digit(bytes.next())?;
                (high << 4) | low
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).map_err(|_| Malformed)
}

/// Writes parameters in the same encoding.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn hex_digit(byte: Option<u8>) -> Result<u8, Malformed> {
    let digit = byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or(Malformed)?;
    u8::try_from(digit).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let pairs = [("state", "a&b=c+d %é\u{0}\""), ("scope", "openid email")];
        let parameters = Parameters::parse(encode(pairs).as_bytes()).unwrap();
        for (name, value) in pairs {
            assert_eq!(parameters.one(name), Ok(Some(value)));
        }
    }

    #[test]
    fn a_broken_escape_is_malformed() {
        for input in ["a=%", "a=%4", "a=%zz", "a=%+1", "%=a", "a=%ff"] {
            assert_eq!(Parameters::parse(input.as_bytes()).err(), Some(Malformed), "{input}");
        }
    }

    #[test]
    fn too_long_an_input_is_malformed() {
        assert!(Parameters::parse(&vec![b'a'; LONGEST]).is_ok());
        assert_eq!(Parameters::parse(&vec![b'a'; LONGEST + 1]).err(), Some(Malformed));
    }

    #[test]
    fn a_parameter_without_a_value_counts_as_omitted() {
        let parameters = Parameters::parse(b"state=&scope").unwrap();
        assert_eq!(parameters.one("state"), Ok(None));
        assert_eq!(parameters.one("scope"), Ok(None));
        assert_eq!(parameters.one("code"), Ok(None));
    }

    #[test]
    fn a_repeated_parameter_is_noticed_even_if_one_is_empty_or_encoded() {
        for input in ["a=1&a=1", "a=&a=1", "a=1&%61=1", "b=1&a&a"] {
            let parameters = Parameters::parse(input.as_bytes()).unwrap();
            assert_eq!(parameters.one("a"), Err(Repeated), "{input}");
            assert_eq!(parameters.refuse_repeated(), Err(Repeated), "{input}");
        }
        assert_eq!(Parameters::parse(b"a=1&b=1").unwrap().refuse_repeated(), Ok(()));
    }
}
