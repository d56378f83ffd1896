//! The check of the parameters and headers that an application adds to requests.

use super::{Protocol, ProviderOptions, ProviderProblem};
use crate::oauth::{CLIENT_ID, authorization};
use crate::secret::ClientSecret;
use http::{HeaderName, HeaderValue, header};
use url::Url;

/// Parameters of the authorization request that are the sign-in's own. `scope` has an option of its own.
pub(super) const RESERVED: [&str; 8] = [
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

/// Parameters that the callback depends on, so that no sign-in may set them.
const NOT_PER_REQUEST: [&str; 5] = ["response_mode", "request", "request_uri", "claims", "redirectTo"];

impl ProviderOptions {
    /// Sorts the parameters as the contract does, and leaves the empty ones out.
    pub(super) fn check_parameters(
        &self,
        endpoint: Option<&Url>,
    ) -> Result<Vec<(String, String)>, ProviderProblem> {
        let mut parameters = self.authorization_parameters.clone();
        parameters.retain(|(_, value)| !value.is_empty());
        let is_reserved = |name: &str| name.is_empty() || RESERVED.contains(&name);
        let is_own = |name: &str| parameters.iter().any(|(other, _)| other == name);
        let mut own = parameters.iter();
        let mut fixed = endpoint.into_iter().flat_map(Url::query_pairs).map(|(name, _)| name.into_owned());
        let refused = own
            .find(|(name, value)| is_reserved(name) || !authorization::is_sound(name, value))
            .map(|(name, _)| name.clone())
            .or_else(|| fixed.find(|name| RESERVED.contains(&name.as_str()) || is_own(name)));
        if let Some(name) = refused {
            return Err(ProviderProblem::Parameter { name });
        }
        authorization::sort(&mut parameters);
        Ok(parameters)
    }

    /// Checks the name of the client's id, which an OAuth provider alone may change, and the further parameters.
    pub(super) fn check_token_parameters(&self) -> Result<(), ProviderProblem> {
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

    pub(super) fn check_request_parameters(&self) -> Result<(), ProviderProblem> {
        let is_own = |name: &&String| {
            name.is_empty() || NOT_PER_REQUEST.contains(&name.as_str()) || RESERVED.contains(&name.as_str())
        };
        match self.request_parameters.iter().find(is_own) {
            Some(name) => Err(ProviderProblem::Parameter { name: name.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn check_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, ProviderProblem> {
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
}

/// Tells whether a header is the transport's, or carries credentials.
fn is_reserved(name: &HeaderName) -> bool {
    [
        header::ACCEPT_ENCODING,
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
