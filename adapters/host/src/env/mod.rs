//! Configuration from the environment, read through a look-up that the application passes.
//!
//! A key is looked for under four names, here `SECRET`: `AURA_AUTH_SECRET`, `AURA_SECRET`, `AUTH_SECRET` and `SECRET`.
//! The first that is defined counts, even if it is empty.
//!
//! | Key | Meaning |
//! |---|---|
//! | `SECRET`, `SALT` | at least 32 bytes and 128 bits each; required by [`builder`] |
//! | `PREVIOUS_SECRETS` | a list of secrets used before, whose sessions still open |
//! | `BASE_URL` | the public origin; empty or `/` counts as absent |
//! | `TRUSTED_ORIGINS` | a list of origins and patterns; an empty one counts as absent |
//! | `TRUSTED_PROXY_HEADERS` | `1`, `true`, `yes`, `on` or `debug`; everything else is no |
//! | `FORWARDED_FIELDS` | `forwarded`, `x_forwarded` or `either`: which headers the trusted proxy writes |
//! | `COOKIE_NAMES` | `reference`: session and provider tokens are named `__Secure-` on https, as the reference does; else `usual` |
//! | `SESSION_EDITABLE` | a list of what pages may change by `PATCH /session`, such as `name,image`; added to the configured one |
//! | `SESSION_MAX_SIZE` | how long a session's token may be, in bytes: 1024 to 20480 |
//! | `PUBLIC_PATH`, with a prefix alone | the path that a proxy removes, such as `/app` |
//! | `FORWARDED_PREFIX` | `true` if the trusted proxy writes that path as `X-Forwarded-Prefix` |
//! | `ATTEMPT_LIFETIME` | how long a sign-in may take, in seconds: 600 to 3600 |
//! | `SIGNING_PRIVATE_KEY`, `SIGNING_PUBLIC_KEY` | a key pair that signs session tokens, as PEM; `\n` may stand for line breaks |
//! | `SIGNING_ALG`, `SIGNING_ALGORITHM` | its algorithm, by default `RS256`; without a pair, the hash: `HS256`, `HS384` or `HS512` |
//! | `PRIVATE_KEY`, `PUBLIC_KEY`; `ALGORITHM`, `ALG` | the same without `SIGNING_*`, and only with a prefix: without one they often belong to other software |
//! | `ENCRYPTION_ALG`, `ENCRYPTION_ALGORITHM` | `dir`, if anything |
//! | `ENCRYPTION_PRIVATE_KEY`, `ENCRYPTION_PUBLIC_KEY` | refused: no key pair can encrypt here |
//! | `DEBUG`, `LOG_LEVEL` | what a host should log: see [`log_level`] |
//! | `<ID>_CLIENT_ID`, `<ID>_CLIENT_SECRET` | add the provider of a row; its id in capitals, `-` as `_` |
//! | `OIDC_ISSUER`, `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET`, `OIDC_NAME` | add an OpenID Provider of any issuer, with the id `oidc`, and the name of its button |
//! | `<ID>_AUTHENTICATION` | `client_secret_post`, `client_secret_basic` or `client_secret_jwt` |
//! | `<ID>_BACKCHANNEL_ORIGINS` | a list of origins where this server may reach an OpenID Provider by http |
//! | `<ID>_DISCOVERY_URL` | where the configuration of an OpenID Provider is read, if it is not below the issuer |
//! | `<ID>_ASSERTION_AUDIENCE` | `issuer` or `token_endpoint`: whom a signed client assertion is for |
//! | `<ID>_UNSOLICITED_CALLBACKS` | `sign_in` or `refused`: what a callback without `state` does |
//! | `<ID>_TRUSTED_AUDIENCES` | a list of further audiences that ID tokens of an OpenID Provider may have |
//! | `<ID>_ISSUER`, `<ID>_<PART>` | the issuer of an OpenID Provider, and what a row leaves open in it, such as `AUTHENTIK_APPLICATION_SLUG` |
//!
//! Lists are separated by commas, semicolons or line breaks.
//!
//! Other implementations of the contract take a key pair *instead of* a secret, and ignore it if there is a secret.
//! Here a secret is always needed, for everything but sessions has its keys from it; a key pair beside it signs session
//! tokens, so that who holds the public half alone can verify them (RFC 7515 section 10.3). Remove the pair to share
//! sessions with an implementation that signs with the secret. The core signs with Ed25519; RSA and ECDSA need a reader
//! of keys that the host gives: [`Environment::keys_by`] and `aura_host::signing_key`.

mod error;
mod keys;
mod log;

pub use error::EnvError;
pub use keys::{ReadKey, read_key};
pub use log::{LogLevel, log_level};

