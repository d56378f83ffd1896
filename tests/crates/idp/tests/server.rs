//! The provider behind a socket.

#![cfg(test)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aura_test_idp::{
    Account, Behaviour, Client, ClientSecret, Idp, Lie, Provider, State, serve, serve_shared,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

#[tokio::test]
async fn the_login_page_is_served_on_loopback() {
    let (address, server) = start().await;
    let request = format!(
        "GET /dev/authorize?response_type=code&client_id=app&redirect_uri=http://{address}/callback\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256 HTTP/1.1\r\n\
         host: {address}\r\nconnection: close\r\n\r\n"
    );
    let response = exchange(address, request.as_bytes()).await;
    server.abort();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(response.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_request_without_a_token_is_unauthorized() {
    let (address, server) = start().await;
    let request = "GET /dev/userinfo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let response = exchange(address, request.as_bytes()).await;
    server.abort();
    assert!(response.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
}

#[tokio::test]
async fn too_long_a_body_is_refused() {
    let (address, server) = start().await;
    let length = 64 * 1024 + 1;
    let mut request = format!(
        "POST /dev/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    )
    .into_bytes();
    request.resize(request.len() + length, b'a');
    let response = exchange(address, &request).await;
    server.abort();
    assert!(response.starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
}

#[tokio::test]
async fn a_slow_answer_is_not_there_at_once() {
    let request = "GET /dev/jwks HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    for (behaviour, is_there) in
        [(Behaviour::default(), true), (Behaviour::default().lie(Lie::SlowAnswer), false)]
    {
        let (address, server) = start_with(behaviour).await;
        let wait = if is_there { Duration::from_secs(10) } else { Duration::from_millis(200) };
        let response = timeout(wait, exchange(address, request.as_bytes())).await;
        server.abort();
        assert_eq!(response.is_ok(), is_there);
    }
}

#[tokio::test]
async fn a_shared_provider_changes_while_it_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let idp = Idp::new(&format!("http://{address}/dev")).unwrap();
    let provider = Arc::new(Mutex::new(Provider { idp, state: State::default() }));
    let server = tokio::spawn(serve_shared(listener, Arc::clone(&provider)));
    let request = b"GET /dev/jwks HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(exchange(address, request).await.contains("\"kid\":\"rs256-signing-0\""));
    provider.lock().unwrap().state.rotate_key();
    assert!(exchange(address, request).await.contains("\"kid\":\"rs256-signing-1\""));
    provider.lock().unwrap().idp.set_behaviour(Behaviour::default().lie(Lie::JwksEmpty));
    assert!(exchange(address, request).await.contains("{\"keys\":[]}"));
    server.abort();
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = serve(listener, Idp::new("http://localhost").unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

async fn start() -> (SocketAddr, JoinHandle<()>) {
    start_with(Behaviour::default()).await
}

async fn start_with(behaviour: Behaviour) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = Client::new("app", ClientSecret::new("app-secret"));
    let idp = Idp::new(&format!("http://{address}/dev"))
        .unwrap()
        .client(client.with_redirect_uri(&format!("http://{address}/callback")).unwrap())
        .accounts(Account::made_up())
        .behaviour(behaviour);
    let server = tokio::spawn(async {
        serve(listener, idp).await.unwrap();
    });
    (address, server)
}

async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    String::from_utf8(response).unwrap()
}
