//! The check of a provider, performed once, so that flows get only parsed URLs and headers.
#![expect(clippy::exhaustive_enums, reason = "aura-proto alone matches them, and has to handle each variant")]

use super::endpoints::{Endpoints, IdTokens, OpenId};
use super::openid::open_parameters;
use super::{
    EndSession, IdTokenKey, IssParameter, ProofKey, Protocol, Provider, ProviderOptions, ProviderProblem,
    SignOutScope, TokenRetention, UnsolicitedCallbacks,
};
use crate::oauth::authorization::ExpectedIssuer;
use crate::oauth::client_auth::ClientAuthentication;
use crate::oauth::dpop::Dpop;
use crate::oauth::token::TokenType;
use crate::oauth::userinfo::UserInfoEndpoint;
use crate::oidc::issuer::Issuer;
use aura_session::internal::origin::{Origin, is_loopback, parse_http_url, to_uri};
use http::{HeaderName, HeaderValue, Uri};
use std::ops::Deref;
use std::sync::Arc;
use url::Url;

/// Longest provider id, in characters.
const MAX_ID: usize = 64;

/// The segments of an issuer's path that mean more than one tenant (Microsoft Entra ID).
const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// A provider whose every member has been checked: what is configured, and what was parsed of it.
#[derive(Clone, Debug)]
pub struct CheckedProvider {
    options: ProviderOptions,
    server: Server,
    /// The headers of userinfo requests.
    pub userinfo_headers: Vec<(HeaderName, HeaderValue)>,
}

/// Where a provider is reached.
#[derive(Clone, Debug)]
enum Server {
    /// At these endpoints.
    Fixed(Arc<Endpoints>),
    /// At those that it publishes.
    Published(Box<OpenId>),
}

/// How the provider answers the authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// By the callback's query.
    Query,
    /// By a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Which of the granted tokens are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// None of them.
    Nothing,
    /// The ID token alone, which names the session that a sign-out ends at the provider.
    IdToken,
    /// All of them.
    Everything,
}

impl Deref for CheckedProvider {
    type Target = ProviderOptions;

    fn deref(&self) -> &ProviderOptions {
        &self.options
    }
}

impl CheckedProvider {
    /// Returns what is kept of what the provider grants.
    pub fn kept(&self) -> Kept {
        let needs_hint = self.openid().is_some()
            && self.sign_out == SignOutScope::Provider
            && self.end_session == EndSession::RpInitiated;
        match self.token_retention {
            TokenRetention::Kept | TokenRetention::Readable => Kept::Everything,
            TokenRetention::Dropped if needs_hint => Kept::IdToken,
            TokenRetention::Dropped => Kept::Nothing,
        }
    }

    /// Returns the endpoints, or else what tells where they are published.
    pub fn known(&self) -> Result<&Arc<Endpoints>, &OpenId> {
        match &self.server {
            Server::Fixed(endpoints) => Ok(endpoints),
            Server::Published(openid) => Err(openid),
        }
    }

    /// Returns the endpoints that were configured.
    pub fn configured(&self) -> Option<&Endpoints> {
        self.known().ok().map(Arc::as_ref)
    }

    /// Returns what was configured of an OpenID Provider.
    pub fn openid(&self) -> Option<&OpenId> {
        self.known().err()
    }

    /// Tells whether access tokens are bound to a key (RFC 9449).
    pub fn is_bound(&self) -> bool {
        match self.dpop {
            Dpop::Off => false,
            Dpop::DerivedKey | Dpop::Key(_) => true,
        }
    }

    /// Returns the kind of access token that is expected.
    pub fn token_type(&self) -> TokenType {
        if self.is_bound() { TokenType::Dpop } else { TokenType::Bearer }
    }

    /// Tells whether a callback without `state` that has these parameters begins a fresh sign-in.
    pub fn signs_in_unsolicited(&self, has: impl Fn(&str) -> bool) -> bool {
        let marks = self.unsolicited_parameters;
        match self.unsolicited_callbacks {
            UnsolicitedCallbacks::SignIn => true,
            UnsolicitedCallbacks::Refused => !marks.is_empty() && marks.iter().all(|name| has(name)),
        }
    }

