//! How does what a provider signed run again, when its key is not ours? Under keys of the transcript's own.
//!
//! Algorithms that can verify become EdDSA wherever they are named, published keys become keys that are derived from them,
//! and an ID token is signed anew, with the key that stands for the one that made its signature, or with none of them.

use super::redact::Redactor;
use super::sealed::{canonical, redact};
use super::{Answer, What};
use crate::jose::claims::StrictObject;
use crate::jose::jwk_set::JwkSet;
use crate::jose::jws::Parts;
use crate::jose::{Refused, SigningAlgorithm, VerificationKey, base64url};
use crate::oidc::discovery::SIGNATURES;
use crate::oidc::id_token::access_token_hash;
use crate::origin::parse_http_url;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// What a provider's configuration is read for; the rest is left out.
const METADATA: [&str; 11] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
    "authorization_response_iss_parameter_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
];
const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
/// What every algorithm becomes that can verify.
const ED_DSA: &str = "EdDSA";
/// What EdDSA becomes where it is not permitted: an algorithm that never is.
const NEVER: &str = "ES512";

/// What an OpenID Provider answered that hangs together: its algorithms, its keys, and a token.
#[derive(Default)]
pub(super) struct Signed {
    permitted: Vec<String>,
    key_sets: Vec<(usize, Map<String, Value>)>,
    token: Option<Token>,
}

struct Token {
    /// The number of the answer that it came with.
    answer: usize,
    id_token: Zeroizing<String>,
    access_token: Zeroizing<String>,
}

impl Signed {
    /// Notes a provider's configuration, which is public, and returns what is kept of it.
    pub(super) fn discovery(&mut self, document: &Map<String, Value>, redactor: &mut Redactor) -> Value {
        let read = document.iter().filter(|(name, _)| METADATA.contains(&name.as_str()));
        let mut kept: Map<_, _> = read.map(|(name, value)| (name.clone(), value.clone())).collect();
        // What is done next names these places.
        let urls = kept.values().filter_map(Value::as_str).filter(|text| parse_http_url(text).is_some());
        urls.for_each(|url| redactor.know(url));
        if let Some(Value::Array(listed)) = kept.get_mut(ALGORITHMS) {
            self.permitted = listed.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            listed
                .iter_mut()
                .filter(|name| can_verify(name).is_some())
                .for_each(|name| *name = ED_DSA.into());
        }
        kept.into()
    }

    /// Notes a set of keys, which is the answer of this number.
    pub(super) fn keys(&mut self, answer: usize, set: &Map<String, Value>) {
        self.key_sets.push((answer, set.clone()));
    }

    /// Notes a token answer, JSON or a form, where it holds an ID token.
    pub(super) fn token(&mut self, answer: usize, granted: &str) {
        let json: Option<Map<String, Value>> = serde_json::from_str(granted).ok();
        let text = |name: &str| match &json {
            Some(members) => members.get(name).and_then(Value::as_str).map(|text| text.to_owned().into()),
            None => {
                let mut pairs = url::form_urlencoded::parse(granted.as_bytes());
                pairs.find(|(own, _)| own == name).map(|(_, text)| text.into_owned().into())
            }
        };
        if let Some(id_token) = text("id_token") {
            let access_token = text("access_token").unwrap_or_default();
            self.token = Some(Token { answer, id_token, access_token });
        }
    }

    /// Rewrites the redacted answers that hold keys, and the token in its own.
    pub(super) fn finish(self, redactor: &Redactor, answers: &mut [Answer]) {
        let read = self.token.as_ref().and_then(|token| Read::of(token, &self.permitted).ok());
        let algorithm = read.as_ref().and_then(|read| read.algorithm);
        let mut signer = seed(redactor, &Value::Null);
        for (answer, set) in &self.key_sets {
            let mut stand_ins = Vec::new();
            for key in set.get("keys").and_then(Value::as_array).into_iter().flatten() {
                // What cannot be used is as good as not there.
                let Some(usable) = algorithm.and_then(|by| usable(key, by)) else { continue };
                let seed = seed(redactor, key);
                if read.as_ref().is_some_and(|read| read.is_by(&usable)) {
                    signer = seed;
                }
                stand_ins.extend(stand_in(key, seed, redactor));
            }
            if let Some(body) = body(answers, *answer) {
                *body = json!({ "keys": stand_ins }).to_string();
            }
        }
        if let Some((token, read)) = self.token.as_ref().zip(read)
            && let Some(signed) = read.signed(token, signer, redactor)
            && let Some(body) = body(answers, token.answer)
        {
            *body = body.replace(&redactor.text(&token.id_token), &signed);
        }
    }
}

