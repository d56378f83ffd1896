//! Misconfigured guards and routers: the log names each, people can sign in all the same, and no redirect goes round.

use super::{Visitor, ada, builder_with_ada, spawn, text};
use aura_axum::{
    Csrf, CsrfForm, Driver, Expiration, Guard, Session, SessionPolicy, UnixTime, nested, renew_sessions,
    require_session, router,
};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use http::header;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const PERSON: [(&str, &str); 1] = [("accept", "text/html")];

/// The messages of errors.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if *event.metadata().level() == tracing::Level::ERROR {
            self.0.lock().unwrap().push(message.0);
        }
    }
}

impl Errors {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(tracing_subscriber::registry().with(self.clone()))
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn driver() -> Driver {
    Driver::new(builder_with_ada().build().unwrap(), ada).unwrap()
}

async fn arrive(site: &str, path: &str) -> (u16, String, String) {
    let answer = Visitor::new().send("GET", &format!("{site}{path}"), &PERSON, "").await;
    let location = answer.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), location.unwrap_or_default(), text(&answer).to_owned())
}

#[tokio::test]
async fn a_guard_over_the_sign_in_itself_lets_people_sign_in_and_is_logged() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = driver();
    let app = Router::new().merge(router(driver.clone())).layer(require_session(driver.guard()));
    let site = spawn(app).await;
    let (status, location, _) = arrive(&site, "/auth/signIn/mock").await;
    assert_eq!(status, 302);
    assert!(location.starts_with("https://provider.test/authorize?"), "{location}");
    assert!(errors.take().iter().any(|error| error.contains("stands over the router's own routes")));
}

#[tokio::test]
async fn a_guarded_sign_in_page_is_refused_once_and_is_logged() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = driver();
    let guard = driver.guard().sign_in_page("/enter");
    let app = Router::new().route("/enter", get(async || "Sign in")).layer(require_session(guard));
    let site = spawn(app.merge(router(driver.clone())).with_state(driver)).await;
    assert_eq!(arrive(&site, "/enter?redirectTo=%2F").await.0, 401);
    assert!(errors.take().iter().any(|error| error.contains("leave this path out of it")));
}

#[tokio::test]
async fn a_sign_in_page_below_the_layer_that_renews_is_no_mistake() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = Driver::new(builder_with_ada().sign_in_page("/enter").build().unwrap(), ada).unwrap();
    let app = Router::new().route("/enter", get(async || "Sign in")).merge(router(driver.clone()));
    let site = spawn(app.layer(renew_sessions(&driver)).with_state(driver)).await;
    assert_eq!(arrive(&site, "/enter?redirectTo=%2F").await, (200, String::new(), "Sign in".to_owned()));
    assert_eq!(errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_guard_that_names_what_there_is_not_sends_people_to_the_built_in_page_and_is_logged() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = driver();
    let mistakes: [fn(Guard) -> Guard; 2] =
        [|guard| guard.sign_in_with("githbu"), |guard| guard.sign_in_page("sign-in")];
    for mistake in mistakes {
        let guard = mistake(driver.guard());
        assert_eq!(errors.take().len(), 1);
        let page = get(async |session: Session| session.user().sub().to_owned());
        let app = Router::new().route("/account", page).layer(require_session(guard));
        let site = spawn(app.merge(router(driver.clone())).with_state(driver.clone())).await;
        let (status, location, _) = arrive(&site, "/account").await;
        assert_eq!((status, location.as_str()), (302, "/auth/signIn?redirectTo=%2Faccount"));
        assert!(arrive(&site, &location).await.2.contains("Sign in with Mock"));
    }
}

#[tokio::test]
async fn a_router_that_is_nested_where_its_base_path_does_not_lead_is_logged() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let site = spawn(Router::new().nest("/api/auth", nested(driver()))).await;
    assert_eq!(arrive(&site, "/api/auth/session").await.0, 404);
    assert!(errors.take().iter().any(|error| error.contains("set base_path to the whole path")));
}

#[tokio::test]
async fn routes_that_nobody_finds_where_a_guard_sends_people_are_logged_once() {
    let private = |driver: &Driver| {
        Router::new().route("/account", get(async || "in")).route_layer(require_session(driver.guard()))
    };
    type App<'a> = &'a dyn Fn(&Driver) -> Router;
    let lost: [(&str, App<'_>); 3] = [
        ("/account", &|driver| private(driver)),
        ("/account", &|driver| private(driver).nest("/auth", Router::new().merge(router(driver.clone())))),
        ("/api/account", &|driver| Router::new().nest("/api", private(driver).merge(router(driver.clone())))),
    ];
    for (page, app) in lost {
        let errors = Errors::default();
        let _listening = errors.listen();
        let site = spawn(app(&driver())).await;
        for visit in 0..5 {
            let (status, entrance, _) = arrive(&site, page).await;
            assert_eq!((status, arrive(&site, &entrance).await.0), (302, 404));
            let logged = errors.take();
            assert_eq!(logged.len(), usize::from(visit == 2), "{page} {logged:?}");
        }
    }
}

#[tokio::test]
async fn nobody_is_missed_where_the_routes_are_found() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = driver();
    let app = Router::new().route("/account", get(async || "in")).layer(require_session(driver.guard()));
    let site = spawn(app.merge(router(driver))).await;
    for _ in 0..5 {
        let (_, entrance, _) = arrive(&site, "/account").await;
        assert_eq!(arrive(&site, &entrance).await.0, 200);
    }
    assert_eq!(errors.take(), [""; 0]);
}

