//! An application with sign-in: a home page, an account with a form and a sign-out that need no script, a page for
//! administrators, an API, an error page of its own, and metrics.
#![forbid(unsafe_code)]

use aura_axum::{
    Admission, Auth, Builder, Candidate, Client, ConfigError, CsrfForm, CsrfToken, Driver, DriverError,
    Error, Expiration, Session, SessionPolicy, require_session, router,
};
use axum::extract::{FromRef, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the application has of its own, beside the driver.
#[derive(Clone, FromRef)]
struct App {
    driver: Driver,
    notes: Arc<Mutex<Vec<String>>>,
}

/// What the application keeps in a session.
#[derive(Serialize)]
struct Claims {
    role: String,
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

/// Completes the configuration: sessions that go on while they are used, for 30 days at most, and an own error page.
///
/// # Errors
/// Those of the configuration.
pub fn auth(builder: Builder) -> Result<Auth, ConfigError> {
    let policy = SessionPolicy::default()
        .max_age(Duration::from_secs(24 * 60 * 60))
        .max_duration(Duration::from_secs(30 * 24 * 60 * 60))
        .expiration(Expiration::Rolling);
    builder.session(policy.public_claims(["role"])).error_page("/failed").build()
}

/// Makes the application. Administrators are named as `provider/sub`, such as `github/583231`: neither an e-mail address nor
/// a subject alone is an identity. `GET /metrics` counts events, and names nobody: a proxy keeps it from visitors.
///
/// # Errors
/// The configuration keeps sessions in a store, and the application has none.
pub fn app(
    auth: Auth,
    client: impl Client,
    admins: Vec<String>,
    metrics: PrometheusHandle,
) -> Result<Router, DriverError> {
    let admins = Arc::new(admins);
    let driver = Driver::new(auth, client)?.admit(move |candidate: Candidate| {
        let admins = Arc::clone(&admins);
        async move { admit(candidate, &admins) }
    });
    let driver = driver.on_event(|event| {
        metrics::counter!("aura_events_total", "event" => event.name()).increment(1);
    });
    let private = Router::new()
        .route("/account", get(account).post(add_note))
        .route_layer(require_session(driver.guard()));
    let admin = Router::new()
        .route("/admin", get(async || page("<h1>Administration</h1>")))
        .route_layer(require_session(driver.guard().when(|session| session.claim_is("role", "admin"))));
    Ok(Router::new()
        .route("/", get(home))
        .route("/failed", get(failed))
        .route("/api/me", get(async |session: Session| Json(session.user().clone())))
        .route("/metrics", get(async move || metrics.render()))
        .merge(private)
        .merge(admin)
        .merge(router(driver.clone()))
        .with_state(App { driver, notes: Arc::default() }))
}

fn admit(candidate: Candidate, admins: &[String]) -> Admission {
    if candidate.user.email().is_none() {
        return Admission::refuse("no_email");
    }
    let identity = format!("{}/{}", candidate.provider, candidate.user.sub());
    let role = if admins.contains(&identity) { "admin" } else { "member" };
    candidate.admit_with(&Claims { role: role.to_owned() })
}

async fn home(session: Option<Session>) -> Html<String> {
    page(&match session {
        Some(session) => format!("<p>Hello, {}. <a href=\"/account\">Your account</a></p>", name(&session)),
        None => "<p><a href=\"/auth/signIn?redirectTo=/account\">Sign in</a></p>".to_owned(),
    })
}

async fn account(State(app): State<App>, session: Session, token: CsrfToken) -> impl IntoResponse {
    let field = format!("<input type=\"hidden\" name=\"csrfToken\" value=\"{}\">", token.as_str());
    let notes = app.notes.lock().unwrap_or_else(PoisonError::into_inner);
    let notes: String = notes.iter().map(|note| format!("<li>{}</li>", escaped(note))).collect();
    let body = format!(
        "<h1>{}</h1><ul>{notes}</ul>\
         <form method=\"post\" action=\"/account\">{field}<input name=\"text\" required><button>Save</button></form>\
         <form method=\"post\" action=\"/auth/signOut\">{field}\
         <input type=\"hidden\" name=\"token_type_hint\" value=\"session_token\"><button>Sign out</button></form>",
        name(&session)
    );
    (token, page(&body))
}

async fn add_note(State(app): State<App>, session: Session, CsrfForm(note): CsrfForm<Note>) -> Redirect {
    let note = format!("{}: {}", session.user().name().unwrap_or_default(), note.text);
    app.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    Redirect::to("/account")
}

async fn failed(Query(query): Query<HashMap<String, String>>) -> (StatusCode, Html<String>) {
    let known = query.get("reason").and_then(|reason| Error::code_and_message(reason));
    let sentence = known.map_or("The sign-in failed.", |(_, sentence)| sentence);
    let again = "<p><a href=\"/auth/signIn\">Sign in again</a></p>";
    (StatusCode::FORBIDDEN, page(&format!("<p>{}</p>{again}", escaped(sentence))))
}

fn name(session: &Session) -> String {
    escaped(session.user().name().unwrap_or_else(|| session.user().sub()))
}

fn page(body: &str) -> Html<String> {
    Html(format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>App</title>{body}</html>"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
