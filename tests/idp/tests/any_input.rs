//! Whatever comes in, an answer goes out.

#![cfg(test)]

use aura_test_idp::{Account, Client, ClientSecret, Idp, State};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_form_gets_an_answer_at_every_endpoint(
        form in form(),
        authorization in proptest::collection::vec(authorization(), 0..3),
        now: u64,
        entropy: [u8; 32],
    ) {
        for (method, target) in [
            ("GET", format!("/dev/authorize?{form}")),
            ("POST", "/dev/authorize/decision".to_owned()),
            ("POST", "/dev/token".to_owned()),
            ("GET", "/dev/userinfo".to_owned()),
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
            let response = idp().handle(&mut State::default(), request, now, entropy);
            prop_assert!([200, 303, 400, 401].contains(&response.status().as_u16()));
        }
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
        let _ = client.with_redirect_uri(&value);
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
        "[ -~]{0,8}",
        any::<String>(),
    ];
    let valid = "client_id=app&redirect_uri=http://localhost:3000/callback&response_type=code";
    let start = prop_oneof![Just(""), Just(valid)];
    (start, proptest::collection::vec((name, value), 0..12)).prop_map(|(start, pairs)| {
        pairs.iter().fold(start.to_owned(), |form, (name, value)| format!("{form}&{name}={value}"))
    })
}

fn authorization() -> impl Strategy<Value = HeaderValue> {
    let scheme = prop_oneof![Just("Basic "), Just("Bearer "), Just("")];
    (scheme, proptest::collection::vec(any::<u8>(), 0..40))
        .prop_filter_map("a header value", |(scheme, rest)| {
            HeaderValue::from_bytes(&[scheme.as_bytes(), &rest].concat()).ok()
        })
}

fn idp() -> Idp {
    let client = Client::new("app", ClientSecret::new("app-secret"));
    Idp::new("http://localhost:3000/dev")
        .unwrap()
        .client(client.with_redirect_uri("http://localhost:3000/callback").unwrap())
        .accounts(Account::made_up())
}
