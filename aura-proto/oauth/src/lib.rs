//! Messages and checks of OAuth 2.0 and OpenID Connect, and the providers that a site is configured with. It has no flow.
//!
//! Applications depend on `aura-proto`, which signs users in with it and re-exports what they configure. Crates that have providers
//! as data, as `aura-providers` does, depend on this crate alone.
//!
//! Like `aura-proto`, it is a pure function: time and entropy are arguments, and there is no clock, no random source, no socket and no
//! log. It has no route and no cookie. Of a browser's requests it reads only the parameters of a callback. Its messages and checks
//! are hidden, and for `aura-proto` only.
//!
//! # A provider
//! A [`Row`](provider::Row) is what is known of a provider: its endpoints, its scope, and where its answers describe the user.
//!
//! ```
//! use aura_oauth::provider::Row;
//! use aura_oauth::ClientSecret;
//!
//! /// <https://git.example.com/docs/oauth>
//! const FORGE: Row = Row::oauth("forge", "Forge")
//!     .endpoints("https://git.example.com/authorize", "https://git.example.com/token", "https://git.example.com/api/user")
//!     .scope("read:user")
//!     .pointers(&["/id"], &["/full_name", "/login"], &["/email"], &["/avatar_url"]);
//!
//! // The application adds its client, and gives the provider to the builder of `aura-proto`.
//! let forge = FORGE.with_client("client-id", ClientSecret::new("client-secret"));
//! assert_eq!((forge.id(), forge.name()), ("forge", "Forge"));
//! ```
//!
//! # Versions
//! `aura-proto` needs exactly the `aura-oauth` of its own version. A workspace that has both has one version of them.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod internal;
mod oauth;
mod oidc;
pub mod provider;
mod query;
mod refused;
mod secret;

pub use aura_types::{AccessToken, IdToken, RefreshToken, User};
pub use oauth::error_word::ErrorWord;
pub use oidc::issuer::{IssuerDifference, PublishedIssuer};
pub use provider::profile::DisplayClaim;
pub use secret::ClientSecret;
