//! Invariant: any request ends within eight fetches, without a panic, with an answer that is never cached.
//!
//! This holds for any input of a browser and an OpenID Provider. A callback sets a session cookie only for the subject
//! of an ID token that the provider signed. That token is for this issuer, client, access token and time, and for the
//! nonce of the attempt: the state names the attempt, and the browser holds it. Any other request sets a session cookie
//! only for the user who was signed in before.
#![no_main]

use aura_fuzz::story::{answer, carry_out, cookie, get, parameter, request};
use aura_fuzz::{builder, encode};
use aura_proto::{Auth, ClientSecret, FetchError};
use aura_providers::{MICROSOFT_ENTRA_ID, Provider, SignOutScope, TokenRetention};
use bytes::Bytes;
use http::{Request, Response, header};
use libfuzzer_sys::fuzz_target;
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::form_urlencoded;

const ISSUER: &str = "https://idp.test";
const CLIENT: &str = "client";
const NOW: f64 = 1_790_000_000.0;
const HEADER: &str = r#"{"alg":"EdDSA","kid":"1"}"#;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);
static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed of 32 bytes"));
static BEGUN: LazyLock<Begun> = LazyLock::new(begin);

/// Earlier cookies of a browser: an attempt at each provider, and the session of an earlier sign-in.
struct Begun {
    attempts: [Attempt; 2],
    session: String,
    tokens: String,
    csrf_cookie: String,
    csrf: String,
}

/// A sign-in that was begun.
struct Attempt {
    provider: &'static str,
    state: String,
    nonce: String,
    cookie: String,
}

