//! Values that servers and clients of Aura's routes share: times, users, tokens, strict JSON objects.
//!
//! `aura-proto` and `aura-client` export what their users need of it, and [`StrictObject`] is `aura-jose`'s, too: without the
//! feature `values` it is all that there is.
//!
//! ```
//! use aura_types::{Refused, StrictObject};
//! assert_eq!(StrictObject::parse(br#"{"admin":false,"admin":true}"#), Err(Refused));
//! assert!(StrictObject::parse(br#"{"admin":false}"#).is_ok());
//! ```
#![forbid(unsafe_code)]

mod object;
#[cfg(feature = "values")]
mod provider_tokens;
#[cfg(feature = "values")]
mod secret;
#[cfg(feature = "values")]
mod time;
#[cfg(feature = "values")]
mod user;
#[cfg(feature = "values")]
mod web;

pub use object::{NumericDate, Refused, StrictObject};

#[cfg(feature = "values")]
pub use {
    provider_tokens::ProviderTokens,
    secret::{AccessToken, IdToken, RefreshToken},
    time::UnixTime,
    user::User,
    web::{MediaType, parse_http_url},
};

// What `secret_text` writes.
#[cfg(feature = "values")]
#[doc(hidden)]
pub use {subtle::ConstantTimeEq, zeroize::Zeroizing};
