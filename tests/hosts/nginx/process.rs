//! A process of nginx in front of the demo, and a client of it that connects from any address of this machine.

use aura_axum::Driver;
use aura_demo::app;
use aura_examples::Settings;
use aura_test_idp::browser::Site;
use axum::extract::Request;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

/// Set where the absence of nginx is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_NGINX_REQUIRED";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

/// The text of `manual/nginx.conf`.
pub(super) fn configuration() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual/nginx.conf");
    std::fs::read_to_string(path).unwrap()
}

/// A process of nginx in front of the demo. Both end with it.
pub(super) struct Nginx {
    process: Child,
    folder: PathBuf,
    /// The port of plain http.
    pub(super) plain: u16,
    secure: u16,
    tls: Arc<ClientConfig>,
    /// The address from which the model browser connects.
    pub(super) client: Ipv4Addr,
    /// The fields `Set-Cookie` that the model browser has received.
    pub(super) set_cookies: Vec<String>,
}

impl Nginx {
    /// Starts both; `None`, and a line that says so, where nginx is not installed.
    pub(super) fn start(settings: &[(&str, &str)], change: impl FnOnce(Driver) -> Driver) -> Option<Self> {
        let program = find_nginx()?;
        let server = serve(settings, change);
        let (folder, tls) = prepare();
        // Another process may take a free port first.
        for _ in 0..5 {
            let [plain, secure] = free_ports();
            if let Some(process) = run(&program, &folder, [plain, secure, server], &tls) {
                return Some(Self {
                    process,
                    folder,
                    plain,
                    secure,
                    tls,
                    client: Ipv4Addr::LOCALHOST,
                    set_cookies: Vec::new(),
                });
            }
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("nginx does not start: {log}");
    }

    pub(super) fn get(&self, client: Ipv4Addr, path: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        self.request(client, &format!("GET {path}"), "example.com", fields, b"")
    }

    /// Sends a request by https, on a connection of its own from the client's address.
    pub(super) fn request(
        &self,
        client: Ipv4Addr,
        line: &str,
        host: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Response<Bytes> {
        let mut stream = StreamOwned::new(client_of(&self.tls), connect(client, self.secure));
        exchange(&mut stream, line, host, fields, body)
    }
}

impl Site for Nginx {
    fn answer(&mut self, request: http::Request<Bytes>, _now: u64) -> Response<Bytes> {
        let line = format!("{} {}", request.method(), request.uri().path_and_query().unwrap());
        let fields: Vec<_> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let fields: Vec<_> =
            fields.into_iter().filter(|(name, _)| !["host", "content-length"].contains(name)).collect();
        let response = self.request(self.client, &line, "example.com", &fields, request.body());
        let written =
            response.headers().get_all("set-cookie").iter().map(|field| field.to_str().unwrap().to_owned());
        self.set_cookies.extend(written);
        response
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its one process: there is no master, whose workers would go on.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Serves the demo, `/address`, which shows the address that it counts by, and `/upgrade`, which shows the fields `Connection` and
/// `Upgrade`; returns its port.
fn serve(settings: &[(&str, &str)], change: impl FnOnce(Driver) -> Driver) -> u16 {
    let listener = RUNTIME.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    let variable =
        |name: &str| settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    let settings = Settings::read_at(port, &variable).unwrap();
    let driver = change(aura_demo::driver(&settings).unwrap());
    let auth = settings.auth.clone();
    let address = async move |request: Request| {
        auth.client_address(&request).map(|ip| ip.to_string()).unwrap_or_default()
    };
    let app = app(&settings, driver).route("/address", get(address)).route("/upgrade", get(upgrade));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    RUNTIME.spawn(async move { axum::serve(listener, service).await });
    port
}

async fn upgrade(headers: HeaderMap) -> String {
    let [connection, upgrade] =
        ["connection", "upgrade"].map(|name| headers.get(name).map_or("", |value| value.to_str().unwrap()));
    format!("{connection}: {upgrade}")
}

/// The whole configuration: that of the manual with other ports and files, and what else nginx needs in a folder of its own.
fn whole(folder: &Path, plain: u16, secure: u16, server: u16) -> String {
    let mut site = configuration();
    for (theirs, ours) in [
        ("listen 80;", format!("listen 127.0.0.1:{plain};")),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{secure} ssl;")),
        ("server 127.0.0.1:3000;", format!("server 127.0.0.1:{server};")),
        ("/etc/ssl/example.com/fullchain.pem", folder.join("cert.pem").display().to_string()),
        ("/etc/ssl/example.com/privkey.pem", folder.join("key.pem").display().to_string()),
    ] {
        assert_eq!(site.matches(theirs).count(), 1, "{theirs}");
        site = site.replace(theirs, &ours);
    }
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {}/{name};\n", folder.display()))
        .collect();
    format!(
        "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/log;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{site}}}\n",
        folder.display()
    )
}

/// Makes a folder for nginx with a certificate of its own, which the client trusts alone.
fn prepare() -> (PathBuf, Arc<ClientConfig>) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("nginx-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["example.com".to_owned(), "example.org".to_owned()]).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    (folder, trusting(cert.der().clone()))
}

/// Runs nginx at the ports of plain http and of https, in front of a server; `None` if it does not answer there.
fn run(program: &Path, folder: &Path, ports: [u16; 3], tls: &Arc<ClientConfig>) -> Option<Child> {
    let [plain, secure, server] = ports;
    let file = folder.join("nginx.conf");
    std::fs::write(&file, whole(folder, plain, secure, server)).unwrap();
    let mut command = match find("setpriv") {
        // nginx ends with the thread that starts it, also where this process is killed.
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL"]).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("log")).arg("-c").arg(file);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    // While another process has a port, nginx tries for some seconds to bind it, and ends then.
    for _ in 0..1000 {
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        // It binds both ports before it answers at one.
        if answers(secure, tls) {
            return Some(process);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    None
}

/// Tells whether a server with the certificate of the client's folder answers at a port.
fn answers(port: u16, tls: &Arc<ClientConfig>) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    client_of(tls).complete_io(&mut stream).is_ok()
}

fn client_of(tls: &Arc<ClientConfig>) -> ClientConnection {
    let name = ServerName::try_from("example.com").unwrap();
    ClientConnection::new(Arc::clone(tls), name).unwrap()
}

/// Finds nginx; `None`, and a line that says so, where it is not installed.
fn find_nginx() -> Option<PathBuf> {
    let found = find("nginx");
    if found.is_none() {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but nginx is not there");
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "SKIPPED: nginx is not installed").unwrap();
    }
    found
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Debian has nginx where only administrators have their programs.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[test]
fn another_server_at_the_port_is_not_taken_for_nginx() {
    let Some(program) = find_nginx() else { return };
    let (folder, tls) = prepare();
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let [plain, server] = free_ports();
    let ports = [plain, other.local_addr().unwrap().port(), server];
    assert!(run(&program, &folder, ports, &tls).is_none());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn nginx_ends_with_the_thread_that_started_it() {
    let Some(program) = find_nginx() else { return };
    if find("setpriv").is_none() {
        writeln!(std::io::stderr(), "SKIPPED: setpriv of util-linux is not installed").unwrap();
        return;
    }
    let (folder, tls) = prepare();
    let start = || {
        (0..5).find_map(|_| {
            let [plain, secure] = free_ports();
            run(&program, &folder, [plain, secure, plain], &tls)
        })
    };
    let mut process = std::thread::scope(|scope| scope.spawn(start).join()).unwrap().unwrap();
    let ended = (0..1000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        process.try_wait().unwrap()
    });
    let _ = process.kill();
    assert_eq!(ended.map(|status| status.code()), Some(None), "it is killed by a signal");
    std::fs::remove_dir_all(&folder).unwrap();
}

fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn trusting(certificate: CertificateDer<'static>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(ring::default_provider().into());
    Arc::new(
        config
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}

/// Connects from an address of this machine.
fn connect(client: Ipv4Addr, port: u16) -> TcpStream {
    let stream = RUNTIME.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((client, 0).into()).unwrap();
        socket.connect((Ipv4Addr::LOCALHOST, port).into()).await.unwrap()
    });
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
}

/// Sends a request of HTTP/1.1, and reads the answer to the end of the connection.
pub(super) fn exchange(
    stream: &mut (impl Read + Write),
    line: &str,
    host: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Response<Bytes> {
    let mut head =
        format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat()).unwrap();
    let mut answer = Vec::new();
    // nginx closes the connection without an alert of TLS where it has refused the request.
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let (head, body) = answer.split_at(end);
    let mut lines = str::from_utf8(head).unwrap().split("\r\n");
    let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HeaderMap = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    assert!(!headers.contains_key("transfer-encoding"), "the body has a length");
    let mut response = Response::new(Bytes::copy_from_slice(&body[4..]));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    *response.headers_mut() = headers;
    response
}
