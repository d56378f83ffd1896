//! Plain OAuth 2.0: the code, the token and userinfo.

use aura_test_idp::{AuthorizationError, Behaviour, DecisionError, IssuerParameter, Unanswerable};
use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::common::{
    BASE, CALLBACK, Conversation, REDEMPTION, REQUEST, VERIFIER, authorize_url, encode, json, location,
    parameter, text, with,
};

#[test]
fn the_login_page_offers_the_accounts_and_carries_the_request() {
    let response = Conversation::new().get(&authorize_url(&REQUEST));

    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let html = text(&response);
    for expected in ["Ada Lovelace", "grace@example.test", "value=\"alan\"", "Cancel", "af0ifjsldkj"] {
        assert!(html.contains(expected), "{expected}");
    }
}

#[test]
fn pressing_a_button_signs_in() {
    let mut conversation = Conversation::new();
    let decision = [&REQUEST[..], &[("account", "grace")]].concat();

    let response = conversation.post(&format!("{BASE}/authorize/decision"), &decision);
    assert_eq!(response.status(), 303);
    assert_eq!(parameter(location(&response), "state").as_deref(), Some("af0ifjsldkj"));
    assert_eq!(parameter(location(&response), "iss"), None);
    let code = parameter(location(&response), "code").unwrap();

    let response = conversation.redeem(&code);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let token = json(&response);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(token["scope"], "profile email");

    let userinfo = json(&conversation.userinfo(token["access_token"].as_str().unwrap()));
    assert_eq!((&userinfo["id"], &userinfo["sub"]), (&json!("grace"), &json!("grace")));
    assert_eq!(userinfo["name"], "Grace Hopper");
    assert_eq!(userinfo["email"], "grace@example.test");
    assert!(userinfo["picture"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
}

#[test]
fn cancel_is_access_denied() {
    let mut conversation = Conversation::new();
    let decision = [&REQUEST[..], &[("cancel", "cancel")]].concat();

    let response = conversation.post(&format!("{BASE}/authorize/decision"), &decision);

    assert_eq!(parameter(location(&response), "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(location(&response), "state").as_deref(), Some("af0ifjsldkj"));
    assert_eq!(location(&response), conversation.idp.deny(&authorize_url(&REQUEST)).unwrap());
}

#[test]
fn approving_in_a_test_is_pressing_the_button() {
    let (mut by_hand, mut by_call) = (Conversation::new(), Conversation::new());
    let decision = [&REQUEST[..], &[("account", "ada")]].concat();

    let response = by_hand.post(&format!("{BASE}/authorize/decision"), &decision);

    assert_eq!(location(&response), by_call.approve());
}

#[test]
fn an_unknown_client_or_address_never_redirects() {
    let mut conversation = Conversation::new();
    let doubtful =
        [with(&REQUEST, "client_id", "nobody"), with(&REQUEST, "redirect_uri", "https://evil.example/")];
    for parameters in &doubtful {
        let decision = [&parameters[..], &[("account", "ada")]].concat();
        for response in [
            conversation.get(&authorize_url(parameters)),
            conversation.post(&format!("{BASE}/authorize/decision"), &decision),
        ] {
            assert_eq!(response.status(), 400);
            assert!(!response.headers().contains_key("location"));
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        }
    }
}

#[test]
fn a_request_without_pkce_is_sent_back_with_an_error() {
    let mut conversation = Conversation::new();
    let url = authorize_url(&with(&REQUEST, "code_challenge_method", "plain"));

    let response = conversation.get(&url);
    assert_eq!(response.status(), 303);
    assert_eq!(parameter(location(&response), "error").as_deref(), Some("invalid_request"));

    let error = AuthorizationError::UnsupportedCodeChallengeMethod;
    let refused = DecisionError::Refused { error, location: location(&response).to_owned() };
    assert_eq!(conversation.idp.deny(&url), Err(refused));
}

#[test]
fn a_hint_does_not_sign_in() {
    let mut conversation = Conversation::new();
    let response = conversation.get(&format!("{}&login_hint=alan", authorize_url(&REQUEST)));
    assert_eq!(response.status(), 200);
    assert!(text(&response).contains("class=\"suggested\""));
}

#[test]
fn nobody_approves_for_an_unknown_account() {
    let mut conversation = Conversation::new();
    let url = authorize_url(&REQUEST);
    let approved = conversation.idp.approve(&mut conversation.state, &url, "eve", 0, [0; 32]);
    assert_eq!(approved, Err(DecisionError::Unanswerable(Unanswerable::UnknownAccount)));
}

#[test]
fn markup_in_a_request_stays_text() {
    let mut conversation = Conversation::new();
    let evil = "\"><script>alert('1')</script>";
    let url = authorize_url(&with(&with(&REQUEST, "state", evil), "scope", "<script>alert('1')</script>"));

    let response = conversation.get(&url);

    let html = text(&response);
    assert!(!html.contains("<script"));
    assert!(html.contains("<strong>The &lt;b&gt;App&lt;/b&gt;</strong>"));
    assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;"));
}

#[test]
fn the_issuer_is_named_on_request() {
    let mut conversation = Conversation::new();
    let behaviour = Behaviour::default().issuer_parameter(IssuerParameter::Sent);
    conversation.idp = conversation.idp.behaviour(behaviour);
    assert_eq!(parameter(&conversation.approve(), "iss").as_deref(), Some(BASE));
}

#[test]
fn a_code_used_twice_is_refused_and_its_token_revoked() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    let token = json(&conversation.redeem(&code))["access_token"].as_str().unwrap().to_owned();
    assert_eq!(conversation.userinfo(&token).status(), 200);

    let again = conversation.redeem(&code);

    assert_eq!((again.status().as_u16(), &json(&again)["error"]), (400, &json!("invalid_grant")));
    assert_eq!(conversation.userinfo(&token).status(), 401);
}

#[test]
fn a_code_expires_after_a_minute() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    conversation.now += 60;
    assert_eq!(json(&conversation.redeem(&code))["error"], "invalid_grant");
}

#[test]
fn a_token_expires_after_an_hour() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    let token = json(&conversation.redeem(&code))["access_token"].as_str().unwrap().to_owned();
    conversation.now += 3600;
    assert_eq!(conversation.userinfo(&token).status(), 401);
}

#[test]
fn every_part_of_a_redemption_has_to_match() {
    let other_verifier = VERIFIER.replace('d', "e");
    let refused = [
        (with(&REDEMPTION, "code_verifier", &other_verifier), 400, "invalid_grant"),
        (with(&REDEMPTION, "code_verifier", "short"), 400, "invalid_request"),
        (with(&REDEMPTION, "code_verifier", ""), 400, "invalid_request"),
        (with(&REDEMPTION, "redirect_uri", "http://localhost:3000/other"), 400, "invalid_grant"),
        (with(&REDEMPTION, "redirect_uri", ""), 400, "invalid_request"),
        (with(&REDEMPTION, "grant_type", "password"), 400, "unsupported_grant_type"),
        (with(&REDEMPTION, "grant_type", ""), 400, "invalid_request"),
        (with(&REDEMPTION, "client_secret", "guess"), 401, "invalid_client"),
        (
            with(&with(&REDEMPTION, "client_id", "other"), "client_secret", "other-secret"),
            400,
            "invalid_grant",
        ),
    ];
    for (form, status, error) in refused {
        let mut conversation = Conversation::new();
        let code = conversation.code();
        let response = conversation.redeem_with(&code, &form);
        assert_eq!(
            (response.status().as_u16(), &json(&response)["error"]),
            (status, &json!(error)),
            "{form:?}"
        );
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers().contains_key("www-authenticate"), status == 401);
    }
}

