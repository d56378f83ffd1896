//! Invariant: reading, printing and replaying a transcript never panics.
//!
//! A transcript that is read is printed in a form that reads back the same. A replay ends, has the same result each
//! time, and sends nothing.
#![no_main]

use aura_fuzz::auth;
use aura_proto::Auth;
use aura_replay::Transcript;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

fuzz_target!(|text: &str| {
    let Ok(transcript) = text.parse::<Transcript>() else { return };
    let printed = transcript.to_string();
    let again: Transcript = printed.parse().expect("what is printed reads back");
    assert_eq!(again.to_string(), printed);
    let verdict = transcript.replay(&AUTH);
    assert_eq!(verdict, again.replay(&AUTH));
    assert!(verdict.is_err() || !transcript.actions().is_empty());
});
