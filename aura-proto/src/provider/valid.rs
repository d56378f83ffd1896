//! Is a provider sound? Checked once, so that a flow meets only parsed URLs and headers.

use super::endpoints::{Endpoints, ExpectedIssuer, KnownProvider, Protocol, UserInfoEndpoint};
use super::openid::{Dpop, OpenId};
use super::profile::ProfileSource;
use super::{IssParameter, ProofKey, Provider, ProviderProtocol, TokenRetention, UserInfoMethod};
use crate::config::ConfigError;
use crate::oauth::authorization;
use crate::oauth::client_auth::ClientAuthentication;
use crate::oauth::token::TokenType;
use crate::origin::{is_loopback, parse_http_url, to_uri};
use http::{HeaderName, HeaderValue, Method, Uri, header};
use std::sync::Arc;
use url::Url;

/// Longest provider id, in characters.
const MAX_ID: usize = 64;

/// Parameters of the authorization request that are the sign-in's own. `scope` has an option of its own.
const RESERVED: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "nonce",
];

/// Parameters that the callback depends on, so that no sign-in says them by itself.
const NOT_PER_REQUEST: [&str; 5] = ["response_mode", "request", "request_uri", "claims", "redirectTo"];

/// What stands for the access token in the path of userinfo, and how the URL standard writes it there.
const PLACEHOLDER: &str = "{access_token}";
pub(crate) const ENCODED_PLACEHOLDER: &str = "%7Baccess_token%7D";

/// A provider whose every member has been checked.
#[derive(Clone, Debug)]
pub(crate) struct ValidProvider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) server: Server,
    pub(crate) userinfo_method: Method,
    pub(crate) userinfo_headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) scope: String,
    pub(crate) authorization_parameters: Vec<(String, String)>,
    pub(crate) request_parameters: Vec<String>,
    pub(crate) client_id: String,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) proof_key: ProofKey,
    pub(crate) dpop: Dpop,
    pub(crate) profile: ProfileSource,
    pub(crate) token_retention: TokenRetention,
}

/// Where a provider is reached.
#[derive(Clone, Debug)]
pub(crate) enum Server {
    /// At these endpoints.
    Fixed(Arc<Endpoints>),
    /// At those that it publishes.
    Published(Box<OpenId>),
}

/// How the provider answers the authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    /// By the callback's query.
    Query,
    /// By a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ValidProvider {
    /// Returns the provider where its endpoints need not be asked for.
    pub(crate) fn known(self: &Arc<Self>) -> Result<KnownProvider, &OpenId> {
        match &self.server {
            Server::Fixed(endpoints) => Ok(KnownProvider::new(Arc::clone(self), Arc::clone(endpoints))),
            Server::Published(openid) => Err(openid),
        }
    }

    /// Returns the endpoints that were configured.
    pub(crate) fn configured(&self) -> Option<&Endpoints> {
        match &self.server {
            Server::Fixed(endpoints) => Some(endpoints),
            Server::Published(_) => None,
        }
    }

    /// Returns what was configured of an OpenID Provider.
    pub(crate) fn openid(&self) -> Option<&OpenId> {
        match &self.server {
            Server::Fixed(_) => None,
            Server::Published(openid) => Some(openid),
        }
    }

    /// Tells whether access tokens are bound to a key (RFC 9449).
    pub(crate) fn is_bound(&self) -> bool {
        match self.dpop {
            Dpop::Off => false,
            Dpop::DerivedKey | Dpop::Key(_) => true,
        }
    }

    /// Returns the kind of access token that is expected.
    pub(crate) fn token_type(&self) -> TokenType {
        if self.is_bound() { TokenType::Dpop } else { TokenType::Bearer }
    }

    pub(crate) fn response_mode(&self) -> ResponseMode {
        let is_form = |(name, value): &(String, String)| name == "response_mode" && value == "form_post";
        if self.authorization_parameters.iter().any(is_form) {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        }
    }
}

