//! Settings from the environment, the same for every example host.

use crate::dev_provider::{DevProvider, random_text};
use aura_host::env;
use aura_proto::{Auth, Builder, Limits, SessionPolicy};
use aura_providers::Provider;
use std::fmt;
use std::time::Duration;

/// Default port.
const DEFAULT_PORT: u16 = 3000;
const BASE_PATH: &str = "/auth";

/// A host that is ready to serve.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where to listen, on this machine.
    pub port: u16,
    /// Where browsers find it.
    pub public_url: String,
    /// The configuration.
    pub auth: Auth,
    /// The embedded provider, to be answered beside the application's own routes; `None` where the public URL is plain http beyond
    /// this machine, so that no browser may be sent there to sign in.
    pub dev: Option<DevProvider>,
    /// Where sessions are kept.
    pub sessions: Sessions,
    /// Notices for the user, one sentence each.
    pub notices: Vec<String>,
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sessions {
    /// In the browser's cookie, sealed.
    Cookie,
    /// In a store, which the host has to add.
    Stored,
    /// In such a store, which is asked about each once a minute.
    Recheck,
}

/// Error in the environment: the variable, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads `PORT`, `SESSIONS`, `LIMITS`, the variables of [`aura_host::env`], and `AURA_PROVIDERS`, through a look-up of variables.
    ///
    /// # Errors
    /// [`SettingsError`] names the variable and the remedy.
    ///
    /// ```
    /// use aura_examples::Settings;
    /// let error = Settings::read(&|name| (name == "AURA_AUTH_SECRET").then(|| "weak".into())).unwrap_err();
    /// assert!(error.to_string().contains("AURA_AUTH_SECRET"));
    /// ```
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::read_with_keys(variable, &env::read_key)
    }

    /// Does the same with a reader of key pairs, for hosts that sign with RSA or ECDSA.
    ///
    /// # Errors
    /// [`SettingsError`] names the variable and the remedy.
    ///
    /// ```
    /// let settings = aura_examples::Settings::read_with_keys(&|_| None, &aura_host::env::read_key)?;
    /// assert_eq!(settings.port, 3000);
    /// # Ok::<(), aura_examples::SettingsError>(())
    /// ```
    pub fn read_with_keys(
        variable: &dyn Fn(&str) -> Option<String>,
        read_key: env::ReadKey<'_>,
    ) -> Result<Self, SettingsError> {
        let port = match variable("PORT") {
            None => DEFAULT_PORT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or(SettingsError(format!("PORT is {text:?}; give a number from 1 to 65535")))?,
        };
        Self::read_on(port, variable, read_key)
    }

    /// Does the same for a host that has its port already.
    ///
    /// # Errors
    /// [`SettingsError`] names the variable and the remedy.
    ///
    /// ```
    /// let settings = aura_examples::Settings::read_at(4000, &|_| None)?;
    /// assert_eq!(settings.port, 4000);
    /// # Ok::<(), aura_examples::SettingsError>(())
    /// ```
    pub fn read_at(port: u16, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::read_on(port, variable, &env::read_key)
    }

    fn read_on(
        port: u16,
        variable: &dyn Fn(&str) -> Option<String>,
        read_key: env::ReadKey<'_>,
    ) -> Result<Self, SettingsError> {
        let mut notices = Vec::new();
        let mut made_up = |key: &str| match env::variable(variable, key) {
            Some(_) => Ok(None),
            None => {
                notices.push(format!(
                    "AURA_AUTH_{key} is not set: a random one is used, so sessions end with this process"
                ));
                random_text().map(Some).map_err(SettingsError)
            }
        };
        let (secret, salt) = (made_up("SECRET")?, made_up("SALT")?);
        let completed = |name: &str| {
            variable(name).or_else(|| match name {
                "SECRET" => secret.clone(),
                "SALT" => salt.clone(),
                _ => None,
            })
        };
        let wrong = |error: env::EnvError| SettingsError(error.to_string());
        let mut builder = env::Environment::new(&completed).keys_by(read_key).builder().map_err(wrong)?;

        let base_url = env::variable(variable, "BASE_URL").map(|(_, url)| url);
        let public_url = base_url
            .filter(|url| !matches!(url.as_str(), "" | "/"))
            .unwrap_or_else(|| format!("http://localhost:{port}"));
        let dev = DevProvider::new(&public_url, port, BASE_PATH)
            .map(Some)
            .map_err(|error| SettingsError(format!("BASE_URL: {error}")))?;
        builder = builder.base_path(BASE_PATH).error_page("/");
        let sessions = Sessions::read(variable)?;
        builder = builder.change_session(|policy| sessions.keep(policy.editable(["name", "image"])));
        builder = builder.limits(limits(variable)?);
        let dev = dev.filter(|dev| dev.is_secure());
        builder = match &dev {
            Some(dev) => builder.provider(dev.row()),
            None => {
                notices.push(format!(
                    "BASE_URL is {public_url}, plain http beyond this machine: sign-ins would be readable in the network, so the \
                     embedded provider is left out; use https, or http://localhost:{port}"
                ));
                builder
            }
        };
        builder = custom_providers(builder, variable)?;
        let auth = builder.build().map_err(|error| SettingsError(error.to_string()))?;
        Ok(Self { port, public_url, auth, dev, sessions, notices })
    }
}

