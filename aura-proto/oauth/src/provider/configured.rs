//! Options of a provider as flows read them.

use super::profile::ProfileSource;
use super::{
    AssertionAudience, ClaimsSource, EndSession, IdTokenKey, IssParameter, ProofKey, Protocol,
    PushedRequests, SignOutScope, TokenRetention, UnsolicitedCallbacks, UserInfoMethod,
};
use crate::oauth::client_auth::AuthenticationMethod;
use crate::oauth::dpop::Dpop;
use crate::oidc::issuer::Tenants;
use crate::secret::ClientSecret;
use std::time::Duration;

/// What a provider is configured with.
#[derive(Clone, Debug)]
pub struct ProviderOptions {
    /// The id, a part of the routes.
    pub id: String,
    /// The name on the button.
    pub name: String,
    /// What it speaks.
    pub(crate) protocol: Protocol,
    /// Where browsers are sent.
    pub(crate) authorization_endpoint: String,
    /// Where tokens are requested.
    pub(crate) token_endpoint: String,
    /// Where the user is described.
    pub(crate) userinfo_endpoint: String,
    /// Where e-mail addresses are listed, if they are apart from the profile.
    pub(crate) emails_endpoint: Option<String>,
    /// The names of scopes of which one permits to ask for them.
    pub(crate) emails_scope: String,
    /// Where tokens are revoked.
    pub(crate) revocation_endpoint: Option<String>,
    /// What is asked for.
    pub scope: String,
    /// Further parameters of the authorization request.
    pub authorization_parameters: Vec<(String, String)>,
    /// The parameters that each sign-in may set.
    pub request_parameters: Vec<String>,
    /// What a callback without `state` does.
    pub unsolicited_callbacks: UnsolicitedCallbacks,
    /// The parameters that mark a callback of the provider's own accord.
    pub(crate) unsolicited_parameters: &'static [&'static str],
    /// The client's id.
    pub client_id: String,
    /// The client's secret, if it has one.
    pub client_secret: Option<ClientSecret>,
    /// How the client authenticates.
    pub(crate) authentication: AuthenticationMethod,
    /// Whom its assertions are for.
    pub(crate) assertion_audience: AssertionAudience,
    /// The name of the parameter `client_id` in requests.
    pub client_id_parameter: String,
    /// Further parameters of token requests. Some providers require a secret there.
    pub token_parameters: Vec<(String, ClientSecret)>,
    /// Whether codes are bound by a proof key.
    pub proof_key: ProofKey,
    /// Whether access tokens are bound to a key.
    pub dpop: Dpop,
    /// By which method userinfo is asked.
    pub userinfo_method: UserInfoMethod,
    /// An API key may be a value.
    pub userinfo_headers: Vec<(String, ClientSecret)>,
    /// How the provider names itself.
    pub(crate) issuer: Option<String>,
    /// Where the configuration is read, where that is not below the issuer.
    pub(crate) discovery_url: Option<String>,
    /// Origins where this server may reach endpoints by http.
    pub(crate) backchannel_origins: Vec<String>,
    /// Whether every callback names the issuer.
    pub(crate) iss: IssParameter,
    /// How users are read.
    pub profile: ProfileSource,
    /// What becomes of the tokens.
    pub token_retention: TokenRetention,
    /// How long before its end a kept access token is refreshed.
    pub refresh_window: Duration,
    /// What describes the user.
    pub(crate) claims_source: ClaimsSource,
    /// By which key ID tokens are verified.
    pub(crate) id_token_key: IdTokenKey,
    /// Whether authorization requests are pushed.
    pub(crate) pushed_requests: PushedRequests,
    /// Where a sign-out ends sessions.
    pub sign_out: SignOutScope,
    /// How the provider takes a sign-out.
    pub end_session: EndSession,
    /// Further audiences that ID tokens may have.
    pub(crate) trusted_audiences: Vec<String>,
    /// The tenants whose users may sign in, if each tenant has an issuer; `None` if there is one issuer.
    pub(crate) tenants: Option<Tenants>,
}
