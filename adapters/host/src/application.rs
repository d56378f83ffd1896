//! What an application needs of the core. Each adapter re-exports it, so that one dependency is enough.
//!
//! ```
//! use aura_host::application::{Auth, ClientSecret, Salt, Secret};
//! # let github = aura_host::provider::GITHUB;
//! let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
//! let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
//! let github = github.with_client("id", ClientSecret::new("secret"));
//! let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
//! assert!(auth.owns("/auth/session"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[doc(no_inline)]
pub use aura_proto::{
    Admission, Admitted, Auth, Builder, Candidate, ClientSecret, ConfigError, Connection, CookieOverride,
    Cookies, CsrfProtection, DeviceSession, Error, Event, Expiration, FetchError, Finding, FormToken,
    KeyError, LimitRule, Limits, NoTokens, ProviderTokens, ProviderTokensError, Quota, Reader, ReadyTokens,
    Refusal, RefusalCode, RequestError, Respond, Salt, Scheme, Secret, SecureStrategy, Session,
    SessionDecision, SessionError, SessionPolicy, SessionTokenFormat, SigningAlgorithm, SigningKey, UnixTime,
    User, VerificationKey, Visit,
};
