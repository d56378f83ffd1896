//! Where can users sign in? A provider is data: endpoints, credentials, scope, and where its answer holds the profile.

mod authentication;
mod custom;
mod custom_openid;
mod endpoints;
mod further_table;
mod openid;
mod openid_table;
mod overrides;
mod profile;
mod retention;
mod row;
mod special;
mod table;
mod valid;
mod valid_openid;

pub use custom::{CustomProvider, ProviderData};
pub use custom_openid::{AccessTokenBinding, CustomOpenIdProvider};
pub use further_table::{FACEBOOK, LINKEDIN, NAVER, PAYPAL, REDDIT, ZOOM};
pub use openid::{ClaimsSource, IdTokenKey, PushedRequests, SignOutScope};
pub use openid_table::{
    AMAZON_COGNITO, APPLE, AUTH0, AUTHENTIK, GOOGLE, HUGGING_FACE, KAKAO, KEYCLOAK, LINE, MICROSOFT_ENTRA_ID,
    OKTA, SALESFORCE, SLACK, YAHOO,
};
pub use profile::{Profile, ProfileError};
pub use retention::TokenRetention;
pub use row::{OpenIdRow, Row, RowPointers, RowProfile, RowProtocol};
pub use table::{
    ATLASSIAN, BITBUCKET, CLICK_UP, DISCORD, DRIBBBLE, DROPBOX, FIGMA, GITHUB, GITLAB, HUBSPOT, MAILCHIMP,
    NOTION, PINTEREST, ROWS, SPOTIFY, STRAVA, TWITCH, X,
};

pub(crate) use endpoints::{ExpectedIssuer, KnownProvider, OpenIdServer, UserInfoEndpoint};
pub(crate) use openid::{Dpop, IdTokens};
pub(crate) use valid::{ENCODED_PLACEHOLDER, ResponseMode, ValidProvider, is_sound};

use crate::oauth::client_auth::ClientAuthentication;
use openid::OpenIdOptions;
use profile::ProfileSource;
use serde::Deserialize;

/// A provider as the application configures it: a row of the table with credentials, or a custom one.
///
/// ```
/// use aura_proto::provider::GITHUB;
/// use aura_proto::ClientSecret;
///
/// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret")).scope("read:user");
/// assert_eq!((github.id(), github.name()), ("github", "GitHub"));
/// ```
#[derive(Clone, Debug)]
pub struct Provider {
    id: String,
    name: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    scope: String,
    authorization_parameters: Vec<(String, String)>,
    client_id: String,
    client_authentication: ClientAuthentication,
    proof_key: ProofKey,
    userinfo_method: UserInfoMethod,
    userinfo_headers: Vec<(String, String)>,
    issuer: Option<String>,
    iss: IssParameter,
    profile: ProfileSource,
    token_retention: TokenRetention,
    revocation_endpoint: Option<String>,
    request_parameters: Vec<String>,
    dpop: Dpop,
    protocol: ProviderProtocol,
    openid: OpenIdOptions,
}

/// Which protocol a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderProtocol {
    OAuth,
    OpenId,
}

/// Where the client's secret goes at the token endpoint (RFC 6749 section 2.3.1).
///
/// ```
/// use aura_proto::provider::{NOTION, SecretPlacement};
/// assert_eq!(NOTION.client_secret, Some(SecretPlacement::Basic));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum SecretPlacement {
    /// Into the form, after the client's id: `client_secret_post` in data.
    #[default]
    #[serde(rename = "client_secret_post")]
    Post,
    /// Into the header `Authorization`, after the client's id: `client_secret_basic` in data.
    #[serde(rename = "client_secret_basic")]
    Basic,
}

/// Whether a code is bound to the sign-in that it is for by a proof key (RFC 7636). Only rows say that it is not: nothing
/// that an application configures, and nothing that a provider publishes, leaves the key out.
///
/// ```
/// use aura_proto::provider::{GITHUB, ProofKey, SLACK};
/// assert_eq!(GITHUB.proof_key, ProofKey::S256);
/// assert_eq!(SLACK.proof_key, ProofKey::Refused);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofKey {
    /// It is.
    #[default]
    S256,
    /// The provider turns a client away that has a secret and sends a proof key, too. The client must have a secret.
    Refused,
}

/// How userinfo is asked. No request has a body.
///
/// ```
/// use aura_proto::provider::{DROPBOX, UserInfoMethod};
/// assert_eq!(DROPBOX.userinfo_method, UserInfoMethod::Post);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum UserInfoMethod {
    /// By `GET`.
    #[default]
    Get,
    /// By `POST`.
    Post,
}

/// Whether a provider names itself in its callbacks by the parameter `iss` (RFC 9207 section 2).
///
/// ```
/// use aura_proto::provider::{GITHUB, IssParameter};
/// assert_eq!(GITHUB.iss, IssParameter::Optional);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IssParameter {
    /// It may; then the name must be right.
    #[default]
    Optional,
    /// It always does; a callback without it is refused.
    Always,
}
