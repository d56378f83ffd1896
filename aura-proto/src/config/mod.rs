//! What may an application decide? Everything is checked once, at `build()`.

mod builder;
mod check;
mod error;
mod tokens;

pub use builder::Builder;
pub use error::ConfigError;
pub use tokens::Tokens;

use crate::cookie::CookieNames;
use crate::jose::keys::Keyring;
use crate::origin::{Origin, Scheme, TrustedOrigins};
use crate::provider::ValidProvider;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A configuration that has been checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) keyring: Keyring,
    pub(crate) base_url: Option<Origin>,
    pub(crate) base_path: String,
    pub(crate) trusted_origins: TrustedOrigins,
    cookies: [CookieNames; 2],
    pub(crate) session_max_age: Duration,
    pub(crate) providers: BTreeMap<String, Arc<ValidProvider>>,
}

impl Config {
    pub(crate) fn cookies(&self, scheme: Scheme) -> &CookieNames {
        let [plain, secure] = &self.cookies;
        match scheme {
            Scheme::Http => plain,
            Scheme::Https => secure,
        }
    }
}
