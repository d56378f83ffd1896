//! The authentication behind a session: what the ID token states of it, and sign-ins that require a recent or a strong one.

use crate::forge::{arrive, claims, pair as forged};
use crate::{assert_ended, said};
use aura_host::store::answer_blocking;
use aura_proto::provider::{ClaimsSource, Provider, PushedRequests, TokenRetention};
use aura_proto::{
    Builder, Entropy, Error, Expiration, HostError, Reading, RequestError, Session, SessionPolicy, StepUp,
    UnixTime,
};
use aura_test_idp::browser::Page;
use aura_test_idp::{Behaviour, Lie, SigningAlgorithm};
use aura_tests::forge::{jwk, sign};
use aura_tests::{Answer, Fault, OpenId, Pair, parameter};
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const HEADER: &str = r#"{"alg":"EdDSA","kid":"a"}"#;

pub(super) fn rolling() -> SessionPolicy {
    SessionPolicy::default().max_age(HOUR).expiration(Expiration::Rolling)
}

/// A site of a policy, and a provider that signed its people in some time ago.
pub(super) fn pair(policy: SessionPolicy, behaviour: Behaviour) -> Pair {
    OpenId::new().behaviour(behaviour).configure(move |builder: Builder| builder.session(policy)).pair()
}

/// Signs in by a link.
fn sign_in(pair: &mut Pair, path: &str) -> Page {
    let authorize = pair.visit(path).left_for.unwrap();
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback)
}

/// Reads the session that the browser has.
pub(super) fn session(pair: &Pair) -> Session {
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let now = UnixTime::from_secs(pair.browser.now);
    let mut reading = pair.app.auth.begin_session(&request, now);
    loop {
        reading = match reading {
            Reading::Done(found) => return found.unwrap(),
            Reading::Store(question) => {
                let store = pair.app.store.as_ref().unwrap();
                answer_blocking(Some(store), question, || now)
            }
            Reading::Check(_) | Reading::Fetch(..) | Reading::Pause(..) | Reading::RunToEnd(_) => {
                unreachable!("a reading of a session asks a store alone")
            }
        };
    }
}

pub(super) fn at(secs: u64) -> UnixTime {
    UnixTime::from_secs(secs)
}

fn delete(pair: &mut Pair, path: &str) -> Answer {
    let csrf = pair.csrf_token();
    pair.fetch(Method::DELETE, path, &[("x-csrf-token", &csrf)], "")
}

fn reason(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.json["reason"].as_str().unwrap_or_default())
}

#[test]
fn a_session_has_what_the_id_token_states_of_the_authentication_wherever_it_is_kept() {
    for policy in [rolling(), rolling().stored()] {
        let behaviour = Behaviour::default().authentication_age(1000).amr(&["pwd", "otp"]);
        let mut pair = pair(policy, behaviour);
        assert_eq!(sign_in(&mut pair, "/auth/signIn/dev?acrValues=gold").status, 200);
        let session = session(&pair);
        assert_eq!(session.authenticated_at(), Some(at(pair.browser.now - 1000)));
        assert_eq!((session.acr(), session.amr()), (Some("gold"), &["pwd".to_owned(), "otp".to_owned()][..]));
        assert!(session.claims().is_empty(), "they are none of the application's own");
        let shown = pair.session().json;
        assert!(shown["user"].get("auth_time").is_none() && shown["user"].get("acr").is_none());
    }
}

#[test]
fn a_provider_that_states_nothing_makes_no_session_fresh() {
    let mut oauth = Pair::new();
    oauth.sign_in("dev", "ada");
    let mut quiet = pair(rolling(), Behaviour::default().lie(Lie::IdTokenWithoutAuthTime));
    quiet.sign_in("dev", "ada");
    for pair in [&oauth, &quiet] {
        let session = session(pair);
        assert_eq!((session.authenticated_at(), session.acr()), (None, None));
        assert!(!session.is_fresh(Duration::MAX, at(pair.browser.now)));
    }
}

