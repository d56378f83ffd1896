//! ID tokens and their claims (OpenID Connect Core section 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::digest;
use ring::hmac;
use serde_json::{Map, Value, json};

use crate::algorithm::SigningAlgorithm;
use crate::behaviour::{Audience, Behaviour};
use crate::claims;
use crate::idp::Idp;
use crate::jws;
use crate::keys::Role;
use crate::lie::Lie;
use crate::state::{Access, SignIn, State};

/// Seconds until an ID token expires.
const LIFETIME: u64 = 600;
/// Error of a lie about time, in seconds.
const HOUR: u64 = 3600;

/// The issuer that the provider falsely claims to be.
pub(crate) const OTHER_ISSUER: &str = "https://other-idp.example";
/// The audience of a false ID token.
pub(crate) const OTHER_CLIENT: &str = "another-client";
/// The subject of a false ID token.
pub(crate) const OTHER_SUB: &str = "mallory";

type Claims = Map<String, Value>;

/// Input of an ID token: the provider, the access, the occasion and the time.
pub(crate) struct Subject<'a> {
    pub(crate) idp: &'a Idp,
    pub(crate) access: &'a Access,
    pub(crate) access_token: &'a str,
    pub(crate) occasion: Occasion,
    pub(crate) now: u64,
}

/// Which grant an ID token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    SignIn,
    Refresh,
}

