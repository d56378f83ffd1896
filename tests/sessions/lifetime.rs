//! Lifetime, updates and admission of sessions.

use aura_proto::{Admission, Admitted, Candidate, Event, Expiration, SessionPolicy};
use aura_tests::{Answer, Pair};
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};
use std::time::Duration;

const SESSION: &str = "__Host-aura-auth.session_token";

fn pair(policy: SessionPolicy) -> Pair {
    Pair::at("https://app.test", |builder| builder.session(policy))
}

fn signed_in(policy: SessionPolicy) -> Pair {
    let mut pair = pair(policy);
    pair.sign_in("dev", "ada");
    pair
}

fn sets_session(answer: &Answer) -> bool {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    cookies.filter_map(|cookie| cookie.to_str().ok()).any(|cookie| cookie.starts_with(SESSION))
}

fn patch(pair: &mut Pair, query: &str, body: &Value) -> Answer {
    let token = pair.csrf_token();
    let path = format!("/auth/session{query}");
    pair.fetch(Method::PATCH, &path, &[("x-csrf-token", &token)], &body.to_string())
}

/// A recorded row that we decide otherwise.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    /// An end that would not move is not written again.
    UnchangedIsNotRenewed,
}

#[test]
fn the_strategies_decide_as_recorded() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../golden/expiration.json")).unwrap();
    let mut differences = Vec::new();
    for row in &rows {
        let Some(exp) = row["exp"].as_u64() else { continue };
        let (now, max_age) = (row["now_ms"].as_u64().unwrap() / 1000, row["maxAge"].as_u64().unwrap());
        let threshold = row["slidingThreshold"].as_f64().unwrap_or(0.25);
        let expiration = match row["strategy"].as_str().unwrap() {
            "fixed" => Expiration::Fixed,
            "absolute" => Expiration::Absolute,
            "rolling" => Expiration::Rolling,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share from 0 to 1"
            )]
            "sliding" => Expiration::Sliding { threshold_percent: (threshold * 100.0) as u8 },
            other => panic!("{other}"),
        };
        let policy = SessionPolicy::default().max_age(Duration::from_secs(max_age)).expiration(expiration);
        // A session with the recorded end was begun under a policy of another length.
        let begun = 1_799_999_000;
        let length = Duration::from_secs(exp - begun);
        let mut begin = pair(SessionPolicy::default().max_age(length));
        begin.browser.now = begun;
        begin.sign_in("dev", "ada");
        let mut read = pair(policy);
        read.browser.now = now;
        read.plant(SESSION, &begin.session_token());

        let answer = read.session();
        let action = match (answer.status.as_u16(), sets_session(&answer)) {
            (401, _) => "invalid",
            (200, true) => "extend",
            (200, false) => "no_change",
            other => panic!("{other:?}"),
        };
        if action != row["result"]["action"] {
            assert_eq!((row["strategy"].as_str(), exp), (Some("rolling"), now + max_age), "{row}");
            differences.push(Difference::UnchangedIsNotRenewed);
        } else if action == "extend" {
            assert_eq!(answer.json["expires"], row["result"]["expiresAt"], "{row}");
        }
    }
    assert_eq!(differences, [Difference::UnchangedIsNotRenewed]);
    // The one row without an end: a token without `exp` is no session, as the unit tests of tokens show.
    assert_eq!(rows.iter().filter(|row| row["exp"].is_null()).count(), 1);
}

#[test]
fn ck_18_a_session_ends_at_its_maximum_duration_however_often_it_is_renewed() {
    let hour = Duration::from_secs(3600);
    let policy =
        SessionPolicy::default().max_age(hour).max_duration(hour * 3).expiration(Expiration::Rolling);
    let mut pair = signed_in(policy);
    let mut hours = 0.0;
    while pair.session().status == 200 {
        pair.browser.advance(1800);
        hours += 0.5;
        assert!(hours < 10.0);
    }
    assert_eq!(hours, 3.0);
}

#[test]
fn a_rolling_session_lives_while_it_is_read_and_an_absolute_one_does_not() {
    let hour = Duration::from_secs(3600);
    for (expiration, alive) in
        [(Expiration::Rolling, 200), (Expiration::Absolute, 401), (Expiration::Fixed, 401)]
    {
        let mut pair = signed_in(SessionPolicy::default().max_age(hour).expiration(expiration));
        for _ in 0..3 {
            pair.browser.advance(1800);
            pair.session();
        }
        assert_eq!(pair.session().status, alive, "{expiration:?}");
        let renewed = pair.app.events.iter().any(|event| matches!(event, Event::SessionRenewed { .. }));
        assert_eq!(renewed, alive == 200);
    }
}

