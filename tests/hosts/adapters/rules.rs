//! Rules of guards, and claims that a handler changes: one table of users, over every host.

use super::serving::{self, awaited};
use super::site::{Host, auth};
use super::visitor::Visitor;
use aura_proto::{Admission, Candidate, FetchError, Session, Visit};
use aura_tests::{read_json, text};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use warp::Filter;

const PERSON: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];

/// Whom a guard lets in.
type Rule = fn(&Session) -> bool;

/// The guarded pages, each with its rule.
const RULES: [(&str, Rule); 3] = [
    ("/admin", |session| session.claim_is("role", "admin")),
    ("/staff", |session| session.claim_contains("groups", "staff")),
    ("/company", |session| session.claim_is("domain", "example.test")),
];

/// The routes that change claims, each with what it changes.
fn changes() -> [(&'static str, Value); 2] {
    [
        ("/promote", json!({ "role": "admin", "groups": ["guests", "staff"] })),
        ("/demote", json!({ "role": null, "groups": "staff" })),
    ]
}

fn rule(path: &str) -> Option<Rule> {
    RULES.into_iter().find_map(|(other, rule)| (other == path).then_some(rule))
}

fn change(path: &str) -> Value {
    changes().into_iter().find_map(|(other, claims)| (other == path).then_some(claims)).unwrap()
}

/// Users: the claims that the application gives, the address that the provider names and whether it says that it has verified
/// that, and which of the guarded pages let the user in.
fn users() -> Vec<(Value, &'static str, Value, [bool; 3])> {
    let (own, foreign) = ("ada@example.test", "ada@example.test.evil");
    vec![
        (json!({ "role": "admin", "groups": ["x", "staff"] }), own, json!(true), [true; 3]),
        (json!({ "role": "admin" }), foreign, json!(true), [true, false, false]),
        (json!({ "groups": ["staff"] }), own, json!(false), [false, true, false]),
        (json!({}), "Ada@Example.TEST", json!("true"), [false, false, true]),
        (json!({}), own, Value::Null, [false; 3]),
        (json!({ "role": "Admin", "groups": [] }), own, json!("yes"), [false; 3]),
        (json!({ "role": ["admin"], "groups": "staff" }), own, json!(1), [false; 3]),
        (json!({ "role": true, "groups": { "staff": true } }), own, json!({}), [false; 3]),
        (json!({ "role": null, "groups": [["staff"]] }), own, json!([true]), [false; 3]),
        (json!({ "Role": "admin", "roles": "admin", "groups": null }), "", json!(true), [false; 3]),
    ]
}

/// What the provider says of the user.
type Profile = Arc<Mutex<Value>>;

fn provide(profile: &Profile, request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    let answer = match request.uri().path() {
        "/token" => json!({ "access_token": "t", "token_type": "Bearer" }),
        _ => profile.lock().unwrap().clone(),
    };
    Ok(Response::builder()
        .header("content-type", "application/json")
        .body(answer.to_string().into())
        .unwrap())
}

fn admit(candidate: Candidate) -> Admission {
    let mut claims = candidate.userinfo["claims"].as_object().unwrap().clone();
    claims.extend(candidate.verified_domain().map(|domain| ("domain".to_owned(), domain.into())));
    candidate.admit_with(&claims)
}

/// Serves the guarded pages and the changes by one host; returns where.
fn serve(host: Host, profile: Profile) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let auth = auth(&origin);
    if host == Host::Blocking {
        let client = move |request: Request<Bytes>| provide(&profile, &request);
        let driver = aura_blocking::Driver::new(auth, client).unwrap().admit(admit);
        thread::spawn(move || {
            aura_example_blocking::serve_with(listener, move |request| answer(&driver, request))
        });
        return origin;
    }
    let client = move |request: Request<Bytes>| std::future::ready(provide(&profile, &request));
    let driver =
        aura_http::Driver::new(auth, client).unwrap().admit(|candidate| std::future::ready(admit(candidate)));
    match host {
        Host::Tower => on_tower(listener, driver),
        Host::Actix => on_actix(listener, driver),
        Host::Axum => drop(tokio::spawn(axum::serve(awaited(listener), on_axum(&driver)).into_future())),
        Host::Hyper => drop(tokio::spawn(on_hyper(awaited(listener), driver))),
        Host::Warp => drop(tokio::spawn(warp::serve(on_warp(&driver)).incoming(awaited(listener)).run())),
        Host::Blocking => unreachable!("it is served above"),
    }
    origin
}

