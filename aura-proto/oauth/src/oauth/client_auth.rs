//! Client authentication at the token endpoint (RFC 6749 section 2.3.1), and the tokens that clients sign: `private_key_jwt`
//! and `client_secret_jwt` (RFC 7523, OpenID Connect Core 1.0 section 9).

use crate::refused::NoRequest;
use crate::secret::ClientSecret;
use aura_jose::{SigningKey, base64url};
use aura_session::internal::entropy::{Draw, Entropy};
use aura_types::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ring::hmac;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use std::time::Duration;
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
    /// By the secret, if there is one.
    Secret(SecretMethod),
    /// By a token that is signed with a private key (`private_key_jwt`).
    PrivateKeyJwt(SigningKey),
    /// By a secret that is a token, signed with the key of a team (Sign in with Apple).
    TeamKey { team_id: String, audience: &'static str, key: SigningKey },
}

/// How a client proves that it has its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SecretMethod {
    /// By form field or by HTTP Basic, whichever the provider publishes that it takes.
    #[serde(skip)]
    AsPublished,
    /// By the form field `client_secret`.
    #[serde(rename = "client_secret_post")]
    Post,
    /// By HTTP Basic.
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// By a token that is signed with it.
    #[serde(rename = "client_secret_jwt")]
    Jwt,
}

impl From<SecretPlacement> for SecretMethod {
    fn from(placement: SecretPlacement) -> Self {
        match placement {
            SecretPlacement::Post => Self::Post,
            SecretPlacement::Basic => Self::Basic,
        }
    }
}

/// How the client authenticates.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    /// By its secret.
    Secret(ClientSecret, SecretMethod),
    /// By a token that is signed with a private key.
    PrivateKeyJwt(SigningKey),
    /// By a secret that is a token, signed with the key of a team.
    TeamKey {
        /// The team's id.
        team_id: String,
        /// Whom the token is for.
        audience: &'static str,
        /// The team's key.
        key: SigningKey,
    },
    /// Not at all: a public client, protected by PKCE.
    None,
}

/// A client, by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client<'a> {
    pub(crate) id: &'a str,
    /// The name of the parameter `client_id`.
    pub(crate) id_parameter: &'a str,
}

/// The credentials in a request to the token endpoint.
#[derive(Debug)]
pub struct Credentials {
    /// The header `Authorization` of HTTP Basic.
    pub(super) header: Option<HeaderValue>,
    /// The form fields, in the order in which they are written; none where the header has everything.
    pub(super) fields: Vec<(String, ClientSecret)>,
}

/// Form fields as a part of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [(String, ClientSecret)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value.expose())))
    }
}

impl ClientAuthentication {
    /// Joins the method and the secret. A client that has no secret, and no key, is public.
    pub(crate) fn new(method: AuthenticationMethod, secret: Option<ClientSecret>) -> Self {
        match (method, secret) {
            (AuthenticationMethod::PrivateKeyJwt(key), _) => Self::PrivateKeyJwt(key),
            (AuthenticationMethod::TeamKey { team_id, audience, key }, _) => {
                Self::TeamKey { team_id, audience, key }
            }
            (AuthenticationMethod::Secret(method), Some(secret)) => Self::Secret(secret, method),
            (AuthenticationMethod::Secret(_), None) => Self::None,
        }
    }

    /// Places the secret by the published method, unless the application sets one.
    pub fn where_published(mut self, placement: SecretPlacement) -> Self {
        if let Self::Secret(_, method @ SecretMethod::AsPublished) = &mut self {
            *method = placement.into();
        }
        self
    }

    /// Returns the secret, if there is one.
    pub fn secret(&self) -> Option<&ClientSecret> {
        match self {
            Self::Secret(secret, _) => Some(secret),
            Self::PrivateKeyJwt(_) | Self::TeamKey { .. } | Self::None => None,
        }
    }

    /// Tells whether the client proves itself at all.
    pub fn is_confidential(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Tells whether HTTP Basic sends the id or the secret otherwise than they are spelled, as RFC 6749 section 2.3.1 has it and
    /// not every provider.
    pub fn is_changed_by_encoding(&self, client_id: &str) -> bool {
        let changes = |text: &str| encode(text) != text;
        match self {
            Self::Secret(secret, SecretMethod::Basic) => changes(client_id) || changes(secret.expose()),
            Self::Secret(..) | Self::PrivateKeyJwt(_) | Self::TeamKey { .. } | Self::None => false,
        }
    }

    /// Makes the proof for one request. `audience` is whom a signed one is for: the issuer, or else the endpoint.
    ///
    /// # Errors
    /// [`NoRequest::Unsigned`], where the host signs, and did not.
    pub(crate) fn credentials(
        &self,
        client: Client<'_>,
        audience: impl FnOnce() -> String,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<Credentials, NoRequest> {
        let own = |audience| Assertion { issuer: client.id, client_id: client.id, audience };
        let proof = match self {
            Self::Secret(secret, SecretMethod::Basic | SecretMethod::AsPublished) => {
                return Ok(Credentials { header: Some(basic(client.id, secret)?), fields: Vec::new() });
            }
            Self::Secret(secret, SecretMethod::Post) => vec![("client_secret", secret.clone())],
            Self::Secret(secret, SecretMethod::Jwt) => {
                assertion_fields(own(&audience()).by_secret(secret, entropy, now)?)
            }
            Self::PrivateKeyJwt(key) => assertion_fields(own(&audience()).by_key(key, entropy, now)?),
            Self::TeamKey { team_id, audience, key } => {
                let secret = Assertion { issuer: team_id, client_id: client.id, audience };
                vec![("client_secret", secret.by_key(key, entropy, now)?)]
            }
            Self::None => Vec::new(),
        };
        let fields = std::iter::once((client.id_parameter, ClientSecret::new(client.id))).chain(proof);
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Credentials { header: None, fields })
    }
}

/// Returns the fields of a signed assertion (RFC 7521 section 4.2).
fn assertion_fields(assertion: ClientSecret) -> Vec<(&'static str, ClientSecret)> {
    let kind = ClientSecret::new("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    vec![("client_assertion_type", kind), ("client_assertion", assertion)]
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Makes the header of HTTP Basic. Both parts are form-encoded first.
pub(crate) fn basic(client_id: &str, secret: &ClientSecret) -> Result<HeaderValue, NoRequest> {
    let credentials = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret.expose())));
    let header = HeaderValue::try_from(format!("Basic {credentials}"));
    // Base64 is ASCII.
    let mut header = header.map_err(|_| NoRequest::Unwritable)?;
    header.set_sensitive(true);
    Ok(header)
}

