//! Metadata of a provider: its endpoints and capabilities (OpenID Connect Discovery 1.0 section 3).

use super::issuer::Issuer;
use crate::oauth::Format;
use crate::oauth::client_auth::SecretPlacement;
use crate::refused::DiscoveryRefused;
use aura_jose::SigningAlgorithm;
use aura_jose::StrictObject;
use aura_session::internal::origin::{Origin, parse_http_url, to_uri};
use bytes::Bytes;
use http::{Response, Uri};
use serde_json::Value;
use url::Url;

/// The algorithms by which a provider may sign, of those that it announces: never `none`, and never one that takes a
/// secret.
pub const SIGNATURES: [SigningAlgorithm; 9] = [
    SigningAlgorithm::Rs256,
    SigningAlgorithm::Rs384,
    SigningAlgorithm::Rs512,
    SigningAlgorithm::Ps256,
    SigningAlgorithm::Ps384,
    SigningAlgorithm::Ps512,
    SigningAlgorithm::Es256,
    SigningAlgorithm::Es384,
    SigningAlgorithm::EdDsa,
];

/// A provider's published configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The issuer as it is published: a template where every tenant has one.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: Url,
    /// Where tokens are requested.
    pub token_endpoint: Uri,
    /// Where the user is described.
    pub userinfo_endpoint: Option<Uri>,
    /// Where the keys are published.
    pub jwks_uri: Uri,
    /// Where tokens are revoked.
    pub revocation_endpoint: Option<Uri>,
    /// Where browsers are sent to sign out.
    pub end_session_endpoint: Option<Url>,
    /// RFC 9126 section 5.
    pub pushed_authorization_request_endpoint: Option<Uri>,
    /// Whether every authorization request must be pushed (RFC 9126 section 5).
    pub requires_pushed_requests: bool,
    /// The members that were left out, because their endpoints are not allowed.
    pub ignored: Vec<&'static str>,
    /// Whether every callback names the issuer (RFC 9207 section 3).
    pub iss_parameter: bool,
    /// By what ID tokens are signed.
    pub id_token_algorithms: Vec<SigningAlgorithm>,
    /// By what userinfo is signed, where it is.
    pub userinfo_algorithms: Vec<SigningAlgorithm>,
    /// The default placement of the client's secret.
    pub secret_placement: SecretPlacement,
}

impl Metadata {
    /// Reads a published configuration, which must be the expected issuer's. An endpoint that is not allowed is refused, or left
    /// out where a provider need not have it. `backchannel` lists where endpoints may be that only this server asks.
    pub fn parse(
        response: &Response<Bytes>,
        expected: &Issuer,
        backchannel: &[Origin],
    ) -> Result<Self, DiscoveryRefused> {
        if response.status().is_redirection() {
            return Err(DiscoveryRefused::Redirected);
        }
        if !response.status().is_success() {
            return Err(DiscoveryRefused::Status);
        }
        if Format::of(response) != Format::Json {
            return Err(DiscoveryRefused::NotJson);
        }
        let (not_json, malformed) = (DiscoveryRefused::NotJson, DiscoveryRefused::Malformed);
        let document = StrictObject::parse_or(response.body(), not_json, malformed)?;
        Self::read(&Reader { document: &document, expected, backchannel })
    }

    fn read(read: &Reader<'_>) -> Result<Self, DiscoveryRefused> {
        // Discovery 4.3: the issuer value returned MUST be identical to the Issuer URL that the configuration was
        // retrieved for.
        let issuer = read.text("issuer")?.ok_or(DiscoveryRefused::Malformed)?;
        if !read.expected.publishes(issuer) {
            return Err(DiscoveryRefused::Issuer);
        }
        let mut ignored = Vec::new();
        let mut optional = |name| unless_odd(name, read.endpoint(name), &mut ignored);
        let userinfo_endpoint = optional("userinfo_endpoint")?;
        let revocation_endpoint = optional("revocation_endpoint")?;
        let requires_pushed_requests = read.flag("require_pushed_authorization_requests")?;
        let pushed_authorization_request_endpoint = match "pushed_authorization_request_endpoint" {
            name if requires_pushed_requests => read.endpoint(name)?,
            name => optional(name)?,
        };
        let name = "end_session_endpoint";
        let end_session_endpoint = unless_odd(name, read.page(name), &mut ignored)?;
        let id_token_algorithms = required(read.algorithms("id_token_signing_alg_values_supported")?)?;
        // Without a list of its own, userinfo is signed as ID tokens are.
        let userinfo_algorithms = read.algorithms("userinfo_signing_alg_values_supported")?;
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: required(read.page("authorization_endpoint")?)?,
            token_endpoint: required(read.endpoint("token_endpoint")?)?,
            userinfo_endpoint,
            jwks_uri: required(read.endpoint("jwks_uri")?)?,
            revocation_endpoint,
            end_session_endpoint,
            pushed_authorization_request_endpoint,
            requires_pushed_requests,
            ignored,
            iss_parameter: read.flag("authorization_response_iss_parameter_supported")?,
            userinfo_algorithms: userinfo_algorithms.unwrap_or_else(|| id_token_algorithms.clone()),
            id_token_algorithms,
            secret_placement: read.secret_placement()?,
        })
    }
}

