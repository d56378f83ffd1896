//! Errors of keys.

use crate::algorithm::SigningAlgorithm;
use aura_types::Refused;

/// Why a key is refused. It never quotes the key.
///
/// ```
/// use aura_jose::{KeyError, SigningAlgorithm, VerificationKey};
/// let error = VerificationKey::from_pem(SigningAlgorithm::Es256, "-----BEGIN NOTHING-----").unwrap_err();
/// assert_eq!(error, KeyError::Malformed);
/// assert!(error.to_string().contains("PUBLIC KEY"), "it says what to give");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not one key in the format asked for.
    #[error("the key cannot be read; give one PEM block (PRIVATE KEY: PKCS#8, PUBLIC KEY: SPKI) or one JWK")]
    Malformed,
    /// It is sound, but of another kind, curve or use than the algorithm needs.
    #[error("the key is not one for {algorithm}; name the algorithm that it was made for")]
    Unsuitable {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },
    /// An RSA key needs 2,048 to 8,192 bits and an odd exponent above 1 (RFC 7518 section 3.3); a point of Ed25519, a
    /// large order (RFC 8032).
    #[error("the key is too weak for {algorithm}; RSA keys have 2048 to 8192 bits")]
    Weak {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },
    /// The cryptography library signs with it only by the system's random source, which this library does not read.
    #[error(
        "{algorithm} needs a random source to sign; delegate signing with SigningKey::external, or use EdDSA"
    )]
    CannotSign {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },
    /// The cryptography library lacks the algorithm, or it takes no key pair.
    #[error("{algorithm} takes no key pair here; use EdDSA")]
    Unsupported {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },
}

impl From<Refused> for KeyError {
    fn from(_: Refused) -> Self {
        Self::Malformed
    }
}
