//! Tokens of a provider, re-signed with keys of the transcript.
//!
//! Algorithms of published keys become EdDSA wherever they are named. Each published key becomes a key that is derived from it.
//! The ID token is signed again with the key that stands for its signer's, or, where no published key verifies it, with a key
//! that is not published.

use crate::heard::{Answered, Asked, Heard};
use crate::known::{ALGORITHMS, METADATA};
use crate::redact::{Json, Redactor};
use crate::stand_ins::Space;
use aura_jose::StrictObject;
use aura_jose::{CompactJws, Jwk, JwkSet, Refused, SigningAlgorithm, VerificationKey, base64url};
use aura_proto::UnixTime;
use aura_proto::replay_door::{SIGNATURES, access_token_hash};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;
use zeroize::Zeroizing;

/// How much is kept of an answer that should be a set of keys and is none, in bytes: enough to see what else it is.
const MAX_NO_SET: usize = 1024;
/// The replacement of every algorithm that can verify.
const ED_DSA: &str = "EdDSA";
/// The replacement of EdDSA where it is not permitted: an algorithm that never is.
const NEVER: &str = "ES512";

/// The related answers of an OpenID Provider, as they are shown: its configuration, its keys, and a token.
#[derive(Default)]
pub(crate) struct Signed {
    /// Configurations and sets of keys, by the number of their answers.
    published: BTreeMap<usize, String>,
    /// The number of the answer that a token came with, how the token stands there once it is redacted, and what instead.
    anew: Option<(usize, String, String)>,
}

impl Signed {
    /// Reads the answers, and registers the URLs that a provider publishes: the next actions name them.
    pub(crate) fn of(heard: &[(UnixTime, Heard)], redactor: &mut Redactor) -> Self {
        let (mut signed, mut permitted, mut token) = (Self::default(), Vec::new(), None);
        for (at, answered) in answered(heard, Asked::Discovery) {
            let Ok(document) = StrictObject::parse(&answered.body) else { continue };
            let document = document.into_members();
            // Only of members that the core reads: a provider can publish any other URL, and name a user in it.
            let read = METADATA.into_iter().filter_map(|name| Url::parse(document.get(name)?.as_str()?).ok());
            for url in read.filter(|url| url.username().is_empty() && url.password().is_none()) {
                redactor.know(&format!("{} {}", url.authority(), url.path()));
            }
            let listed = document.get(ALGORITHMS).and_then(Value::as_array);
            permitted = listed.into_iter().flatten().filter_map(can_verify).collect();
            signed.published.insert(at, redactor.json(Json::Other, metadata(document)).to_string());
        }
        for (at, answered) in answered(heard, Asked::Token) {
            token = Token::of(&answered.body).map(|token| (at, token)).or(token);
        }
        let read = token.as_ref().and_then(|(_, token)| Read::of(token, &permitted).ok());
        let mut signer = None;
        for (at, answered) in answered(heard, Asked::Keys) {
            let Ok(set) = JwkSet::parse(&answered.body) else {
                let beginning = answered.body.get(..MAX_NO_SET).unwrap_or(&answered.body);
                let beginning = redactor.text(Space::Data, &String::from_utf8_lossy(beginning));
                signed.published.insert(at, beginning);
                continue;
            };
            let keys: Vec<Value> = set.into_members().map(Value::from).collect();
            let usable = read.iter().flat_map(|read| keys.iter().filter_map(|key| read.usable(key)));
            let mut stand_ins = Vec::new();
            for (key, usable) in usable.take(JwkSet::MAX_TRIED) {
                let seed = redactor.derive(&key.to_string());
                if signer.is_none() && read.as_ref().is_some_and(|read| read.is_by(&usable)) {
                    signer = Some(seed);
                }
                stand_ins.extend(stand_in(key, seed, redactor));
            }
            signed.published.insert(at, json!({ "keys": stand_ins }).to_string());
        }
        if let Some(((at, token), read)) = token.as_ref().zip(read) {
            let nobody = redactor.derive("");
            let anew = read.signed(token, signer.unwrap_or(nobody), redactor);
            signed.anew = anew.map(|anew| (*at, redactor.text(Space::Data, &token.id_token), anew));
        }
        signed
    }

    /// Returns what an answer shows that publishes something.
    pub(crate) fn published(&self, at: usize) -> Option<&String> {
        self.published.get(&at)
    }

    /// Puts the re-signed token into its redacted answer.
    pub(crate) fn anew(&self, answer: usize, body: String) -> String {
        match &self.anew {
            Some((at, redacted, anew)) if *at == answer => body.replace(redacted, anew),
            Some(_) | None => body,
        }
    }
}

