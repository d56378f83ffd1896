//! Startup of an example: it listens on this machine, and prints its address or what went wrong.

use crate::settings::{Settings, log_filter};
use std::error::Error;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Starts to log, reads the settings of the environment, and serves until that ends.
///
/// ```no_run
/// let code = aura_examples::run(|settings, listeners| {
///     println!("{} on {} sockets", settings.public_url, listeners.len());
///     Ok(())
/// });
/// # let _ = code;
/// ```
pub fn run(serve: impl FnOnce(Settings, Vec<TcpListener>) -> Result<(), Box<dyn Error>>) -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let filter = EnvFilter::new(log_filter(&variable));
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).init();
    match begin(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn begin(
    serve: impl FnOnce(Settings, Vec<TcpListener>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    // The small examples have no store: their sessions are in cookies.
    let variable = |name: &str| std::env::var(name).ok().filter(|_| name != "SESSIONS");
    let settings = Settings::read(&variable)?;
    let listeners = listen(settings.port)?;
    for notice in &settings.notices {
        tracing::warn!("{notice}");
    }
    tracing::info!("the example is at {}", settings.public_url);
    serve(settings, listeners)
}

/// Browsers try `::1` first where they have it; where there is none, 127.0.0.1 alone serves localhost.
fn listen(port: u16) -> Result<Vec<TcpListener>, String> {
    let taken = |address: &str, error| format!("port {port} of {address}: {error}; set PORT to a free one");
    let mut listeners =
        vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| taken("127.0.0.1", error))?];
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
        Ok(listener) => listeners.push(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(taken("::1", error)),
        Err(_) => {}
    }
    Ok(listeners)
}
