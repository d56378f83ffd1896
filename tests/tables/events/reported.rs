//! Events by situation, compared as values.

use aura_proto::provider::TokenRetention;
use aura_proto::{
    Admission, Error, ErrorWord, Event, Expiration, FetchError, ProviderError, Purpose, RequestError,
    SessionPolicy, TokenRefusal,
};
use aura_tests::{Fault, Pair};
use http::{Method, Request, header};
use std::time::Duration;
use url::Url;

const SITE: &str = "https://app.test";
const GRANTED: &str = r#"{"access_token":"at","token_type":"Bearer","expires_in":3600,"refresh_token":"rt"}"#;

fn dev() -> String {
    "dev".to_owned()
}

fn initiated() -> Event {
    Event::SignInInitiated { provider: dev() }
}

fn granted() -> Event {
    Event::TokenGranted { provider: dev() }
}

fn received() -> Event {
    Event::UserInfoReceived { provider: dev() }
}

fn signed_in() -> Event {
    Event::SignedIn { provider: dev(), sub: "ada".to_owned() }
}

fn failed(error: impl Into<Error>) -> Event {
    Event::SignInFailed { provider: dev(), error: error.into() }
}

fn refused(error: impl Into<Error>) -> Event {
    Event::RequestRefused { error: error.into() }
}

fn tokens_failed(error: impl Into<Error>) -> Event {
    Event::ProviderRequestFailed { provider: dev(), error: error.into() }
}

/// Events since the last call.
fn news(pair: &mut Pair) -> Vec<Event> {
    std::mem::take(&mut pair.app.events)
}

/// Begins a sign-in and approves it; returns the callback's path.
fn callback(pair: &mut Pair) -> String {
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    news(pair);
    callback
}

#[test]
fn or_1_a_redirect_to_elsewhere_is_reported_and_a_foreign_referer_is_not() {
    for (target, more) in [("/page", &[][..]), ("undefined", &[]), ("//evil.test", &[Event::RedirectRefused])]
    {
        let mut pair = Pair::new();
        pair.begin("dev", target);
        assert_eq!(news(&mut pair), [more, &[initiated()]].concat(), "{target}");
    }
    let mut pair = Pair::new();
    let linked = Request::get("/auth/signIn/dev").header(header::REFERER, "https://blog.test/post");
    assert_eq!(pair.send(linked).status, 302);
    assert_eq!(news(&mut pair), [initiated()]);

    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    news(&mut pair);
    let path = "/auth/signOut?token_type_hint=session_token&redirectTo=https://evil.test";
    pair.fetch(Method::POST, path, &[("x-csrf-token", &token)], "");
    assert_eq!(news(&mut pair), [Event::RedirectRefused, Event::SignedOut { sub: Some("ada".to_owned()) }]);
}

#[test]
fn or_1_a_sealed_target_that_lost_its_trust_is_reported_and_replaced() {
    let mut pair = Pair::at(SITE, |builder| builder.trusted_origins(["https://friend.test"]));
    let authorize = pair.begin("dev", "https://friend.test/");
    let callback = pair.approve("dev", &authorize, "ada");
    news(&mut pair);
    pair.app.auth = Pair::new().app.auth;
    assert_eq!(pair.visit(&callback).url.as_str(), "https://app.test/");
    let replaced = Event::SealedRedirectRefused { provider: dev() };
    assert_eq!(news(&mut pair), [granted(), received(), replaced, signed_in()]);
}

/// The event of an answer with a status that is no success.
fn provider_refused(endpoint: Purpose, status: u16, word: Option<ErrorWord>) -> Event {
    Event::ProviderRefused { provider: dev(), endpoint, status, word }
}

fn refusal_by(fault: &Fault, endpoint: Purpose) -> Option<Event> {
    let status = fault.outcome().ok()?.status();
    (!status.is_success()).then(|| provider_refused(endpoint, status.as_u16(), None))
}

