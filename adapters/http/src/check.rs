//! Checks of the providers, for health checks.

use crate::driver::Driver;
use aura_host::Terms;
use aura_proto::ProviderError;
use std::collections::BTreeMap;

impl Driver {
    /// Checks, without a browser, that each OpenID Provider publishes a configuration that sign-ins can use: for health checks.
    /// Answers are kept as those of sign-ins are: a good one for an hour, a failure for five seconds, so that a check may be made often.
    /// Providers are asked one after another. Those that are no OpenID Providers are asked nothing, and are `Ok`.
    ///
    /// ```
    /// # async fn health(driver: &aura_http::Driver) -> http::StatusCode {
    /// let broken = driver.check_providers().await.into_iter().find_map(|(id, found)| Some((id, found.err()?)));
    /// match broken {
    ///     None => http::StatusCode::OK,
    ///     Some((id, error)) => {
    ///         eprintln!("{id}: {error}");
    ///         http::StatusCode::SERVICE_UNAVAILABLE
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn check_providers(&self) -> BTreeMap<String, Result<(), ProviderError>> {
        let mut found: BTreeMap<_, _> =
            self.auth().providers().map(|(id, _)| (id.to_owned(), Ok(()))).collect();
        for check in self.auth().provider_checks() {
            let outcome =
                self.outcome(check.request.clone(), Terms::from(&check), |answer| check.keeps(answer)).await;
            found.insert(check.provider.clone(), check.read(outcome));
        }
        found
    }
}
