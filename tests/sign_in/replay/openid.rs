//! Replay of OpenID Connect sign-ins, with tokens signed by the transcript's own keys, and with every lie.

use aura_proto::provider::{Provider, SignOutScope, TokenRetention};
use aura_replay::Transcript;
use aura_test_idp::{Behaviour, Lie};
use aura_tests::{OpenId, Pair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A site that records every request, and keeps the tokens of a provider that lies, or does not.
fn pair(behaviour: Behaviour, shape: impl Fn(Provider) -> Provider + 'static) -> Pair {
    let mut pair = OpenId::new().behaviour(behaviour).provider(shape).pair();
    pair.app.records = Some(Vec::new());
    pair
}

/// Checks that the last request replays, and that its transcript identifies no user.
fn check(pair: &mut Pair, about: &str) -> Transcript {
    let record = pair.app.records.as_mut().and_then(Vec::pop).expect("a record");
    let text = record.to_string();
    // The transcript is searched as it is, and with its tokens decoded.
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    let decoded = words.filter_map(|word| URL_SAFE_NO_PAD.decode(word).ok());
    for shown in decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).chain([text.clone()]) {
        assert!(!shown.contains("ovelace"), "{about}: {shown} in {text}");
    }
    assert_eq!(text.parse::<Transcript>().as_ref(), Ok(&record), "{about}");
    assert_eq!(record.replay(&pair.app.auth), Ok(()), "{about}: {text}");
    record
}

/// Signs in, as far as that goes.
fn attempt(pair: &mut Pair, about: &str) {
    let page = pair.visit("/auth/signIn/dev?redirectTo=/");
    check(pair, about);
    let Some(authorize) = page.left_for else { return };
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    let record = check(pair, about);
    if record.actions().iter().any(|action| action.starts_with("AdmitUser")) {
        assert!(record.to_string().contains("eyJ"), "{about}: an ID token is signed anew");
    }
}

#[test]
fn every_lie_runs_again_to_its_reason() {
    for lie in Lie::ALL.iter().copied() {
        attempt(&mut pair(Behaviour::default().lie(lie), |row| row), &format!("{lie:?}"));
    }
}

#[test]
fn an_honest_sign_in_runs_again_with_each_way_to_want_it() {
    let shapes: [fn(Provider) -> Provider; 4] = [
        |row| row,
        |row| row.dpop(),
        |row| row.authorization_parameter("max_age", "60"),
        |row| row.tokens(TokenRetention::Readable).sign_out(SignOutScope::Provider),
    ];
    for (at, shape) in shapes.into_iter().enumerate() {
        let mut pair = pair(Behaviour::default(), shape);
        attempt(&mut pair, &format!("{at}"));
        assert_eq!(pair.session().status, 200);
    }
}
