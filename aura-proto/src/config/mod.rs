//! The application's options, all checked once, at `build()`.

mod builder;
mod check;
mod cookie_table;
mod cookies;
mod error;
mod finding;
mod findings;
mod tokens;

pub use builder::Builder;
pub use cookies::{BoundCookieOverride, CookieOverride, Cookies, SecureStrategy};
pub use error::ConfigError;
pub use finding::Finding;
pub use tokens::SessionTokenFormat;

use crate::cookie::CookieTable;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::keyring::Keyring;
use crate::origin::{Origin, Scheme, TrustedOrigins};
use crate::provider::CheckedProvider;
use crate::session::SessionPolicy;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A configuration that has been checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) keyring: Keyring,
    pub(crate) base_url: Option<Origin>,
    pub(crate) base_path: String,
    /// What browsers see in front of the base path.
    pub(crate) public_path: String,
    pub(crate) forwarded_prefix: ProxyHeaders,
    pub(crate) trusted_origins: TrustedOrigins,
    cookies: [CookieTable; 2],
    has_usual_prefix: bool,
    pub(crate) session: SessionPolicy,
    pub(crate) error_page: Option<String>,
    pub(crate) attempt_lifetime: Duration,
    pub(crate) proxy_headers: ProxyHeaders,
    pub(crate) forwarded_fields: ForwardedFields,
    pub(crate) providers: BTreeMap<String, Arc<CheckedProvider>>,
}

impl Config {
    pub(crate) fn cookies(&self, scheme: Scheme) -> &CookieTable {
        let [plain, secure] = &self.cookies;
        match scheme {
            Scheme::Http => plain,
            Scheme::Https => secure,
        }
    }
}
