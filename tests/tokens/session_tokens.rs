//! Session tokens of the reference: recorded ones open here, and ours open with the recorded keys.

use aura_http::env::{EnvError, Environment};
use aura_proto::{
    Auth, Builder, Entropy, KeyError, Salt, Secret, Session, SessionError, SessionTokenFormat,
    SigningAlgorithm, SigningKey, TokenError, UnixTime, VerificationKey,
};
use aura_tests::Pair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{aead, hmac};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/jose.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn recorded_auth(golden: &Value) -> Auth {
    recorded_builder(golden).build().unwrap()
}

fn recorded_builder(golden: &Value) -> Builder {
    let secret = Secret::new(text(&golden["secret"])).unwrap();
    let salt = Salt::new(text(&golden["salt"])).unwrap();
    Auth::builder(secret, salt).base_url("http://localhost:3000")
}

/// Makes a key pair of a number.
fn key_pair(number: u8) -> SigningKey {
    let seed = [number; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let [d, x] = [&seed, pair.public_key().as_ref()].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"key-{number}","d":"{d}","x":"{x}"}}"#);
    SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk).unwrap()
}

fn open(auth: &Auth, token: &str, now_ms: u64) -> Result<Session, SessionError> {
    let headers = [(header::COOKIE, format!("aura-auth.session_token={token}").parse().unwrap())];
    auth.session(&HeaderMap::from_iter(headers), UnixTime::from_secs(now_ms / 1000))
}

/// Differences from the reference in what is read, each on purpose: these tokens it accepts and we refuse.
const REFUSED_HERE: [&str; 7] = [
    // An id that none of our secrets has names another maker's key.
    "extra header kid",
    // RFC 7515 section 2 and RFC 7519 section 7.2: one spelling of a token, one object in UTF-8 without doubles.
    "standard base64 signature",
    "payload with duplicate keys (last wins)",
    "payload with BOM",
    "payload invalid utf-8",
    // A time is seconds that a calendar can show.
    "exp 1e300",
    // A session has an id.
    "jti missing",
];

/// Makes the configuration that a recorded case was made with.
fn auth_of(golden: &Value, case: &Value) -> Auth {
    let tokens = match text(&case["mode"]) {
        "sealed" => SessionTokenFormat::sealed(),
        "signed" => SessionTokenFormat::signed(),
        _ => SessionTokenFormat::encrypted(),
    };
    let jwt = &case["session_config"]["jwt"];
    let signing = jwt["signingAlgorithm"].as_str().unwrap_or("HS256").parse().unwrap();
    recorded_builder(golden).session_token_format(tokens.signing_algorithm(signing)).build().unwrap()
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&decode(token.split('.').nth(1).unwrap())).unwrap()
}

#[test]
fn every_recorded_session_opens_here_with_the_same_user() {
    let golden = golden();
    let mut opened = 0;
    let cases = ["session_tokens", "config_variants"].map(|name| golden[name].as_array().unwrap());
    for case in cases.into_iter().flatten().filter(|case| case["token"].is_string()) {
        let (id, minted) = (text(&case["id"]), case["minted_at_ms"][1].as_u64().unwrap());
        let claims: Value = serde_json::from_str(text(&case["claims_json"])).unwrap();
        let session = open(&auth_of(&golden, case), text(&case["token"]), minted);
        if case["session_config"]["jwt"]["keyAlgorithm"] == "A256KW" {
            // A documented difference: the cryptography library has no key wrap.
            assert_eq!(session, Err(SessionError::Invalid), "{id}");
            continue;
        }
        if case["decoded_by_reference"]["accepted"] == false {
            assert_eq!(session, Err(SessionError::Expired), "{id}");
            continue;
        }
        let session = session.unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(session.user().sub(), text(&claims["sub"]), "{id}");
        assert_eq!(session.user().name(), claims["name"].as_str(), "{id}");
        assert_eq!(session.user().email(), claims["email"].as_str(), "{id}");
        assert_eq!(session.user().image(), claims["image"].as_str(), "{id}");
        assert_eq!(session.expires_at().as_secs(), claims["exp"].as_u64().unwrap(), "{id}");
        assert_eq!(session.issued_at().as_secs(), claims["iat"].as_u64().unwrap(), "{id}");
        assert_eq!(session.provider(), None, "{id}");
        // What does not tell when it began counts as begun before any moment.
        assert_eq!(session.began_at(), None, "{id}");
        assert!(session.began_before(UnixTime::from_secs(0)), "{id}");
        opened += 1;
    }
    assert_eq!(opened, 22);
}

