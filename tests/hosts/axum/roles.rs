//! Who may see what: typed claims, rules of guards, claims that a handler changes, and the layer that renews.

use super::guards::sign_in;
use super::{Visitor, ada, builder_with_ada, spawn, text};
use aura_axum::{
    Candidate, Driver, Expiration, Session, SessionDecision, SessionOf, SessionPolicy, UnixTime,
    UpdateClaims, renew_sessions, require_session, router,
};
use aura_tests::read_json;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CONTENT_TYPE, SET_COOKIE};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(serde::Deserialize)]
struct Claims {
    role: String,
}

/// A driver whose users get these claims, and whose clock gains a second with each reading.
fn driver(claims: &Value) -> Driver {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(Expiration::Rolling);
    let (claims, ticks) = (claims.clone(), AtomicU64::new(1_790_000_000));
    Driver::new(builder_with_ada().session(policy.max_size(2048)).build().unwrap(), ada)
        .unwrap()
        .clock(move || UnixTime::from_secs(ticks.fetch_add(1, Ordering::Relaxed)))
        .admit(move |candidate: Candidate| std::future::ready(candidate.admit_with(&claims)))
}

async fn signed_in(app: Router) -> (Visitor, String) {
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, &site, &[]).await;
    (visitor, site)
}

#[tokio::test]
async fn a_handler_takes_the_claims_as_a_type_and_other_claims_are_403() {
    let role = async |SessionOf { session, claims }: SessionOf<Claims>| {
        format!("{} {}", session.user().sub(), claims.role)
    };
    let maybe = async |session: Option<SessionOf<Claims>>| session.is_some().to_string();
    for (claims, status) in [
        (json!({ "role": "editor" }), 200),
        (json!({ "role": "editor", "more": 1 }), 200),
        (json!({}), 403),
        (json!({ "role": 7 }), 403),
        (json!({ "role": ["editor"] }), 403),
        (json!({ "Role": "editor" }), 403),
    ] {
        let driver = driver(&claims);
        let app = Router::new().route("/role", get(role)).route("/maybe", get(maybe));
        let app = app.merge(router(driver.clone())).with_state(driver);
        let (mut visitor, site) = signed_in(app).await;
        for path in ["/role", "/maybe"] {
            let answer = visitor.get(&format!("{site}{path}")).await;
            assert_eq!(answer.status(), status, "{path} {claims}");
            if status == 403 {
                assert_eq!(read_json(&answer)["reason"], "claims_mismatch", "{path} {claims}");
            }
        }
        visitor.cookies = aura_tests::CookieMap::default();
        assert_eq!(visitor.get(&format!("{site}/role")).await.status(), 401);
        assert_eq!(text(&visitor.get(&format!("{site}/maybe")).await), "false");
    }
}

#[tokio::test]
async fn a_rule_refuses_who_is_signed_in_and_not_allowed_programs_by_json_and_people_by_a_page() {
    let person = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
    for (claims, status) in [
        (json!({ "groups": ["staff", "admin"], "active": true }), 200),
        (json!({ "groups": ["staff", "admin"] }), 403),
        (json!({ "groups": ["staff"], "active": true }), 403),
        (json!({ "groups": "admin", "active": true }), 403),
        (json!({ "groups": { "admin": 1 }, "active": true }), 403),
        (json!({ "groups": ["admin"], "active": "true" }), 403),
        (json!({}), 403),
    ] {
        let driver = driver(&claims);
        let guard = driver.guard().when(|session| session.claim_contains("groups", "admin"));
        let guard = guard.when(|session| session.claim_is("active", true));
        let app = Router::new().route("/admin", get(async || "in")).layer(require_session(guard));
        let (mut visitor, site) = signed_in(app.merge(router(driver))).await;
        let answer = visitor.get(&format!("{site}/admin")).await;
        assert_eq!(answer.status(), status, "{claims}");
        if status == 403 {
            assert_eq!(read_json(&answer)["reason"], "not_allowed");
            assert!(answer.headers().contains_key(SET_COOKIE), "the session is renewed all the same");
            let page = visitor.send("GET", &format!("{site}/admin"), &person, "").await;
            assert_eq!(
                (page.status().as_u16(), page.headers()[CONTENT_TYPE].as_bytes()),
                (403, &b"text/html; charset=utf-8"[..])
            );
            assert!(text(&page).contains("NOT_ALLOWED"), "{}", text(&page));
        }
        visitor.cookies = aura_tests::CookieMap::default();
        let stranger = visitor.send("GET", &format!("{site}/admin"), &person, "").await;
        assert_eq!(stranger.status(), 302, "whoever is not signed in goes to sign in");
    }
}

