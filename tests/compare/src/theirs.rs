//! Applications on tower-sessions.

use crate::{Site, Slow, cookies, get, request};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get as of_get, post};
use http::{Method, StatusCode};
use std::error::Error;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};

const USER: &str = "user";

pub(crate) async fn sites() -> Result<Vec<Site>, Box<dyn Error>> {
    #[allow(unused_mut, reason = "another store may follow")]
    let mut sites = vec![site("tower-sessions, memory", MemoryStore::default()).await?];
    #[cfg(feature = "theirs-sqlite")]
    {
        use tower_sessions_sqlx_store::{SqliteStore, sqlx::sqlite::SqlitePoolOptions};
        // A database in memory is that of one connection.
        let store =
            SqliteStore::new(SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?);
        store.migrate().await?;
        sites.push(site("tower-sessions, SQLite", store).await?);
    }
    Ok(sites)
}

async fn site(name: &'static str, store: impl SessionStore + Clone) -> Result<Site, Box<dyn Error>> {
    let slow = Slow::default();
    let app = Router::new()
        .route("/login", of_get(async |session: Session| session.insert(USER, "ada").await.map_err(failed)))
        .route("/me", of_get(me))
        .route("/slow", of_get(change))
        .route("/logout", post(async |session: Session| session.flush().await.map_err(failed)))
        .layer(SessionManagerLayer::new(store).with_secure(false))
        .with_state(slow.clone());
    let cookies = cookies(&get(&app, "/login", "").await?);
    let log_out = request(Method::POST, "/logout", &cookies).body(Body::empty())?;
    Ok(Site { name, app, slow, cookies, log_out })
}

async fn me(session: Session) -> Result<String, StatusCode> {
    session.get(USER).await.map_err(failed)?.ok_or(StatusCode::UNAUTHORIZED)
}

async fn change(State(slow): State<Slow>, session: Session) -> Result<(), StatusCode> {
    let user: Option<String> = session.get(USER).await.map_err(failed)?;
    user.ok_or(StatusCode::UNAUTHORIZED)?;
    slow.has_read.notify_one();
    slow.may_change.notified().await;
    session.insert("seen", true).await.map_err(failed)
}

fn failed(_: tower_sessions::session::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