    /// Returns how the provider answers.
    pub fn response_mode(&self) -> ResponseMode {
        let is_form = |(name, value): &(String, String)| name == "response_mode" && value == "form_post";
        if self.authorization_parameters.iter().any(is_form) {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        }
    }
}

impl Provider {
    /// Checks every option.
    #[doc(hidden)]
    pub fn validate(self) -> Result<CheckedProvider, ProviderProblem> {
        self.options.check()
    }
}

impl ProviderOptions {
    fn check(mut self) -> Result<CheckedProvider, ProviderProblem> {
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_ID || !self.id.bytes().all(id_is_plain) {
            return Err(ProviderProblem::Id);
        }
        let client_authentication =
            ClientAuthentication::new(self.authentication.clone(), self.client_secret.clone());
        let secret_is_empty = client_authentication.secret().is_some_and(|secret| secret.expose().is_empty());
        if self.client_id.is_empty() || secret_is_empty {
            return Err(ProviderProblem::Credentials);
        }
        // Without a proof key the secret alone binds a code to this client.
        if self.proof_key == ProofKey::Refused && !client_authentication.is_confidential() {
            return Err(ProviderProblem::Credentials);
        }
        if let Some(pointer) = self.profile.unsound_pointer() {
            return Err(ProviderProblem::Pointer { pointer: pointer.to_owned() });
        }
        self.check_token_parameters()?;
        let server = match self.protocol {
            Protocol::OAuth => Server::Fixed(Arc::new(self.check_endpoints(client_authentication)?)),
            Protocol::OpenId => Server::Published(Box::new(self.check_openid(client_authentication)?)),
        };
        let endpoint = match &server {
            Server::Fixed(endpoints) => Some(&endpoints.authorization),
            Server::Published(_) => None,
        };
        let userinfo_headers = self.check_headers()?;
        self.authorization_parameters = self.check_parameters(endpoint)?;
        self.check_request_parameters()?;
        Ok(CheckedProvider { options: self, server, userinfo_headers })
    }

    fn check_endpoints(
        &self,
        client_authentication: ClientAuthentication,
    ) -> Result<Endpoints, ProviderProblem> {
        let userinfo = self.backchannel_endpoint("userinfo_url", &self.userinfo_endpoint)?;
        // The placeholder may stand in the path, once, and nowhere else.
        let userinfo = UserInfoEndpoint::new(userinfo, &self.userinfo_endpoint);
        let userinfo = userinfo.ok_or(ProviderProblem::Endpoint { option: "userinfo_url" })?;
        let revocation = self.revocation_endpoint.as_deref();
        Ok(Endpoints {
            authorization: endpoint("authorize_url", &self.authorization_endpoint)?,
            token: self.backchannel_endpoint("token_url", &self.token_endpoint)?,
            emails: self.check_emails(&userinfo)?,
            userinfo: Some(userinfo),
            revocation: revocation.map(|url| self.backchannel_endpoint("revocation_url", url)).transpose()?,
            issuer: self.check_issuer()?,
            client_authentication,
            metadata: None,
        })
    }