#[test]
fn no_renewal_and_no_update_moves_the_authentication_and_no_page_writes_it() {
    for policy in [rolling(), rolling().stored()] {
        let mut pair = pair(policy.editable(["theme"]), Behaviour::default().authentication_age(60));
        sign_in(&mut pair, "/auth/signIn/dev?acrValues=gold");
        let begun = session(&pair);
        pair.browser.advance(1000);
        assert_eq!(pair.session().status, 200);
        let csrf = pair.csrf_token();
        let patch = |pair: &mut Pair, member: &str, value: Value| {
            let body = json!({ "user": { member: value } }).to_string();
            pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &csrf)], &body).status.as_u16()
        };
        assert_eq!(patch(&mut pair, "theme", json!("dark")), 200);
        let now = pair.browser.now;
        for (member, value) in
            [("auth_time", json!(now)), ("acr", json!("platinum")), ("amr", json!(["hwk"]))]
        {
            assert_eq!(patch(&mut pair, member, value), 422, "{member}");
        }
        let later = session(&pair);
        assert!(later.issued_at() > begun.issued_at() && later.claim_is("theme", "dark"));
        assert_eq!((later.authenticated_at(), later.acr()), (begun.authenticated_at(), begun.acr()));
    }
}

#[test]
fn no_page_and_no_application_is_given_the_claims_of_the_authentication_to_write() {
    for name in ["auth_time", "acr", "amr"] {
        let editable = aura_tests::bare_builder(aura_tests::SECRET).session(rolling().editable([name]));
        assert!(editable.build().is_err(), "{name}");
        let mut pair = pair(rolling(), Behaviour::default());
        pair.sign_in("dev", "ada");
        let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
        let (now, entropy) = (at(pair.browser.now), || Entropy::from_os_bytes([9; 32]));
        let mut visit = pair.app.auth.visit(&request, now, entropy()).unwrap();
        let written =
            pair.app.auth.update_claims(&mut visit, &request, &json!({ name: now }), now, entropy());
        assert_eq!(written, Err(Error::from(HostError::ClaimsUnwritable)), "{name}");
    }
    let mut pair = pair(rolling(), Behaviour::default());
    pair.app.admit = |candidate| candidate.admit_with(&json!({ "acr": "gold" }));
    assert_eq!(said(&sign_in(&mut pair, "/auth/signIn/dev")).2, "claims_unwritable");
}

#[test]
fn a_refreshed_id_token_makes_no_old_authentication_fresh() {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    let shape = |row: Provider| {
        let row = row.pushed_requests(PushedRequests::Never).tokens(TokenRetention::Kept);
        row.claims_source(ClaimsSource::IdToken)
    };
    for stored in [false, true] {
        let policy = SessionPolicy::default();
        let policy = if stored { policy.stored() } else { policy };
        let pair = OpenId::new().behaviour(behaviour).provider(shape);
        let mut pair = pair.configure(move |builder| builder.session(policy)).pair();
        let (mut claims, callback) = claims(&mut pair, "/auth/signIn/dev");
        let grant = |pair: &mut Pair, claims: &Value| {
            let answer = json!({
                "access_token": "at", "token_type": "Bearer", "expires_in": 600, "refresh_token": "rt",
                "id_token": sign(HEADER, &claims.to_string()),
            });
            pair.app.token_fault = Some(Fault::json(200, &answer.to_string()));
            pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": [jwk("a")] }).to_string()));
        };
        claims["acr"] = json!("silver");
        grant(&mut pair, &claims);
        assert_eq!(pair.visit(&callback).status, 200);
        let begun = session(&pair);
        assert_eq!((begun.authenticated_at(), begun.acr()), (Some(at(pair.browser.now)), Some("silver")));

        pair.browser.advance(3600);
        let now = pair.browser.now;
        for (name, value) in [
            ("iat", json!(now)),
            ("exp", json!(now + 600)),
            ("auth_time", json!(now)),
            ("acr", json!("gold")),
        ] {
            claims[name] = value;
        }
        grant(&mut pair, &claims);
        let csrf = pair.csrf_token();
        let path = "/auth/providers/dev/user/refresh";
        let answer = pair.fetch(Method::POST, path, &[("x-csrf-token", &csrf)], "");
        assert_eq!(answer.status, 200, "{}", answer.json);
        let later = session(&pair);
        assert_eq!((later.authenticated_at(), later.acr()), (begun.authenticated_at(), begun.acr()));
    }
}

#[test]
fn an_authentication_of_the_future_is_never_recent_and_one_within_the_leeway_counts_from_now() {
    let (plain, step_up) = ("/auth/signIn/dev", "/auth/signIn/dev?maxAge=300");
    for (ahead, path) in [(60, plain), (60, step_up), (61, plain), (61, step_up), (u64::MAX / 2, plain)] {
        let mut pair = forged();
        let (mut claims, callback) = claims(&mut pair, path);
        let now = pair.browser.now;
        claims["auth_time"] = json!(now + ahead);
        let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
        if ahead > 60 && path == step_up {
            assert_ended(&mut pair, &page, 401, "id_token_authentication_time");
        } else {
            assert_eq!(session(&pair).authenticated_at(), (ahead == 60).then_some(at(now)), "{ahead}");
        }
    }
}

