//! Serves the demo on this machine.
#![forbid(unsafe_code)]

use aura_axum::signing_key;
use aura_demo::Kept;
use aura_examples::{Settings, log_filter};
use std::error::Error;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::new(log_filter(&variable));
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn serve() -> Result<(), Box<dyn Error>> {
    // Beside the program, in cargo's target folder.
    let kept = Kept::open(&std::env::current_exe()?.with_extension("kept"))?;
    let settings = Settings::read_with_keys(&|name| kept.complete(&variable, name), &signing_key)?;
    let port = settings.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port}: {error}; set PORT to a free one"))?;
    for notice in &settings.notices {
        tracing::warn!("{notice}");
    }
    let driver = aura_demo::driver_of(&settings, &kept, &variable).await?;
    // Clients are told apart by their addresses.
    let app = aura_demo::app(&settings, driver).into_make_service_with_connect_info::<SocketAddr>();
    // Browsers try ::1 first where they have it; where there is none, 127.0.0.1 alone serves localhost.
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(listener) => {
            let app = app.clone();
            tokio::spawn(async move { axum::serve(listener, app).await });
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            return Err(format!("port {port} of ::1: {error}; set PORT to a free one").into());
        }
        Err(_) => {}
    }
    tracing::info!("the demo is at {}", settings.public_url);
    let stopped = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await?;
    Ok(())
}
