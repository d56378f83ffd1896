//! The log level of the environment, for hosts: the core has no log.

use super::{Lookup, is_yes, variable};
use aura_proto::Severity;

/// The severity from which on events are logged.
///
/// ```
/// use aura_proto::Severity;
/// use aura_host::env::LogLevel;
/// assert!(LogLevel::Info.takes(Severity::Notice) && !LogLevel::Warn.takes(Severity::Notice));
/// assert_eq!(LogLevel::Warn.name(), "warn");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// Normal operation, and what is worse.
    Info,
    /// Warnings, failures and attacks.
    Warn,
    /// Failures and attacks.
    Error,
}

impl LogLevel {
    const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// Returns the name, which is that of the level in `LOG_LEVEL` and in the filters of `tracing`; the example of the
    /// type shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// Tells whether events of a severity are logged; the example of the type shows it.
    pub fn takes(self, severity: Severity) -> bool {
        severity
            >= match self {
                Self::Debug => Severity::Debug,
                Self::Info => Severity::Info,
                Self::Warn => Severity::Warning,
                Self::Error => Severity::Error,
            }
    }
}

/// Reads the severity from which on events are logged: `LOG_LEVEL`, else `DEBUG`; `None` if neither is set.
///
/// `LOG_LEVEL` is `debug`, `info`, `warn` or `error`, in any case. Another value asks for a log without a level:
/// it counts as `debug`, because a superfluous line is found sooner than a missing one, and no event has a secret. An
/// empty one counts as absent. `DEBUG` is a boolean and asks for everything.
///
/// ```
/// use aura_host::env::{LogLevel, log_level};
/// let lookup = |name: &str| (name == "LOG_LEVEL").then(|| "warn".to_owned());
/// assert_eq!(log_level(&lookup), Some(LogLevel::Warn));
/// assert_eq!(log_level(&|_| None), None);
/// ```
pub fn log_level(lookup: Lookup<'_>) -> Option<LogLevel> {
    if let Some((_, text)) = variable(lookup, "LOG_LEVEL").filter(|(_, text)| !text.trim().is_empty()) {
        let named = |level: &LogLevel| level.name().eq_ignore_ascii_case(text.trim());
        return Some(LogLevel::ALL.into_iter().find(named).unwrap_or(LogLevel::Debug));
    }
    variable(lookup, "DEBUG").filter(|(_, text)| is_yes(text)).map(|_| LogLevel::Debug)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<LogLevel> {
        log_level(&|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_level_wins_over_the_wish_to_debug_and_the_first_name_over_the_others() {
        for level in LogLevel::ALL {
            for prefix in crate::env::PREFIXES {
                let (name, value) =
                    (format!("{prefix}LOG_LEVEL"), format!(" {} ", level.name().to_uppercase()));
                assert_eq!(read(&[(&name, &value), ("DEBUG", "1")]), Some(level), "{name}");
            }
        }
        assert_eq!(read(&[("AURA_LOG_LEVEL", "error"), ("LOG_LEVEL", "info")]), Some(LogLevel::Error));
    }

    #[test]
    fn a_word_that_is_no_level_asks_for_everything_and_an_empty_one_for_nothing() {
        for word in ["trace", "warning", "verbose", "0", "off"] {
            assert_eq!(read(&[("LOG_LEVEL", word)]), Some(LogLevel::Debug), "{word}");
        }
        assert_eq!(read(&[("LOG_LEVEL", " ")]), None);
        assert_eq!(read(&[("LOG_LEVEL", ""), ("DEBUG", "on")]), Some(LogLevel::Debug));
    }

    #[test]
    fn debug_is_a_boolean() {
        for (word, level) in [
            ("1", Some(LogLevel::Debug)),
            (" TRUE ", Some(LogLevel::Debug)),
            ("yes", Some(LogLevel::Debug)),
            ("On", Some(LogLevel::Debug)),
            ("debug", Some(LogLevel::Debug)),
            ("0", None),
            ("false", None),
            ("express:*", None),
            ("", None),
        ] {
            assert_eq!(read(&[("AUTH_DEBUG", word)]), level, "{word}");
        }
        assert_eq!(read(&[("AUTH_DEBUG", "0"), ("DEBUG", "1")]), None, "the first that is defined counts");
    }

    #[test]
    fn a_level_takes_itself_and_what_is_more_severe() {
        use Severity as S;
        let all = [S::Debug, S::Info, S::Notice, S::Warning, S::Error, S::Critical];
        let taken =
            LogLevel::ALL.map(|level| all.into_iter().filter(|severity| level.takes(*severity)).count());
        assert_eq!(taken, [6, 5, 3, 2]);
    }
}