#[test]
fn a_step_up_asks_the_provider_and_a_provider_that_does_less_ends_it() {
    let honest = Behaviour::default().authentication_age(1000);
    let (fresh, strong) = ("/auth/signIn/dev?maxAge=240", "/auth/signIn/dev?acrValues=gold%20silver");
    for (behaviour, path, reason) in [
        (honest, fresh, None),
        (honest, strong, None),
        (honest.lie(Lie::IdTokenOldAuthTime), fresh, Some("id_token_authentication_time")),
        (honest.lie(Lie::IdTokenWithoutAuthTime), fresh, Some("id_token_authentication_time")),
        (honest.lie(Lie::IdTokenOtherAcr), strong, Some("id_token_acr")),
    ] {
        let mut pair = pair(rolling(), behaviour);
        let page = sign_in(&mut pair, path);
        match reason {
            Some(reason) => assert_ended(&mut pair, &page, 401, reason),
            None => {
                let session = session(&pair);
                let age = if path == fresh { 0 } else { 1000 };
                assert_eq!(session.authenticated_at(), Some(at(pair.browser.now - age)));
                assert_eq!(session.acr(), (path == strong).then_some("gold"));
            }
        }
    }
    // What is not asked for is voluntary.
    let mut pair = pair(rolling(), honest.lie(Lie::IdTokenOtherAcr).lie(Lie::IdTokenOldAuthTime));
    assert_eq!(sign_in(&mut pair, "/auth/signIn/dev").status, 200);
}

#[test]
fn a_provider_that_states_no_acr_or_one_of_another_type_meets_none_that_is_required() {
    for acr in [Value::Null, json!(["gold"]), json!(7), json!("gold silver"), json!("")] {
        let mut pair = forged();
        let (mut claims, callback) = claims(&mut pair, "/auth/signIn/dev?acrValues=gold%20silver");
        claims["acr"] = acr;
        let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
        assert_ended(&mut pair, &page, 401, "id_token_acr");
    }
}

/// A site whose requests are seen in the URL, and that configures an age and context classes.
fn configured() -> Pair {
    let shape = |row: Provider| {
        let row = row.pushed_requests(PushedRequests::Never).authorization_parameter("max_age", "600");
        row.authorization_parameter("acr_values", "gold platinum").request_parameters(["max_age"])
    };
    OpenId::new().provider(shape).pair()
}

#[test]
fn a_link_asks_for_more_than_the_configuration_and_never_for_less() {
    for (query, max_age, acr_values) in [
        ("", "600", "gold platinum"),
        ("maxAge=60", "60", "gold platinum"),
        ("maxAge=601", "600", "gold platinum"),
        ("maxAge=600&max_age=60", "60", "gold platinum"),
        ("maxAge=60&max_age=600", "60", "gold platinum"),
        ("acrValues=platinum", "600", "platinum"),
        ("acrValues=&maxAge=", "600", "gold platinum"),
    ] {
        let authorize = configured().visit(&format!("/auth/signIn/dev?{query}")).left_for.unwrap();
        assert_eq!(parameter(&authorize, "max_age").as_deref(), Some(max_age), "{query}");
        assert_eq!(parameter(&authorize, "acr_values").as_deref(), Some(acr_values), "{query}");
    }
    for query in [
        "acrValues=silver",
        "acrValues=gold%20silver",
        "acrValues=gold&acrValues=gold",
        "acrValues=gold%20%20platinum",
        "maxAge=soon",
        "maxAge=-1",
        "maxAge=1&maxAge=2",
    ] {
        let mut pair = configured();
        let page = pair.visit(&format!("/auth/signIn/dev?{query}"));
        assert_eq!((said(&page).2.as_str(), pair.attempts()), ("invalid_parameters", 0), "{query}");
    }
    let long = format!("/auth/signIn/dev?acrValues={}", "a".repeat(513));
    assert_eq!(said(&Pair::openid().visit(&long)).2, "invalid_parameters");
}

