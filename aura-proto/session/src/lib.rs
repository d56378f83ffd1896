//! Sessions of Aura without sign-ins: tokens, cookies, keys of the secret, CSRF tokens, and rows of a store.
//!
//! A service beside the one where users sign in, which has its secret and its salt, asks [`Sessions`] who is signed in. Neither this
//! crate nor what it depends on contains OAuth, OpenID Connect, a flow or a provider. Applications where users sign in depend on
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
//! [`CookieOverride::domain`]. Where the policy keeps sessions in a store, the cookie holds a ticket, and the answer is
//! [`SessionError::NeedsStore`].
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
mod parameters;
mod provider_tokens;
mod quoted;
mod reader;
mod renewal;
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
