//! Reach of the generators: with a fixed seed, each of them produces every kind of result.
//!
//! Scenes that all fail early would check nothing.

use crate::any::{Scene, callback_scene, scene};
use crate::any_answers::claims;
use crate::inv_03::with_claims;
use crate::inv_05::location;
use crate::inv_09::any_bytes;
use crate::play::{Kind, Run};
use crate::site::{ERROR_PAGE, SESSION, Which};
use aura_proto::{Error, Event};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// How often each end was reached.
#[derive(Debug, Default)]
struct Ends(BTreeMap<String, usize>);

impl Ends {
    fn add(&mut self, end: impl Into<String>) {
        *self.0.entry(end.into()).or_default() += 1;
    }

    fn of(&self, end: &str) -> usize {
        self.0.get(end).copied().unwrap_or_default()
    }

    fn hold(&self, least: &[(&str, usize)]) {
        for (end, least) in least {
            assert!(self.of(end) >= *least, "{end}: {} of {self:#?}", self.of(end));
        }
    }
}

/// Plays so many scenes, the same in every run, and counts how they end.
fn ends(strategy: &BoxedStrategy<Scene>, count: usize) -> Ends {
    let mut runner = TestRunner::deterministic();
    let mut ends = Ends::default();
    for _ in 0..count {
        let scene = strategy.new_tree(&mut runner).unwrap().current();
        if let Some(run) = scene.play() {
            tally(&scene, &run, &mut ends);
        }
    }
    ends
}

fn tally(scene: &Scene, run: &Run, ends: &mut Ends) {
    ends.add(format!("{} exchanges", run.exchanges.len()));
    for event in &run.events {
        ends.add(event.name());
        if let Event::SignInFailed { error, .. } = event {
            ends.add(error.reason());
        }
        if let Event::SignedIn { provider, .. } = event {
            ends.add(format!("signed in at {provider}"));
        }
        if let Event::LogoutRefused { error: Error::Provider(_), .. } = event {
            ends.add("a logout token that is not believed");
        }
    }
    let count = |kind| run.exchanges.iter().filter(|exchange| exchange.kind == kind).count();
    for (kind, most, what) in [
        (Kind::Jwks, 1, "keys read again"),
        (Kind::Token, 1, "a token with a nonce of the server"),
        (Kind::PushedRequest, 0, "a request handed over"),
        (Kind::Revocation, 1, "both tokens given back"),
    ] {
        if count(kind) > most {
            ends.add(what);
        }
    }
    let to = location(run).unwrap_or_default();
    for (what, is_so) in [
        ("the error page", to.starts_with(ERROR_PAGE)),
        ("the way out through the provider", to.contains("/end_session?")),
        (
            "a page of a form",
            run.response.headers().get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8"),
        ),
        ("two sessions", scene.sent(SESSION).len() > 1),
        ("two of an attempt", scene.matched().is_some_and(|attempt| scene.sent(&attempt.cookie.0).len() > 1)),
        ("signed in all the same", scene.sent(SESSION).len() > 1 && to == "/after"),
    ] {
        if is_so {
            ends.add(what);
        }
    }
}

#[test]
fn scenes_of_plain_providers_reach_every_end() {
    let any = ends(&scene(Which::Plain), 2000);
    any.hold(&[
        ("SIGN_IN_INITIATED", 100),
        ("SIGN_OUT_SUCCESS", 20),
        ("SESSION_REFRESHED", 20),
        ("SESSION_UPDATED", 3),
        ("REVOKE_TOKEN_SUCCESS", 1),
        ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", 3),
        ("OAUTH_CALLBACK_REPEATED", 3),
        ("OPEN_REDIRECT_ATTACK", 50),
        ("UNTRUSTED_ORIGIN", 20),
        ("CSRF_TOKEN_INVALID", 20),
        ("two sessions", 20),
    ]);
    let callbacks = ends(&callback_scene(Which::Plain), 1000);
    callbacks.hold(&[
        ("OAUTH_CALLBACK_SUCCESS", 100),
        ("MISMATCHING_STATE", 20),
        ("MISMATCHING_PROVIDER", 20),
        ("OAUTH_PROTOCOL_ERROR", 20),
        ("USER_NOT_ADMITTED", 10),
        ("OAUTH_ACCESS_TOKEN_REQUEST_FAILED", 20),
        ("OAUTH_USERINFO_ERROR", 5),
        ("two of an attempt", 10),
        ("signed in all the same", 1),
    ]);
}

