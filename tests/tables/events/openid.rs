//! Events of OpenID Connect by situation, compared as values.

use aura_proto::provider::{ClaimsSource, Provider, SignOutScope, TokenRetention};
use aura_proto::{
    Error, Event, FetchError, IdTokenError, IssuerDifference, ProviderError, PublishedIssuer, RequestError,
};
use aura_test_idp::{Behaviour, Lie, LogoutSubject};
use aura_tests::{Fault, OpenId, Pair};
use http::Method;

fn dev() -> String {
    "dev".to_owned()
}

fn ada() -> String {
    "ada".to_owned()
}

fn granted() -> Event {
    Event::TokenGranted { provider: dev() }
}

fn received() -> Event {
    Event::UserInfoReceived { provider: dev() }
}

fn signed_in() -> Event {
    Event::SignedIn { provider: dev(), sub: ada() }
}

fn failed(error: impl Into<Error>) -> Event {
    Event::SignInFailed { provider: dev(), error: error.into() }
}

/// Events since the last call.
fn news(pair: &mut Pair) -> Vec<Event> {
    std::mem::take(&mut pair.app.events)
}

fn lying(lie: Lie) -> Pair {
    OpenId::new().behaviour(Behaviour::default().lie(lie)).pair()
}

/// Events of a sign-in's callback.
fn of_a_callback(mut pair: Pair) -> Vec<Event> {
    let authorize = pair.begin("dev", "/");
    assert_eq!(news(&mut pair), [Event::SignInInitiated { provider: dev() }]);
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    news(&mut pair)
}

#[test]
fn a_sign_in_reports_each_thing_that_a_provider_said() {
    assert_eq!(of_a_callback(Pair::openid()), [granted(), received(), signed_in()]);
    let alone = OpenId::new().provider(|row| row.claims_source(ClaimsSource::IdToken)).pair();
    assert_eq!(of_a_callback(alone), [granted(), signed_in()]);
}

#[test]
fn a_sign_in_that_fails_reports_how_far_it_came_and_why() {
    for (lie, error) in [
        (Lie::IdTokenMissing, ProviderError::IdToken(IdTokenError::Missing)),
        (Lie::IdTokenOtherAud, ProviderError::IdToken(IdTokenError::Audience)),
        (Lie::JwksNotJson, ProviderError::JwksMalformed),
        (Lie::UserinfoOtherSub, ProviderError::UserInfoOtherSubject),
    ] {
        assert_eq!(of_a_callback(lying(lie)), [granted(), failed(error)], "{lie:?}");
    }
    assert_eq!(of_a_callback(lying(Lie::CallbackOtherIss)), [failed(RequestError::IssuerMismatch)]);

    let mut pair = lying(Lie::DiscoveryOtherIssuer);
    pair.visit("/auth/signIn/dev");
    let differs = Event::IssuerDiffers {
        provider: dev(),
        configured: "https://idp.test".to_owned(),
        published: PublishedIssuer::Url("https://other-idp.example".to_owned()),
        difference: IssuerDifference::Other,
    };
    assert_eq!(news(&mut pair), [differs, failed(ProviderError::DiscoveryIssuer)], "nothing had begun");
    let mut pair = Pair::openid();
    pair.app.pushed_request_fault = Some(Fault::Lost(FetchError::TimedOut));
    pair.visit("/auth/signIn/dev");
    assert_eq!(news(&mut pair), [failed(ProviderError::PushedRequestUnreachable(FetchError::TimedOut))]);
}

#[test]
fn a_visit_reports_what_becomes_of_tokens_and_sessions() {
    let shape = |row: Provider| {
        let row = row.tokens(TokenRetention::Readable).sign_out(SignOutScope::Provider);
        row.scope("openid profile email offline_access")
    };
    let mut pair = OpenId::new().provider(shape).pair();
    pair.sign_in("dev", "ada");
    let csrf_token = pair.csrf_token();
    let own = [("x-csrf-token", csrf_token.as_str())];
    pair.browser.advance(3590);
    news(&mut pair);
    let path = "/auth/providers/dev/user/refresh";
    pair.fetch(Method::POST, path, &own, "");
    let refreshed = Event::TokensRefreshed { provider: dev() };
    assert_eq!(news(&mut pair), [refreshed, received(), Event::SessionUpdated { sub: ada() }]);

    pair.set_behaviour("dev", Behaviour::default().lie(Lie::RefreshOtherSub));
    pair.browser.advance(3590);
    pair.fetch(Method::POST, path, &own, "");
    let error = ProviderError::IdToken(IdTokenError::OtherSubject).into();
    assert_eq!(news(&mut pair), [Event::ProviderRequestFailed { provider: dev(), error }]);

    pair.fetch(Method::POST, "/auth/signOut?token_type_hint=session_token", &own, "");
    assert_eq!(news(&mut pair), [Event::SignedOut { sub: Some(ada()) }]);
    pair.visit("/auth/signedOut?state=x");
    assert_eq!(news(&mut pair), [], "the way back proves nothing");
}

#[test]
fn a_logout_token_is_one_event_whatever_comes_of_it() {
    for (lie, error) in [
        (None, None),
        (Some(Lie::LogoutTokenOtherIss), Some(IdTokenError::Issuer)),
        (Some(Lie::LogoutTokenWithNonce), Some(IdTokenError::Event)),
    ] {
        let mut pair = lie.map_or_else(Pair::openid, lying);
        let (now, entropy) = (pair.browser.now, pair.app.entropy());
        let provider = pair.app.provider("dev");
        let subject = LogoutSubject::Sub("ada");
        let token = provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy);
        pair.send_form("/auth/backchannelLogout/dev", &format!("logout_token={token}"));
        match (error, &news(&mut pair)[..]) {
            (None, [Event::LoggedOutByProvider { provider, sub, sid: None, .. }]) => {
                assert_eq!((provider, sub), (&dev(), &Some(ada())));
            }
            (Some(error), [refused]) => {
                let error = ProviderError::IdToken(error).into();
                assert_eq!(*refused, Event::LogoutRefused { provider: dev(), error });
            }
            (error, events) => panic!("{error:?} {events:?}"),
        }
    }
}
