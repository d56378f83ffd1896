//! Invariant 9: no input panics, a browser's error is 4xx, and a provider's error is 5xx.
//!
//! A rejected token about a user is 401, except that a nonce mismatch and a rejected logout token are 400.

use crate::any::{Scene, any_scene};
use crate::any_answers::{answers, told};
use crate::any_browser::cookies;
use crate::inv_05::location;
use crate::op::Told;
use crate::play::{Host, Kind, Outcome, Run, listed};
use crate::site::{Jar, Which, error_page};
use aura_proto::{Error, Event, IdTokenError, ProviderError, RequestError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_status_says_whose_fault_it_is(scene in any_scene()) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn any_bytes_get_an_answer(request in any_bytes()) {
        if let Some(run) = request.play() {
            let status = run.response.status().as_u16();
            prop_assert!(is_status(status), "{status}");
            prop_assert_eq!(status == 404, request.path.is_none(), "{:?}", run.events);
        }
    }
}

/// A request that reaches a route, or none, and is any bytes besides.
#[derive(Clone, Debug)]
pub(crate) struct AnyBytes {
    which: Which,
    method: String,
    pub(crate) path: Option<String>,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    jar: Option<Jar>,
    body: Vec<u8>,
    answers: Vec<Outcome>,
    told: Told,
    now: u64,
    seed: [u8; 32],
}

/// Draws one.
pub(crate) fn any_bytes() -> BoxedStrategy<AnyBytes> {
    let which = select(vec![Which::Plain, Which::OpenId, Which::Paged]);
    which.prop_flat_map(of_any_bytes).boxed()
}

fn of_any_bytes(which: Which) -> BoxedStrategy<AnyBytes> {
    let of_provider = ["signIn/*", "callback/*", "backchannelLogout/*", "providers/*", "providers/*/tokens"];
    let of_provider = [&of_provider[..], &["providers/*/tokens/revoke", "providers/*/user/refresh"]].concat();
    let known = (select(of_provider), select(which.ids())).prop_map(|(route, id)| route.replace('*', id));
    let known = prop_oneof![4 => known, 1 => "(session|csrfToken|signOut|signedOut)"];
    let path = prop_oneof![6 => known.prop_map(Some), 1 => Just(None)];
    let method =
        prop_oneof![6 => Just("GET".to_owned()), 6 => "(GET|POST|PATCH|DELETE|HEAD)", 1 => "[!-~]{1,8}"];
    let states = which.site().held.attempts.iter().map(|attempt| attempt.state.clone());
    let query = prop_oneof![
        1 => "[!-~&&[^#]]{0,60}",
        2 => "[!$-;=?-Z_a-z~]{0,60}",
        2 => (select(states.collect::<Vec<_>>()), "(code|code|error|iss)", "[!$%'-;=?-Z_a-z~]{1,20}")
            .prop_map(|(state, name, value)| format!("state={state}&{name}={value}")),
        1 => ("(redirectTo|token_type_hint|redirect|logout_token)", "[!$%'-;=?-Z_a-z~]{0,40}")
            .prop_map(|(name, value)| format!("{name}={value}")),
    ];
    let name = prop_oneof![
        3 => "(cookie|origin|referer|host|accept|content-type|sec-fetch-site|x-csrf-token|purpose|forwarded)",
        1 => "[a-z-]{1,20}",
    ];
    let headers = prop::collection::vec((name, prop::collection::vec(any::<u8>(), 0..60)), 0..6);
    let jar = prop::option::weighted(0.7, cookies(which).prop_map(|(jar, _)| jar));
    let body = prop::collection::vec(any::<u8>(), 0..60);
    let token = "[!$-~]{0,60}".prop_map(|token| format!("logout_token={token}").into_bytes());
    let body = prop_oneof![3 => body, 1 => token];
    let now = prop_oneof![3 => Just(crate::site::NOW), 1 => any::<u64>()];
    let sent = (method, path, query, headers, jar, body);
    (sent, answers(), told(), now, any::<[u8; 32]>())
        .prop_map(move |((method, path, query, headers, jar, body), answers, told, now, seed)| AnyBytes {
            which,
            method,
            path,
            query,
            headers,
            jar,
            body,
            answers,
            told,
            now,
            seed,
        })
        .boxed()
}

impl AnyBytes {
    /// Plays it, where it is a request, to the end of its flow.
    pub(crate) fn play(&self) -> Option<Run> {
        let path = self.path.as_ref().map_or("/auth/nowhere".to_owned(), |path| format!("/auth/{path}"));
        let request = Request::builder().method(self.method.as_str()).uri(format!("{path}?{}", self.query));
        let mut request = request.body(Bytes::from(self.body.clone())).ok()?;
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value)) {
                request.headers_mut().append(name, value);
            }
        }
        for (name, value) in self.jar.iter().flatten() {
            let field = HeaderValue::try_from(format!("{name}={value}")).ok()?;
            request.headers_mut().append(header::COOKIE, field);
        }
        let site = self.which.site();
        let host = Host::at(&site.auth, self.now, self.seed);
        let named = self.path.as_ref().and_then(|path| path.split('/').nth(1));
        let Some(op) = site.ops.iter().find(|op| Some(op.id) == named) else {
            return Some(host.answer(request, &mut listed(&self.answers)));
        };
        let mut teller = op.teller(&self.told, self.now, 0);
        Some(host.answer(request, &mut |kind, asked| teller.answer(kind, asked)))
    }
}