#[test]
fn scenes_of_openid_providers_reach_every_end() {
    let any = ends(&scene(Which::OpenId), 2000);
    any.hold(&[
        ("SIGN_IN_INITIATED", 50),
        ("a request handed over", 30),
        ("a page of a form", 10),
        ("OIDC_BACKCHANNEL_LOGOUT", 30),
        ("a logout token that is not believed", 30),
        ("the way out through the provider", 3),
        ("REVOKE_TOKEN_SUCCESS", 3),
        ("both tokens given back", 3),
        ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", 1),
        ("SESSION_UPDATED", 5),
        ("OIDC_DISCOVERY_FAILED", 20),
    ]);
}

#[test]
fn callbacks_of_openid_providers_reach_every_end() {
    let paged = ends(&callback_scene(Which::Paged), 500);
    paged.hold(&[("the error page", 25), ("OAUTH_CALLBACK_SUCCESS", 25)]);
    let callbacks = ends(&callback_scene(Which::OpenId), 3000);
    callbacks.hold(&[
        // One in ten.
        ("OAUTH_CALLBACK_SUCCESS", 300),
        ("signed in at op", 50),
        ("signed in at form", 30),
        ("signed in at quiet", 30),
        ("keys read again", 100),
        ("a token with a nonce of the server", 50),
        ("issuer_mismatch", 50),
        ("issuer_missing", 5),
        ("OAUTH_USERINFO_ERROR", 10),
        ("userinfo_untrusted_signature", 3),
    ]);
    for exchanges in 0..=6 {
        let end = format!("{exchanges} exchanges");
        assert!(callbacks.of(&end) >= 10, "{end}: {callbacks:#?}");
    }
    callbacks.hold(&[
        ("id_token_malformed", 1),
        ("id_token_encrypted", 1),
        ("id_token_algorithm", 5),
        ("id_token_unknown_key", 5),
        ("id_token_signature", 1),
    ]);
}

#[test]
fn claims_that_are_bent_are_refused_for_every_reason_and_believed() {
    let strategy = (0..3_usize).prop_flat_map(claims);
    let (mut runner, mut ends) = (TestRunner::deterministic(), Ends::default());
    for _ in 0..1000 {
        let (at, claims) = strategy.new_tree(&mut runner).unwrap().current();
        for event in with_claims(at, claims, 0).events {
            if let Event::SignInFailed { error, .. } = &event {
                ends.add(error.reason());
            }
            ends.add(event.name());
        }
    }
    ends.hold(&[
        ("OAUTH_CALLBACK_SUCCESS", 200),
        ("id_token_claim_type", 50),
        ("id_token_issuer", 20),
        ("id_token_audience", 10),
        ("id_token_authorized_party", 20),
        ("id_token_expired", 10),
        ("id_token_issued_at", 10),
        ("id_token_not_yet_valid", 10),
        ("id_token_nonce", 10),
        ("id_token_authentication_time", 5),
        ("id_token_access_token_hash", 3),
        ("id_token_subject", 10),
        ("userinfo_other_subject", 3),
    ]);
}

#[test]
fn any_bytes_reach_routes_and_providers() {
    let (mut runner, strategy) = (TestRunner::deterministic(), any_bytes());
    let mut ends = Ends::default();
    for _ in 0..800 {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        let Some(run) = bytes.play() else { continue };
        ends.add(if run.response.status() == 404 { "nowhere" } else { "a route" });
        if !run.exchanges.is_empty() {
            ends.add("a provider");
        }
    }
    ends.hold(&[("nowhere", 50), ("a route", 400), ("a provider", 10)]);
}
