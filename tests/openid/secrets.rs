//! Secrecy of a visit with OpenID Connect: responses, events, errors and `Debug`.

use crate::callback;
use crate::tokens::announcing;
use aura_proto::provider::{Provider, PushedRequests, SignOutScope, TokenRetention};
use aura_proto::{Action, Entropy, Event, Fetch, FetchError, Purpose, UnixTime};
use aura_test_idp::{Behaviour, DpopNonce};
use aura_tests::{OpenId, Outcome, Pair, World, drive, location};
use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;

/// A site that uses everything there is.
fn everything() -> OpenId {
    let shape = |row: Provider| {
        let row = row.client_secret_jwt().dpop().tokens(TokenRetention::Kept);
        row.scope("openid profile email offline_access").sign_out(SignOutScope::Provider)
    };
    OpenId::new().behaviour(Behaviour::default().dpop_nonce(DpopNonce::Required)).provider(shape)
}

/// Signs in, reads the user again, fails once, and signs out.
fn visit(pair: &mut Pair) {
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    pair.browser.advance(3590);
    let csrf_token = pair.csrf_token();
    let own = [("x-csrf-token", csrf_token.as_str())];
    assert_eq!(pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &own, "").status, 200);
    let path = callback(pair);
    pair.app.token_fault = Some(aura_tests::Fault::Lost(FetchError::TimedOut));
    assert_eq!(pair.visit(&path).status, 502);
    pair.fetch(Method::POST, "/auth/signOut?token_type_hint=session_token", &own, "");
}

/// Secret values of a visit, each shared by two parties.
fn secrets(pair: &Pair) -> Vec<String> {
    let mut secrets = vec![aura_tests::SECRET.to_owned(), "dev-client-secret".to_owned()];
    let names = [
        "client_assertion=",
        "code_verifier=",
        "nonce=",
        "code=",
        "refresh_token=",
        "dpop: ",
        "authorization: DPoP ",
    ];
    for name in names {
        for rest in pair.app.transcript.as_str().split(name).skip(1) {
            secrets.push(rest.split(['&', '\n', ' ']).next().unwrap().to_owned());
        }
    }
    for answer in &pair.app.answers {
        let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let tokens = ["access_token", "refresh_token", "id_token"];
        secrets.extend(tokens.iter().filter_map(|name| answer[name].as_str()).map(str::to_owned));
    }
    secrets.retain(|secret| secret.len() >= 16);
    assert!(secrets.len() > 15, "{secrets:?}");
    secrets
}

#[test]
fn se_01_se_03_se_06_se_08_no_answer_url_event_or_error_of_a_visit_shows_a_secret() {
    let mut pair = everything().pair();
    visit(&mut pair);
    let secrets = secrets(&pair);
    let errors =
        pair.app.events.iter().filter_map(|event| {
            if let Event::SignInFailed { error, .. } = event { Some(error) } else { None }
        });
    let errors: Vec<_> =
        errors.map(|error| format!("{error} {:?}", std::error::Error::source(error))).collect();
    assert_eq!(errors.len(), 1, "one sign-in failed");
    let events = format!("{:?} {errors:?}", pair.app.events);
    let bodies = pair
        .browser
        .history
        .iter()
        .map(|exchange| format!("{} {}", exchange.url, String::from_utf8_lossy(&exchange.response_body)));
    // The code is the browser's to carry, once; the provider's reference is where it goes.
    let bodies: Vec<_> = bodies.map(|body| body.split("?code=").next().unwrap().to_owned()).collect();
    for secret in &secrets {
        assert!(!events.contains(secret), "{secret} in {events}");
        for body in &bodies {
            assert!(!body.contains(secret) || body.contains("/end_session?"), "{secret} in {body}");
        }
    }
    for endpoint in ["idp.test/token", "idp.test/jwks", "idp.test/userinfo", "idp.test/par"] {
        assert!(bodies.iter().all(|body| !body.contains(endpoint)), "{endpoint}");
    }
    for fetch in &pair.app.fetches {
        assert!(!fetch.contains('?'), "{fetch}");
    }
}

