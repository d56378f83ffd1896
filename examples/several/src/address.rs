//! The address of the site: each connection is forwarded to a server that accepts it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// The public address, and those of the servers behind it.
#[derive(Clone)]
pub(crate) struct Address {
    listener: Arc<TcpListener>,
    pub(crate) url: String,
    pub(crate) servers: [SocketAddr; 2],
    /// How many connections there were. The server is chosen in turn, or is the preferred one.
    turn: Arc<AtomicUsize>,
}

impl Address {
    pub(crate) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://localhost:{}", listener.local_addr()?.port());
        let servers = [free().await?, free().await?];
        Ok(Self { listener: Arc::new(listener), url, servers, turn: Arc::default() })
    }

    /// Forwards connections until the process ends.
    pub(crate) async fn forward(self) {
        while let Ok((mut browser, _)) = self.listener.accept().await {
            let address = self.clone();
            tokio::spawn(async move {
                if let Some(mut server) = address.connect().await {
                    // A connection that breaks is its peers' affair.
                    let _ = copy_bidirectional(&mut browser, &mut server).await;
                }
            });
        }
    }

    /// Connects to the server whose turn it is, or to the other one where that is away.
    async fn connect(&self) -> Option<TcpStream> {
        let [one, other] = self.servers;
        let order =
            if self.turn.fetch_add(1, Relaxed).is_multiple_of(2) { [one, other] } else { [other, one] };
        for server in order {
            if let Ok(stream) = TcpStream::connect(server).await {
                return Some(stream);
            }
        }
        None
    }
}

/// Returns an address that nothing listens at.
pub(crate) async fn free() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()
}
