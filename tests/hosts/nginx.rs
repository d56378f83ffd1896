//! The demo behind nginx with the configuration of `manual/nginx.conf`, where nginx is installed.

use aura_axum::{Candidate, Driver};
use aura_demo::app;
use aura_examples::Settings;
use aura_test_idp::browser::{Browser, Form, Page, Site, Web};
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
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// Set where the absence of nginx is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_NGINX_REQUIRED";
const SITE: &str = "https://example.com";
/// The settings that `manual/nginx.conf` names.
const SETTINGS: [(&str, &str); 4] = [
    ("BASE_URL", SITE),
    ("TRUSTED_ORIGINS", SITE),
    ("TRUSTED_PROXY_HEADERS", "true"),
    ("FORWARDED_FIELDS", "x_forwarded"),
];
/// Addresses of two clients on this machine.
const ONE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

#[test]
fn the_configuration_names_the_settings_of_these_tests() {
    let configuration = configuration();
    for (name, value) in SETTINGS {
        assert!(configuration.contains(&format!("#   {name}={value}\n")), "{name}");
    }
}

#[test]
fn a_user_signs_in_by_https() {
    let Some(mut nginx) = Nginx::start(&SETTINGS, |driver| driver) else { return };
    let (mut browser, page) = sign_in(&mut nginx, ONE);
    assert_eq!((page.status, page.url.as_str()), (StatusCode::OK, "https://example.com/api/providers"));
    assert_eq!(page.header("strict-transport-security"), Some("max-age=31536000"));

    let asked = browser.history.iter().find(|visit| visit.url.path() == "/dev/authorize").unwrap();
    let redirect_uri = asked.url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
    assert_eq!(redirect_uri, "https://example.com/auth/callback/dev");

    let written = nginx.set_cookies();
    assert!(
        written.iter().any(|field| field.starts_with("__Host-aura-auth.session_token=ey")),
        "{written:?}"
    );
    for field in &written {
        assert!(field.starts_with("__Host-") && field.contains("; Secure"), "{field}");
    }
    let session = open(&mut nginx, &mut browser, "/auth/session");
    assert!(session.status == 200 && session.text().contains("Ada Lovelace"), "{}", session.text());
}

#[test]
fn plain_http_leads_to_https() {
    let Some(nginx) = Nginx::start(&SETTINGS, |driver| driver) else { return };
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, nginx.plain)).unwrap();
    let answer = exchange(&mut stream, "GET /auth/signIn/dev?redirectTo=/a", "example.com", &[], b"");
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.headers()["location"], "https://example.com/auth/signIn/dev?redirectTo=/a");
}

#[test]
fn what_a_client_writes_about_itself_is_not_believed() {
    // FORWARDED_FIELDS, the last setting, is a second lock: nginx removes the other field.
    for settings in [&SETTINGS[..], &SETTINGS[..3]] {
        let Some(nginx) = Nginx::start(settings, |driver| driver) else { return };
        let lies = [
            ("forwarded", "for=192.0.2.1;host=evil.test;proto=http"),
            ("x-forwarded-for", "192.0.2.2"),
            ("x-forwarded-host", "evil.test"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-prefix", "/evil"),
        ];
        for (client, address) in [(ONE, "127.0.0.2"), (OTHER, "127.0.0.3")] {
            assert_eq!(nginx.get(client, "/address", &lies).body(), address);
        }
        let begun = nginx.get(ONE, "/auth/signIn/dev", &lies);
        let location = begun.headers()["location"].to_str().unwrap();
        let redirect_uri = "redirect_uri=https%3A%2F%2Fexample.com%2Fauth%2Fcallback%2Fdev";
        assert!(begun.status() == 302 && location.contains(redirect_uri), "{location}");
    }
}

#[test]
fn requests_are_counted_by_the_address_of_the_connection() {
    let Some(nginx) = Nginx::start(&SETTINGS, |driver| driver) else { return };
    // The default lets one address begin so many sign-ins at once.
    let statuses: Vec<_> = (0..130_u8)
        .map(|number| {
            let [forwarded, chain] = [format!("for=192.0.2.{number}"), format!("192.0.2.{number}")];
            let lies = [("forwarded", &*forwarded), ("x-forwarded-for", &*chain)];
            nginx.get(ONE, "/auth/signIn/dev", &lies).status().as_u16()
        })
        .collect();
    assert_eq!(statuses[..120], [302; 120]);
    assert_eq!(statuses[129], 429);
    assert_eq!(nginx.get(OTHER, "/auth/signIn/dev", &[]).status(), 302);
}

#[test]
fn a_large_session_passes() {
    let settings = [&SETTINGS[..], &[("SESSION_MAX_SIZE", "20480")]].concat();
    let large = |driver: Driver| {
        driver.admit(async |candidate: Candidate| {
            candidate.admit_with(&serde_json::json!({ "about": "a".repeat(9_000) }))
        })
    };
    let Some(mut nginx) = Nginx::start(&settings, large) else { return };
    let (mut browser, page) = sign_in(&mut nginx, ONE);
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/api/providers"));
    assert_eq!(open(&mut nginx, &mut browser, "/auth/session").status, 200);
    let cookies = browser.history.last().unwrap().request_header("cookie").unwrap();
    // More than nginx accepts by default.
    assert!(cookies.len() > 9_000, "{}", cookies.len());
}

#[test]
fn without_a_base_url_the_origin_is_a_trusted_one_that_nginx_writes() {
    let trusted = [("TRUSTED_ORIGINS", "https://example.com,https://example.org")];
    let settings = [&SETTINGS[2..], &trusted].concat();
    let Some(nginx) = Nginx::start(&settings, |driver| driver) else { return };
    let begin = |host: &str| {
        nginx.request(ONE, "GET /auth/signIn/dev", host, &[("x-forwarded-host", "evil.test")], b"")
    };
    for host in ["example.com", "example.org"] {
        let begun = begin(host);
        let location = begun.headers()["location"].to_str().unwrap();
        let redirect_uri = format!("redirect_uri=https%3A%2F%2F{host}%2Fauth%2Fcallback%2Fdev");
        assert!(begun.status() == 302 && location.contains(&redirect_uri), "{location}");
    }
    assert_eq!(begin("evil.test").status(), 400);
}

/// Signs Ada in at the demo's provider, from an address.
fn sign_in(nginx: &mut Nginx, client: Ipv4Addr) -> (Browser, Page) {
    nginx.client = client;
    let mut browser = Browser::new(aura_axum::now().as_secs());
    let mut web = Web::default().with(SITE, nginx);
    let begin = Url::parse("https://example.com/auth/signIn/dev?redirectTo=/api/providers").unwrap();
    let login = Form::of(&browser.open(&mut web, &begin)).expect("the page of the provider");
    let page = browser.submit(&mut web, &login.with("account", "ada"));
    (browser, page)
}

/// Shows a page of the site to a browser, which sends its cookies.
fn open(nginx: &mut Nginx, browser: &mut Browser, path: &str) -> Page {
    let mut web = Web::default().with(SITE, nginx);
    browser.open(&mut web, &Url::parse(SITE).unwrap().join(path).unwrap())
}

fn configuration() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual/nginx.conf");
    std::fs::read_to_string(path).unwrap()
}

