//! Sessions that pages read and change, and sessions that begin later.

use aura_http::env::Environment;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Builder, SessionError, SessionPolicy, UnixTime};
use aura_tests::{Answer, Fault, Pair, SECRET};
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};

const SITE: &str = "https://app.test";
const SESSION: &str = "__Host-aura-auth.session_token";

fn clears_session(answer: &Answer) -> bool {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    set.filter(|one| one.to_str().unwrap().starts_with(&format!("{SESSION}=;"))).count() > 0
}

#[test]
fn au_11_a_session_that_begins_later_is_401_and_is_not_cleared() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let (token, now) = (pair.session_token(), pair.browser.now);
    for beside in ["", &format!("; {SESSION}=junk")] {
        let cookies = format!("{SESSION}={token}{beside}");
        let reversed = format!("{SESSION}=junk; {SESSION}={token}");
        for cookies in [cookies, reversed] {
            pair.browser.now = now - 30;
            let answer = pair.send(http::Request::get("/auth/session").header(header::COOKIE, &cookies));
            assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &json!("session_not_yet")));
            assert_eq!(
                (&answer.json["authenticated"], &answer.json["session"]),
                (&json!(false), &Value::Null)
            );
            assert!(!clears_session(&answer));
            let headers = HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
            let read = pair.app.auth.session(&headers, UnixTime::from_secs(now - 30));
            assert_eq!(read, Err(SessionError::NotYet));
            pair.browser.now = now - 5;
            let answer = pair.send(http::Request::get("/auth/session").header(header::COOKIE, cookies));
            assert_eq!(answer.status, 200, "clocks may differ by five seconds");
        }
    }
}

#[test]
fn au_11_what_has_ended_or_is_junk_is_cleared() {
    let mut pair = Pair::at(SITE, |builder| {
        builder.session(SessionPolicy::default().max_age(std::time::Duration::from_secs(60)))
    });
    pair.sign_in("dev", "ada");
    let token = pair.session_token();
    pair.browser.advance(61);
    for value in [token.as_str(), "junk"] {
        let request =
            http::Request::get("/auth/session").header(header::COOKIE, format!("{SESSION}={value}"));
        let answer = pair.send(request);
        assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &json!("session_invalid")));
        assert!(clears_session(&answer));
    }
}

/// Every route that needs a session, with a body where it takes one.
const ROUTES: [(&str, &str, &str); 6] = [
    ("GET", "/auth/session", ""),
    ("PATCH", "/auth/session", "{}"),
    ("POST", "/auth/providers/dev/user/refresh", ""),
    ("POST", "/auth/providers/dev/tokens/revoke", ""),
    ("DELETE", "/auth/providers/dev", ""),
    ("GET", "/auth/providers/dev/tokens", ""),
];

#[test]
fn p_09_a_junk_session_is_invalid_everywhere_and_an_absent_one_missing() {
    let readable = |row: Provider| row.tokens(TokenRetention::Readable);
    for (junk, reason) in [(true, "session_invalid"), (false, "session_missing")] {
        for (method, path, body) in ROUTES {
            let mut pair = Pair::with(SITE, readable, |builder| builder);
            let token = pair.csrf_token();
            if junk {
                pair.plant(SESSION, "junk");
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = pair.fetch(method, path, &[("x-csrf-token", &token)], body);
            assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &json!(reason)), "{path}");
        }
    }
}

fn patch(policy: SessionPolicy, query: &str, body: &Value) -> (Answer, Value) {
    let mut pair = Pair::at(SITE, |builder| builder.session(policy));
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let path = format!("/auth/session{query}");
    let answer = pair.fetch(Method::PATCH, &path, &[("x-csrf-token", &token)], &body.to_string());
    let session = pair.session().json;
    (answer, session)
}

#[test]
fn p_07_a_member_that_is_not_editable_and_differs_is_named() {
    let policy = || SessionPolicy::default().editable(["image"]);
    for (member, value) in [
        ("name", json!("Countess")),
        ("name", Value::Null),
        ("email", json!("x@x.test")),
        ("sub", json!("eve")),
        ("role", json!("admin")),
        ("nobody-knows", json!({})),
    ] {
        let (answer, session) =
            patch(policy(), "", &json!({ "user": { "image": "https://i.test", member: value } }));
        assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (422, &json!("member_not_editable")));
        let details = answer.json["details"].as_object().unwrap();
        assert_eq!(details.keys().collect::<Vec<_>>(), [&format!("user.{member}")]);
        assert_ne!(session["user"]["image"], "https://i.test", "nothing changed");
    }
    let odd = json!({ "user": { "<script>": 1 } });
    let (answer, _) = patch(policy(), "", &odd);
    assert!(answer.status == 422 && !answer.json.to_string().contains("script"), "{}", answer.json);
}

