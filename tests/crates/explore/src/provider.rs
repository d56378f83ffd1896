//! The two providers: an honest one and the attacker's.
//!
//! The honest provider checks either nonces or proof keys, so each of the two mechanisms has to suffice alone.

use crate::text::Text;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, header};
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// The honest one.
    Good,
    /// The attacker's.
    Evil,
}

impl Provider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Good, Self::Evil];

    /// Its id at the site.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Evil => "evil",
        }
    }

    /// Its issuer.
    pub const fn issuer(self) -> &'static str {
        match self {
            Self::Good => "https://good.test",
            Self::Evil => "https://evil.test",
        }
    }

    /// Finds a provider by the host of a URL.
    pub fn at(host: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.issuer().ends_with(&format!("//{host}")))
    }

    fn key(self) -> Ed25519KeyPair {
        let seed = match self {
            Self::Good => [11; 32],
            Self::Evil => [12; 32],
        };
        Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes")
    }
}

/// Binding of a code: the parts of the authorization request that its provider checks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bound {
    /// The nonce, which the ID token repeats.
    Nonce(Text),
    /// The challenge, whose verifier the exchange must bring; none where none was sent.
    Challenge(Option<Text>),
}

/// A code that a provider gave out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// The provider that issued it.
    pub provider: Provider,
    /// For whom.
    pub account: &'static str,
    /// The binding to the request.
    pub bound: Bound,
    /// Whether it was redeemed.
    pub spent: bool,
    /// Whether the site exchanged it for the attempt that it answers.
    pub sent: bool,
}

/// Every code, by its text.
pub type Codes = BTreeMap<Text, Code>;

/// Answers a request of the site to a provider.
pub fn answer(codes: &mut Codes, request: &Request<Bytes>, now: u64) -> Response<Bytes> {
    let provider = Provider::at(request.uri().host().unwrap_or_default()).expect("nobody else is asked");
    let issuer = provider.issuer();
    match request.uri().path() {
        "/.well-known/openid-configuration" => json_answer(&json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "id_token_signing_alg_values_supported": ["EdDSA"],
        })),
        "/jwks" => {
            let x = URL_SAFE_NO_PAD.encode(provider.key().public_key());
            json_answer(&json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x }] }))
        }
        "/token" => token(codes, provider, request.body(), now),
        "/userinfo" => {
            let token = request.headers()[header::AUTHORIZATION].to_str().expect("ASCII");
            json_answer(&json!({ "sub": token.strip_prefix("Bearer at-").expect("a token of ours") }))
        }
        path => panic!("the site asks for {path}"),
    }
}

/// Redeems a code. The attacker's provider accepts the codes of both providers, and answers as if each were its own.
fn token(codes: &mut Codes, provider: Provider, body: &[u8], now: u64) -> Response<Bytes> {
    let fields: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let refused = || aura_tests::json_answer(400, r#"{"error":"invalid_grant"}"#);
    let Some(code) = codes.get_mut(fields["code"].as_str()) else { return refused() };
    let is_due = code.provider == provider && !code.spent && proves(code, fields.get("code_verifier"));
    if provider == Provider::Good && !is_due {
        return refused();
    }
    code.spent = true;
    let mut grant = json!({ "access_token": format!("at-{}", code.account), "token_type": "Bearer" });
    if let Bound::Nonce(nonce) = &code.bound {
        let claims = json!({
            "iss": provider.issuer(), "sub": code.account, "aud": "app",
            "iat": now, "exp": now + 300, "nonce": **nonce,
        });
        grant["id_token"] = sign(provider, &claims).into();
    }
    json_answer(&grant)
}

/// Returns whether a verifier is that of the challenge (RFC 7636 section 4.6). Without a challenge, any verifier passes.
fn proves(code: &Code, verifier: Option<&String>) -> bool {
    let Bound::Challenge(Some(challenge)) = &code.bound else { return true };
    let of = |verifier: &String| URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    verifier.is_some_and(|verifier| of(verifier) == **challenge)
}

fn sign(provider: Provider, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&json!({ "alg": "EdDSA", "kid": "1" })), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(provider.key().sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn json_answer(value: &Value) -> Response<Bytes> {
    aura_tests::json_answer(200, value.to_string())
}
