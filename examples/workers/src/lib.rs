//! A small site with sign-in in WebAssembly, on platforms of the fetch API such as Cloudflare Workers.
//!
//! No adapter serves it: [`host`] drives the core by hand, with what a [`Platform`] gives. On `wasm32` this is the
//! fetch API, in `fetch.rs`; in the tests it is a provider in memory. Sessions are in sealed cookies, so that the site needs no store.
#![forbid(unsafe_code)]

pub mod host;

#[cfg(target_arch = "wasm32")]
mod fetch;

use aura_proto::{Auth, ClientSecret, HostError, Salt, Secret};
use aura_providers::GITHUB;
use bytes::Bytes;
use host::Platform;
use http::{Method, Request, Response, StatusCode, header};
use std::error::Error;

/// Reads the configuration from the variables of the environment: `AURA_AUTH_SECRET`, `AURA_AUTH_SALT`, `BASE_URL`,
/// `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET`.
///
/// # Errors
/// A sentence, where a variable is missing or wrong.
///
/// ```
/// let empty = aura_example_workers::configure(|_| None);
/// assert_eq!(empty.err().map(|error| error.to_string()), Some("AURA_AUTH_SECRET is not set".to_owned()));
/// ```
pub fn configure(variable: impl Fn(&str) -> Option<String>) -> Result<Auth, Box<dyn Error>> {
    let read = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
    let (secret, salt) = (Secret::new(&read("AURA_AUTH_SECRET")?)?, Salt::new(&read("AURA_AUTH_SALT")?)?);
    let client_secret = ClientSecret::new(read("GITHUB_CLIENT_SECRET")?);
    let github = GITHUB.with_client(read("GITHUB_CLIENT_ID")?, client_secret);
    Ok(Auth::builder(secret, salt).base_url(read("BASE_URL")?).provider(github).build()?)
}

/// Answers a request: the routes of the sign-in, a home page, and a page for signed-in users.
pub async fn answer(auth: &Auth, platform: &impl Platform, request: Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    if auth.owns(path) {
        return host::answer(auth, platform, request).await;
    }
    match (request.method(), path) {
        (&Method::GET, "/") => match auth.session(&request, platform.now()) {
            Ok(session) => page(StatusCode::OK, format!("You are signed in as {}.", session.user().sub())),
            Err(_) => page(StatusCode::OK, "Go to /auth/signIn to sign in.".to_owned()),
        },
        (&Method::GET, "/account") => {
            let Some(entropy) = platform.entropy() else { return host::refusal(HostError::NoEntropy) };
            match auth.visit(&request, platform.now(), entropy) {
                Ok(visit) => {
                    let account = format!("The account of {}.", visit.session().user().sub());
                    visit.finish(page(StatusCode::OK, account))
                }
                Err(refusal) => refusal.into_response(),
            }
        }
        _ => page(StatusCode::NOT_FOUND, "There is no such page.".to_owned()),
    }
}

fn page(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let content_type = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
