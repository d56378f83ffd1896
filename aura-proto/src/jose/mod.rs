//! How are tokens protected? Compact JWS and JWE, read strictly (RFC 7515, RFC 7516).

pub(crate) mod base64url;
pub(crate) mod claims;
pub(crate) mod jwe;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod sealed;

/// Longest token that is looked at, in bytes: five cookies of 4,096 bytes.
pub(crate) const MAX_TOKEN: usize = 5 * 4096;

/// Why a token is refused. It tells an attacker nothing, so it tells nobody more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;
