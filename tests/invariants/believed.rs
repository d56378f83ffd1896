//! Independent validation of an OpenID Provider's answers.
//!
//! It uses `jsonwebtoken`, follows OpenID Connect Core 1.0 section 3.1.3.7, and shares no code with the core.

use crate::play::{Attempt, Exchange, Kind, Run};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use ring::digest;
use serde_json::Value;
use url::{Url, form_urlencoded};

/// Permitted clock difference in seconds.
const SKEW: f64 = 60.0;

/// Returns the subject of a valid sign-in, or the reason why it is invalid.
pub(crate) fn subject(attempt: &Attempt, run: &Run, now: u64) -> Result<String, &'static str> {
    let last = |kind| run.last(kind).ok_or("an exchange is missing");
    let document = json(last(Kind::Discovery)?).ok_or("no configuration")?;
    let issuer = format!("https://{}.test", attempt.provider);
    let client = format!("{}-client", attempt.provider);
    if document["issuer"] != issuer.as_str() {
        return Err("another provider's configuration");
    }
    let keys = json(last(Kind::Jwks)?).ok_or("no keys")?;
    let token = last(Kind::Token)?;
    let access_token = granted(token, "access_token").ok_or("no access token")?;
    let id_token = granted(token, "id_token").ok_or("no ID token")?;
    let announced = &document["id_token_signing_alg_values_supported"];
    let (algorithm, claims) = verified(&id_token, announced, &keys).ok_or("nobody's signature")?;
    check_issuer(&claims, &issuer)?;
    check_audience(&claims, &client)?;
    check_times(&claims, now)?;
    if claims["nonce"] != attempt.nonce.as_str() || attempt.nonce.is_empty() {
        return Err("another nonce");
    }
    let hash = &claims["at_hash"];
    if !hash.is_null() && *hash != hash_of(algorithm, &access_token).as_str() {
        return Err("another access token");
    }
    let authenticated = date(&claims, "auth_time")?;
    if attempt.provider == "quiet" {
        let age = seconds(now) - authenticated.ok_or("no time of authentication")?;
        if !(-SKEW..=3600.0 + SKEW).contains(&age) {
            return Err("an old authentication");
        }
    }
    let subject = claims["sub"].as_str().filter(|sub| (1..=255).contains(&sub.len())).ok_or("no subject")?;
    if !asks_userinfo(attempt, run) {
        return Ok(subject.to_owned());
    }
    let said =
        userinfo(last(Kind::UserInfo)?, &document, &keys, [&issuer, &client], now).ok_or("no userinfo")?;
    if said["sub"] == subject { Ok(subject.to_owned()) } else { Err("another user") }
}

/// Returns whether userinfo is requested in addition to the ID token.
pub(crate) fn asks_userinfo(attempt: &Attempt, run: &Run) -> bool {
    let document = run.last(Kind::Discovery).and_then(json).unwrap_or_default();
    let endpoint = document["userinfo_endpoint"].as_str().and_then(|text| Url::parse(text).ok());
    // One that nobody may be asked at counts as absent.
    let is_public = |url: &Url| {
        let name = url.domain().unwrap_or_default().trim_end_matches('.');
        let is_named = !name.is_empty() && name != "localhost" && !name.ends_with(".localhost");
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        url.scheme() == "https" && is_named && is_plain && http::Uri::try_from(url.as_str()).is_ok()
    };
    attempt.provider != "quiet" && endpoint.as_ref().is_some_and(is_public)
}

