//! The server processes: each is this program once more, and serves the demo.

use crate::address::Address;
use crate::provider::Gated;
use aura_demo::Kept;
use aura_examples::Settings;
use serde_json::json;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Serves the demo, as the environment says, with the secret and the sessions of a folder.
pub(crate) async fn serve(folder: &Path) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_target(false).init();
    let variable = |name: &str| std::env::var(name).ok();
    let kept = Kept::open(folder)?;
    let settings = Settings::read(&|name| kept.complete(&variable, name))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await?;
    let driver = aura_demo::driver_of(&settings, &kept, &variable).await?;
    Ok(axum::serve(listener, aura_demo::app(&settings, driver)).await?)
}

/// Where the processes log.
#[derive(Clone, Copy)]
pub(crate) enum Logs {
    Here,
    Nowhere,
}

/// Two processes. They end with it, and their folder is deleted.
pub(crate) struct Servers {
    folder: PathBuf,
    url: String,
    logs: Logs,
    running: Vec<(SocketAddr, Child)>,
}

impl Servers {
    /// Starts both.
    pub(crate) async fn start(site: &Address, provider: &Gated, logs: Logs) -> Result<Self, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("aura-several-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let row = json!([{
            "id": "idp", "name": "The provider", "kind": "oidc", "issuer": provider.issuer, "client_id": "several",
            "client_secret": "several-secret", "scope": "openid profile email offline_access", "tokens": "readable",
        }]);
        std::fs::write(folder.join("providers.json"), row.to_string())?;
        let mut servers = Self { folder, url: site.url.clone(), logs, running: Vec::new() };
        for address in site.servers {
            let server = servers.spawn(address).await?;
            servers.running.push((address, server));
        }
        Ok(servers)
    }

    /// Starts the servers again that have ended, and tells whether there were any.
    pub(crate) async fn start_ended(&mut self) -> Result<bool, Box<dyn Error>> {
        let mut has_ended = false;
        for at in 0..self.running.len() {
            let Some((address, server)) = self.running.get_mut(at) else { continue };
            let address = *address;
            if server.try_wait()?.is_some() {
                has_ended = true;
                let server = self.spawn(address).await?;
                self.running.splice(at..=at, [(address, server)]);
            }
        }
        Ok(has_ended)
    }

    /// Kills one of them, as a machine that fails does.
    pub(crate) fn kill(&mut self, at: usize) -> Result<(), Box<dyn Error>> {
        let (_, server) = self.running.get_mut(at).ok_or("there are two servers")?;
        server.kill()?;
        server.wait()?;
        Ok(())
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.running.iter().map(|(_, server)| server.id()).collect()
    }

    /// Starts a server, and waits until it accepts connections.
    async fn spawn(&self, address: SocketAddr) -> Result<Child, Box<dyn Error>> {
        let mut server = Command::new(std::env::current_exe()?)
            .arg("server")
            .arg(&self.folder)
            .env("PORT", address.port().to_string())
            .env("BASE_URL", &self.url)
            // The drill sends a thousand requests at once.
            .env("LIMITS", "off")
            .env("AURA_PROVIDERS", self.folder.join("providers.json"))
            .stdout(match self.logs {
                Logs::Here => Stdio::inherit(),
                Logs::Nowhere => Stdio::null(),
            })
            .spawn()?;
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = server.try_wait()? {
                return Err(format!("a server ended: {status}").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(server)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for (_, server) in &mut self.running {
            let _ = server.kill();
            let _ = server.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