#[test]
fn sf_06_two_renewals_at_once_leave_one_valid_session() {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(Expiration::Rolling);
    let mut pair = signed_in(policy);
    pair.browser.advance(10);
    let cookies = pair.cookie_header();
    for _ in 0..2 {
        let request = http::Request::get("/auth/session").header(header::COOKIE, &cookies);
        let answer = pair.send(request);
        assert_eq!(answer.status, 200);
        let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let value = set.split(['=', ';']).nth(1).unwrap().to_owned();
        pair.plant(SESSION, &value);
        assert_eq!(pair.session().status, 200);
    }
}

#[test]
fn issuer_and_audience_separate_sites_that_share_a_secret() {
    let policy = |issuer: &str, audience: &str| SessionPolicy::default().issuer(issuer).audience(audience);
    let mut first = signed_in(policy("https://a.test", "a"));
    assert_eq!(first.session().status, 200);
    let token = first.session_token();
    for (other, status) in [
        (policy("https://a.test", "a"), 200),
        (policy("https://a.test/", "a"), 401),
        (policy("https://a.test", "b"), 401),
        (SessionPolicy::default(), 200),
    ] {
        let mut second = pair(other);
        second.plant(SESSION, &token);
        assert_eq!(second.session().status, status);
    }
    let mut none = signed_in(SessionPolicy::default());
    let token = none.session_token();
    let mut second = pair(policy("https://a.test", "a"));
    second.plant(SESSION, &token);
    assert_eq!((none.session().status.as_u16(), second.session().status.as_u16()), (200, 401));
}

#[test]
fn a_session_counts_at_an_instance_whose_clock_is_five_seconds_behind() {
    let mut pair = signed_in(SessionPolicy::default());
    let begun = pair.browser.now;
    for (behind, status) in [(5, 200), (6, 401)] {
        let request = http::Request::get("/auth/session").header("cookie", pair.cookie_header());
        pair.browser.now = begun - behind;
        assert_eq!(pair.send(request).status, status, "{behind} seconds");
        pair.browser.now = begun;
    }
}

#[test]
fn so_09_a_page_changes_what_is_editable_and_nothing_else() {
    let mut pair = signed_in(SessionPolicy::default().editable(["name", "image"]));
    for (member, value) in [("email", "x@x.test"), ("sub", "eve"), ("role", "admin")] {
        let answer = patch(&mut pair, "", &json!({ "user": { "name": "Countess", member: value } }));
        assert_eq!((answer.status.as_u16(), sets_session(&answer)), (422, false), "{member}");
    }
    let body =
        json!({ "user": { "name": "Countess", "image": null, "email": "ada@example.test", "sub": "ada" } });
    let answer = patch(&mut pair, "", &body);
    assert_eq!(answer.status, 200);
    assert_eq!((&answer.json["success"], &answer.json["redirect"]), (&json!(true), &json!(false)));
    let session = pair.session();
    assert_eq!(answer.json["session"], session.json["session"]);
    let user = &session.json["user"];
    assert_eq!(*user, json!({ "sub": "ada", "name": "Countess", "email": "ada@example.test" }));
    assert!(pair.app.events.contains(&Event::SessionUpdated { sub: "ada".to_owned() }));
}

#[test]
fn so_09_nothing_is_editable_where_nothing_is_said() {
    let mut pair = signed_in(SessionPolicy::default());
    let answer = patch(&mut pair, "", &json!({ "user": { "name": "Countess" } }));
    assert_eq!((answer.status.as_u16(), sets_session(&answer)), (422, false));
    assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
}

#[test]
fn an_update_goes_on_only_where_it_is_told_to() {
    let policy = SessionPolicy::default().editable(["name"]);
    for (query, status, redirect, url) in [
        ("", 200, false, Value::Null),
        ("?redirect=false&redirectTo=/settings", 200, false, json!("/settings")),
        ("?redirect=false&redirectTo=//evil.test", 200, false, json!("/")),
    ] {
        let answer = patch(&mut signed_in(policy.clone()), query, &json!({ "user": { "name": "B" } }));
        assert_eq!(
            (answer.status.as_u16(), &answer.json["redirect"], &answer.json["redirectURL"]),
            (status, &json!(redirect), &url)
        );
    }
    let mut pair = signed_in(policy);
    patch(&mut pair, "?redirectTo=/settings", &json!({ "user": { "name": "B" } }));
    let sent = pair.browser.history.iter().find(|exchange| exchange.status == 303).unwrap();
    assert_eq!(sent.response_header("location"), Some("/settings"));
}

