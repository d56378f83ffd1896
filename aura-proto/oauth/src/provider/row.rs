//! Rows of the table of built-in providers: facts, without options of the application.

use super::profile::{Profile, ProfileError, ProfileSource, RowPointers};
use super::{
    AssertionAudience, ClaimsSource, EndSession, IdTokenKey, IssParameter, ProofKey, Protocol, Provider,
    ProviderOptions, PushedRequests, SecretPlacement, SignOutScope, TokenRetention, UnsolicitedCallbacks,
    UserInfoMethod,
};
use crate::oauth::CLIENT_ID;
use crate::oauth::client_auth::{AuthenticationMethod, SecretMethod};
use crate::oauth::dpop::Dpop;
use crate::oidc::issuer::Tenants;
use crate::secret::ClientSecret;
use aura_session::internal::origin::parse_http_url;
use aura_session::setters;
use aura_types::User;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How long before its end a kept access token is refreshed, where nothing else is configured.
const REFRESH_WINDOW: Duration = Duration::from_secs(300);

/// A built-in provider: everything but the application's credentials.
///
/// ```
/// use aura_proto::provider::Row;
/// const OWN: Row = Row::openid("own", "Our own").issuer("https://id.example.com").scope("openid email");
/// assert_eq!((OWN.id, OWN.scope), ("own", "openid email"));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "add credentials by with_client"]
#[non_exhaustive]
pub struct Row {
    /// The id, which is the last segment of the provider's routes.
    pub id: &'static str,
    /// The name to show on a button.
    pub name: &'static str,
    /// The protocol.
    pub protocol: Protocol,
    /// The authorization endpoint; empty where the issuer publishes it, as are the other two.
    pub authorization_endpoint: &'static str,
    /// The token endpoint.
    pub token_endpoint: &'static str,
    /// The userinfo endpoint; `{access_token}` in its path is replaced by the token, which then is in no header.
    pub userinfo_endpoint: &'static str,
    /// Where e-mail addresses are listed, if they are apart from the profile: asked where userinfo has none.
    pub emails_endpoint: Option<&'static str>,
    /// The scopes that permit to ask for the list, of which one is enough: names separated by spaces.
    pub emails_scope: &'static str,
    /// The scope asked for: names separated by spaces.
    pub scope: &'static str,
    /// Further parameters of the authorization request (RFC 6749 section 8.2), name and value.
    pub authorization_parameters: &'static [(&'static str, &'static str)],
    /// Parameters that together mark a callback which the provider initiates, without `state`: it begins a
    /// new sign-in. Empty if the provider sends none.
    pub unsolicited_parameters: &'static [&'static str],
    /// Where the client's secret is sent at the token endpoint (RFC 6749 section 2.3.1). `None`: in the form for OAuth, by the
    /// published method for OpenID Connect.
    pub client_secret: Option<SecretPlacement>,
    /// Whether a code is bound to its sign-in by a proof key.
    pub proof_key: ProofKey,
    /// The method of userinfo requests.
    pub userinfo_method: UserInfoMethod,
    /// Further headers of the userinfo request; `{client_id}` in a value is replaced by the client's id.
    pub userinfo_headers: &'static [(&'static str, &'static str)],
    /// The issuer: of an OpenID Provider, or how the provider names itself in callbacks (RFC 9207), if that is known.
    pub issuer: Option<&'static str>,
    /// How a userinfo answer becomes a user.
    pub profile: RowProfile,
    /// Where an OpenID Provider's claims about the user are read.
    pub claims_source: ClaimsSource,
    /// The key that signs an OpenID Provider's ID tokens.
    pub id_token_key: IdTokenKey,
    /// How the page that ends the session there is asked.
    pub end_session: EndSession,
    /// Whether each tenant has an issuer of its own, which the published one is a template of.
    pub per_tenant: bool,
}

/// How a row reads the user out of a userinfo answer.
///
/// ```
/// use aura_providers::{DISCORD, GITHUB, RowProfile};
/// assert!(matches!(GITHUB.profile, RowProfile::Pointers(_)));
/// assert!(matches!(DISCORD.profile, RowProfile::Function(_)));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RowProfile {
    /// Behind JSON pointers.
    Pointers(RowPointers),
    /// By code, where a member has to be put together.
    Function(fn(&Value) -> Result<User, ProfileError>),
}