use aura_proto::provider::UnsolicitedCallbacks::{Refused, SignIn};
use aura_proto::provider::{AssertionAudience, Protocol, Provider, Row};
use aura_proto::{
    Auth, Builder, ClientSecret, Cookies, ForwardedFields, Origin, OriginPattern, Salt, Secret, WeakSecret,
};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// The prefixes of a key; the first defined variable is used.
const PREFIXES: [&str; 4] = ["AURA_AUTH_", "AURA_", "AUTH_", ""];

/// A look-up of environment variables, such as `&|name| std::env::var(name).ok()`.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Looks a key up under its four names, and returns the name and the value of the first that is defined.
///
/// ```
/// use aura_host::env::variable;
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

/// Begins a configuration with the environment's settings; see the table of this [module](self). Each built-in provider whose
/// credentials are there is one to sign in with.
///
/// Settings of the application after that replace them, or are added. To let the environment win, set first and call
/// [`Environment::complete`] then. A provider may be there once: one that the application adds and the environment has, too, is
/// an error of `build`. Variables without a prefix count, so name the rows by [`Environment::rows`] where other programs of this
/// environment have credentials such as `SLACK_CLIENT_ID`.
///
/// # Errors
/// [`EnvError`] names the variable and the remedy.
///
/// ```
/// let lookup = |name: &str| match name {
///     "AURA_AUTH_SECRET" => Some("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK".to_owned()),
///     "AURA_AUTH_SALT" => Some("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d".to_owned()),
///     "GITHUB_CLIENT_ID" | "GITHUB_CLIENT_SECRET" => Some("from GitHub's console".to_owned()),
///     _ => None,
/// };
/// let auth = aura_host::env::builder(&lookup)?.base_url("https://example.com").build()?;
/// assert_eq!(auth.providers().next(), Some(("github", "GitHub")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn builder(lookup: Lookup<'_>) -> Result<Builder, EnvError> {
    Environment::new(lookup).builder()
}

/// The environment with what its parts are compared with and read by: the rows of providers, and a reader of key pairs.
///
/// ```
/// use aura_host::{env::Environment, provider::GITHUB};
/// let environment = Environment::new(&|_| None).rows(&[GITHUB]);
/// assert_eq!(environment.builder().unwrap_err().variable(), "AURA_AUTH_SECRET");
/// ```
#[derive(Clone, Copy)]
#[must_use = "call builder, complete or provider"]
pub struct Environment<'a> {
    lookup: Lookup<'a>,
    rows: &'a [Row],
    read_key: ReadKey<'a>,
}