#[test]
fn ck_16_a_recorded_session_opens_in_no_other_mode_and_under_no_other_hash() {
    let golden = golden();
    let configured =
        |tokens: SessionTokenFormat| recorded_builder(&golden).session_token_format(tokens).build().unwrap();
    let hs512 = SigningAlgorithm::Hs512;
    let others = |mode: &str| match mode {
        "sealed" => [
            SessionTokenFormat::signed(),
            SessionTokenFormat::encrypted(),
            SessionTokenFormat::sealed().signing_algorithm(hs512),
        ],
        "signed" => [
            SessionTokenFormat::sealed(),
            SessionTokenFormat::encrypted(),
            SessionTokenFormat::signed().signing_algorithm(hs512),
        ],
        _ => [
            SessionTokenFormat::sealed(),
            SessionTokenFormat::signed(),
            SessionTokenFormat::signed().signing_algorithm(hs512),
        ],
    };
    for case in golden["session_tokens"].as_array().unwrap() {
        let Some(token) = case["token"].as_str() else { continue };
        let minted = case["minted_at_ms"][1].as_u64().unwrap();
        for tokens in others(text(&case["mode"])) {
            let id = text(&case["id"]);
            assert_eq!(open(&configured(tokens), token, minted), Err(SessionError::Invalid), "{id}");
        }
    }
}

#[test]
fn every_recorded_verdict_is_ours_but_for_the_documented_differences() {
    let golden = golden();
    let mut differing = Vec::new();
    let cases = golden["verification_cases"].as_array().unwrap();
    for case in cases {
        let session =
            open(&auth_of(&golden, case), text(&case["token"]), case["checked_at_ms"].as_u64().unwrap());
        let label = text(&case["label"]);
        if case["accepted"] == true && session.is_err() {
            differing.push(label);
        } else {
            assert_eq!(session.is_ok(), case["accepted"] == true, "{label}: {session:?}");
        }
    }
    assert_eq!(cases.len(), 43);
    let mut expected = REFUSED_HERE.to_vec();
    differing.sort_unstable();
    expected.sort_unstable();
    assert_eq!(differing, expected);
}

#[test]
fn claims_of_our_own_tokens_are_completed_as_recorded() {
    let golden = golden();
    let auth = recorded_auth(&golden);
    let mut completed = 0;
    for case in golden["session_tokens"].as_array().unwrap().iter().filter(|case| case["mode"] != "sealed") {
        let (id, given) = (text(&case["id"]), &case["payload_in"]);
        let now = UnixTime::from_secs(case["minted_at_ms"][1].as_u64().unwrap() / 1000);
        let entropy = Entropy::from_os_bytes([7; 32]);
        let encrypted = case["mode"] == "encrypted";
        let written = if encrypted {
            auth.jose().encrypt(given, now, entropy)
        } else {
            auth.jose().sign(given, now, entropy)
        };
        if case["mint_error"].is_array() || given["exp"].is_string() {
            // A documented difference: spans of time such as "2h" are no `exp` here.
            assert_eq!(written, Err(TokenError::Claims), "{id}");
            continue;
        }
        let written = written.unwrap();
        let mut ours =
            if encrypted { auth.jose().decrypt::<Value>(&written, now).unwrap() } else { claims(&written) };
        let mut recorded: Value = serde_json::from_str(text(&case["claims_json"])).unwrap();
        if given["jti"].is_null() {
            let id = [&mut ours, &mut recorded].map(|claims| decode(text(&claims["jti"].take())).len());
            assert_eq!(id, [32, 32]);
        }
        assert_eq!(ours, recorded, "{id}");
        completed += 1;
    }
    assert_eq!(completed, 12);
}

