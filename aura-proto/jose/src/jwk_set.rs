//! Sets of published keys: JWK Set (RFC 7517 section 5).

use crate::algorithm::SigningAlgorithm;
use crate::jwk::Jwk;
use crate::jwk_members::UsedMembers;
use crate::verification_key::VerificationKey;
use aura_types::Refused;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The public keys that a party publishes (RFC 7517 section 5).
///
/// ```
/// use aura_jose::{JwkSet, KeyError, SigningAlgorithm, SigningKey};
/// let key = SigningKey::from_seed(&[7; 32])?;
/// let published = format!(r#"{{"keys":[{},{{"kty":"unknown"}}]}}"#, key.verification_key().to_jwk());
/// let set = JwkSet::parse(published.as_bytes())?;
/// assert_eq!(set.candidates(SigningAlgorithm::EdDsa, None).count(), 1);
/// assert_eq!(set.candidates(SigningAlgorithm::EdDsa, Some("another")).count(), 0);
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct JwkSet(Vec<Jwk>);

impl JwkSet {
    /// Most keys that are tried for one token.
    pub const MAX_TRIED: usize = 10;
    /// Most keys that are kept of a set: the first ones.
    pub const MAX_KEYS: usize = 100;

    /// Reads a set. Members that are no keys, and keys of unknown kinds, are skipped (RFC 7517 section 5).
    ///
    /// Of each key the members that are used are kept, and nothing else, so that a set takes no more memory than its text. The
    /// caller bounds the length of the text.
    ///
    /// # Errors
    /// [`Refused`] if it is not one JSON object with one list `keys`.
    ///
    /// ```
    /// use aura_jose::JwkSet;
    /// assert!(JwkSet::parse(br#"{"keys":[]}"#).is_ok());
    /// assert!(JwkSet::parse(br#"{"keys":[],"keys":[]}"#).is_err());
    /// assert!(JwkSet::parse(b"[]").is_err());
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, Refused> {
        // What is skipped is not decoded, so that the encoding is checked beforehand (RFC 8259 section 8.1).
        let json = str::from_utf8(json).map_err(|_| Refused)?;
        serde_json::from_str(json).map_err(|_| Refused)
    }

    /// Returns the members that are kept of each key.
    ///
    /// ```
    /// use aura_jose::JwkSet;
    /// let set = JwkSet::parse(br#"{"keys":[{"kty":"EC","kid":"a","x5c":[]},{"kty":"none"}]}"#)?;
    /// let keys: Vec<_> = set.into_members().collect();
    /// assert_eq!(serde_json::to_string(&keys).unwrap(), r#"[{"kid":"a","kty":"EC"}]"#);
    /// # Ok::<(), aura_jose::Refused>(())
    /// ```
    pub fn into_members(self) -> impl Iterator<Item = Map<String, Value>> {
        self.0.into_iter().map(Jwk::into_members)
    }