fn is_status(status: u16) -> bool {
    matches!(status, 200 | 202 | 204 | 302 | 303 | 400..=499 | 502 | 504)
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let status = run.response.status().as_u16();
    prop_assert!(is_status(status), "{status}");
    let failures: Vec<_> = run.events.iter().filter_map(failure).collect();
    prop_assert!(failures.len() <= 1, "{failures:?}");
    let Some((error, is_logout)) = failures.first().copied() else {
        // A missing session is an answer without an event.
        let nobody = status == 401 && scene.target.starts_with("/auth/session");
        prop_assert!(status < 400 || nobody, "{status} {}", scene.target);
        return Ok(());
    };
    whose_fault(scene, run, error)?;
    let expected = expected(error, is_logout);
    if status == 302 {
        let page = error_page(scene.which);
        let page = format!("{page}error={}&reason={}&provider=", error.code(), error.reason());
        prop_assert!(location(run).is_some_and(|location| location.starts_with(&page)), "{page}");
    } else {
        prop_assert_eq!(status, expected, "{:?}", error);
        check_body(scene, run, error)?;
    }
    Ok(())
}

/// The error, and whether it belongs to a back-channel logout.
fn failure(event: &Event) -> Option<(&Error, bool)> {
    if let Event::LogoutRefused { error, .. } = event {
        return Some((error, true));
    }
    if let Event::SignInFailed { error, .. }
    | Event::ProviderRequestFailed { error, .. }
    | Event::RequestRefused { error }
    | Event::SessionRejected { error } = event
    {
        return Some((error, false));
    }
    None
}

/// The status of a failure: by whose fault it is, but for tokens about users.
fn expected(error: &Error, is_logout: bool) -> u16 {
    let network = matches!(error, Error::Provider(ProviderError::DiscoveryUnreachable(_)));
    match error {
        Error::Provider(ProviderError::IdToken(_)) | Error::Request(_) if is_logout => 400,
        Error::Provider(ProviderError::IdToken(IdTokenError::Nonce)) => 400,
        Error::Provider(ProviderError::IdToken(_)) => 401,
        Error::Provider(_) if network => 504,
        Error::Provider(_) => 502,
        Error::Request(_) => error.status().as_u16().clamp(400, 499),
        Error::Host(_) => 500,
        _ => 0,
    }
}

/// Checks the side at fault against the request and the answers.
fn whose_fault(scene: &Scene, run: &Run, error: &Error) -> Result<(), TestCaseError> {
    prop_assert!(!matches!(error, Error::Host(_)), "the host is sound: {error:?}");
    let by_provider = matches!(error, Error::Provider(_));
    if scene.is_callback() {
        // Who comes back from their own sign-in with a code did nothing wrong, and who does not is asked about nowhere.
        let is_right = scene.matched().is_some() && scene.brings_a_code();
        let refused = matches!(error, Error::Request(RequestError::NotAdmitted)) && !scene.admits;
        let sent_back = scene.matched().is_some() && !scene.query("error").is_empty();
        prop_assert_eq!(is_right && !refused || sent_back && by_provider, by_provider, "{:?}", error);
        prop_assert!(is_right || run.exchanges.is_empty());
        return Ok(());
    }
    // A refresh that is refused is the user's to mend.
    let refused = matches!(error, Error::Request(RequestError::RefreshRefused));
    let by_logout_token = scene.path().starts_with("/auth/backchannelLogout/");
    prop_assert!(!by_provider || !run.exchanges.is_empty());
    prop_assert!(!refused || run.last(Kind::Token).is_some());
    prop_assert!(!by_logout_token || by_provider || run.exchanges.is_empty());
    Ok(())
}

fn check_body(scene: &Scene, run: &Run, error: &Error) -> Result<(), TestCaseError> {
    if run.response.headers()[header::CONTENT_TYPE] == "text/html; charset=utf-8" {
        let page = String::from_utf8_lossy(run.response.body());
        prop_assert!(page.contains(&format!("<small>{}</small>", error.code())), "{page}");
    } else if scene.method != "HEAD" {
        let json: serde_json::Value = serde_json::from_slice(run.response.body()).unwrap();
        let members = ["type", "code", "message", "reason"];
        prop_assert!(members.iter().all(|name| json[name].is_string()), "{json}");
    }
    Ok(())
}