#[test]
fn p_07_a_whole_user_that_is_sent_back_changes_what_is_editable() {
    let policy = || SessionPolicy::default().editable(["name"]);
    let (_, session) = patch(policy(), "", &json!({}));
    let mut whole = json!({ "user": session["user"] });
    whole["user"]["name"] = json!("Countess");
    let (answer, session) = patch(policy(), "", &whole);
    assert_eq!((answer.status.as_u16(), &session["user"]["name"]), (200, &json!("Countess")));
}

#[test]
fn p_07_the_environment_lists_what_is_editable() {
    let complete = |builder: Builder| {
        let lookup = |name: &str| (name == "AURA_SESSION_EDITABLE").then(|| "name, image".to_owned());
        Environment::new(&lookup).complete(builder).unwrap()
    };
    let mut pair = Pair::at(SITE, complete);
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let body = r#"{"user":{"name":"Countess"}}"#;
    let answer = pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], body);
    assert_eq!((answer.status.as_u16(), &pair.session().json["user"]["name"]), (200, &json!("Countess")));
}

#[test]
fn p_08_who_goes_on_without_a_target_goes_home() {
    let editable = || SessionPolicy::default().editable(["name"]);
    for (query, url) in [
        ("redirect=false&redirectTo=undefined", json!("/")),
        ("redirectTo=undefined", json!("/")),
        ("redirect=true", json!("/")),
        ("redirect=true&redirectTo=undefined", json!("/")),
        ("redirect=true&redirectTo=", json!("/")),
        ("", Value::Null),
        ("redirect=false", Value::Null),
    ] {
        let (answer, _) = patch(editable(), &format!("?{query}"), &json!({ "user": { "name": "B" } }));
        assert_eq!((answer.status.as_u16(), &answer.json["redirectURL"]), (200, &url), "{query}");
        assert_eq!(answer.json["redirect"], false);
        let mut pair = Pair::new();
        pair.sign_in("dev", "ada");
        let token = pair.csrf_token();
        let path = format!("/auth/signOut?token_type_hint=session_token&{query}");
        let answer = pair.fetch(Method::POST, &path, &[("x-csrf-token", &token)], "");
        assert_eq!((answer.status.as_u16(), &answer.json["redirectURL"]), (202, &url), "{query}");
    }
}

#[test]
fn p_08_a_target_is_followed_as_before_and_a_foreign_one_leads_home() {
    for (query, url) in
        [("redirect=false&redirectTo=/a", "/a"), ("redirect=false&redirectTo=//evil.test", "/")]
    {
        let (answer, _) = patch(SessionPolicy::default(), &format!("?{query}"), &json!({}));
        assert_eq!((answer.status.as_u16(), &answer.json["redirectURL"]), (200, &json!(url)), "{query}");
    }
}

#[test]
fn a_session_beyond_its_size_fails_with_a_reason_that_names_the_option() {
    let userinfo = |length: usize| {
        let text = format!(r#"{{"id":"ada","name":"{}"}}"#, "n".repeat(length));
        Some(Fault::json(200, &text))
    };
    let signs_in = |pair: &mut Pair, length: usize| {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.userinfo_fault = userinfo(length);
        let page = pair.visit(&callback);
        let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        (
            page.status.as_u16(),
            json["reason"].clone(),
            json["message"].as_str().unwrap_or_default().contains("max_size"),
        )
    };
    let policy = || SessionPolicy::default().editable(["name"]).max_size(2048);
    let mut pair = Pair::at(SITE, |builder| builder.session(policy()));
    assert_eq!(signs_in(&mut pair, 2000), (502, json!("profile_too_large"), true));
    assert_eq!(signs_in(&mut Pair::new(), 2000).0, 200, "no cap was set");
    assert_eq!(signs_in(&mut pair, 400).0, 200);
    let token = pair.csrf_token();
    let body = json!({ "user": { "name": "n".repeat(2000) } }).to_string();
    let answer = pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], &body);
    assert_eq!(answer.json["reason"], "session_too_large");
    assert_eq!(pair.session().status, 200, "the session stays as it was");
    for bytes in [0, 1023, 20_481] {
        let builder = aura_tests::builder(SECRET, SITE, |row| row);
        assert!(builder.session(SessionPolicy::default().max_size(bytes)).build().is_err(), "{bytes}");
    }
    let lookup = |name: &str| (name == "SESSION_MAX_SIZE").then(|| "1k".to_owned());
    let error = Environment::new(&lookup).complete(aura_tests::builder(SECRET, SITE, |row| row)).unwrap_err();
    assert_eq!(error.variable(), "SESSION_MAX_SIZE");
}