// The input is a request, then one answer a line, as in `flow`; `$NONCE`, `$SESSION`, `$TOKENS` and `$CSRFCOOKIE` stand for
// more of what a browser got before, and `$STATE2`, `$NONCE2` and `$ATTEMPT2` for an attempt at the provider `many`, which
// has an issuer for each tenant. An answer may be `discovery` or `keys`, which are the provider's own, with further members
// of a JSON object behind them, `sign HEADER CLAIMS`, which is a token answer with an ID token of the provider's key, or
// `jwt HEADER CLAIMS`, which is such a token by itself. A line `logout: HEADER CLAIMS` among the headers makes the body a
// logout token likewise.
fuzz_target!(|input: &[u8]| {
    let mut text = String::from_utf8_lossy(input).into_owned();
    let [first, second] = &BEGUN.attempts;
    for (name, value) in [
        ("$STATE2", &second.state),
        ("$NONCE2", &second.nonce),
        ("$ATTEMPT2", &second.cookie),
        ("$STATE", &first.state),
        ("$NONCE", &first.nonce),
        ("$ATTEMPT", &first.cookie),
        ("$SESSION", &BEGUN.session),
        ("$TOKENS", &BEGUN.tokens),
        ("$CSRFCOOKIE", &BEGUN.csrf_cookie),
        ("$CSRF", &BEGUN.csrf),
    ] {
        text = text.replace(name, value);
    }
    let mut lines = text.split('\n');
    let Some(mut request) = request(&mut lines) else { return };
    if let Some(token) = request.headers_mut().remove("logout") {
        let (header, claims) = two(token.to_str().unwrap_or_default());
        *request.body_mut() = format!("logout_token={}", sign(header, claims)).into();
    }
    let (path, query) =
        (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
    let fields = request.headers().get_all(header::COOKIE).iter();
    let sent: Vec<_> = fields.map(|field| String::from_utf8_lossy(field.as_bytes()).into_owned()).collect();
    let sends = |cookie: &str| sent.iter().any(|field| field.contains(value(cookie)));
    let mut signed = Vec::new();
    let ended = carry_out(&AUTH, request, 2, || provider(lines.next(), &mut signed));
    assert_eq!(ended.response.headers()[header::CACHE_CONTROL], "no-store");
    let Some(session) = ended.session(&AUTH) else { return };
    let user = session.identity();
    if path.split('/').filter(|segment| !segment.is_empty()).nth(1) != Some("callback") {
        assert!(sends(&BEGUN.session) && user == (Some("dev"), "1"), "{user:?}");
        return;
    }
    let states: Vec<_> =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state").collect();
    let attempt = BEGUN.attempts.iter().find(|attempt| states.len() == 1 && states[0].1 == attempt.state);
    let attempt = attempt.expect("the state is an attempt's");
    assert!(ended.named && ended.response.status() == 302 && sends(&attempt.cookie));
    assert_eq!(Some(attempt.provider), user.0);
    assert!(signed.iter().any(|claims| is_for(attempt, user.1, claims)), "{user:?} by {signed:?}");
});

/// The value of a cookie.
fn value(cookie: &str) -> &str {
    cookie.split_once('=').map_or(cookie, |(_, value)| value)
}

/// Whether claims name this client, a subject, the issuer and the nonce of an attempt, its access token, and this minute.
fn is_for(attempt: &Attempt, subject: &str, claims: &Value) -> bool {
    let (audience, party) = (&claims["aud"], &claims["azp"]);
    let is_alone = audience.as_array().is_none_or(|all| all.len() == 1);
    let for_client =
        audience == CLIENT || audience.as_array().is_some_and(|all| all.contains(&CLIENT.into()));
    let made_for_client = party == CLIENT || (party.is_null() && is_alone);
    let of_tenant = claims["tid"].as_str().map(|tenant| format!("{ISSUER}/{tenant}/v2.0"));
    let is_tenant = ["t1", "t2"].iter().any(|tenant| claims["tid"] == *tenant);
    let of_issuer = match attempt.provider {
        "many" => is_tenant && of_tenant.is_some_and(|issuer| claims["iss"] == issuer),
        _ => claims["iss"] == ISSUER,
    };
    let date = |name: &str| claims[name].as_f64();
    let of_now = date("exp").is_some_and(|end| end > NOW - 60.0)
        && date("iat").is_some_and(|at| at < NOW + 61.0)
        && (claims.get("nbf").is_none() || date("nbf").is_some_and(|at| at < NOW + 61.0));
    let hash = digest::digest(&digest::SHA512, b"at");
    let of_token = claims["at_hash"].is_null() || claims["at_hash"] == encode(&hash.as_ref()[..32]);
    let by_whom = claims["sub"] == subject && claims["nonce"] == attempt.nonce.as_str();
    for_client && made_for_client && of_issuer && of_now && of_token && by_whom
}

/// Answers a line, and notes claims that were signed under an algorithm of the provider's.
fn provider(line: Option<&str>, signed: &mut Vec<Value>) -> Result<Response<Bytes>, FetchError> {
    let json = |value: &Value| answer(Some(&format!("200 application/json {value}")));
    match line.map(two) {
        Some(("discovery", more)) => json(&with(discovery(), more)),
        Some(("keys", more)) => json(&with(keys(), more)),
        Some(("sign", token)) => {
            let (header, claims) = two(token);
            let is_ours = serde_json::from_str::<Value>(header).is_ok_and(|header| header["alg"] == "EdDSA");
            signed.extend(serde_json::from_str::<Value>(claims).ok().filter(|_| is_ours));
            json(&json!({"access_token": "at", "token_type": "Bearer", "id_token": sign(header, claims)}))
        }
        Some(("jwt", token)) => {
            let (header, claims) = two(token);
            answer(Some(&format!("200 application/jwt {}", sign(header, claims))))
        }
        Some(_) | None => answer(line),
    }
}

/// The word before the first space, and the rest.
fn two(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// An object with more members, or others of the same names.
fn with(mut object: Value, more: &str) -> Value {
    if let (Some(members), Ok(Value::Object(more))) = (object.as_object_mut(), serde_json::from_str(more)) {
        members.extend(more);
    }
    object
}

fn sign(header: &str, claims: &str) -> String {
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = encode(KEY.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn keys() -> Value {
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": encode(KEY.public_key())}]})
}

fn discovery() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.test/authorize",
        "token_endpoint": "https://idp.test/token",
        "userinfo_endpoint": "https://idp.test/userinfo",
        "jwks_uri": "https://idp.test/jwks",
        "revocation_endpoint": "https://idp.test/revoke",
        "end_session_endpoint": "https://idp.test/end",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
    })
}

fn auth() -> Auth {
    let provider = Provider::openid("dev", ISSUER, CLIENT)
        .with_name("Dev")
        .client_secret(ClientSecret::new("secret"))
        .request_parameters(["max_age", "prompt", "login_hint"])
        .sign_out(SignOutScope::Provider)
        .tokens(TokenRetention::Readable);
    let many = MICROSOFT_ENTRA_ID.with_client(CLIENT, ClientSecret::new("secret")).with_id("many");
    let many = many.issuer(format!("{ISSUER}/common/v2.0")).tenants(["t1", "t2"]);
    builder().provider(provider).provider(many).build().expect("sound")
}

fn with_cookie(path: &str, cookie: &str) -> Request<Bytes> {
    let mut request = get(path);
    request.headers_mut().insert(header::COOKIE, cookie.try_into().expect("a cookie"));
    request
}

/// Signs in, so that there is a session, and begins once more.
fn begin() -> Begun {
    let send = |request: Request<Bytes>, seed, story: &[String]| {
        let mut lines = story.iter();
        carry_out(&AUTH, request, seed, || provider(lines.next().map(String::as_str), &mut Vec::new()))
            .response
    };
    let discovery = "discovery".to_owned();
    let template = format!(r#"discovery {{"issuer":"{ISSUER}/{{tenantid}}/v2.0"}}"#);
    let begin = |provider: &'static str, seed, document: &String| {
        let begun = send(get(&format!("/auth/signIn/{provider}")), seed, std::slice::from_ref(document));
        let [state, nonce] = ["state", "nonce"].map(|name| parameter(&begun, name));
        Attempt { provider, state, nonce, cookie: cookie(&begun, "") }
    };
    let first = begin("dev", 3, &discovery);
    let claims = json!({"iss": ISSUER, "aud": CLIENT, "sub": "1", "nonce": first.nonce,
        "iat": 1_790_000_000, "exp": 1_790_000_300});
    let story = [
        discovery.clone(),
        format!("sign {HEADER} {claims}"),
        "keys".to_owned(),
        r#"200 application/json {"sub":"1","name":"Ada"}"#.to_owned(),
    ];
    let callback = format!("/auth/callback/dev?code=c&state={}", first.state);
    let signed_in = send(with_cookie(&callback, &first.cookie), 4, &story);
    let session = cookie(&signed_in, "__Host-aura-auth.session_token");
    assert!(!session.is_empty(), "{signed_in:?}");
    let csrf_cookie = cookie(&send(with_cookie("/auth/csrfToken", &session), 1, &[]), "");
    Begun {
        attempts: [begin("dev", 1, &discovery), begin("many", 5, &template)],
        session,
        tokens: cookie(&signed_in, "__Host-aura-auth.access_token"),
        csrf: csrf_cookie.split_once('=').map(|(_, token)| token.to_owned()).unwrap_or_default(),
        csrf_cookie,
    }
}
