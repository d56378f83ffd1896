//! Sign-in by OAuth 2.0 and OpenID Connect, as a sans-IO state machine.
//!
//! The core is a pure function: `(configuration, request, provider answers, time, entropy) -> actions`. It has no clock, no
//! random source, no socket and no log. Equal inputs give equal outputs, bit for bit. A host performs the [`Action`]s.
//! The crates `aura-axum`, `aura-hyper`, `aura-warp`, `aura-tower`, `aura-actix` and `aura-blocking` are such hosts, and
//! `aura-http` is the host for other async servers.
//!
//! Between two requests of a browser, its cookies hold all state, except sessions that are kept in a store. Any instance that has the secret can continue a sign-in that
//! another instance began.
//!
//! # One sign-in
//! ```
//! use aura_proto::{Action, Auth, ClientSecret, Entropy, Purpose, Salt, Secret, UnixTime};
//! use aura_providers::GITHUB;
//! use bytes::Bytes;
//! use http::{HeaderMap, Request, Response, header};
//!
//! let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
//! let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
//! let auth = Auth::builder(secret, salt)
//!     .base_url("https://app.test")
//!     .provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
//!     .build()?;
//! // A host reads its clock, and draws 32 bytes of the system's random source for each request.
//! let now = UnixTime::from_secs(1_790_000_000);
//! let cookie_of = |headers: &HeaderMap, kind: &str| {
//!     let mut fields = headers.get_all(header::SET_COOKIE).iter().filter_map(|field| field.to_str().ok());
//!     let set = fields.find(|field| field.contains(kind))?;
//!     set.split(';').next().map(str::to_owned)
//! };
//!
//! // 1. The browser asks to sign in. It gets a sealed attempt as a cookie, and goes to GitHub.
//! let request = Request::get("/auth/signIn/github").body(Bytes::new())?;
//! let Action::Redirect(redirect) = auth.handle(request, now, Entropy::from_os_bytes([1; 32])) else {
//!     panic!("GitHub needs no discovery");
//! };
//! let to_github = redirect.into_response();
//! let location = url::Url::parse(to_github.headers()[header::LOCATION].to_str()?)?;
//! assert_eq!(location.host_str(), Some("github.com"));
//! let attempt = cookie_of(to_github.headers(), ".state.").ok_or("an attempt")?;
//! let state = location.query_pairs().find(|(name, _)| name == "state").ok_or("a state")?.1;
//!
//! // 2. GitHub sends the browser back, with a code. The core returns one fetch after another, and the host performs each.
//! let request = Request::get(format!("/auth/callback/github?code=c0de&state={state}"))
//!     .header(header::COOKIE, attempt)
//!     .body(Bytes::new())?;
//! let mut action = auth.handle(request, now, Entropy::from_os_bytes([2; 32]));
//! let response = loop {
//!     action = match action.into_fetch() {
//!         Ok((purpose, fetch)) => {
//!             // A host sends `fetch.request`. Here are the answers.
//!             let answer = match purpose {
//!                 Purpose::Token => r#"{"access_token":"gho_x","token_type":"bearer"}"#,
//!                 _ => r#"{"id":583231,"login":"ada","name":"Ada Lovelace","email":"ada@example.com"}"#,
//!             };
//!             fetch.pending.resume(Ok(Response::new(answer.into())), now)
//!         }
//!         // The application decides whether the user may sign in.
//!         Err(Action::AdmitUser(question)) => question.admit(now),
//!         Err(Action::Redirect(redirect)) => break redirect.into_response(),
//!         Err(Action::Respond(respond)) => break respond.into_response(),
//!         Err(_) => unreachable!("no store, check or limit is configured"),
//!     };
//! };
//! assert_eq!((response.status().as_u16(), &response.headers()[header::LOCATION]), (302, &"/".parse()?));
//!
//! // 3. From then on the browser sends the session.
//! let session = cookie_of(response.headers(), "session_token").ok_or("a session")?;
//! let page = Request::get("/account").header(header::COOKIE, session).body(())?;
//! let session = auth.session(&page, now)?;
//! assert_eq!(session.identity(), (Some("github"), "583231"));
//! assert_eq!(session.user().name(), Some("Ada Lovelace"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! | to | see |
//! |---|---|
//! | configure a site | [`Auth::builder`], [`Builder`], [`SessionPolicy`], [`Cookies`] |
//! | choose where users sign in | [`provider`]; the crate `aura-providers` has the built-in providers |
//! | answer the routes | [`Auth::handle`], [`Action`], [`Pending`] |
//! | read who is signed in | [`Auth::session`]; [`Auth::visit`] renews the session, too, for guards |
//! | decide who may sign in | [`Candidate`], [`Admission`] |
//! | end sessions before their time | [`Session::began_before`], [`SessionDecision`], [`Builder::check_sessions`] |
//! | require a recent or a strong authentication | [`StepUp`], [`Session::is_fresh`], [`Session::acr`] |
//! | check a form or a script's request | [`Auth::check_csrf`] |
//! | call a provider for the user | [`Auth::provider_tokens`] |
//! | sign tokens of the application's own | [`Auth::jose`] |
//! | limit requests | [`Limits`], [`Quota`], [`Auth::count_request`] |
//! | watch what happens | [`Event`], [`Error`], [`Auth::findings`] |
//!
//! The crate `aura-manual` is the manual: a sign-in step by step, a host of one's own, production, every error and every provider.
//!
//! The crate `aura-session` has sessions, cookies, keys and the rows of a store, without sign-ins. This crate re-exports what its
//! applications need of it. A service that only asks who is signed in can depend on `aura-session` alone.
//!
//! The crate `aura-oauth` has the messages and checks of OAuth 2.0 and OpenID Connect, and [`provider`]. A crate of providers can
//! depend on it alone.
//!
//! The crate `aura-client` is the client side: typed requests to the routes, for front ends and other servers. To read the core,
//! begin at `Auth::handle`, `flow/mod.rs` and `flow/sign_in.rs`, and go on with `flow/callback.rs`: a flow is one function, in the
//! order of its RFC.
#![forbid(unsafe_code)]
#![cfg_attr(
    fuzzing,
    allow(missing_docs, missing_debug_implementations, reason = "private types are public to fuzz targets")
)]