impl Provider {
    pub(crate) fn validate(self) -> Result<ValidProvider, ConfigError> {
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_ID || !self.id.bytes().all(id_is_plain) {
            return Err(ConfigError::ProviderId { id: self.id });
        }
        if self.client_id.is_empty() || self.client_authentication.secret_is_empty() {
            return Err(ConfigError::ProviderCredentials { id: self.id });
        }
        // Without a proof key the secret alone says that a code is for this client.
        if self.proof_key == ProofKey::Refused && !self.client_authentication.is_confidential() {
            return Err(ConfigError::ProviderCredentials { id: self.id });
        }
        if let Some(pointer) = self.profile.unsound_pointer() {
            return Err(ConfigError::ProviderPointer { pointer: pointer.to_owned(), id: self.id });
        }
        let server = match self.protocol {
            ProviderProtocol::OAuth => Server::Fixed(Arc::new(self.check_endpoints()?)),
            ProviderProtocol::OpenId => Server::Published(Box::new(self.check_openid()?)),
        };
        let endpoint = match &server {
            Server::Fixed(endpoints) => Some(&endpoints.authorization),
            Server::Published(_) => None,
        };
        Ok(ValidProvider {
            token_retention: self.token_retention,
            userinfo_method: match self.userinfo_method {
                UserInfoMethod::Get => Method::GET,
                UserInfoMethod::Post => Method::POST,
            },
            userinfo_headers: self.check_headers()?,
            authorization_parameters: self.check_parameters(endpoint)?,
            request_parameters: self.check_request_parameters()?,
            server,
            proof_key: self.proof_key,
            dpop: self.dpop,
            id: self.id,
            name: self.name,
            scope: self.scope,
            client_id: self.client_id,
            client_authentication: self.client_authentication,
            profile: self.profile,
        })
    }

    fn check_endpoints(&self) -> Result<Endpoints, ConfigError> {
        let revocation = self.revocation_endpoint.as_deref();
        Ok(Endpoints {
            authorization: self.endpoint("authorize_url", &self.authorization_endpoint)?,
            token: self.request_endpoint("token_url", &self.token_endpoint)?,
            userinfo: Some(self.check_userinfo_endpoint()?),
            revocation: revocation.map(|url| self.request_endpoint("revocation_url", url)).transpose()?,
            issuer: self.check_issuer()?,
            protocol: Protocol::OAuth,
        })
    }

    /// Reads an endpoint: https, or http on this machine, without a fragment (RFC 6749 section 3.1).
    pub(super) fn endpoint(&self, option: &'static str, text: &str) -> Result<Url, ConfigError> {
        let sound = |url: &Url| (url.scheme() == "https" || is_loopback(url)) && url.fragment().is_none();
        parse_http_url(text)
            .filter(sound)
            .ok_or_else(|| ConfigError::ProviderEndpoint { id: self.id.clone(), option })
    }

    /// Reads an endpoint that requests are made to.
    pub(super) fn request_endpoint(&self, option: &'static str, text: &str) -> Result<Uri, ConfigError> {
        let url = self.endpoint(option, text)?;
        to_uri(&url).ok_or_else(|| ConfigError::ProviderEndpoint { id: self.id.clone(), option })
    }

    /// Reads the userinfo endpoint, in whose path, and nowhere else, the placeholder may stand once.
    fn check_userinfo_endpoint(&self) -> Result<UserInfoEndpoint, ConfigError> {
        let uri = self.request_endpoint("userinfo_url", &self.userinfo_endpoint)?;
        let in_path = uri.path().matches(ENCODED_PLACEHOLDER).count();
        match (self.userinfo_endpoint.matches(PLACEHOLDER).count(), in_path) {
            (0, 0) => Ok(UserInfoEndpoint::Header(uri)),
            (1, 1) => Ok(UserInfoEndpoint::Path(uri)),
            _ => Err(ConfigError::ProviderEndpoint { id: self.id.clone(), option: "userinfo_url" }),
        }
    }

