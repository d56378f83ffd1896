//! `/sessions`: the devices of a user, listed and ended.

use super::{pair, reason, session_of, signed_in};
use aura_tests::{Answer, Pair};
use http::Method;
use serde_json::Value;

/// Signs in on two devices of one user. Returns the pair at the second, and the cookies of the first.
fn two_devices() -> (Pair, String) {
    let mut pair = signed_in();
    let first = pair.cookie_header();
    pair.browser.jar = Default::default();
    pair.browser.advance(60);
    pair.sign_in("dev", "ada");
    (pair, first)
}

fn list(pair: &mut Pair) -> Vec<Value> {
    let answer = pair.fetch(Method::GET, "/auth/sessions", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json.as_array().unwrap().clone()
}

fn delete(pair: &mut Pair, path: &str) -> Answer {
    let csrf = pair.csrf_token();
    pair.fetch(Method::DELETE, path, &[("x-csrf-token", &csrf)], "")
}

#[test]
fn a_user_sees_each_device_and_which_one_this_is() {
    let (mut pair, _) = two_devices();
    let devices = list(&mut pair);
    let current: Vec<_> = devices.iter().map(|device| device["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false], "the latest first");
    let members: Vec<_> = devices[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["createdAt", "current", "device", "expires", "id", "lastSeenAt", "provider"]);
    assert_eq!(
        (devices[0]["provider"].as_str(), devices[0]["id"].as_str().unwrap().len()),
        (Some("dev"), 22)
    );
}

#[test]
fn one_device_is_signed_out_by_another() {
    let (mut pair, first) = two_devices();
    let other = list(&mut pair)[1]["id"].as_str().unwrap().to_owned();
    let answer = delete(&mut pair, &format!("/auth/sessions/{other}"));
    assert_eq!((answer.status.as_u16(), &answer.json["success"]), (200, &true.into()));
    assert_eq!(session_of(&mut pair, &first).status, 401);
    assert_eq!((pair.session().status.as_u16(), list(&mut pair).len()), (200, 1));
    assert_eq!(delete(&mut pair, &format!("/auth/sessions/{other}")).status, 404);
}

#[test]
fn every_other_device_is_signed_out_and_this_one_stays() {
    let (mut pair, first) = two_devices();
    assert_eq!(delete(&mut pair, "/auth/sessions").status, 200);
    assert_eq!(session_of(&mut pair, &first).status, 401);
    assert_eq!((pair.session().status.as_u16(), list(&mut pair).len()), (200, 1));
    // And again: the generation rises each time.
    assert_eq!(delete(&mut pair, "/auth/sessions").status, 200);
    assert_eq!(pair.session().status, 200);
}

#[test]
fn every_device_is_signed_out_and_this_one_too() {
    let (mut pair, first) = two_devices();
    let second = pair.cookie_header();
    assert_eq!(delete(&mut pair, "/auth/sessions?current=true").status, 200);
    for cookies in [first, second] {
        assert_eq!(session_of(&mut pair, &cookies).status, 401);
    }
    assert!(pair.cookies().iter().all(|(name, _)| !name.contains("session_token")), "{:?}", pair.cookies());
    pair.sign_in("dev", "ada");
    assert_eq!(pair.session().status, 200, "a later sign-in begins a session that lives");
}

#[test]
fn a_user_ends_no_session_of_another_and_nothing_without_a_csrf_token() {
    let (mut pair, ada) = two_devices();
    let hers = list(&mut pair)[1]["id"].as_str().unwrap().to_owned();
    pair.browser.jar = Default::default();
    pair.sign_in("dev", "grace");
    assert_eq!(delete(&mut pair, &format!("/auth/sessions/{hers}")).status, 404);
    assert_eq!(list(&mut pair).len(), 1);
    for path in ["/auth/sessions".to_owned(), format!("/auth/sessions/{hers}")] {
        assert_eq!(pair.fetch(Method::DELETE, &path, &[], "").status, 403, "{path}");
    }
    delete(&mut pair, "/auth/sessions");
    assert_eq!(session_of(&mut pair, &ada).status, 200);
}

#[test]
fn a_site_that_stores_no_session_has_no_list() {
    let mut pair = Pair::at("https://app.test", |builder| builder);
    pair.sign_in("dev", "ada");
    for (method, path) in [
        (Method::GET, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions/x"),
    ] {
        let answer = pair.fetch(method, path, &[], "");
        assert_eq!((answer.status.as_u16(), reason(&answer)), (404, "not_found"), "{path}");
    }
    assert!(!pair.app.auth.is_route("/auth/sessions"));
    assert!(super::pair(|policy| policy).app.auth.is_route("/auth/sessions"));
    let _ = pair;
}

#[test]
fn who_is_signed_out_sees_no_device() {
    let mut pair = pair(|policy| policy);
    pair.visit("/auth/signIn/dev");
    assert_eq!(pair.fetch(Method::GET, "/auth/sessions", &[], "").status, 401);
    assert_eq!(pair.fetch(Method::PATCH, "/auth/sessions", &[], "").status, 405);
    assert_eq!(pair.fetch(Method::GET, "/auth/sessions/x", &[], "").status, 405);
}
