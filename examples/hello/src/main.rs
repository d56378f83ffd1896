//! A site with sign-in: a page for everybody, notes for signed-in users, and a page for administrators.

use aura_axum::{
    Admission, Candidate, CsrfForm, CsrfToken, Driver, HttpClient, Session, env, require_session, router,
};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// The state of the application. `FromRef` lets `Session` and the other extractors find the driver in it.
#[derive(Clone, FromRef)]
struct App {
    driver: Driver,
    notes: Arc<Mutex<Vec<String>>>,
}

/// What a session keeps of the application's own.
#[derive(Serialize)]
struct Claims {
    role: &'static str,
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Aura logs events, and at the start whatever is probably wrong with the configuration.
    tracing_subscriber::fmt().init();
    let auth = env::builder(&|name| std::env::var(name).ok())?.build()?;
    let driver = Driver::new(auth, HttpClient::new())?.admit(admit);

    let signed_in = driver.guard();
    let admins = driver.guard().when(|session| session.claim_is("role", "admin"));
    let notes =
        Router::new().route("/notes", get(notes).post(add_note)).route_layer(require_session(signed_in));
    let admin = Router::new().route("/admin", get(admin)).route_layer(require_session(admins));
    let app = Router::new()
        .route("/", get(home))
        .merge(notes)
        .merge(admin)
        .merge(router(driver.clone()))
        .with_state(App { driver, notes: Arc::default() });

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 3000)).await?;
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

/// Decides who may sign in, and as what. A user is identified by the provider and the `sub` together.
async fn admit(candidate: Candidate) -> Admission {
    let is_ada = candidate.provider == "oidc" && candidate.user.sub() == "ada";
    candidate.admit_with(&Claims { role: if is_ada { "admin" } else { "member" } })
}

async fn home(session: Option<Session>) -> Html<String> {
    Html(match session {
        Some(session) => format!("Hello, {}. <a href=\"/notes\">Notes</a>", escaped(name(&session))),
        None => "<a href=\"/auth/signIn?redirectTo=/\">Sign in</a>".to_owned(),
    })
}

async fn notes(State(app): State<App>, token: CsrfToken) -> impl IntoResponse {
    let notes: String = app.notes.lock().await.iter().map(|note| format!("<li>{}", escaped(note))).collect();
    let field = format!("<input type=\"hidden\" name=\"csrfToken\" value=\"{}\">", token.as_str());
    let page = format!(
        "<ul>{notes}</ul>
        <form method=\"post\" action=\"/notes\">{field}<input name=\"text\"><button>Save</button></form>
        <form method=\"post\" action=\"/auth/signOut\">{field}
        <input type=\"hidden\" name=\"token_type_hint\" value=\"session_token\"><button>Sign out</button></form>"
    );
    (token, Html(page))
}

async fn add_note(State(app): State<App>, session: Session, CsrfForm(note): CsrfForm<Note>) -> Redirect {
    app.notes.lock().await.push(format!("{}: {}", name(&session), note.text));
    Redirect::to("/notes")
}

async fn admin(State(app): State<App>) -> String {
    format!("{} notes", app.notes.lock().await.len())
}

fn name(session: &Session) -> &str {
    session.user().name().unwrap_or_else(|| session.user().sub())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
