//! Invariant: a ticket opens in the cookie that it was written for, as the session and the user that it was written for.
//!
//! No text opens that was not written with the keys, and no change of a character is accepted.
#![no_main]

use aura_fuzz::{NOW, alter, auth, entropy};
use aura_proto::Auth;
use aura_proto::internals::{open_snapshot, open_ticket, write_ticket};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);
const COOKIE: &str = "__Host-aura-auth.session_token";

// The input is a byte that chooses the randomness and a character to alter, and the bytes of a text that is also the user's id.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, text)) = input.split_first() else { return };
    assert_eq!(open_ticket(&AUTH, COOKIE, text), None);
    let sub = String::from_utf8_lossy(text);
    let (ticket, key, owner) = write_ticket(&AUTH, &mut entropy(choice), COOKIE, "github", &sub);
    assert_eq!(ticket.len(), 86);
    assert_eq!(open_ticket(&AUTH, COOKIE, ticket.as_bytes()), Some((key, owner)));
    assert_eq!(open_ticket(&AUTH, "aura-auth.session_token", ticket.as_bytes()), None);
    let altered = alter(&ticket, usize::from(choice) * 7);
    assert_eq!(open_ticket(&AUTH, COOKIE, altered.as_bytes()), None);
    let (ticket, ..) = write_ticket(&AUTH, &mut entropy(choice), "session_token", "github", &sub);
    assert_eq!(open_snapshot(&AUTH, &ticket, &sub, NOW), None);
    let (_, other_key, other_owner) = write_ticket(&AUTH, &mut entropy(choice ^ 1), COOKIE, "gitlab", &sub);
    assert!(other_key != key && other_owner != owner);
});
