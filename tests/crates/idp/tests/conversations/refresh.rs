//! Refresh tokens (RFC 6749 section 6, OpenID Connect Core section 12).

use aura_test_idp::{Behaviour, Lie};
use http::Response;
use serde_json::{Value, json};

use crate::common::{Conversation, json, with};
use crate::relying_party::{OPENID, claims, is_signed};

#[test]
fn a_refresh_token_comes_with_offline_access_and_rotates() {
    let mut conversation = Conversation::new();
    assert_eq!(conversation.sign_in(&OPENID).get("refresh_token"), None);

    let first = offline(&mut conversation);
    assert!(!format!("{:?}", conversation.state).contains(first["refresh_token"].as_str().unwrap()));
    conversation.now += 4000;
    let second = json(&refresh(&mut conversation, &first["refresh_token"]));
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(conversation.userinfo(second["access_token"].as_str().unwrap()).status(), 200);

    let (before, after) = (id_token(&first), id_token(&second));
    assert!(is_signed(&mut conversation, second["id_token"].as_str().unwrap()));
    for same in ["iss", "sub", "aud", "auth_time", "sid", "nonce"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(after["iat"], conversation.now);
}

#[test]
fn a_used_refresh_token_takes_its_successors_with_it() {
    let mut conversation = Conversation::new();
    let first = offline(&mut conversation);
    let second = json(&refresh(&mut conversation, &first["refresh_token"]));

    let again = refresh(&mut conversation, &first["refresh_token"]);
    assert_eq!((again.status().as_u16(), &json(&again)["error"]), (400, &json!("invalid_grant")));
    assert_eq!(json(&refresh(&mut conversation, &second["refresh_token"]))["error"], "invalid_grant");

    let other = offline(&mut conversation);
    assert_eq!(refresh(&mut conversation, &other["refresh_token"]).status(), 200);
}

#[test]
fn a_refresh_token_is_one_clients() {
    let mut conversation = Conversation::new();
    let token = offline(&mut conversation)["refresh_token"].clone();
    let endpoint = conversation.idp.token_endpoint();
    let other = [
        ("grant_type", "refresh_token"),
        ("client_id", "other"),
        ("client_secret", "other-secret"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    assert_eq!(json(&conversation.post(&endpoint, &other))["error"], "invalid_grant");
    assert_eq!(refresh(&mut conversation, &token).status(), 200);
    assert_eq!(json(&refresh(&mut conversation, &json!("")))["error"], "invalid_request");
}

#[test]
fn lies_about_a_refreshed_token_are_not_told_at_the_sign_in() {
    for (lie, name, value) in
        [(Lie::RefreshOtherIss, "iss", "https://other-idp.example"), (Lie::RefreshOtherSub, "sub", "mallory")]
    {
        let mut conversation = Conversation::new();
        conversation.idp.set_behaviour(Behaviour::default().lie(lie));
        let first = offline(&mut conversation);
        let second = json(&refresh(&mut conversation, &first["refresh_token"]));
        assert_ne!(id_token(&first)[name], value, "{lie:?}");
        assert_eq!(id_token(&second)[name], value, "{lie:?}");
        assert!(is_signed(&mut conversation, second["id_token"].as_str().unwrap()));
    }
}

fn offline(conversation: &mut Conversation) -> Value {
    conversation.sign_in(&with(&OPENID, "scope", "openid offline_access"))
}

fn refresh(conversation: &mut Conversation, token: &Value) -> Response<bytes::Bytes> {
    let endpoint = conversation.idp.token_endpoint();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("client_secret", "app-secret"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    conversation.post(&endpoint, &form)
}

fn id_token(answer: &Value) -> Value {
    claims(answer["id_token"].as_str().unwrap())
}
