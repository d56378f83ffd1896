//! The check of our session token as one would write it by hand, for one site: the token is opened (AES-256-GCM), the token
//! inside is verified (HMAC-SHA-256), and its times are compared with the clock.
//!
//! It is not the core: it takes one cookie of one name and one key, reads no header of a token, and refuses neither duplicate
//! members nor a second session.

use crate::page::{User, session};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use ring::{aead, hkdf, hmac};
use serde::Deserialize;
use std::sync::Arc;
use std::time::SystemTime;

const COOKIE: &str = "__Host-aura-auth.session_token=";

struct Keys {
    encryption: aead::LessSafeKey,
    signing: hmac::Key,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    user: User,
    nbf: u64,
    exp: u64,
    mexp: Option<u64>,
}

struct Len;

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        32
    }
}

impl Keys {
    /// Derives the keys of the site of `aura_benches`.
    fn derive() -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");
        let prk = salt.extract(b"Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK");
        let derive = |label: &[u8]| {
            let mut key = [0; 32];
            prk.expand(&[label], Len).and_then(|okm| okm.fill(&mut key)).expect("32 bytes");
            key
        };
        let encryption =
            aead::UnboundKey::new(&aead::AES_256_GCM, &derive(b"aura:encryption")).expect("32 bytes");
        Self {
            encryption: aead::LessSafeKey::new(encryption),
            signing: hmac::Key::new(hmac::HMAC_SHA256, &derive(b"aura:signing")),
        }
    }

    fn open(&self, headers: &HeaderMap) -> Option<Claims> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let token = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE))?;
        let mut parts = token.split('.');
        let (head, _, iv) = (parts.next()?, parts.next()?, parts.next()?);
        let iv = BASE64_URL_SAFE_NO_PAD.decode(iv).ok()?;
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        BASE64_URL_SAFE_NO_PAD.decode_vec(parts.next()?, &mut sealed).ok()?;
        let nonce = aead::Nonce::try_assume_unique_for_key(&iv).ok()?;
        let inner = self.encryption.open_in_place(nonce, aead::Aad::from(head), &mut sealed).ok()?;
        let (text, tag) = std::str::from_utf8(inner).ok()?.rsplit_once('.')?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.signing, text.as_bytes(), &tag).ok()?;
        let claims = BASE64_URL_SAFE_NO_PAD.decode(text.split_once('.')?.1).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        (claims.nbf <= now && now < claims.exp && claims.mexp.is_none_or(|latest| now <= latest))
            .then_some(claims)
    }
}

async fn read(State(keys): State<Arc<Keys>>, headers: HeaderMap) -> Response {
    let claims = keys.open(&headers);
    session(claims.as_ref().map(|claims| &claims.user), "2026-10-06T13:33:20.000Z")
}

pub(crate) fn app() -> Router {
    Router::new().route("/auth/session", get(read)).with_state(Arc::new(Keys::derive()))
}