/// A process of nginx in front of the demo. Both end with it.
struct Nginx {
    process: Child,
    folder: PathBuf,
    plain: u16,
    secure: u16,
    tls: Arc<ClientConfig>,
    /// The address from which the model browser connects.
    client: Ipv4Addr,
    set_cookies: Mutex<Vec<String>>,
}

impl Nginx {
    /// Starts both; `None`, and a line that says so, where nginx is not installed.
    fn start(settings: &[(&str, &str)], change: impl FnOnce(Driver) -> Driver) -> Option<Self> {
        let Some(program) = find_nginx() else {
            assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but nginx is not there");
            // Written past the test harness, which hides what a passing test prints.
            writeln!(std::io::stderr(), "SKIPPED: nginx is not installed").unwrap();
            return None;
        };
        let server = serve(settings, change);
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["example.com".to_owned(), "example.org".to_owned()]).unwrap();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
        let tls = trusting(cert.der().clone());
        // Another process may take a free port first.
        for _ in 0..5 {
            let [plain, secure] = free_ports();
            std::fs::write(folder.join("nginx.conf"), whole(&folder, plain, secure, server)).unwrap();
            let mut process = run(&program, &folder);
            if answers(&mut process, secure) {
                let (client, set_cookies) = (ONE, Mutex::default());
                return Some(Self { process, folder, plain, secure, tls, client, set_cookies });
            }
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("nginx does not start: {log}");
    }

    fn get(&self, client: Ipv4Addr, path: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        self.request(client, &format!("GET {path}"), "example.com", fields, b"")
    }

    /// Sends a request by https, on a connection of its own from the client's address.
    fn request(
        &self,
        client: Ipv4Addr,
        line: &str,
        host: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Response<Bytes> {
        let name = ServerName::try_from("example.com").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.tls), name).unwrap();
        let mut stream = StreamOwned::new(connection, connect(client, self.secure));
        exchange(&mut stream, line, host, fields, body)
    }

    fn set_cookies(&self) -> Vec<String> {
        std::mem::take(&mut *self.set_cookies.lock().unwrap())
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
        self.set_cookies.lock().unwrap().extend(written);
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

/// Serves the demo, and `/address`, which shows the address that it counts by; returns its port.
fn serve(settings: &[(&str, &str)], change: impl FnOnce(Driver) -> Driver) -> u16 {
    let listener = RUNTIME.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    let variable =
        |name: &str| settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    let settings = Settings::read_at(port, &variable).unwrap();
    let driver = change(aura_demo::driver(&settings));
    let auth = settings.auth.clone();
    let address = async move |request: Request| {
        auth.client_address(&request).map(|ip| ip.to_string()).unwrap_or_default()
    };
    let app = app(&settings, driver).route("/address", get(address));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    RUNTIME.spawn(async move { axum::serve(listener, service).await });
    port
}

/// The whole configuration: that of the manual with other ports and files, and what else nginx needs in a folder of its own.
fn whole(folder: &Path, plain: u16, secure: u16, server: u16) -> String {
    let mut site = configuration();
    for (theirs, ours) in [
        ("listen 80;", format!("listen 127.0.0.1:{plain};")),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{secure} ssl;")),
        ("server 127.0.0.1:3000;", format!("server 127.0.0.1:{server};")),
        ("/etc/ssl/example.com.pem", folder.join("cert.pem").display().to_string()),
        ("/etc/ssl/example.com.key", folder.join("key.pem").display().to_string()),
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

fn run(program: &Path, folder: &Path) -> Child {
    let file = folder.join("nginx.conf");
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("log")).arg("-c").arg(file);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until the port answers; `false` if the process ends before.
fn answers(process: &mut Child, port: u16) -> bool {
    loop {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn find_nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Debian has it where only administrators have their programs.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|file| file.is_file())
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
fn exchange(
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
    let mut lines = str::from_utf8(&answer[..end]).unwrap().split("\r\n");
    let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HeaderMap = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    assert!(!headers.contains_key("transfer-encoding"), "the body has a length");
    let mut response = Response::new(Bytes::copy_from_slice(&answer[end + 4..]));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    *response.headers_mut() = headers;
    response
}