#[test]
fn recorded_tokens_of_key_pairs_open_with_their_public_keys() {
    let golden = golden();
    let mut opened = 0;
    for case in golden["asymmetric"].as_array().unwrap() {
        let (id, pem) = (text(&case["id"]), |half: &str| text(&case["keys_pem"][half]).to_owned());
        let Some(algorithm) = id.strip_prefix("signed ") else {
            // A documented difference: there is no key pair to encrypt with, so that RSA-OAEP is not read.
            assert!(id.contains("RSA") || case["accepted"] == false, "{id}");
            if let Some(token) = case["result"]["token"].as_str() {
                let checked = case["minted_at_ms"][1].as_u64().unwrap();
                assert_eq!(open(&recorded_auth(&golden), token, checked), Err(SessionError::Invalid), "{id}");
            }
            continue;
        };
        let algorithm: SigningAlgorithm = algorithm.parse().unwrap();
        if algorithm != SigningAlgorithm::EdDsa {
            // The core alone signs with nothing that takes randomness.
            let signs = SigningKey::from_pem(algorithm, &pem("privateKey"));
            assert_eq!(signs.map(drop), Err(KeyError::CannotSign { algorithm }));
        }
        let key = aura_http::signing_key(algorithm, &pem("publicKey"), &pem("privateKey")).unwrap();
        signs_sessions(&key, &pem("publicKey"), algorithm);
        let public = VerificationKey::from_pem(algorithm, &pem("publicKey")).unwrap();
        let tokens = SessionTokenFormat::signed().signing_key(key_pair(1)).previous_key(public.clone());
        let auth = recorded_builder(&golden).session_token_format(tokens).build().unwrap();
        let (token, checked) = (text(&case["result"]["token"]), case["minted_at_ms"][1].as_u64().unwrap());
        assert_eq!(open(&auth, token, checked).unwrap().user().sub(), "user-1001", "{id}");
        let now = UnixTime::from_secs(checked / 1000);
        let elsewhere = recorded_auth(&golden);
        let claims: Value = elsewhere.jose().verify_with(&public, token, now).unwrap();
        assert_eq!(claims, case["result"]["decoded"]);
        let verified = auth.jose().verify_with::<Value>(&public, token, now);
        assert_eq!(verified, Err(TokenError::SessionKey), "{id}");
        opened += 1;
    }
    assert_eq!(opened, 3);
}

/// Signs in under a key pair, and checks that the token is one of it.
fn signs_sessions(key: &SigningKey, public: &str, algorithm: SigningAlgorithm) {
    for tokens in [SessionTokenFormat::signed(), SessionTokenFormat::sealed()] {
        let signed = tokens.clone().signing_key(key.clone());
        let mut pair = Pair::at("https://app.test", |builder| builder.session_token_format(signed));
        pair.sign_in("dev", "ada");
        assert_eq!(pair.session().json["user"]["sub"], "ada", "{algorithm}");
        let token = pair.session_token();
        if token.matches('.').count() == 2 {
            let public = VerificationKey::from_pem(algorithm, public).unwrap();
            let now = UnixTime::from_secs(pair.browser.now);
            let claims: Value = recorded_auth(&golden()).jose().verify_with(&public, &token, now).unwrap();
            assert_eq!(claims["sub"], "ada");
        }
    }
}

