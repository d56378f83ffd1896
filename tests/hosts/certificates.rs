//! TLS certificates that the default clients accept and refuse.

use aura_blocking::{Client as _, UreqClient};
use aura_http::{Client as _, HttpClient};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, version};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const MAX_RESPONSE: usize = 1024;

type Call = Box<dyn Fn(Request<Bytes>) -> Result<Response<Bytes>, FetchError>>;

/// The clients, each of which reads the system's trusted certificates when it is made.
fn clients() -> [(&'static str, Call); 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (http, ureq) = (HttpClient::new(), UreqClient::new());
    [
        ("HttpClient", Box::new(move |request| runtime.block_on(http.call(request, MAX_RESPONSE)))),
        ("UreqClient", Box::new(move |request| ureq.call(request, Duration::from_secs(60), MAX_RESPONSE))),
    ]
}

/// A certificate and its key.
#[derive(Debug)]
struct Identity(CertificateDer<'static>, PrivateKeyDer<'static>);

fn self_signed() -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = params("127.0.0.1").self_signed(&key).unwrap();
    Identity(certificate.into(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

fn signed_by(authority: &CertifiedIssuer<'_, KeyPair>, params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    Identity(certificate.into(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Asks a server that shows this certificate; returns the status, and what it heard under TLS.
fn ask(call: &Call, Identity(certificate, key): Identity) -> (Result<u16, FetchError>, String) {
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_protocol_versions(&[&version::TLS12, &version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap());
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let (stream, _) = listener.accept().unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut heard = String::new();
            while !heard.ends_with("code=c") {
                let mut buffer = [0; 1024];
                let Ok(length @ 1..) = stream.read(&mut buffer) else { return heard };
                heard.push_str(str::from_utf8(&buffer[..length]).unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            heard
        });
        let outcome = call(Request::post(url).body(Bytes::from_static(b"code=c")).unwrap());
        (outcome.map(|response| response.status().as_u16()), server.join().unwrap())
    })
}

/// Nothing was heard: the request was not sent.
fn refused() -> (Result<u16, FetchError>, String) {
    (Err(FetchError::Untrusted), String::new())
}

#[test]
fn ts_01_a_certificate_of_an_unknown_issuer_is_refused_before_anything_is_sent() {
    for (name, call) in clients() {
        assert_eq!(ask(&call, self_signed()), refused(), "{name}");
        assert_eq!(ask(&call, signed_by(&authority(), &params("127.0.0.1"))), refused(), "{name}");
    }
}

#[test]
fn ts_02_a_certificate_of_another_name_or_another_time_is_refused_though_its_issuer_is_trusted() {
    let name = "ts_02_a_certificate_of_another_name_or_another_time_is_refused_though_its_issuer_is_trusted";
    in_a_process_that_trusts_a_file(name, |file| {
        let trusted = authority();
        std::fs::write(file, trusted.pem()).unwrap();
        let mut expired = params("127.0.0.1");
        expired.not_before = date_time_ymd(2020, 1, 1);
        expired.not_after = date_time_ymd(2021, 1, 1);
        let mut future = params("127.0.0.1");
        future.not_before = date_time_ymd(4000, 1, 1);
        for (name, call) in clients() {
            let (outcome, heard) = ask(&call, signed_by(&trusted, &params("127.0.0.1")));
            assert_eq!(outcome, Ok(200), "{name}");
            assert!(heard.starts_with("POST /token HTTP/1.1\r\n"), "{name}: {heard}");
            for params in [&params("other.test"), &params("127.0.0.2"), &expired, &future] {
                let shown = (name, &params.subject_alt_names, params.not_after);
                assert_eq!(ask(&call, signed_by(&trusted, params)), refused(), "{shown:?}");
            }
            assert_eq!(ask(&call, self_signed()), refused(), "{name}");
        }
    });
}

#[test]
fn without_trusted_certificates_a_client_trusts_nobody() {
    in_a_process_that_trusts_a_file("without_trusted_certificates_a_client_trusts_nobody", |_not_there| {
        for (name, call) in clients() {
            assert_eq!(ask(&call, self_signed()), refused(), "{name}");
        }
    });
}

/// Runs the test of this name again, in a process whose `SSL_CERT_FILE` names a file that is not there yet, and its body
/// in that process alone: the environment belongs to the whole process.
fn in_a_process_that_trusts_a_file(name: &str, body: impl FnOnce(&Path)) {
    const FILE: &str = "AURA_TEST_CERT_FILE";
    if let Some(file) = std::env::var_os(FILE) {
        return body(file.as_ref());
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{}", std::process::id()));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("certificates::{name}")])
        .envs([(FILE, &file), ("SSL_CERT_FILE", &file)])
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    // Where the body wrote none, there is none.
    let _ = std::fs::remove_file(&file);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