impl<'a> Environment<'a> {
    /// Takes a look-up. By default the rows are the built-in ones, and the reader of key pairs is [`read_key`].
    /// The example of the type shows it.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, rows: aura_providers::ROWS, read_key: &read_key }
    }

    /// Sets the rows that become providers where their credentials are there. The example of the type shows it.
    pub fn rows(self, rows: &'a [Row]) -> Self {
        Self { rows, ..self }
    }

    /// Sets the reader of key pairs, such as `aura_host::signing_key`, so that RSA and ECDSA can sign.
    pub fn keys_by(self, read_key: ReadKey<'a>) -> Self {
        Self { read_key, ..self }
    }

    /// Begins a configuration, as [`builder`] does.
    ///
    /// # Errors
    /// [`EnvError`] names the variable and the remedy.
    pub fn builder(&self) -> Result<Builder, EnvError> {
        let secret =
            self.required("SECRET", Secret::new).map_err(|error| keys::pem_key(self.lookup, error))?;
        let mut builder = Auth::builder(secret, self.required("SALT", Salt::new)?);
        if let Some((variable, text)) = variable(self.lookup, "PREVIOUS_SECRETS") {
            for previous in list(&text) {
                let weak = |weakness| EnvError::Weak { variable: variable.clone(), weakness };
                builder = builder.previous_secret(Secret::new(previous).map_err(weak)?);
            }
        }
        self.complete(builder)
    }

    /// Replaces base URL, trusted origins, trust in proxy headers and what signs session tokens by those of the environment,
    /// where it has them, and adds every row whose credentials are there, and one OpenID Provider of any issuer: `OIDC_ISSUER`,
    /// `OIDC_CLIENT_ID` and `OIDC_CLIENT_SECRET` make the provider `oidc`, and `OIDC_NAME` is the name on its button.
    ///
    /// # Errors
    /// [`EnvError`] names the variable and the remedy.
    ///
    /// ```
    /// # use aura_host::env::Environment;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let lookup = |name: &str| (name == "AURA_PUBLIC_PATH").then(|| "/app".to_owned());
    /// let auth = Environment::new(&lookup).complete(builder.base_url("https://example.com"))?.build()?;
    /// assert_eq!(auth.public_path(&http::Request::new(())), "/app");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn complete(&self, builder: Builder) -> Result<Builder, EnvError> {
        let mut builder = match keys::signature(self.lookup, self.read_key)? {
            Some(signature) => builder.change_session_token_format(|tokens| signature.of(tokens)),
            None => builder,
        };
        builder = self.origins(builder)?;
        if let Some((_, text)) = self.said("SESSION_EDITABLE") {
            builder = builder.change_session(|policy| policy.editable(list(&text)));
        }
        if let Some(bytes) = self.number("SESSION_MAX_SIZE", 1024..=20480, "bytes, from 1024 to 20480")? {
            builder = builder.change_session(|policy| policy.max_size(bytes));
        }
        match self.said("COOKIE_NAMES") {
            None => {}
            Some((_, names)) if names.trim() == "reference" => {
                builder = builder.change_cookies(Cookies::reference_names);
            }
            Some((_, names)) if names.trim() == "usual" => {}
            Some((variable, value)) => {
                return Err(EnvError::Word { variable, value, words: "reference or usual" });
            }
        }
        // Without a prefix it is a usual variable of front-end builds.
        if let Some((_, path)) = self.said("PUBLIC_PATH").filter(|(name, _)| name != "PUBLIC_PATH") {
            builder = builder.public_path(path.trim_end_matches('/'));
        }
        if self.said("FORWARDED_PREFIX").is_some_and(|(_, text)| is_yes(&text)) {
            builder = builder.forwarded_prefix();
        }
        if let Some(seconds) = self.number("ATTEMPT_LIFETIME", 600..=3600, "seconds, from 600 to 3600")? {
            builder = builder.attempt_lifetime(Duration::from_secs(seconds));
        }
        for row in self.rows {
            if let Some(provider) = self.provider(row)? {
                builder = builder.provider(provider);
            }
        }
        if let Some(provider) = self.provider(&ANY_OPENID)? {
            let name = self.said("OIDC_NAME").map(|(_, name)| name);
            builder = builder.provider(match name {
                Some(name) => provider.with_name(name),
                None => provider,
            });
        }
        Ok(builder)
    }

    /// Adds the site's own origin, those that it trusts, and whether it trusts its proxy.
    fn origins(&self, mut builder: Builder) -> Result<Builder, EnvError> {
        if let Some((variable, value)) = base_url(self.lookup) {
            if Origin::parse(&value).is_none() {
                return Err(EnvError::BaseUrl { variable, value });
            }
            builder = builder.base_url(value);
        }
        if let Some((variable, text)) = variable(self.lookup, "TRUSTED_ORIGINS") {
            let origins: Vec<_> = list(&text).collect();
            if let Some(value) = origins.iter().find(|origin| OriginPattern::parse(origin).is_none()) {
                return Err(EnvError::TrustedOrigin { variable, value: (*value).to_owned() });
            }
            if !origins.is_empty() {
                builder = builder.without_trusted_origins().trusted_origins(origins);
            }
        }
        if let Some((_, text)) = variable(self.lookup, "TRUSTED_PROXY_HEADERS") {
            builder = if is_yes(&text) {
                builder.trusted_proxy_headers()
            } else {
                builder.without_trusted_proxy_headers()
            };
        }
        if let Some((variable, value)) = self.said("FORWARDED_FIELDS") {
            builder = builder.forwarded_fields(match value.trim() {
                "forwarded" => ForwardedFields::Forwarded,
                "x_forwarded" => ForwardedFields::XForwarded,
                "either" => ForwardedFields::Either,
                _ => {
                    return Err(EnvError::Word {
                        variable,
                        value,
                        words: "forwarded, x_forwarded or either",
                    });
                }
            });
        }
        Ok(builder)
    }

    /// Adds the credentials that the environment has to a row; `None` if it has none.
    ///
    /// # Errors
    /// [`EnvError::HalfCredentials`] if it has but one of the two.
    ///
    /// ```
    /// use aura_host::{env::Environment, provider::GITHUB};
    /// let lookup = |name: &str| name.starts_with("GITHUB_CLIENT_").then(|| "from GitHub's console".to_owned());
    /// assert!(Environment::new(&lookup).provider(&GITHUB)?.is_some());
    /// assert!(Environment::new(&|_| None).provider(&GITHUB)?.is_none());
    /// # Ok::<(), aura_host::env::EnvError>(())
    /// ```
    pub fn provider(&self, row: &Row) -> Result<Option<Provider>, EnvError> {
        let id = row.id.replace('-', "_").to_ascii_uppercase();
        let (id_key, secret_key) = (format!("{id}_CLIENT_ID"), format!("{id}_CLIENT_SECRET"));
        let provider = match (self.said(&id_key), self.said(&secret_key)) {
            (Some((_, client_id)), Some((_, secret))) => {
                row.with_client(client_id, ClientSecret::new(secret))
            }
            (Some((present, _)), None) => {
                return Err(EnvError::HalfCredentials { variable: secret_key, present });
            }
            (None, Some((present, _))) => {
                return Err(EnvError::HalfCredentials { variable: id_key, present });
            }
            (None, None) => return Ok(None),
        };
        let part =
            |name: &str| self.said(&format!("{id}_{}", name.to_ascii_uppercase())).map(|(_, value)| value);
        let provider = match one_of(self.said(&format!("{id}_AUTHENTICATION")), METHODS)? {
            Some("client_secret_post") => provider.client_secret_post(),
            Some("client_secret_basic") => provider.client_secret_basic(),
            Some(_) => provider.client_secret_jwt(),
            None => provider,
        };
        let provider = match one_of(self.said(&format!("{id}_UNSOLICITED_CALLBACKS")), CALLBACKS)? {
            Some("sign_in") => provider.unsolicited_callbacks(SignIn),
            Some(_) => provider.unsolicited_callbacks(Refused),
            None => provider,
        };
        if row.protocol != Protocol::OpenId {
            return Ok(Some(provider));
        }
        let provider = match one_of(self.said(&format!("{id}_ASSERTION_AUDIENCE")), AUDIENCES)? {
            Some("token_endpoint") => provider.client_assertion_audience(AssertionAudience::TokenEndpoint),
            Some(_) | None => provider,
        };
        let provider = match part("issuer") {
            Some(issuer) => provider.issuer(issuer),
            None => provider,
        };
        let backchannel = part("backchannel_origins").unwrap_or_default();
        let provider = provider.backchannel_origins(list(&backchannel));
        let provider = match part("discovery_url") {
            Some(url) => provider.discovery_url(url),
            None => provider,
        };
        let provider = match part("trusted_audiences") {
            Some(audiences) => provider.trusted_audiences(list(&audiences)),
            None => provider,
        };
        Ok(Some(provider.issuer_parameters_by(part)))
    }

    /// Reads a number within bounds.
    fn number<N: FromStr + PartialOrd>(
        &self,
        key: &str,
        bounds: RangeInclusive<N>,
        words: &'static str,
    ) -> Result<Option<N>, EnvError> {
        let Some((variable, value)) = self.said(key) else { return Ok(None) };
        let number = value.trim().parse().ok().filter(|number| bounds.contains(number));
        number.map(Some).ok_or(EnvError::Word { variable, value, words })
    }

    /// Looks a key up; an empty value counts as absent.
    fn said(&self, key: &str) -> Option<(String, String)> {
        variable(self.lookup, key).filter(|(_, value)| !value.is_empty())
    }

    fn required<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, WeakSecret>) -> Result<T, EnvError> {
        let Some((variable, text)) = variable(self.lookup, key) else {
            return Err(EnvError::Missing { variable: format!("AURA_AUTH_{key}") });
        };
        parse(&text).map_err(|weakness| EnvError::Weak { variable, weakness })
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

/// An OpenID Provider whose issuer the environment has.
const ANY_OPENID: Row = Row::openid("oidc", "OpenID Connect");

/// Returns the variable that names the public origin, unless it says nothing.
fn base_url(lookup: Lookup<'_>) -> Option<(String, String)> {
    variable(lookup, "BASE_URL").filter(|(_, value)| !matches!(value.as_str(), "" | "/"))
}

/// The values of the variables that [`one_of`] reads, and how an error names them.
const METHODS: (&[&str], &str) = (
    &["client_secret_post", "client_secret_basic", "client_secret_jwt"],
    "client_secret_post, client_secret_basic or client_secret_jwt",
);
const CALLBACKS: (&[&str], &str) = (&["sign_in", "refused"], "sign_in or refused");
const AUDIENCES: (&[&str], &str) = (&["issuer", "token_endpoint"], "issuer or token_endpoint");

/// Reads a variable that has a few values.
fn one_of(
    found: Option<(String, String)>,
    (known, words): (&'static [&'static str], &'static str),
) -> Result<Option<&'static str>, EnvError> {
    let Some((variable, value)) = found else { return Ok(None) };
    match known.iter().find(|known| **known == value) {
        Some(known) => Ok(Some(known)),
        None => Err(EnvError::Word { variable, value, words }),
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty())
}

fn is_yes(text: &str) -> bool {
    let text = text.trim();
    ["1", "true", "yes", "on", "debug"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
