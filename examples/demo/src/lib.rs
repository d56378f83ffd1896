//! The demo: a page, its API, sign-in, and the provider to sign in with, on one axum router.
#![forbid(unsafe_code)]

mod names;
mod notes;
mod recordings;
mod sequence;
mod store;

pub use notes::Watched;
pub use store::{Kept, driver_of};

use aura_axum::store::SessionStore;
use aura_axum::{Client, Driver, DriverError, HttpClient, router};
use aura_examples::{DevProvider, Settings, page};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use recordings::Recordings;
use serde_json::json;

/// Longest request body that the embedded provider reads, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Makes the demo's driver, for settings that keep sessions in cookies.
///
/// # Errors
/// The settings keep sessions in a store: [`stored_driver`] takes one.
///
/// ```
/// let settings = aura_examples::Settings::read(&|_| None)?;
/// assert_eq!(aura_demo::driver(&settings)?.auth().base_path(), "/auth");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn driver(settings: &Settings) -> Result<Driver, DriverError> {
    Ok(recorded(Driver::new(settings.auth.clone(), Watched(HttpClient::new()))?))
}

/// Makes the demo's driver with a client and a store of sessions.
///
/// ```
/// use aura_host::store::MemoryStore;
/// let settings = aura_examples::Settings::read(&|_| None)?;
/// let driver = aura_demo::stored_driver(&settings, aura_axum::HttpClient::new(), MemoryStore::default());
/// assert_eq!(driver.auth().base_path(), "/auth");
/// # Ok::<(), aura_examples::SettingsError>(())
/// ```
pub fn stored_driver(settings: &Settings, client: impl Client, store: impl SessionStore) -> Driver {
    recorded(Driver::with_session_store(settings.auth.clone(), Watched(client), Watched(store)))
}

/// Notes each sign-in for the page.
fn recorded(driver: Driver) -> Driver {
    driver
        .on_sign_in(|transcript| notes::note_transcript(&transcript))
        .on_failed_sign_in(|transcript| tracing::debug!("a sign-in failed: {transcript}"))
}

/// Makes the demo's router.
///
/// ```
/// let settings = aura_examples::Settings::read(&|_| None)?;
/// let app: axum::Router = aura_demo::app(&settings, aura_demo::driver(&settings)?);
/// # let _ = app;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn app(settings: &Settings, driver: Driver) -> Router {
    let providers = settings.auth.providers().map(|(id, name)| json!({ "id": id, "name": name }));
    let providers = Json(providers.collect::<Vec<_>>());
    let recordings = Recordings::new(settings);
    let routes =
        Router::from(router(driver)).layer(from_fn_with_state(recordings.clone(), recordings::record));
    let last_sign_in = get(recordings::show).with_state(recordings);
    let mut app = Router::new()
        .route("/api/providers", get(async || providers))
        .route("/api/last-sign-in", last_sign_in)
        .merge(routes);
    if let Some(dev) = settings.dev.clone() {
        app = app.route("/dev/{*endpoint}", any(async move |request: Request| answer(&dev, request).await));
    }
    for (path, content_type, content) in page::FILES {
        let file = (page::HEADERS, [(header::CONTENT_TYPE, content_type)], content);
        app = app.route(path, get(async move || file));
    }
    app
}

/// Lets the embedded provider answer.
async fn answer(dev: &DevProvider, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, MAX_BODY).await {
        Ok(body) => dev.answer(Request::from_parts(head, body)).map(Body::from),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}
