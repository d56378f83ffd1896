//! Sign-in as a sans-IO state machine.
//!
//! The core is a pure function: `(configuration, request, provider answers, time, entropy) -> actions`. It has no clock,
//! no random source, no socket, no lock and no log; equal inputs give equal outputs, bit for bit. A host carries the
//! [`Action`]s out: see there for the whole loop. The crates `aura-http`,
//! `aura-axum`, `aura-hyper`, `aura-warp` and `aura-blocking` are such hosts.
//!
//! * [`Auth::handle`] answers a request under the base path, or says which exchange with a provider it needs first.
//! * [`Auth::session`] reads the session that a request carries; [`Auth::visit`] renews it, too, for guards.
//! * [`provider`] says where users can sign in.
//! * The crate `aura-client` is the other end: what front ends and other servers ask for, as typed values.
//!
//! Nothing lives between two requests of a browser but cookies, so any instance with the secret can finish what another
//! began.
#![forbid(unsafe_code)]
#![cfg_attr(
    fuzzing,
    allow(missing_docs, missing_debug_implementations, reason = "private types are public to fuzz targets")
)]

mod action;
mod admission;
mod app_tokens;
mod auth;
#[cfg(test)]
mod client_tests;
mod config;
mod connection;
mod context;
mod cookie;
mod csrf;
mod entropy;
mod error;
mod event;
mod flow;
mod forwarded;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod internals;
mod keyring;
mod oauth;
mod oidc;
mod origin;
pub mod provider;
mod provider_tokens;
mod purpose;
mod query;
mod redirect;
#[doc(hidden)]
pub mod replay_door;
mod response;
mod route;
mod secret;
mod session;
mod severity;
mod visit;

pub use action::{Action, AdmitUser, Fetch, Pending, PendingAdmission};
pub use admission::{Admission, Admitted, Candidate};
pub use app_tokens::{Jose, TokenError};
pub use aura_jose::{
    Jwk, KeyError, Refused, SigningAlgorithm, SigningKey, UnknownAlgorithm, VerificationKey,
};
pub use aura_types::UnixTime;
pub use auth::Auth;
pub use config::{
    BoundCookieOverride, Builder, ConfigError, CookieOverride, Cookies, Finding, SecureStrategy,
    SessionTokenFormat,
};
pub use connection::{Connection, RequestHead};
pub use cookie::set::{Priority, SameSite, SetCookie};
pub use entropy::Entropy;
pub use error::{
    Error, ErrorWord, FetchError, HostError, IdTokenError, InvalidParameter, MemberName, ParameterIssue,
    ProviderError, RequestError, TokenRefusal,
};
pub use event::{DisplayClaim, Event};
pub use flow::io::Caching;
pub use forwarded::ForwardedFields;
pub use oidc::published_issuer::{IssuerDifference, PublishedIssuer};
pub use origin::{Origin, OriginPattern, Scheme};
pub use provider_tokens::{ProviderTokens, ProviderTokensError};
pub use purpose::Purpose;
pub use redirect::Location;
pub use response::{Body, Redirect, Respond};
pub use secret::{AccessToken, ClientSecret, IdToken, RefreshToken, Salt, Secret, WeakSecret};
pub use session::{Expiration, Session, SessionBuilder, SessionError, SessionPolicy, User};
pub use severity::Severity;
pub use visit::Visit;
