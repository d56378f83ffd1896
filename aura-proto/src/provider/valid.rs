//! Is a provider sound? Checked once, so that a flow meets only parsed URLs and headers.

use super::profile::ProfileSource;
use super::{IssParameter, Provider, TokenRetention, UserInfoMethod};
use crate::config::ConfigError;
use crate::oauth::client_auth::ClientAuthentication;
use crate::origin::{is_loopback, parse_http_url};
use http::{HeaderName, HeaderValue, Method, header};
use serde::{Deserialize, Serialize};
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

/// The order of the contract; what it does not name comes after, in the order given.
const ORDER: [&str; 5] = ["prompt", "response_mode", "login_hint", "display", "audience"];

/// What stands for the access token in the path of userinfo, and how the URL standard writes it there.
const PLACEHOLDER: &str = "{access_token}";
pub(crate) const ENCODED_PLACEHOLDER: &str = "%7Baccess_token%7D";

/// A provider whose every member has been checked.
#[derive(Clone, Debug)]
pub(crate) struct ValidProvider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) userinfo_endpoint: Url,
    pub(crate) userinfo_token: UserInfoToken,
    pub(crate) userinfo_method: Method,
    pub(crate) userinfo_headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) scope: String,
    pub(crate) authorization_parameters: Vec<(String, String)>,
    pub(crate) client_id: String,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) issuer: ExpectedIssuer,
    pub(crate) profile: ProfileSource,
    pub(crate) token_retention: TokenRetention,
    pub(crate) revocation_endpoint: Option<Url>,
}

/// Where the access token goes when userinfo is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserInfoToken {
    /// Into the header `Authorization` (RFC 6750 section 2.1).
    Bearer,
    /// In place of the placeholder in the URL's path.
    Path,
}

