//! The checked form of a provider. The check is made once, so that a flow meets only parsed URLs and headers.

use super::check_openid::OpenId;
use super::known::{Endpoints, KnownProvider};
use super::profile::ProfileSource;
use super::{
    AssertionAudience, EndSession, IssParameter, ProofKey, Protocol, Provider, ProviderProblem, SignOutScope,
    TokenRetention, UserInfoMethod,
};
use crate::oauth::CLIENT_ID;
use crate::oauth::authorization::{self, ExpectedIssuer};
use crate::oauth::client_auth::{AuthenticationMethod, ClientAuthentication};
use crate::oauth::dpop::Dpop;
use crate::oauth::token::TokenType;
use crate::oauth::userinfo::UserInfoEndpoint;
use crate::origin::{Origin, is_loopback, parse_http_url, to_uri};
use crate::secret::ClientSecret;
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

/// Parameters of requests to the token endpoint that are the protocol's own.
const RESERVED_AT_TOKEN: [&str; 11] = [
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    CLIENT_ID,
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "token",
    "token_type_hint",
];

/// Parameters that the callback depends on, so that no sign-in says them by itself.
const NOT_PER_REQUEST: [&str; 5] = ["response_mode", "request", "request_uri", "claims", "redirectTo"];

/// A provider whose every member has been checked.
#[derive(Clone, Debug)]
pub(crate) struct CheckedProvider {
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
    pub(crate) assertion_audience: AssertionAudience,
    pub(crate) client_id_parameter: String,
    pub(crate) token_parameters: Vec<(String, ClientSecret)>,
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

impl CheckedProvider {
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
    /// Checks every member.
    pub(crate) fn validate(self) -> Result<CheckedProvider, ProviderProblem> {
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_ID || !self.id.bytes().all(id_is_plain) {
            return Err(ProviderProblem::Id);
        }
        let client_authentication = self.client_authentication();
        if self.client_id.is_empty() || client_authentication.secret_is_empty() {
            return Err(ProviderProblem::Credentials);
        }
        // Without a proof key the secret alone says that a code is for this client.
        if self.proof_key == ProofKey::Refused && !client_authentication.is_confidential() {
            return Err(ProviderProblem::Credentials);
        }
        if let Some(pointer) = self.profile.unsound_pointer() {
            return Err(ProviderProblem::Pointer { pointer: pointer.to_owned() });
        }
        self.check_token_parameters()?;
        let server = match self.protocol {
            Protocol::OAuth => Server::Fixed(Arc::new(self.check_endpoints()?)),
            Protocol::OpenId => Server::Published(Box::new(self.check_openid(&client_authentication)?)),
        };
        let endpoint = match &server {
            Server::Fixed(endpoints) => Some(&endpoints.authorization),
            Server::Published(_) => None,
        };
        Ok(CheckedProvider {
            token_retention: match (self.token_retention, self.sign_out, self.end_session) {
                // The end-session endpoint is given the ID token.
                (TokenRetention::Dropped, SignOutScope::Provider, EndSession::RpInitiated) => {
                    TokenRetention::Kept
                }
                (retention, ..) => retention,
            },
            userinfo_method: match self.userinfo_method {
                UserInfoMethod::Get => Method::GET,
                UserInfoMethod::Post => Method::POST,
            },
            userinfo_headers: self.check_headers()?,
            authorization_parameters: self.check_parameters(endpoint)?,
            request_parameters: self.check_request_parameters()?,
            server,
            client_authentication,
            assertion_audience: self.assertion_audience,
            token_parameters: self.token_parameters,
            client_id_parameter: self.client_id_parameter,
            proof_key: self.proof_key,
            dpop: self.dpop,
            id: self.id,
            name: self.name,
            scope: self.scope,
            client_id: self.client_id,
            profile: self.profile,
        })
    }

    /// Joins the secret and the method. A client that has no secret, and no key, is public.
    fn client_authentication(&self) -> ClientAuthentication {
        match (self.authentication.clone(), self.client_secret.clone()) {
            (AuthenticationMethod::PrivateKeyJwt(key), _) => ClientAuthentication::PrivateKeyJwt(key),
            (AuthenticationMethod::TeamKey { team_id, audience, key }, _) => {
                ClientAuthentication::TeamKey { team_id, audience, key }
            }
            (_, None) => ClientAuthentication::None,
            (AuthenticationMethod::Secret(placement), Some(secret)) => {
                ClientAuthentication::with_secret(placement, secret)
            }
            (AuthenticationMethod::SecretJwt, Some(secret)) => ClientAuthentication::SecretJwt(secret),
            (AuthenticationMethod::Usual, Some(secret)) => match self.protocol {
                Protocol::OAuth => ClientAuthentication::SecretPost(secret),
                Protocol::OpenId => ClientAuthentication::SecretAsPublished(secret),
            },
        }
    }

    fn check_endpoints(&self) -> Result<Endpoints, ProviderProblem> {
        let revocation = self.revocation_endpoint.as_deref();
        Ok(Endpoints {
            authorization: Self::endpoint("authorize_url", &self.authorization_endpoint)?,
            token: self.backchannel_endpoint("token_url", &self.token_endpoint)?,
            userinfo: Some(self.check_userinfo_endpoint()?),
            revocation: revocation.map(|url| self.backchannel_endpoint("revocation_url", url)).transpose()?,
            issuer: self.check_issuer()?,
            openid: None,
        })
    }

