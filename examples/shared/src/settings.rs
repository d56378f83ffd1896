//! What does the environment say? The same for every example host.

use crate::dev_provider::{DevProvider, random_text};
use aura_proto::provider::{ProviderData, ROWS};
use aura_proto::{Auth, Builder, ClientSecret, Salt, Secret};
use std::fmt;

/// Where a host listens where nothing is said.
const DEFAULT_PORT: u16 = 3000;
const BASE_PATH: &str = "/auth";

/// A host that is ready to serve.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where to listen, on this machine.
    pub port: u16,
    /// The configuration.
    pub auth: Auth,
    /// The embedded provider, to be answered beside the application's own routes.
    pub dev: DevProvider,
    /// What the user should know, a sentence each.
    pub notices: Vec<String>,
}

/// What is wrong with the environment: the variable, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads `PORT`, `BASE_URL`, `TRUSTED_ORIGINS`, `AURA_AUTH_SECRET`, `AURA_AUTH_SALT`, `<ID>_CLIENT_ID` with
    /// `<ID>_CLIENT_SECRET`, and `AURA_PROVIDERS`, through a look-up of variables.
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
        let port = match variable("PORT") {
            None => DEFAULT_PORT,
            Some(text) => text
                .parse()
                .map_err(|_| SettingsError(format!("PORT is {text:?}; give a number from 1 to 65535")))?,
        };
        Self::read_at(port, variable)
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
        let mut notices = Vec::new();
        let secret = strong("AURA_AUTH_SECRET", variable, &mut notices, Secret::new)?;
        let salt = strong("AURA_AUTH_SALT", variable, &mut notices, Salt::new)?;

        let base_url = variable("BASE_URL").filter(|url| !url.is_empty());
        let public = base_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"));
        let dev = DevProvider::new(&public, port, BASE_PATH)
            .map_err(|error| SettingsError(format!("BASE_URL: {error}")))?;

        let mut builder = Auth::builder(secret, salt).base_path(BASE_PATH).provider(dev.row());
        if let Some(base_url) = base_url {
            builder = builder.base_url(base_url);
        }
        let origins = variable("TRUSTED_ORIGINS").unwrap_or_default();
        let origins = origins.split([',', ';', '\n']).map(str::trim).filter(|origin| !origin.is_empty());
        builder = builder.trusted_origins(origins);
        builder = built_in_providers(builder, variable)?;
        builder = custom_providers(builder, variable)?;
        let auth = builder.build().map_err(|error| SettingsError(error.to_string()))?;
        Ok(Self { port, auth, dev, notices })
    }
}

/// Reads a secret, or makes one that lasts until the host stops.
fn strong<T, E: fmt::Display>(
    name: &str,
    variable: &dyn Fn(&str) -> Option<String>,
    notices: &mut Vec<String>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, SettingsError> {
    let text = match variable(name) {
        Some(text) => text,
        None => {
            notices
                .push(format!("{name} is not set: a random one is used, so sessions end with this process"));
            random_text().map_err(SettingsError)?
        }
    };
    parse(&text).map_err(|error| SettingsError(format!("{name}: {error}")))
}

/// Adds each built-in provider whose credentials are there.
fn built_in_providers(
    mut builder: Builder,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Builder, SettingsError> {
    for row in ROWS {
        let prefix = row.id.replacen('-', "_", 1).to_ascii_uppercase();
        let names = [format!("{prefix}_CLIENT_ID"), format!("{prefix}_CLIENT_SECRET")];
        let [id, secret] = names.each_ref().map(|name| variable(name).filter(|value| !value.is_empty()));
        builder = match (id, secret) {
            (Some(id), Some(secret)) => builder.provider(row.with_client(id, ClientSecret::new(secret))),
            (None, None) => builder,
            (Some(_), None) | (None, Some(_)) => {
                return Err(SettingsError(format!(
                    "{} and {} belong together; set both or none",
                    names[0], names[1]
                )));
            }
        };
    }
    Ok(builder)
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
    let providers: Vec<ProviderData> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    Ok(providers.into_iter().fold(builder, |builder, provider| builder.provider(provider.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(&|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_needs_to_be_set_and_what_is_made_up_is_said() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.port, 3000);
        assert_eq!(settings.notices.len(), 2);
        assert_eq!(settings.auth.providers().collect::<Vec<_>>(), [("dev", "Dev")]);
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
            let prefix = match row.id {
                "click-up" => "CLICK_UP".to_owned(),
                id => id.to_ascii_uppercase(),
            };
            let names = [format!("{prefix}_CLIENT_ID"), format!("{prefix}_CLIENT_SECRET")];
            let settings = read(&[(&names[0], "id"), (&names[1], "secret")]).unwrap();
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
            ("AURA_PROVIDERS", "/nowhere/providers.json"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
            assert!(!name.starts_with("AURA_AUTH") || value.is_empty() || !error.contains(value), "{error}");
        }
        assert!(read(&[("BASE_URL", "example.com")]).is_err());
        assert!(read(&[("TRUSTED_ORIGINS", "https://a.test, *")]).is_err());
    }
}
