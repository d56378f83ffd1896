//! Client authentication at the token endpoint (RFC 6749 section 2.3.1, RFC 7523, OpenID Connect Core 1.0 section 9).

use super::assertion::Assertion;
use crate::entropy::Entropy;
use crate::error::HostError;
use crate::secret::ClientSecret;
use aura_jose::SigningKey;
use aura_types::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// Where the client's secret goes at the token endpoint (RFC 6749 section 2.3.1).
///
/// ```
/// use aura_providers::{NOTION, SecretPlacement};
/// assert_eq!(NOTION.client_secret, Some(SecretPlacement::Basic));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum SecretPlacement {
    /// Into the form, after the client's id: `client_secret_post` in data.
    #[default]
    #[serde(rename = "client_secret_post")]
    Post,
    /// Into the header `Authorization`, after the client's id: `client_secret_basic` in data.
    #[serde(rename = "client_secret_basic")]
    Basic,
}

/// The method of client authentication that is configured, apart from the secret.
#[derive(Clone, Debug)]
pub(crate) enum AuthenticationMethod {
    /// The secret, in the form or where an OpenID Provider publishes that it goes.
    Usual,
    /// The secret, at this place.
    Secret(SecretPlacement),
    /// A token that is signed with the secret (`client_secret_jwt`).
    SecretJwt,
    /// A token that is signed with a private key (`private_key_jwt`).
    PrivateKeyJwt(SigningKey),
    /// A secret that is a token, signed with the key of a team (Sign in with Apple).
    TeamKey { team_id: String, audience: &'static str, key: SigningKey },
}

/// How the client authenticates.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// By the form fields `client_id` and `client_secret`.
    SecretPost(ClientSecret),
    /// By HTTP Basic.
    SecretBasic(ClientSecret),
    /// By one of these two, whichever the provider publishes that it takes.
    SecretAsPublished(ClientSecret),
    /// By a token that is signed with the secret (`client_secret_jwt`).
    SecretJwt(ClientSecret),
    /// By a token that is signed with a private key (`private_key_jwt`).
    PrivateKeyJwt(SigningKey),
    /// By a secret that is a token, signed with the key of a team (Sign in with Apple).
    TeamKey { team_id: String, audience: &'static str, key: SigningKey },
    /// Not at all: a public client, protected by PKCE.
    None,
}

/// What a request to the token endpoint carries as proof.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// The header `Authorization` of HTTP Basic.
    Header(HeaderValue),
    /// `client_id` and `client_secret`.
    Secret(String, ClientSecret),
    /// `client_id` and a signed assertion (RFC 7521 section 4.2).
    Assertion(String, ClientSecret),
    /// `client_id` alone.
    Id(String),
}

/// The form fields of a client's credentials, in the order in which they are written.
#[derive(Serialize)]
pub(crate) struct ClientFields<'a> {
    client_id: &'a str,
    client_secret: Option<&'a str>,
    client_assertion_type: Option<&'static str>,
    client_assertion: Option<&'a str>,
}

impl Credentials {
    /// Returns the form fields; none where a header has the credentials.
    pub(crate) fn fields(&self) -> Option<ClientFields<'_>> {
        let (client_id, client_secret, client_assertion) = match self {
            Self::Header(_) => return None,
            Self::Secret(id, secret) => (id, Some(secret.expose()), None),
            Self::Assertion(id, assertion) => (id, None, Some(assertion.expose())),
            Self::Id(id) => (id, None, None),
        };
        let client_assertion_type =
            client_assertion.map(|_| "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        Some(ClientFields { client_id, client_secret, client_assertion_type, client_assertion })
    }

    /// Returns the header `Authorization`, where one is used.
    pub(crate) fn header(&self) -> Option<&HeaderValue> {
        match self {
            Self::Header(header) => Some(header),
            Self::Secret(..) | Self::Assertion(..) | Self::Id(_) => None,
        }
    }
}

impl ClientAuthentication {
    pub(crate) fn with_secret(placement: SecretPlacement, secret: ClientSecret) -> Self {
        match placement {
            SecretPlacement::Post => Self::SecretPost(secret),
            SecretPlacement::Basic => Self::SecretBasic(secret),
        }
    }

    /// Puts the secret where the provider publishes that it goes, unless the application says where.
    pub(crate) fn where_published(self, placement: SecretPlacement) -> Self {
        match self {
            Self::SecretAsPublished(secret) => Self::with_secret(placement, secret),
            Self::SecretPost(_)
            | Self::SecretBasic(_)
            | Self::SecretJwt(_)
            | Self::PrivateKeyJwt(_)
            | Self::TeamKey { .. }
            | Self::None => self,
        }
    }

