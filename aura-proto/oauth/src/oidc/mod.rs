//! Messages of OpenID Connect (Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0).
#![expect(clippy::exhaustive_enums, reason = "aura-proto alone matches them, and has to handle each variant")]

pub mod discovery;
pub mod id_token;
#[cfg(test)]
mod id_token_tests;
pub mod issuer;
pub mod logout;
pub mod userinfo;

use crate::refused::KeysRefused;
use aura_jose::JwkSet;
use aura_types::MediaType;
use bytes::Bytes;
use http::Response;

/// Reads the published keys of a provider (RFC 7517 section 5, OpenID Connect Core 1.0 section 10.1.1), whatever its type,
/// except HTML: providers give it many types.
pub fn published_keys(response: &Response<Bytes>) -> Result<JwkSet, KeysRefused> {
    if !response.status().is_success() {
        return Err(KeysRefused::Status);
    }
    if MediaType::of(response) == MediaType::Html {
        return Err(KeysRefused::Malformed);
    }
    JwkSet::parse(response.body()).map_err(|_| KeysRefused::Malformed)
}