fn answer(driver: &aura_blocking::Driver, request: Request<&mut dyn Read>) -> Response<Bytes> {
    let path = request.uri().path();
    if driver.auth().owns(path) {
        return driver.answer(request);
    }
    page(driver, &request).unwrap_or_else(|refusal| refusal)
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
fn page<B>(driver: &aura_blocking::Driver, request: &Request<B>) -> Result<Response<Bytes>, Response<Bytes>> {
    let path = request.uri().path();
    if let Some(rule) = rule(path) {
        let visit = driver.guard().when(rule).check(request)?;
        return Ok(visit.finish(Response::new("in".into())));
    }
    let mut visit = driver.guard().check(request)?;
    driver.update_claims(&mut visit, request, &change(path))?;
    Ok(visit.finish(Response::new("changed".into())))
}

fn on_axum(driver: &aura_axum::Driver) -> axum::Router {
    use aura_axum::{UpdateClaims, require_session, router};
    use axum::routing::{get, post};
    let mut app = axum::Router::new();
    for (path, claims) in changes() {
        let change = async move |update: UpdateClaims| -> Result<_, axum::response::Response> {
            Ok((update.with(&claims).await?, "changed"))
        };
        app = app.route(path, post(change));
    }
    for (path, rule) in RULES {
        let page = axum::Router::new().route(path, get(async || "in"));
        app = app.merge(page.layer(require_session(driver.guard().when(rule))));
    }
    app.merge(router(driver.clone())).with_state(driver.clone())
}

async fn on_hyper(listener: tokio::net::TcpListener, driver: aura_hyper::Driver) {
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    let site = driver.clone();
    let pages = service_fn(move |request: Request<hyper::body::Incoming>| {
        let driver = site.clone();
        async move {
            let answer = hyper_page(&driver, &request).await.unwrap_or_else(|refusal| refusal);
            Ok::<_, Infallible>(answer.map(Full::new))
        }
    });
    let service = aura_hyper::SignIn::new(driver, pages);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone()));
    }
}

async fn hyper_page<B>(
    driver: &aura_hyper::Driver,
    request: &Request<B>,
) -> Result<Response<Bytes>, Response<Bytes>> {
    let path = request.uri().path();
    if let Some(rule) = rule(path) {
        let visit = driver.guard().when(rule).check(request).await?;
        return Ok(visit.finish(Response::new("in".into())));
    }
    let mut visit = driver.guard().check(request).await?;
    driver.update_claims(&mut visit, request, &change(path)).await?;
    Ok(visit.finish(Response::new("changed".into())))
}

fn on_warp(driver: &aura_warp::Driver) -> warp::filters::BoxedFilter<(Response<Bytes>,)> {
    use aura_warp::{guard, recover, routes};
    let mut pages = routes(driver.clone()).boxed();
    for (path, rule) in RULES {
        let page = warp::path(path.trim_start_matches('/')).and(guard(driver.guard().when(rule)));
        let page = page.map(|visit: Visit| visit.finish(Response::new(Bytes::from("in"))));
        pages = pages.or(page).unify().boxed();
    }
    for (path, claims) in changes() {
        let visit = warp::path(path.trim_start_matches('/')).and(guard(driver.guard()));
        let driver = driver.clone();
        let change = move |mut visit: Visit, headers: http::HeaderMap| {
            let (driver, claims) = (driver.clone(), claims.clone());
            async move {
                match driver.update_claims(&mut visit, &headers, &claims).await {
                    Ok(()) => visit.finish(Response::new(Bytes::from("changed"))),
                    Err(refusal) => refusal,
                }
            }
        };
        pages = pages.or(visit.and(warp::header::headers_cloned()).then(change)).unify().boxed();
    }
    pages.recover(recover).unify().boxed()
}

