//! Applications on Aura.

use crate::{Site, Slow, cookies, get, request};
use aura_axum::provider::Provider;
use aura_axum::store::{MemoryStore, SessionStore};
use aura_axum::{Auth, ClientSecret, Driver, FetchError, Salt, Secret, Session, SessionPolicy, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get as of_get;
use http::{Method, header};
use std::collections::BTreeMap;
use std::error::Error;

#[derive(Clone)]
struct App {
    driver: Driver,
    slow: Slow,
}

impl FromRef<App> for Driver {
    fn from_ref(app: &App) -> Self {
        app.driver.clone()
    }
}

pub(crate) async fn sites() -> Result<Vec<Site>, Box<dyn Error>> {
    #[allow(unused_mut, reason = "another store may follow")]
    let mut sites = vec![site("Aura, memory", MemoryStore::default()).await?];
    #[cfg(feature = "ours-sqlite")]
    {
        let store = aura_store::SqliteStore::in_memory().map_err(|error| error.to_string())?;
        store.create_schema().map_err(|error| error.to_string())?;
        sites.push(site("Aura, SQLite", store).await?);
    }
    Ok(sites)
}

async fn site(name: &'static str, store: impl SessionStore) -> Result<Site, Box<dyn Error>> {
    let provider = Provider::oauth("dev", "site")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .client_secret(ClientSecret::new("site-secret"));
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    let auth = Auth::builder(secret, Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?)
        .base_url("http://app.test")
        .session(SessionPolicy::default().stored())
        .provider(provider)
        .build()?;
    let (driver, slow) = (Driver::with_session_store(auth, answer, store), Slow::default());
    let app = Router::new()
        .route("/me", of_get(async |session: Session| session.user().sub().to_owned()))
        .route("/slow", of_get(change))
        .merge(router(driver.clone()))
        .with_state(App { driver, slow: slow.clone() });

    let begun = get(&app, "/auth/signIn/dev", "").await?;
    let location = begun.headers().get(header::LOCATION).ok_or("no location")?.to_str()?;
    let state =
        location.split_once("state=").and_then(|(_, rest)| rest.split('&').next()).ok_or("no state")?;
    let callback = format!("/auth/callback/dev?code=c&state={state}");
    let session = cookies(&get(&app, &callback, &cookies(&begun)).await?);
    let issued = get(&app, "/auth/csrfToken", &session).await?;
    let all = [session, cookies(&issued)].join("; ");
    let body = String::from_utf8(to_bytes(issued.into_body(), 4096).await?.to_vec())?;
    let token = body.split('"').nth(3).ok_or("no token")?.to_owned();
    let log_out = request(Method::POST, "/auth/signOut?token_type_hint=session_token", &all);
    let log_out = log_out.header("x-csrf-token", token).body(Body::empty())?;
    Ok(Site { name, app, slow, cookies: all, log_out })
}

async fn change(State(App { driver, slow }): State<App>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let request = Request::from_parts(head, ());
    let mut visit = match driver.visit(&request).await {
        Ok(visit) => visit,
        Err(refusal) => return refusal.map(Body::from),
    };
    slow.has_read.notify_one();
    slow.may_change.notified().await;
    match driver.update_claims(&mut visit, &request, &BTreeMap::from([("seen", true)])).await {
        Ok(()) => visit.finish(().into_response()),
        Err(refusal) => refusal.map(Body::from),
    }
}

/// The provider.
async fn answer(
    request: http::Request<axum::body::Bytes>,
) -> Result<http::Response<axum::body::Bytes>, FetchError> {
    let body = match request.uri().path() {
        "/token" => r#"{"access_token":"t","token_type":"Bearer"}"#,
        _ => r#"{"sub":"ada","name":"Ada Lovelace"}"#,
    };
    let response = http::Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(body.into()).map_err(|_| FetchError::Unreachable)
}
