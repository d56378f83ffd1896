//! An OAuth 2.0 authorization server as a pure function, for tests and demos.
//!
//! It speaks the authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636, S256 only), and answers
//! who signed in to a bearer token (RFC 6750). Its people are made up: the login page shows one button each.
//!
//! [`Idp`] is configuration, [`State`] is memory, and [`Idp::handle`] is everything else. It reads no clock and
//! no random source, and opens no socket: time and entropy are arguments, so a test is the same every time.
//!
//! | Endpoint below the base    | Answers                                                         |
//! |----------------------------|-----------------------------------------------------------------|
//! | `GET authorize`            | the login page, an error page, or a redirect with an error      |
//! | `POST authorize/decision`  | the redirect with a code or with `access_denied`                |
//! | `POST token`               | an access token for a code, a `redirect_uri` and a verifier     |
//! | `GET`, `POST userinfo`     | `id`, `sub`, `name`, `email` and `picture` for an access token  |
//!
//! A whole exchange, without a browser:
//!
//! ```
//! use aura_test_idp::{Account, Client, ClientSecret, Idp, State};
//! use bytes::Bytes;
//! use http::Request;
//!
//! let client = Client::new("app", ClientSecret::new("app-secret"))
//!     .with_redirect_uri("http://localhost:3000/callback")?;
//! let idp = Idp::new("http://localhost:3000/dev")?.client(client).accounts(Account::made_up());
//! let mut state = State::default();
//! let now = 1_700_000_000;
//!
//! // The client sends the browser to the login page, and Ada presses her button.
//! let authorize_url = "http://localhost:3000/dev/authorize?response_type=code&client_id=app\
//!     &redirect_uri=http://localhost:3000/callback&scope=profile&state=af0ifjsldkj\
//!     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
//! let location = idp.approve(&mut state, authorize_url, "ada", now, [1; 32])?;
//! let query = location.strip_prefix("http://localhost:3000/callback?code=").ok_or("no code")?;
//! let code = query.strip_suffix("&state=af0ifjsldkj").ok_or("no state")?;
//!
//! // The client redeems the code.
//! let form = format!(
//!     "grant_type=authorization_code&client_id=app&client_secret=app-secret&code={code}\
//!      &redirect_uri=http://localhost:3000/callback\
//!      &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
//! );
//! let request = Request::post(idp.token_endpoint())
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(Bytes::from(form))?;
//! let response = idp.handle(&mut state, request, now + 1, [2; 32]);
//! let token: serde_json::Value = serde_json::from_slice(response.body())?;
//! assert_eq!(token["token_type"], "Bearer");
//!
//! // The client asks who signed in.
//! let bearer = format!("Bearer {}", token["access_token"].as_str().ok_or("no token")?);
//! let request =
//!     Request::get(idp.userinfo_endpoint()).header("authorization", bearer).body(Bytes::new())?;
//! let response = idp.handle(&mut state, request, now + 2, [3; 32]);
//! let userinfo: serde_json::Value = serde_json::from_slice(response.body())?;
//! assert_eq!(userinfo["name"], "Ada Lovelace");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `server`, `serve` answers on a loopback address.
//!
//! It signs anybody in as anybody: it is no provider for real people.

#![forbid(unsafe_code)]

mod account;
mod address;
mod algorithm;
mod authentication;
mod authorize;
mod behaviour;
mod claims;
mod client;
mod client_assertion;
mod client_secret;
mod decision;
mod digest;
mod discovery;
mod dpop;
mod end_session;
mod endpoint;
mod entropy;
mod error;
mod form;
mod form_post;
mod html;
mod id_token;
mod idp;
mod jwk;
mod jwks;
mod jws;
mod keys;
mod lie;
mod logout_token;
mod page;
mod par;
mod redirect_uri;
mod reply;
mod request;
mod response;
#[cfg(feature = "server")]
mod server;
mod shelf;
mod state;
mod token;
mod token_response;
mod userinfo;
mod wire;

pub use account::Account;
pub use algorithm::SigningAlgorithm;
pub use behaviour::{
    Audience, Behaviour, DpopNonce, IssuerParameter, PublishedKeys, PushedAuthorizationRequests,
    UserinfoFormat,
};
pub use client::{Client, ClientAuthenticationMethod, PublicKeyError};
pub use client_secret::ClientSecret;
pub use error::{AuthorizationError, DecisionError, Unanswerable};
pub use form_post::FormPost;
pub use idp::{BaseUrlError, Idp};
pub use keys::RS256_PUBLIC_KEY_PEM;
pub use lie::{Lie, Place};
pub use logout_token::LogoutSubject;
pub use redirect_uri::RedirectUriError;
#[cfg(feature = "server")]
pub use server::serve;
pub use state::State;
pub use wire::Delay;