mod action;
mod admission;
mod auth;
#[cfg(test)]
mod client_tests;
mod config;
#[cfg(test)]
mod connection_tests;
mod context;
mod error;
mod event;
mod flow;
mod forms;
mod html;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod internals;
mod provider_tokens;
mod purpose;
mod ready_tokens;
mod redirect;
mod refusal;
#[cfg(feature = "replay-door")]
#[doc(hidden)]
pub mod replay_door;
mod response;
mod route;
mod session;
mod visit;

// Modules of aura-oauth and aura-session, which this crate uses as its own.
use aura_oauth::internal::{oauth, oidc, query, refused, secret};
use aura_session::internal::{
    app_tokens, connection, cookie, counting, csrf, entropy, forwarded, http_sign, incoming, json, keyring,
    limits, origin, outgoing, parameters, quoted, reader, severity, stored,
};

pub use action::{
    Action, AdmitUser, Ask, CheckSession, Fetch, GoOn, Pending, PendingAdmission, PendingCheck,
    PendingReading, Reading, StoreQuestion,
};
pub use admission::{Admission, Admitted, Candidate};
pub use aura_jose::{
    Jwk, KeyError, Refused, SigningAlgorithm, SigningKey, UnknownAlgorithm, VerificationKey,
};
#[doc(inline)]
pub use aura_oauth::{
    AccessToken, ClientSecret, DisplayClaim, ErrorWord, IdToken, IssuerDifference, PublishedIssuer,
    RefreshToken,
};
#[doc(inline)]
pub use aura_session::{
    BoundCookieOverride, Connection, CookieOverride, Cookies, CsrfProtection, DeviceSession, Entropy,
    Expiration, ForwardedFields, HttpSign, InvalidParameter, Jose, LimitRule, Limits, MemberName, Origin,
    OriginPattern, ParameterIssue, Priority, Quota, QuotaDecision, Quoted, Reader, RequestHead, Salt,
    SameSite, Scheme, Secret, SecureStrategy, Session, SessionBuilder, SessionError, SessionPolicy,
    SessionTokenFormat, SetCookie, Severity, Throttled, TokenError, User, WeakSecret,
};
pub use aura_types::UnixTime;
pub use auth::{Auth, ProviderCheck};
pub use config::{Builder, ConfigError, Finding};
pub use error::{
    Error, FetchError, HostError, IdTokenError, ProviderError, RefusalCode, RequestError, TokenRefusal,
};
pub use event::Event;
pub use flow::io::Caching;
pub use forms::FormToken;
pub use provider_tokens::{ProviderTokens, ProviderTokensError};
pub use purpose::Purpose;
pub use ready_tokens::{NoTokens, ReadyTokens};
pub use redirect::Location;
pub use refusal::Refusal;
pub use response::{Body, Redirect, Respond};
pub use session::{SessionDecision, StepUp};
pub use visit::{ClaimsUpdate, NoSession, Visit};

/// Providers: their options, and their rows.
pub mod provider {
    #[doc(inline)]
    pub use aura_oauth::provider::{
        AssertionAudience, ClaimsSource, EndSession, IdTokenKey, IssParameter, Profile, ProfileError,
        ProofKey, Protocol, Provider, ProviderProblem, PushedRequests, Row, RowPointers, RowProfile,
        SecretPlacement, SignOutScope, TokenRetention, UnsolicitedCallbacks, UserInfoMethod,
    };

    pub(crate) use aura_oauth::internal::provider::{
        CheckedProvider, Endpoints, IdTokens, Kept, OpenId, OpenIdServer, ProviderOptions, ResponseMode,
    };
}

/// What a store of sessions, and one of counts, keeps and is asked, for hosts and for stores.
pub mod store {
    #[doc(inline)]
    pub use crate::limits::{Cost, CountDecision, CountRequest, Counted, SwapCount};
    #[doc(inline)]
    pub use crate::stored::questions::{
        BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
        ProviderSessionKey, ReplaceSession, Replaced, SessionKey, SessionRow, StoreFailed,
    };
}