    /// Checks the options of an OpenID Provider, except endpoints: it publishes them.
    fn check_openid(&self, client_authentication: ClientAuthentication) -> Result<OpenId, ProviderProblem> {
        for (option, endpoint) in
            [("authorize_url", &self.authorization_endpoint), ("token_url", &self.token_endpoint)]
        {
            if !endpoint.is_empty() {
                return Err(ProviderProblem::Endpoint { option });
            }
        }
        if self.emails_endpoint.is_some() {
            return Err(ProviderProblem::EmailsElsewhere);
        }
        if !self.scope.split(' ').any(|name| name == "openid") {
            return Err(ProviderProblem::Scope);
        }
        let text = self.issuer.clone().ok_or(ProviderProblem::Issuer)?;
        if let Some(name) = open_parameters(&text).next() {
            return Err(ProviderProblem::IssuerParameter { name: name.to_owned() });
        }
        check_issuer_url(&text)?;
        let shared = text.split('/').any(|segment| SHARED_TENANTS.contains(&segment));
        let issuer = match &self.tenants {
            Some(tenants) if shared => Issuer::PerTenant { published_at: text, tenants: tenants.clone() },
            // An issuer that names a tenant is that tenant's own.
            Some(_) | None => Issuer::Exactly(text),
        };
        let discovery_url = match &self.discovery_url {
            Some(url) => endpoint("discovery_url", url).ok().and_then(|url| to_uri(&url)),
            None => issuer.discovery_url(),
        };
        let optional = |option, text: &str| {
            (!text.is_empty()).then(|| self.backchannel_endpoint(option, text)).transpose()
        };
        let revocation = self.revocation_endpoint.as_deref().unwrap_or_default();
        Ok(OpenId {
            discovery_url: discovery_url.ok_or(match self.discovery_url {
                Some(_) => ProviderProblem::DiscoveryUrl,
                None => ProviderProblem::Issuer,
            })?,
            issuer,
            backchannel_origins: self.check_backchannel_origins()?,
            id_tokens: match (self.id_token_key, client_authentication.secret()) {
                (IdTokenKey::Published, _) => IdTokens::SignedByPublishedKey,
                (IdTokenKey::ClientSecret, Some(secret)) => IdTokens::SignedBySecret(secret.clone()),
                (IdTokenKey::ClientSecret, None) => return Err(ProviderProblem::IdTokenKey),
            },
            client_authentication,
            userinfo_endpoint: optional("userinfo_url", &self.userinfo_endpoint)?,
            revocation_endpoint: optional("revocation_url", revocation)?,
        })
    }

    /// Reads an endpoint that requests are made to, which may be at an origin of the back channel.
    pub(super) fn backchannel_endpoint(
        &self,
        option: &'static str,
        text: &str,
    ) -> Result<Uri, ProviderProblem> {
        let origins = self.check_backchannel_origins()?;
        let listed =
            |url: &Url| url.fragment().is_none() && origins.iter().any(|origin| origin.is_origin_of(url));
        let url = match parse_http_url(text).filter(listed) {
            Some(url) => url,
            None => endpoint(option, text)?,
        };
        to_uri(&url).ok_or(ProviderProblem::Endpoint { option })
    }

    fn check_backchannel_origins(&self) -> Result<Vec<Origin>, ProviderProblem> {
        let wrong = |origin: &String| ProviderProblem::BackchannelOrigin { origin: origin.clone() };
        let origin =
            |text: &String| Origin::parse(text).filter(|_| !text.contains('*')).ok_or_else(|| wrong(text));
        self.backchannel_origins.iter().map(origin).collect()
    }

    /// Reads the issuer, kept as it is spelled.
    fn check_issuer(&self) -> Result<ExpectedIssuer, ProviderProblem> {
        self.issuer.as_deref().map(check_issuer_url).transpose()?;
        match (self.iss, self.issuer.clone()) {
            (IssParameter::Optional, None) => Ok(ExpectedIssuer::Unknown),
            (IssParameter::Optional, Some(issuer)) => Ok(ExpectedIssuer::IfSent(issuer)),
            (IssParameter::Always, Some(issuer)) => Ok(ExpectedIssuer::Always(issuer)),
            (IssParameter::Always, None) => Err(ProviderProblem::Issuer),
        }
    }
}

/// Reads an endpoint: https, or http on this machine, without a fragment (RFC 6749 section 3.1).
fn endpoint(option: &'static str, text: &str) -> Result<Url, ProviderProblem> {
    let sound = |url: &Url| (url.scheme() == "https" || is_loopback(url)) && url.fragment().is_none();
    parse_http_url(text).filter(sound).ok_or(ProviderProblem::Endpoint { option })
}

/// Checks that an issuer is a URL without query and fragment (RFC 8414 section 2), and not that of a configuration.
fn check_issuer_url(issuer: &str) -> Result<(), ProviderProblem> {
    match endpoint("issuer", issuer) {
        Ok(url) if url.query().is_none() && !url.path().contains("/.well-known/") => Ok(()),
        Ok(_) | Err(_) => Err(ProviderProblem::Issuer),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
