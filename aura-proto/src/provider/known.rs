//! Endpoints of a provider: those that are configured, or those that it publishes.

use super::check::CheckedProvider;
use super::check_openid::{IdTokens, OpenId};
use super::options::{ClaimsSource, IssParameter};
use super::profile::ProfileError;
use crate::error::ProviderError;
use crate::event::DisplayClaim;
use crate::oauth::authorization::ExpectedIssuer;
use crate::oauth::userinfo::UserInfoEndpoint;
use crate::oidc::discovery::Metadata;
use crate::oidc::id_token::Parties;
use crate::oidc::issuer::Issuer;
use crate::session::User;
use aura_jose::SigningAlgorithm;
use http::Uri;
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;
use url::Url;

/// The endpoints of a provider, as far as a flow needs them.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    pub(crate) token: Uri,
    /// Where the user is described; `None` where the ID token says everything.
    pub(crate) userinfo: Option<UserInfoEndpoint>,
    pub(crate) revocation: Option<Uri>,
    /// What a callback's `iss` must say.
    pub(crate) issuer: ExpectedIssuer,
    /// The OpenID Provider that this is, if it is one.
    pub(crate) openid: Option<Box<OpenIdServer>>,
}

/// An OpenID Provider whose configuration has been read.
#[derive(Clone, Debug)]
pub(crate) struct OpenIdServer {
    /// What was configured.
    pub(crate) config: OpenId,
    /// What is published.
    pub(crate) metadata: Metadata,
}

/// A provider whose endpoints are known.
#[derive(Clone, Debug)]
pub(crate) struct KnownProvider {
    provider: Arc<CheckedProvider>,
    pub(crate) endpoints: Arc<Endpoints>,
}

impl Deref for KnownProvider {
    type Target = CheckedProvider;

    fn deref(&self) -> &CheckedProvider {
        &self.provider
    }
}

impl KnownProvider {
    pub(crate) fn new(provider: Arc<CheckedProvider>, endpoints: Arc<Endpoints>) -> Self {
        Self { provider, endpoints }
    }

    /// Joins what is configured and what is published: the application's word counts.
    pub(crate) fn discovered(provider: &CheckedProvider, config: &OpenId, metadata: Metadata) -> Self {
        let placement = metadata.secret_placement;
        let userinfo = config.userinfo_endpoint.clone().or_else(|| metadata.userinfo_endpoint.clone());
        let always = metadata.iss_parameter || config.iss == IssParameter::Always;
        let issuer = match (&config.issuer, always) {
            // A template names nobody.
            (Issuer::PerTenant { .. }, _) => ExpectedIssuer::Unknown,
            (Issuer::Exactly(issuer), true) => ExpectedIssuer::Always(issuer.clone()),
            (Issuer::Exactly(issuer), false) => ExpectedIssuer::IfSent(issuer.clone()),
        };
        let endpoints = Endpoints {
            authorization: metadata.authorization_endpoint.clone(),
            token: metadata.token_endpoint.clone(),
            userinfo: match (config.claims_source, userinfo) {
                (ClaimsSource::UserInfo, uri) => uri.map(UserInfoEndpoint::Header),
                (ClaimsSource::IdToken, _) => None,
            },
            revocation: config.revocation_endpoint.clone().or_else(|| metadata.revocation_endpoint.clone()),
            issuer,
            openid: Some(Box::new(OpenIdServer { config: config.clone(), metadata })),
        };
        let mut provider = provider.clone();
        provider.client_authentication = provider.client_authentication.where_published(placement);
        Self { provider: Arc::new(provider), endpoints: Arc::new(endpoints) }
    }

    /// Reads the user out of what the provider answered, and which claims were left out.
    pub(crate) fn user(&self, said: &Value) -> Result<(User, Vec<DisplayClaim>), ProviderError> {
        self.profile.user(said).map_err(|error| match error {
            ProfileError::WithoutId => ProviderError::UserInfoWithoutId,
            ProfileError::WrongType => ProviderError::UserInfoMalformed,
        })
    }

    /// Returns the OpenID Provider that this is, if it is one.
    pub(crate) fn openid(&self) -> Option<&OpenIdServer> {
        self.endpoints.openid.as_deref()
    }
}

impl OpenIdServer {
    /// Returns the same for signed answers of userinfo, which may be signed by other algorithms.
    pub(crate) fn userinfo_parties<'a>(&'a self, client_id: &'a str) -> Parties<'a> {
        let parties = self.parties(client_id);
        match self.config.id_tokens {
            IdTokens::SignedByPublishedKey => {
                Parties { permitted: &self.metadata.userinfo_algorithms, ..parties }
            }
            IdTokens::SignedBySecret(_) => parties,
        }
    }

    /// Returns who its tokens are from, and whom they are for.
    pub(crate) fn parties<'a>(&'a self, client_id: &'a str) -> Parties<'a> {
        Parties {
            issuer: &self.config.issuer,
            published: &self.metadata.issuer,
            client_id,
            trusted_audiences: &self.config.trusted_audiences,
            permitted: match self.config.id_tokens {
                IdTokens::SignedByPublishedKey => &self.metadata.id_token_algorithms,
                IdTokens::SignedBySecret(_) => &[SigningAlgorithm::Hs256],
            },
        }
    }
}