#[test]
fn a_script_is_told_the_url_of_the_step_up_that_it_asks_for() {
    let mut pair = Pair::openid();
    let path = "/auth/signIn/dev?redirect=false&maxAge=60&acrValues=gold%20silver&redirectTo=/page";
    let answer = pair.fetch(Method::GET, path, &[], "");
    let url = url::Url::parse(answer.json["signInURL"].as_str().unwrap()).unwrap();
    assert_eq!(parameter(&url, "maxAge").as_deref(), Some("60"));
    assert_eq!(parameter(&url, "acrValues").as_deref(), Some("gold silver"));
}

#[test]
fn a_link_without_an_age_makes_no_old_authentication_fresh() {
    let mut pair = pair(rolling(), Behaviour::default().authentication_age(1000));
    let step_up = StepUp::default().fresh(Duration::from_secs(300));
    let check = |pair: &Pair| step_up.check(&session(pair), at(pair.browser.now));
    for link in ["/auth/signIn/dev", "/auth/signIn/dev?maxAge=99999", "/auth/signIn/dev?max_age=1"] {
        sign_in(&mut pair, link);
        assert_eq!(check(&pair), Err(RequestError::AuthenticationTooOld), "{link}");
    }
    let path = pair.app.auth.step_up_path(Some("dev"), &step_up).unwrap();
    sign_in(&mut pair, &path);
    assert_eq!(check(&pair), Ok(()));
    pair.browser.advance(301);
    assert_eq!(check(&pair), Err(RequestError::AuthenticationTooOld));
}

#[test]
fn a_requirement_that_no_session_meets_sends_nobody_anywhere() {
    let (pair, nothing) = (Pair::openid(), StepUp::default().acr(["", " "]));
    let session = Session::builder(aura_proto::User::new("ada")).acr("").build();
    assert_eq!(nothing.check(&session, at(0)), Err(RequestError::AcrNotMet));
    let path = pair.app.auth.step_up_path(Some("dev"), &nothing);
    assert_eq!(path, Err(RequestError::StepUpUnsupported));
    // A value with a blank is two, as the provider reads it.
    let two = pair.app.auth.step_up_path(Some("dev"), &StepUp::default().acr(["gold silver"]));
    assert_eq!(two, pair.app.auth.step_up_path(Some("dev"), &StepUp::default().acr(["gold", "silver"])));
}

#[test]
fn a_sign_in_that_comes_back_from_a_step_up_passes_its_own_guard_whatever_the_provider_states() {
    // At each age the ID token is refused or the session passes: nobody is sent round.
    for seconds in [1, 60, 61, 120, 300] {
        let step_up = StepUp::default().fresh(Duration::from_secs(seconds));
        for age in (0..=400).step_by(20).chain([59, 60, 61, 239, 240, 241, 299, 300, 301]) {
            let mut pair = forged();
            let path = pair.app.auth.step_up_path(Some("dev"), &step_up).unwrap();
            let (mut claims, callback) = claims(&mut pair, &path);
            claims["auth_time"] = json!(pair.browser.now - age);
            let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
            if page.status == 200 {
                assert_eq!(step_up.check(&session(&pair), at(pair.browser.now)), Ok(()), "{seconds} {age}");
            } else {
                assert_eq!(said(&page).2, "id_token_authentication_time", "{seconds} {age}");
                assert!(age > seconds.max(60), "{seconds} {age}");
            }
        }
    }
}

#[test]
fn sessions_are_ended_by_who_was_authenticated_recently_where_the_policy_says_so() {
    let policy = || SessionPolicy::default().stored().fresh_to_end_sessions(Duration::from_secs(300));
    let mut pair = pair(policy(), Behaviour::default().authentication_age(301));
    pair.sign_in("dev", "ada");
    let id = pair.fetch(Method::GET, "/auth/sessions", &[], "").json[0]["id"].as_str().unwrap().to_owned();
    let paths = [
        "/auth/sessions".to_owned(),
        "/auth/sessions?current=true".to_owned(),
        format!("/auth/sessions/{id}"),
    ];
    for path in &paths {
        let answer = delete(&mut pair, path);
        assert_eq!(reason(&answer), (401, "authentication_too_old"), "{path}");
    }
    assert_eq!(pair.session().status, 200, "nothing is ended, and nobody signed out");
    sign_in(&mut pair, "/auth/signIn/dev?maxAge=240");
    assert_eq!(delete(&mut pair, "/auth/sessions").status, 200);

    let mut oauth = Pair::at("https://app.test", |builder| builder.session(policy()));
    oauth.sign_in("dev", "ada");
    for path in ["/auth/sessions", "/auth/sessions/x"] {
        assert_eq!(reason(&delete(&mut oauth, path)), (403, "step_up_unsupported"), "{path}");
    }
}
