//! The configuration that commands work with: the environment or a file of its lines, and what the application's code adds.

use crate::arguments::Options;
use crate::report::Failure;
use aura_blocking::env::{EnvError, Environment, Lookup};
use aura_blocking::{Auth, Builder, KeyError, signing_key};
use std::collections::BTreeMap;
use std::path::Path;

/// The variables that count: those of the process, or of a file.
pub(crate) enum Variables<'a> {
    Process(Lookup<'a>),
    File(BTreeMap<String, String>),
}

impl<'a> Variables<'a> {
    /// Takes the variables of the file that the options name, and otherwise those of the process.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is none of an environment.
    pub(crate) fn read(options: &Options, process: Lookup<'a>) -> Result<Self, Failure> {
        let Some(path) = &options.env else { return Ok(Self::Process(process)) };
        let text = read_file(path)?;
        let wrong = |number, why| Failure(format!("line {number} of {} {why}", path.display()));
        let mut variables = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let Some((name, value)) = variable(line).map_err(|why| wrong(number, why))? else { continue };
            if variables.insert(name.to_owned(), value).is_some() {
                return Err(wrong(number, "sets a variable again"));
            }
        }
        Ok(Self::File(variables))
    }

    /// Looks a variable up.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match self {
            Self::Process(lookup) => lookup(name),
            Self::File(variables) => variables.get(name).cloned(),
        }
    }

    /// Makes the configuration as a server does, changed at the end.
    ///
    /// # Errors
    /// What a server would not start with.
    pub(crate) fn auth(
        &self,
        options: &Options,
        change: impl FnOnce(Builder) -> Builder,
    ) -> Result<Configured, Wrong> {
        let lookup = |name: &str| self.get(name);
        let environment = Environment::new(&lookup);
        let begun = environment.builder();
        let needs_reader = matches!(&begun, Err(EnvError::Key { error: KeyError::CannotSign { .. }, .. }));
        let mut builder = if needs_reader { environment.keys_by(&signing_key).builder()? } else { begun? };
        if let Some(path) = &options.base_path {
            builder = builder.base_path(path);
        }
        if let Some(prefix) = &options.cookie_prefix {
            builder = builder.change_cookies(|cookies| cookies.prefix(prefix));
        }
        let auth =
            change(builder).build().map_err(|error| Wrong { option: None, message: error.to_string() })?;
        Ok(Configured { auth, needs_reader })
    }
}

/// A configuration that a server would start with.
pub(crate) struct Configured {
    pub(crate) auth: Auth,
    /// Whether it has a key pair that the core cannot sign with.
    pub(crate) needs_reader: bool,
}

/// An error of the configuration. No secret is in it.
pub(crate) struct Wrong {
    /// The variable, where the error is of one. The message names an option.
    pub(crate) option: Option<String>,
    pub(crate) message: String,
}

impl From<EnvError> for Wrong {
    fn from(error: EnvError) -> Self {
        Self { option: Some(error.variable().to_owned()), message: error.to_string() }
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self(format!("{}; see: aura check", wrong.message))
    }
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, or is no text.
pub(crate) fn read_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

/// Reads a line of an environment: `NAME=value`, `export NAME=value`, the value in quotes or not. A comment and a blank line set
/// nothing.
fn variable(line: &str) -> Result<Option<(&str, String)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("has no =; give NAME=value")?;
    let name = name.trim();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("has a name of other characters than letters, digits and _");
    }
    let value = value.trim();
    let unquoted = |quote| value.strip_prefix(quote).map(|rest: &str| rest.strip_suffix(quote));
    match unquoted('"').or_else(|| unquoted('\'')) {
        Some(Some(value)) => Ok(Some((name, value.to_owned()))),
        Some(None) => Err("has a quote that does not end on it; write \\n for line breaks"),
        None => Ok(Some((name, value.to_owned()))),
    }
}
