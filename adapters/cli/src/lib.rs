//! The command `aura`: checks a configuration, opens session tokens, replays transcripts, lists and ends sessions.
//!
//! | command | what it prints |
//! |---|---|
//! | `aura secret` | a fresh secret and salt, as lines of an environment |
//! | `aura check` | errors and findings of a configuration, and the URLs to register at each provider |
//! | `aura token` | a session token's header and claims, or why it is refused |
//! | `aura replay FILE` | the outline of a recorded sign-in, and where it differs under this configuration |
//! | `aura providers` | the built-in providers, and the variables that each needs |
//! | `aura sessions list`, `aura sessions end` | the stored sessions of a user |
//! | `aura completions SHELL` | completions for a shell |
//!
//! The exit status is 0 where nothing is wrong, 1 where there are warnings, and 2 where there are errors. What that means for
//! each command is in its help and in the README.
//!
//! [`run`] is the whole command. The environment, the clock, the random source and the network are in its [`World`], so that tests
//! need no process.
//!
//! ```
//! use aura_blocking::{FetchError, UnixTime};
//! use aura_cli::{World, run};
//!
//! let (mut output, mut errors) = (Vec::new(), Vec::new());
//! let world = World {
//!     variable: &|_| None,
//!     input: &mut std::io::empty(),
//!     output: &mut output,
//!     errors: &mut errors,
//!     now: UnixTime::from_secs(1_790_000_000),
//!     random: &|_| false,
//!     client: &|| Box::new(|_| Err(FetchError::Unreachable)),
//! };
//! assert_eq!(run(["aura", "check"].map(Into::into), world), 2);
//! assert!(String::from_utf8_lossy(&output).starts_with("error    AURA_AUTH_SECRET is not set"));
//! ```
#![forbid(unsafe_code)]

mod arguments;
mod check;
mod environment;
mod providers;
mod replay;
mod report;
mod secret;
mod sessions;
mod token;

use arguments::{Arguments, Command};
use aura_blocking::{Client, UnixTime};
use clap::{CommandFactory, Parser};
use report::{Failure, Report, Status, shown};
use std::ffi::OsString;
use std::fmt;
use std::io::{Read, Write};

/// What the command reads and writes. The example of the [crate] shows it.
pub struct World<'a> {
    /// Looks a variable of the environment up.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output.
    pub output: &'a mut dyn Write,
    /// Standard error.
    pub errors: &'a mut dyn Write,
    /// The time.
    pub now: UnixTime,
    /// Fills a buffer with random bytes of the system, or returns `false`.
    pub random: &'a dyn Fn(&mut [u8]) -> bool,
    /// Makes the client that asks providers. It is called only where a command needs the network.
    pub client: &'a dyn Fn() -> Box<dyn Client>,
}

impl fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Runs the command with its arguments, of which the first is its name, and returns its exit status: 0 where nothing is wrong, 1
/// where there are warnings, 2 where there are errors. The example of the [crate] shows it.
pub fn run(arguments: impl IntoIterator<Item = OsString>, mut world: World<'_>) -> u8 {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) if !error.use_stderr() => return write(world.output, &error.to_string(), Status::Clean),
        // A token that was given where none is read must not be shown.
        Err(error) if arguments.iter().any(|argument| argument == "token") => {
            let text = format!("error: {}; see: aura token --help\n", error.kind());
            return write(world.errors, &text, Status::Failed);
        }
        Err(error) => return write(world.errors, &error.to_string(), Status::Failed),
    };
    match carry_out(&parsed.command, &mut world) {
        Ok(report) if parsed.json => write(world.output, &format!("{:#}\n", report.json), report.status),
        Ok(report) => write(world.output, &report.text, report.status),
        Err(Failure(message)) if parsed.json => {
            let json = serde_json::json!({ "error": message });
            write(world.output, &format!("{json:#}\n"), Status::Failed)
        }
        Err(Failure(message)) => write(world.errors, &format!("error: {message}\n"), Status::Failed),
    }
}

fn carry_out(command: &Command, world: &mut World<'_>) -> Result<Report, Failure> {
    match command {
        Command::Secret => secret::secret(world.random),
        Command::Check { options, online } => {
            check::check(options, online.then_some(world.client), world.variable)
        }
        Command::Token { options, token, at } => {
            let text = token::read(token, world.input)?;
            token::token(options, &text, at.unwrap_or(world.now), world.variable)
        }
        Command::Replay { options, file } => replay::replay(options, file, world.variable),
        Command::Providers => Ok(providers::providers()),
        Command::Sessions { options, store, action } => {
            sessions::sessions(options, store.as_deref(), action, world.now, world.variable)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "aura", &mut script);
            let text = String::from_utf8_lossy(&script).into_owned();
            Ok(Report { json: text.as_str().into(), text, status: Status::Clean })
        }
    }
}

/// Writes a text, and returns the status; a reader that has gone is a failure.
fn write(to: &mut dyn Write, text: &str, status: Status) -> u8 {
    match to.write_all(shown(text).as_bytes()).and_then(|()| to.flush()) {
        Ok(()) => status as u8,
        Err(_) => Status::Failed as u8,
    }
}
