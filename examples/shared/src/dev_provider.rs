//! Embedded development provider, with made-up accounts and no passwords.

use aura_proto::provider::Provider;
use aura_test_idp::{Account, Client, Idp, State};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The path under which the provider is mounted.
const MOUNT: &str = "/dev";
const CLIENT_ID: &str = "demo";

/// The embedded provider. Cheap to clone; clones share what it remembers.
///
/// ```
/// use aura_examples::DevProvider;
/// let dev = DevProvider::new("http://localhost:3000", 3000, "/auth").unwrap();
/// assert!(dev.owns("/dev/authorize") && !dev.owns("/developers"));
/// ```
#[derive(Clone)]
pub struct DevProvider {
    idp: Arc<Idp>,
    state: Arc<Mutex<State>>,
    client_secret: String,
    port: u16,
}

impl fmt::Debug for DevProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevProvider").field("idp", &self.idp).finish_non_exhaustive()
    }
}

impl DevProvider {
    /// Mounts the provider at a public origin, for a host that listens at a port of this machine.
    ///
    /// # Errors
    /// A sentence, if the origin is none.
    ///
    /// ```
    /// assert!(aura_examples::DevProvider::new("localhost", 3000, "/auth").is_err());
    /// ```
    pub fn new(origin: &str, port: u16, base_path: &str) -> Result<Self, String> {
        let client_secret = random_text()?;
        let mut client =
            Client::new(CLIENT_ID, aura_test_idp::ClientSecret::new(&client_secret)).with_name("the demo");
        let local = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("http://{host}:{port}"));
        for origin in local.iter().map(String::as_str).chain([origin]) {
            let redirect_uri = format!("{}{base_path}/callback/dev", origin.trim_end_matches('/'));
            client = client.with_redirect_uri(&redirect_uri).map_err(|error| error.to_string())?;
        }
        let issuer = format!("{}{MOUNT}", origin.trim_end_matches('/'));
        let idp = Idp::new(&issuer).map_err(|error| format!("{issuer}: {error}"))?;
        let idp = idp.client(client).accounts(Account::made_up());
        Ok(Self { idp: Arc::new(idp), state: Arc::default(), client_secret, port })
    }

    /// Describes the provider to Aura. The host reaches it over loopback, browsers at its public origin.
    ///
    /// ```
    /// # let dev = aura_examples::DevProvider::new("http://localhost:3000", 3000, "/auth").unwrap();
    /// assert_eq!(dev.row().id(), "dev");
    /// ```
    pub fn row(&self) -> Provider {
        let local = format!("http://127.0.0.1:{}{MOUNT}", self.port);
        Provider::oauth("dev", CLIENT_ID)
            .with_name("Dev")
            .authorization_endpoint(self.idp.authorization_endpoint())
            .token_endpoint(format!("{local}/token"))
            .userinfo_endpoint(format!("{local}/userinfo"))
            .scope("profile email")
            .client_secret(aura_proto::ClientSecret::new(&self.client_secret))
    }

    /// Tells whether browsers may be sent there to sign in: by https, or by http on this machine.
    ///
    /// ```
    /// # use aura_examples::DevProvider;
    /// assert!(DevProvider::new("http://localhost:3000", 3000, "/auth").unwrap().is_secure());
    /// assert!(!DevProvider::new("http://192.168.1.5:3000", 3000, "/auth").unwrap().is_secure());
    /// ```
    pub fn is_secure(&self) -> bool {
        let Ok(url) = self.idp.authorization_endpoint().parse::<http::Uri>() else { return false };
        let host = url.host().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_local =
            address.map_or(host == "localhost" || host.ends_with(".localhost"), |ip| ip.is_loopback());
        url.scheme_str() == Some("https") || is_local
    }

    /// Tells whether a path belongs to the provider.
    ///
    /// ```
    /// # let dev = aura_examples::DevProvider::new("http://localhost:3000", 3000, "/auth").unwrap();
    /// assert!(dev.owns("/dev/token"));
    /// ```
    pub fn owns(&self, path: &str) -> bool {
        path.strip_prefix(MOUNT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request to the provider.
    ///
    /// ```
    /// # let dev = aura_examples::DevProvider::new("http://localhost:3000", 3000, "/auth").unwrap();
    /// let request = http::Request::get("/dev/userinfo").body(bytes::Bytes::new()).unwrap();
    /// assert_eq!(dev.answer(request).status(), 401);
    /// ```
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut entropy = [0; 32];
        if getrandom::fill(&mut entropy).is_err() {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            return response;
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |duration| duration.as_secs());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.idp.handle(&mut state, request, now, entropy)
    }
}

/// Makes a text of 32 random bytes.
///
/// # Errors
/// A sentence, if the operating system has none.
///
/// ```
/// let (one, other) = (aura_examples::random_text()?, aura_examples::random_text()?);
/// assert_eq!(one.len(), 43);
/// assert_ne!(one, other);
/// # Ok::<(), String>(())
/// ```
pub fn random_text() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| "the operating system gives no random bytes".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
