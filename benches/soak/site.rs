//! The site under load: the examples' site on one host, with a provider that has no socket.

use aura_http::Driver;
use aura_http::store::SessionStore;
use aura_proto::provider::Provider;
use aura_proto::{Auth, ClientSecret, FetchError, Salt, Secret, SessionPolicy};
use bytes::Bytes;
use http::{Request, Response, header};
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::thread;

/// A server that the core is adapted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Axum,
    Hyper,
    Warp,
    Blocking,
}

impl Host {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "axum" => Some(Self::Axum),
            "hyper" => Some(Self::Hyper),
            "warp" => Some(Self::Warp),
            "blocking" => Some(Self::Blocking),
            _ => None,
        }
    }
}

/// Serves the site until the process ends: asynchronous hosts by the driver, the blocking one by its own.
pub(crate) fn serve(host: Host, driver: Driver, listener: TcpListener) -> Result<(), Box<dyn Error>> {
    if host == Host::Blocking {
        let driver =
            aura_blocking::Driver::new(driver.auth().clone(), |request: Request<Bytes>| answer(&request))?;
        thread::spawn(move || aura_example_blocking::serve(listener, &driver, None));
        return Ok(());
    }
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    match host {
        Host::Axum => drop(tokio::spawn(aura_example_axum::serve(listener, driver, None))),
        Host::Hyper => drop(tokio::spawn(aura_example_hyper::serve(listener, driver, None))),
        Host::Warp => drop(tokio::spawn(aura_example_warp::serve(listener, driver, None))),
        // It is served above.
        Host::Blocking => {}
    }
    Ok(())
}

/// Makes the driver of a site at an address.
pub(crate) fn driver(address: SocketAddr, sessions: SessionPolicy) -> Result<Driver, Box<dyn Error>> {
    let auth = auth(&format!("http://{address}"), sessions)?;
    Ok(Driver::new(auth, async |request: Request<Bytes>| answer(&request))?)
}

/// Makes the driver of a site at an address, with a store of sessions.
pub(crate) fn stored_driver(
    address: SocketAddr,
    sessions: SessionPolicy,
    store: impl SessionStore,
) -> Result<Driver, Box<dyn Error + Send + Sync>> {
    let auth = auth(&format!("http://{address}"), sessions).map_err(|error| error.to_string())?;
    Ok(Driver::with_session_store(auth, async |request: Request<Bytes>| answer(&request), store))
}

/// Returns the target to which the provider sends the browser of a sign-in that has begun.
pub(crate) fn callback(begun: &Response<Bytes>) -> Option<String> {
    let authorize = begun.headers().get(header::LOCATION)?.to_str().ok()?;
    let state = authorize.split_once("state=")?.1.split('&').next()?;
    Some(format!("/auth/callback/dev?code=c&state={state}"))
}

fn answer(request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    let body = match request.uri().path() {
        "/token" => r#"{"access_token":"t","token_type":"Bearer"}"#,
        _ => r#"{"sub":"ada","name":"Ada Lovelace","email":"ada@example.test"}"#,
    };
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(body.into()).map_err(|_| FetchError::Unreachable)
}

fn auth(origin: &str, sessions: SessionPolicy) -> Result<Auth, Box<dyn Error>> {
    let row = Provider::oauth("dev", "site")
        .with_name("Dev")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .client_secret(ClientSecret::new("site-secret"));
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    Ok(Auth::builder(secret, salt).base_url(origin).session(sessions).provider(row).build()?)
}
