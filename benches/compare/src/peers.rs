//! Other session libraries for axum. Their sessions begin at `GET /login`, whose cookie `run.sh` takes.

use crate::page::{User, session};
use axum::Router;
use axum::extract::FromRef;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

const EXPIRES: &str = "2026-10-06T13:33:20.000Z";

/// Sessions in the server's memory; the cookie is a key to them.
pub(crate) fn tower_sessions() -> Router {
    let login = async |sessions: Session| sessions.insert("user", User::ada()).await.expect("stored");
    let read = async |sessions: Session| -> Response {
        let user: Option<User> = sessions.get("user").await.expect("a store");
        session(user.as_ref(), EXPIRES)
    };
    Router::new()
        .route("/login", get(login))
        .route("/auth/session", get(read))
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false))
}

#[derive(Clone)]
struct Users(Arc<HashMap<String, User>>);

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.sub.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        self.sub.as_bytes()
    }
}

impl AuthnBackend for Users {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, sub: String) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(&sub).cloned())
    }

    async fn get_user(&self, sub: &UserId<Self>) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(sub).cloned())
    }
}

/// Sessions and users in the server's memory.
pub(crate) fn axum_login() -> Router {
    let login = async |mut users: AuthSession<Users>| users.login(&User::ada()).await.expect("stored");
    let read = async |users: AuthSession<Users>| session(users.user.as_ref(), EXPIRES);
    let store = MemoryStore::default();
    let sessions = SessionManagerLayer::new(store).with_secure(false);
    let users = Users(Arc::new(HashMap::from([(User::ada().sub, User::ada())])));
    Router::new()
        .route("/login", get(login))
        .route("/auth/session", get(read))
        .layer(AuthManagerLayerBuilder::new(users, sessions).build())
}

#[derive(Clone)]
struct JarKey(Key);

impl FromRef<JarKey> for Key {
    fn from_ref(key: &JarKey) -> Self {
        key.0.clone()
    }
}

/// The user in an encrypted cookie.
pub(crate) fn private_cookie_jar() -> Router {
    let login = async |jar: PrivateCookieJar| {
        jar.add(Cookie::new("session", serde_json::to_string(&User::ada()).expect("JSON")))
    };
    let read = async |jar: PrivateCookieJar| {
        let user = jar.get("session").and_then(|cookie| serde_json::from_str::<User>(cookie.value()).ok());
        session(user.as_ref(), EXPIRES)
    };
    Router::new()
        .route("/login", get(login))
        .route("/auth/session", get(read))
        .with_state(JarKey(Key::from(&[7; 64])))
}
