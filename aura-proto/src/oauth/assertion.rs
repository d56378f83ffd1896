//! JWT client assertions: `private_key_jwt` and `client_secret_jwt` (RFC 7523 sections 2.2 and 3).

use crate::entropy::{Draw, Entropy};
use crate::error::HostError;
use crate::secret::ClientSecret;
use aura_jose::{SigningKey, base64url};
use aura_types::UnixTime;
use ring::hmac;
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long an assertion lives.
const LIFETIME: Duration = Duration::from_secs(120);

/// How far a proof is dated back: servers whose clocks are behind refuse what is from the future, some by a second.
const DATED_BACK: Duration = Duration::from_secs(5);

/// Returns the `iat` of a proof that is made at a time.
pub(crate) fn issued_at(now: UnixTime) -> UnixTime {
    UnixTime::from_secs(now.as_secs().saturating_sub(DATED_BACK.as_secs()))
}

/// Who asserts what to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// Whom it is for. One alone, so that no provider can pass it on to another.
    pub(crate) audience: &'a str,
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
    pub(crate) fn by_key(
        &self,
        key: &SigningKey,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<ClientSecret, HostError> {
        let token = sign_by_key(key, "JWT", &Map::new(), &self.claims(entropy, now));
        token.map(ClientSecret::new).ok_or(HostError::NoSignature)
    }

    /// Signs with the client's secret, by HS256.
    pub(crate) fn by_secret(
        &self,
        secret: &ClientSecret,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<ClientSecret, HostError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let text =
            signing_input(&serde_json::json!({ "alg": "HS256", "typ": "JWT" }), &self.claims(entropy, now));
        let text = text.ok_or(HostError::NoSignature)?;
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
