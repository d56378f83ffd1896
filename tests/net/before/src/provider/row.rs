//! What does a row of the table of providers hold? Facts, and nothing that an application decides.

use super::openid::{ClaimsSource, Dpop, IdTokenKey, OpenIdOptions, TenantOption};
use super::profile::{Profile, ProfileError, ProfileSource, read_pointers};
use super::{
    IssParameter, ProofKey, Provider, ProviderProtocol, SecretPlacement, TokenRetention, UserInfoMethod,
};
use crate::oauth::client_auth::ClientAuthentication;
use crate::secret::ClientSecret;
use crate::session::User;
use serde_json::Value;

/// A built-in provider: everything but the application's credentials.
///
/// ```
/// use aura_proto::provider::GITHUB;
/// assert_eq!(GITHUB.id, "github");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The id, which is the last segment of the provider's routes.
    pub id: &'static str,
    /// The name to show on a button.
    pub name: &'static str,
    /// Where the browser is sent.
    pub authorization_endpoint: &'static str,
    /// Where the code is exchanged.
    pub token_endpoint: &'static str,
    /// Where the user is described; `{access_token}` in its path stands for the token, which then is in no header.
    pub userinfo_endpoint: &'static str,
    /// The scope asked for: names separated by spaces.
    pub scope: &'static str,
    /// Further parameters of the authorization request (RFC 6749 section 8.2), name and value.
    pub authorization_parameters: &'static [(&'static str, &'static str)],
    /// Where the client's secret goes at the token endpoint (RFC 6749 section 2.3.1); unsaid, into the form, or where an
    /// OpenID Provider publishes that it goes.
    pub client_secret: Option<SecretPlacement>,
    /// Whether a code is bound to its sign-in by a proof key.
    pub proof_key: ProofKey,
    /// How userinfo is asked.
    pub userinfo_method: UserInfoMethod,
    /// Further headers of the userinfo request; `{client_id}` in a value stands for the application's id.
    pub userinfo_headers: &'static [(&'static str, &'static str)],
    /// The issuer that the provider names itself in callbacks, where it is known to (RFC 9207).
    pub issuer: Option<&'static str>,
    /// Whether it names itself in every callback.
    pub iss: IssParameter,
    /// Which protocol it speaks.
    pub protocol: RowProtocol,
    /// How a userinfo answer becomes a user.
    pub profile: RowProfile,
}

/// Which protocol a built-in provider speaks.
///
/// ```
/// use aura_proto::provider::{GITHUB, GOOGLE, RowProtocol};
/// assert!(matches!(GITHUB.protocol, RowProtocol::OAuth));
/// assert!(matches!(GOOGLE.protocol, RowProtocol::OpenId(_)));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RowProtocol {
    /// OAuth 2.0, at the row's endpoints.
    OAuth,
    /// OpenID Connect: the endpoints are those that the issuer publishes, and the row's are empty.
    OpenId(OpenIdRow),
}

/// What a row says of an OpenID Provider beyond what it publishes.
///
/// ```
/// use aura_proto::provider::{GOOGLE, RowProtocol};
/// let RowProtocol::OpenId(google) = GOOGLE.protocol else { unreachable!() };
/// assert!(!google.per_tenant);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OpenIdRow {
    /// Where the claims about the user are read.
    pub claims_source: ClaimsSource,
    /// By which key ID tokens are signed.
    pub id_token_key: IdTokenKey,
    /// Whether each tenant has an issuer of its own, which the published one is a template of.
    pub per_tenant: bool,
}

impl OpenIdRow {
    /// What most OpenID Providers have in common.
    pub(super) const USUAL: Self = Self {
        claims_source: ClaimsSource::UserInfo,
        id_token_key: IdTokenKey::Published,
        per_tenant: false,
    };
}

/// How a row reads the user out of a userinfo answer.
///
/// ```
/// use aura_proto::provider::{DISCORD, GITHUB, RowProfile};
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

/// For each member of the user the JSON pointers (RFC 6901) to try in order; the first that is there counts.
///
/// ```
/// use aura_proto::provider::{GITHUB, RowProfile};
/// let RowProfile::Pointers(pointers) = GITHUB.profile else { unreachable!() };
/// assert_eq!(pointers.name, ["/name", "/login"]);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RowPointers {
    /// To the id.
    pub sub: &'static [&'static str],
    /// To the name.
    pub name: &'static [&'static str],
    /// To the e-mail address.
    pub email: &'static [&'static str],
    /// To the URL of a picture.
    pub image: &'static [&'static str],
}

