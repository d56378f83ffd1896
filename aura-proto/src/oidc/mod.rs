//! Messages of OpenID Connect (Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0).

pub(crate) mod discovery;
pub(crate) mod end_session;
pub(crate) mod id_token;
#[cfg(test)]
mod id_token_tests;
pub(crate) mod issuer;
pub(crate) mod jwks;
pub(crate) mod logout_token;
pub(crate) mod published_issuer;
pub(crate) mod userinfo;