/// Returns the issuer that a configuration names, where it can be read.
pub fn published_issuer(response: &Response<Bytes>) -> Option<String> {
    let document = StrictObject::parse(response.body()).ok()?;
    document.get("issuer")?.as_str().map(str::to_owned)
}

/// Returns the member of a configuration whose endpoint is not allowed, of those that a sign-in needs.
pub fn refused_endpoint(
    response: &Response<Bytes>,
    expected: &Issuer,
    backchannel: &[Origin],
) -> Option<&'static str> {
    let document = StrictObject::parse(response.body()).ok()?;
    let read = Reader { document: &document, expected, backchannel };
    let is_refused = |name: &&str| match *name {
        "authorization_endpoint" => read.page(name).err() == Some(DiscoveryRefused::Endpoint),
        _ => read.endpoint(name).err() == Some(DiscoveryRefused::Endpoint),
    };
    let pushes = "pushed_authorization_request_endpoint";
    [pushes, "authorization_endpoint", "token_endpoint", "jwks_uri"].into_iter().find(is_refused)
}

/// Reads members of a configuration. One of the wrong type is no missing one.
struct Reader<'a> {
    document: &'a StrictObject,
    expected: &'a Issuer,
    backchannel: &'a [Origin],
}

impl<'a> Reader<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, DiscoveryRefused> {
        match self.document.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(DiscoveryRefused::Malformed),
        }
    }

    /// Reads an endpoint that browsers are sent to.
    fn page(&self, name: &str) -> Result<Option<Url>, DiscoveryRefused> {
        self.url(name, |url| self.expected.may_publish(url))
    }

    /// Reads an endpoint that requests are made to.
    fn endpoint(&self, name: &str) -> Result<Option<Uri>, DiscoveryRefused> {
        let listed = |url: &Url| self.backchannel.iter().any(|origin| origin.is_origin_of(url));
        let may_be_asked =
            |url: &Url| self.expected.may_publish(url) || (url.fragment().is_none() && listed(url));
        let Some(url) = self.url(name, may_be_asked)? else { return Ok(None) };
        to_uri(&url).map(Some).ok_or(DiscoveryRefused::Endpoint)
    }

    fn url(&self, name: &str, is_allowed: impl Fn(&Url) -> bool) -> Result<Option<Url>, DiscoveryRefused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse_http_url(text).filter(is_allowed).map(Some).ok_or(DiscoveryRefused::Endpoint)
    }

    fn flag(&self, name: &str) -> Result<bool, DiscoveryRefused> {
        match self.document.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(value) => value.as_bool().ok_or(DiscoveryRefused::Malformed),
        }
    }

    fn list(&self, name: &str) -> Result<Option<Vec<&'a str>>, DiscoveryRefused> {
        let Some(value) = self.document.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        texts.map(Some).ok_or(DiscoveryRefused::Malformed)
    }

    fn algorithms(&self, name: &str) -> Result<Option<Vec<SigningAlgorithm>>, DiscoveryRefused> {
        let Some(listed) = self.list(name)? else { return Ok(None) };
        let listed: Vec<_> = listed.into_iter().filter_map(SigningAlgorithm::announced).collect();
        Ok(Some(SIGNATURES.into_iter().filter(|known| listed.contains(known)).collect()))
    }

    /// An absent list means `client_secret_basic` (section 3).
    fn secret_placement(&self) -> Result<SecretPlacement, DiscoveryRefused> {
        let listed = self.list("token_endpoint_auth_methods_supported")?.unwrap_or_default();
        let posts = listed.contains(&"client_secret_post") && !listed.contains(&"client_secret_basic");
        Ok(if posts { SecretPlacement::Post } else { SecretPlacement::Basic })
    }
}

/// Leaves out an endpoint that is not allowed, and notes its name.
fn unless_odd<T>(
    name: &'static str,
    endpoint: Result<Option<T>, DiscoveryRefused>,
    ignored: &mut Vec<&'static str>,
) -> Result<Option<T>, DiscoveryRefused> {
    if matches!(endpoint, Err(DiscoveryRefused::Endpoint)) {
        ignored.push(name);
        return Ok(None);
    }
    endpoint
}

