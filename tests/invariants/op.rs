//! The sites' OpenID Providers, whose answers are honest, lying, altered or random.

use crate::play::{Attempt, Fetched, Kind, Outcome, fetched};
use crate::site::{CLIENT_SECRET, NOW, OWN};
use aura_proto::provider::{ClaimsSource, Provider, PushedRequests, SignOutScope, TokenRetention};
use aura_proto::{Auth, ClientSecret, FetchError};
use aura_test_idp::{Account, Behaviour, Client, Delay, Idp, IssuerParameter, SigningAlgorithm, State};
use aura_tests::forge;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, header};
use proptest::sample::Index;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Key id of the key that signs claims which no test provider would sign.
const FORGED: &str = "forged";

/// An OpenID Provider of a site.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    pub(crate) id: &'static str,
    pub(crate) idp: Idp,
    /// Its state: the codes of the attempts, and the tokens of the users.
    pub(crate) state: State,
}

/// Makes the providers, and what the sites want of each:
/// * `op` takes requests beforehand, gives tokens to pages, and signs out;
/// * `form` answers by a form, names its issuer, and binds its tokens;
/// * `quiet` says everything in the ID token, of users who signed in within the hour.
pub(crate) fn ops() -> (Vec<Provider>, Vec<Op>) {
    let all = "openid profile email offline_access";
    let op = row("op")
        .tokens(TokenRetention::Readable)
        .scope(all)
        .sign_out(SignOutScope::Provider)
        .request_parameters(["login_hint", "max_age"])
        .revocation_endpoint("https://op.test/revoke");
    let form = row("form")
        .pushed_requests(PushedRequests::Never)
        .authorization_parameter("response_mode", "form_post")
        .tokens(TokenRetention::Kept)
        .scope(all)
        .revocation_endpoint("https://form.test/revoke")
        .dpop();
    let quiet = row("quiet")
        .pushed_requests(PushedRequests::Never)
        .claims_source(ClaimsSource::IdToken)
        .authorization_parameter("max_age", "3600");
    (vec![op, form, quiet], ["op", "form", "quiet"].map(Op::new).into())
}

fn row(id: &str) -> Provider {
    Provider::openid(id, format!("https://{id}.test"), format!("{id}-client"))
        .client_secret(ClientSecret::new(CLIENT_SECRET))
}

impl Op {
    fn new(id: &'static str) -> Self {
        let client = Client::new(&format!("{id}-client"), aura_test_idp::ClientSecret::new(CLIENT_SECRET))
            .with_redirect_uri(&format!("{OWN}/auth/callback/{id}"))
            .and_then(|client| client.with_post_logout_redirect_uri(&format!("{OWN}/auth/signedOut")))
            .unwrap();
        let idp = Idp::new(&format!("https://{id}.test")).unwrap().client(client);
        let idp = idp.accounts(Account::made_up());
        Self { id, idp, state: State::default() }
    }

    /// Tells whether every callback names the issuer.
    pub(crate) fn names_itself(&self) -> bool {
        self.id == "form"
    }

    /// Has the provider behave.
    pub(crate) fn teller(&self, told: &Told, now: u64, seed: u8) -> Teller {
        let mut idp = self.idp.clone();
        let names = if self.names_itself() { IssuerParameter::Sent } else { IssuerParameter::Omitted };
        idp.set_behaviour(told.behaviour.issuer_parameter(names));
        Teller { idp, state: self.state.clone(), earlier: None, told: told.clone(), drawn: [seed, 0], now }
    }

    /// Begins a sign-in at [`NOW`], and approves it as a user.
    pub(crate) fn begin(&mut self, auth: &Auth, redirect_to: &str, account: &str, seed: u8) -> Attempt {
        let mut teller = self.teller(&Told::honest(), NOW, seed);
        let (attempt, url) =
            Attempt::begin(auth, self.id, redirect_to, seed, &mut |kind, asked| teller.answer(kind, asked));
        let (idp, mut state) = (&teller.idp, teller.state);
        let given: BTreeMap<_, _> = if self.names_itself() {
            let form = idp.approve_form_post(&mut state, url.as_str(), account, NOW, [seed; 32]).unwrap();
            form.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        } else {
            let back = idp.approve(&mut state, url.as_str(), account, NOW, [seed; 32]).unwrap();
            let query = Url::parse(&back).unwrap();
            form_urlencoded::parse(query.query().unwrap_or_default().as_bytes()).into_owned().collect()
        };
        self.state = state;
        Attempt { code: given["code"].clone(), iss: given.get("iss").cloned(), ..attempt }
    }
}

/// How a provider behaves in a scene.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) behaviour: Behaviour,
    /// Whether the key is another one since the keys were first published.
    pub(crate) rotates: bool,
    pub(crate) bends: Vec<Bend>,
}

impl Told {
    /// Without a lie, and quickly signed.
    pub(crate) fn honest() -> Self {
        let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
        Self { behaviour, rotates: false, bends: Vec::new() }
    }
}

/// Change to the answers of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Bend {
    pub(crate) kind: Kind,
    pub(crate) how: How,
}

