//! Configuration from the environment, read through a look-up that the application passes.
//!
//! A key is looked for under four names, here `SECRET`: `AURA_AUTH_SECRET`, `AURA_SECRET`, `AUTH_SECRET` and `SECRET`.
//! The first that is defined counts, even if it is empty.
//!
//! | Key | Meaning |
//! |---|---|
//! | `SECRET`, `SALT` | at least 32 bytes and 128 bits each; required by [`Auth::from_env`](crate::Auth::from_env) |
//! | `PREVIOUS_SECRETS` | a list of secrets used before, whose sessions still open |
//! | `BASE_URL` | the public origin; empty or `/` says nothing |
//! | `TRUSTED_ORIGINS` | a list of origins and patterns; an empty one says nothing |
//! | `TRUSTED_PROXY_HEADERS` | `1`, `true`, `yes`, `on` or `debug`; everything else is no |
//! | `SIGNING_PRIVATE_KEY`, `SIGNING_PUBLIC_KEY` | a key pair that signs session tokens, as PEM; `\n` may stand for line breaks |
//! | `SIGNING_ALG`, `SIGNING_ALGORITHM` | its algorithm, `RS256` where nothing is said; without a pair, the hash: `HS256`, `HS384` or `HS512` |
//! | `PRIVATE_KEY`, `PUBLIC_KEY`; `ALGORITHM`, `ALG` | the same where no `SIGNING_*` says it, and only with a prefix: without one they are too often somebody else's |
//! | `ENCRYPTION_ALG`, `ENCRYPTION_ALGORITHM` | `dir`, if anything |
//! | `ENCRYPTION_PRIVATE_KEY`, `ENCRYPTION_PUBLIC_KEY` | refused: no key pair can encrypt here |
//! | `DEBUG`, `LOG_LEVEL` | what a host should log: see [`log_level`] |
//! | `<ID>_CLIENT_ID`, `<ID>_CLIENT_SECRET` | add the provider of a row; its id in capitals, `-` as `_` |
//! | `<ID>_ISSUER`, `<ID>_<PART>` | the issuer of an OpenID Provider, and what a row leaves open in it, such as `AUTHENTIK_APPLICATION_SLUG` |
//!
//! Lists are separated by commas, semicolons or line breaks.
//!
//! Other implementations of the contract take a key pair *instead of* a secret, and ignore it where there is a secret.
//! Here a secret is always needed, for everything but sessions has its keys from it; a key pair beside it signs session
//! tokens, so that who holds the public half alone can verify them (RFC 7515 section 10.3). Remove the pair to share
//! sessions with an implementation that signs with the secret. The core signs with Ed25519; RSA and ECDSA need a reader
//! of keys that the host gives: [`Auth::from_env_with_keys`](crate::Auth::from_env_with_keys) and `aura_http::signing_key`.

mod error;
mod keys;
mod log;

pub use error::EnvError;
pub use keys::{ReadKey, read_key};
pub use log::{LogLevel, log_level};

use crate::config::Builder;
use crate::forwarded::ProxyHeaders;
use crate::origin::{Origin, OriginPattern};
use crate::provider::{Provider, Row};
use crate::secret::{ClientSecret, Salt, Secret, WeakSecret};

/// What stands before a key, the first that is defined counting.
const PREFIXES: [&str; 4] = ["AURA_AUTH_", "AURA_", "AUTH_", ""];

/// A look-up of environment variables, such as `&|name| std::env::var(name).ok()`.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Looks a key up under its four names, and returns the name and the value of the first that is defined.
///
/// ```
/// use aura_proto::env::variable;
/// let lookup = |name: &str| (name == "AUTH_BASE_URL").then(|| "https://example.com".to_owned());
/// let found = variable(&lookup, "BASE_URL");
/// assert_eq!(found, Some(("AUTH_BASE_URL".to_owned(), "https://example.com".to_owned())));
/// ```
pub fn variable(lookup: Lookup<'_>, key: &str) -> Option<(String, String)> {
    PREFIXES.iter().find_map(|prefix| {
        let name = format!("{prefix}{key}");
        lookup(&name).map(|value| (name, value))
    })
}

/// Begins a configuration with what the environment says: `Auth::from_env_with_keys`.
pub(crate) fn builder(lookup: Lookup<'_>, rows: &[Row], read_key: ReadKey<'_>) -> Result<Builder, EnvError> {
    let secret = required(lookup, "SECRET", Secret::new).map_err(|error| keys::pem_key(lookup, error))?;
    let mut builder = Builder::new(secret, required(lookup, "SALT", Salt::new)?);
    if let Some((variable, text)) = variable(lookup, "PREVIOUS_SECRETS") {
        for previous in list(&text) {
            let weak = |weakness| EnvError::Weak { variable: variable.clone(), weakness };
            builder = builder.previous_secret(Secret::new(previous).map_err(weak)?);
        }
    }
    builder.with_env_and_keys(lookup, rows, read_key)
}