    /// Returns the secret, if there is one.
    pub(crate) fn secret(&self) -> Option<&ClientSecret> {
        match self {
            Self::SecretPost(secret)
            | Self::SecretBasic(secret)
            | Self::SecretAsPublished(secret)
            | Self::SecretJwt(secret) => Some(secret),
            Self::PrivateKeyJwt(_) | Self::TeamKey { .. } | Self::None => None,
        }
    }

    /// Tells whether the client proves itself at all.
    pub(crate) fn is_confidential(&self) -> bool {
        match self {
            Self::SecretPost(_)
            | Self::SecretBasic(_)
            | Self::SecretAsPublished(_)
            | Self::SecretJwt(_)
            | Self::PrivateKeyJwt(_)
            | Self::TeamKey { .. } => true,
            Self::None => false,
        }
    }

    /// Tells whether HTTP Basic sends the id or the secret otherwise than they are spelled, as RFC 6749 section 2.3.1 has it and
    /// not every provider.
    pub(crate) fn is_changed_by_encoding(&self, client_id: &str) -> bool {
        let changes = |text: &str| encode(text) != text;
        matches!(self, Self::SecretBasic(secret) if changes(client_id) || changes(secret.expose()))
    }

    pub(crate) fn secret_is_empty(&self) -> bool {
        self.secret().is_some_and(|secret| secret.expose().is_empty())
    }

    /// Makes the proof for one request. `audience` is whom a signed one is for: the issuer, or else the endpoint.
    ///
    /// # Errors
    /// [`HostError::NoSignature`], where the host signs, and did not.
    pub(crate) fn credentials(
        &self,
        client_id: &str,
        audience: impl FnOnce() -> String,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<Credentials, HostError> {
        let id = client_id.to_owned();
        Ok(match self {
            Self::SecretPost(secret) => Credentials::Secret(id, secret.clone()),
            Self::SecretBasic(secret) | Self::SecretAsPublished(secret) => {
                Credentials::Header(basic(client_id, secret)?)
            }
            Self::SecretJwt(secret) => {
                let assertion = Assertion { issuer: client_id, client_id, audience: &audience() };
                Credentials::Assertion(id, assertion.by_secret(secret, entropy, now)?)
            }
            Self::PrivateKeyJwt(key) => {
                let assertion = Assertion { issuer: client_id, client_id, audience: &audience() };
                Credentials::Assertion(id, assertion.by_key(key, entropy, now)?)
            }
            Self::TeamKey { team_id, audience, key } => {
                let secret = Assertion { issuer: team_id, client_id, audience };
                Credentials::Secret(id, secret.by_key(key, entropy, now)?)
            }
            Self::None => Credentials::Id(id),
        })
    }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Makes the header of HTTP Basic. Both parts are form-encoded first.
pub(crate) fn basic(client_id: &str, secret: &ClientSecret) -> Result<HeaderValue, HostError> {
    let credentials = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret.expose())));
    let header = HeaderValue::try_from(format!("Basic {credentials}"));
    // Base64 is ASCII.
    let mut header = header.map_err(|_| HostError::Unreachable)?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(authentication: &ClientAuthentication, id: &str) -> Credentials {
        let mut entropy = Entropy::from_os_bytes([7; 32]);
        let now = UnixTime::from_secs(1_790_000_000);
        authentication.credentials(id, || "https://a.test".to_owned(), &mut entropy, now).unwrap()
    }

    fn form(authentication: &ClientAuthentication) -> String {
        let credentials = credentials(authentication, "id");
        credentials.fields().map_or_else(String::new, |fields| serde_urlencoded::to_string(fields).unwrap())
    }

    #[test]
    fn ts_05_odd_characters_are_form_encoded_before_basic() {
        let authentication = ClientAuthentication::SecretBasic(ClientSecret::new("p:a ss+%ü"));
        let credentials = credentials(&authentication, "id:1");
        let header = credentials.header().unwrap().to_str().unwrap();
        let decoded = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "id%3A1:p%3Aa+ss%2B%25%C3%BC");
    }

    #[test]
    fn se_03_basic_puts_nothing_into_the_form() {
        assert_eq!(form(&ClientAuthentication::SecretBasic(ClientSecret::new("s"))), "");
        assert_eq!(form(&ClientAuthentication::None), "client_id=id");
        let post = ClientAuthentication::SecretPost(ClientSecret::new("s"));
        assert_eq!(form(&post), "client_id=id&client_secret=s");
    }

    #[test]
    fn se_03_a_secret_that_signs_is_not_sent() {
        let form = form(&ClientAuthentication::SecretJwt(ClientSecret::new("a-very-secret-secret")));
        assert!(
            form.starts_with("client_id=id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"),
            "{form}"
        );
        assert!(form.contains("&client_assertion=ey") && !form.contains("a-very"), "{form}");
    }
}