/// A member of a token answer, which is JSON or a form.
pub(crate) fn granted(exchange: &Exchange, name: &str) -> Option<String> {
    if let Some(members) = json(exchange) {
        return members[name].as_str().map(str::to_owned);
    }
    let response = exchange.outcome.as_ref().ok().filter(|response| response.status().is_success())?;
    let is_form = media_type(exchange)?.starts_with("application/x-www-form-urlencoded");
    let mut pairs = form_urlencoded::parse(response.body()).filter(|_| is_form);
    pairs.find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

/// The JSON object that an exchange brought.
pub(crate) fn json(exchange: &Exchange) -> Option<Value> {
    let response = exchange.outcome.as_ref().ok().filter(|response| response.status().is_success())?;
    serde_json::from_slice::<Value>(response.body()).ok().filter(Value::is_object)
}

fn media_type(exchange: &Exchange) -> Option<&str> {
    exchange.outcome.as_ref().ok()?.headers().get(header::CONTENT_TYPE)?.to_str().ok()
}

fn userinfo(
    exchange: &Exchange,
    document: &Value,
    keys: &Value,
    [issuer, client]: [&str; 2],
    now: u64,
) -> Option<Value> {
    if !media_type(exchange).unwrap_or_default().starts_with("application/jwt") {
        return json(exchange);
    }
    let token = String::from_utf8_lossy(exchange.outcome.as_ref().ok()?.body()).into_owned();
    let usual = &document["id_token_signing_alg_values_supported"];
    let announced = document.get("userinfo_signing_alg_values_supported").unwrap_or(usual);
    let (_, claims) = verified(token.trim(), announced, keys)?;
    // What is absent is as in an unsigned answer.
    claims.get("iss").map_or(Ok(()), |_| check_issuer(&claims, issuer)).ok()?;
    claims.get("aud").map_or(Ok(()), |_| check_audience(&claims, client)).ok()?;
    let now = seconds(now);
    let is_over = date(&claims, "exp").ok()?.is_some_and(|end| now >= end + SKEW);
    let begins = |name| date(&claims, name).map(|begin| begin.is_none_or(|begin| begin <= now + SKEW));
    if is_over || !begins("iat").ok()? || !begins("nbf").ok()? {
        return None;
    }
    // With a nonce it would be an ID token.
    claims["nonce"].is_null().then_some(claims)
}

/// Verifies a token by the published keys that may sign, with an algorithm that is announced.
fn verified(token: &str, announced: &Value, keys: &Value) -> Option<(Algorithm, Value)> {
    let said = decode_header(token).ok()?;
    let name = serde_json::to_value(said.alg).ok()?;
    let announced = announced.as_array()?.contains(&name);
    let by_secret = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512].contains(&said.alg);
    if !announced || by_secret {
        return None;
    }
    let mut validation = Validation::new(said.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let may_sign = |key: &&Value| key["d"].is_null() && key["use"] != "enc";
    let meant = |key: &&Value| said.kid.is_none() || key["kid"].as_str() == said.kid.as_deref();
    let found = keys["keys"].as_array()?.iter().filter(may_sign).filter(meant).find_map(|key| {
        let key: Jwk = serde_json::from_value(key.clone()).ok()?;
        let key = DecodingKey::from_jwk(&key).ok()?;
        decode::<Value>(token, &key, &validation).ok()
    });
    found.map(|token| (said.alg, token.claims))
}

/// A date, where there is one: a number that is not negative, whose fraction is cut off.
fn date(claims: &Value, name: &str) -> Result<Option<f64>, &'static str> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    value.as_f64().filter(|date| *date >= 0.0).map(|date| Some(date.floor())).ok_or("no date")
}

fn check_issuer(claims: &Value, issuer: &str) -> Result<(), &'static str> {
    if !claims["tid"].is_null() && !claims["tid"].is_string() {
        return Err("another type");
    }
    if claims["iss"] == issuer { Ok(()) } else { Err("another issuer") }
}

fn check_audience(claims: &Value, client: &str) -> Result<(), &'static str> {
    let (audience, party) = (&claims["aud"], &claims["azp"]);
    let for_several = audience.as_array().is_some_and(|all| all.iter().any(|one| one != client));
    let is_text = |one: &Value| one.is_string();
    if audience.as_array().is_some_and(|all| !all.iter().all(is_text)) {
        return Err("another type");
    }
    let for_us = audience == client || audience.as_array().is_some_and(|all| all.contains(&client.into()));
    let made_for_us = party == client || (party.is_null() && !for_several);
    if for_us && made_for_us { Ok(()) } else { Err("another client") }
}

fn check_times(claims: &Value, now: u64) -> Result<(), &'static str> {
    let now = seconds(now);
    if date(claims, "exp")?.is_none_or(|end| now >= end + SKEW) {
        return Err("it has ended");
    }
    if date(claims, "iat")?.is_none_or(|issued| issued > now + SKEW) {
        return Err("it is of the future");
    }
    if date(claims, "nbf")?.is_some_and(|begin| begin > now + SKEW) {
        return Err("it is early");
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn seconds(now: u64) -> f64 {
    now as f64
}

/// The left half of the hash of an access token: SHA-512 for Ed25519, else that of the algorithm's name.
fn hash_of(algorithm: Algorithm, access_token: &str) -> String {
    let hash = if algorithm == Algorithm::EdDSA { &digest::SHA512 } else { &digest::SHA256 };
    let digest = digest::digest(hash, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..hash.output_len() / 2])
}
