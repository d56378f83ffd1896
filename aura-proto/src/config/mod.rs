//! The application's options, all checked once, at `build()`.

mod builder;
mod error;
mod finding;
mod findings;

pub use builder::Builder;
pub use error::ConfigError;
pub use finding::Finding;

use crate::cookie::{ATTEMPT_LIFETIME, LONGEST_ATTEMPT};
use crate::csrf::CsrfProtection;
use crate::forwarded::is_plain_path;
use crate::origin::{Origin, TrustedOrigins};
use crate::provider::{CheckedProvider, Provider, ProviderProblem};
use crate::redirect::RedirectTo;
use crate::route::{ProviderRoute, Route, SiteRoute};
use aura_session::internal::config::Site;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// A configuration that has been checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// What reading a session depends on.
    pub(crate) site: Site,
    pub(crate) base_path: String,
    pub(crate) error_page: Option<String>,
    pub(crate) sign_in_page: Option<String>,
    pub(crate) csrf_protection: CsrfProtection,
    pub(crate) attempt_lifetime: Duration,
    pub(crate) providers: Arc<BTreeMap<String, Arc<CheckedProvider>>>,
}

impl Config {
    /// Tells whether a provider is a configured OpenID Provider, which states when and how it authenticated a user.
    pub(crate) fn is_openid(&self, id: &str) -> bool {
        self.providers.get(id).is_some_and(|provider| provider.openid().is_some())
    }
}

/// A configuration is that of its sessions, and what sign-ins need beside it.
impl Deref for Config {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

fn check_public_path(value: String) -> Result<String, ConfigError> {
    if value.is_empty() || is_plain_path(&value) { Ok(value) } else { Err(ConfigError::PublicPath { value }) }
}

/// An attempt lives as long as its cookie, whose lifetime is in whole seconds.
fn check_attempt_lifetime(lifetime: Duration) -> Result<Duration, ConfigError> {
    let is_sound = (ATTEMPT_LIFETIME..=LONGEST_ATTEMPT).contains(&lifetime) && lifetime.subsec_nanos() == 0;
    if is_sound { Ok(lifetime) } else { Err(ConfigError::AttemptLifetime) }
}

/// The error page may be the built-in choice of a provider, and no other route: a sign-in that begins there may fail again.
fn check_error_page(value: String, base_path: &str) -> Result<String, ConfigError> {
    let may_be = |route: &Route| *route == Route::Site(SiteRoute::SignInPage);
    if is_page(&value, base_path, may_be) { Ok(value) } else { Err(ConfigError::ErrorPage { value }) }
}

/// The sign-in page may be the sign-in at a provider, and no other route: one of the site would lead to itself or end there.
fn check_sign_in_page(value: String, base_path: &str) -> Result<String, ConfigError> {
    let may_be = |route: &Route| matches!(route, Route::Provider(ProviderRoute::SignIn, _));
    if is_page(&value, base_path, may_be) { Ok(value) } else { Err(ConfigError::SignInPage { value }) }
}

/// Tells whether a text is a path of this site to which parameters can be added, and no route but those that it may be.
fn is_page(value: &str, base_path: &str, may_be: impl FnOnce(&Route) -> bool) -> bool {
    // Any origin serves to find out whether the value is a path.
    let target = Origin::parse("https://example.com")
        .and_then(|own| RedirectTo::parse(value, &own, &TrustedOrigins::default()));
    let is_path = target.is_some_and(|target| target.as_str() == value) && !value.contains('#');
    let route = Route::of(base_path, value.split('?').next().unwrap_or_default());
    is_path && route.as_ref().is_none_or(may_be)
}

fn check_providers(providers: Vec<Provider>) -> Result<BTreeMap<String, Arc<CheckedProvider>>, ConfigError> {
    let mut checked = BTreeMap::new();
    for provider in providers {
        let id = provider.id().to_owned();
        let problem = match (provider.validate(), checked.entry(id.clone())) {
            (Ok(provider), Entry::Vacant(entry)) => {
                entry.insert(Arc::new(provider));
                continue;
            }
            (Ok(_), Entry::Occupied(_)) => ProviderProblem::Duplicate,
            (Err(problem), _) => problem,
        };
        return Err(ConfigError::Provider { id, problem });
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_a_path_of_this_site_without_a_fragment() {
        assert!(check_error_page("/failed?from=aura".to_owned(), "/auth").is_ok());
        for value in
            ["/failed#here", "https://evil.test/failed", "//evil.test", "failed", "", "/auth/signIn/dev"]
        {
            let value = value.to_owned();
            assert_eq!(check_error_page(value.clone(), "/auth"), Err(ConfigError::ErrorPage { value }));
        }
    }

    #[test]
    fn a_sign_in_page_leads_to_no_route_of_the_site() {
        for value in ["/enter?x=1", "/auth/signIn/dev"] {
            assert!(check_sign_in_page(value.to_owned(), "/auth").is_ok(), "{value}");
        }
        for value in [
            "/auth/signIn",
            "/auth/signIn?x=1",
            "/auth/error",
            "/auth/session",
            "/auth/callback/dev",
            "enter",
        ] {
            let value = value.to_owned();
            assert_eq!(check_sign_in_page(value.clone(), "/auth"), Err(ConfigError::SignInPage { value }));
        }
    }
}