    /// Sorts the parameters as the contract does, and leaves the empty ones out.
    fn check_parameters(&self, endpoint: Option<&Url>) -> Result<Vec<(String, String)>, ConfigError> {
        let mut parameters = self.authorization_parameters.clone();
        parameters.retain(|(_, value)| !value.is_empty());
        let own = parameters.iter().map(|(name, _)| name.clone());
        let fixed = endpoint.into_iter().flat_map(Url::query_pairs).map(|(name, _)| name.into_owned());
        let is_own = |name: &str| parameters.iter().any(|(other, _)| other == name);
        let refused = own
            .clone()
            .find(|name| name.is_empty() || RESERVED.contains(&name.as_str()))
            .or_else(|| fixed.clone().find(|name| RESERVED.contains(&name.as_str()) || is_own(name)))
            .or_else(|| {
                parameters.iter().find(|(name, value)| !is_sound(name, value)).map(|(name, _)| name.clone())
            });
        if let Some(name) = refused {
            return Err(ConfigError::ProviderParameter { id: self.id.clone(), name });
        }
        authorization::sort(&mut parameters);
        Ok(parameters)
    }

    fn check_request_parameters(&self) -> Result<Vec<String>, ConfigError> {
        let is_own = |name: &&String| {
            name.is_empty() || NOT_PER_REQUEST.contains(&name.as_str()) || RESERVED.contains(&name.as_str())
        };
        match self.request_parameters.iter().find(is_own) {
            Some(name) => Err(ConfigError::ProviderParameter { id: self.id.clone(), name: name.clone() }),
            None => Ok(self.request_parameters.clone()),
        }
    }

    fn check_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, ConfigError> {
        let check = |(name, value): &(String, String)| {
            let value = value.replace("{client_id}", &self.client_id);
            let pair = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::try_from(value).ok());
            pair.filter(|(name, _)| !is_reserved(name))
                .ok_or_else(|| ConfigError::ProviderHeader { id: self.id.clone(), name: name.clone() })
        };
        self.userinfo_headers.iter().map(check).collect()
    }

    /// Checks that an issuer is a URL without query and fragment (RFC 8414 section 2).
    pub(super) fn issuer_url(&self, issuer: &str) -> Result<(), ConfigError> {
        match self.endpoint("issuer", issuer) {
            Ok(url) if url.query().is_none() => Ok(()),
            Ok(_) | Err(_) => Err(ConfigError::ProviderIssuer { id: self.id.clone() }),
        }
    }

    /// Reads the issuer: a URL without query and fragment (RFC 8414 section 2), kept as it is spelled.
    fn check_issuer(&self) -> Result<ExpectedIssuer, ConfigError> {
        let wrong = || ConfigError::ProviderIssuer { id: self.id.clone() };
        let Some(issuer) = &self.issuer else {
            return match self.iss {
                IssParameter::Optional => Ok(ExpectedIssuer::Unknown),
                IssParameter::Always => Err(wrong()),
            };
        };
        self.issuer_url(issuer)?;
        Ok(match self.iss {
            IssParameter::Optional => ExpectedIssuer::IfSent(issuer.clone()),
            IssParameter::Always => ExpectedIssuer::Always(issuer.clone()),
        })
    }
}

/// Tells whether a parameter has a value that this side understands, where it must.
pub(crate) fn is_sound(name: &str, value: &str) -> bool {
    match name {
        "max_age" => value.parse::<u64>().is_ok(),
        "response_mode" => matches!(value, "query" | "form_post"),
        _ => true,
    }
}

/// Tells whether a header is the transport's, or carries credentials.
fn is_reserved(name: &HeaderName) -> bool {
    [
        header::AUTHORIZATION,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TE,
    ]
    .contains(name)
}

#[cfg(test)]
#[path = "valid_tests.rs"]
mod tests;