#[tokio::test]
async fn a_handler_changes_the_claims_and_the_renewal_around_it_does_not_undo_that() {
    let promote = async |update: UpdateClaims| -> Result<Response, Response> {
        let session = update.with(&json!({ "role": "editor", "old": null })).await?;
        Ok((session, "promoted").into_response())
    };
    let reserved = async |update: UpdateClaims| update.with(&json!({ "sub": "root" })).await.map(drop);
    let long = async |update: UpdateClaims| update.with(&json!({ "note": "n".repeat(4096) })).await.map(drop);
    let claims = async |session: Session| session.claims().get("role").unwrap().to_string();
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let driver = driver(&json!({ "role": "reader", "old": 1, "kept": 1 }))
        .on_event(move |event| heard.lock().unwrap().push(event.name()));
    let app = Router::new()
        .route("/promote", post(promote))
        .route("/reserved", post(reserved))
        .route("/long", post(long))
        .route("/claims", get(claims))
        .route("/all", get(async |session: Session| session.claims().len().to_string()))
        .with_state(driver.clone())
        .layer(require_session(driver.guard()))
        .merge(router(driver));
    let (mut visitor, site) = signed_in(app).await;
    for (path, status, reason) in
        [("/reserved", 500, "claims_unwritable"), ("/long", 400, "session_too_large")]
    {
        let answer = visitor.send("POST", &format!("{site}{path}"), &[], "").await;
        assert_eq!((answer.status().as_u16(), &read_json(&answer)["reason"]), (status, &reason.into()));
        assert_eq!(text(&visitor.get(&format!("{site}/claims")).await), "\"reader\"");
    }
    events.lock().unwrap().clear();
    let promoted = visitor.send("POST", &format!("{site}/promote"), &[], "").await;
    assert_eq!((promoted.status().as_u16(), text(&promoted)), (200, "promoted"));
    assert_eq!(promoted.headers().get_all(SET_COOKIE).iter().count(), 1);
    assert_eq!(promoted.headers()["cache-control"], "no-store");
    assert_eq!(*events.lock().unwrap(), ["SESSION_REFRESHED", "SESSION_UPDATED"]);
    assert_eq!(text(&visitor.get(&format!("{site}/claims")).await), "\"editor\"");
    assert_eq!(text(&visitor.get(&format!("{site}/all")).await), "2", "one was taken away, one was kept");
}

#[tokio::test]
async fn the_layer_that_renews_lets_everybody_through_and_the_routes_be() {
    let driver = driver(&json!({}));
    let home = async |session: Option<Session>| session.is_some().to_string();
    let leave = async || [(SET_COOKIE, "aura-auth.session_token=; Max-Age=0; Path=/")];
    let app = Router::new()
        .route("/", get(home))
        .route("/leave", get(leave))
        .merge(router(driver.clone()))
        .layer(renew_sessions(&driver))
        .with_state(driver);
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    let home = visitor.get(&site).await;
    assert_eq!((text(&home), home.headers().contains_key(SET_COOKIE)), ("false", false));

    sign_in(&mut visitor, &site, &[]).await;
    let home = visitor.get(&site).await;
    assert_eq!((text(&home), home.headers().get_all(SET_COOKIE).iter().count()), ("true", 1));
    assert_eq!(home.headers()["cache-control"], "no-store");
    let session = visitor.get(&format!("{site}/auth/session")).await;
    assert_eq!(session.headers().get_all(SET_COOKIE).iter().count(), 1, "the route renews by itself");
    let left = visitor.get(&format!("{site}/leave")).await;
    assert_eq!(left.headers().get_all(SET_COOKIE).iter().count(), 1, "a handler's own cookie counts");
    assert_eq!(text(&visitor.get(&site).await), "false");
}

#[tokio::test]
async fn the_application_is_asked_once_a_request_by_layer_and_extractors_together() {
    let asked = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&asked);
    let driver = driver(&json!({})).check_session(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        std::future::ready(true)
    });
    let page = async |_: Session, _: Option<Session>| "in";
    let app = Router::new()
        .route("/guarded", get(page))
        .layer(require_session(driver.guard()))
        .route("/open", get(page))
        .merge(router(driver.clone()))
        .with_state(driver);
    let (mut visitor, site) = signed_in(app).await;
    for path in ["/open", "/guarded", "/auth/session"] {
        asked.store(0, Ordering::Relaxed);
        assert_eq!(visitor.get(&format!("{site}{path}")).await.status(), 200);
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{path}");
    }
}

#[tokio::test]
async fn a_site_that_checks_sessions_and_has_no_check_lets_nobody_in() {
    let driver = Driver::new(builder_with_ada().check_sessions().build().unwrap(), ada).unwrap();
    let app = Router::new()
        .route("/guarded", get(async || "in"))
        .layer(require_session(driver.guard()))
        .route("/open", get(async |_: Session| "in"))
        .merge(router(driver.clone()))
        .with_state(driver.clone());
    let (mut visitor, site) = signed_in(app).await;
    for path in ["/guarded", "/open", "/auth/session"] {
        let answer = visitor.get(&format!("{site}{path}")).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers().contains_key(SET_COOKIE)),
            (503, false),
            "{path}"
        );
    }
    let ends = driver.check_session(|_| std::future::ready(SessionDecision::End));
    let app = Router::new().route("/open", get(async |_: Session| "in")).with_state(ends);
    let site = spawn(app).await;
    assert_eq!(visitor.get(&format!("{site}/open")).await.status(), 401);
}
