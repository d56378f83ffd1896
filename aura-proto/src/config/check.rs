//! Checks of the values that an application gives.

use super::ConfigError;
use crate::cookie::ATTEMPT_LIFETIME;
use crate::origin::{Origin, TrustedOrigins};
use crate::provider::{CheckedProvider, Provider, ProviderProblem};
use crate::redirect::{RedirectTo, is_plain_path};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// Longest life of an attempt.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(60 * 60);

pub(super) fn check_base_path(value: String) -> Result<String, ConfigError> {
    if is_plain_path(&value) { Ok(value) } else { Err(ConfigError::BasePath { value }) }
}

pub(super) fn check_public_path(value: String) -> Result<String, ConfigError> {
    if value.is_empty() || is_plain_path(&value) { Ok(value) } else { Err(ConfigError::PublicPath { value }) }
}

/// An attempt lives as long as its cookie, whose lifetime is in whole seconds.
pub(super) fn check_attempt_lifetime(lifetime: Duration) -> Result<Duration, ConfigError> {
    let is_sound = (ATTEMPT_LIFETIME..=LONGEST_ATTEMPT).contains(&lifetime) && lifetime.subsec_nanos() == 0;
    if is_sound { Ok(lifetime) } else { Err(ConfigError::AttemptLifetime) }
}

pub(super) fn check_error_page(value: String) -> Result<String, ConfigError> {
    // Any origin serves to find out whether the value is a path.
    let path = Origin::parse("https://example.com")
        .and_then(|own| RedirectTo::parse(&value, &own, &TrustedOrigins::default()))
        .is_some_and(|target| target.as_str() == value);
    if path && !value.contains('#') { Ok(value) } else { Err(ConfigError::ErrorPage { value }) }
}

pub(super) fn check_providers(
    providers: Vec<Provider>,
) -> Result<BTreeMap<String, Arc<CheckedProvider>>, ConfigError> {
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
        assert!(check_error_page("/failed?from=aura".to_owned()).is_ok());
        for value in ["/failed#here", "https://evil.test/failed", "//evil.test", "failed", ""] {
            let value = value.to_owned();
            assert_eq!(check_error_page(value.clone()), Err(ConfigError::ErrorPage { value }));
        }
    }
}
