//! Arbitrary requests, each of which is answered.

#![cfg(test)]

use aura_test_idp::{Account, Behaviour, Client, ClientSecret, Idp, Lie, LogoutSubject, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use proptest::prelude::*;

const SIGN_IN: &str = "response_type=code&client_id=app&redirect_uri=http://localhost:3000/callback\
    &scope=openid+offline_access&nonce=a&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
    &code_challenge_method=S256";
const REDEMPTION: &str = "grant_type=authorization_code&client_id=app&client_secret=app-secret\
    &redirect_uri=http://localhost:3000/callback&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

proptest! {
    #[test]
    fn any_form_gets_an_answer_at_every_endpoint(
        form in form(),
        authorization in proptest::collection::vec(authorization(), 0..3),
        proofs in proptest::collection::vec(jwt().prop_map(|jwt| HeaderValue::from_str(&jwt).unwrap()), 0..3),
        now: u64,
        entropy: [u8; 32],
    ) {
        for (method, target) in [
            ("GET", format!("/dev/authorize?{form}")),
            ("POST", "/dev/authorize/decision".to_owned()),
            ("POST", "/dev/token".to_owned()),
            ("GET", "/dev/userinfo".to_owned()),
            ("POST", "/dev/userinfo".to_owned()),
            ("POST", "/dev/par".to_owned()),
            ("GET", format!("/dev/end_session?{form}")),
            ("POST", "/dev/end_session".to_owned()),
            ("GET", "/dev/.well-known/openid-configuration".to_owned()),
            ("GET", "/dev/jwks".to_owned()),
        ] {
            let Ok(mut request) = Request::builder().method(method).uri(target).body(Bytes::from(form.clone()))
            else {
                continue;
            };
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(CONTENT_TYPE, form_type);
            for value in &authorization {
                request.headers_mut().append(AUTHORIZATION, value.clone());
            }
            for value in &proofs {
                request.headers_mut().append("dpop", value.clone());
            }
            let response = idp().handle(&mut State::default(), request, now, entropy);
            prop_assert!([200, 201, 302, 303, 400, 401].contains(&response.status().as_u16()));
        }
    }

    #[test]
    fn any_lies_are_told_to_the_end_of_a_sign_in(
        lies in proptest::collection::vec(0..Lie::ALL.len(), 0..6),
        now: u64,
        entropy: [u8; 32],
    ) {
        let behaviour = lies.iter().fold(Behaviour::default(), |behaviour, lie| behaviour.lie(Lie::ALL[*lie]));
        let (idp, mut state) = (idp().behaviour(behaviour), State::default());
        let url = format!("http://localhost:3000/dev/authorize?{SIGN_IN}");
        let location = idp.approve(&mut state, &url, "ada", now, entropy).unwrap();
        let code = location.split(['=', '&']).nth(1).unwrap();
        let form = format!("{REDEMPTION}&code={code}");
        let request = Request::post(idp.token_endpoint()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = idp.handle(&mut state, request.body(form.into()).unwrap(), now, entropy);
        prop_assert!([200, 302].contains(&response.status().as_u16()));
        let token = idp.logout_token(&state, "app", LogoutSubject::Sub("ada"), now, entropy);
        prop_assert_eq!(token.split('.').count(), 3);
    }

    #[test]
    fn any_url_is_approved_or_refused(url: String, form in form(), now: u64, entropy: [u8; 32]) {
        for url in [url, format!("http://localhost:3000/dev/authorize?{form}")] {
            let location = idp().approve(&mut State::default(), &url, "ada", now, entropy);
            prop_assert!(location.is_err() || location.is_ok_and(|to| HeaderValue::from_str(&to).is_ok()));
        }
    }

    #[test]
    fn any_base_and_redirect_uri_is_taken_or_refused(value: String) {
        let client = Client::new(&value, ClientSecret::new(&value)).with_name(&value);
        let _ = client.with_redirect_uri(&value).map(|client| client.with_post_logout_redirect_uri(&value));
        let _ = Client::with_public_key(&value, &value);
        let _ = Idp::new(&value);
        let _ = Account::new(&value, &value, &value);
    }
}

/// Half-way sensible forms, so that some get past the first check.
fn form() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("client_id".to_owned()),
        Just("redirect_uri".to_owned()),
        Just("response_type".to_owned()),
        Just("state".to_owned()),
        Just("scope".to_owned()),
        Just("code_challenge".to_owned()),
        Just("code_challenge_method".to_owned()),
        Just("account".to_owned()),
        Just("client_secret".to_owned()),
        Just("grant_type".to_owned()),
        Just("code".to_owned()),
        Just("code_verifier".to_owned()),
        Just("nonce".to_owned()),
        Just("response_mode".to_owned()),
        Just("request_uri".to_owned()),
        Just("prompt".to_owned()),
        Just("max_age".to_owned()),
        Just("client_assertion".to_owned()),
        Just("client_assertion_type".to_owned()),
        Just("refresh_token".to_owned()),
        Just("id_token_hint".to_owned()),
        Just("post_logout_redirect_uri".to_owned()),
        "[ -~]{0,8}",
    ];
    let value = prop_oneof![
        Just("app".to_owned()),
        Just("http://localhost:3000/callback".to_owned()),
        Just("code".to_owned()),
        Just("S256".to_owned()),
        Just("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
        Just("ada".to_owned()),
        Just("app-secret".to_owned()),
        Just("authorization_code".to_owned()),
        Just("refresh_token".to_owned()),
        Just("form_post".to_owned()),
        Just("openid".to_owned()),
        Just("none".to_owned()),
        Just("urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
        jwt(),
        "[ -~]{0,8}",
        any::<String>(),
    ];
    let valid = "client_id=app&redirect_uri=http://localhost:3000/callback&response_type=code";
    let start = prop_oneof![Just(""), Just(valid)];
    (start, proptest::collection::vec((name, value), 0..12)).prop_map(|(start, pairs)| {
        pairs.iter().fold(start.to_owned(), |form, (name, value)| format!("{form}&{name}={value}"))
    })
}

/// Compact serializations of any JSON, some of it with the members that matter.
fn jwt() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just(r#""alg":"EdDSA""#.to_owned()),
        Just(r#""alg":"RS256""#.to_owned()),
        Just(r#""typ":"dpop+jwt""#.to_owned()),
        Just(r#""iss":"app","sub":"app""#.to_owned()),
        Just(r#""aud":["http://localhost:3000/dev"]"#.to_owned()),
        Just(r#""jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.to_owned()),
        Just(r#""jwk":{"kty":"RSA","n":"AA","e":"AQAB"}"#.to_owned()),
        Just(r#""jwk":{"kty":"OKP","crv":"Ed25519","x":""}"#.to_owned()),
        any::<i64>().prop_map(|exp| format!(r#""exp":{exp},"iat":{exp}"#)),
        "[ -~]{0,8}",
    ];
    let part = proptest::collection::vec(member, 0..5)
        .prop_map(|members| URL_SAFE_NO_PAD.encode(format!("{{{}}}", members.join(","))));
    (part.clone(), part, "[A-Za-z0-9_-]{0,90}")
        .prop_map(|(header, claims, signature)| format!("{header}.{claims}.{signature}"))
}

fn authorization() -> impl Strategy<Value = HeaderValue> {
    let scheme = prop_oneof![Just("Basic "), Just("Bearer "), Just("DPoP "), Just("")];
    // The permitted bytes of a header value (RFC 9110 section 5.5).
    let byte = prop_oneof![Just(b'\t'), b' '..=b'~', 0x80..=0xff_u8];
    (scheme, proptest::collection::vec(byte, 0..40))
        .prop_map(|(scheme, rest)| HeaderValue::from_bytes(&[scheme.as_bytes(), &rest].concat()).unwrap())
}

fn idp() -> Idp {
    let client = Client::new("app", ClientSecret::new("app-secret"));
    Idp::new("http://localhost:3000/dev")
        .unwrap()
        .client(client.with_redirect_uri("http://localhost:3000/callback").unwrap())
        .accounts(Account::made_up())
}
