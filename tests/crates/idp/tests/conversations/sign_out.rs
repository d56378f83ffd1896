//! Sign-out at the provider by a redirect, and at the client by a logout token.

use aura_test_idp::{Behaviour, Client, ClientSecret, Lie, LogoutSubject, SigningAlgorithm};
use http::Response;
use serde_json::{Value, json};

use crate::common::{BASE, CALLBACK, Conversation, encode, location, parameter, text};
use crate::relying_party::{OPENID, claims, header, is_signed, lying};

const AFTER: &str = "http://localhost:3000/signed-out";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[test]
fn the_browser_comes_back_with_the_state() {
    let (mut conversation, hint) = signed_in(Behaviour::default());
    let wish = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "a b")];
    let response = visit(&mut conversation, &wish);
    assert_eq!(response.status(), 302);
    assert_eq!(location(&response), format!("{AFTER}?state=a+b"));

    let response = visit(&mut conversation, &wish[..2]);
    assert_eq!(location(&response), AFTER);
    let by_id = [("client_id", "app"), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(location(&visit(&mut conversation, &by_id)), AFTER);
    let endpoint = conversation.idp.end_session_endpoint();
    assert_eq!(location(&conversation.post(&endpoint, &by_id)), AFTER);
}

#[test]
fn without_a_way_back_there_is_a_page() {
    let (mut conversation, hint) = signed_in(Behaviour::default());
    for wish in [&[][..], &[("id_token_hint", hint.as_str())], &[("client_id", "app")]] {
        let response = visit(&mut conversation, wish);
        assert_eq!(response.status(), 200);
        assert!(text(&response).contains("You are signed out"));
    }
}

#[test]
fn nobody_is_sent_to_an_unregistered_place() {
    let (mut conversation, hint) = signed_in(Behaviour::default());
    let hint = ("id_token_hint", hint.as_str());
    for wish in [
        &[hint, ("post_logout_redirect_uri", "https://evil.example/")][..],
        &[hint, ("post_logout_redirect_uri", CALLBACK)],
        &[("post_logout_redirect_uri", AFTER)],
        &[("client_id", "other"), ("post_logout_redirect_uri", AFTER)],
        &[("client_id", "nobody"), ("post_logout_redirect_uri", AFTER)],
        &[hint, ("client_id", "other"), ("post_logout_redirect_uri", AFTER)],
        &[hint, ("client_id", "other")],
    ] {
        let response = visit(&mut conversation, wish);
        assert_eq!(response.status(), 400, "{wish:?}");
        assert!(!response.headers().contains_key("location"), "{wish:?}");
    }
}

#[test]
fn a_hint_is_one_of_this_provider_however_old() {
    let (mut conversation, hint) = signed_in(Behaviour::default());
    conversation.now += 1_000_000;
    conversation.state.rotate_key();
    assert_eq!(visit(&mut conversation, &[("id_token_hint", &hint)]).status(), 200);
    for lie in [Lie::IdTokenAlgNone, Lie::IdTokenBadSignature, Lie::IdTokenOtherIss, Lie::IdTokenOtherAud] {
        let (mut conversation, forged) = signed_in(Behaviour::default().lie(lie));
        assert_eq!(visit(&mut conversation, &[("id_token_hint", &forged)]).status(), 400, "{lie:?}");
    }
    assert_eq!(visit(&mut conversation, &[("id_token_hint", "guess")]).status(), 400);
}

#[test]
fn the_state_may_get_lost_or_changed() {
    for (lie, state) in
        [(Lie::EndSessionOtherState, Some("another-state")), (Lie::EndSessionWithoutState, None)]
    {
        let (mut conversation, hint) = signed_in(Behaviour::default().lie(lie));
        let wish = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER), ("state", "mine")];
        let response = visit(&mut conversation, &wish);
        assert_eq!(parameter(location(&response), "state").as_deref(), state, "{lie:?}");
    }
}