impl Builder {
    /// Replaces base URL, trusted origins, trust in proxy headers and what signs session tokens by those of the
    /// environment, where it has them, and adds every row whose credentials are there; see the table of [`env`](crate::env).
    ///
    /// # Errors
    /// [`EnvError`] names the variable and the remedy.
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder) -> Result<aura_proto::Builder, aura_proto::env::EnvError> {
    /// builder.base_url("http://localhost:3000").with_env(&|name| std::env::var(name).ok(), aura_providers::ROWS)
    /// # }
    /// ```
    pub fn with_env(self, lookup: Lookup<'_>, rows: &[Row]) -> Result<Self, EnvError> {
        self.with_env_and_keys(lookup, rows, &read_key)
    }

    /// Does the same with a reader of key pairs, such as `aura_http::signing_key`, so that RSA and ECDSA can sign.
    ///
    /// # Errors
    /// [`EnvError`] names the variable and the remedy.
    ///
    /// ```
    /// use aura_proto::{Builder, env::{EnvError, ReadKey}};
    /// fn configure(builder: Builder, by_the_host: ReadKey<'_>) -> Result<Builder, EnvError> {
    ///     builder.base_url("http://localhost:3000").with_env_and_keys(&|name| std::env::var(name).ok(), aura_providers::ROWS, by_the_host)
    /// }
    /// # let _ = configure;
    /// ```
    pub fn with_env_and_keys(
        mut self,
        lookup: Lookup<'_>,
        rows: &[Row],
        read_key: ReadKey<'_>,
    ) -> Result<Self, EnvError> {
        self.tokens = keys::tokens(self.tokens, lookup, read_key)?;
        if let Some((variable, value)) = base_url(lookup) {
            if Origin::parse(&value).is_none() {
                return Err(EnvError::BaseUrl { variable, value });
            }
            self.base_url = Some(value);
        }
        if let Some((variable, text)) = variable(lookup, "TRUSTED_ORIGINS") {
            let origins: Vec<_> = list(&text).map(str::to_owned).collect();
            if let Some(value) = origins.iter().find(|origin| OriginPattern::parse(origin).is_none()) {
                return Err(EnvError::TrustedOrigin { variable, value: value.clone() });
            }
            if !origins.is_empty() {
                self.trusted_origins = origins;
            }
        }
        if let Some((_, text)) = variable(lookup, "TRUSTED_PROXY_HEADERS") {
            self.proxy_headers = if is_yes(&text) { ProxyHeaders::Trusted } else { ProxyHeaders::Ignored };
        }
        for row in rows {
            if let Some(provider) = row.from_env(lookup)? {
                self = self.provider(provider);
            }
        }
        Ok(self)
    }
}

impl Row {
    /// Adds the credentials that the environment has; `None` if it has none.
    ///
    /// # Errors
    /// [`EnvError::HalfCredentials`] if it has but one of the two.
    ///
    /// ```
    /// use aura_providers::GITHUB;
    /// let lookup = |name: &str| name.starts_with("GITHUB_CLIENT_").then(|| "from GitHub's console".to_owned());
    /// assert!(GITHUB.from_env(&lookup)?.is_some());
    /// assert!(GITHUB.from_env(&|_| None)?.is_none());
    /// # Ok::<(), aura_proto::env::EnvError>(())
    /// ```
    pub fn from_env(&self, lookup: Lookup<'_>) -> Result<Option<Provider>, EnvError> {
        let id = self.id.replace('-', "_").to_ascii_uppercase();
        let find = |key: &str| variable(lookup, key).filter(|(_, value)| !value.is_empty());
        let (id_key, secret_key) = (format!("{id}_CLIENT_ID"), format!("{id}_CLIENT_SECRET"));
        match (find(&id_key), find(&secret_key)) {
            (Some((_, client_id)), Some((_, secret))) => {
                let provider = self.with_client(client_id, ClientSecret::new(secret));
                Ok(Some(
                    provider.issuer_from_env(&|key| find(&format!("{id}_{key}")).map(|(_, value)| value)),
                ))
            }
            (Some((present, _)), None) => Err(EnvError::HalfCredentials { variable: secret_key, present }),
            (None, Some((present, _))) => Err(EnvError::HalfCredentials { variable: id_key, present }),
            (None, None) => Ok(None),
        }
    }
}

/// Returns the variable that names the public origin, unless it says nothing.
fn base_url(lookup: Lookup<'_>) -> Option<(String, String)> {
    variable(lookup, "BASE_URL").filter(|(_, value)| !matches!(value.as_str(), "" | "/"))
}

fn required<T>(
    lookup: Lookup<'_>,
    key: &str,
    parse: impl Fn(&str) -> Result<T, WeakSecret>,
) -> Result<T, EnvError> {
    let Some((variable, text)) = variable(lookup, key) else {
        return Err(EnvError::Missing { variable: format!("AURA_AUTH_{key}") });
    };
    parse(&text).map_err(|weakness| EnvError::Weak { variable, weakness })
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty())
}