    /// Returns the keys that may have made a signature: of this algorithm, and of this id where the token names one; at most
    /// [`MAX_TRIED`](Self::MAX_TRIED).
    ///
    /// A symmetric or private key in a published set is known to all, so that it proves nothing, and is skipped.
    ///
    /// ```
    /// use aura_jose::{JwkSet, Refused, SigningAlgorithm};
    /// let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    /// let keys = format!(
    ///     r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{x}"}},{{"kty":"oct","kid":"a","k":"{x}"}}]}}"#
    /// );
    /// let set = JwkSet::parse(keys.as_bytes())?;
    /// assert_eq!(set.candidates(SigningAlgorithm::EdDsa, Some("a")).count(), 1);
    /// assert_eq!(set.candidates(SigningAlgorithm::Hs256, Some("a")).count(), 0);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn candidates(
        &self,
        algorithm: SigningAlgorithm,
        kid: Option<&str>,
    ) -> impl Iterator<Item = VerificationKey> {
        self.candidates_where(algorithm, kid, |_| true)
    }

    /// Returns the candidates among the keys that a function takes.
    pub(crate) fn candidates_where(
        &self,
        algorithm: SigningAlgorithm,
        kid: Option<&str>,
        takes: impl Fn(&Jwk) -> bool,
    ) -> impl Iterator<Item = VerificationKey> {
        let named = move |jwk: &&Jwk| match kid {
            None => true,
            Some(kid) => jwk.kid().is_ok_and(|own| own.as_deref() == Some(kid)),
        };
        let usable = move |jwk: &Jwk| VerificationKey::from_parsed_jwk(algorithm, jwk).ok();
        self.0.iter().filter(named).filter(move |jwk| takes(jwk)).filter_map(usable).take(Self::MAX_TRIED)
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = JwkSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JWK Set")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<JwkSet, A::Error> {
                let mut set = None;
                while let Some(name) = access.next_key::<String>()? {
                    if name != "keys" {
                        access.next_value::<IgnoredAny>()?;
                    } else if set.replace(access.next_value::<Keys>()?).is_some() {
                        return Err(de::Error::duplicate_field("keys"));
                    }
                }
                set.map(|Keys(keys)| JwkSet(keys)).ok_or_else(|| de::Error::missing_field("keys"))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The list of a set: the first keys that are of a kind that verifies.
struct Keys(Vec<Jwk>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of keys")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while keys.len() < JwkSet::MAX_KEYS {
                    match access.next_element::<UsedMembers>()? {
                        Some(UsedMembers(members)) => {
                            keys.extend(members.map(Jwk::from).filter(Jwk::is_known))
                        }
                        None => return Ok(Keys(keys)),
                    }
                }
                while access.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn good(kid: &str) -> String {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{X}"}}"#)
    }

    fn kids(set: &str, kid: Option<&str>) -> Vec<String> {
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        let candidates = set.candidates(SigningAlgorithm::EdDsa, kid);
        candidates.map(|key| key.kid().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn jo_29_unusable_keys_beside_a_good_one_are_skipped() {
        let others = [
            r#"{"kty":"AKP","alg":"ML-DSA-44","kid":"a","pub":"AAAA"}"#,
            r#"{"kty":"nobody knows"}"#,
            r#"{"kty":"EC","crv":"nobody knows","x":"AA","y":"AA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","alg":"nobody knows","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"RSA","n":7,"e":null}"#,
            r#"{"kty":"oct","k":"AAAA"}"#,
            "{}",
            "7",
            "null",
        ];
        let set = format!(r#"{{"keys":[{},{}]}}"#, others.join(","), good("good"));
        assert_eq!(kids(&set, None), ["good"]);
        assert_eq!(kids(&set, Some("good")), ["good"]);
    }

    #[test]
    fn jo_27_jo_28_keys_for_something_else_are_no_candidates() {
        for more in [r#","use":"enc""#, r#","key_ops":["sign"]"#, r#","alg":"HS256""#, r#","d":"AAAA""#] {
            let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{X}"{more}}}]}}"#);
            assert_eq!(kids(&set, None), [""; 0], "{more}");
        }
        let set = format!(r#"{{"keys":[{},{}]}}"#, good("a"), good("b"));
        assert_eq!(kids(&set, Some("b")), ["b"]);
        for kid in ["B", "../a", "a' OR 1=1 --", ""] {
            assert_eq!(kids(&set, Some(kid)), [""; 0], "{kid}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#] {
            assert!(JwkSet::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(JwkSet::parse(br#"{"keys":[]}"#).is_ok());
    }

    #[test]
    fn ds_01_jo_29_of_many_keys_the_first_hundred_are_kept_and_few_are_tried() {
        let others = (0..5000).map(|n| format!(r#"{{"kty":"AKP","kid":"{n}"}}"#));
        let keys: Vec<_> = others.chain((0..5000).map(|n| good(&n.to_string()))).collect();
        let set = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        assert_eq!(kids(&set, None).len(), JwkSet::MAX_TRIED);
        assert_eq!(kids(&set, Some("99")), ["99"]);
        assert_eq!(kids(&set, Some("100")), [""; 0]);
    }

    #[test]
    fn au_02_members_that_no_key_uses_and_lists_that_are_long_are_not_kept() {
        let more =
            r#","x5c":["AAAA"],"":{"":{}},"key_ops":["#.to_owned() + &r#""verify","#.repeat(900) + r#"0]"#;
        let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{X}"{more}}}]}}"#);
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        assert_eq!(set.candidates(SigningAlgorithm::EdDsa, Some("a")).count(), 1);
        assert!(set.0[0].kept() < 30, "{}", set.0[0].kept());
    }
}