#[test]
fn each_failure_of_the_token_endpoint_is_an_event_of_its_own() {
    use ProviderError as P;
    for (fault, error) in [
        (Fault::Lost(FetchError::TimedOut), P::TokenUnreachable(FetchError::TimedOut)),
        (Fault::Lost(FetchError::Untrusted), P::TokenUnreachable(FetchError::Untrusted)),
        (Fault::json(500, "{}"), P::TokenRefused(TokenRefusal::Unavailable)),
        (Fault::answered(200, "text/html", "<p>"), P::TokenContentType),
        (Fault::json(200, r#"{"error":"invalid_grant"}"#), P::TokenErrorAnswer),
        (Fault::json(200, "{"), P::TokenNotJson),
        (Fault::json(200, "{}"), P::TokenMalformed),
    ] {
        let mut pair = Pair::new();
        let callback = callback(&mut pair);
        let refusal = refusal_by(&fault, Purpose::Token);
        pair.app.token_fault = Some(fault);
        pair.visit(&callback);
        assert_eq!(news(&mut pair), Vec::from_iter(refusal.into_iter().chain([failed(error)])));
    }
}

#[test]
fn each_failure_of_userinfo_is_an_event_of_its_own_after_the_token_s() {
    use ProviderError as P;
    for (fault, error) in [
        (Fault::Lost(FetchError::Unreachable), P::UserInfoUnreachable(FetchError::Unreachable)),
        (Fault::json(403, "{}"), P::UserInfoStatus),
        (Fault::answered(200, "text/html", "<p>"), P::UserInfoContentType),
        (Fault::json(200, "{"), P::UserInfoNotJson),
        (Fault::json(200, r#"{"error":"no"}"#), P::UserInfoMalformed),
        (Fault::json(200, "{}"), P::UserInfoWithoutId),
    ] {
        let mut pair = Pair::new();
        let callback = callback(&mut pair);
        let refusal = refusal_by(&fault, Purpose::UserInfo);
        pair.app.userinfo_fault = Some(fault);
        pair.visit(&callback);
        let expected = [granted()].into_iter().chain(refusal).chain([failed(error)]);
        assert_eq!(news(&mut pair), Vec::from_iter(expected));
    }
    let mut pair = Pair::new();
    let callback = callback(&mut pair);
    pair.app.admit = |_| Admission::Refuse;
    pair.visit(&callback);
    assert_eq!(news(&mut pair), [granted(), received(), failed(RequestError::NotAdmitted)]);
}

#[test]
fn each_callback_that_fits_no_attempt_is_an_event_of_its_own() {
    let mut pair = Pair::new();
    let arrive = |pair: &mut Pair, callback: &str| {
        news(pair);
        pair.visit(callback);
        news(pair)
    };
    let nobody = "/auth/callback/dev?code=c&state=s";
    assert_eq!(arrive(&mut pair, nobody), [failed(RequestError::NoCookie)]);
    pair.csrf_token();
    assert_eq!(arrive(&mut pair, nobody), [failed(RequestError::NoAttempt)]);
    pair.begin("dev", "/");
    assert_eq!(arrive(&mut pair, nobody), [failed(RequestError::StateUnknown)]);

    // A browser drops the cookie by then; something else may keep it.
    let mut kept = Pair::new();
    let callback = callback(&mut kept);
    let request = Request::get(&callback).header(header::COOKIE, kept.cookie_header());
    kept.browser.now += 601;
    kept.send(request);
    assert_eq!(news(&mut kept), [failed(RequestError::AttemptExpired)]);

    let authorize = pair.begin("dev", "/");
    let denied = pair.deny("dev", &authorize);
    assert_eq!(arrive(&mut pair, &denied), [failed(RequestError::AccessDenied)]);
    let authorize = pair.begin("dev", "/");
    let error = pair.deny("dev", &authorize).replace("access_denied", "server_error");
    assert_eq!(arrive(&mut pair, &error), [failed(ProviderError::AuthorizationFailed)]);
    let authorize = pair.begin("dev", "/");
    let other = pair.approve("dev", &authorize, "ada").replace("/callback/dev", "/callback/other");
    let provider = "other".to_owned();
    let error = RequestError::OtherProvider.into();
    assert_eq!(arrive(&mut pair, &other), [Event::SignInFailed { provider, error }]);
}

#[test]
fn what_a_session_goes_through_is_reported_and_a_visitor_without_one_is_not() {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(Expiration::Rolling);
    let mut pair = Pair::at(SITE, |builder| builder.session(policy.editable(["name"])));
    pair.session();
    assert_eq!(news(&mut pair), []);
    pair.csrf_token();
    assert_eq!(news(&mut pair), [Event::CsrfTokenIssued]);
    let callback = callback(&mut pair);
    pair.visit(&callback);
    assert_eq!(news(&mut pair), [granted(), received(), signed_in()]);
    pair.visit(&callback);
    assert_eq!(news(&mut pair), [Event::CallbackRepeated { provider: dev() }]);

    pair.session();
    assert_eq!(news(&mut pair), [], "nothing came of it");
    pair.browser.advance(60);
    pair.session();
    let sub = || "ada".to_owned();
    assert_eq!(news(&mut pair), [Event::SessionRenewed { sub: sub() }]);
    let token = pair.csrf_token();
    let own = [("x-csrf-token", token.as_str())];
    pair.fetch(Method::PATCH, "/auth/session", &own, r#"{"user":{"name":"Countess"}}"#);
    assert_eq!(news(&mut pair), [Event::SessionUpdated { sub: sub() }]);
    let long = format!(r#"{{"user":{{"name":"{}"}}}}"#, "n".repeat(60_000));
    pair.fetch(Method::PATCH, "/auth/session", &own, &long);
    assert_eq!(news(&mut pair), [refused(RequestError::SessionTooLarge)]);

    pair.plant("__Host-aura-auth.session_token", "garbage");
    pair.session();
    assert_eq!(news(&mut pair), [Event::SessionRejected { error: RequestError::SessionInvalid.into() }]);
}

#[test]
fn each_refused_request_is_one_event_that_says_why() {
    let mut pair = Pair::new();
    let path = "/auth/signOut?token_type_hint=session_token";
    let post = |pair: &mut Pair, path: &str, token: &[(&'static str, &str)], body: &str| {
        news(pair);
        pair.fetch(Method::POST, path, token, body);
        news(pair)
    };
    assert_eq!(post(&mut pair, path, &[], ""), [refused(RequestError::CsrfCookieMissing)]);
    pair.csrf_token();
    assert_eq!(post(&mut pair, path, &[], ""), [refused(RequestError::CsrfTokenMissing)]);
    let wrong = [("x-csrf-token", "wrong")];
    assert_eq!(post(&mut pair, path, &wrong, ""), [refused(RequestError::CsrfTokenMismatch)]);
    assert_eq!(post(&mut pair, "/auth/session", &[], ""), [refused(RequestError::MethodNotAllowed)]);
    assert_eq!(post(&mut pair, "/auth/none", &[], ""), [refused(RequestError::NotFound)]);
    let json = [("content-type", "application/json")];
    assert_eq!(post(&mut pair, path, &json, "{"), [refused(RequestError::MalformedBody)]);
    pair.send(Request::get("/auth/signIn/none"));
    let events = news(&mut pair);
    let [Event::ProviderUnknown { id }, refusal] = &events[..] else { panic!("{events:?}") };
    assert_eq!((id.as_str(), refusal), ("none", &refused(RequestError::UnknownProvider)));

    let token = pair.csrf_token();
    news(&mut pair);
    pair.browser.stand_at(&Url::parse("https://evil.test/").unwrap());
    pair.submit(path, &[("csrfToken", &token)]);
    assert_eq!(news(&mut pair), [refused(RequestError::CrossSite)]);
    let token = [("x-csrf-token", token.as_str())];
    pair.fetch(Method::PATCH, "/auth/session", &token, "{}");
    assert_eq!(news(&mut pair), [refused(RequestError::SessionMissing)]);
}

/// A pair in which `ada` has signed in, and whose tokens are kept.
fn with_tokens() -> Pair {
    let kept = |provider: aura_proto::provider::Provider| {
        provider.tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke")
    };
    let mut pair = Pair::with(SITE, kept, |builder| builder);
    let callback = callback(&mut pair);
    pair.app.token_fault = Some(Fault::json(200, GRANTED));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.visit(&callback);
    news(&mut pair);
    pair
}

#[test]
fn what_becomes_of_a_provider_s_tokens_is_reported_with_the_provider() {
    let tokens = "/auth/providers/dev/tokens";
    let mut pair = Pair::new();
    pair.fetch(Method::GET, tokens, &[], "");
    assert_eq!(news(&mut pair), [tokens_failed(RequestError::SessionMissing)]);
    pair.sign_in("dev", "ada");
    news(&mut pair);
    pair.fetch(Method::GET, tokens, &[], "");
    assert_eq!(news(&mut pair), [tokens_failed(RequestError::TokensNotReadable)]);

    let mut pair = with_tokens();
    pair.browser.advance(3400);
    pair.app.token_fault = Some(Fault::Lost(FetchError::TimedOut));
    pair.fetch(Method::GET, tokens, &[], "");
    let lost = || ProviderError::TokenUnreachable(FetchError::TimedOut);
    let goes_on = Event::RefreshFailed { provider: dev(), error: lost().into() };
    assert_eq!(news(&mut pair), [goes_on], "the access token is valid");
    pair.browser.advance(200);
    pair.app.token_fault = Some(Fault::Lost(FetchError::TimedOut));
    pair.fetch(Method::GET, tokens, &[], "");
    assert_eq!(news(&mut pair), [tokens_failed(lost())]);
    pair.app.token_fault = Some(Fault::json(400, r#"{"error":"invalid_grant"}"#));
    pair.fetch(Method::GET, tokens, &[], "");
    let refused = provider_refused(Purpose::Token, 400, Some(ErrorWord::InvalidGrant));
    assert_eq!(news(&mut pair), [refused, tokens_failed(RequestError::RefreshRefused)]);

    let token = pair.csrf_token();
    let own = [("x-csrf-token", token.as_str())];
    let refreshed = Event::TokensRefreshed { provider: dev() };
    pair.app.token_fault = Some(Fault::json(200, GRANTED));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"eve"}"#));
    pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &own, "");
    let other = tokens_failed(RequestError::OtherUser);
    assert_eq!(news(&mut pair), [refreshed, received(), other]);

    pair.app.revocation_fault = Some(Fault::json(503, ""));
    pair.fetch(Method::POST, "/auth/providers/dev/tokens/revoke", &own, "");
    let refused = provider_refused(Purpose::Revocation, 503, None);
    assert_eq!(news(&mut pair), [refused, tokens_failed(ProviderError::RevocationStatus)]);
    pair.app.revocation_fault = Some(Fault::json(200, ""));
    pair.fetch(Method::POST, "/auth/providers/dev/tokens/revoke", &own, "");
    assert_eq!(news(&mut pair), [Event::TokensRevoked { provider: dev() }]);
    pair.fetch(Method::DELETE, "/auth/providers/dev", &own, "");
    assert_eq!(news(&mut pair), [tokens_failed(RequestError::TokensMissing)]);

    let mut pair = with_tokens();
    let token = pair.csrf_token();
    pair.fetch(Method::DELETE, "/auth/providers/dev", &[("x-csrf-token", &token)], "");
    assert_eq!(news(&mut pair), [Event::ProviderDisconnected { provider: dev() }]);
}
