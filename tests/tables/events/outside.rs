//! What a browser names that this site does not know, as events and records tell it; and the other name of this machine.

use aura_http::{Driver, HttpClient};
use aura_proto::{Connection, Event, HttpSign, Quoted, RequestError, Scheme};
use aura_tests::{Answer, Pair, SECRET, bare_builder, builder};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Empty;

fn at(pair: &mut Pair, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    pair.send(request)
}

fn refused_host(host: &str) -> [Event; 2] {
    let error = RequestError::UntrustedHost.into();
    [Event::HostUnknown { host: Quoted::new(host) }, Event::RequestRefused { error }]
}

/// A site without a base URL.
fn anywhere(configure: impl FnOnce(aura_proto::Builder) -> aura_proto::Builder) -> Pair {
    let mut pair = Pair::new();
    pair.app.auth = configure(bare_builder(SECRET)).build().unwrap();
    pair
}

#[test]
fn a_host_that_is_refused_is_named_on_every_route() {
    for path in ["/auth/session", "/auth/csrfToken", "/auth/signIn/dev"] {
        let mut pair = anywhere(|builder| builder);
        assert_eq!(at(&mut pair, path, &[("host", "evil.test:8443")]).status, 400);
        assert_eq!(pair.app.events, refused_host("evil.test:8443"), "{path}");
    }
    let mut pair = anywhere(|builder| builder.trusted_origins(["https://app.test"]).trusted_proxy_headers());
    at(&mut pair, "/auth/session", &[("host", "app.test"), ("x-forwarded-host", "evil.test")]);
    assert_eq!(pair.app.events, refused_host("evil.test"));
    let mut pair = anywhere(|builder| builder);
    at(&mut pair, "/auth/session", &[("host", &"h".repeat(4000))]);
    assert_eq!(pair.app.events, refused_host(&"h".repeat(128)));
}

#[tokio::test]
async fn the_record_of_a_refusal_has_the_sentence_the_status_and_what_was_named() {
    let log = super::recorded::Log::default();
    let _listening = log.listen();
    let auth = builder(SECRET, "https://app.test", |row| row).build().unwrap();
    let driver = Driver::new(auth, HttpClient::new()).unwrap();
    let request = Request::get("/auth/signIn/g%0aithbu").body(Empty::<Bytes>::new()).unwrap();
    driver.answer(request).await;
    let unknown = log.fields("REQUEST_PROVIDER_UNKNOWN");
    assert_eq!(unknown["id"], r"g\nithbu");
    let refused = log.fields("INVALID_REQUEST");
    assert_eq!(refused["reason"], "unknown_provider");
    assert_eq!(refused["explanation"], "No provider with this id is configured.");
    assert_eq!(refused["answered"], "422");
}

const PERSON: (&str, &str) = ("accept", "text/html");

#[test]
fn a_person_at_another_name_of_this_machine_is_sent_to_the_base_url_once() {
    let local = || Pair::at("http://localhost:3000", |builder| builder);
    let mut pair = local();
    let path = "/auth/signIn/dev?redirectTo=/page%3Fa=b&x=1";
    let host = ("host", "127.0.0.1:3000");
    let answer = at(&mut pair, path, &[host, PERSON, ("sec-fetch-mode", "navigate")]);
    assert_eq!(answer.status, 302);
    let target = "http://localhost:3000/auth/signIn/dev?redirectTo=/page%3Fa=b&x=1";
    assert_eq!(answer.headers[header::LOCATION], target);
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "nothing has begun");
    assert_eq!(pair.app.events, [Event::HostDiffers { host: Quoted::new("127.0.0.1:3000") }]);

    let there = at(&mut pair, path, &[("host", "localhost:3000"), PERSON]);
    assert!(there.headers[header::LOCATION].to_str().unwrap().starts_with("https://idp.test/"));
}

#[test]
fn nobody_is_sent_round_who_is_at_another_port_or_behind_a_proxy_or_no_person() {
    let begins = |site: &str, headers: &[(&str, &str)]| {
        let answer = at(&mut Pair::at(site, |builder| builder), "/auth/signIn/dev", headers);
        let location = answer.headers[header::LOCATION].to_str().unwrap();
        assert!(location.starts_with("https://idp.test/"), "{site} {headers:?}: {location}");
    };
    let site = "http://localhost:3000";
    let other = ("host", "127.0.0.1:3000");
    begins(site, &[("host", "127.0.0.1:8080"), PERSON]);
    begins(site, &[("host", "127.0.0.1"), PERSON]);
    begins(site, &[("host", "192.0.2.1:3000"), PERSON]);
    begins(site, &[other, ("accept", "application/json")]);
    begins(site, &[other, PERSON, ("sec-fetch-mode", "cors")]);
    begins("https://app.test", &[other, PERSON]);
    begins(site, &[other, PERSON, ("referer", "http://localhost:3000/")]);
    for proxy in ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"] {
        begins(site, &[other, PERSON, (proxy, "proto=http")]);
    }
}

