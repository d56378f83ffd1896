//! Enumerations among a provider's options.

use serde::Deserialize;

/// The protocol of a provider.
///
/// ```
/// use aura_providers::{GITHUB, GOOGLE, Protocol};
/// assert_eq!(GITHUB.protocol, Protocol::OAuth);
/// assert_eq!(GOOGLE.protocol, Protocol::OpenId);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// OAuth 2.0, at configured endpoints.
    OAuth,
    /// OpenID Connect, at the endpoints that the issuer publishes.
    OpenId,
}

/// The method of userinfo requests, which have no body.
///
/// ```
/// use aura_providers::{DROPBOX, UserInfoMethod};
/// assert_eq!(DROPBOX.userinfo_method, UserInfoMethod::Post);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum UserInfoMethod {
    /// `GET`.
    #[default]
    Get,
    /// `POST`.
    Post,
}

/// Whether a provider sends `iss` in every authorization response (RFC 9207 section 2).
///
/// ```
/// use aura_proto::provider::{IssParameter, Provider};
/// let strict = Provider::oauth("work", "client-id").issuer("https://id.example.com").iss(IssParameter::Always);
/// assert_ne!(IssParameter::default(), IssParameter::Always);
/// # let _ = strict;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IssParameter {
    /// `iss` may be absent. If it is present, it must equal the issuer.
    #[default]
    Optional,
    /// A callback without `iss` is refused.
    Always,
}

/// Where the claims about the user are read.
///
/// ```
/// use aura_providers::{ClaimsSource, GOOGLE};
/// assert_eq!(GOOGLE.claims_source, ClaimsSource::IdToken);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ClaimsSource {
    /// In userinfo, merged with the claims of the ID token: `userinfo` in data.
    #[default]
    UserInfo,
    /// In the ID token alone, which saves an exchange: `idtoken` in data.
    IdToken,
}

/// By which key a provider signs ID tokens.
///
/// ```
/// use aura_providers::{IdTokenKey, LINE};
/// assert_eq!(LINE.id_token_key, IdTokenKey::ClientSecret);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdTokenKey {
    /// By one that it publishes.
    #[default]
    Published,
    /// By the client's secret, with HS256. Tokens with other algorithms are refused.
    ClientSecret,
}

/// The audience of a client assertion (RFC 7523 section 3).
///
/// ```
/// use aura_proto::provider::AssertionAudience;
/// assert_eq!(AssertionAudience::default(), AssertionAudience::Issuer);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The issuer, so that no endpoint of another provider can use the assertion.
    #[default]
    Issuer,
    /// The token endpoint: `token_endpoint` in data. Some providers accept nothing else (Okta).
    TokenEndpoint,
}

/// Whose sessions a sign-out ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SignOutScope {
    /// That of this site.
    #[default]
    Site,
    /// That of the provider, too, where it publishes how (OpenID Connect RP-Initiated Logout 1.0).
    Provider,
}

/// The parameters that the end-session endpoint of a provider takes.
///
/// ```
/// use aura_providers::{AMAZON_COGNITO, EndSession, KEYCLOAK};
/// assert_eq!(AMAZON_COGNITO.end_session, EndSession::LogoutUri);
/// assert_eq!(KEYCLOAK.end_session, EndSession::RpInitiated);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndSession {
    /// Those of OpenID Connect RP-Initiated Logout 1.0: `rp_initiated` in data.
    #[default]
    RpInitiated,
    /// Only `client_id` and `logout_uri` (Amazon Cognito): `logout_uri` in data.
    LogoutUri,
}

/// Whether authorization requests are pushed (RFC 9126).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PushedRequests {
    /// If the provider offers it. The browser sends a request that the provider refuses, unless the provider requires pushed
    /// requests.
    #[default]
    Offered,
    /// Always: the sign-in fails where the provider does not offer it, or refuses the request. For sites whose parameters
    /// (`acr_values`, `resource`) the user must not change.
    Required,
    /// Never.
    Never,
}

/// How a callback without `state` is answered: the provider initiated it, or it is forged. Its code is never exchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnsolicitedCallbacks {
    /// It is refused, unless it has the provider's [parameters](crate::provider::Row::unsolicited_parameters).
    #[default]
    Refused,
    /// It begins a new sign-in, as `GET /signIn/:provider` does: once in ten seconds, so that a provider that drops the state does
    /// not send the browser round without end.
    SignIn,
}

/// Whether the tokens that a provider grants are kept with the session, and for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TokenRetention {
    /// They are dropped as soon as the user is known.
    #[default]
    Dropped,
    /// They are sealed into a cookie; the server side reads them through `Auth::provider_tokens`.
    Kept,
    /// They are kept, and scripts of the site's pages may read them by `GET /providers/:provider/tokens`.
    Readable,
}
