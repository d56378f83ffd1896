//! Arguments of the command. Their documentation is its help.

use aura_blocking::UnixTime;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// Checks the configuration of a site that signs in by Aura, and looks into its sessions.
///
/// The exit status is 0 where nothing is wrong, 1 where there are warnings, and 2 where there are errors.
#[derive(Debug, Parser)]
#[command(name = "aura", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Prints JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints a fresh secret and salt, as lines of an environment
    Secret,
    /// Prints errors and findings of the configuration, and the URLs to register at each provider
    ///
    /// The exit status is 2 where a server would not start or a provider that was asked cannot be used, 1 where there are
    /// warnings, and 0 otherwise.
    Check {
        #[command(flatten)]
        options: Options,
        /// Asks each OpenID Provider for its configuration
        #[arg(long)]
        online: bool,
    },
    /// Opens a session token, or the session in a Cookie header
    ///
    /// The exit status is 0 where the site would take it, 1 where it would not, and 2 where the configuration has an error.
    Token {
        #[command(flatten)]
        options: Options,
        /// The token or Cookie header; - reads standard input. Other users of the machine can see arguments
        #[arg(long, default_value = "-", hide_default_value = true)]
        token: String,
        /// The time at which to open it, such as 2026-09-21T13:33:20.000Z, instead of the present
        #[arg(long, value_parser = time)]
        at: Option<UnixTime>,
    },
    /// Replays the transcript of a failed sign-in under this configuration
    ///
    /// The exit status is 0 where it runs as it was recorded, 1 where it does not, and 2 where it cannot run.
    Replay {
        #[command(flatten)]
        options: Options,
        /// The transcript
        file: PathBuf,
    },
    /// Prints the built-in providers, and the variables that each needs
    Providers,
    /// Lists or ends the stored sessions of a user
    ///
    /// The store is that of DATABASE_URL (sqlite:FILE or postgres://..) or REDIS_URL. The exit status is 1 where no session was
    /// ended, and 2 where the store cannot answer.
    Sessions {
        #[command(flatten)]
        options: Options,
        /// The variable that has the URL of the store, where DATABASE_URL and REDIS_URL are both set, or neither
        #[arg(long, global = true, value_name = "VARIABLE")]
        store: Option<String>,
        #[command(subcommand)]
        action: SessionsAction,
    },
    /// Prints completions for a shell
    Completions { shell: Shell },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsAction {
    /// Lists the sessions of a user who signed in with a provider
    List(User),
    /// Ends every session of a user who signed in with a provider: at once, and for good
    End(User),
}

/// A user at a provider.
#[derive(Args, Debug)]
pub(crate) struct User {
    /// The id of the provider, such as github
    pub(crate) provider: String,
    /// The id of the user at the provider
    pub(crate) sub: String,
}

/// Where the configuration is, and what of it is in the application's code.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// A file of lines NAME=value to read instead of the environment
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) env: Option<PathBuf>,
    /// The base path that the application sets; by default /auth
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) base_path: Option<String>,
    /// The prefix of cookies that the application sets; by default aura-auth
    #[arg(long, global = true, value_name = "PREFIX")]
    pub(crate) cookie_prefix: Option<String>,
}

fn time(text: &str) -> Result<UnixTime, &'static str> {
    UnixTime::from_iso8601(text).ok_or("give a time such as 2026-09-21T13:33:20.000Z")
}