/// Reads whether the routes are limited: they are, but for `LIMITS=off`.
fn limits(variable: &dyn Fn(&str) -> Option<String>) -> Result<Limits, SettingsError> {
    match variable("LIMITS").as_deref() {
        None | Some("on") => Ok(Limits::default()),
        Some("off") => Ok(Limits::none()),
        Some(other) => Err(SettingsError(format!("LIMITS is {other:?}; give `on` or `off`"))),
    }
}

impl Sessions {
    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        match variable("SESSIONS").as_deref() {
            None | Some("cookie") => Ok(Self::Cookie),
            Some("stored") => Ok(Self::Stored),
            Some("recheck") => Ok(Self::Recheck),
            Some(other) => {
                Err(SettingsError(format!("SESSIONS is {other:?}; give `cookie`, `stored` or `recheck`")))
            }
        }
    }

    fn keep(self, policy: SessionPolicy) -> SessionPolicy {
        match self {
            Self::Cookie => policy,
            Self::Stored => policy.stored(),
            Self::Recheck => policy.recheck(Duration::from_secs(60)),
        }
    }
}

/// Says what a host logs, as directives of `tracing`'s filter: those of `RUST_LOG`; else what `LOG_LEVEL` or `DEBUG` say,
/// of sign-ins alone; else everything from `info` on.
///
/// ```
/// let lookup = |name: &str| (name == "AURA_LOG_LEVEL").then(|| "warn".to_owned());
/// assert_eq!(aura_examples::log_filter(&lookup), "error,aura=warn");
/// ```
pub fn log_filter(variable: &dyn Fn(&str) -> Option<String>) -> String {
    if let Some(directives) = variable("RUST_LOG").filter(|directives| !directives.is_empty()) {
        return directives;
    }
    match env::log_level(variable) {
        Some(level) => format!("error,aura={}", level.name()),
        None => "info".to_owned(),
    }
}

