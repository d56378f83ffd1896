//! The identity in a session, the contents of a session, and its lifetime.

use aura_proto::provider::TokenRetention;
use aura_proto::{SessionPolicy, UnixTime};
use aura_tests::{Fault, Pair};
use http::{HeaderMap, Method, header};
use serde_json::json;
use std::collections::BTreeSet;

/// Signs in as the user that userinfo describes.
fn sign_in_as(pair: &mut Pair, provider: &str, userinfo: &serde_json::Value) {
    let authorize = pair.begin(provider, "/");
    let callback = pair.approve(provider, &authorize, "ada");
    pair.app.userinfo_fault = Some(Fault::json(200, &userinfo.to_string()));
    assert_eq!(pair.visit(&callback).status, 200);
}

/// Provider and subject of the live session.
fn identity(pair: &Pair) -> (Option<String>, String) {
    let headers = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
    let session = pair.app.auth.session(&headers, UnixTime::from_secs(pair.browser.now)).unwrap();
    let (provider, sub) = session.identity();
    (provider.map(str::to_owned), sub.to_owned())
}

#[test]
fn mx_07_one_sub_at_two_providers_is_two_identities() {
    let mut pair = Pair::new();
    let mut seen = Vec::new();
    for provider in ["dev", "other"] {
        sign_in_as(&mut pair, provider, &json!({ "id": "1" }));
        seen.push(identity(&pair));
    }
    assert_eq!(seen, [(Some("dev".to_owned()), "1".to_owned()), (Some("other".to_owned()), "1".to_owned())]);
}

#[test]
fn mx_08_an_e_mail_is_no_identity_and_its_verification_is_handed_on_as_it_is() {
    let mut pair = Pair::new();
    pair.app.admit = |candidate| {
        assert_eq!(candidate.userinfo["email_verified"], candidate.userinfo["said"]);
        candidate.admit()
    };
    for (sub, said) in [("alice", json!(false)), ("mallory", json!("false")), ("bob", json!(0))] {
        let userinfo = json!({
            "id": sub, "email": "alice@victim.test", "email_verified": said.clone(), "said": said,
        });
        sign_in_as(&mut pair, "dev", &userinfo);
        assert_eq!(identity(&pair), (Some("dev".to_owned()), sub.to_owned()));
        let session = pair.session().json;
        assert_eq!(session["user"]["sub"], sub);
        assert!(!session.to_string().contains("verified"), "{session}");
    }
}

#[test]
fn hi_06_odd_characters_in_a_name_are_escaped_and_kept() {
    let name = "a\u{0}b\r\nX-Evil: 1\u{1b}[31m\u{202e}\u{2066}\u{feff}<script>\u{2028}\"\\";
    let mut pair = Pair::new();
    sign_in_as(&mut pair, "dev", &json!({ "id": "a\r\nb\u{202e}", "name": name }));
    let answer = pair.session();
    assert_eq!(
        (&answer.json["user"]["name"], &answer.json["user"]["sub"]),
        (&json!(name), &json!("a\r\nb\u{202e}"))
    );
    let body = &pair.browser.history.last().unwrap().response_body;
    assert!(!body.iter().any(u8::is_ascii_control));
    for exchange in &pair.browser.history {
        assert!(!exchange.response_headers.contains_key("x-evil"));
    }
    assert!(!format!("{:?}", pair.app.events).contains(['\r', '\n', '\u{1b}', '\u{202e}']));
}

#[test]
fn se_04_a_session_says_nothing_of_the_providers_tokens() {
    for retention in [TokenRetention::Dropped, TokenRetention::Kept, TokenRetention::Readable] {
        let mut pair =
            Pair::with("https://app.test", |provider| provider.tokens(retention), |builder| builder);
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        let granted = r#"{"access_token":"at-marker","refresh_token":"rt-marker","id_token":"it-marker"}"#;
        pair.app.token_fault = Some(Fault::json(200, granted));
        pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"1"}"#));
        pair.visit(&callback);
        let session = pair.session().json.to_string();
        assert!(session.contains(r#""sub":"1""#) && !session.contains("marker"), "{retention:?}: {session}");
        for exchange in &pair.browser.history {
            assert!(!format!("{exchange:?}").contains("marker"), "{retention:?}");
        }
    }
}

#[test]
fn sf_08_sessions_of_one_user_at_one_moment_share_nothing_but_their_header() {
    let mut pair = Pair::new();
    let mut parts = BTreeSet::new();
    for _ in 0..50 {
        sign_in_as(&mut pair, "dev", &json!({ "id": "1" }));
        let token = pair.session_token();
        let segments: Vec<_> = token.split('.').collect();
        let [_, _, iv, ciphertext, tag] = segments[..] else { unreachable!("a compact JWE") };
        // 96 bits of the IV and 128 of the tag: none can be guessed, and none begins as another does.
        assert_eq!((iv.len(), tag.len()), (16, 22));
        parts.extend([iv, tag, &ciphertext[..16]].map(str::to_owned));
    }
    assert_eq!(parts.len(), 150);
}

/// Sessions are stateless: signing out clears the browser's cookie, and a copy made before ends with the session.
#[test]
fn sf_04_a_copied_cookie_outlives_the_sign_out_and_ends_with_the_session() {
    let hour = std::time::Duration::from_secs(3600);
    let mut pair =
        Pair::at("https://app.test", |builder| builder.session(SessionPolicy::default().max_age(hour)));
    pair.sign_in("dev", "ada");
    let copied = format!("__Host-aura-auth.session_token={}", pair.session_token());
    let token = pair.csrf_token();
    assert_eq!(pair.sign_out(&token).status, 202);
    assert_eq!(pair.session().status, 401);
    for (later, status) in [(0, 200), (3599, 200), (1, 401)] {
        pair.browser.advance(later);
        let request = http::Request::get("/auth/session").header(header::COOKIE, &copied);
        assert_eq!(pair.send(request).status, status);
    }
}

#[test]
fn so_08_a_request_that_needs_no_preflight_changes_nothing() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let body = json!({ "csrfToken": token, "token_type_hint": "session_token", "user": { "name": "x" } });
    for content_type in ["text/plain", "multipart/form-data; boundary=x", "text/plain; application/json"] {
        let headers = [("content-type", content_type)];
        let path = "/auth/signOut?token_type_hint=session_token";
        for (method, path) in [(Method::POST, path), (Method::PATCH, "/auth/session")] {
            let answer = pair.fetch(method, path, &headers, &body.to_string());
            assert_eq!(answer.status, 403, "{content_type} {path}");
        }
    }
    assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
}
