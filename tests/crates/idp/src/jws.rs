//! JWS compact serialization (RFC 7515 section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A signature still to be checked, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Jws {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    signing_input: String,
    signature: Vec<u8>,
}

/// Writes header and payload, whatever they are, and the signature over both.
pub(crate) fn compact(header: &str, payload: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

impl Jws {
    /// Splits a compact serialization. Nothing in it is verified until [`Self::is_signed_by`] returns `true`.
    pub(crate) fn parse(compact: &str) -> Option<Self> {
        let (signing_input, signature) = compact.rsplit_once('.')?;
        let (header, claims) = signing_input.split_once('.')?;
        let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            header: json(header)?,
            claims: json(claims)?,
            signing_input: signing_input.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    pub(crate) fn claim_text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    pub(crate) fn claim_number(&self, name: &str) -> Option<u64> {
        self.claims.get(name).and_then(Value::as_u64)
    }

    /// Tells whether one of the audiences is accepted (RFC 7519 section 4.1.3).
    pub(crate) fn has_audience(&self, accepts: impl Fn(&str) -> bool) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(audience)) => accepts(audience),
            Some(Value::Array(audiences)) => audiences.iter().filter_map(Value::as_str).any(accepts),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
        }
    }

    /// Hands algorithm, input and signature to a check.
    pub(crate) fn is_signed_by(&self, verify: impl FnOnce(&str, &[u8], &[u8]) -> bool) -> bool {
        let Some(alg) = self.header_text("alg") else {
            return false;
        };
        verify(alg, self.signing_input.as_bytes(), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let compact = compact(r#"{"alg":"X"}"#, r#"{"sub":"ada","aud":["a","b"]}"#, |input| input.to_vec());
        let jws = Jws::parse(&compact).unwrap();
        assert_eq!(jws.claim_text("sub"), Some("ada"));
        assert!(jws.has_audience(|audience| audience == "b"));
        assert!(!jws.has_audience(|audience| audience == "c"));
        assert!(jws.is_signed_by(|alg, input, signature| alg == "X" && input == signature));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", ".", "..", "a.b.c", "e30.e30", "e30.e30.e30.e30", "e30=.e30.", "e30.e30.!"] {
            assert_eq!(Jws::parse(text), None, "{text}");
        }
    }
}
