//! The demo behind nginx with the configuration of `manual/nginx.conf`, where nginx is installed.

mod process;

use aura_axum::{Candidate, Driver};
use aura_test_idp::browser::{Browser, Form, Page, Web};
use http::StatusCode;
use process::{Nginx, configuration, exchange};
use std::net::{Ipv4Addr, TcpStream};
use url::Url;

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

#[test]
fn the_configuration_names_the_settings_of_these_tests() {
    let configuration = configuration();
    for (name, value) in SETTINGS {
        assert!(configuration.contains(&format!("#   AURA_AUTH_{name}={value}\n")), "{name}");
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

    let written = &nginx.set_cookies;
    assert!(
        written.iter().any(|field| field.starts_with("__Host-aura-auth.session_token=ey")),
        "{written:?}"
    );
    for field in written {
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
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], "https://example.com/auth/signIn/dev?redirectTo=/a");
}

#[test]
fn what_a_client_writes_about_itself_is_not_believed() {
    // FORWARDED_FIELDS, the last setting, is a second lock: nginx removes the other field.
    let without_it = [&SETTINGS[..3], &[("FORWARDED_PREFIX", "true")]].concat();
    for settings in [&SETTINGS[..], &without_it] {
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
fn an_upgrade_reaches_the_server_and_nothing_else_is_one() {
    let Some(nginx) = Nginx::start(&SETTINGS, |driver| driver) else { return };
    for websocket in ["websocket", "WebSocket"] {
        assert_eq!(nginx.get(ONE, "/upgrade", &[("upgrade", websocket)]).body(), "upgrade: websocket");
    }
    for other in ["h2c", "h2c, websocket", "websocket, h2c", "websocket/13"] {
        assert_eq!(nginx.get(ONE, "/upgrade", &[("upgrade", other)]).body(), ": ", "{other}");
    }
    assert_eq!(nginx.get(ONE, "/upgrade", &[]).body(), ": ");
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
