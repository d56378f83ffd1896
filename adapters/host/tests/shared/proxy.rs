//! The proxy of the environment, in processes that have environments of their own. The tests of each client include this
//! file.

use super::{Client, ask, is_proxied};
use aura_proto::FetchError;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

/// The first bytes of a TLS connection: a handshake record.
const HANDSHAKE: u8 = 0x16;

#[test]
#[ignore = "the tests below run it as a process of its own"]
fn a_process_behind_a_proxy() {
    let client = Client::with_environment_proxy();
    assert_eq!(is_proxied(&client, "https://id.test/token"), Some(true));
    assert_eq!(is_proxied(&client, "https://direct.test/token"), Some(false), "NO_PROXY");
    assert_eq!(is_proxied(&client, "http://id.test/token"), Some(false));
    assert_eq!(is_proxied(&Client::new(), "https://id.test/"), Some(false), "off by default");
    assert_eq!(ask(&client, "https://id.test/token"), Err(FetchError::Unreachable));
    let plain = std::env::var("PLAIN").unwrap();
    assert_eq!(ask(&client, &plain), Ok(204), "this machine is reached directly");
}

#[test]
#[ignore = "the tests below run it as a process of its own"]
fn a_process_whose_proxy_is_no_http_url() {
    let client = Client::with_environment_proxy();
    assert_eq!(ask(&client, "https://id.test/token"), Err(FetchError::Unreachable));
}

/// The last thing that the proxy receives.
const END: &[u8] = b"the end\r\n\r\n";

/// Runs one of the above with a proxy, and returns what the proxy received of each connection.
fn run(test: &str, scheme: &str, answer: &'static [u8]) -> Vec<Vec<u8>> {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (proxy_at, plain_at) = (proxy.local_addr().unwrap(), plain.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("shared::{test}"), "--ignored"])
        .env_clear()
        .env("HTTPS_PROXY", format!("{scheme}://user:s3cret@{proxy_at}"))
        .env("NO_PROXY", "direct.test")
        .env("PLAIN", format!("http://{plain_at}/"))
        .spawn();
    let mut child = child.unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in proxy.incoming() {
            let mut stream = stream.unwrap();
            let mut received = Vec::new();
            let mut byte = [0; 1];
            // A client that speaks TLS to the proxy is not answered.
            while received.first() != Some(&HANDSHAKE)
                && !received.ends_with(b"\r\n\r\n")
                && stream.read(&mut byte).is_ok_and(|length| length == 1)
            {
                received.push(byte[0]);
            }
            let _ = stream.write_all(answer);
            if answer.starts_with(b"HTTP/1.1 200") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
                received.push(byte[0]);
            }
            sender.send(received).unwrap();
        }
    });
    assert!(child.wait().unwrap().success(), "{test}");
    // The proxy takes connections in turn, so that nothing comes behind one that is made once the process has ended.
    TcpStream::connect(proxy_at).unwrap().write_all(END).unwrap();
    receiver.iter().take_while(|received| received != END).collect()
}

#[test]
fn fr_16_a_provider_is_reached_through_the_proxy_of_the_environment_and_tls_begins_behind_it() {
    let received = run("a_process_behind_a_proxy", "http", b"HTTP/1.1 200 OK\r\n\r\n");
    let [connection] = &received[..] else { panic!("{received:?}") };
    let head = String::from_utf8_lossy(connection).to_ascii_lowercase();
    assert!(head.starts_with("connect id.test:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic "), "{head}");
    assert_eq!(connection.last(), Some(&HANDSHAKE), "nothing but TLS goes through");
    assert!(!head.contains("/token"), "{head}");
}

#[test]
fn fr_16_a_proxy_that_refuses_makes_the_provider_unreachable() {
    let received =
        run("a_process_behind_a_proxy", "http", b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    assert_eq!(received.len(), 1);
}

#[test]
fn fr_16_a_proxy_that_is_no_http_url_gets_no_credentials_in_the_clear() {
    let received = run("a_process_whose_proxy_is_no_http_url", "https", b"");
    assert!(received.iter().all(|bytes| !String::from_utf8_lossy(bytes).contains("asic ")), "{received:?}");
}
