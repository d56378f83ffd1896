//! Invariant 4: every fetch goes over https to an endpoint that is configured, or that the configured issuer publishes.

use crate::any::{Answers, Scene, any_scene, callback_of};
use crate::any_answers::metadata;
use crate::believed::json;
use crate::op::{Bend, Told};
use crate::play::{Attempt, Exchange, Kind, Run};
use crate::site::{CSRF, Which};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::Value;
use std::collections::BTreeMap;
use url::{Host, Url};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_fetch_goes_to_an_endpoint_of_the_provider_of_the_route(scene in any_scene()) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_published_elsewhere_is_asked_over_https_and_outside_of_networks(
        scene in right_scene(),
        how in metadata(),
    ) {
        let bends = vec![Bend { kind: Kind::Discovery, how }];
        let scene = Scene { answers: Answers::Told(Told { bends, ..Told::honest() }), ..scene };
        check(&scene, &scene.play().unwrap())?;
    }
}

/// An endpoint that is never requested could be anywhere.
#[test]
fn endpoints_elsewhere_are_asked_of_every_kind() {
    let (mut runner, strategy) = (TestRunner::deterministic(), (right_scene(), metadata()));
    let mut asked = BTreeMap::<(Kind, bool), usize>::new();
    for _ in 0..1000 {
        let (scene, how) = strategy.new_tree(&mut runner).unwrap().current();
        let bends = vec![Bend { kind: Kind::Discovery, how }];
        let scene = Scene { answers: Answers::Told(Told { bends, ..Told::honest() }), ..scene };
        for exchange in scene.play().unwrap().exchanges {
            let is_elsewhere = exchange.request.uri().host() == Some("api.elsewhere.test");
            *asked.entry((exchange.kind, is_elsewhere)).or_default() += 1;
        }
    }
    let count = |kind, is_elsewhere| asked.get(&(kind, is_elsewhere)).copied().unwrap_or_default();
    for kind in [Kind::Jwks, Kind::PushedRequest, Kind::Token, Kind::UserInfo] {
        assert!(count(kind, false) >= 50 && count(kind, true) >= 1, "{kind:?}: {asked:?}");
    }
    assert!(count(Kind::Discovery, false) >= 500 && count(Kind::Revocation, false) >= 50, "{asked:?}");
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    for exchange in &run.exchanges {
        let asked = exchange.request.uri().to_string();
        let endpoint = endpoint(scene, run, exchange);
        prop_assert_eq!(Some(&asked), endpoint.as_ref(), "{:?}", exchange.kind);
        let url = Url::parse(&asked).unwrap();
        let is_local = matches!(url.host(), Some(Host::Domain(name)) if name == "localhost");
        prop_assert!(url.scheme() == "https" && url.domain().is_some() && !is_local, "{asked}");
        prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    }
    Ok(())
}

/// Where an exchange of a scene has to go.
fn endpoint(scene: &Scene, run: &Run, exchange: &Exchange) -> Option<String> {
    if scene.which == Which::Plain {
        let id = scene.provider()?;
        return match exchange.kind {
            Kind::Token => Some(format!("https://{id}.idp.test/token")),
            Kind::UserInfo => Some(format!("https://{id}.idp.test/userinfo")),
            Kind::Revocation => Some("https://dev.idp.test/revoke".to_owned()).filter(|_| id == "dev"),
            Kind::Discovery | Kind::Jwks | Kind::PushedRequest | _ => None,
        };
    }
    // A sign-out names no provider: it goes to the session's.
    let is_sign_out = scene.path() == "/auth/signOut" && exchange.kind == Kind::Discovery;
    let id = if is_sign_out { "op" } else { scene.provider()? };
    let member = match exchange.kind {
        Kind::Discovery => return Some(format!("https://{id}.test/.well-known/openid-configuration")),
        Kind::Revocation => return Some(format!("https://{id}.test/revoke")),
        Kind::Jwks => "jwks_uri",
        Kind::PushedRequest => "pushed_authorization_request_endpoint",
        Kind::Token => "token_endpoint",
        Kind::UserInfo => "userinfo_endpoint",
        _ => unreachable!("a new purpose needs an endpoint"),
    };
    let document = published(run).filter(|document| document["issuer"] == format!("https://{id}.test"))?;
    Url::parse(document[member].as_str()?).ok().map(Into::into)
}

/// The configuration that was published in a run.
pub(crate) fn published(run: &Run) -> Option<Value> {
    run.exchanges.first().filter(|exchange| exchange.kind == Kind::Discovery).and_then(json)
}

/// Requests of a browser with every cookie, at a site with honest OpenID Providers.
fn right_scene() -> BoxedStrategy<Scene> {
    let which = Which::OpenId;
    let held = &which.site().held;
    let attempts = held.attempts.iter();
    let back = |attempt: &Attempt| ("GET", callback_of(attempt, &attempt.state, None, None));
    let mut targets: Vec<_> = attempts.clone().map(back).collect();
    targets.extend(attempts.map(|attempt| ("GET", format!("/auth/signIn/{}", attempt.provider))));
    for path in
        ["providers/op/user/refresh", "providers/op/tokens/revoke", "signOut?token_type_hint=session_token"]
    {
        targets.push(("POST", format!("/auth/{path}")));
    }
    // The access token has to be renewed first.
    let later = select(vec![0, 3500]);
    (select(targets), later)
        .prop_map(move |((method, target), later)| {
            let mut jar = held.session.clone();
            jar.extend(held.attempts.iter().map(|attempt| attempt.cookie.clone()));
            jar.insert(CSRF.to_owned(), held.csrf[0].clone());
            Scene {
                which,
                method: method.to_owned(),
                target,
                headers: vec![("x-csrf-token".to_owned(), held.csrf[0].clone())],
                jar,
                beside: [Vec::new(), Vec::new()],
                body: String::new(),
                answers: Answers::Told(Told::honest()),
                admits: true,
                later,
                seed: [12; 32],
            }
        })
        .boxed()
}
