//! How are tokens protected? Compact JWS and JWE, read strictly (RFC 7515, RFC 7516).

mod algorithm;
mod application;
pub(crate) mod base64url;
pub(crate) mod claims;
pub(crate) mod foreign;
#[cfg(test)]
mod golden_tests;
mod header;
pub(crate) mod jwe;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
mod key;
pub(crate) mod keys;
mod pem;
mod public_key;
#[cfg(test)]
mod rfc_tests;
pub(crate) mod sealed;
pub(crate) mod session_tokens;
mod token_error;
#[cfg(test)]
mod token_vector_tests;
#[cfg(test)]
mod vector_tests;
#[cfg(test)]
mod wycheproof_tests;

pub use algorithm::{ContentEncryption, KeyAlgorithm, SigningAlgorithm, UnknownAlgorithm};
pub use application::Jose;
pub use key::{KeyError, SigningKey, VerificationKey};
pub use token_error::TokenError;

/// Longest token that is looked at, in bytes: five cookies of 4,096 bytes.
pub(crate) const MAX_TOKEN: usize = 5 * 4096;

/// Why a token is refused. It tells an attacker nothing, so it tells nobody more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;
