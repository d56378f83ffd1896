//! Endpoints of a provider: those that are configured, or those that it publishes.
#![expect(clippy::exhaustive_enums, reason = "aura-proto alone matches them, and has to handle each variant")]

use super::check::CheckedProvider;
use super::{AssertionAudience, ClaimsSource, IssParameter, ProviderOptions, PushedRequests};
use crate::oauth::authorization::ExpectedIssuer;
use crate::oauth::client_auth::{Client, ClientAuthentication, Credentials};
use crate::oauth::userinfo::UserInfoEndpoint;
use crate::oidc::discovery::{self, Metadata};
use crate::oidc::id_token::Parties;
use crate::oidc::issuer::{Issuer, TENANT};
use crate::refused::{DiscoveryRefused, NoRequest};
use crate::secret::ClientSecret;
use aura_jose::SigningAlgorithm;
use aura_session::internal::entropy::Entropy;
use aura_session::internal::origin::Origin;
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Response, Uri};
use url::Url;

/// The parsed configuration of an OpenID Provider.
#[derive(Clone, Debug)]
pub struct OpenId {
    /// The issuer.
    pub issuer: Issuer,
    /// Where the configuration is read.
    pub discovery_url: Uri,
    /// Where endpoints may be that only this server asks.
    pub(super) backchannel_origins: Vec<Origin>,
    /// What verifies its ID tokens.
    pub id_tokens: IdTokens,
    pub(super) client_authentication: ClientAuthentication,
    pub(super) userinfo_endpoint: Option<Uri>,
    pub(super) revocation_endpoint: Option<Uri>,
}

/// The key that verifies a provider's ID tokens.
#[derive(Clone, Debug)]
pub enum IdTokens {
    /// A key that it publishes.
    SignedByPublishedKey,
    /// The client's secret.
    SignedBySecret(ClientSecret),
}

impl OpenId {
    /// Returns the member of a published configuration whose endpoint is not allowed.
    pub fn refused_endpoint(&self, response: &Response<Bytes>) -> Option<&'static str> {
        discovery::refused_endpoint(response, &self.issuer, &self.backchannel_origins)
    }

    /// Reads a published configuration: one that this provider may publish, and that says how to verify its ID tokens.
    pub fn read(&self, response: &Response<Bytes>) -> Result<Metadata, DiscoveryRefused> {
        let metadata = Metadata::parse(response, &self.issuer, &self.backchannel_origins)?;
        match self.id_tokens {
            IdTokens::SignedByPublishedKey if metadata.id_token_algorithms.is_empty() => {
                Err(DiscoveryRefused::Algorithms)
            }
            IdTokens::SignedByPublishedKey | IdTokens::SignedBySecret(_) => Ok(metadata),
        }
    }
}

/// The endpoints of a provider, as far as a flow needs them.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The authorization endpoint.
    pub authorization: Url,
    /// The token endpoint.
    pub token: Uri,
    /// The userinfo endpoint; `None` if the ID token has every claim.
    pub userinfo: Option<UserInfoEndpoint>,
    /// Where the user's e-mail addresses are listed, if they are apart from the profile and the scope asks for them.
    pub emails: Option<UserInfoEndpoint>,
    /// The revocation endpoint.
    pub revocation: Option<Uri>,
    /// The issuer that a callback's `iss` must be.
    pub issuer: ExpectedIssuer,
    /// How the client authenticates at them.
    pub client_authentication: ClientAuthentication,
    /// The published configuration, if it is an OpenID Provider.
    pub(super) metadata: Option<Box<Metadata>>,
}

/// An OpenID Provider whose configuration has been read.
#[derive(Clone, Copy, Debug)]
pub struct OpenIdServer<'a> {
    /// The options.
    pub provider: &'a ProviderOptions,
    /// What is configured.
    pub config: &'a OpenId,
    /// The published part.
    pub metadata: &'a Metadata,
}