/// Begins a sign-in at an https site, and returns what the event says of it.
fn over_http(site: &str, headers: &[(&str, &str)]) -> Option<HttpSign> {
    let mut pair = Pair::at(site, |builder| builder);
    let answer = at(&mut pair, "/auth/signIn/dev", headers);
    let location = answer.headers[header::LOCATION].to_str().unwrap();
    assert!(location.starts_with("https://idp.test/"), "nobody is sent round: {location}");
    let (_, own) = headers.iter().find(|(name, _)| *name == "host").unwrap();
    pair.app.events.iter().find_map(|event| {
        let Event::OverHttp { host, sign } = event else { return None };
        assert_eq!(host.as_str(), *own);
        Some(*sign)
    })
}

#[test]
fn a_person_over_http_at_a_site_of_https_is_reported() {
    let site = "https://app.test";
    let host = ("host", "app.test");
    for (more, sign) in [
        (&[("x-forwarded-proto", "http")][..], HttpSign::Proxy),
        (&[("x-forwarded-proto", "https, http")], HttpSign::Proxy),
        (&[("forwarded", "for=192.0.2.1;proto=http")], HttpSign::Proxy),
        (&[("referer", "http://app.test/account")], HttpSign::Page),
        (&[("origin", "http://app.test")], HttpSign::Page),
        (&[], HttpSign::NoFetchMetadata),
    ] {
        assert_eq!(over_http(site, &[&[host, PERSON], more].concat()), Some(sign), "{more:?}");
    }
    // At the server's own port, and at this machine, which browsers send Fetch Metadata to over http, too.
    assert_eq!(over_http(site, &[("host", "app.test:3000"), PERSON]), Some(HttpSign::NoFetchMetadata));
    let local = [
        ("host", "localhost:3000"),
        PERSON,
        ("sec-fetch-mode", "navigate"),
        ("referer", "http://localhost:3000/"),
    ];
    assert_eq!(over_http(site, &local), Some(HttpSign::Page));
    assert_eq!(over_http("https://localhost:3443", &local), Some(HttpSign::Page));
}

#[test]
fn nobody_is_reported_who_came_over_https_or_may_have() {
    let site = "https://app.test";
    let host = ("host", "app.test");
    let metadata = ("sec-fetch-mode", "navigate");
    for headers in [
        &[host, PERSON, metadata][..],
        &[host, PERSON, metadata, ("x-forwarded-proto", "http")],
        &[host, PERSON, metadata, ("referer", "http://app.test/")],
        &[host, PERSON, ("x-forwarded-proto", "https")],
        &[host, PERSON, ("x-forwarded-for", "192.0.2.1")],
        &[host, PERSON, ("via", "1.1 proxy")],
        &[("host", "inner:8080"), PERSON],
        &[("host", "localhost:3000"), PERSON, metadata],
        &[host, ("accept", "application/json"), ("x-forwarded-proto", "http")],
    ] {
        assert_eq!(over_http(site, headers), None, "{headers:?}");
    }
    assert_eq!(over_http("http://app.test", &[host, PERSON]), None, "http is what is configured");

    let mut pair = Pair::new();
    let tls = Request::get("/auth/signIn/dev").extension(Connection::new(Scheme::Https));
    pair.send(tls.header("host", "app.test").header(PERSON.0, PERSON.1));
    assert!(!pair.app.events.iter().any(|event| event.name() == "REQUEST_OVER_HTTP"));
}

#[tokio::test]
async fn the_record_of_a_request_over_http_says_what_shows_it() {
    let log = super::recorded::Log::default();
    let _listening = log.listen();
    let auth = builder(SECRET, "https://app.test", |row| row).build().unwrap();
    let request = Request::get("/auth/signIn/dev").header("host", "app.test").header(PERSON.0, PERSON.1);
    let request = request.header("x-forwarded-proto", "http").body(Empty::<Bytes>::new()).unwrap();
    let client =
        async |_: Request<Bytes>| Err::<http::Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
    Driver::new(auth, client).unwrap().answer(request).await;
    let fields = log.fields("REQUEST_OVER_HTTP");
    assert_eq!(
        (fields["host"].as_str(), fields["sign"].as_str()),
        ("app.test", "a header of the proxy says http")
    );
}
