//! Invariant: an ID token is accepted only with a valid signature by a permitted algorithm and with the expected claims.
//!
//! The claims name this issuer, this client, this nonce, this access token and a subject, and are valid at this time.
//! Other claims do not matter.
#![no_main]

use aura_fuzz::encode;
use aura_jose::SigningAlgorithm;
use aura_proto::internals::{Issuer, MaxAge, Nonce, Occasion, Parties, SignedBy, validate};
use aura_proto::{AccessToken, ClientSecret, UnixTime};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use ring::{digest, hmac};
use serde_json::Value;

const NOW: u64 = 1_790_000_000;
const SECRET: &str = "the secret of a client";
const ISSUER: &str = "https://idp.test";
const HEADER: &str = r#"{"alg":"HS256"}"#;

/// Headers under which nothing is believed.
const REFUSED: [&str; 6] = [
    r#"{"alg":"none"}"#,
    r#"{"alg":"hs256"}"#,
    r#"{"alg":"HS512"}"#,
    r#"{"alg":"HS256","alg":"HS256"}"#,
    r#"{"alg":"HS256","crit":["x"],"x":1}"#,
    r#"{"typ":"JWT"}"#,
];

// The input is a whole token, or the claims of one that is signed.
fuzz_target!(|input: &[u8]| {
    let at = |issuer: &str, client: &str, nonce: &str, token: &str| {
        id_token(token, issuer, client, nonce, UnixTime::from_secs(NOW))
    };
    let subject_of = |token: &str| at(ISSUER, "client", "nonce", token);
    if let Ok(token) = str::from_utf8(input)
        && subject_of(token).is_some()
    {
        let parts: Vec<_> =
            token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url")).collect();
        let header = str::from_utf8(&parts[0]).expect("a header is text");
        assert_eq!(sign(header, &parts[1]), token, "nobody else can sign");
    }
    let token = sign(HEADER, input);
    let Some(subject) = subject_of(&token) else { return };
    for header in REFUSED {
        assert_eq!(subject_of(&sign(header, input)), None, "{header}");
    }
    for (issuer, client, nonce) in [
        ("https://other.test", "client", "nonce"),
        (ISSUER, "another", "nonce"),
        (ISSUER, "client", "another"),
    ] {
        // An audience may be several, and is ours alone by its `azp`.
        assert_eq!(at(issuer, client, nonce, &token), None, "{issuer} {client} {nonce}");
    }
    let mut altered = token.into_bytes();
    altered.pop();
    assert_eq!(subject_of(&String::from_utf8(altered).expect("tokens are ASCII")), None);
    check(&serde_json::from_slice(input).expect("claims are JSON"), &subject);
});

/// Validates an ID token that the client's secret signs; returns the subject.
fn id_token(token: &str, issuer: &str, client: &str, nonce: &str, now: UnixTime) -> Option<String> {
    let issuer_rule = Issuer::Exactly(issuer.to_owned());
    let parties = Parties {
        trusted_audiences: &[],
        issuer: &issuer_rule,
        published: issuer,
        client_id: client,
        permitted: &[SigningAlgorithm::Hs256],
    };
    let (nonce, access_token) = (Nonce::new(nonce), AccessToken::new("at"));
    let occasion = Occasion::SignIn {
        nonce: &nonce,
        max_age: MaxAge::Any,
        acr_values: "",
        access_token: Some(&access_token),
    };
    let secret = ClientSecret::new(SECRET);
    validate(token, parties, SignedBy::Secret(&secret), occasion, now).ok().map(|claims| claims.subject)
}

/// Signs any claims under any header with the client's secret.
fn sign(header: &str, claims: impl AsRef<[u8]>) -> String {
    let text = format!("{}.{}", encode(header), encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    format!("{text}.{}", encode(hmac::sign(&key, text.as_bytes())))
}

fn check(claims: &Value, subject: &str) {
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["nonce"], "nonce");
    assert_eq!(claims["sub"], subject);
    assert!((1..=255).contains(&subject.len()));
    let (audience, party) = (&claims["aud"], &claims["azp"]);
    assert!(audience == "client" || audience.as_array().is_some_and(|all| all.contains(&"client".into())));
    let is_alone = audience.as_array().is_none_or(|all| all.iter().all(|one| one == "client"));
    assert!(party == "client" || (party.is_null() && is_alone));
    let hash = digest::digest(&digest::SHA256, b"at");
    assert!(claims["at_hash"].is_null() || claims["at_hash"] == encode(&hash.as_ref()[..16]));
    let date = |name: &str| claims[name].as_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let now = NOW as f64;
    assert!(date("exp").expect("a number") > now - 60.0 && date("iat").expect("a number") < now + 61.0);
    assert!(claims.get("nbf").is_none() || date("nbf").expect("a number") < now + 61.0);
    assert!(claims.get("auth_time").is_none() || date("auth_time").is_some());
}
