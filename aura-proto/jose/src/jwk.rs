//! Keys in JSON: JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).

use crate::algorithm::SigningAlgorithm;
use crate::base64url;
use crate::error::KeyError;
use crate::public_key::PublicKey;
use aura_types::Refused;
use aura_types::StrictObject;
use serde_json::{Map, Value};
use std::fmt;
use zeroize::Zeroizing;

/// Longest JWK that is read, in bytes.
const MAX_JWK: usize = 16 * 1024;

/// The members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
pub(crate) const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A JSON Web Key that was read as JSON, and not yet as a key (RFC 7517 section 4).
///
/// ```
/// use aura_jose::{Jwk, KeyError, SigningAlgorithm, VerificationKey};
/// let jwk = Jwk::parse(r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// let key = VerificationKey::from_parsed_jwk(SigningAlgorithm::EdDsa, &jwk)?;
/// assert_eq!(key.kid(), jwk.kid()?.as_deref());
/// assert_eq!(format!("{jwk:?}"), "Jwk(..)", "it may be a private key");
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone)]
pub struct Jwk(StrictObject);

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwk(..)")
    }
}

impl From<Map<String, Value>> for Jwk {
    fn from(members: Map<String, Value>) -> Self {
        Self(members.into())
    }
}

impl Jwk {
    /// Reads a JWK of at most 16 KiB.
    ///
    /// # Errors
    /// [`Refused`] if it is longer, or not one JSON object without duplicate names.
    ///
    /// ```
    /// use aura_jose::Jwk;
    /// assert!(Jwk::parse(r#"{"kty":"oct"}"#).is_ok(), "what it is good for is another question");
    /// assert!(Jwk::parse(r#"{"kty":"oct","kty":"EC"}"#).is_err());
    /// ```
    pub fn parse(json: &str) -> Result<Self, Refused> {
        if json.len() > MAX_JWK {
            return Err(Refused);
        }
        StrictObject::parse(json.as_bytes()).map(Self)
    }