#[test]
fn halves_of_two_pairs_and_keys_of_another_kind_make_no_signing_key() {
    let golden = golden();
    let pem = |id: &str, half: &str| {
        let case = golden["asymmetric"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        text(&case["keys_pem"][half]).to_owned()
    };
    let (rsa, other) = ("signed RS256", "one RSA pair with sealed mode");
    let key = |algorithm, public: &str, private: &str| {
        aura_http::signing_key(algorithm, &pem(public, "publicKey"), &pem(private, "privateKey")).map(drop)
    };
    let (rs256, es256) = (SigningAlgorithm::Rs256, SigningAlgorithm::Es256);
    assert_eq!(key(rs256, rsa, rsa), Ok(()));
    assert_eq!(key(SigningAlgorithm::Ps256, rsa, rsa), Ok(()));
    assert_eq!(key(rs256, rsa, "signed ES256"), Err(KeyError::Unsuitable { algorithm: rs256 }));
    assert!(key(es256, rsa, "signed ES256").is_err());
    if pem(rsa, "publicKey") != pem(other, "publicKey") {
        assert_eq!(key(rs256, rsa, other), Err(KeyError::Unsuitable { algorithm: rs256 }));
    }
    assert!(aura_http::signing_key(es256, "", "").is_err());
}

#[test]
fn pairs_of_the_environment_that_the_core_cannot_sign_with_sign_where_the_host_reads_them() {
    let golden = golden();
    for name in ["RS256", "ES256", "EdDSA"] {
        let id = format!("signed {name}");
        let case = golden["asymmetric"].as_array().unwrap().iter().find(|case| case["id"] == *id).unwrap();
        let pem = |half: &str| Some(text(&case["keys_pem"][half]).to_owned());
        let lookup = |variable: &str| match variable {
            "SECRET" | "SALT" => golden[variable.to_lowercase()].as_str().map(str::to_owned),
            "SIGNING_PUBLIC_KEY" => pem("publicKey"),
            "SIGNING_PRIVATE_KEY" => pem("privateKey"),
            // RS256 is the default algorithm.
            "SIGNING_ALG" if name != "RS256" => Some(name.to_owned()),
            _ => None,
        };
        let mut pair = Pair::at("https://app.test", |builder| {
            let environment = Environment::new(&lookup).rows(&[]).keys_by(&aura_http::signing_key);
            environment.complete(builder.session_token_format(SessionTokenFormat::signed())).unwrap()
        });
        pair.sign_in("dev", "ada");
        assert_eq!(pair.session().json["user"]["sub"], "ada", "{name}");
        let algorithm = name.parse().unwrap();
        let public = VerificationKey::from_pem(algorithm, &pem("publicKey").unwrap()).unwrap();
        let now = UnixTime::from_secs(pair.browser.now);
        let elsewhere = recorded_auth(&golden);
        let claims: Value = elsewhere.jose().verify_with(&public, &pair.session_token(), now).unwrap();
        assert_eq!(claims["sub"], "ada", "{name}");
        let alone = Environment::new(&lookup).rows(&[]).builder().map(drop);
        let (variable, error) = ("SIGNING_PRIVATE_KEY".to_owned(), KeyError::CannotSign { algorithm });
        let expected = if name == "EdDSA" { Ok(()) } else { Err(EnvError::Key { variable, error }) };
        assert_eq!(alone, expected, "the core alone");
    }
}

#[test]
fn where_the_host_does_not_sign_no_session_begins() {
    let public = key_pair(1).verification_key().clone();
    let tokens = SessionTokenFormat::signed().signing_key(SigningKey::external(public, |_| None));
    let mut pair = Pair::at("https://app.test", |builder| builder.session_token_format(tokens));
    assert!(pair.sign_in("dev", "ada").status.is_server_error());
    assert_eq!(pair.session().status, 401);
}

#[test]
fn our_session_opens_with_the_recorded_keys_and_says_the_same() {
    let golden = golden();
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.session_token();

    let parts: Vec<&str> = token.split('.').collect();
    let [header, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else { panic!("{token}") };
    let recorded =
        golden["session_tokens"].as_array().unwrap().iter().find(|case| case["mode"] == "sealed").unwrap();
    assert_eq!(decode(header), text(&recorded["jwe"]["header_json"]).as_bytes());
    assert_eq!(*encrypted_key, "");
    let key =
        aead::UnboundKey::new(&aead::AES_256_GCM, &hex(text(&golden["derived_keys"]["encryption"]["hex"])));
    let nonce = aead::Nonce::try_assume_unique_for_key(&decode(iv)).unwrap();
    let mut sealed = [decode(ciphertext), decode(tag)].concat();
    let jws = aead::LessSafeKey::new(key.unwrap())
        .open_in_place(nonce, aead::Aad::from(header), &mut sealed)
        .unwrap();

    let jws = str::from_utf8(jws).unwrap();
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &hex(text(&golden["derived_keys"]["signing"]["hex"])));
    hmac::verify(&key, signed.as_bytes(), &decode(signature)).unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    assert_eq!(decode(header), text(&recorded["jws"]["header_json"]).as_bytes());

    let payload = String::from_utf8(decode(payload)).unwrap();
    let now = pair.browser.now;
    let expected = [
        "\"sub\":\"ada\",\"name\":\"Ada Lovelace\",\"image\":",
        "\"email\":\"ada@example.test\",\"provider\":\"dev\"",
    ];
    assert!(expected.iter().all(|part| payload.contains(part)), "{payload}");
    let times = format!("\"iat\":{now},\"nbf\":{now},\"exp\":{},\"jti\":\"", now + 15 * 24 * 3600);
    assert!(payload.contains(&times), "{payload}");
}

#[test]
fn ck_15_a_session_of_an_earlier_secret_opens_while_that_secret_is_listed() {
    let mut pair = Pair::at("http://localhost:3000", |builder| builder);
    pair.sign_in("dev", "ada");
    let token = pair.session_token();
    let rotated = |previous: &[&str]| {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let builder =
            Auth::builder(secret, Salt::new(aura_tests::SALT).unwrap()).base_url("http://localhost:3000");
        let listed =
            |builder: aura_proto::Builder, old: &&str| builder.previous_secret(Secret::new(old).unwrap());
        previous.iter().fold(builder, listed).build().unwrap()
    };
    let now_ms = pair.browser.now * 1000;
    let other = "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d";
    assert!(open(&rotated(&[other, aura_tests::SECRET]), &token, now_ms).is_ok());
    assert_eq!(open(&rotated(&[other]), &token, now_ms), Err(SessionError::Invalid));
}

fn decode(text: impl AsRef<[u8]>) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