impl Endpoints {
    /// Makes the client's credentials for one request (RFC 6749 section 2.3). What a client signs is for the issuer, if there is
    /// one for all users, or else for the token endpoint.
    pub fn credentials(
        &self,
        options: &ProviderOptions,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<Credentials, NoRequest> {
        let issuer = self.metadata.as_ref().map(|metadata| &metadata.issuer);
        let audience = || match (options.assertion_audience, issuer) {
            (AssertionAudience::Issuer, Some(issuer)) if !issuer.contains(TENANT) => issuer.clone(),
            (AssertionAudience::Issuer | AssertionAudience::TokenEndpoint, _) => self.token.to_string(),
        };
        let client = Client { id: &options.client_id, id_parameter: &options.client_id_parameter };
        self.client_authentication.credentials(client, audience, entropy, now)
    }

    /// Merges configuration and discovery metadata. The configuration wins, but `iss` is required if either requires it.
    pub fn discovered(provider: &ProviderOptions, config: &OpenId, metadata: Metadata) -> Self {
        let userinfo = config.userinfo_endpoint.clone().or_else(|| metadata.userinfo_endpoint.clone());
        let always = metadata.iss_parameter || provider.iss == IssParameter::Always;
        Self {
            authorization: metadata.authorization_endpoint.clone(),
            token: metadata.token_endpoint.clone(),
            userinfo: match (provider.claims_source, userinfo) {
                (ClaimsSource::UserInfo, uri) => uri.map(UserInfoEndpoint::Header),
                (ClaimsSource::IdToken, _) => None,
            },
            emails: None,
            revocation: config.revocation_endpoint.clone().or_else(|| metadata.revocation_endpoint.clone()),
            issuer: match (&config.issuer, always) {
                // A template is not the issuer of one tenant.
                (Issuer::PerTenant { .. }, _) => ExpectedIssuer::Unknown,
                (Issuer::Exactly(issuer), true) => ExpectedIssuer::Always(issuer.clone()),
                (Issuer::Exactly(issuer), false) => ExpectedIssuer::IfSent(issuer.clone()),
            },
            client_authentication: config
                .client_authentication
                .clone()
                .where_published(metadata.secret_placement),
            metadata: Some(Box::new(metadata)),
        }
    }
}

impl<'a> OpenIdServer<'a> {
    /// Joins what is configured and what is published; `None` where the provider is no OpenID Provider.
    pub fn new(provider: &'a CheckedProvider, endpoints: &'a Endpoints) -> Option<Self> {
        let (config, metadata) = provider.openid().zip(endpoints.metadata.as_deref())?;
        Some(Self { provider, config, metadata })
    }

    /// Returns where authorization requests are pushed, if they are, and whether they must be (RFC 9126 section 5).
    pub fn push_endpoint(self) -> Result<Option<(&'a Uri, bool)>, DiscoveryRefused> {
        let is_required = match self.provider.pushed_requests {
            PushedRequests::Never => return Ok(None),
            PushedRequests::Offered => self.metadata.requires_pushed_requests,
            PushedRequests::Required => true,
        };
        match &self.metadata.pushed_authorization_request_endpoint {
            None if is_required => Err(DiscoveryRefused::Malformed),
            endpoint => Ok(endpoint.as_ref().map(|endpoint| (endpoint, is_required))),
        }
    }

    /// Returns who its tokens are from, and whom they are for.
    pub fn parties(self) -> Parties<'a> {
        self.parties_by(&self.metadata.id_token_algorithms)
    }

    /// Returns the same for signed answers of userinfo, which may be signed by other algorithms.
    pub fn userinfo_parties(self) -> Parties<'a> {
        self.parties_by(&self.metadata.userinfo_algorithms)
    }

    fn parties_by(self, published: &'a [SigningAlgorithm]) -> Parties<'a> {
        Parties {
            issuer: &self.config.issuer,
            published: &self.metadata.issuer,
            client_id: &self.provider.client_id,
            trusted_audiences: &self.provider.trusted_audiences,
            permitted: match self.config.id_tokens {
                IdTokens::SignedByPublishedKey => published,
                IdTokens::SignedBySecret(_) => &[SigningAlgorithm::Hs256],
            },
        }
    }
}