    /// Reads an endpoint: https, or http on this machine, without a fragment (RFC 6749 section 3.1).
    pub(super) fn endpoint(option: &'static str, text: &str) -> Result<Url, ProviderProblem> {
        let sound = |url: &Url| (url.scheme() == "https" || is_loopback(url)) && url.fragment().is_none();
        parse_http_url(text).filter(sound).ok_or(ProviderProblem::Endpoint { option })
    }

    /// Reads an endpoint that requests are made to.
    pub(super) fn request_endpoint(option: &'static str, text: &str) -> Result<Uri, ProviderProblem> {
        let url = Self::endpoint(option, text)?;
        to_uri(&url).ok_or(ProviderProblem::Endpoint { option })
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
        match parse_http_url(text).filter(listed).and_then(|url| to_uri(&url)) {
            Some(uri) => Ok(uri),
            None => Self::request_endpoint(option, text),
        }
    }

    pub(super) fn check_backchannel_origins(&self) -> Result<Vec<Origin>, ProviderProblem> {
        let wrong = |origin: &String| ProviderProblem::BackchannelOrigin { origin: origin.clone() };
        let origin =
            |text: &String| Origin::parse(text).filter(|_| !text.contains('*')).ok_or_else(|| wrong(text));
        self.backchannel_origins.iter().map(origin).collect()
    }

    /// Reads the userinfo endpoint, in whose path, and nowhere else, the placeholder may stand once.
    fn check_userinfo_endpoint(&self) -> Result<UserInfoEndpoint, ProviderProblem> {
        let option = "userinfo_url";
        let uri = self.backchannel_endpoint(option, &self.userinfo_endpoint)?;
        UserInfoEndpoint::new(uri, &self.userinfo_endpoint).ok_or(ProviderProblem::Endpoint { option })
    }

    /// Sorts the parameters as the contract does, and leaves the empty ones out.
    fn check_parameters(&self, endpoint: Option<&Url>) -> Result<Vec<(String, String)>, ProviderProblem> {
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
            return Err(ProviderProblem::Parameter { name });
        }
        authorization::sort(&mut parameters);
        Ok(parameters)
    }

    /// Checks the name of the client's id, which an OAuth provider alone may change, and the further parameters.
    fn check_token_parameters(&self) -> Result<(), ProviderProblem> {
        let own = self.client_id_parameter.as_str();
        let is_reserved =
            |name: &str| name.is_empty() || RESERVED.contains(&name) || RESERVED_AT_TOKEN.contains(&name);
        let is_taken = self.authorization_parameters.iter().any(|(name, _)| name == own)
            || self.request_parameters.iter().any(|name| name == own);
        if own != CLIENT_ID && (is_reserved(own) || is_taken || self.protocol == Protocol::OpenId) {
            return Err(ProviderProblem::TokenParameter { name: own.to_owned() });
        }
        let mut names = self.token_parameters.iter().map(|(name, _)| name);
        match names.find(|name| *name != "scope" && (is_reserved(name) || *name == own)) {
            Some(name) => Err(ProviderProblem::TokenParameter { name: name.clone() }),
            None => Ok(()),
        }
    }

    fn check_request_parameters(&self) -> Result<Vec<String>, ProviderProblem> {
        let is_own = |name: &&String| {
            name.is_empty() || NOT_PER_REQUEST.contains(&name.as_str()) || RESERVED.contains(&name.as_str())
        };
        match self.request_parameters.iter().find(is_own) {
            Some(name) => Err(ProviderProblem::Parameter { name: name.clone() }),
            None => Ok(self.request_parameters.clone()),
        }
    }

    fn check_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, ProviderProblem> {
        let check = |(name, value): &(String, ClientSecret)| {
            let value = value.expose().replace("{client_id}", &self.client_id);
            let value = HeaderValue::try_from(value).ok().map(|mut value| {
                value.set_sensitive(true);
                value
            });
            let pair = HeaderName::try_from(name.as_str()).ok().zip(value);
            pair.filter(|(name, _)| !is_reserved(name))
                .ok_or_else(|| ProviderProblem::Header { name: name.clone() })
        };
        self.userinfo_headers.iter().map(check).collect()
    }

    /// Checks that an issuer is a URL without query and fragment (RFC 8414 section 2).
    pub(super) fn issuer_url(issuer: &str) -> Result<(), ProviderProblem> {
        match Self::endpoint("issuer", issuer) {
            Ok(url) if url.query().is_none() => Ok(()),
            Ok(_) | Err(_) => Err(ProviderProblem::Issuer),
        }
    }

    /// Reads the issuer: a URL without query and fragment (RFC 8414 section 2), kept as it is spelled.
    fn check_issuer(&self) -> Result<ExpectedIssuer, ProviderProblem> {
        let Some(issuer) = &self.issuer else {
            return match self.iss {
                IssParameter::Optional => Ok(ExpectedIssuer::Unknown),
                IssParameter::Always => Err(ProviderProblem::Issuer),
            };
        };
        Self::issuer_url(issuer)?;
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
#[path = "check_tests.rs"]
mod tests;