fn on_tower(listener: TcpListener, driver: aura_tower::Driver) {
    use aura_tower::require_session;
    use tower::{Layer, ServiceExt, service_fn};
    let site = driver.clone();
    let pages = service_fn(move |request: Request<hyper::body::Incoming>| {
        let driver = site.clone();
        async move {
            if let Some(rule) = rule(request.uri().path()) {
                let page = service_fn(async |_| Ok(Response::new(Full::from("in"))));
                return require_session(driver.guard().when(rule)).layer(page).oneshot(request).await;
            }
            let layer = require_session(driver.guard());
            let change = service_fn(move |request: Request<hyper::body::Incoming>| {
                let driver = driver.clone();
                async move {
                    let mut visit = Visit::of(request.extensions().get::<Session>().unwrap().clone());
                    let claims = change(request.uri().path());
                    let answer = match driver.update_claims(&mut visit, &request, &claims).await {
                        Ok(()) => visit.finish(Response::new(Bytes::from("changed"))),
                        Err(refusal) => refusal,
                    };
                    Ok(answer.map(Full::new))
                }
            });
            layer.layer(change).oneshot(request).await
        }
    });
    serving::on_tower(listener, driver, pages);
}

fn on_actix(listener: TcpListener, driver: aura_actix::Driver) {
    use actix_web::{HttpRequest, HttpResponse, web};
    use aura_actix::{Driver, Refused, finish, head, require_session};
    let site = driver.clone();
    let pages = move |config: &mut web::ServiceConfig| {
        for (path, rule) in RULES {
            let page = web::resource(path).get(async || "in");
            config.service(page.wrap(require_session(site.guard().when(rule))));
        }
        for (path, claims) in changes() {
            let change =
                move |request: HttpRequest, driver: web::Data<Driver>, session: aura_actix::Session| {
                    let claims = claims.clone();
                    async move {
                        let mut visit = Visit::of(session.0);
                        driver.update_claims(&mut visit, &head(&request), &claims).await?;
                        let page = HttpResponse::Ok().body("changed");
                        Ok::<_, Refused>(finish(page, |fields| visit.add_to(fields)))
                    }
                };
            config.service(web::resource(path).post(change).wrap(require_session(site.guard())));
        }
    };
    serving::on_actix(listener, driver, pages);
}

/// Requires of each guarded page that it lets the user in, or refuses by JSON a program and by a page a person.
async fn visit_all(visitor: &mut Visitor, allowed: [bool; 3], user: &str) {
    for ((path, _), allowed) in RULES.into_iter().zip(allowed) {
        let answer = visitor.get(path).await;
        let page = visitor.send("GET", path, &PERSON, "").await;
        if allowed {
            assert_eq!((text(&answer), text(&page)), ("in", "in"), "{path} {user}");
            continue;
        }
        let refusal = (answer.status().as_u16(), read_json(&answer)["reason"].clone());
        assert_eq!(refusal, (403, "not_allowed".into()), "{path} {user}");
        assert_eq!(
            (page.status().as_u16(), text(&page).contains("NOT_ALLOWED")),
            (403, true),
            "{path} {user}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_and_changed_claims_are_the_same_on_every_host_and_let_nobody_in_by_a_claim_of_another_type() {
    for host in Host::ALL {
        let profile = Profile::default();
        let origin = serve(host, Arc::clone(&profile));
        for (claims, email, is_verified, allowed) in users() {
            let user = format!("{host:?} {claims} {email} {is_verified}");
            *profile.lock().unwrap() =
                json!({ "sub": "ada", "email": email, "email_verified": is_verified, "claims": claims });
            let mut visitor = Visitor::at(&origin);
            for path in RULES.map(|(path, _)| path) {
                assert_eq!(visitor.get(path).await.status(), 401, "{path} {user}");
            }
            assert_eq!(visitor.send("POST", "/promote", &[], "").await.status(), 401, "{user}");
            visitor.sign_in().await;
            visit_all(&mut visitor, allowed, &user).await;

            let [_, _, of_company] = allowed;
            for (path, allowed) in [("/promote", true), ("/demote", false)] {
                let changed = visitor.send("POST", path, &[], "").await;
                assert_eq!((changed.status().as_u16(), text(&changed)), (200, "changed"), "{user}");
                visit_all(&mut visitor, [allowed, allowed, of_company], &user).await;
            }
        }
    }
}