impl Row {
    /// Begins a row of an OAuth 2.0 provider.
    ///
    /// ```
    /// use aura_proto::provider::{Protocol, Row};
    /// assert_eq!(Row::oauth("own", "Our own").protocol, Protocol::OAuth);
    /// ```
    pub const fn oauth(id: &'static str, name: &'static str) -> Self {
        Self {
            id,
            name,
            protocol: Protocol::OAuth,
            authorization_endpoint: "",
            token_endpoint: "",
            userinfo_endpoint: "",
            emails_endpoint: None,
            emails_scope: "",
            scope: "",
            authorization_parameters: &[],
            unsolicited_parameters: &[],
            client_secret: None,
            proof_key: ProofKey::S256,
            userinfo_method: UserInfoMethod::Get,
            userinfo_headers: &[],
            issuer: None,
            profile: RowProfile::Pointers(RowPointers::USUAL),
            claims_source: ClaimsSource::UserInfo,
            id_token_key: IdTokenKey::Published,
            end_session: EndSession::RpInitiated,
            per_tenant: false,
        }
    }

    /// Begins a row of an OpenID Provider, with the claims of OpenID Connect Core 1.0 section 5.1.
    ///
    /// ```
    /// use aura_proto::provider::{Protocol, Row};
    /// assert_eq!(Row::openid("own", "Our own").protocol, Protocol::OpenId);
    /// ```
    pub const fn openid(id: &'static str, name: &'static str) -> Self {
        Self {
            protocol: Protocol::OpenId,
            scope: "openid profile email",
            profile: RowProfile::Pointers(RowPointers::OPENID),
            ..Self::oauth(id, name)
        }
    }

    /// Sets the authorization, token and userinfo endpoints of an OAuth 2.0 provider.
    ///
    /// ```
    /// use aura_proto::provider::Row;
    /// const OWN: Row = Row::oauth("own", "Our own").endpoints("https://a.test/a", "https://a.test/t", "https://a.test/u");
    /// assert_eq!(OWN.token_endpoint, "https://a.test/t");
    /// ```
    pub const fn endpoints(
        mut self,
        authorization: &'static str,
        token: &'static str,
        userinfo: &'static str,
    ) -> Self {
        (self.authorization_endpoint, self.token_endpoint, self.userinfo_endpoint) =
            (authorization, token, userinfo);
        self
    }

    /// Sets where [e-mail addresses](Self#structfield.emails_endpoint) are listed, and the scopes that permit to ask.
    ///
    /// ```
    /// use aura_proto::provider::Row;
    /// const OWN: Row = Row::oauth("own", "Our own").emails("https://a.test/emails", "email");
    /// assert_eq!(OWN.emails_endpoint, Some("https://a.test/emails"));
    /// ```
    pub const fn emails(mut self, endpoint: &'static str, scopes: &'static str) -> Self {
        (self.emails_endpoint, self.emails_scope) = (Some(endpoint), scopes);
        self
    }

