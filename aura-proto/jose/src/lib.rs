//! Strict compact JWS and JWE (RFC 7515, RFC 7516), JWK and JWK Set (RFC 7517), and keys in PEM.
//!
//! The key determines the algorithm, never the token (RFC 8725 section 3.1). A token has one spelling: base64url without
//! padding, no member twice, no text around it. A header that asks for anything (`crit`, `b64`, `zip`) is refused, and so is
//! every token longer than [`MAX_TOKEN`], or, of another party, than [`MAX_FOREIGN_TOKEN`]. A header that brings a key or names
//! a place to get one (`jwk`, `jku`, `x5u`, `x5c`) is refused too, except that of another party's token, in which these members
//! are ignored.
//!
//! | to do | with |
//! |---|---|
//! | sign and verify by a shared secret | [`MacKey`] |
//! | sign by a key pair, verify by its public half | [`SigningKey`], [`VerificationKey`] |
//! | verify what another party signed by a key that it publishes | [`UnverifiedJws`], [`JwkSet`] |
//! | encrypt and decrypt by a shared secret | [`ContentKey`] |
//! | read claims, in which no name occurs twice | [`StrictObject`] |
//!
//! The crate reads no clock, random source or file: times are claims for the caller to check, an IV is an argument, and a key
//! is bytes. Signing with Ed25519 needs no randomness; every other private key signs through [`SigningKey::external`].
//!
//! ```
//! use aura_jose::{KeyError, SigningKey};
//!
//! let private = SigningKey::from_seed(&[7; 32])?.with_kid("2026-11");
//! let token = private.sign_jwt(br#"{"sub":"ada"}"#)?;
//! let public = private.verification_key();
//! assert_eq!(public.verify_jwt(&token)?, br#"{"sub":"ada"}"#);
//!
//! let renamed = public.clone().with_kid("2026-12");
//! assert!(renamed.verify_jwt(&token).is_err(), "the token names another key");
//! assert!(public.verify_jwt(&format!("{token}=")).is_err(), "a token has one spelling");
//! # Ok::<(), KeyError>(())
//! ```
#![forbid(unsafe_code)]

mod algorithm;
pub mod base64url;
mod error;
mod header;
mod jwe;
mod jwk;
mod jwk_members;
mod jwk_set;
mod jws;
mod mac_key;
mod pem;
mod public_key;
#[cfg(test)]
mod rfc_tests;
#[cfg(test)]
mod shown_tests;
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
pub use aura_types::{Refused, StrictObject};
pub use error::KeyError;
pub use header::{KeyIds, key_id};
pub use jwe::ContentKey;
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use jws::{CompactJws, MAX_FOREIGN_TOKEN, MAX_TOKEN};
pub use mac_key::MacKey;
pub use signing_key::SigningKey;
pub use unverified::{JwsError, UnverifiedJws};
pub use verification_key::VerificationKey;