#[test]
fn se_07_debug_shows_no_secret_at_any_step_of_a_sign_in() {
    let mut pair = everything().provider(|row| {
        let row = row.client_secret_jwt().dpop().tokens(TokenRetention::Kept);
        row.pushed_requests(PushedRequests::Never)
    });
    let mut pair = std::mem::take(&mut pair).pair();
    let path = callback(&mut pair);
    let now = UnixTime::from_secs(pair.browser.now);
    let cookies = pair.cookie_header();
    let request = Request::get(&path).header(header::COOKIE, &cookies).body(Bytes::new()).unwrap();
    let action = pair.app.auth.handle(request, now, Entropy::from_os_bytes([8; 32]));
    let mut watched =
        Watched { shown: vec![format!("{:?}", pair.app.auth)], steps: Vec::new(), pair: &mut pair };
    let response = drive(action, now, &mut watched);
    assert_eq!((response.status().as_u16(), location(&response).as_str()), (302, "/"));
    let expected = ["Discovery", "Token", "Token", "Jwks", "UserInfo"];
    assert_eq!(watched.steps, expected.map(|step| format!("Pending(Expect{step})")));
    let shown = watched.shown;
    for secret in secrets(&pair) {
        assert!(shown.iter().all(|shown| !shown.contains(&secret)), "{secret}");
    }
}

/// A pair whose actions are printed.
struct Watched<'a> {
    pair: &'a mut Pair,
    shown: Vec<String>,
    steps: Vec<String>,
}

impl World for Watched<'_> {
    fn fetch(&mut self, _: Purpose, fetch: &Fetch) -> Outcome {
        self.steps.push(format!("{:?}", fetch.pending));
        let (now, entropy) = (self.pair.browser.now, self.pair.app.entropy());
        let dev = self.pair.app.provider("dev");
        let answer = dev.idp.handle(&mut dev.state, fetch.request.clone(), now, entropy);
        self.pair.app.answers.push(answer.clone());
        Ok(answer)
    }

    fn see(&mut self, action: &Action) {
        self.pair.app.transcript.record(action);
        self.shown.push(format!("{action:?} {action:#?}"));
    }
}

#[test]
fn equal_visits_are_equal_to_the_byte() {
    let run = || {
        let mut pair = everything().pair();
        visit(&mut pair);
        pair.app.transcript
    };
    assert_eq!(run(), run());
}

#[test]
fn ts_03_ts_04_no_endpoint_that_is_published_leads_elsewhere_than_to_https_on_the_internet() {
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
    ] {
        for url in [
            "http://idp.test/x",
            "file:///etc/passwd",
            "gopher://idp.test/x",
            "javascript:alert(1)",
            "https://169.254.169.254/latest",
            "https://[::1]/x",
            "https://localhost/x",
            "https://localhost./x",
            "https://idp.localhost/x",
            "https://[::ffff:169.254.169.254]/x",
            "https://169.254.169.254./x",
            "https://0/x",
            "https://127.0.0.1/x",
            "https://10.0.0.1/x",
            "https://u:p@idp.test/x",
            "https://idp.test/x#y",
            "//idp.test/x",
            "",
        ] {
            let mut pair = announcing(name, &json!(url));
            let page = pair.visit("/auth/signIn/dev");
            let (status, _, reason) = crate::said(&page);
            if ["authorization_endpoint", "token_endpoint", "jwks_uri"].contains(&name) {
                assert_eq!((status, reason.as_str()), (502, "discovery_endpoint"), "{name} {url}");
                assert_eq!(crate::asked(&pair), ["openid-configuration"], "{name} {url}");
            } else {
                // What a provider need not have counts as absent.
                let authorize = page.left_for.unwrap();
                let callback = pair.approve("dev", &authorize, "ada");
                assert_eq!(pair.visit(&callback).status, 200, "{name} {url}");
                let own = |asked: &String| asked.contains(" https://idp.test/") && !asked.ends_with(url);
                assert!(pair.app.fetches.iter().all(own) || url.is_empty(), "{:?}", pair.app.fetches);
            }
        }
    }
}
