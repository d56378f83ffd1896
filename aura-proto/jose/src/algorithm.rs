//! Names of signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1).

use ring::{digest, hmac};
use std::fmt;
use std::str::FromStr;

/// A name that no signature algorithm has.
///
/// ```
/// use aura_jose::{SigningAlgorithm, UnknownAlgorithm};
/// assert_eq!("none".parse::<SigningAlgorithm>(), Err(UnknownAlgorithm));
/// assert_eq!("hs256".parse::<SigningAlgorithm>(), Err(UnknownAlgorithm), "names are case-sensitive");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no algorithm has this name; names are those of RFC 7518 section 3.1, such as HS256")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to say beyond its type")]
pub struct UnknownAlgorithm;

/// How a token is signed (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// ```
/// use aura_jose::SigningAlgorithm;
/// assert_eq!("EdDSA".parse(), Ok(SigningAlgorithm::EdDsa));
/// assert_eq!(SigningAlgorithm::EdDsa.name(), "EdDSA");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256, by a secret key.
    Hs256,
    /// HMAC with SHA-384, by a secret key.
    Hs384,
    /// HMAC with SHA-512, by a secret key.
    Hs512,
    /// RSA PKCS#1 v1.5 with SHA-256: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Rs512,
    /// RSA-PSS with SHA-256: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Ps256,
    /// RSA-PSS with SHA-384: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Ps384,
    /// RSA-PSS with SHA-512: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Ps512,
    /// ECDSA on P-256 with SHA-256: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Es256,
    /// ECDSA on P-384 with SHA-384: verified; signed through [`SigningKey::external`](crate::SigningKey::external).
    Es384,
    /// ECDSA on P-521 with SHA-512: refused.
    Es512,
    /// Ed25519: signed with and verified.
    EdDsa,
}

impl SigningAlgorithm {
    const ALL: [Self; 13] = [
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Returns the registered name, which is the value of `alg` (RFC 7515 section 4.1.1).
    ///
    /// ```
    /// use aura_jose::SigningAlgorithm;
    /// assert_eq!(SigningAlgorithm::Ps384.name(), "PS384");
    /// assert_eq!(SigningAlgorithm::Ps384.to_string(), "PS384");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads a name as another party writes it: that of [`name`](Self::name), or `Ed25519`, by which RFC 9864 section 2.2
    /// replaces `EdDSA`.
    ///
    /// ```
    /// use aura_jose::SigningAlgorithm;
    /// assert_eq!(SigningAlgorithm::announced("Ed25519"), Some(SigningAlgorithm::EdDsa));
    /// assert_eq!(SigningAlgorithm::announced("ed25519"), None);
    /// ```
    pub fn announced(name: &str) -> Option<Self> {
        if name == "Ed25519" { Some(Self::EdDsa) } else { name.parse().ok() }
    }

    /// Hashes bytes with the hash function of the algorithm, as `at_hash` needs it (OpenID Connect Core section 3.1.3.6).
    ///
    /// ```
    /// use aura_jose::SigningAlgorithm;
    /// assert_eq!(SigningAlgorithm::Es256.hash(b"").len(), 32);
    /// assert_eq!(SigningAlgorithm::EdDsa.hash(b"").len(), 64);
    /// ```
    pub fn hash(self, bytes: &[u8]) -> Vec<u8> {
        let function = match self {
            Self::Hs256 | Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Hs384 | Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            // Ed25519 hashes with SHA-512 (RFC 8032 section 5.1).
            Self::Hs512 | Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &digest::SHA512,
        };
        digest::digest(function, bytes).as_ref().to_vec()
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An algorithm that signs with a secret key: HMAC (RFC 7518 section 3.2).
///
/// ```
/// use aura_jose::{MacAlgorithm, SigningAlgorithm, UnknownAlgorithm};
/// assert_eq!(MacAlgorithm::try_from(SigningAlgorithm::Hs384), Ok(MacAlgorithm::Hs384));
/// assert_eq!(MacAlgorithm::try_from(SigningAlgorithm::Rs256), Err(UnknownAlgorithm));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl MacAlgorithm {
    /// Makes a key of the cryptography library.
    pub(crate) fn key(self, secret: &[u8]) -> hmac::Key {
        let function = match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
        };
        hmac::Key::new(function, secret)
    }
}

impl From<MacAlgorithm> for SigningAlgorithm {
    fn from(algorithm: MacAlgorithm) -> Self {
        match algorithm {
            MacAlgorithm::Hs256 => Self::Hs256,
            MacAlgorithm::Hs384 => Self::Hs384,
            MacAlgorithm::Hs512 => Self::Hs512,
        }
    }
}

impl TryFrom<SigningAlgorithm> for MacAlgorithm {
    type Error = UnknownAlgorithm;

    /// Refuses every algorithm of a key pair.
    fn try_from(algorithm: SigningAlgorithm) -> Result<Self, UnknownAlgorithm> {
        let all = [Self::Hs256, Self::Hs384, Self::Hs512];
        all.into_iter().find(|own| SigningAlgorithm::from(*own) == algorithm).ok_or(UnknownAlgorithm)
    }
}
