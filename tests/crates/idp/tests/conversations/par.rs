//! Pushed authorization requests (RFC 9126).

use aura_test_idp::{Behaviour, DecisionError, PushedAuthorizationRequests, Unanswerable};
use http::Response;
use serde_json::json;

use crate::common::{BASE, Conversation, authorize_url, encode, json, location, parameter, text, with};
use crate::relying_party::{OPENID, claims, url};

const SECRET: (&str, &str) = ("client_secret", "app-secret");

#[test]
fn a_pushed_request_signs_in_once() {
    let mut conversation = Conversation::new();
    let url = pushed(&mut conversation);
    let code = conversation.code_for(&url);
    let token = json(&conversation.redeem(&code));
    assert_eq!(claims(token["id_token"].as_str().unwrap())["nonce"], "n-0S6_WzA2Mj");

    let again = conversation.idp.approve(&mut conversation.state, &url, "ada", conversation.now, [9; 32]);
    assert_eq!(again, Err(DecisionError::Unanswerable(Unanswerable::UnknownRequestUri)));
}

#[test]
fn the_answer_is_a_reference_for_a_minute() {
    let mut conversation = Conversation::new();
    let response = push(&mut conversation, &[&OPENID[..], &[SECRET]].concat());
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let answer = json(&response);
    assert!(answer["request_uri"].as_str().unwrap().starts_with("urn:ietf:params:oauth:request_uri:"));
    assert_eq!(answer["expires_in"], 60);

    let url = url(&[("client_id", "app"), ("request_uri", answer["request_uri"].as_str().unwrap())]);
    conversation.now += 59;
    assert_eq!(conversation.get(&url).status(), 200);
    conversation.now += 1;
    assert_eq!(conversation.get(&url).status(), 400);
}

#[test]
fn the_login_page_carries_the_reference_alone_and_its_button_uses_it_up() {
    let mut conversation = Conversation::new();
    let url = pushed(&mut conversation);
    let page = conversation.get(&url);
    assert!(text(&page).contains("name=\"request_uri\"") && !text(&page).contains("name=\"nonce\""));

    let request_uri = parameter(&url, "request_uri").unwrap();
    let decision = [("client_id", "app"), ("request_uri", &request_uri), ("account", "grace")];
    let response = conversation.post(&format!("{BASE}/authorize/decision"), &decision);
    assert!(parameter(location(&response), "code").is_some());
    assert_eq!(conversation.post(&format!("{BASE}/authorize/decision"), &decision).status(), 400);
}

#[test]
fn a_pushed_request_can_be_denied() {
    let mut conversation = Conversation::new();
    let url = pushed(&mut conversation);
    let denied = conversation.idp.deny_pushed(&mut conversation.state, &url, conversation.now).unwrap();
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    let unknown = Err(DecisionError::Unanswerable(Unanswerable::UnknownRequestUri));
    assert_eq!(conversation.idp.deny_pushed(&mut conversation.state, &url, conversation.now), unknown);
}

#[test]
fn a_reference_belongs_to_its_client() {
    let mut conversation = Conversation::new();
    let url = pushed(&mut conversation).replace("client_id=app", "client_id=other");
    assert_eq!(conversation.get(&url).status(), 400);
}

#[test]
fn what_a_url_may_not_ask_cannot_be_pushed() {
    let refused = [
        (with(&OPENID, "redirect_uri", "https://evil.example/"), 400, "invalid_request"),
        (with(&OPENID, "response_type", "token"), 400, "unsupported_response_type"),
        (with(&OPENID, "code_challenge", ""), 400, "invalid_request"),
        (with(&OPENID, "scope", "a\"b"), 400, "invalid_scope"),
        (with(&OPENID, "client_id", "other"), 401, "invalid_client"),
    ];
    for (request, status, error) in refused {
        let response = push(&mut Conversation::new(), &[&request[..], &[SECRET]].concat());
        assert_eq!((response.status().as_u16(), &json(&response)["error"]), (status, &json!(error)));
    }
    let nested = [&OPENID[..], &[SECRET, ("request_uri", "urn:ietf:params:oauth:request_uri:a")]].concat();
    assert_eq!(push(&mut Conversation::new(), &nested).status(), 400);
    assert_eq!(push(&mut Conversation::new(), &OPENID).status(), 401);
}

#[test]
fn requests_in_urls_are_refused_where_they_have_to_be_pushed() {
    let mut conversation = Conversation::new();
    let required = PushedAuthorizationRequests::Required;
    conversation.idp.set_behaviour(Behaviour::default().pushed_authorization_requests(required));
    let response = conversation.get(&authorize_url(&OPENID));
    assert_eq!(parameter(location(&response), "error").as_deref(), Some("invalid_request"));
    let endpoint = conversation.idp.discovery_endpoint();
    assert_eq!(json(&conversation.get(&endpoint))["require_pushed_authorization_requests"], true);
    let url = pushed(&mut conversation);
    assert_eq!(conversation.get(&url).status(), 200);
}

#[test]
fn what_is_shown_for_debugging_has_neither_reference_nor_secret_in_it() {
    let mut conversation = Conversation::new();
    let request_uri = parameter(&pushed(&mut conversation), "request_uri").unwrap();
    let shown = format!("{:?}", conversation.state);
    assert!(!shown.contains(&request_uri) && !shown.contains("app-secret"));
}

fn pushed(conversation: &mut Conversation) -> String {
    let answer = json(&push(conversation, &[&OPENID[..], &[SECRET]].concat()));
    let request_uri = answer["request_uri"].as_str().unwrap();
    format!("{BASE}/authorize?{}", encode(&[("client_id", "app"), ("request_uri", request_uri)]))
}

fn push(conversation: &mut Conversation, form: &[(&str, &str)]) -> Response<bytes::Bytes> {
    let endpoint = conversation.idp.pushed_authorization_request_endpoint();
    conversation.post(&endpoint, form)
}