/// A lie, and what it does to the honest claims.
type Bend = (Lie, fn(&mut Claims, &Subject<'_>));

const BENT: [Bend; 29] = [
    (Lie::IdTokenOtherIss, |claims, _| set(claims, "iss", OTHER_ISSUER)),
    (Lie::IdTokenOtherTenantIss, |claims, subject| {
        set(claims, "iss", format!("{}/other-tenant", subject.idp.issuer()));
    }),
    (Lie::IdTokenWithoutIss, |claims, _| remove(claims, "iss")),
    (Lie::IdTokenWithoutSub, |claims, _| remove(claims, "sub")),
    (Lie::IdTokenEmptySub, |claims, _| set(claims, "sub", "")),
    (Lie::IdTokenOtherAud, |claims, _| set(claims, "aud", OTHER_CLIENT)),
    (Lie::IdTokenWithoutAud, |claims, _| remove(claims, "aud")),
    (Lie::IdTokenSeveralAudWithoutAzp, |claims, subject| {
        set(claims, "aud", json!([subject.access.client_id, OTHER_CLIENT]));
        remove(claims, "azp");
    }),
    (Lie::IdTokenOtherAzp, |claims, _| set(claims, "azp", OTHER_CLIENT)),
    (Lie::IdTokenOtherNonce, |claims, _| set(claims, "nonce", "another-nonce")),
    (Lie::IdTokenWithoutNonce, |claims, _| remove(claims, "nonce")),
    // Before the lie that sets one, which would else be undone by one that is tolerated.
    (Lie::IdTokenWithoutAtHash, |claims, _| remove(claims, "at_hash")),
    (Lie::IdTokenOtherAtHash, |claims, subject| {
        set(claims, "at_hash", at_hash(subject.algorithm(), "another-access-token"));
    }),
    (Lie::IdTokenOldAuthTime, |claims, subject| {
        set(claims, "auth_time", subject.now.saturating_sub(24 * HOUR));
    }),
    (Lie::IdTokenWithoutAuthTime, |claims, _| remove(claims, "auth_time")),
    (Lie::IdTokenOtherAcr, |claims, _| set(claims, "acr", "another-acr")),
    (Lie::IdTokenExpired, |claims, subject| {
        set(claims, "iat", subject.now.saturating_sub(2 * HOUR));
        set(claims, "exp", subject.now.saturating_sub(HOUR));
    }),
    (Lie::IdTokenWithoutExp, |claims, _| remove(claims, "exp")),
    (Lie::IdTokenIssuedInTheFuture, |claims, subject| {
        set(claims, "iat", subject.now.saturating_add(HOUR));
        set(claims, "exp", subject.now.saturating_add(2 * HOUR));
    }),
    (Lie::IdTokenWithoutIat, |claims, _| remove(claims, "iat")),
    (Lie::IdTokenNotYetValid, |claims, subject| {
        set(claims, "nbf", subject.now.saturating_add(HOUR));
        set(claims, "exp", subject.now.saturating_add(2 * HOUR));
    }),
    (Lie::IdTokenSubNumber, |claims, _| set(claims, "sub", 42)),
    (Lie::IdTokenIssArray, |claims, _| wrap(claims, "iss")),
    (Lie::IdTokenAudObject, |claims, subject| {
        set(claims, "aud", json!({ subject.access.client_id.as_str(): true }));
    }),
    (Lie::IdTokenAudEmptyArray, |claims, _| set(claims, "aud", json!([]))),
    (Lie::IdTokenExpString, |claims, _| write_out(claims, "exp")),
    (Lie::IdTokenIatString, |claims, _| write_out(claims, "iat")),
    (Lie::IdTokenNonceArray, |claims, _| wrap(claims, "nonce")),
    (Lie::IdTokenEmbeddedJwk, |claims, _| set(claims, "sub", OTHER_SUB)),
];

/// Mints the ID token of the configured behaviour; `None` if the lie is to omit it.
pub(crate) fn mint(subject: &Subject<'_>, state: &mut State) -> Option<String> {
    let idp = subject.idp;
    if idp.tells(Lie::IdTokenMissing) {
        return None;
    }
    if idp.tells(Lie::IdTokenNotAJwt) {
        return Some("not-a-jwt".to_owned());
    }
    if idp.tells(Lie::IdTokenEncryptedLooking) {
        return Some(encrypted_looking());
    }
    if idp.tells(Lie::KeyRotatedJustBeforeSigning) {
        state.rotate_key();
    }
    Some(sign(subject, state, &payload(subject)))
}

fn payload(subject: &Subject<'_>) -> String {
    let idp = subject.idp;
    let mut claims = honest(subject);
    for (_, bend) in BENT.iter().filter(|(lie, _)| idp.tells(*lie)) {
        bend(&mut claims, subject);
    }
    if subject.occasion == Occasion::Refresh && idp.tells(Lie::RefreshOtherIss) {
        set(&mut claims, "iss", OTHER_ISSUER);
    }
    if subject.occasion == Occasion::Refresh && idp.tells(Lie::RefreshOtherSub) {
        set(&mut claims, "sub", OTHER_SUB);
    }
    let mut payload = Value::Object(claims).to_string();
    if idp.tells(Lie::IdTokenDuplicateClaims) {
        payload.truncate(payload.len().saturating_sub(1));
        // Twice, so that it is there twice even where another lie leaves the first one out.
        let other = json!(OTHER_SUB);
        payload.push_str(&format!(",\"sub\":{other},\"sub\":{other}}}"));
    }
    payload
}

fn honest(subject: &Subject<'_>) -> Claims {
    let Subject { idp, access, now, .. } = subject;
    let mut claims = Claims::new();
    set(&mut claims, "iss", idp.issuer());
    set(&mut claims, "sub", access.account_id.as_str());
    set(&mut claims, "iat", *now);
    set(&mut claims, "exp", now.saturating_add(LIFETIME));
    let behaviour = idp.current_behaviour();
    set(&mut claims, "auth_time", auth_time(behaviour, &access.sign_in));
    if !behaviour.names_no_session {
        set(&mut claims, "sid", access.sign_in.sid.as_str());
    }
    set(&mut claims, "at_hash", at_hash(subject.algorithm(), subject.access_token));
    if !behaviour.amr.is_empty() {
        set(&mut claims, "amr", behaviour.amr);
    }
    if let Some(lifetime) = behaviour.session_lifetime {
        set(&mut claims, "session_expiry", access.sign_in.begun_at.saturating_add(lifetime));
    }
    match behaviour.audience {
        Audience::ClientAlone => set(&mut claims, "aud", access.client_id.as_str()),
        Audience::Several => {
            set(&mut claims, "aud", json!([access.client_id, OTHER_CLIENT]));
            set(&mut claims, "azp", access.client_id.as_str());
        }
    }
    if let Some(nonce) = &access.sign_in.nonce {
        set(&mut claims, "nonce", nonce.as_str());
    }
    if let Some(acr) = &access.sign_in.acr {
        set(&mut claims, "acr", acr.as_str());
    }
    if let Some(account) = idp.known_account(&access.account_id) {
        claims.extend(claims::by_scope(account, access.scope.as_ref()));
    }
    claims
}

/// When the person was authenticated: before the sign-in, unless that asked for a later time.
fn auth_time(behaviour: Behaviour, sign_in: &SignIn) -> u64 {
    let age = behaviour.authentication_age;
    let is_again = sign_in.max_age.is_some_and(|max_age| max_age < age);
    sign_in.begun_at.saturating_sub(if is_again { 0 } else { age })
}

fn sign(subject: &Subject<'_>, state: &State, payload: &str) -> String {
    let idp = subject.idp;
    let key = |role| state.key(subject.algorithm(), role);
    let published = key(Role::Signing);
    let foreign = key(Role::Foreign);
    if idp.tells(Lie::IdTokenAlgNone) {
        return jws::compact(r#"{"alg":"none"}"#, payload, |_| Vec::new());
    }
    if idp.tells(Lie::IdTokenHs256WithPublicKey) {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, published.public_key_pem().as_bytes());
        let header = json!({ "alg": "HS256", "kid": published.kid() });
        return jws::compact(&header.to_string(), payload, |input| {
            hmac::sign(&secret, input).as_ref().to_vec()
        });
    }
    let mut header = Map::new();
    set(&mut header, "alg", published.algorithm().name());
    set(&mut header, "kid", published.kid());
    let mut signer = published;
    if idp.tells(Lie::IdTokenOtherAlg) {
        signer = state.key(subject.algorithm().sibling(), Role::Signing);
        set(&mut header, "alg", signer.algorithm().name());
    }
    if idp.tells(Lie::IdTokenUnknownKid) {
        set(&mut header, "kid", foreign.kid());
        signer = foreign;
    } else if idp.tells(Lie::IdTokenEmbeddedJwk) {
        set(&mut header, "jwk", foreign.jwk());
        signer = foreign;
    }
    if idp.tells(Lie::IdTokenWithoutKid) || idp.tells(Lie::IdTokenWithoutKidAmongSeveral) {
        remove(&mut header, "kid");
    }
    if idp.tells(Lie::IdTokenCritHeader) {
        set(&mut header, "crit", json!(["https://extension.example"]));
        set(&mut header, "https://extension.example", true);
    }
    jws::compact(&Value::Object(header).to_string(), payload, |input| {
        let mut signature = signer.sign(input);
        if idp.tells(Lie::IdTokenBadSignature) {
            flip_a_bit(&mut signature);
        }
        signature
    })
}

fn flip_a_bit(signature: &mut [u8]) {
    // The middle, so that neither a check of the first nor of the last bytes alone suffices.
    let middle = signature.len() / 2;
    if let Some(byte) = signature.get_mut(middle) {
        *byte ^= 1;
    }
}

/// The left half of the access token's hash (OpenID Connect Core section 3.1.3.6).
fn at_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let hash = digest(algorithm.hash(), access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at_checked(hash.as_ref().len() / 2).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(left)
}

/// Text in the form of a JWE (RFC 7516 section 3.1) that cannot be decrypted.
fn encrypted_looking() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    let part = |length| URL_SAFE_NO_PAD.encode(vec![7_u8; length]);
    format!("{header}.{}.{}.{}.{}", part(256), part(12), part(300), part(16))
}

impl Subject<'_> {
    const fn algorithm(&self) -> SigningAlgorithm {
        self.idp.current_behaviour().signing_algorithm
    }
}

fn set(members: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    members.insert(name.to_owned(), value.into());
}

fn remove(members: &mut Map<String, Value>, name: &str) {
    members.remove(name);
}

fn wrap(members: &mut Map<String, Value>, name: &str) {
    let value = members.get(name).cloned().unwrap_or_default();
    set(members, name, vec![value]);
}

fn write_out(members: &mut Map<String, Value>, name: &str) {
    let value = members.get(name).map(Value::to_string).unwrap_or_default();
    set(members, name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_gives_the_example_of_openid_connect_core_appendix_a_3() {
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(SigningAlgorithm::Rs256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