/// How long an assertion lives.
const LIFETIME: Duration = Duration::from_secs(120);

/// How far a proof is dated back: servers whose clocks are behind refuse what is from the future, some by a second.
const DATED_BACK: Duration = Duration::from_secs(5);

/// Returns the `iat` of a proof that is made at a time.
pub(crate) fn issued_at(now: UnixTime) -> UnixTime {
    UnixTime::from_secs(now.as_secs().saturating_sub(DATED_BACK.as_secs()))
}

/// The claims of a client assertion.
#[derive(Clone, Copy, Debug)]
struct Assertion<'a> {
    issuer: &'a str,
    client_id: &'a str,
    /// Whom it is for. One alone, so that no provider can pass it on to another.
    audience: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: UnixTime,
    exp: UnixTime,
}

impl Assertion<'_> {
    /// Signs with a private key.
    fn by_key(
        &self,
        key: &SigningKey,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<ClientSecret, NoRequest> {
        let token = sign_by_key(key, "JWT", &Map::new(), &self.claims(entropy, now));
        token.map(ClientSecret::new).ok_or(NoRequest::Unsigned)
    }

    /// Signs with the client's secret, by HS256.
    fn by_secret(
        &self,
        secret: &ClientSecret,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<ClientSecret, NoRequest> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let text =
            signing_input(&serde_json::json!({ "alg": "HS256", "typ": "JWT" }), &self.claims(entropy, now));
        let text = text.ok_or(NoRequest::Unsigned)?;
        let signature = hmac::sign(&key, text.as_bytes());
        Ok(ClientSecret::new(format!("{text}.{}", base64url::encode(signature))))
    }

    fn claims(&self, entropy: &mut Entropy, now: UnixTime) -> Claims<'_> {
        Claims {
            iss: self.issuer,
            sub: self.client_id,
            aud: self.audience,
            jti: base64url::encode(entropy.draw::<16>(Draw::Assertion)),
            iat: issued_at(now),
            exp: now.saturating_add(LIFETIME),
        }
    }
}

/// Signs claims with a private key, under a header of this type with further members.
pub(crate) fn sign_by_key(
    key: &SigningKey,
    typ: &str,
    more: &Map<String, Value>,
    claims: &impl Serialize,
) -> Option<String> {
    let public = key.verification_key();
    let mut header = Map::from_iter([
        ("alg".to_owned(), public.algorithm().name().into()),
        ("typ".to_owned(), typ.into()),
    ]);
    if let Some(kid) = public.kid() {
        header.insert("kid".to_owned(), kid.into());
    }
    header.extend(more.clone());
    let text = signing_input(&Value::Object(header), claims)?;
    let signature = key.sign(text.as_bytes()).ok()?;
    Some(format!("{text}.{}", base64url::encode(signature)))
}

fn signing_input(header: &Value, claims: &impl Serialize) -> Option<String> {
    let claims = serde_json::to_vec(claims).ok()?;
    Some(format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(claims)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(authentication: &ClientAuthentication, id: &str) -> Credentials {
        let mut entropy = Entropy::from_os_bytes([7; 32]);
        let now = UnixTime::from_secs(1_790_000_000);
        let client = Client { id, id_parameter: "client_id" };
        authentication.credentials(client, || "https://a.test".to_owned(), &mut entropy, now).unwrap()
    }

    fn form(authentication: &ClientAuthentication) -> String {
        let credentials = credentials(authentication, "id");
        serde_urlencoded::to_string(Fields(&credentials.fields)).unwrap()
    }

    #[test]
    fn ts_05_odd_characters_are_form_encoded_before_basic() {
        let authentication =
            ClientAuthentication::Secret(ClientSecret::new("p:a ss+%ü"), SecretMethod::Basic);
        let credentials = credentials(&authentication, "id:1");
        let header = credentials.header.as_ref().unwrap().to_str().unwrap();
        let decoded = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "id%3A1:p%3Aa+ss%2B%25%C3%BC");
    }

    #[test]
    fn se_03_basic_puts_nothing_into_the_form() {
        assert_eq!(form(&ClientAuthentication::Secret(ClientSecret::new("s"), SecretMethod::Basic)), "");
        assert_eq!(form(&ClientAuthentication::None), "client_id=id");
        let post = ClientAuthentication::Secret(ClientSecret::new("s"), SecretMethod::Post);
        assert_eq!(form(&post), "client_id=id&client_secret=s");
    }

    #[test]
    fn se_03_a_secret_that_signs_is_not_sent() {
        let form =
            form(&ClientAuthentication::Secret(ClientSecret::new("a-very-secret-secret"), SecretMethod::Jwt));
        assert!(
            form.starts_with("client_id=id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"),
            "{form}"
        );
        assert!(form.contains("&client_assertion=ey") && !form.contains("a-very"), "{form}");
    }
}
