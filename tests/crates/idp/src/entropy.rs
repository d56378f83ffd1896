//! Codes and tokens derived from the request's entropy, with one label for each use.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{HMAC_SHA256, Key, sign};

const SALT: &[u8] = b"aura-test-idp";

/// Use of a derived value. No two uses share a label.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Label {
    AuthorizationCode,
    AccessToken,
    RefreshToken,
    RequestUri,
    SessionId,
    JwtId,
    DpopNonce,
}

/// The 32 fresh random bytes that came with one request.
pub(crate) struct Entropy([u8; 32]);

/// A code or token on its way out; it is kept only as its fingerprint.
pub(crate) struct Credential(String);

impl Entropy {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Derives the credential for one use: HKDF-SHA-256, one block long (RFC 5869 section 2).
    ///
    /// At that length extract and expand are an HMAC each, which unlike a general expansion cannot fail.
    pub(crate) fn derive(&self, label: Label) -> Credential {
        let pseudorandom_key = sign(&Key::new(HMAC_SHA256, SALT), &self.0);
        let mut info = label.as_bytes().to_vec();
        info.push(1);
        let block = sign(&Key::new(HMAC_SHA256, pseudorandom_key.as_ref()), &info);
        Credential(URL_SAFE_NO_PAD.encode(block))
    }
}

impl Label {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::AuthorizationCode => b"authorization code",
            Self::AccessToken => b"access token",
            Self::RefreshToken => b"refresh token",
            Self::RequestUri => b"request uri",
            Self::SessionId => b"session id",
            Self::JwtId => b"jwt id",
            Self::DpopNonce => b"dpop nonce",
        }
    }
}

impl Credential {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy(redacted)")
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use ring::hkdf::{HKDF_SHA256, Salt};

    #[test]
    fn a_derived_value_is_what_hkdf_gives() {
        let mut expected = [0; 32];
        Salt::new(HKDF_SHA256, SALT)
            .extract(&[7; 32])
            .expand(&[Label::AccessToken.as_bytes()], HKDF_SHA256)
            .unwrap()
            .fill(&mut expected)
            .unwrap();
        let derived = Entropy::new([7; 32]).derive(Label::AccessToken);
        assert_eq!(derived.as_str(), URL_SAFE_NO_PAD.encode(expected));
    }

    #[test]
    fn each_label_and_each_entropy_gives_its_own_value() {
        let code = Entropy::new([7; 32]).derive(Label::AuthorizationCode);
        let token = Entropy::new([7; 32]).derive(Label::AccessToken);
        let other = Entropy::new([8; 32]).derive(Label::AuthorizationCode);
        assert_ne!(code.as_str(), token.as_str());
        assert_ne!(code.as_str(), other.as_str());
    }

    #[test]
    fn neither_entropy_nor_a_credential_is_shown() {
        let entropy = Entropy::new([7; 32]);
        assert_eq!(format!("{entropy:?}"), "Entropy(redacted)");
        assert_eq!(format!("{:?}", entropy.derive(Label::AccessToken)), "Credential(redacted)");
    }
}
