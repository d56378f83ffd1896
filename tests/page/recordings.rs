//! The recordings of the demo, over a model browser: what they show, to whom, and that no secret is in them.

use aura_axum::{FetchError, now};
use aura_examples::Settings;
use aura_host::store::MemoryStore;
use aura_test_idp::browser::{Application, Browser, Form, Page, Web};
use aura_test_idp::{Account, Client, ClientSecret, Idp, InMemory};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use url::Url;

const CLIENT_SECRET: &str = "planted-client-secret-0123456789";

/// The environment of a demo at a public site, with an OpenID Provider.
fn variable(name: &str) -> Option<String> {
    let value = match name {
        "BASE_URL" => "https://app.test",
        "AURA_AUTH_SECRET" => "k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX",
        "AURA_AUTH_SALT" => "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE",
        "OIDC_ISSUER" => "https://idp.test",
        "OIDC_CLIENT_ID" => "app",
        "OIDC_CLIENT_SECRET" => CLIENT_SECRET,
        "SESSIONS" => "stored",
        _ => return None,
    };
    Some(value.to_owned())
}

/// What the demo and its provider said to each other.
type Said = Arc<Mutex<Vec<(Request<Bytes>, Response<Bytes>)>>>;

/// Plays a story with a demo and its provider.
fn play(story: impl FnOnce(&mut Web<'_>, &Said)) {
    let client = Client::new("app", ClientSecret::new(CLIENT_SECRET));
    let client = client.with_redirect_uri("https://app.test/auth/callback/oidc").unwrap();
    let idp = Idp::new("https://idp.test").unwrap().client(client);
    let mut provider = InMemory::new(idp.accounts(Account::made_up()));
    let said = Said::default();
    let settings = Settings::read(&variable).unwrap();
    let (asked, embedded, heard) = (provider.clone(), settings.dev.clone().unwrap(), Arc::clone(&said));
    let client = move |request: Request<Bytes>| {
        let (asked, embedded, heard) = (asked.clone(), embedded.clone(), Arc::clone(&heard));
        async move {
            let answer = match request.uri().host() {
                Some("idp.test") => asked.answer(request.clone()),
                _ => embedded.answer(request.clone()),
            };
            heard.lock().unwrap().push((request, answer.clone()));
            Ok::<_, FetchError>(answer)
        }
    };
    let driver = aura_demo::stored_driver(&settings, client, MemoryStore::default());
    let mut app = Application::new(aura_demo::app(&settings, driver)).unwrap();
    let mut web = Web::default().with("https://app.test", &mut app).with("https://idp.test", &mut provider);
    story(&mut web, &said);
}

fn url(path: &str) -> Url {
    Url::parse("https://app.test").unwrap().join(path).unwrap()
}

fn sign_in(browser: &mut Browser, web: &mut Web<'_>, path: &str) -> Page {
    let login = browser.open(web, &url(path));
    browser.submit(web, &Form::of(&login).expect("a login page").with("account", "ada"))
}

fn recording(browser: &mut Browser, web: &mut Web<'_>) -> Value {
    serde_json::from_str(&browser.navigate(web, &url("/api/last-sign-in")).text()).unwrap()
}

fn steps(recording: &Value) -> impl Iterator<Item = &Value> {
    recording["phases"].as_array().unwrap().iter().flat_map(|phase| phase["steps"].as_array().unwrap())
}

fn labels(recording: &Value) -> Vec<&str> {
    steps(recording).map(|step| step["label"].as_str().unwrap()).collect()
}

#[test]
fn a_sign_in_with_an_openid_provider_has_its_steps() {
    play(|web, _| {
        let mut browser = Browser::new(now().as_secs());
        sign_in(&mut browser, web, "/auth/signIn/oidc?redirectTo=/");
        let recording = recording(&mut browser, web);
        assert_eq!(
            labels(&recording),
            [
                "GET /auth/signIn/oidc",
                "count the request, for its limit",
                "GET /.well-known/openid-configuration",
                "200",
                "POST /par",
                "201",
                "302 to /authorize",
                "GET /authorize",
                "redirect with the answer",
                "GET /auth/callback/oidc",
                "count the request, for its limit",
                "read the provider's configuration",
                "POST /token",
                "200",
                "GET /jwks",
                "200",
                "GET /userinfo",
                "200",
                "the application decides on the user",
                "insert the session",
                "done",
                "302 to /",
            ]
        );
        assert_eq!(recording["lanes"], serde_json::json!(["browser", "server", "provider", "store"]));
    });
}

#[test]
fn a_recording_is_shown_to_its_browser_and_to_no_other() {
    play(|web, _| {
        let (mut ada, mut eve) = (Browser::new(now().as_secs()), Browser::new(now().as_secs()));
        sign_in(&mut ada, web, "/auth/signIn/oidc");
        assert_eq!(recording(&mut eve, web), Value::Null);
        // Eve signs in as the same user, and sees her own sign-in.
        sign_in(&mut eve, web, "/auth/signIn/oidc?redirectTo=/account&prompt=login");
        let (hers, other) = (recording(&mut ada, web), recording(&mut eve, web));
        assert!(!hers.to_string().contains("redirectTo") && other.to_string().contains("redirectTo"));

        // Each sign-in has a name of its own, so that nobody knows one who knew an earlier one.
        let name = |browser: &Browser| {
            browser.cookie(&url("/"), "__Host-aura-demo-recording").unwrap().text().unwrap().to_owned()
        };
        let first = name(&ada);
        sign_in(&mut ada, web, "/auth/signIn/oidc");
        assert_ne!(first, name(&ada));
        assert_eq!((first.len(), name(&ada).len()), (43, 43));
    });
}

#[test]
fn no_secret_is_in_a_recording() {
    // The one has its requests pushed; the other has state and code challenge in the URL.
    for provider in ["oidc", "dev"] {
        play(|web, said| {
            let mut browser = Browser::new(now().as_secs());
            // A link with secrets in the places of values and of names.
            let link = format!(
                "/auth/signIn/{provider}?redirectTo=/planted-path?planted-query=1&plantedName&state=planted-state"
            );
            sign_in(&mut browser, web, &link);
            let shown = recording(&mut browser, web).to_string();
            assert!(shown.contains("code_verifier") && shown.contains("\"Leads to\",\"/"), "{shown}");
            let decoded = percent_decode_str(&shown).decode_utf8_lossy();
            let secrets = secrets(&browser, said);
            assert!(secrets.len() >= 12, "{secrets:?}");
            for secret in secrets {
                assert!(!shown.contains(&secret) && !decoded.contains(&secret), "{secret} is in {shown}");
            }
        });
    }
}

/// Every value that a browser, the demo and the provider said, and that is no URL of the configuration and longer than seven
/// characters: what is shorter is a number or a word of a specification.
fn secrets(browser: &Browser, said: &Said) -> BTreeSet<String> {
    let mut secrets: BTreeSet<String> = [CLIENT_SECRET, "planted"].map(str::to_owned).into();
    for exchange in &browser.history {
        secrets.extend(exchange.url.query_pairs().map(|(_, value)| value.into_owned()));
        let cookies = exchange.response_headers.get_all("set-cookie").iter();
        let values = cookies.filter_map(|field| field.to_str().ok()?.split([';', '=']).nth(1));
        secrets.extend(values.map(str::to_owned));
    }
    for (request, answer) in said.lock().unwrap().iter() {
        let form = url::form_urlencoded::parse(request.body());
        secrets.extend(form.map(|(_, value)| value.into_owned()));
        let authorization = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        secrets.extend(authorization.and_then(|value| value.split(' ').nth(1)).map(str::to_owned));
        if let Ok(Value::Object(members)) = serde_json::from_slice(answer.body()) {
            secrets.extend(members.values().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    secrets.retain(|secret| secret.len() >= 8 && !secret.contains("://"));
    secrets
}

/// Sends a request as the demo's page does, with the CSRF token.
fn act(browser: &mut Browser, web: &mut Web<'_>, method: Method, path: &str) {
    let token: Value = serde_json::from_str(&browser.navigate(web, &url("/auth/csrfToken")).text()).unwrap();
    let token = token["csrfToken"].as_str().unwrap().parse().unwrap();
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-csrf-token"), token)]);
    let answer = browser.fetch(web, method, &url(path), headers, Bytes::new()).unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

/// The path that ends a session of the user: this browser's, or another's.
fn device(browser: &mut Browser, web: &mut Web<'_>, is_current: bool) -> String {
    let devices: Vec<Value> =
        serde_json::from_str(&browser.navigate(web, &url("/auth/sessions")).text()).unwrap();
    let device = devices.iter().find(|device| device["current"] == is_current).unwrap();
    format!("/auth/sessions/{}", device["id"].as_str().unwrap())
}

/// Tells whether a browser has a recording: the server has it, and the browser its key.
fn has_recording(browser: &mut Browser, web: &mut Web<'_>) -> bool {
    let is_kept = recording(browser, web) != Value::Null;
    assert_eq!(browser.cookie(&url("/"), "__Host-aura-demo-recording").is_some(), is_kept);
    is_kept
}

#[test]
fn every_end_of_the_browsers_own_session_ends_its_recording() {
    play(|web, _| {
        let mut browser = Browser::new(now().as_secs());
        for how in ["this device", "all devices", "sign-out"] {
            sign_in(&mut browser, web, "/auth/signIn/oidc?prompt=login");
            assert!(has_recording(&mut browser, web), "{how}");
            match how {
                "this device" => {
                    let path = device(&mut browser, web, true);
                    act(&mut browser, web, Method::DELETE, &path);
                }
                "all devices" => act(&mut browser, web, Method::DELETE, "/auth/sessions?current=true"),
                _ => act(&mut browser, web, Method::POST, "/auth/signOut?token_type_hint=session_token"),
            }
            assert!(!has_recording(&mut browser, web), "{how}");
        }
    });
}

#[test]
fn a_sign_in_that_failed_is_still_shown_after_the_page_has_asked_for_the_session() {
    play(|web, _| {
        let mut browser = Browser::new(now().as_secs());
        let login = browser.open(web, &url("/auth/signIn/oidc"));
        browser.submit(web, &Form::of(&login).unwrap().with("cancel", ""));
        browser.navigate(web, &url("/auth/session"));
        assert!(has_recording(&mut browser, web));
    });
}

#[test]
fn the_end_of_other_devices_ends_no_recording_of_this_one() {
    play(|web, _| {
        let (mut here, mut there) = (Browser::new(now().as_secs()), Browser::new(now().as_secs()));
        sign_in(&mut here, web, "/auth/signIn/oidc");
        for one in [true, false] {
            sign_in(&mut there, web, "/auth/signIn/oidc?prompt=login");
            let path = if one { device(&mut here, web, false) } else { "/auth/sessions".to_owned() };
            act(&mut here, web, Method::DELETE, &path);
            assert!(has_recording(&mut here, web), "{path}");
            // The other browser learns of the end with its next request.
            assert!(has_recording(&mut there, web));
            there.navigate(web, &url("/auth/session"));
            assert!(!has_recording(&mut there, web));
        }
    });
}
