//! Compact JWS and JWE, JWK and JWK Set, read strictly (RFC 7515, RFC 7516, RFC 7517).

mod algorithm;
pub(crate) mod base64url;
pub(crate) mod claims;
mod error;
pub(crate) mod foreign;
pub(crate) mod header;
pub(crate) mod jwe;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
mod key;
mod pem;
mod public_key;
#[cfg(test)]
mod rfc_tests;
#[cfg(test)]
mod token_vector_tests;
#[cfg(test)]
mod vector_tests;
#[cfg(test)]
mod wycheproof_tests;

pub use algorithm::{SigningAlgorithm, UnknownAlgorithm};
pub use error::KeyError;
pub(crate) use error::Refused;
pub use key::{SigningKey, VerificationKey};

pub(crate) use crate::keyring::{self as keys, sealed};
pub(crate) use crate::session::protection as session_tokens;

/// Longest token that is looked at, in bytes: five cookies of 4,096 bytes.
pub(crate) const MAX_TOKEN: usize = 5 * 4096;
