//! Tests of the public origin and of clients' addresses, under whole configurations.

use crate::auth::Auth;
use crate::connection::{Connection, HostRefused, public_origin};
use crate::origin::{Origin, Scheme};
use crate::{Salt, Secret};
use http::{HeaderMap, Request};
use std::borrow::Cow;

fn auth(configure: impl FnOnce(crate::Builder) -> crate::Builder) -> Auth {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let builder = Auth::builder(secret, salt).trusted_origins(["https://app.test", "http://app.test"]);
    configure(builder).build().unwrap()
}

fn request(connection: Connection, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::get("/").extension(connection);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

fn origin_of(auth: &Auth, request: &Request<()>) -> Result<Origin, HostRefused> {
    public_origin(auth.config(), request.into()).map(Cow::into_owned)
}

fn peer(address: &str) -> Connection {
    Connection::new(Scheme::Http).with_peer(address.parse().unwrap())
}

#[test]
fn the_origin_comes_from_the_base_url_else_the_proxy_else_the_host() {
    let proxied = [("host", "inner:8080"), ("forwarded", "proto=https;host=app.test")];
    let request = request(peer("192.0.2.1"), &proxied);
    let origin = |auth: Auth| origin_of(&auth, &request).map(|origin| origin.to_string());
    let fixed = |builder: crate::Builder| builder.base_url("https://fixed.test").trusted_proxy_headers();
    assert_eq!(origin(auth(fixed)), Ok("https://fixed.test".to_owned()));
    assert_eq!(origin(auth(crate::Builder::trusted_proxy_headers)), Ok("https://app.test".to_owned()));
    assert_eq!(origin(auth(|builder| builder)), Err(HostRefused::Untrusted));
}

#[test]
fn hh_09_a_header_makes_no_tls_connection_plain() {
    let auth = auth(crate::Builder::trusted_proxy_headers);
    let headers = [("host", "app.test"), ("x-forwarded-proto", "http")];
    let plain = origin_of(&auth, &request(Connection::new(Scheme::Http), &headers)).unwrap();
    let secure = origin_of(&auth, &request(Connection::new(Scheme::Https), &headers)).unwrap();
    assert_eq!((plain.scheme(), secure.scheme()), (Scheme::Http, Scheme::Https));
}

#[test]
fn this_machine_is_no_exception_behind_a_proxy() {
    let auth = auth(crate::Builder::trusted_proxy_headers);
    for headers in [[("host", "localhost")], [("x-forwarded-host", "localhost")]] {
        let request = request(Connection::new(Scheme::Http), &headers);
        assert_eq!(origin_of(&auth, &request), Err(HostRefused::Untrusted));
    }
}

#[test]
fn rl_02_a_forwarded_address_counts_only_behind_a_trusted_proxy() {
    let headers = [("x-forwarded-for", "203.0.113.9"), ("x-real-ip", "203.0.113.10")];
    let request = request(peer("192.0.2.1"), &headers);
    let address = |auth: Auth| auth.client_address(&request).unwrap().to_string();
    assert_eq!(address(auth(|builder| builder)), "192.0.2.1");
    assert_eq!(address(auth(crate::Builder::trusted_proxy_headers)), "203.0.113.9");
}

#[test]
fn rl_02_who_is_hidden_or_junk_has_no_address_and_not_the_proxys() {
    let auth = auth(crate::Builder::trusted_proxy_headers);
    for headers in [
        [("x-forwarded-for", "unknown")],
        [("x-forwarded-for", "junk")],
        [("x-forwarded-for", "203.0.113.9, ::g")],
        [("x-forwarded-for", "")],
        [("forwarded", "for=unknown")],
        [("forwarded", "for=_hidden;proto=https")],
        [("forwarded", "for")],
    ] {
        assert_eq!(auth.client_address(&request(peer("192.0.2.1"), &headers)), None, "{headers:?}");
    }
    let direct = auth.client_address(&request(peer("192.0.2.1"), &[("forwarded", "proto=https")]));
    assert_eq!(direct.unwrap().to_string(), "192.0.2.1", "nobody was named");
}

#[test]
fn rl_03_a_network_and_every_spelling_of_an_address_are_one_client() {
    let auth = auth(|builder| builder);
    let address = |text: &str| auth.client_address(&request(peer(text), &[])).unwrap().to_string();
    assert_eq!(address("2001:DB8:0:1:ffff::1"), "2001:db8:0:1::");
    assert_eq!(address("2001:db8:0:1::2"), "2001:db8:0:1::");
    assert_eq!(address("::ffff:192.0.2.1"), "192.0.2.1");
    assert_eq!(address("64:ff9b::192.0.2.1"), "192.0.2.1", "a translator's");
    assert_eq!(
        address("64:ff9b:1::192.0.2.1"),
        "64:ff9b:1::",
        "a prefix of a network's own may hold other hosts"
    );
    assert_eq!(auth.client_address(&HeaderMap::new()), None);
}
