//! Misconfigured guards and routers: the log names each, people can sign in all the same, and no redirect goes round.

use super::{Visitor, ada, builder_with_ada, spawn, text};
use aura_axum::{Driver, Guard, Session, nested, require_session, router};
use axum::Router;
use axum::routing::get;
use http::header;
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
    Driver::new(builder_with_ada().build().unwrap(), ada)
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