#[tokio::test]
async fn an_application_that_is_nested_as_a_whole_names_the_base_path_that_it_needs() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let driver = driver();
    let app = Router::new().merge(router(driver.clone())).layer(renew_sessions(&driver));
    let site = spawn(Router::new().nest("/api", app)).await;
    assert_eq!(arrive(&site, "/api/auth/signIn/mock").await.0, 404);
    assert!(errors.take().iter().any(|error| error.contains("set base_path to the whole path")));
}

#[test]
#[should_panic(expected = "before any routes")]
fn a_guard_before_all_routes_is_refused_by_axum_as_the_application_starts() {
    let app = Router::<()>::new().route_layer(require_session(driver().guard()));
    drop(app.route("/account", get(async || "open to everybody")));
}

#[tokio::test]
async fn the_layer_that_renews_and_the_one_that_requires_work_in_either_order() {
    let errors = Errors::default();
    let _listening = errors.listen();
    let rolling = SessionPolicy::default().expiration(Expiration::Rolling);
    let ticks = AtomicU64::new(1_790_000_000);
    let driver = Driver::new(builder_with_ada().session(rolling).build().unwrap(), ada)
        .unwrap()
        .clock(move || UnixTime::from_secs(ticks.fetch_add(1, Ordering::Relaxed)));
    let (renews, requires) = (|| renew_sessions(&driver), || require_session(driver.guard()));
    let page = |path| Router::new().route(path, get(async |_: Session| "in"));
    let app = page("/one").layer(renews()).layer(requires());
    let app = app.merge(page("/other").layer(requires()).layer(renews()));
    let site = spawn(app.merge(router(driver.clone())).with_state(driver.clone())).await;
    for path in ["/one", "/other"] {
        assert_eq!(arrive(&site, path).await.0, 302, "{path}");
        let mut visitor = Visitor::new();
        super::guards::sign_in(&mut visitor, &site, &[]).await;
        let answer = visitor.get(&format!("{site}{path}")).await;
        assert_eq!((answer.status().as_u16(), text(&answer)), (200, "in"), "{path}");
        assert_eq!(answer.headers().get_all(header::SET_COOKIE).iter().count(), 1, "{path}");
    }
    assert_eq!(errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_guard_lets_no_path_through_but_those_of_routes() {
    let driver = driver();
    let guarded = Router::new().route("/auth/devices", get(async || "secret")).fallback(async || "upstream");
    let guarded = guarded.layer(require_session(driver.guard()));
    let site = spawn(guarded.merge(router(driver))).await;
    for path in [
        "/auth/devices",
        "/auth/x",
        "/auth/../admin",
        "/auth/..%2fadmin",
        "/auth/signIn/..%2f..%2fadmin",
        "/auth/signIn/..",
    ] {
        let (status, _, body) = arrive(&site, path).await;
        assert!([401, 404, 422].contains(&status), "{path}: {status}");
        assert!(!body.contains("secret") && !body.contains("upstream"), "{path}: {body}");
    }
}

#[tokio::test]
async fn an_own_sign_in_page_behind_a_guard_is_refused_and_does_not_go_round() {
    let auth = builder_with_ada().sign_in_page("/enter").error_page("/failed").build().unwrap();
    let driver = Driver::new(auth, ada).unwrap();
    let pages = Router::new().route("/enter", get(async || "")).route("/failed", get(async || ""));
    let app = pages.layer(require_session(driver.guard())).merge(router(driver.clone()));
    let site = spawn(app.with_state(driver)).await;
    for path in ["/enter?redirectTo=%2Fenter", "/failed?error=x"] {
        assert_eq!(arrive(&site, path).await.0, 401, "{path}");
    }
    assert_eq!(arrive(&site, "/auth/signIn").await.1, "/enter");
}

#[tokio::test]
async fn an_extractor_refuses_people_by_a_page_and_programs_by_json() {
    #[derive(serde::Deserialize)]
    struct Nothing {}
    let page =
        get(async |_: Session| "in").post(async |_: CsrfForm<Nothing>| "saved").put(async |_: Csrf| "put");
    let driver = driver();
    let app = Router::new().route("/account", page).merge(router(driver.clone())).with_state(driver);
    let url = format!("{}/account", spawn(app).await);
    for (method, status, code) in
        [("GET", 401, "SESSION_NOT_FOUND"), ("POST", 403, "CSRF_"), ("PUT", 403, "CSRF_")]
    {
        for (fields, content_type) in [(&PERSON[..], "text/html; charset=utf-8"), (&[], "application/json")] {
            let fields = [fields, &[("content-type", "application/x-www-form-urlencoded")]].concat();
            let answer = Visitor::new().send(method, &url, &fields, "").await;
            assert_eq!(answer.status(), status, "{method}");
            assert_eq!(answer.headers()["content-type"], content_type, "{method}");
            assert!(text(&answer).contains(code), "{method}: {}", text(&answer));
        }
    }
}

#[tokio::test]
async fn a_handler_reads_no_session_whose_cookie_a_middleware_took_away() {
    async fn ban(_: Option<Session>, mut request: Request, next: Next) -> Response {
        request.headers_mut().remove(header::COOKIE);
        next.run(request).await
    }
    let driver = driver();
    let who = get(async |session: Option<Session>| session.is_some().to_string());
    let banned = Router::new().route("/banned", who.clone()).layer(from_fn_with_state(driver.clone(), ban));
    let app = banned.route("/free", who).merge(router(driver.clone())).with_state(driver);
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    super::guards::sign_in(&mut visitor, &site, &[]).await;
    assert_eq!(text(&visitor.get(&format!("{site}/free")).await), "true");
    assert_eq!(text(&visitor.get(&format!("{site}/banned")).await), "false");
}