/// An ID token that was taken apart.
struct Read<'a> {
    parts: Parts<'a>,
    header: Map<String, Value>,
    /// As they stand there, since they may be no JSON.
    claims: String,
    /// By what it says that it was signed, if that is permitted.
    algorithm: Option<SigningAlgorithm>,
}

impl<'a> Read<'a> {
    fn of(token: &'a Token, permitted: &[String]) -> Result<Self, Refused> {
        let parts = Parts::split(&token.id_token)?;
        let header = StrictObject::parse(&base64url::decode(parts.header)?)?.into_members();
        let claims = String::from_utf8_lossy(&base64url::decode(parts.payload)?).into_owned();
        let algorithm = header.get("alg").filter(|name| permitted.iter().any(|one| *name == one.as_str()));
        let algorithm = algorithm.and_then(can_verify);
        Ok(Self { parts, header, claims, algorithm })
    }

    fn is_by(&self, key: &VerificationKey) -> bool {
        key.verify(self.parts.signed.as_bytes(), &self.parts.signature).is_ok()
    }

    /// Writes it redacted, signed with a key of this seed.
    fn signed(&self, token: &Token, seed: Seed, redactor: &Redactor) -> Option<String> {
        let mut header = redact("", &self.header.clone().into(), redactor);
        if let Some(name) = header.get_mut("alg") {
            if self.algorithm.is_some() {
                *name = ED_DSA.into();
            } else if *name == ED_DSA {
                *name = NEVER.into();
            }
        }
        let text = format!(
            "{}.{}",
            base64url::encode(header.to_string()),
            base64url::encode(self.claims(token, redactor))
        );
        let signature = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?.sign(text.as_bytes());
        Some(format!("{text}.{}", base64url::encode(signature)))
    }

    fn claims(&self, token: &Token, redactor: &Redactor) -> String {
        let Some(claims) = canonical(&self.claims) else { return redactor.text(&self.claims) };
        let mut redacted = redact("", &claims, redactor);
        let belongs = |hash: &Value| {
            self.algorithm.is_some_and(|by| *hash == access_token_hash(by, &token.access_token).as_str())
        };
        if let (Some(hash), true) = (redacted.get_mut("at_hash"), claims.get("at_hash").is_some_and(belongs))
        {
            *hash = access_token_hash(SigningAlgorithm::EdDsa, &redactor.text(&token.access_token)).into();
        }
        redacted.to_string()
    }
}

fn body(answers: &mut [Answer], at: usize) -> Option<&mut String> {
    match &mut answers.get_mut(at)?.what {
        What::Answered { body, .. } => Some(body),
        What::TimedOut
        | What::Unreachable
        | What::Untrusted
        | What::TooLarge
        | What::Admitted
        | What::Refused => None,
    }
}

type Seed = [u8; 32];

/// The seed of the key that stands for a published one.
fn seed(redactor: &Redactor, key: &Value) -> Seed {
    redactor.derive(&key.to_string())
}

/// A published key as the flow uses it.
fn usable(key: &Value, by: SigningAlgorithm) -> Option<VerificationKey> {
    let set = json!({ "keys": [key] }).to_string();
    JwkSet::parse(set.as_bytes()).ok()?.candidates(by, None).next()
}

/// What stands for a published key, under the name that stands for its name.
fn stand_in(key: &Value, seed: Seed, redactor: &Redactor) -> Option<Value> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let mut written = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(pair.public_key()) });
    if let (Some(kid), Some(members)) = (key.get("kid"), written.as_object_mut()) {
        members.insert("kid".to_owned(), redact("", kid, redactor));
    }
    Some(written)
}

/// The algorithm of this name, if a provider may sign by it.
fn can_verify(name: &Value) -> Option<SigningAlgorithm> {
    SIGNATURES.into_iter().find(|known| *name == known.name())
}
