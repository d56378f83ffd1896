//! Invariant 3: a session cookie is set if and only if the sign-in is valid.
//!
//! That is: the state matched an attempt of this browser for this provider, the token came from this attempt, and every
//! claim passed.

use crate::any::{Answers, Scene, any_scene, callback_scene};
use crate::any_answers::{Claims, claims};
use crate::believed;
use crate::op::{Bend, How, Told};
use crate::play::{Host, Kind, Outcome, Run};
use crate::site::{CLIENT_SECRET, MAX_AGE, NOW, OWN, SESSION, Which, callback};
use aura_proto::{Event, UnixTime};
use aura_tests::set_cookies;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, header};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use ring::digest;
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_session_begins_only_from_an_attempt_of_this_browser(scene in callback_scene(Which::Plain)) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }

    #[test]
    fn elsewhere_a_session_is_set_only_where_there_is_one(scene in any_scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        if scene.is_callback() {
            return check(&scene, &run);
        }
        if let Some(value) = session_of(&run) {
            prop_assert!(scene.later < MAX_AGE);
            let expected = scene.signed_in().map(str::to_owned);
            prop_assert!(expected.is_some(), "nobody was signed in");
            prop_assert_eq!(sub(&scene, &value), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_session_begins_only_with_an_id_token_of_this_attempt(
        scene in prop_oneof![callback_scene(Which::OpenId), callback_scene(Which::Paged)],
    ) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_second_reader_believes_the_same_id_tokens((at, claims) in (0..3_usize).prop_flat_map(claims), later in 0..90_u64) {
        let run = with_claims(at, claims, later);
        let signed_in = run.events.iter().find_map(|event| {
            if let Event::SignedIn { sub, .. } = event { Some(sub.clone()) } else { None }
        });
        let believed = believed::subject(&Which::OpenId.site().held.attempts[at], &run, NOW + later);
        prop_assert_eq!(believed.clone().ok(), signed_in, "{:?}", believed);
    }
}

/// Comes back from the sign-in at one of the OpenID Providers, whose ID token makes other claims.
pub(crate) fn with_claims(at: usize, claims: Claims, later: u64) -> Run {
    let site = Which::OpenId.site();
    let bend = |(name, value)| Bend { kind: Kind::Token, how: How::Claim(name, value) };
    let told = Told { bends: claims.into_iter().map(bend).collect(), ..Told::honest() };
    let mut teller = site.ops[at].teller(&told, NOW, 0);
    let host = Host::at(&site.auth, NOW + later, [8; 32]);
    host.answer(callback(&site.held.attempts[at]), &mut |kind, asked| teller.answer(kind, asked))
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let set = session_of(run).and_then(|value| sub(scene, &value));
    if scene.which == Which::Plain {
        prop_assert_eq!(&set, &expected(scene, run));
    } else if let Some(sub) = &set {
        prop_assert!(scene.admits && scene.brings_a_code());
        let attempt = scene.matched();
        let believed = attempt.map(|attempt| believed::subject(attempt, run, NOW + scene.later));
        prop_assert_eq!(believed, Some(Ok(sub.clone())));
    } else {
        prop_assert!(!signs_in(scene), "an honest sign-in fails: {:?}", run.events);
    }
    if set.is_some() {
        of_this_attempt(scene, run)?;
    }
    Ok(())
}

/// The token came from this attempt: it was asked for with its code and verifier, and userinfo was asked with what came.
fn of_this_attempt(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let attempt = scene.matched().unwrap();
    let id = attempt.provider;
    for exchange in run.exchanges.iter().filter(|exchange| exchange.kind == Kind::Token) {
        let form: BTreeMap<_, _> = form_urlencoded::parse(exchange.request.body()).into_owned().collect();
        let digest = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
        prop_assert_eq!(&URL_SAFE_NO_PAD.encode(digest), &attempt.challenge);
        prop_assert_eq!(std::slice::from_ref(&form["code"]), scene.query("code"));
        prop_assert_eq!(&form["redirect_uri"], &format!("{OWN}/auth/callback/{id}"));
        prop_assert_eq!(form["grant_type"].as_str(), "authorization_code");
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}-client:{CLIENT_SECRET}")));
        let authorization = exchange.request.headers().get(header::AUTHORIZATION);
        let by_form = form.get("client_secret").is_some_and(|secret| secret == CLIENT_SECRET);
        prop_assert!(authorization.is_some_and(|value| value == basic.as_str()) || by_form);
    }
    let token = run.last(Kind::Token).and_then(|exchange| believed::granted(exchange, "access_token"));
    let scheme = if id == "form" { "DPoP" } else { "Bearer" };
    let asked = run.exchanges.iter().filter(|exchange| exchange.kind == Kind::UserInfo);
    for exchange in asked {
        let authorization = exchange.request.headers().get(header::AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let expected = token.as_ref().map(|token| format!("{scheme} {token}"));
        prop_assert_eq!(authorization, expected.as_deref());
    }
    prop_assert!(!believed::asks_userinfo(attempt, run) || run.last(Kind::UserInfo).is_some());
    Ok(())
}

/// Returns whether a sign-in at an OpenID Provider must succeed.
fn signs_in(scene: &Scene) -> bool {
    let Answers::Told(Told { behaviour, bends, .. }) = &scene.answers else { return false };
    let lies = aura_test_idp::Lie::ALL.iter().any(|lie| behaviour.tells(*lie));
    let right = scene.matched().is_some_and(|attempt| scene.query("code") == [attempt.code.as_str()]);
    // A code of the provider lives for a minute.
    right && scene.brings_a_code() && scene.admits && scene.later < 60 && !lies && bends.is_empty()
}

/// The user who must be signed in after a callback from a plain OAuth provider.
fn expected(scene: &Scene, run: &Run) -> Option<String> {
    scene.matched().filter(|_| scene.brings_a_code())?;
    let Answers::Listed(answers) = &scene.answers else { return None };
    if run.exchanges.len() < 2 || !scene.admits {
        return None;
    }
    let token = json(&answers[0])?;
    token["access_token"].as_str()?;
    let user = json(&answers[1])?;
    ["id", "sub"].iter().find_map(|name| {
        let text = user[name].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        text.or_else(|| user[name].as_number().map(ToString::to_string))
    })
}

fn json(answer: &Outcome) -> Option<Value> {
    let (status, content_type, body) = answer.as_ref().ok()?;
    let json: Value = serde_json::from_slice(body).ok().filter(|_| (200..300).contains(status))?;
    // One JSON object is JSON whatever it is called, except HTML.
    let is_json = content_type == "application/json" || content_type != "text/html" && json.is_object();
    is_json.then_some(json)
}

fn session_of(run: &Run) -> Option<String> {
    set_cookies(run.response.headers())
        .into_iter()
        .find(|(name, value)| name == SESSION && !value.is_empty())
        .map(|(_, value)| value)
}

fn sub(scene: &Scene, value: &str) -> Option<String> {
    let headers: HeaderMap =
        HeaderMap::from_iter([(header::COOKIE, format!("{SESSION}={value}").parse().unwrap())]);
    let now = UnixTime::from_secs(NOW + scene.later);
    scene.site().auth.session(&headers, now).ok().map(|session| session.user().sub().to_owned())
}
