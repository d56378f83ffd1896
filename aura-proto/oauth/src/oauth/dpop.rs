//! DPoP: access tokens that are bound to a key, and the proof in each request (RFC 9449 section 4).

use super::client_auth::{issued_at, sign_by_key};
use super::error_word::ErrorWord;
use crate::secret::AccessToken;
use aura_jose::{SigningKey, base64url};
use aura_session::internal::entropy::{Draw, Entropy};
use aura_types::UnixTime;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::Map;

/// The header of a proof.
pub const PROOF: HeaderName = HeaderName::from_static("dpop");
/// The header by which a server gives a nonce for the next proof (section 8).
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// Longest nonce that is taken, in bytes.
const MAX_NONCE: usize = 512;

/// Whether access tokens are bound to a key.
#[derive(Clone, Debug, Default, Deserialize)]
pub enum Dpop {
    /// They are bearer tokens (RFC 6750): `bearer` in data.
    #[default]
    #[serde(rename = "bearer")]
    Off,
    /// They are bound to an Ed25519 key that is derived from the secret: `dpop` in data.
    #[serde(rename = "dpop")]
    DerivedKey,
    /// They are bound to this key.
    #[serde(skip)]
    Key(SigningKey),
}

/// The request that a proof is for.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its URI.
    pub uri: &'a Uri,
    /// The nonce of the server for the next proof.
    pub nonce: Option<&'a str>,
    /// The token that goes with it (section 7).
    pub access_token: Option<&'a AccessToken>,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    htm: &'a str,
    htu: String,
    iat: UnixTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
}

impl Proof<'_> {
    /// Signs the proof, or returns `None` where the host signs and did not.
    pub fn sign(&self, key: &SigningKey, entropy: &mut Entropy, now: UnixTime) -> Option<HeaderValue> {
        // Section 4.2: htu is the URI without query and fragment parts. `Uri` has no fragment.
        let mut htu = self.uri.to_string();
        htu.truncate(htu.find('?').unwrap_or(htu.len()));
        let hash = |token: &AccessToken| {
            base64url::encode(digest::digest(&digest::SHA256, token.expose().as_bytes()))
        };
        let claims = Claims {
            jti: base64url::encode(entropy.draw::<16>(Draw::Proof)),
            htm: self.method.as_str(),
            htu,
            iat: issued_at(now),
            nonce: self.nonce,
            ath: self.access_token.map(hash),
        };
        let jwk = key.verification_key().to_jwk();
        let header = Map::from_iter([("jwk".to_owned(), jwk)]);
        let token = sign_by_key(key, "dpop+jwt", &header, &claims)?;
        HeaderValue::try_from(token).ok()
    }
}

/// Reads the nonce that a server gives for the next proof.
pub fn nonce(headers: &HeaderMap) -> Option<String> {
    let nonce = headers.get(NONCE)?.to_str().ok()?;
    (!nonce.is_empty() && nonce.len() <= MAX_NONCE).then(|| nonce.to_owned())
}

/// Tells whether a server requires its nonce in a repeated request: a token endpoint by its body (section 8), and userinfo by
/// a challenge (section 9).
pub fn wants_nonce(response: &Response<bytes::Bytes>) -> bool {
    const ERROR: &str = "use_dpop_nonce";
    let says = || super::error_word(response) == Some(ErrorWord::UseDpopNonce);
    let challenges = || {
        let mut fields = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        fields.any(|field| field.to_str().is_ok_and(|challenge| challenge.contains(ERROR)))
    };
    let asks = match response.status() {
        StatusCode::BAD_REQUEST => says(),
        StatusCode::UNAUTHORIZED => challenges(),
        _ => false,
    };
    asks && nonce(response.headers()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_nonce_is_wanted_by_a_body_at_the_token_endpoint_and_by_a_challenge_elsewhere() {
        let wants = |status: u16, nonce: &str, challenge: &'static str, body: &'static str| {
            let response = Response::builder().status(status).header(NONCE, nonce);
            let response = response.header(header::WWW_AUTHENTICATE, challenge);
            wants_nonce(&response.body(Bytes::from_static(body.as_bytes())).unwrap())
        };
        let (challenge, body) = (r#"DPoP error="use_dpop_nonce""#, r#"{"error":"use_dpop_nonce"}"#);
        assert!(wants(400, "n", "Bearer", body));
        assert!(wants(401, "n", challenge, ""));
        assert!(!wants(400, "n", challenge, r#"{"error":"invalid_grant"}"#));
        assert!(!wants(401, "n", "DPoP", body));
        assert!(!wants(200, "n", challenge, body));
        for nonce in ["", &"n".repeat(MAX_NONCE + 1)] {
            assert!(!wants(400, nonce, challenge, body));
        }
    }
}