/// What a callback's `iss` must say (RFC 9207 section 2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExpectedIssuer {
    /// It is not known how the provider names itself.
    Unknown,
    /// This, if it says anything.
    IfSent(String),
    /// This.
    Always(String),
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
        if let Some(pointer) = self.profile.unsound_pointer() {
            return Err(ConfigError::ProviderPointer { pointer: pointer.to_owned(), id: self.id });
        }
        let authorization_endpoint = self.endpoint("authorize_url", &self.authorization_endpoint)?;
        let (userinfo_endpoint, userinfo_token) = self.check_userinfo_endpoint()?;
        let revocation = self.revocation_endpoint.as_deref();
        let revocation = revocation.map(|url| self.endpoint("revocation_url", url));
        Ok(ValidProvider {
            revocation_endpoint: revocation.transpose()?,
            token_retention: self.token_retention,
            token_endpoint: self.endpoint("token_url", &self.token_endpoint)?,
            userinfo_endpoint,
            userinfo_token,
            userinfo_method: match self.userinfo_method {
                UserInfoMethod::Get => Method::GET,
                UserInfoMethod::Post => Method::POST,
            },
            userinfo_headers: self.check_headers()?,
            authorization_parameters: self.check_parameters(&authorization_endpoint)?,
            authorization_endpoint,
            issuer: self.check_issuer()?,
            id: self.id,
            name: self.name,
            scope: self.scope,
            client_id: self.client_id,
            client_authentication: self.client_authentication,
            profile: self.profile,
        })
    }

    /// Reads an endpoint: https, or http on this machine, without a fragment (RFC 6749 section 3.1).
    fn endpoint(&self, option: &'static str, text: &str) -> Result<Url, ConfigError> {
        let sound = |url: &Url| (url.scheme() == "https" || is_loopback(url)) && url.fragment().is_none();
        parse_http_url(text)
            .filter(sound)
            .ok_or_else(|| ConfigError::ProviderEndpoint { id: self.id.clone(), option })
    }

    /// Reads the userinfo endpoint, in whose path, and nowhere else, the placeholder may stand once.
    fn check_userinfo_endpoint(&self) -> Result<(Url, UserInfoToken), ConfigError> {
        let url = self.endpoint("userinfo_url", &self.userinfo_endpoint)?;
        let in_path = url.path().matches(ENCODED_PLACEHOLDER).count();
        match (self.userinfo_endpoint.matches(PLACEHOLDER).count(), in_path) {
            (0, 0) => Ok((url, UserInfoToken::Bearer)),
            (1, 1) => Ok((url, UserInfoToken::Path)),
            _ => Err(ConfigError::ProviderEndpoint { id: self.id.clone(), option: "userinfo_url" }),
        }
    }

    /// Sorts the parameters as the contract does, and leaves the empty ones out.
    fn check_parameters(&self, endpoint: &Url) -> Result<Vec<(String, String)>, ConfigError> {
        let mut parameters = self.authorization_parameters.clone();
        parameters.retain(|(_, value)| !value.is_empty());
        let own = parameters.iter().map(|(name, _)| name.clone());
        let fixed = endpoint.query_pairs().map(|(name, _)| name.into_owned());
        let is_own = |name: &str| parameters.iter().any(|(other, _)| other == name);
        let refused = own
            .clone()
            .find(|name| name.is_empty() || RESERVED.contains(&name.as_str()))
            .or_else(|| fixed.clone().find(|name| RESERVED.contains(&name.as_str()) || is_own(name)));
        if let Some(name) = refused {
            return Err(ConfigError::ProviderParameter { id: self.id.clone(), name });
        }
        let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
        parameters.sort_by_key(|(name, _)| rank(name));
        Ok(parameters)
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

    /// Reads the issuer: a URL without query and fragment (RFC 8414 section 2), kept as it is spelled.
    fn check_issuer(&self) -> Result<ExpectedIssuer, ConfigError> {
        let wrong = || ConfigError::ProviderIssuer { id: self.id.clone() };
        let Some(issuer) = &self.issuer else {
            return match self.iss {
                IssParameter::Optional => Ok(ExpectedIssuer::Unknown),
                IssParameter::Always => Err(wrong()),
            };
        };
        let url = self.endpoint("issuer", issuer).map_err(|_| wrong())?;
        if url.query().is_some() {
            return Err(wrong());
        }
        Ok(match self.iss {
            IssParameter::Optional => ExpectedIssuer::IfSent(issuer.clone()),
            IssParameter::Always => ExpectedIssuer::Always(issuer.clone()),
        })
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
mod tests {
    use super::*;
    use crate::provider::{ATLASSIAN, GITHUB, GITLAB, HUBSPOT, Profile, TWITCH};
    use crate::secret::ClientSecret;

    fn gitlab() -> Provider {
        GITLAB.with_client("client", ClientSecret::new("secret"))
    }

    fn id() -> String {
        "gitlab".to_owned()
    }

    #[test]
    fn the_protocols_own_parameters_are_refused() {
        for name in RESERVED.into_iter().chain([""]) {
            let error = gitlab().authorization_parameter(name, "x").validate().unwrap_err();
            assert_eq!(error, ConfigError::ProviderParameter { id: id(), name: name.to_owned() });
        }
        for name in RESERVED {
            let endpoint = format!("https://gitlab.com/oauth/authorize?{name}=x");
            let error = gitlab().authorization_endpoint(endpoint).validate().unwrap_err();
            assert_eq!(error, ConfigError::ProviderParameter { id: id(), name: name.to_owned() });
        }
        let twice = gitlab()
            .authorization_endpoint("https://gitlab.com/oauth/authorize?prompt=none")
            .authorization_parameter("prompt", "consent");
        let name = "prompt".to_owned();
        assert_eq!(twice.validate().unwrap_err(), ConfigError::ProviderParameter { id: id(), name });
    }

    #[test]
    fn parameters_are_added_replaced_removed_and_sorted() {
        let atlassian = ATLASSIAN
            .with_client("client", ClientSecret::new("secret"))
            .authorization_parameter("audience", "other")
            .without_authorization_parameter("prompt")
            .authorization_parameter("zone", "eu")
            .authorization_parameter("empty", "")
            .authorization_parameter("login_hint", "ada");
        let expected = [("login_hint", "ada"), ("audience", "other"), ("zone", "eu")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(atlassian.validate().unwrap().authorization_parameters, expected);
    }

    #[test]
    fn an_issuer_is_a_url_as_it_is_spelled() {
        let issuer = |provider: Provider| provider.validate().map(|valid| valid.issuer);
        let wrong = Err(ConfigError::ProviderIssuer { id: id() });
        let spelled = "https://Example.com/".to_owned();
        assert_eq!(issuer(gitlab()), Ok(ExpectedIssuer::Unknown));
        assert_eq!(issuer(gitlab().issuer(&spelled)), Ok(ExpectedIssuer::IfSent(spelled.clone())));
        let always = gitlab().issuer(&spelled).iss(IssParameter::Always);
        assert_eq!(issuer(always), Ok(ExpectedIssuer::Always(spelled)));
        assert_eq!(issuer(gitlab().iss(IssParameter::Always)), wrong);
        for text in ["", "gitlab.com", "http://gitlab.com", "https://gitlab.com?x", "https://gitlab.com#x"] {
            assert_eq!(issuer(gitlab().issuer(text)), wrong, "{text}");
        }
        let own = GITHUB.with_client("client", ClientSecret::new("secret")).without_issuer();
        assert_eq!(issuer(own), Ok(ExpectedIssuer::Unknown));
    }

    #[test]
    fn headers_are_checked_and_filled_in() {
        let twitch = TWITCH.with_client("me", ClientSecret::new("secret")).validate().unwrap();
        assert_eq!(
            twitch.userinfo_headers,
            [(HeaderName::from_static("client-id"), HeaderValue::from_static("me"))]
        );
        for (name, value) in [
            ("Authorization", "x"),
            ("host", "x"),
            ("Cookie", "x"),
            ("a b", "x"),
            ("a", "x\r\ny: z"),
            ("", "x"),
        ] {
            let error = gitlab().userinfo_header(name, value).validate().unwrap_err();
            assert_eq!(error, ConfigError::ProviderHeader { id: id(), name: name.to_owned() });
        }
    }

    #[test]
    fn se_03_the_token_may_stand_in_the_path_of_userinfo_and_nowhere_else() {
        let hubspot = HUBSPOT.with_client("client", ClientSecret::new("secret")).validate().unwrap();
        assert_eq!(hubspot.userinfo_token, UserInfoToken::Path);
        for url in [
            "https://x.test/?token={access_token}",
            "https://{access_token}.x.test/",
            "https://x.test/{access_token}/{access_token}",
            "https://x.test/{access_token}?x={access_token}",
            "https://x.test/%7Baccess_token%7D",
        ] {
            let error = gitlab().userinfo_endpoint(url).validate().unwrap_err();
            assert_eq!(error, ConfigError::ProviderEndpoint { id: id(), option: "userinfo_url" }, "{url}");
        }
    }

    #[test]
    fn a_pointer_that_points_nowhere_is_a_mistake() {
        let error = gitlab().profile(Profile::default().name_at(["/a", "name"])).validate().unwrap_err();
        assert_eq!(error, ConfigError::ProviderPointer { id: id(), pointer: "name".to_owned() });
    }
}
