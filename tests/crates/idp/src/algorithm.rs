//! Signing algorithms (RFC 7518 section 3.1). The provider signs by one at a time.

use ring::digest;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaSigningAlgorithm,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
};

/// Names the algorithm by which the provider signs (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// `RS256`, `RS384`, `RS512` and `EdDSA` give the same signature every time; for the others ring asks the
/// operating system for the randomness that the algorithm wants.
///
/// ```
/// use aura_test_idp::SigningAlgorithm;
///
/// assert_eq!(SigningAlgorithm::default().name(), "RS256");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every relying party has to support.
    #[default]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

/// The parameters of one algorithm for ring.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa { algorithm: &'static EcdsaSigningAlgorithm, crv: &'static str },
    Ed25519,
}

impl SigningAlgorithm {
    /// All algorithms.
    ///
    /// ```
    /// use aura_test_idp::SigningAlgorithm;
    ///
    /// assert_eq!(SigningAlgorithm::ALL.len(), 7);
    /// ```
    pub const ALL: &'static [Self] =
        &[Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// Returns the value of the header `alg` (RFC 7515 section 4.1.1).
    ///
    /// ```
    /// use aura_test_idp::SigningAlgorithm;
    ///
    /// assert_eq!(SigningAlgorithm::EdDsa.name(), "EdDSA");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// An algorithm that a relying party must not mistake for this one; an RSA key can sign by both.
    pub(crate) const fn sibling(self) -> Self {
        match self {
            Self::Rs256 => Self::Ps256,
            Self::Rs384 => Self::Rs512,
            Self::Rs512 => Self::Rs384,
            Self::Ps256 => Self::Rs256,
            Self::Es256 => Self::Es384,
            Self::Es384 | Self::EdDsa => Self::Es256,
        }
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Self::Rs256 => Method::Rsa(&RSA_PKCS1_SHA256),
            Self::Rs384 => Method::Rsa(&RSA_PKCS1_SHA384),
            Self::Rs512 => Method::Rsa(&RSA_PKCS1_SHA512),
            Self::Ps256 => Method::Rsa(&RSA_PSS_SHA256),
            Self::Es256 => Method::Ecdsa { algorithm: &ECDSA_P256_SHA256_FIXED_SIGNING, crv: "P-256" },
            Self::Es384 => Method::Ecdsa { algorithm: &ECDSA_P384_SHA384_FIXED_SIGNING, crv: "P-384" },
            Self::EdDsa => Method::Ed25519,
        }
    }

    /// The hash of the `at_hash` (OpenID Connect Core section 3.1.3.6); for Ed25519 that is SHA-512.
    pub(crate) fn hash(self) -> &'static digest::Algorithm {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs384 | Self::Es384 => &digest::SHA384,
            Self::Rs512 | Self::EdDsa => &digest::SHA512,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_found_by_its_name() {
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::named(algorithm.name()), Some(*algorithm));
        }
        assert_eq!(SigningAlgorithm::named("none"), None);
    }
}