impl Row {
    /// What most providers have in common; the rest has to be said.
    pub(super) const USUAL: Self = Self {
        id: "",
        name: "",
        authorization_endpoint: "",
        token_endpoint: "",
        userinfo_endpoint: "",
        scope: "",
        authorization_parameters: &[],
        client_secret: None,
        proof_key: ProofKey::S256,
        userinfo_method: UserInfoMethod::Get,
        userinfo_headers: &[],
        issuer: None,
        iss: IssParameter::Optional,
        protocol: RowProtocol::OAuth,
        profile: RowProfile::Pointers(RowPointers { sub: &[], name: &[], email: &[], image: &[] }),
    };

    /// Adds the credentials that the provider gave to the application.
    ///
    /// ```
    /// use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
    /// assert_eq!(github.name(), "GitHub");
    /// ```
    pub fn with_client(self, client_id: impl Into<String>, client_secret: ClientSecret) -> Provider {
        let authentication = match (self.client_secret, self.protocol) {
            (None, RowProtocol::OpenId(_)) => ClientAuthentication::SecretAsPublished(client_secret),
            (None, RowProtocol::OAuth) => ClientAuthentication::SecretPost(client_secret),
            (Some(placement), _) => ClientAuthentication::with_secret(placement, client_secret),
        };
        self.with_authentication(client_id.into(), authentication)
    }

    /// Adds the id of a public client, which has no secret (RFC 6749 section 2.1), or of one that authenticates otherwise:
    /// by [`private_key_jwt`](Provider::private_key_jwt), for one.
    ///
    /// ```
    /// use aura_proto::provider::KEYCLOAK;
    /// let keycloak = KEYCLOAK.with_public_client("client-id").issuer("https://id.example.com/realms/main");
    /// assert_eq!(keycloak.name(), "Keycloak");
    /// ```
    pub fn with_public_client(self, client_id: impl Into<String>) -> Provider {
        self.with_authentication(client_id.into(), ClientAuthentication::None)
    }

    fn with_authentication(self, client_id: String, client_authentication: ClientAuthentication) -> Provider {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        Provider {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            authorization_endpoint: self.authorization_endpoint.to_owned(),
            token_endpoint: self.token_endpoint.to_owned(),
            userinfo_endpoint: self.userinfo_endpoint.to_owned(),
            scope: self.scope.to_owned(),
            authorization_parameters: owned(self.authorization_parameters),
            client_id,
            client_authentication,
            proof_key: self.proof_key,
            userinfo_method: self.userinfo_method,
            userinfo_headers: owned(self.userinfo_headers),
            issuer: self.issuer.map(str::to_owned),
            iss: self.iss,
            profile: match self.profile {
                RowProfile::Pointers(pointers) => ProfileSource::Pointers(Profile::from(pointers)),
                RowProfile::Function(function) => ProfileSource::function(function),
            },
            token_retention: TokenRetention::default(),
            revocation_endpoint: None,
            request_parameters: Vec::new(),
            dpop: Dpop::Off,
            protocol: match self.protocol {
                RowProtocol::OAuth => ProviderProtocol::OAuth,
                RowProtocol::OpenId(_) => ProviderProtocol::OpenId,
            },
            openid: match self.protocol {
                RowProtocol::OAuth => OpenIdOptions::default(),
                RowProtocol::OpenId(row) => OpenIdOptions {
                    claims_source: row.claims_source,
                    id_token_key: row.id_token_key,
                    tenants: if row.per_tenant { TenantOption::Any } else { TenantOption::OneIssuer },
                    ..OpenIdOptions::default()
                },
            },
        }
    }
}

impl RowProfile {
    /// Pointers to id, name, e-mail and picture.
    pub(super) const fn pointers(
        sub: &'static [&'static str],
        name: &'static [&'static str],
        email: &'static [&'static str],
        image: &'static [&'static str],
    ) -> Self {
        Self::Pointers(RowPointers { sub, name, email, image })
    }
}

impl RowPointers {
    pub(super) fn user(&self, userinfo: &Value) -> Result<User, ProfileError> {
        read_pointers(userinfo, self.sub, self.name, self.email, self.image)
    }
}
