//! Malformed requests, unknown methods and silent providers, over sockets with axum and with verbose logging.

use aura_axum::router;
use aura_proto::provider::Provider;
use aura_proto::{ClientSecret, FetchError};
use aura_tests::SECRET;
use bytes::Bytes;
use http::{Request, Response};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Serves a site whose provider never answers, and counts what it is asked.
async fn serve() -> (SocketAddr, Arc<AtomicUsize>) {
    let site = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = site.local_addr().unwrap();
    let builder = aura_tests::bare_builder(SECRET);
    let provider = Provider::oauth("dev", "id")
        .with_name("Dev")
        .authorization_endpoint("https://idp.test/authorize")
        .token_endpoint("https://idp.test/token")
        .userinfo_endpoint("https://idp.test/userinfo")
        .client_secret(ClientSecret::new("secret"));
    let auth = builder.base_url(format!("http://{address}")).provider(provider).build().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let silent = move |_: Request<Bytes>| {
        counter.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<Result<Response<Bytes>, FetchError>>()
    };
    tokio::spawn(async move {
        axum::serve(site, axum::Router::new().merge(router(aura_axum::Driver::new(auth, silent).unwrap())))
            .await
    });
    (address, asked)
}

/// Sends bytes as they are and reads until the server closes the connection.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server may reset a connection whose data it refused to read. The answer before that counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n")
}

#[tokio::test]
async fn mo_05_hh_05_bytes_of_doubtful_framing_are_refused_or_change_nothing() {
    let (site, _) = serve().await;
    let sign_out =
        "POST /auth/signOut?token_type_hint=session_token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    for (request, allowed) in [
        (format!("{sign_out}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), &["400"][..]),
        (
            format!("{sign_out}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            &["400", "403"],
        ),
        (format!("{sign_out}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), &["400"]),
        (format!("{sign_out}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), &["400"]),
        (get("/auth/session", "X-A: 1\r\n X-Evil: 1\r\n"), &["400"]),
        (get("/auth/session", "X-A : 1\r\n"), &["400"]),
        (get("/auth/session", "X-A: 1\rX-Evil: 1\r\n"), &["400"]),
        (get("/auth/session", "X-A: \0\r\n"), &["400"]),
        (get("/auth/sess ion", ""), &["400"]),
        ("GET /auth/session HTTP/1.0\r\n\r\n".to_owned(), &["401"]),
        (get("http://evil.test/auth/session", ""), &["401"]),
        (
            "CONNECT evil.test:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
            &["404", "405"],
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), &["404", "405"]),
        ("\u{16}\u{3}\u{1}\0\0\r\n\r\n".to_owned(), &["400", "none"]),
    ] {
        let answer = exchange(site, &request).await;
        assert!(allowed.contains(&status(&answer)), "{request:?}: {answer}");
        assert!(!answer.to_lowercase().contains("evil"), "{answer}");
    }
    let answer = exchange(site, &get("/auth/session", "")).await;
    assert_eq!(status(&answer), "401", "the process lives");
}

#[tokio::test]
async fn mo_01_methods_that_no_route_knows_are_405_over_a_socket_too() {
    let (site, _) = serve().await;
    for method in ["PUT", "DELETE", "TRACE", "FOO", "PROPFIND", "OPTIONS"] {
        let request = get("/auth/session", "").replacen("GET", method, 1);
        let answer = exchange(site, &request).await;
        assert_eq!(status(&answer), "405", "{method}");
        assert!(answer.contains("allow: GET, HEAD, PATCH"), "{answer}");
    }
}

#[tokio::test]
async fn ds_07_200_sign_ins_at_a_silent_provider_hold_nobody_else_up() {
    let (site, asked) = serve().await;
    let begun = exchange(site, &get("/auth/signIn/dev", "")).await;
    let find =
        |after: &str, end: &[char]| begun.split(after).nth(1).unwrap().split(end).next().unwrap().to_owned();
    let (state, cookie) = (find("state=", &['&', '\r']), find("set-cookie: ", &[';']));
    let callback = get(&format!("/auth/callback/dev?code=c&state={state}"), &format!("Cookie: {cookie}\r\n"));
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(site).await.unwrap();
        stream.write_all(callback.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    while asked.load(Ordering::SeqCst) < waiting.len() {
        tokio::task::yield_now().await;
    }
    for (path, expected) in
        [("/auth/session", "401"), ("/auth/signIn/dev", "302"), ("/auth/csrfToken", "200")]
    {
        assert_eq!(status(&exchange(site, &get(path, "")).await), expected);
    }
}
