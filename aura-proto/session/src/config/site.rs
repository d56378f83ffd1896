//! What readings of a request depend on: keys, origins, cookies, and the policy of sessions.

use crate::cookie::CookieTable;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::keyring::Keyring;
use crate::limits::Limits;
use crate::origin::{Origin, Scheme, TrustedOrigins};
use crate::session::{SessionChecks, SessionPolicy};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

/// The ids of who issues tokens that are kept in cookies of this site.
pub trait Issuers: Debug + Send + Sync {
    /// Tells whether an id is one of them.
    fn include(&self, id: &str) -> bool;
}

impl<T: Debug + Send + Sync> Issuers for BTreeMap<String, T> {
    fn include(&self, id: &str) -> bool {
        self.contains_key(id)
    }
}

/// Options of sessions that have been checked.
#[derive(Clone, Debug)]
pub struct Site {
    /// The keys of the secret, and those of earlier ones.
    pub keyring: Keyring,
    /// The public origin, where it is configured.
    pub base_url: Option<Origin>,
    /// The path that browsers see in front of the base path.
    pub public_path: String,
    /// Whether the proxy says which path it took off.
    pub forwarded_prefix: ProxyHeaders,
    /// The trusted origins.
    pub trusted_origins: TrustedOrigins,
    pub(super) cookies: [CookieTable; 2],
    /// The policy of sessions.
    pub session: SessionPolicy,
    /// Whether the application checks every session.
    pub session_checks: SessionChecks,
    /// Whether the proxy says which origin it serves.
    pub proxy_headers: ProxyHeaders,
    /// Which fields the proxy writes.
    pub forwarded_fields: ForwardedFields,
    /// The limits of requests.
    pub limits: Limits,
    /// The ids whose cookies of tokens are this site's.
    pub issuers: Arc<dyn Issuers>,
    /// Whether the cookies have the prefix that every site has by default.
    pub has_usual_prefix: bool,
    /// Whether salt and secret differ.
    pub is_salt_apart: bool,
}

impl Site {
    /// Returns the cookies of a scheme.
    pub fn cookies(&self, scheme: Scheme) -> &CookieTable {
        let [plain, secure] = &self.cookies;
        match scheme {
            Scheme::Http => plain,
            Scheme::Https => secure,
        }
    }
}
