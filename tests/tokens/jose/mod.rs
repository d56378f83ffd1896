//! Tokens of the wrong kind, and forged tokens, all of which are refused.
//!
//! The tests forge tokens with the real keys, which an attacker does not have.

mod key_pairs;
mod kinds;
mod readers;

use aura_proto::{Auth, Builder, SessionError, SessionTokenFormat, UnixTime};
use aura_tests::{SALT, SECRET};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use ring::{aead, hkdf, hmac};

const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
const JWS: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const JWE: &str = r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#;

fn builder(secret: &str) -> Builder {
    aura_tests::bare_builder(secret).base_url("https://app.test")
}

fn auth(tokens: SessionTokenFormat) -> Auth {
    builder(SECRET).session_token_format(tokens).build().unwrap()
}

fn session(auth: &Auth, token: &str) -> Result<String, SessionError> {
    let field = format!("__Host-aura-auth.session_token={token}");
    let headers = HeaderMap::from_iter([(header::COOKIE, field.parse().unwrap())]);
    auth.session(&headers, NOW).map(|session| session.user().sub().to_owned())
}

fn derive(secret: &str, label: &str) -> [u8; 32] {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT.as_bytes()).extract(secret.as_bytes());
    let mut key = [0; 32];
    prk.expand(&[label.as_bytes()], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    key
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sign(key: &[u8], header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
    format!("{signed}.{}", encode(tag))
}

fn encrypt(key: &[u8], header: &str, plaintext: &str) -> String {
    let header = encode(header);
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, key).unwrap());
    let mut sealed = plaintext.as_bytes().to_vec();
    let nonce = aead::Nonce::assume_unique_for_key([4; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, aead::Aad::from(&header), &mut sealed).unwrap();
    format!("{header}..{}.{}.{}", encode([4; 12]), encode(sealed), encode(tag))
}

fn claims() -> String {
    let (now, end) = (NOW.as_secs(), NOW.saturating_add(std::time::Duration::from_secs(60)).as_secs());
    format!(r#"{{"sub":"ada","iat":{now},"nbf":{now},"exp":{end},"jti":"j"}}"#)
}

/// Mints a session as the holder of the secret would, in the three modes.
fn mint(secret: &str) -> [(fn() -> SessionTokenFormat, String); 3] {
    let [signing, encryption] = ["aura:signing", "aura:encryption"].map(|label| derive(secret, label));
    let signed = sign(&signing, JWS, &claims());
    [
        (SessionTokenFormat::sealed, encrypt(&encryption, JWE, &signed)),
        (SessionTokenFormat::signed, signed),
        (SessionTokenFormat::encrypted, encrypt(&encryption, JWE, &claims())),
    ]
}

fn signed_by_secret() -> Auth {
    auth(SessionTokenFormat::signed())
}