fn is_yes(text: &str) -> bool {
    let text = text.trim();
    ["1", "true", "yes", "on", "debug"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Auth;
    use crate::provider::test_rows::GITHUB;

    const SECRET: (&str, &str) = ("AURA_AUTH_SECRET", "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK");
    const SALT: (&str, &str) = ("AURA_AUTH_SALT", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");

    fn read(variables: &[(&str, &str)]) -> Result<Builder, EnvError> {
        let all = [variables, &[SECRET, SALT]].concat();
        let lookup =
            |name: &str| all.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        Auth::from_env(&lookup, &[GITHUB])
    }

    #[test]
    fn each_mistake_names_its_variable_and_the_remedy() {
        let name = |name: &str| name.to_owned();
        for (variables, error) in [
            (
                [("AURA_AUTH_SECRET", ""), ("SECRET", SECRET.1)],
                EnvError::Weak { variable: name("AURA_AUTH_SECRET"), weakness: WeakSecret::TooShort },
            ),
            (
                [("AURA_AUTH_SALT", "mysecretmysecretmysecretmysecret"), SECRET],
                EnvError::Weak { variable: name("AURA_AUTH_SALT"), weakness: WeakSecret::TooPredictable },
            ),
            (
                [("PREVIOUS_SECRETS", "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE, short"), SECRET],
                EnvError::Weak { variable: name("PREVIOUS_SECRETS"), weakness: WeakSecret::TooShort },
            ),
            (
                [("AUTH_BASE_URL", "example.com"), SECRET],
                EnvError::BaseUrl { variable: name("AUTH_BASE_URL"), value: name("example.com") },
            ),
            (
                [("TRUSTED_ORIGINS", "https://a.test; *"), SECRET],
                EnvError::TrustedOrigin { variable: name("TRUSTED_ORIGINS"), value: name("*") },
            ),
            (
                [("AURA_GITHUB_CLIENT_ID", "id"), ("GITHUB_CLIENT_SECRET", "")],
                EnvError::HalfCredentials {
                    variable: name("GITHUB_CLIENT_SECRET"),
                    present: name("AURA_GITHUB_CLIENT_ID"),
                },
            ),
        ] {
            let found = read(&variables).unwrap_err();
            assert_eq!(found, error);
            let sentence = found.to_string();
            assert!(sentence.starts_with(error.variable()) && sentence.contains("; "), "{sentence}");
        }
    }

    #[test]
    fn a_secret_is_required_and_a_pem_key_is_none() {
        let only = |name: &'static str| move |other: &str| (other == name).then(|| "a key".to_owned());
        let missing = EnvError::Missing { variable: "AURA_AUTH_SECRET".to_owned() };
        assert_eq!(Auth::from_env(&|_| None, &[]).unwrap_err(), missing);
        let pem = EnvError::PemKey { variable: "AUTH_SIGNING_PRIVATE_KEY".to_owned() };
        assert_eq!(Auth::from_env(&only("AUTH_SIGNING_PRIVATE_KEY"), &[]).unwrap_err(), pem);
    }

    #[test]
    fn the_first_name_that_is_defined_counts() {
        let names = ["AURA_AUTH_BASE_URL", "AURA_BASE_URL", "AUTH_BASE_URL", "BASE_URL"];
        for first in 0..names.len() {
            let hosts = ["https://0.test", "https://1.test", "https://2.test", "https://3.test"];
            let variables: Vec<_> = names.into_iter().zip(hosts).skip(first).collect();
            assert_eq!(read(&variables).unwrap().base_url.as_deref(), Some(hosts[first]));
        }
        let hidden = [("AURA_BASE_URL", ""), ("BASE_URL", "https://a.test")];
        assert_eq!(read(&hidden).unwrap().base_url, None);
    }

    #[test]
    fn the_environment_wins_over_what_was_set_before_where_it_says_something() {
        let strong = Secret::new(SECRET.1).unwrap();
        let builder = Auth::builder(strong, Salt::new(SALT.1).unwrap())
            .base_url("https://before.test")
            .trusted_origins(["https://before.test"])
            .trusted_proxy_headers();
        let silent = |name: &str| match name {
            "BASE_URL" => Some("/".to_owned()),
            "TRUSTED_ORIGINS" => Some(" ; ,".to_owned()),
            _ => None,
        };
        let builder = builder.with_env(&silent, &[]).unwrap();
        assert_eq!(builder.base_url.as_deref(), Some("https://before.test"));
        assert_eq!(builder.trusted_origins, ["https://before.test"]);
        assert_eq!(builder.proxy_headers, ProxyHeaders::Trusted);
        let speaking = |name: &str| match name {
            "BASE_URL" => Some("https://env.test".to_owned()),
            "TRUSTED_ORIGINS" => Some("https://a.test;https://b.test".to_owned()),
            "TRUSTED_PROXY_HEADERS" => Some("no".to_owned()),
            _ => None,
        };
        let builder = builder.with_env(&speaking, &[]).unwrap();
        assert_eq!(builder.base_url.as_deref(), Some("https://env.test"));
        assert_eq!(builder.trusted_origins, ["https://a.test", "https://b.test"]);
        assert_eq!(builder.proxy_headers, ProxyHeaders::Ignored);
    }
}