#[test]
fn a_logout_token_says_who_is_signed_out() {
    for (subject, sub, sid) in [
        (LogoutSubject::Sub("ada"), json!("ada"), Value::Null),
        (LogoutSubject::Sid("s1"), Value::Null, json!("s1")),
        (LogoutSubject::SubAndSid { sub: "ada", sid: "s1" }, json!("ada"), json!("s1")),
    ] {
        let mut conversation = Conversation::new();
        let token = logout_token(&conversation, subject);
        assert_eq!(header(&token)["typ"], "logout+jwt");
        let claims = claims(&token);
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(BASE), &json!("app")));
        assert_eq!((&claims["sub"], &claims["sid"]), (&sub, &sid));
        assert_eq!(claims["events"], json!({ EVENT: {} }));
        assert_eq!(claims["exp"], conversation.now + 120);
        assert!(claims["jti"].is_string() && claims.get("nonce").is_none());
        assert!(is_signed(&mut conversation, &token));
    }
}

#[test]
fn the_session_id_of_an_id_token_can_be_signed_out() {
    let (mut conversation, first) = signed_in(Behaviour::default());
    let second = conversation.sign_in(&OPENID)["id_token"].as_str().unwrap().to_owned();
    let (first, second) = (claims(&first)["sid"].clone(), claims(&second)["sid"].clone());
    assert_ne!(first, second);
    let token = logout_token(&conversation, LogoutSubject::Sid(first.as_str().unwrap()));
    assert_eq!(claims(&token)["sid"], first);
}

#[test]
fn lies_in_logout_tokens_change_what_they_name() {
    let now = Conversation::new().now;
    for (lie, name, value) in [
        (Lie::LogoutTokenOtherIss, "iss", json!("https://other-idp.example")),
        (Lie::LogoutTokenOtherAud, "aud", json!("another-client")),
        (Lie::LogoutTokenWithoutEvents, "events", Value::Null),
        (Lie::LogoutTokenOtherEvent, "events", json!({ "http://schemas.openid.net/event/another": {} })),
        (Lie::LogoutTokenWithNonce, "nonce", json!("n-0S6_WzA2Mj")),
        (Lie::LogoutTokenWithoutSubject, "sub", Value::Null),
        (Lie::LogoutTokenWithoutSubject, "sid", Value::Null),
        (Lie::LogoutTokenExpired, "exp", json!(now - 3600)),
    ] {
        let mut conversation = lying(lie);
        let token = logout_token(&conversation, LogoutSubject::SubAndSid { sub: "ada", sid: "s1" });
        assert_eq!(claims(&token)[name], value, "{lie:?}");
        assert!(is_signed(&mut conversation, &token), "{lie:?}");
    }
}

#[test]
fn a_logout_token_may_be_signed_by_nobody_or_in_another_way() {
    let none = logout_token(&lying(Lie::LogoutTokenAlgNone), LogoutSubject::Sub("ada"));
    assert_eq!(header(&none)["alg"], "none");
    assert!(none.ends_with('.'));

    for algorithm in SigningAlgorithm::ALL {
        let mut conversation = Conversation::new();
        let behaviour = Behaviour::default().signing_algorithm(*algorithm).lie(Lie::LogoutTokenOtherAlg);
        conversation.idp.set_behaviour(behaviour);
        let token = logout_token(&conversation, LogoutSubject::Sub("ada"));
        assert_ne!(header(&token)["alg"], algorithm.name());
        assert!(!is_signed(&mut conversation, &token));
    }
}

fn signed_in(behaviour: Behaviour) -> (Conversation, String) {
    let mut conversation = Conversation::new();
    let client = Client::new("app", ClientSecret::new("app-secret")).with_redirect_uri(CALLBACK).unwrap();
    let client = client.with_post_logout_redirect_uri(AFTER).unwrap();
    conversation.idp = conversation.idp.client(client).behaviour(behaviour);
    let id_token = conversation.sign_in(&OPENID)["id_token"].as_str().unwrap().to_owned();
    (conversation, id_token)
}

fn visit(conversation: &mut Conversation, wish: &[(&str, &str)]) -> Response<bytes::Bytes> {
    let url = format!("{}?{}", conversation.idp.end_session_endpoint(), encode(wish));
    conversation.get(&url)
}

fn logout_token(conversation: &Conversation, subject: LogoutSubject<'_>) -> String {
    conversation.idp.logout_token(&conversation.state, "app", subject, conversation.now, [9; 32])
}