fn answered(heard: &[(UnixTime, Heard)], asked: Asked) -> impl Iterator<Item = (usize, &Answered)> {
    let all = heard.iter().enumerate().filter_map(|(at, (_, heard))| match heard {
        Heard::Answered(answered) => Some((at, answered)),
        Heard::Found(..) | Heard::Told(_) => None,
    });
    all.filter(move |(_, answered)| answered.asked == asked)
}

/// Returns what is kept of a configuration, with other algorithms.
fn metadata(mut document: Map<String, Value>) -> Value {
    document.retain(|name, _| METADATA.contains(&name.as_str()));
    if let Some(Value::Array(listed)) = document.get_mut(ALGORITHMS) {
        listed.iter_mut().filter(|name| can_verify(name).is_some()).for_each(|name| *name = ED_DSA.into());
    }
    document.into()
}

struct Token {
    id_token: Zeroizing<String>,
    access_token: Zeroizing<String>,
}

impl Token {
    /// Reads a token answer, JSON or a form, where it holds an ID token.
    fn of(granted: &[u8]) -> Option<Self> {
        let json: Option<Map<String, Value>> = serde_json::from_slice(granted).ok();
        let text = |name: &str| match &json {
            Some(members) => members.get(name).and_then(Value::as_str).map(|text| text.to_owned().into()),
            None => {
                let mut pairs = url::form_urlencoded::parse(granted);
                pairs.find(|(own, _)| own == name).map(|(_, text)| text.into_owned().into())
            }
        };
        Some(Self { id_token: text("id_token")?, access_token: text("access_token").unwrap_or_default() })
    }
}

/// An ID token that was taken apart.
struct Read<'a> {
    parts: CompactJws<'a>,
    header: Map<String, Value>,
    claims: Zeroizing<Vec<u8>>,
    /// The algorithm of its header, if that is permitted.
    algorithm: Option<SigningAlgorithm>,
}

impl<'a> Read<'a> {
    fn of(token: &'a Token, permitted: &[SigningAlgorithm]) -> Result<Self, Refused> {
        let parts = CompactJws::split_foreign(&token.id_token)?;
        let header = StrictObject::parse(&base64url::decode(parts.header)?)?.into_members();
        let claims = Zeroizing::new(base64url::decode(parts.payload)?);
        let algorithm = header.get("alg").and_then(can_verify).filter(|by| permitted.contains(by));
        Ok(Self { parts, header, claims, algorithm })
    }

    /// Reads a published key as the flow uses it: of the token's algorithm, and of its key's name where it says one. What
    /// cannot be used is as good as not there.
    fn usable<'k>(&self, key: &'k Value) -> Option<(&'k Value, VerificationKey)> {
        let named = self.header.get("kid").is_none_or(|kid| key.get("kid") == Some(kid));
        let jwk = Jwk::from(key.as_object().filter(|_| named)?.clone());
        Some((key, VerificationKey::from_parsed_jwk(self.algorithm?, &jwk).ok()?))
    }

    fn is_by(&self, key: &VerificationKey) -> bool {
        key.verify(self.parts.signed.as_bytes(), &self.parts.signature).is_ok()
    }

    /// Writes it redacted, signed with a key of this seed.
    fn signed(&self, token: &Token, seed: Seed, redactor: &mut Redactor) -> Option<String> {
        let mut header = redactor.json(Json::Other, self.header.clone().into());
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

    fn claims(&self, token: &Token, redactor: &mut Redactor) -> String {
        let Ok(claims) = StrictObject::parse(&self.claims) else {
            // As they stand there, since they may be no JSON.
            return redactor.text(Space::Data, &String::from_utf8_lossy(&self.claims));
        };
        let belongs = |hash: &Value| {
            self.algorithm.is_some_and(|by| *hash == access_token_hash(by, &token.access_token).as_str())
        };
        let belongs = claims.get("at_hash").is_some_and(belongs);
        let mut redacted = redactor.json(Json::Claims, claims.into_members().into());
        if let (Some(hash), true) = (redacted.get_mut("at_hash"), belongs) {
            let access_token = redactor.text(Space::Data, &token.access_token);
            *hash = access_token_hash(SigningAlgorithm::EdDsa, &access_token).into();
        }
        redacted.to_string()
    }
}

type Seed = [u8; 32];

/// The stand-in of a published key, under the stand-in of its name.
fn stand_in(key: &Value, seed: Seed, redactor: &mut Redactor) -> Option<Value> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let mut written = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(pair.public_key()) });
    if let (Some(kid), Some(members)) = (key.get("kid"), written.as_object_mut()) {
        members.insert("kid".to_owned(), redactor.json(Json::Other, kid.clone()));
    }
    Some(written)
}

/// The algorithm of this name, if a provider may sign by it.
fn can_verify(name: &Value) -> Option<SigningAlgorithm> {
    name.as_str().and_then(SigningAlgorithm::announced).filter(|known| SIGNATURES.contains(known))
}
