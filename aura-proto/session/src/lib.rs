//! Sessions of Aura without sign-ins: tokens, cookies, keys of the secret, and rows of a store.
//!
//! A service beside the one where users sign in asks [`Sessions`] who is signed in. The service has the secret and the salt of that site.
//! This crate makes no request, and knows no endpoint of OAuth or OpenID Connect. Applications where users sign in depend on
//! `aura-proto`, which re-exports what they need of this crate.
//!
//! Like `aura-proto`, it is a pure function: time and entropy are arguments, and there is no clock, no random source, no socket and no
//! log.
//!
//! # Who is signed in
//! ```
//! use aura_session::{Cookies, Salt, Secret, SessionPolicy, Sessions, UnixTime};
//! use http::{Request, header};
//!
//! // The secret, the salt and the options of the site where users sign in.
//! let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
//! let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
//! # let keys = aura_session::internal::keyring::Keys::derive_for(&Default::default(), &secret, &salt).map_err(|_| "keys")?;
//! # let policy = SessionPolicy::default().issuer("https://app.test");
//! let sessions = Sessions::builder(secret, salt)
//!     .base_url("https://app.test")
//!     .cookies(Cookies::default().prefix("shop"))
//!     .session(SessionPolicy::default().issuer("https://app.test"))
//!     .build()?;
//!
//! // A host reads its clock. `token` is what the browser got at the sign-in.
//! let now = UnixTime::from_secs(1_790_000_000);
//! # let session = aura_session::Session::begin(aura_session::User::new("583231"), "github".into(), now, &policy);
//! # let token = session.seal(&keys, &policy, &mut aura_session::Entropy::from_os_bytes([1; 32])).map_err(|_| "a token")?;
//! let cookie = format!("theme=dark; __Host-shop.session_token={token}");
//! let request = Request::get("/orders").header(header::COOKIE, cookie).body(())?;
//! let session = sessions.session(&request, now)?;
//! assert_eq!(session.identity(), (Some("github"), "583231"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A browser sends a cookie whose name begins with `__Host-` to one host alone. For a service at another host, both sites set
//! [`CookieOverride::domain`]. [`Builder`] lists the options that have to be as at the site, and those that are the service's own.
//!
//! # What sharing the secret means
//! Whoever runs the service can forge sessions, CSRF tokens and attempts of the site, can open the provider tokens in its users' cookies,
//! and can sign the application's own tokens ([`Jose`]). Share the secret only with services that are trusted as the site is. A service
//! that is trusted less asks the site, or verifies session tokens with the public half of a key pair.
//!
//! # Requests of other sites' pages
//! [`Sessions::session`] does not check that a request comes from a page of the site: a browser may add the cookie to a request that
//! another page makes. A service does one of these:
//!
//! * It changes nothing by a request that has a session: it answers `GET` and `HEAD` alone.
//! * It refuses each other request without `Sec-Fetch-Site: same-origin`, which browsers send since 2023 and no page can set.
//! * The site passes those requests on to it, after its own check of the CSRF token.
//!
//! # What it cannot read
//! * Sessions in a store, with `recheck` or without: the cookie holds a ticket, and the answer is [`SessionError::NeedsStore`]. Where a site
//!   moves its sessions to a store, the service gets the new policy first. Else it reads sealed sessions that the site accepts no more.
//! * Sessions that the application checks: with `check_sessions()`, the answer is [`SessionError::NeedsCheck`]. Such a service asks the site.
//!
//! # Versions
//! `aura-proto` needs exactly the `aura-session` of its own version. A workspace that has both has one version of them.
#![forbid(unsafe_code)]

mod app_tokens;
mod config;
mod connection;
mod cookie;
mod counting;
mod csrf;
mod entropy;
mod forwarded;
mod http_sign;
mod incoming;
#[doc(hidden)]
pub mod internal;
mod json;
mod keyring;
mod limits;
mod origin;
mod outgoing;
mod parameters;
mod provider_tokens;
mod quoted;
mod reader;
mod secret;
mod session;
mod sessions;
mod severity;
mod stored;
mod tables;

pub use app_tokens::{Jose, TokenError};
pub use aura_jose::{KeyError, Refused, SigningAlgorithm, SigningKey, UnknownAlgorithm, VerificationKey};
pub use aura_types::UnixTime;
pub use config::{
    BoundCookieOverride, ConfigError, CookieOverride, Cookies, SecureStrategy, SessionTokenFormat,
};
pub use connection::{Connection, RequestHead};
pub use cookie::set::{Priority, SameSite, SetCookie};
pub use csrf::CsrfProtection;
pub use entropy::Entropy;
pub use forwarded::ForwardedFields;
pub use http_sign::HttpSign;
pub use limits::{LimitRule, Limits, Quota, QuotaDecision, Throttled};
pub use origin::{Origin, OriginPattern, Scheme};
pub use parameters::{InvalidParameter, MemberName, ParameterIssue};
pub use quoted::Quoted;
pub use reader::Reader;
pub use secret::{Salt, Secret, WeakSecret};
pub use session::{Expiration, Session, SessionBuilder, SessionError, SessionPolicy, User};
pub use sessions::{Builder, Sessions};
pub use severity::Severity;
pub use stored::row::DeviceSession;