/// How an answer is bent.
#[derive(Clone, Debug)]
pub(crate) enum How {
    /// Another one comes instead.
    Instead(Outcome),
    /// One byte is another.
    Byte(Index, u8),
    /// A member of the JSON is another, or gone.
    Member(String, Option<Value>),
    /// The provider wants the request again, with a nonce of its own (RFC 9449 section 8), however often it gets one.
    WantsNonce,
    /// A claim of the token that it holds or is, is another or gone, and the provider signs that.
    Claim(String, Option<Value>),
}

/// A provider that answers the requests of one scene.
pub(crate) struct Teller {
    idp: Idp,
    state: State,
    /// The provider before it changed its key.
    earlier: Option<State>,
    told: Told,
    /// What is drawn differs from one request to the next, and from one provider's seed to another's.
    drawn: [u8; 2],
    now: u64,
}

impl Teller {
    /// Answers one request, by its path alone: whoever is asked is the provider.
    pub(crate) fn answer(&mut self, kind: Kind, asked: &Request<Bytes>) -> Fetched {
        self.drawn[1] += 1;
        let mut entropy = [0; 32];
        entropy[..2].copy_from_slice(&self.drawn);
        if kind == Kind::Token && self.told.rotates && self.earlier.is_none() {
            self.earlier = Some(self.state.clone());
            self.state.rotate_key();
        }
        // Keys that were read before the change come once; a host that keeps answers would have them.
        let mut earlier = if kind == Kind::Jwks { self.earlier.take() } else { None };
        self.told.rotates &= earlier.is_none();
        let state = earlier.as_mut().unwrap_or(&mut self.state);
        let response = self.idp.handle(state, asked.clone(), self.now, entropy);
        // The provider of the tests takes no token back, and these do.
        let response = if kind == Kind::Revocation { Response::default() } else { response };
        let mut outcome = match response.extensions().get::<Delay>() {
            Some(delay) if delay.0 > Duration::from_secs(5) => Err(FetchError::TimedOut),
            Some(_) | None => Ok(response),
        };
        if kind == Kind::Jwks {
            outcome = outcome.map(publish);
        }
        for bend in self.told.bends.iter().filter(|bend| bend.kind == kind) {
            outcome = bend.how.apply(outcome);
        }
        outcome
    }

    pub(crate) fn into_state(self) -> State {
        self.state
    }
}

impl How {
    fn apply(&self, outcome: Fetched) -> Fetched {
        match self {
            Self::Instead(other) => fetched(other.clone()),
            Self::WantsNonce => Ok(Response::builder()
                .status(401)
                .header("dpop-nonce", "a-nonce")
                .header(header::WWW_AUTHENTICATE, r#"DPoP error="use_dpop_nonce""#)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Bytes::from_static(br#"{"error":"use_dpop_nonce"}"#))
                .unwrap()),
            Self::Byte(at, byte) => outcome.map(|response| {
                response.map(|body| {
                    let mut bytes = body.to_vec();
                    if !bytes.is_empty() {
                        let at = at.index(bytes.len());
                        bytes[at] = *byte;
                    }
                    bytes.into()
                })
            }),
            Self::Member(name, value) => outcome.map(|response| response.map(|body| with(body, name, value))),
            Self::Claim(name, value) => outcome.map(|response| claim(response, name, value)),
        }
    }
}

/// Sets or removes a member of an object; other bodies stay.
fn with(body: Bytes, name: &str, value: &Option<Value>) -> Bytes {
    let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body) else { return body };
    set(&mut members, name, value);
    Value::Object(members).to_string().into()
}

fn set(members: &mut Map<String, Value>, name: &str, value: &Option<Value>) {
    match value {
        Some(value) => members.insert(name.to_owned(), value.clone()),
        None => members.remove(name),
    };
}

/// Publishes the key of forged claims beside those of a key set.
fn publish(response: Response<Bytes>) -> Response<Bytes> {
    response.map(|body| {
        let Ok(mut set) = serde_json::from_slice::<Value>(&body) else { return body };
        set["keys"].as_array_mut().into_iter().for_each(|keys| keys.push(forge::jwk(FORGED)));
        set.to_string().into()
    })
}

/// Changes a claim in the ID token of a token answer, or in a signed one, and signs it anew.
fn claim(response: Response<Bytes>, name: &str, value: &Option<Value>) -> Response<Bytes> {
    let is_token = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/jwt");
    response.map(|body| {
        if is_token {
            let signed = forged(&String::from_utf8_lossy(&body), name, value);
            return signed.map_or(body, Bytes::from);
        }
        let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body) else { return body };
        match members.get("id_token").and_then(Value::as_str).and_then(|token| forged(token, name, value)) {
            Some(token) => members.insert("id_token".to_owned(), token.into()),
            None if members.contains_key("sub") => return with(body, name, value),
            None => return body,
        };
        Value::Object(members).to_string().into()
    })
}

/// A token with a claim that is another or gone, signed by the key that is published for that.
pub(crate) fn forged(token: &str, name: &str, value: &Option<Value>) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let mut claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
    set(&mut claims, name, value);
    let header = format!(r#"{{"alg":"EdDSA","kid":"{FORGED}"}}"#);
    Some(forge::sign(&header, &Value::Object(claims).to_string()))
}