/// Adds the providers of the file that `AURA_PROVIDERS` names.
fn custom_providers(
    builder: Builder,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Builder, SettingsError> {
    let Some(path) = variable("AURA_PROVIDERS").filter(|path| !path.is_empty()) else { return Ok(builder) };
    let wrong = |error: &dyn fmt::Display| {
        SettingsError(format!("AURA_PROVIDERS: {path}: {error}; give the path of a JSON list of providers"))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
    let providers: Vec<Provider> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    Ok(providers.into_iter().fold(builder, Builder::provider))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aura_proto::Finding;
    use aura_providers::ROWS;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(&|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_needs_to_be_set_and_what_is_made_up_is_said() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.port, 3000);
        assert!(settings.notices[0].starts_with("AURA_AUTH_SECRET is not set"));
        assert!(settings.notices[1].starts_with("AURA_AUTH_SALT is not set"));
        assert_eq!(settings.notices.len(), 2);
        // The driver logs it.
        assert_eq!(settings.auth.findings(ROWS), [Finding::NoBaseUrl]);
        assert_eq!(settings.auth.providers().collect::<Vec<_>>(), [("dev", "Dev")]);
    }

    #[test]
    fn p_10_at_a_plain_http_url_beyond_this_machine_the_embedded_provider_is_left_out_and_said_to_be() {
        for url in ["http://192.168.1.5:3000", "http://demo.example.com", "http://[2001:db8::1]:3000"] {
            let settings = read(&[("BASE_URL", url)]).unwrap();
            assert!(settings.dev.is_none() && settings.auth.providers().next().is_none());
            let told =
                settings.notices.iter().find(|notice| notice.starts_with("BASE_URL is http://")).unwrap();
            assert!(told.contains(url) && told.contains("embedded provider is left out"), "{told}");
            let both = [("BASE_URL", url), ("GITHUB_CLIENT_ID", "id"), ("GITHUB_CLIENT_SECRET", "secret")];
            assert_eq!(read(&both).unwrap().auth.providers().count(), 1, "other providers stay");
        }
    }

    #[test]
    fn p_10_on_this_machine_and_by_https_it_stays() {
        for url in
            ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "https://192.168.1.5"]
        {
            let settings = read(&[("BASE_URL", url)]).unwrap();
            assert!(settings.dev.is_some(), "{url}");
            assert!(!settings.notices.iter().any(|notice| notice.contains("left out")));
        }
        for url in ["192.168.1.5:3000", "ftp://192.168.1.5", "http://192.168.1.5:3000/app"] {
            let error = read(&[("BASE_URL", url)]).unwrap_err().to_string();
            assert!(error.starts_with("BASE_URL"), "{error}");
        }
    }

    #[test]
    fn sessions_are_kept_where_the_environment_says() {
        for (variables, sessions) in [
            (&[][..], Sessions::Cookie),
            (&[("SESSIONS", "cookie")], Sessions::Cookie),
            (&[("SESSIONS", "stored")], Sessions::Stored),
            (&[("SESSIONS", "recheck")], Sessions::Recheck),
        ] {
            let settings = read(variables).unwrap();
            assert_eq!(settings.sessions, sessions);
            assert_eq!(settings.auth.needs_store(), sessions != Sessions::Cookie);
        }
        let error = read(&[("SESSIONS", "sqlite")]).unwrap_err().to_string();
        assert!(error.starts_with("SESSIONS is"), "{error}");
    }

    #[test]
    fn the_routes_are_limited_unless_the_environment_turns_limits_off() {
        for (variables, limits) in [
            (&[][..], Limits::default()),
            (&[("LIMITS", "on")], Limits::default()),
            (&[("LIMITS", "off")], Limits::none()),
        ] {
            assert_eq!(*read(variables).unwrap().auth.limits(), limits);
        }
        let error = read(&[("LIMITS", "5")]).unwrap_err().to_string();
        assert!(error.starts_with("LIMITS is"), "{error}");
    }

    #[test]
    fn the_log_is_what_the_environment_asks_for() {
        for (variables, filter) in [
            (&[][..], "info"),
            (&[("AURA_DEBUG", "1")], "error,aura=debug"),
            (&[("LOG_LEVEL", "error"), ("DEBUG", "1")], "error,aura=error"),
            (&[("DEBUG", "no")], "info"),
            (&[("RUST_LOG", "hyper=trace"), ("LOG_LEVEL", "error")], "hyper=trace"),
            (&[("RUST_LOG", ""), ("LOG_LEVEL", "warn")], "error,aura=warn"),
        ] {
            let lookup = |name: &str| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(log_filter(&lookup), filter, "{variables:?}");
        }
    }

    #[test]
    fn credentials_add_a_button_and_half_of_them_is_a_mistake() {
        let both = [("GITHUB_CLIENT_ID", "id"), ("GITHUB_CLIENT_SECRET", "secret")];
        assert_eq!(read(&both).unwrap().auth.providers().count(), 2);
        let error = read(&both[..1]).unwrap_err().to_string();
        assert!(error.contains("GITHUB_CLIENT_SECRET"), "{error}");
    }

    #[test]
    fn every_built_in_provider_has_its_variables() {
        for row in ROWS {
            let prefix = row.id.replace('-', "_").to_ascii_uppercase();
            let names = ["CLIENT_ID", "CLIENT_SECRET", "ISSUER"].map(|key| format!("{prefix}_{key}"));
            let issuer = "https://id.example.com/given";
            let settings = read(&[(&names[0], "id"), (&names[1], "secret"), (&names[2], issuer)]).unwrap();
            assert!(settings.auth.providers().any(|provider| provider == (row.id, row.name)), "{}", row.id);
        }
    }

    #[test]
    fn ck_17_weak_secrets_and_other_mistakes_name_the_variable_and_never_the_secret() {
        for (name, value) in [
            ("AURA_AUTH_SECRET", ""),
            ("AURA_AUTH_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("AURA_AUTH_SALT", "mysecretmysecretmysecretmysecret"),
            ("PORT", "many"),
            ("PORT", "0"),
            ("AURA_PROVIDERS", "/nowhere/providers.json"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
            assert!(!name.starts_with("AURA_AUTH") || value.is_empty() || !error.contains(value), "{error}");
        }
        assert!(read(&[("BASE_URL", "example.com")]).is_err());
        assert!(read(&[("TRUSTED_ORIGINS", "https://a.test, *")]).is_err());
        assert!(read(&[("TRUSTED_PROXY_HEADERS", "on")]).is_err());
    }

    #[test]
    fn every_prefix_is_known_and_nothing_is_made_up_then() {
        let strong =
            ["k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX", "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE"];
        let variables =
            [("AUTH_SECRET", strong[0]), ("AURA_SALT", strong[1]), ("AUTH_BASE_URL", "https://a.test")];
        let settings = read(&variables).unwrap();
        assert!(settings.notices.is_empty(), "{:?}", settings.notices);
        assert_eq!(settings.auth.findings(ROWS), [Finding::LimitsWithoutProxy]);
        assert_eq!(settings.public_url, "https://a.test");
    }
}
