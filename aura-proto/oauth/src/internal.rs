//! Internals for `aura-proto`, which signs users in with them.
//!
//! Hidden, and no part of the API: items change without notice, so `aura-proto` depends on one exact version of this crate.

/// Opens the items of modules.
macro_rules! modules {
    ($($name:ident = $($path:path),+;)+) => {$(
        pub mod $name {
            $(pub use $path::*;)+
        }
    )+};
}

modules! {
    oauth = crate::oauth;
    oidc = crate::oidc;
    provider = crate::provider::check, crate::provider::configured, crate::provider::endpoints;
    query = crate::query;
    refused = crate::refused;
    secret = crate::secret;
}