    setters! {
        /// Sets the [scope](Self#structfield.scope).
        pub const fn scope(scope: &'static str) { scope = scope }

        /// Sets the [further parameters](Self#structfield.authorization_parameters) of the authorization request.
        pub const fn authorization_parameters(parameters: &'static [(&'static str, &'static str)]) {
            authorization_parameters = parameters
        }

        /// Sets the [parameters](Self#structfield.unsolicited_parameters) of callbacks of the provider's own accord.
        pub const fn unsolicited_parameters(unsolicited_parameters: &'static [&'static str]) {
            unsolicited_parameters = unsolicited_parameters
        }

        /// Sets whether there is a [proof key](Self#structfield.proof_key).
        pub const fn proof_key(proof_key: ProofKey) { proof_key = proof_key }

        /// Sets the [method](Self#structfield.userinfo_method) of userinfo requests.
        pub const fn userinfo_method(userinfo_method: UserInfoMethod) { userinfo_method = userinfo_method }

        /// Sets the [further headers](Self#structfield.userinfo_headers) of userinfo requests.
        pub const fn userinfo_headers(userinfo_headers: &'static [(&'static str, &'static str)]) {
            userinfo_headers = userinfo_headers
        }

        /// Sets where the [claims](Self#structfield.claims_source) are read.
        pub const fn claims_source(claims_source: ClaimsSource) { claims_source = claims_source }

        /// Sets the [key](Self#structfield.id_token_key) that signs ID tokens.
        pub const fn id_token_key(id_token_key: IdTokenKey) { id_token_key = id_token_key }

        /// Sets how the page that ends the session is [asked](Self#structfield.end_session).
        pub const fn end_session(end_session: EndSession) { end_session = end_session }

        /// Sets where the client's secret [goes](Self#structfield.client_secret).
        pub const fn client_secret(placement: SecretPlacement) { client_secret = Some(placement) }

        /// Sets the [issuer](Self#structfield.issuer).
        pub const fn issuer(issuer: &'static str) { issuer = Some(issuer) }

        /// Sets an issuer for each tenant.
        pub const fn per_tenant() { per_tenant = true }

        /// Reads the user by a function.
        pub const fn profile_by(function: fn(&Value) -> Result<User, ProfileError>) {
            profile = RowProfile::Function(function)
        }
    }

    /// Reads the user behind JSON pointers to id, name, e-mail address and picture.
    pub const fn pointers(
        mut self,
        sub: &'static [&'static str],
        name: &'static [&'static str],
        email: &'static [&'static str],
        image: &'static [&'static str],
    ) -> Self {
        self.profile = RowProfile::Pointers(RowPointers::new(sub, name, email, image));
        self
    }

    /// Adds the credentials that the provider gave to the application.
    ///
    /// ```
    /// use aura_proto::ClientSecret;
    /// use aura_providers::GITHUB;
    /// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
    /// assert_eq!(github.name(), "GitHub");
    /// ```
    pub fn with_client(self, client_id: impl Into<String>, client_secret: ClientSecret) -> Provider {
        self.with_public_client(client_id).client_secret(client_secret)
    }

    /// Adds the id of a public client, which has no secret (RFC 6749 section 2.1), or of one that authenticates otherwise:
    /// by [`private_key_jwt`](Provider::private_key_jwt), for one.
    ///
    /// ```
    /// use aura_providers::KEYCLOAK;
    /// let keycloak = KEYCLOAK.with_public_client("client-id").issuer("https://id.example.com/realms/main");
    /// assert_eq!(keycloak.name(), "Keycloak");
    /// ```
    pub fn with_public_client(self, client_id: impl Into<String>) -> Provider {
        Provider::of_row(self, client_id.into())
    }

    /// Tells whether an authorization endpoint is that of the row: of an OpenID Provider it is known on which origin it is.
    #[doc(hidden)]
    pub fn is_at(&self, authorization_endpoint: &Url) -> bool {
        match self.protocol {
            Protocol::OAuth => authorization_endpoint.as_str().starts_with(self.authorization_endpoint),
            Protocol::OpenId => self
                .issuer
                .and_then(parse_http_url)
                .is_some_and(|issuer| issuer.origin() == authorization_endpoint.origin()),
        }
    }
}

impl Provider {
    /// Makes the provider that a row describes, with a public client.
    pub(super) fn of_row(row: Row, client_id: String) -> Self {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let options = ProviderOptions {
            id: row.id.to_owned(),
            name: row.name.to_owned(),
            protocol: row.protocol,
            authorization_endpoint: row.authorization_endpoint.to_owned(),
            token_endpoint: row.token_endpoint.to_owned(),
            userinfo_endpoint: row.userinfo_endpoint.to_owned(),
            emails_endpoint: row.emails_endpoint.map(str::to_owned),
            emails_scope: row.emails_scope.to_owned(),
            revocation_endpoint: None,
            scope: row.scope.to_owned(),
            authorization_parameters: owned(row.authorization_parameters),
            request_parameters: Vec::new(),
            unsolicited_callbacks: UnsolicitedCallbacks::Refused,
            unsolicited_parameters: row.unsolicited_parameters,
            client_id,
            client_secret: None,
            authentication: AuthenticationMethod::Secret(match (row.client_secret, row.protocol) {
                (Some(placement), _) => placement.into(),
                (None, Protocol::OAuth) => SecretMethod::Post,
                (None, Protocol::OpenId) => SecretMethod::AsPublished,
            }),
            assertion_audience: AssertionAudience::Issuer,
            client_id_parameter: CLIENT_ID.to_owned(),
            token_parameters: Vec::new(),
            proof_key: row.proof_key,
            dpop: Dpop::Off,
            userinfo_method: row.userinfo_method,
            userinfo_headers: row
                .userinfo_headers
                .iter()
                .map(|&(name, value)| (name.to_owned(), ClientSecret::new(value)))
                .collect(),
            issuer: row.issuer.map(str::to_owned),
            discovery_url: None,
            backchannel_origins: Vec::new(),
            iss: IssParameter::Optional,
            profile: match row.profile {
                RowProfile::Pointers(pointers) => ProfileSource::Pointers(Profile::from(pointers)),
                RowProfile::Function(function) => ProfileSource::function(function),
            },
            token_retention: TokenRetention::Dropped,
            refresh_window: REFRESH_WINDOW,
            claims_source: row.claims_source,
            id_token_key: row.id_token_key,
            pushed_requests: PushedRequests::Offered,
            sign_out: SignOutScope::Site,
            end_session: row.end_session,
            trusted_audiences: Vec::new(),
            tenants: row.per_tenant.then_some(Tenants::Any),
        };
        Self { options }
    }
}
