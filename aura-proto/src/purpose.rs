//! Purposes of exchanges with providers.

/// The purpose of an exchange with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// The provider's configuration (OpenID Connect Discovery 1.0 section 4).
    Discovery,
    /// The provider's keys (RFC 7517 section 5).
    Jwks,
    /// A pushed authorization request (RFC 9126 section 2).
    PushedRequest,
    /// A token request: the exchange of a code, or a refresh (RFC 6749 sections 4.1.3 and 6).
    Token,
    /// The user's profile (OpenID Connect Core 1.0 section 5.3), or the list of their e-mail addresses.
    UserInfo,
    /// The revocation of a token (RFC 7009 section 2).
    Revocation,
}
