//! The default client against servers that misbehave, on loopback.
#![cfg(test)]

use aura_http::{Client, HttpClient};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The bytes of `gzip` of `{}`.
const GZIPPED: [u8; 22] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 174, 5, 0, 67, 191, 166, 163, 2, 0, 0, 0];

/// Listens where `http://<the second>` leads.
async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    (listener, authority)
}

/// Reads the head of one request, and its body where it is one of [`post`].
async fn read_request(stream: &mut TcpStream) -> String {
    let mut received = String::new();
    while !received.contains("\r\n\r\n") || (received.starts_with("POST") && !received.ends_with("code=c")) {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.unwrap();
        assert_ne!(length, 0, "the client went away after {received:?}");
        received.push_str(str::from_utf8(&buffer[..length]).unwrap());
    }
    received
}

/// Answers one request with these bytes, then closes; returns what was received.
async fn answer_once(listener: &TcpListener, answer: &[u8]) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let received = read_request(&mut stream).await;
    stream.write_all(answer).await.unwrap();
    received
}

fn get(authority: &str) -> Request<Bytes> {
    Request::get(format!("http://{authority}/userinfo")).body(Bytes::new()).unwrap()
}

fn post(authority: &str) -> Request<Bytes> {
    let request = Request::post(format!("http://{authority}/token"));
    request.header(header::AUTHORIZATION, "Basic c2l0ZTpzZWNyZXQ=").body("code=c".into()).unwrap()
}

async fn exchange(request: Request<Bytes>, answer: &[u8], listener: &TcpListener) -> Response<Bytes> {
    let client = HttpClient::new();
    let (response, _) = tokio::join!(client.call(request, 1024), answer_once(listener, answer));
    response.unwrap()
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_its_target_gets_no_request() {
    let (listener, authority) = listen().await;
    let (target, target_authority) = listen().await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let location = format!("http://{target_authority}/stolen");
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let response = exchange(post(&authority), answer.as_bytes(), &listener).await;
        assert_eq!(response.status().as_str(), &status[..3]);
        assert_eq!(response.headers()[header::LOCATION], location);
    }
    // A connection of the client would be waiting in front of this one.
    let probe = TcpStream::connect(target_authority).await.unwrap();
    let (_, first) = target.accept().await.unwrap();
    assert_eq!(first, probe.local_addr().unwrap());
}

#[tokio::test]
async fn ds_04_an_endless_answer_is_too_large_and_its_connection_is_closed() {
    for framing in ["transfer-encoding: chunked", "connection: close", "content-length: 1000000000"] {
        let (listener, authority) = listen().await;
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes()).await.unwrap();
            let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
            // It ends when nobody takes the bytes any more.
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
        };
        let client = HttpClient::new();
        let (outcome, ()) = tokio::join!(client.call(get(&authority), 64 * 1024), serve);
        assert_eq!(outcome.unwrap_err(), FetchError::TooLarge, "{framing}");
    }
}

#[tokio::test]
async fn an_answer_of_the_greatest_length_arrives_and_one_byte_more_does_not() {
    let (listener, authority) = listen().await;
    let client = HttpClient::new();
    for (length, arrives) in [(1024, true), (1025, false)] {
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(length));
        let (outcome, _) =
            tokio::join!(client.call(get(&authority), 1024), answer_once(&listener, answer.as_bytes()));
        let length = outcome.map(|response| response.body().len());
        assert_eq!(length, if arrives { Ok(1024) } else { Err(FetchError::TooLarge) });
    }
}

#[tokio::test]
async fn ds_06_compression_is_neither_asked_for_nor_undone() {
    let (listener, authority) = listen().await;
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n".to_vec();
    answer.extend(GZIPPED);
    let client = HttpClient::new();
    let (response, received) =
        tokio::join!(client.call(get(&authority), 1024), answer_once(&listener, &answer));
    assert!(!received.to_ascii_lowercase().contains("accept-encoding"), "{received}");
    assert_eq!(response.unwrap().body().as_ref(), GZIPPED);
}

#[tokio::test]
async fn a_request_arrives_as_the_core_wrote_it() {
    let (listener, authority) = listen().await;
    let answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}";
    let client = HttpClient::new();
    let (response, received) =
        tokio::join!(client.call(post(&authority), 1024), answer_once(&listener, answer));
    let mut lines: Vec<_> = received.split("\r\n").map(str::to_ascii_lowercase).collect();
    lines[1..5].sort();
    let host = format!("host: {authority}");
    let expected = [
        "post /token http/1.1",
        "",
        "authorization: basic c2l0ztpzzwnyzxq=",
        "content-length: 6",
        &host,
        "code=c",
    ];
    assert_eq!(lines, expected);
    let response = response.unwrap();
    assert_eq!((response.status(), response.body().as_ref()), (StatusCode::UNAUTHORIZED, b"{}".as_slice()));
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unreachable() {
    let (listener, authority) = listen().await;
    drop(listener);
    let outcome = HttpClient::new().call(get(&authority), 1024).await;
    assert_eq!(outcome.unwrap_err(), FetchError::Unreachable);
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_is_not_http_is_unreachable() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.9\r\n",
    ] {
        let (listener, authority) = listen().await;
        let client = HttpClient::new();
        // A POST, which must not be sent again by itself.
        let (outcome, _) =
            tokio::join!(client.call(post(&authority), 1024), answer_once(&listener, answer.as_bytes()));
        assert_eq!(outcome.unwrap_err(), FetchError::Unreachable, "{answer:?}");
    }
}

#[tokio::test]
async fn ds_05_an_exchange_that_is_given_up_closes_its_connection() {
    let (listener, authority) = listen().await;
    let client = HttpClient::new();
    let call = tokio::spawn(async move { client.call(get(&authority), 1024).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    read_request(&mut stream).await;
    call.abort();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn clones_of_a_client_share_its_connections() {
    let (listener, authority) = listen().await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        }
    };
    let one = HttpClient::new();
    let other = one.clone();
    let call = async {
        let first = one.call(get(&authority), 1024).await.unwrap().status();
        [first, other.call(get(&authority), 1024).await.unwrap().status()]
    };
    let (statuses, ()) = tokio::join!(call, serve);
    assert_eq!(statuses, [StatusCode::OK; 2]);
}
