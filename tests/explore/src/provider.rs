//! What do the providers do? One is honest, and knows nothing of PKCE, so that the rest must hold alone; one is the
//! attacker's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, header};
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
    pub fn issuer(self) -> String {
        format!("https://{}.test", self.id())
    }

    /// Finds a provider by the host of a URL.
    pub fn at(host: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| host == format!("{}.test", provider.id()))
    }

    fn key(self) -> Ed25519KeyPair {
        let seed = match self {
            Self::Good => [11; 32],
            Self::Evil => [12; 32],
        };
        Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes")
    }
}

/// A code that a provider gave out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// Who gave it out.
    pub provider: Provider,
    /// For whom.
    pub account: String,
    /// The nonce of the request that it answers.
    pub nonce: String,
    /// Whether it was redeemed.
    pub spent: bool,
}

/// Every code, by its text.
pub type Codes = BTreeMap<String, Code>;

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
        path => panic!("the site asks for {path}"),
    }
}

/// Redeems a code. The attacker's provider takes every code, whoever gave it out, and answers as if it were its own.
fn token(codes: &mut Codes, provider: Provider, body: &[u8], now: u64) -> Response<Bytes> {
    let fields: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let refused = || {
        let answer = Response::builder().status(400).header(header::CONTENT_TYPE, "application/json");
        answer.body(Bytes::from_static(br#"{"error":"invalid_grant"}"#)).expect("sound")
    };
    let Some(code) = codes.get_mut(&fields["code"]) else { return refused() };
    if provider == Provider::Good && (code.provider != provider || code.spent) {
        return refused();
    }
    code.spent = true;
    let claims = json!({
        "iss": provider.issuer(), "sub": code.account, "aud": "app",
        "iat": now, "exp": now + 300, "nonce": code.nonce,
    });
    json_answer(&json!({ "access_token": "at", "token_type": "Bearer", "id_token": sign(provider, &claims) }))
}

fn sign(provider: Provider, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&json!({ "alg": "EdDSA", "kid": "1" })), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(provider.key().sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn json_answer(value: &Value) -> Response<Bytes> {
    let answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
    answer.body(Bytes::from(value.to_string())).expect("sound")
}