#[test]
fn a_wrong_verifier_costs_the_code() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    let guess = "a".repeat(43);
    conversation.redeem_with(&code, &with(&REDEMPTION, "code_verifier", &guess));
    assert_eq!(json(&conversation.redeem(&code))["error"], "invalid_grant");
}

#[test]
fn a_repeated_parameter_is_refused_everywhere() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    let twice = [&REDEMPTION[..], &[("resource", "a"), ("resource", "b")]].concat();
    assert_eq!(json(&conversation.redeem_with(&code, &twice))["error"], "invalid_request");
    assert_eq!(conversation.redeem(&code).status(), 200);

    let response = conversation.get(&format!("{}&nonce=a&nonce=b", authorize_url(&REQUEST)));
    assert_eq!(parameter(location(&response), "error").as_deref(), Some("invalid_request"));
}

#[test]
fn a_client_may_authenticate_by_header() {
    let mut conversation = Conversation::new();
    for (header, status) in [("Basic YXBwOmFwcC1zZWNyZXQ=", 200), ("Basic YXBwOmd1ZXNz", 401)] {
        let code = conversation.code();
        let form =
            [("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
        let request = Request::post(format!("{BASE}/token"))
            .header("authorization", header)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Bytes::from(format!("{}&code={code}", encode(&form))))
            .unwrap();
        assert_eq!(conversation.send(request).status(), status);
    }
}

#[test]
fn a_token_request_has_to_be_a_form() {
    let mut conversation = Conversation::new();
    let request = Request::post(format!("{BASE}/token")).header("content-type", "application/json");
    let response = conversation.send(request.body(Bytes::from_static(b"{}")).unwrap());
    assert_eq!((response.status().as_u16(), &json(&response)["error"]), (400, &json!("invalid_request")));
}

#[test]
fn userinfo_asks_for_a_token() {
    let mut conversation = Conversation::new();
    let without = conversation.get(&format!("{BASE}/userinfo?access_token=a"));
    assert_eq!(without.status(), 401);
    assert_eq!(without.headers()["www-authenticate"], "Bearer realm=\"aura-test-idp\"");

    let unknown = conversation.userinfo("guess");
    assert_eq!(unknown.status(), 401);
    let challenge = "Bearer realm=\"aura-test-idp\", error=\"invalid_token\"";
    assert_eq!(unknown.headers()["www-authenticate"], challenge);
}

#[test]
fn head_answers_without_a_body_and_other_methods_are_not_allowed() {
    let mut conversation = Conversation::new();
    let request = Request::head(authorize_url(&REQUEST)).body(Bytes::new()).unwrap();
    let response = conversation.send(request);
    assert_eq!((response.status().as_u16(), response.body().len()), (200, 0));

    for (path, allow) in [("authorize", "GET, HEAD"), ("token", "POST"), ("userinfo", "GET, HEAD, POST")] {
        let request = Request::delete(format!("{BASE}/{path}")).body(Bytes::new()).unwrap();
        let response = conversation.send(request);
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], allow);
    }
}

#[test]
fn what_is_shown_for_debugging_has_no_secret_in_it() {
    let mut conversation = Conversation::new();
    let code = conversation.code();
    let token = json(&conversation.redeem(&code))["access_token"].as_str().unwrap().to_owned();
    let shown = format!("{:?} {:?}", conversation.idp, conversation.state);
    for secret in ["app-secret", &code, &token] {
        assert!(!shown.contains(secret));
    }
}
