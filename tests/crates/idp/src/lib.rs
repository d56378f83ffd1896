//! An OpenID Provider as a pure function, honest or lying, for tests and demos.
//!
//! It implements the authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636, S256 only). With the scope
//! `openid` it is an OpenID Provider, and without it a plain OAuth 2.0 server. Its accounts are made up: the login page
//! shows one button for each.
//!
//! [`Idp`] is the configuration, [`State`] is the memory, and [`Idp::handle`] does everything else. It reads no clock and
//! opens no socket: time and entropy are arguments, so every run of a test is equal. Signatures by PS256, ES256 and
//! ES384 are the exception; see [`SigningAlgorithm`].
//!
//! | Endpoint below the base                | Answers                                                          |
//! |----------------------------------------|------------------------------------------------------------------|
//! | `GET .well-known/openid-configuration` | the metadata (OpenID Connect Discovery section 4)                |
//! | `GET jwks`                             | the signing key, among unusable keys (RFC 7517)                  |
//! | `POST par`                             | a reference to a pushed request, once, for a minute (RFC 9126)   |
//! | `GET authorize`                        | the login page, an error page, or a redirect with an error       |
//! | `POST authorize/decision`              | a code or `access_denied`, in a redirect or in a form            |
//! | `POST token`                           | tokens for a code and a verifier, or for a refresh token         |
//! | `GET`, `POST userinfo`                 | the user, for an access token, as JSON or as a signed JWT        |
//! | `GET`, `POST end_session`              | a redirect to the client's registered URI, or a page             |
//!
//! [`Behaviour`] has the choices that the specifications leave open, and every [`Lie`]. Clients authenticate in any
//! [`ClientAuthenticationMethod`]. A DPoP proof binds the tokens of its request (RFC 9449). The scope
//! `offline_access` gives a refresh token, which rotates. [`Idp::logout_token`] makes back-channel logout tokens.
//!
//! # A whole sign-in, without a socket and without a browser
//!
//! ```
//! use aura_test_idp::{Account, Client, ClientSecret, Idp, State};
//! use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
//! use bytes::Bytes;
//! use http::Request;
//! use serde_json::Value;
//!
//! let client = Client::new("app", ClientSecret::new("app-secret"))
//!     .with_redirect_uri("http://localhost:3000/callback")?;
//! let idp = Idp::new("http://localhost:3000/dev")?.client(client).accounts(Account::made_up());
//! let mut state = State::default();
//! let now = 1_700_000_000;
//!
//! // The client reads the metadata and checks the issuer.
//! let request = Request::get(idp.discovery_endpoint()).body(Bytes::new())?;
//! let metadata: Value = serde_json::from_slice(idp.handle(&mut state, request, now, [1; 32]).body())?;
//! assert_eq!(metadata["issuer"], idp.issuer());
//!
//! // It sends the browser to the login page, where Ada presses her button.
//! let authorize_url = "http://localhost:3000/dev/authorize?response_type=code&client_id=app\
//!     &redirect_uri=http://localhost:3000/callback&scope=openid+profile&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj\
//!     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
//! let location = idp.approve(&mut state, authorize_url, "ada", now, [2; 32])?;
//! let query = location.strip_prefix("http://localhost:3000/callback?code=").ok_or("no code")?;
//! let code = query.strip_suffix("&state=af0ifjsldkj").ok_or("no state")?;
//!
//! // It redeems the code.
//! let form = format!(
//!     "grant_type=authorization_code&client_id=app&client_secret=app-secret&code={code}\
//!      &redirect_uri=http://localhost:3000/callback\
//!      &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
//! );
//! let request = Request::post(idp.token_endpoint())
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(Bytes::from(form))?;
//! let tokens: Value = serde_json::from_slice(idp.handle(&mut state, request, now, [3; 32]).body())?;
//! assert_eq!(tokens["token_type"], "Bearer");
//!
//! // It reads the ID token, whose signature a key of the set verifies.
//! let id_token = tokens["id_token"].as_str().ok_or("no ID token")?;
//! let parts = id_token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part)).collect::<Result<Vec<_>, _>>()?;
//! let (header, claims): (Value, Value) =
//!     (serde_json::from_slice(&parts[0])?, serde_json::from_slice(&parts[1])?);
//! assert_eq!(claims["iss"], idp.issuer());
//! assert_eq!((&claims["aud"], &claims["nonce"]), (&"app".into(), &"n-0S6_WzA2Mj".into()));
//! assert_eq!((&claims["sub"], &claims["name"]), (&"ada".into(), &"Ada Lovelace".into()));
//!
//! let request = Request::get(idp.jwks_uri()).body(Bytes::new())?;
//! let set: Value = serde_json::from_slice(idp.handle(&mut state, request, now, [4; 32]).body())?;
//! let keys = set["keys"].as_array().ok_or("no keys")?;
//! assert!(keys.iter().any(|key| key["kid"] == header["kid"] && key["alg"] == "RS256"));
//!
//! // It requests userinfo.
//! let bearer = format!("Bearer {}", tokens["access_token"].as_str().ok_or("no token")?);
//! let request =
//!     Request::get(idp.userinfo_endpoint()).header("authorization", bearer).body(Bytes::new())?;
//! let userinfo: Value = serde_json::from_slice(idp.handle(&mut state, request, now, [5; 32]).body())?;
//! assert_eq!(userinfo["sub"], claims["sub"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Lies
//!
//! A relying party is tested by what it refuses. Each [`Lie`] takes effect from the next request on, alone or with others.
//! A correct relying party may accept a lie that [`is_tolerated`](Lie::is_tolerated).
//!
//! ```
//! use aura_test_idp::{Behaviour, Idp, Lie};
//!
//! let mut idp = Idp::new("http://localhost:3000/dev")?;
//! for lie in Lie::ALL.iter().filter(|lie| !lie.is_tolerated()) {
//!     idp.set_behaviour(Behaviour::default().lie(*lie));
//!     // .. a sign-in with this provider must fail.
//! }
//! assert!(!Lie::IdTokenExpired.is_tolerated());
//! # Ok::<(), aura_test_idp::BaseUrlError>(())
//! ```
//!
//! For a slow answer, [`Delay`] tells the host how long to wait. [`State::rotate_key`] rotates the keys.
//!
//! # Around the pure function
//!
//! * `server`: `serve` answers on a loopback address. `serve_shared` does the same while a test changes the provider.
//! * `client`: `InMemory` is the provider as the client of an `aura_http::Driver`, without a socket.
//! * `browser`: `browser` is a model browser with the cookie rules of RFC 6265bis, over servers in memory.
//! * `tower`: `browser::Application` makes an application such a server, if it is a `tower` service.
//!
//! `tests/application.rs` of this crate signs a user in to an application with the last three.
//!
//! It signs anybody in as anybody, with published keys. Never use it for real users.

#![forbid(unsafe_code)]

mod account;
mod address;
mod algorithm;
mod authentication;
mod authorize;
mod behaviour;
#[cfg(feature = "browser")]
pub mod browser;
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
#[cfg(feature = "client")]
mod in_memory;
mod jwk;
mod jwks;
mod jws;
mod keys;
mod lie;
mod logout_token;
mod page;
mod par;
#[cfg(any(feature = "client", feature = "server"))]
mod provider;
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
#[cfg(feature = "client")]
pub use in_memory::InMemory;
pub use keys::RS256_PUBLIC_KEY_PEM;
pub use lie::{Lie, Place};
pub use logout_token::LogoutSubject;
#[cfg(any(feature = "client", feature = "server"))]
pub use provider::Provider;
pub use redirect_uri::RedirectUriError;
#[cfg(feature = "server")]
pub use server::{serve, serve_shared};
pub use state::State;
pub use wire::Delay;
