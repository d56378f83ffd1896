//! The provider, which can hold refreshes back, and counts how often each refresh token is spent.

use crate::address::Address;
use aura_test_idp::{Account, Client, ClientSecret, Idp, InMemory};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::error::Error;
use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How long an access token lives, in seconds. Half of it later, a refresh is due.
pub(crate) const LIFE: u64 = 4;
/// The longest body that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The provider, at an address of its own.
#[derive(Clone)]
pub(crate) struct Gated {
    pub(crate) in_memory: InMemory,
    pub(crate) issuer: String,
    state: Arc<Mutex<Held>>,
    /// One permit for each refresh that is held back.
    arrived: Arc<Semaphore>,
}

#[derive(Default)]
struct Held {
    are_held: bool,
    /// How many were held back.
    held: u32,
    /// How often each refresh token was spent.
    spent: BTreeMap<String, u32>,
}

impl Gated {
    pub(crate) async fn start(site: &Address) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let client = Client::new("several", ClientSecret::new("several-secret"));
        let client = client.with_redirect_uri(&format!("{}/auth/callback/idp", site.url))?;
        let idp = Idp::new(&issuer)?.client(client).accounts(Account::made_up());
        let provider = Self {
            in_memory: InMemory::new(idp),
            issuer,
            state: Arc::default(),
            arrived: Arc::new(Semaphore::new(0)),
        };
        let app = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(provider)
    }

    /// Holds refreshes back from here on, or lets them through. Those that are held back already are never answered.
    pub(crate) fn hold(&self, are_held: bool) {
        self.lock().are_held = are_held;
    }

    /// Waits until a refresh is held back.
    pub(crate) async fn arrived(&self) {
        if let Ok(permit) = self.arrived.acquire().await {
            permit.forget();
        }
    }

    /// How many refreshes were held back.
    pub(crate) fn held(&self) -> u32 {
        self.lock().held
    }

    /// How many refresh tokens were spent, and how often the one that was spent most.
    pub(crate) fn spent(&self) -> (usize, u32) {
        let state = self.lock();
        (state.spent.len(), state.spent.values().copied().max().unwrap_or_default())
    }

    /// Tells whether a refresh is to wait, and counts it.
    fn holds_back(&self) -> bool {
        let mut state = self.lock();
        if state.are_held {
            state.held = state.held.saturating_add(1);
            self.arrived.add_permits(1);
        }
        state.are_held
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(provider): State<Gated>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let is_token = head.uri.path().ends_with("/token");
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
    if let Some(token) = form.get("refresh_token").filter(|_| is_token) {
        if provider.holds_back() {
            // The connection of a server that is killed ends, and this with it.
            pending::<()>().await;
        }
        let mut state = provider.lock();
        let count = state.spent.entry(token.clone()).or_default();
        *count = count.saturating_add(1);
    }
    let answer = provider.in_memory.answer(Request::from_parts(head, body));
    answer.map(|body| if is_token { shortened(body) } else { body.into() })
}

/// Shortens the life of an access token.
fn shortened(body: Bytes) -> axum::body::Body {
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body) {
        Ok(mut members) if members.contains_key("expires_in") => {
            members.insert("expires_in".to_owned(), LIFE.into());
            serde_json::Value::from(members).to_string().into()
        }
        Ok(_) | Err(_) => body.into(),
    }
}