fn required<T>(endpoint: Option<T>) -> Result<T, DiscoveryRefused> {
    endpoint.ok_or(DiscoveryRefused::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;
    use serde_json::{Map, json};

    const ISSUER: &str = "https://a.test";

    fn document() -> Map<String, Value> {
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://a.test/authorize",
            "token_endpoint": "https://a.test/token",
            "userinfo_endpoint": "https://a.test/userinfo",
            "jwks_uri": "https://a.test/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256", "EdDSA", "XS999"],
        });
        document.as_object().cloned().unwrap()
    }

    fn read(status: u16, media_type: &str, body: &str) -> Result<Metadata, DiscoveryRefused> {
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, media_type);
        let response = response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        Metadata::parse(&response, &Issuer::Exactly(ISSUER.to_owned()), &[])
    }

    fn with(name: &str, value: Value) -> Result<Metadata, DiscoveryRefused> {
        let mut document = document();
        document.insert(name.to_owned(), value);
        read(200, "application/json", &Value::Object(document).to_string())
    }

    #[test]
    fn a_whole_configuration_is_read() {
        let metadata = with("end_session_endpoint", json!("https://a.test/end")).unwrap();
        assert_eq!(metadata.token_endpoint, "https://a.test/token");
        assert_eq!(metadata.end_session_endpoint.unwrap().as_str(), "https://a.test/end");
        assert_eq!(metadata.id_token_algorithms, [SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa]);
        assert_eq!(metadata.secret_placement, SecretPlacement::Basic);
        assert!(!metadata.iss_parameter);
    }

    #[test]
    fn pk_05_what_is_said_of_pkce_changes_nothing() {
        let plain = with("code_challenge_methods_supported", json!(["plain"]));
        assert_eq!(plain, with("response_types_supported", json!(["code"])));
    }

    #[test]
    fn a_secret_goes_where_the_provider_takes_it() {
        let placement =
            |methods: Value| with("token_endpoint_auth_methods_supported", methods).unwrap().secret_placement;
        assert_eq!(placement(json!(["client_secret_post"])), SecretPlacement::Post);
        assert_eq!(placement(json!(["client_secret_post", "client_secret_basic"])), SecretPlacement::Basic);
        assert_eq!(placement(json!(["private_key_jwt"])), SecretPlacement::Basic);
    }

    #[test]
    fn each_required_member_is_required_and_none_may_be_of_another_type() {
        for name in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "id_token_signing_alg_values_supported",
        ] {
            for value in [Value::Null, json!(7), json!({})] {
                assert_eq!(with(name, value), Err(DiscoveryRefused::Malformed), "{name}");
            }
        }
        for (name, value) in [
            ("userinfo_endpoint", json!(7)),
            ("authorization_response_iss_parameter_supported", json!("true")),
            ("token_endpoint_auth_methods_supported", json!("client_secret_post")),
            ("id_token_signing_alg_values_supported", json!([7])),
        ] {
            assert_eq!(with(name, value), Err(DiscoveryRefused::Malformed), "{name}");
        }
    }

    #[test]
    fn mx_06_ts_03_ts_04_another_issuer_is_refused_and_odd_endpoints_are_not_asked() {
        for issuer in ["https://a.test/", "https://b.test", "HTTPS://a.test", ""] {
            assert_eq!(with("issuer", json!(issuer)), Err(DiscoveryRefused::Issuer), "{issuer}");
        }
        for url in
            ["http://a.test/t", "https://169.254.169.254/", "file:///etc/passwd", "https://u@a.test/", ""]
        {
            for name in ["token_endpoint", "jwks_uri"] {
                assert_eq!(with(name, json!(url)), Err(DiscoveryRefused::Endpoint), "{name} {url}");
            }
            for name in ["userinfo_endpoint", "end_session_endpoint"] {
                assert_eq!(with(name, json!(url)).unwrap().ignored, [name], "{url}");
            }
        }
    }

    #[test]
    fn an_endpoint_that_no_request_can_name_is_not_allowed() {
        let long = format!("https://a.test/{}", "a".repeat(70_000));
        for url in ["https://a{b.test/t", "https://a\"b.test/t", "https://a`b.test/t", long.as_str()] {
            for name in ["token_endpoint", "jwks_uri"] {
                assert_eq!(with(name, json!(url)), Err(DiscoveryRefused::Endpoint), "{name} {url}");
            }
            for name in ["userinfo_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint"]
            {
                assert_eq!(with(name, json!(url)).unwrap().ignored, [name], "{url}");
            }
        }
    }

    #[test]
    fn an_endpoint_is_asked_as_it_is_published() {
        for url in [
            "https://a.test/",
            "https://a.test:8443/t?a=b&c={d}|e'f",
            "https://a.test/?",
            "https://a.test/a%20b/{c}/[d]|^é",
            "https://xn--e1afmkfd.test/t",
        ] {
            let spelled = Url::parse(url).unwrap();
            let asked = with("token_endpoint", json!(url)).unwrap().token_endpoint;
            assert_eq!(asked.to_string(), spelled.as_str());
        }
    }

    #[test]
    fn what_is_no_configuration_has_its_cause() {
        let whole = Value::Object(document()).to_string();
        let twice = whole.replacen('{', r#"{"issuer":"https://a.test","#, 1);
        for (status, media_type, body, error) in [
            (404, "application/json", whole.as_str(), DiscoveryRefused::Status),
            (302, "application/json", whole.as_str(), DiscoveryRefused::Redirected),
            (200, "text/html", whole.as_str(), DiscoveryRefused::NotJson),
            (200, "application/json", "<html>", DiscoveryRefused::NotJson),
            (200, "application/json", "", DiscoveryRefused::NotJson),
            (200, "application/json", "[]", DiscoveryRefused::Malformed),
            (200, "application/json", twice.as_str(), DiscoveryRefused::Malformed),
        ] {
            assert_eq!(read(status, media_type, body), Err(error), "{status} {media_type}");
        }
    }
}
