//! Serves the application: `cargo run -p aura-example-app`, with `AURA_AUTH_SECRET`, `AURA_AUTH_SALT`, `BASE_URL`, the
//! credentials of providers (`GITHUB_CLIENT_ID`, `GOOGLE_CLIENT_ID`, `OIDC_ISSUER`, ..), and `ADMINS`, such as
//! `github/583231,oidc/ada`.
#![forbid(unsafe_code)]

use aura_axum::{HttpClient, env};
use std::net::{Ipv4Addr, SocketAddr};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let variable = |name: &str| std::env::var(name).ok();
    let auth = aura_example_app::auth(env::builder(&variable)?)?;
    let admins = variable("ADMINS").unwrap_or_default().split(',').map(str::to_owned).collect();
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    let app = aura_example_app::app(auth, HttpClient::new(), admins, metrics)?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 3000)).await?;
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}