    /// Returns the id, if there is one (RFC 7517 section 4.5).
    ///
    /// # Errors
    /// [`Refused`] if it is not a text.
    ///
    /// ```
    /// use aura_jose::{Jwk, Refused};
    /// assert_eq!(Jwk::parse(r#"{"kid":"a"}"#)?.kid()?.as_deref(), Some("a"));
    /// assert_eq!(Jwk::parse("{}")?.kid(), Ok(None));
    /// assert_eq!(Jwk::parse(r#"{"kid":7}"#)?.kid(), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn kid(&self) -> Result<Option<String>, Refused> {
        Ok(self.text("kid")?.map(str::to_owned))
    }

    /// Tells whether the key has private or symmetric parts, which no key to verify with has.
    pub(crate) fn is_private(&self) -> bool {
        PRIVATE.iter().any(|name| self.0.contains(name))
    }

    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        let size = |value: &Value| value.as_array().map_or(1, Vec::len);
        self.0.clone().into_members().values().map(size).sum()
    }

    /// Tells whether the key is of a kind that verifies anything here.
    pub(crate) fn is_known(&self) -> bool {
        self.text("kty").is_ok_and(|kind| kind.is_some_and(|kind| ["RSA", "EC", "OKP"].contains(&kind)))
    }

    /// Returns the members that were kept.
    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0.into_members()
    }

    /// Returns the issuer whose tokens the key signs, where the set has keys of several (Microsoft Entra ID).
    pub(crate) fn issuer(&self) -> Result<Option<&str>, Refused> {
        self.text("issuer")
    }

    /// Reads the private key of an octet key pair.
    pub(crate) fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.bytes("d").map(Zeroizing::new)
    }

    /// Reads the public key for one algorithm and operation, which no member of the JWK may contradict.
    pub(crate) fn public_key(
        &self,
        algorithm: SigningAlgorithm,
        operation: &str,
    ) -> Result<PublicKey, KeyError> {
        let kind = self.text("kty")?.ok_or(Refused)?;
        let same =
            |name: &str, value: &str| Ok::<_, Refused>(self.text(name)?.is_none_or(|text| text == value));
        let listed = match self.0.get("key_ops") {
            None => true,
            Some(operations) => {
                operations.as_array().ok_or(Refused)?.iter().any(|listed| listed.as_str() == Some(operation))
            }
        };
        let named = self.text("alg")?.is_none_or(|name| SigningAlgorithm::announced(name) == Some(algorithm));
        if !named || !same("use", "sig")? || !listed {
            return Err(KeyError::Unsuitable { algorithm });
        }
        match (kind, self.text("crv")?) {
            ("RSA", None) => Ok(PublicKey::rsa(self.number("n")?, self.number("e")?)?),
            ("EC", Some("P-256")) => Ok(PublicKey::P256(self.point(32)?)),
            ("EC", Some("P-384")) => Ok(PublicKey::P384(self.point(48)?)),
            ("OKP", Some("Ed25519")) => Ok(PublicKey::Ed25519(self.coordinate("x", 32)?)),
            _ => Err(KeyError::Unsuitable { algorithm }),
        }
    }

    fn point(&self, length: usize) -> Result<Vec<u8>, Refused> {
        // 4 says that both coordinates follow (SEC 1 section 2.3.3).
        Ok([vec![4], self.coordinate("x", length)?, self.coordinate("y", length)?].concat())
    }

    /// Reads a number of fixed length (RFC 7518 section 6.2.1.2).
    fn coordinate(&self, name: &str, length: usize) -> Result<Vec<u8>, Refused> {
        let bytes = self.bytes(name)?;
        if bytes.len() == length { Ok(bytes) } else { Err(Refused) }
    }

    /// Reads a number in its shortest form (RFC 7518 section 6.3.1). Some providers write the zero that other formats put before
    /// a number whose first bit is set.
    fn number(&self, name: &str) -> Result<Vec<u8>, Refused> {
        let mut bytes = self.bytes(name)?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        bytes.drain(..zeros);
        Ok(bytes)
    }

    /// Reads base64url. Some providers pad it, which no token may.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Refused> {
        let text = self.text(name)?.ok_or(Refused)?;
        let bare = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
        if bare.len() != text.len() && !text.len().is_multiple_of(4) {
            return Err(Refused);
        }
        base64url::decode(bare)
    }

    /// Reads a text. A member of another type is an error, not a missing member.
    fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Refused)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{KeyError, SigningAlgorithm, SigningKey, VerificationKey};

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

    fn ed25519(more: &str) -> Result<VerificationKey, KeyError> {
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"{more}}}"#);
        VerificationKey::from_jwk(SigningAlgorithm::EdDsa, &jwk)
    }

    #[test]
    fn jo_04_27_a_jwk_may_not_contradict_its_use() {
        let unsuitable = Err(KeyError::Unsuitable { algorithm: SigningAlgorithm::EdDsa });
        for more in [
            "",
            r#","alg":"EdDSA""#,
            r#","alg":"Ed25519""#,
            r#","use":"sig""#,
            r#","key_ops":["verify"]"#,
            r#","kid":"a","x5t":"ignored""#,
        ] {
            assert!(ed25519(more).is_ok(), "{more}");
        }
        for more in [
            r#","alg":"HS256""#,
            r#","alg":"ES256""#,
            r#","use":"enc""#,
            r#","key_ops":["sign"]"#,
            r#","key_ops":[]"#,
            r#","d":"AAAA""#,
            r#","k":"AAAA""#,
        ] {
            assert_eq!(ed25519(more), unsuitable, "{more}");
        }
        for more in
            [r#","alg":1"#, r#","use":null"#, r#","kid":7"#, r#","key_ops":"verify""#, r#","kty":"OKP""#]
        {
            assert_eq!(ed25519(more), Err(KeyError::Malformed), "{more}");
        }
    }

    #[test]
    fn jo_27_other_kinds_curves_and_lengths_are_refused() {
        let short = &X[..42];
        for (algorithm, jwk) in [
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"OKP","crv":"X25519","x":"{X}"}}"#)),
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"EC","crv":"Ed25519","x":"{X}"}}"#)),
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"OKP","x":"{X}"}}"#)),
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{short}"}}"#)),
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}=="}}"#)),
            (SigningAlgorithm::EdDsa, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X},"}}"#)),
            (SigningAlgorithm::Rs256, format!(r#"{{"kty":"RSA","n":"AAAA{X}A","e":"AQAB"}}"#)),
            (SigningAlgorithm::EdDsa, r#"{"kty":"oct","k":"AAAA"}"#.to_owned()),
            (SigningAlgorithm::Es256, format!(r#"{{"kty":"EC","crv":"P-384","x":"{X}","y":"{X}"}}"#)),
            (SigningAlgorithm::Es384, format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{X}"}}"#)),
            (SigningAlgorithm::Es256, format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{short}"}}"#)),
            (SigningAlgorithm::Rs256, r#"{"kty":"RSA","n":"","e":"AQAB"}"#.to_owned()),
            (SigningAlgorithm::Rs256, format!(r#"{{"kty":"RSA","n":"{X}","e":"AQAB"}}"#)),
            (SigningAlgorithm::Hs256, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}"#)),
            (SigningAlgorithm::Es512, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}"#)),
        ] {
            assert!(VerificationKey::from_jwk(algorithm, &jwk).is_err(), "{jwk}");
        }
    }

    #[test]
    fn fr_02_03_a_number_may_have_zeros_before_it_and_padding_after_it() {
        let modulus = [vec![0xc7; 255], vec![0x01]].concat();
        let read = |n: &[u8], e: &[u8], padding: bool| {
            let encode = |bytes: &[u8]| {
                let mut text = crate::base64url::encode(bytes);
                while padding && !text.len().is_multiple_of(4) {
                    text.push('=');
                }
                text
            };
            let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(e));
            VerificationKey::from_jwk(SigningAlgorithm::Rs256, &jwk)
        };
        let expected = read(&modulus, &[1, 0, 1], false).unwrap();
        for zeros in 0..4 {
            let longer = |bytes: &[u8]| [vec![0; zeros], bytes.to_vec()].concat();
            for padding in [false, true] {
                assert_eq!(read(&longer(&modulus), &longer(&[1, 0, 1]), padding).as_ref(), Ok(&expected));
            }
        }
        let weak = Err(KeyError::Weak { algorithm: SigningAlgorithm::Rs256 });
        assert_eq!(read(&[vec![0; 128], modulus[128..].to_vec()].concat(), &[1, 0, 1], false), weak);
        assert_eq!(read(&modulus, &[0, 0, 1], false), weak);
        assert_eq!(read(&[0, 0], &[1, 0, 1], false), Err(KeyError::Malformed));
    }

    #[test]
    fn a_private_jwk_signs_only_if_its_halves_belong_together() {
        let jwk = |d: &str, x: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","d":"{d}","x":"{x}"}}"#);
        let read = |jwk: &str| SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk).map(drop);
        assert_eq!(read(&jwk(D, X)), Ok(()));
        assert_eq!(read(&jwk(X, X)), Err(KeyError::Unsuitable { algorithm: SigningAlgorithm::EdDsa }));
        assert!(read(&jwk("", X)).is_err());
        assert!(read(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}"#)).is_err());
    }

    #[test]
    fn a_jwk_of_16_kib_is_read_and_one_byte_more_is_not() {
        let of = |length: usize| super::Jwk::parse(&format!("{:length$}", r#"{"kty":"OKP"}"#)).is_ok();
        assert!(of(super::MAX_JWK) && !of(super::MAX_JWK + 1));
    }

    #[test]
    fn halves_of_two_pairs_are_no_pair() {
        let pair = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","d":"{D}"}}"#);
        let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &pair).unwrap();
        assert!(key.is_pair_of(&ed25519("").unwrap()));
        // The public key of RFC 8032 section 7.1, test 2.
        let other = r#"{"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}"#;
        assert!(!key.is_pair_of(&VerificationKey::from_jwk(SigningAlgorithm::EdDsa, other).unwrap()));
    }
}
