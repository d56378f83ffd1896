//! Compact JWS and JWE, JWK and JWK Set, read strictly (RFC 7515, RFC 7516, RFC 7517).
#![forbid(unsafe_code)]

mod algorithm;
pub mod base64url;
mod error;
mod header;
mod jwe;
mod jwk;
mod jwk_set;
mod jws;
mod mac_key;
mod object;
mod pem;
mod public_key;
#[cfg(test)]
mod rfc_tests;
mod signing_key;
#[cfg(test)]
mod token_vector_tests;
mod unverified;
#[cfg(test)]
mod vector_tests;
mod verification_key;
#[cfg(test)]
mod wycheproof_tests;

pub use algorithm::{MacAlgorithm, SigningAlgorithm, UnknownAlgorithm};
pub use error::{KeyError, Refused};
pub use header::{KeyIds, key_id};
pub use jwe::ContentKey;
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use jws::{CompactJws, MAX_TOKEN};
pub use mac_key::MacKey;
pub use object::StrictObject;
pub use signing_key::SigningKey;
pub use unverified::{JwsError, UnverifiedJws};
pub use verification_key::VerificationKey;
