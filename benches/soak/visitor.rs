//! One connection under load: ten rounds of sign-in, page views and sign-out, then it closes.

use crate::Count;
use crate::site::callback;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// How long a visitor waits before it asks again where the store is away.
const PAUSE: Duration = Duration::from_millis(20);
/// How many sign-ins a connection carries.
const SIGN_INS: usize = 10;

/// A browser that signs in.
pub(crate) struct Visitor<'a> {
    connection: SendRequest<Empty<Bytes>>,
    host: String,
    cookies: BTreeMap<String, String>,
    count: &'a Count,
}

impl<'a> Visitor<'a> {
    /// Does everything that one connection does.
    pub(crate) async fn connect(
        address: SocketAddr,
        count: &'a Count,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let stream = TcpStream::connect(address).await?;
        let (connection, work) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(work);
        let mut visitor = Self { connection, host: address.to_string(), cookies: BTreeMap::new(), count };
        for _ in 0..SIGN_INS {
            visitor.sign_in_and_out().await?;
        }
        Ok(())
    }

    async fn sign_in_and_out(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        // A sign-in that the store did not keep begins again.
        while !self.sign_in().await? {}
        self.expect("GET", "/account", None, 200).await?;
        self.expect("GET", "/auth/session", None, 200).await?;
        let issued = self.expect("GET", "/auth/csrfToken", None, 200).await?;
        let issued: Value = serde_json::from_slice(issued.body())?;
        let token = issued.get("csrfToken").and_then(Value::as_str).ok_or("no token")?;
        let sign_out = "/auth/signOut?token_type_hint=session_token";
        while self.send("POST", sign_out, Some(token), &[202]).await?.status() != 202 {
            // The store may have ended the session, and gone before it said so.
            if self.send("GET", "/auth/session", None, &[200, 401]).await?.status() == 401 {
                break;
            }
        }
        Ok(())
    }

    /// Signs in, or returns `false` where the store is away.
    async fn sign_in(&mut self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let begun = self.expect("GET", "/auth/signIn/dev?redirectTo=/account", None, 302).await?;
        let callback = callback(&begun).ok_or("no state")?;
        Ok(self.send("GET", &callback, None, &[302]).await?.status() == 302)
    }

    /// Sends a request until the store is there, and expects a status then.
    async fn expect(
        &mut self,
        method: &str,
        path: &str,
        csrf_token: Option<&str>,
        expected: u16,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        loop {
            let answer = self.send(method, path, csrf_token, &[expected]).await?;
            if answer.status() == expected {
                return Ok(answer);
            }
        }
    }

    /// Sends a request, and expects a status of some, or 503 where the store may be away.
    async fn send(
        &mut self,
        method: &str,
        path: &str,
        csrf_token: Option<&str>,
        expected: &[u16],
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path).header(header::HOST, &self.host);
        let request = request.header(header::COOKIE, cookies.join("; "));
        let request =
            csrf_token.into_iter().fold(request, |request, token| request.header("x-csrf-token", token));
        let answer = self.connection.send_request(request.body(Empty::new())?).await?;
        let (head, body) = answer.into_parts();
        let answer = Response::from_parts(head, body.collect().await?.to_bytes());
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str()?.split_once('=').ok_or("no cookie")?;
            match rest.split(';').next() {
                Some("") | None => self.cookies.remove(name),
                Some(value) => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        if answer.status() == 503 && self.count.may_be_away {
            let mut cookies = answer.headers().get_all(header::SET_COOKIE).iter();
            if cookies.any(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.contains("session_token=;"))) {
                return Err(format!("{method} {path} clears the session").into());
            }
            self.count.was_away();
            sleep(PAUSE).await;
            return Ok(answer);
        }
        if !expected.contains(&answer.status().as_u16()) {
            return Err(format!("{method} {path}: {}", answer.status()).into());
        }
        self.count.requests.fetch_add(1, Relaxed);
        Ok(answer)
    }
}
