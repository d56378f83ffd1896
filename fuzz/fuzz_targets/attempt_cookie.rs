//! Invariant: an attempt that is sealed opens as it was; no altered cookie and no text that was not sealed opens; what
//! authenticates opens only if it is an attempt to the last member.
#![no_main]

use arbitrary::Arbitrary;
use aura_fuzz::{alter, auth};
use aura_proto::Auth;
use aura_proto::fuzzing::Attempt;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    texts: [&'a str; 5],
    issuer: Option<(&'a str, bool)>,
    issued_at: u64,
    iv: [u8; 12],
    altered: u16,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let [provider, state, code_verifier, redirect_uri, redirect_to] = input.texts.map(str::to_owned);
    let attempt = Attempt {
        provider,
        issuer: input.issuer.map(|(issuer, always)| (issuer.to_owned(), always)),
        state,
        code_verifier,
        redirect_uri,
        redirect_to,
        issued_at: input.issued_at,
    };
    let sealed = attempt.seal(&AUTH, input.iv).expect("an attempt can be sealed");
    // Longer than any set of cookies is not looked at.
    let opened = Attempt::open(&AUTH, &sealed);
    assert!(opened.as_ref() == Some(&attempt) || (opened.is_none() && sealed.len() > 5 * 4096));
    assert_eq!(Attempt::open(&AUTH, &alter(&sealed, usize::from(input.altered))), None);
    assert_eq!(Attempt::open(&AUTH, input.text), None);

    let Ok(json) = serde_json::from_str::<Value>(input.text) else { return };
    let Some(sealed) = Attempt::seal_json(&AUTH, input.iv, &json) else { return };
    if let Some(attempt) = Attempt::open(&AUTH, &sealed) {
        assert_eq!(json["provider"], attempt.provider);
        assert_eq!(json["state"], attempt.state);
        assert_eq!(json["issued_at"], attempt.issued_at);
        assert!(json.as_object().is_some_and(|members| members.len() == 7) || json.is_array());
    }
});
