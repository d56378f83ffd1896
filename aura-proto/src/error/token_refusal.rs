//! Errors of refused token requests (RFC 6749 section 5.2).

use super::table::errors;
use crate::refused::TokenRequestRefused;

errors! {
    /// Why a token request was refused.
    ///
    /// ```
    /// use aura_proto::{Error, ProviderError, TokenRefusal};
    /// let error = Error::from(ProviderError::TokenRefused(TokenRefusal::InvalidClient));
    /// assert_eq!((error.status().as_u16(), error.reason()), (502, "token_invalid_client"));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TokenRefusal from TokenRequestRefused {
        /// The request lacks a parameter, or has one that is wrong.
        InvalidRequest       = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_request        INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider calls the token request invalid. Check which further parameters it requires."],
        /// The client is unknown, or its secret or assertion is wrong.
        InvalidClient        = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_client         INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept this site's client. Check its id, its secret, the method of authentication, and client_assertion_audience."],
        /// The same, where the secret has characters that the form-encoding of HTTP Basic changes (RFC 6749 section 2.3.1).
        InvalidClientBasic   = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_client_basic   INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept this site's client, whose credentials have characters that form-encoding changes. Not every provider decodes them in HTTP Basic: try client_secret_post()."],
        /// The code or the refresh token is not valid, has ended, or is another client's.
        InvalidGrant         = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_grant          INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the code. Begin again."],
        /// The client may not use this kind of grant.
        UnauthorizedClient   = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unauthorized_client    INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not allow this site's client the authorization code grant. Allow it in the provider's console."],
        /// The server does not support this grant type.
        UnsupportedGrantType = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unsupported_grant_type INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not support this grant at its token endpoint. Check the endpoint."],
        /// The scope is unknown, or more than was granted.
        InvalidScope         = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_scope          INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the scope. Check the option scope."],
        /// The resource is unknown (RFC 8707 section 2).
        InvalidTarget        = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_target         INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the resource that the tokens are for."],
        /// The DPoP proof is not accepted (RFC 9449 section 5).
        InvalidDpopProof     = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_dpop_proof     INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the DPoP proof. Check the clocks, and which algorithms it supports."],
        /// The provider is overloaded, is being maintained, or fails.
        Unavailable          = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unavailable            INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider cannot exchange the code now. Try again."],
    }
}