#[test]
fn an_update_is_refused_with_its_own_status_and_code() {
    let mut pair = signed_in(SessionPolicy::default().editable(["name"]));
    let token = pair.csrf_token();
    let own = [("x-csrf-token", token.as_str())];
    for (headers, body, status, code) in [
        (&own[..], "{", 400, "UNPROCESSABLE_BODY_ENTITY"),
        (&own[..], "", 400, "UNPROCESSABLE_BODY_ENTITY"),
        (&own[..], r#"{"expires":null}"#, 422, "UNPROCESSABLE_ENTITY"),
        (&own[..], r#"{"user":{"name":1}}"#, 422, "UNPROCESSABLE_ENTITY"),
        (&[], "{}", 403, "CSRF_DOUBLE_SUBMIT_FAILED"),
        (&[("x-csrf-token", "wrong")], "{}", 403, "CSRF_TOKEN_MISMATCH"),
    ] {
        let answer = pair.fetch(Method::PATCH, "/auth/session", headers, body);
        assert_eq!((answer.status.as_u16(), answer.json["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!((&answer.json["success"], &answer.json["session"]), (&json!(false), &Value::Null));
        assert_eq!((&answer.json["redirect"], &answer.json["redirectURL"]), (&json!(false), &Value::Null));
    }
    let long = json!({ "user": { "name": "n".repeat(60_000) } });
    assert_eq!(patch(&mut pair, "", &long).json["code"], "UPDATE_SESSION_INVALID");
    assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");

    let mut nobody = self::pair(SessionPolicy::default());
    assert_eq!(patch(&mut nobody, "", &json!({})).json["code"], "SESSION_NOT_FOUND");
}

fn only_ada(candidate: Candidate) -> Admission {
    assert_eq!(candidate.provider, "dev");
    assert_eq!(candidate.userinfo["sub"], candidate.user.sub());
    if candidate.user.sub() != "ada" {
        return Admission::Refuse;
    }
    let admitted = Admitted::new(candidate.user.with_image(""));
    Admission::Admit(admitted.claims(&json!({ "role": "editor", "plan": { "seats": 3 } })))
}

#[test]
fn the_application_admits_and_shapes_or_refuses() {
    #[derive(serde::Deserialize)]
    struct Claims {
        role: String,
    }
    let mut pair = pair(SessionPolicy::default().public_claims(["role"]));
    pair.app.admit = only_ada;
    pair.sign_in("dev", "ada");
    let user = &pair.session().json["user"];
    assert_eq!(
        *user,
        json!({ "sub": "ada", "name": "Ada Lovelace", "email": "ada@example.test", "role": "editor" })
    );
    let headers = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
    let session = pair.app.auth.session(&headers, aura_proto::UnixTime::from_secs(pair.browser.now)).unwrap();
    assert_eq!(session.claims_as::<Claims>().unwrap().role, "editor");
    assert_eq!(session.claims()["plan"]["seats"], 3);
    assert_eq!(session.identity(), (Some("dev"), "ada"));

    let token = pair.csrf_token();
    pair.sign_out(&token);
    let page = pair.sign_in("dev", "grace");
    assert_eq!(page.status, 403);
    assert!(page.text().contains(r#""reason":"not_admitted""#), "{}", page.text());
    assert_eq!(pair.session().status, 401);
}

#[test]
fn claims_cannot_take_the_names_that_tokens_need() {
    let mut pair = Pair::new();
    pair.app.admit = |candidate| candidate.admit().claims(&json!({ "subject": 1, "role": 1 }));
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    macro_rules! refused {
        ($($name:literal),+) => {$(
            pair.app.admit = |candidate| candidate.admit().claims(&json!({ "role": 1, $name: 1 }));
            assert!(pair.sign_in("dev", "ada").text().contains("claims_unwritable"), $name);
        )+};
    }
    refused!(
        "sub",
        "exp",
        "iss",
        "aud",
        "provider",
        "mexp",
        "began",
        "jti",
        "nbf",
        "iat",
        "name",
        "email",
        "image",
        "",
        "auth_time",
        "acr",
        "amr"
    );
}

#[test]
fn ck_18_a_maximum_duration_binds_sessions_that_were_begun_without_one() {
    let hour = Duration::from_secs(3600);
    let rolling = || SessionPolicy::default().max_age(hour).expiration(Expiration::Rolling);
    let mut before = signed_in(rolling());
    let token = before.session_token();
    let mut pair = pair(rolling().max_duration(hour * 2));
    pair.plant(SESSION, &token);
    let mut reads = 0;
    while pair.session().status == 200 {
        pair.browser.advance(1800);
        reads += 1;
        assert!(reads < 10, "the session outlives its maximum");
    }
    assert_eq!(reads, 4);
    before.session();
}

#[test]
fn an_admitted_user_without_an_id_begins_no_session() {
    let mut pair = Pair::new();
    pair.app.admit = |_| Admission::Admit(Admitted::new(aura_proto::User::new("")));
    let page = pair.sign_in("dev", "ada");
    assert!(page.status == 500 && page.text().contains("admitted_without_id"), "{}", page.text());
    assert_eq!(pair.session().status, 401);
}
