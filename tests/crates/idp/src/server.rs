//! Loopback server around the pure function, with the machine's clock and entropy.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::idp::Idp;
use crate::provider::{self, Provider};
use crate::response::{self, Response};
use crate::state::State;
use crate::wire::Delay;

/// The longest body that is read.
const LONGEST_BODY: usize = 64 * 1024;

/// Serves a provider on a loopback address until the listener fails or the future is dropped.
///
/// Nobody proves anything to this provider, so an address that other machines could reach is refused.
/// A response that is [`Delay`](crate::Delay)ed is sent that much later, for which the runtime needs its timer.
/// It speaks plain HTTP/1.1, which RFC 8252 section 8.3 grants to loopback addresses.
///
/// ```
/// use aura_test_idp::{Idp, serve};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let idp = Idp::new(&format!("http://{}", listener.local_addr()?))?;
/// let server = tokio::spawn(serve(listener, idp));
///
/// let reachable = TcpListener::bind("0.0.0.0:0").await?;
/// assert!(serve(reachable, Idp::new("http://localhost:3000")?).await.is_err());
/// # server.abort();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If the address is not loopback, or if no more connections can be accepted.
pub async fn serve(listener: TcpListener, idp: Idp) -> io::Result<Infallible> {
    serve_shared(listener, Arc::new(Mutex::new(Provider { idp, state: State::default() }))).await
}

/// Serves as [`serve`] does, while a test holds the provider too: to press a button, to rotate a key, to change a lie.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use aura_test_idp::{Behaviour, Idp, Lie, Provider, State, serve_shared};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let idp = Idp::new(&format!("http://{}", listener.local_addr()?))?;
/// let provider = Arc::new(Mutex::new(Provider { idp, state: State::default() }));
/// let server = tokio::spawn(serve_shared(listener, Arc::clone(&provider)));
/// if let Ok(mut provider) = provider.lock() {
///     provider.idp.set_behaviour(Behaviour::default().lie(Lie::JwksEmpty));
///     provider.state.rotate_key();
/// }
/// # server.abort();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If the address is not loopback, or if no more connections can be accepted.
pub async fn serve_shared(listener: TcpListener, provider: Arc<Mutex<Provider>>) -> io::Result<Infallible> {
    if !listener.local_addr()?.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the address is not loopback"));
    }
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(Arc::clone(&provider), stream));
            }
            // The peer left before it was served.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error),
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(provider: Arc<Mutex<Provider>>, stream: TcpStream) {
    let service =
        service_fn(|request| async { Ok::<_, Infallible>(answer(&provider, request).await.map(Full::new)) });
    // A broken connection affects only its peer.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(provider: &Mutex<Provider>, request: Request<Incoming>) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LONGEST_BODY).collect().await else {
        return response::content_too_large();
    };
    let response = provider::answer(provider, Request::from_parts(head, body.to_bytes()), now());
    if let Some(Delay(duration)) = response.extensions().get() {
        tokio::time::sleep(*duration).await;
    }
    response
}

/// A clock before 1970 counts as 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
