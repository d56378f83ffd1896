//! Two servers behind one address, which share one store.
//!
//! `cargo run -p aura-example-several` serves them, and starts a server again that ended. `.. -- drill` kills servers in the middle of
//! a sign-in and of a refresh, and checks that nobody is signed out and that no refresh token is spent twice.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "it says what it does")]

mod address;
mod drill;
mod provider;
mod servers;

use address::Address;
use provider::Gated;
use servers::{Logs, Servers};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => serve().await,
        ["drill"] => drill().await,
        ["server", folder] => servers::serve(folder.as_ref()).await,
        _ => Err("give nothing, or drill".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until it is interrupted.
async fn serve() -> Result<(), Box<dyn Error>> {
    let address = Address::bind().await?;
    let provider = Gated::start(&address).await?;
    let mut servers = Servers::start(&address, &provider, Logs::Here).await?;
    println!(
        "the site is at {}, and these processes serve it: {:?}. End one.",
        address.url,
        servers.processes()
    );
    tokio::spawn(address.clone().forward());
    let stopped = tokio::signal::ctrl_c();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            () = sleep(Duration::from_millis(200)) => {}
        }
        if servers.start_ended().await? {
            println!("a server ended, and another one is there: {:?}", servers.processes());
        }
    }
}

/// Kills servers, and fails where somebody is signed out, or a refresh token is spent twice.
async fn drill() -> Result<(), Box<dyn Error>> {
    let address = Address::bind().await?;
    let provider = Gated::start(&address).await?;
    let servers = Servers::start(&address, &provider, Logs::Nowhere).await?;
    tokio::spawn(address.clone().forward());
    tokio::task::spawn_blocking(move || {
        drill::run(&address, &provider, servers).map_err(|error| error.to_string())
    })
    .await??;
    Ok(())
}
