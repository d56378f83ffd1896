//! Invariant: a session token opens only as a session that has a subject and has not ended.
//!
//! This holds even if its contents were written by somebody who has the keys. No custom claim of the session has a
//! reserved name. A session that is written reads back. No token opens in another mode, and no text opens that was not
//! written with the keys.
#![no_main]

use aura_fuzz::{NOW, alter, auth, builder, entropy};
use aura_proto::internals::{OpenedSession, keyring, seal_session};
use aura_proto::{Auth, Session, SessionError, SessionPolicy, SessionTokenFormat, UnixTime};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;

static MODES: LazyLock<[Auth; 3]> = LazyLock::new(|| {
    let with = |tokens| builder().session_token_format(tokens).build().expect("sound");
    [auth(), with(SessionTokenFormat::signed()), with(SessionTokenFormat::encrypted())]
});

const RESERVED: [&str; 16] = [
    "sub",
    "provider",
    "iss",
    "aud",
    "iat",
    "nbf",
    "exp",
    "mexp",
    "began",
    "jti",
    "name",
    "image",
    "email",
    "auth_time",
    "acr",
    "amr",
];

// The input is a byte that chooses the mode and a character to alter, and the claims.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, claims)) = input.split_first() else { return };
    let mode = usize::from(choice % 3);
    let auth = &MODES[mode];
    if let Ok(text) = str::from_utf8(claims) {
        assert!(open(auth, text).is_err());
    }
    let keys = keyring(auth).newest();
    let Ok(token) = keys.write_session(claims, &mut entropy(3)) else { return };
    let other = open(&MODES[(mode + 1) % 3], &token);
    assert_eq!(other, Err(SessionError::Invalid));
    assert!(open(auth, &alter(&token, usize::from(choice) * 7)).is_err());
    let Ok(session) = open(auth, &token) else { return };

    let json: Value = serde_json::from_slice(claims).expect("a session is JSON");
    assert_eq!(json["sub"], session.user().sub());
    assert!(!session.user().sub().is_empty() && session.expires_at() > NOW);
    // A fraction of a second is cut off.
    assert_eq!(whole(&json["exp"]), Some(session.expires_at()));
    assert_eq!(whole(&json["iat"]), Some(session.issued_at()));
    assert_eq!(whole(&json["began"]), session.began_at());
    assert_eq!(whole(&json["auth_time"]), session.authenticated_at());
    assert_eq!(json["acr"].as_str(), session.acr());
    assert!(session.latest().is_none_or(|latest| latest >= NOW));
    assert!(RESERVED.iter().all(|name| !session.claims().contains_key(*name)));
    let Ok(again) = seal_session(&session, keys, &mut entropy(4)) else { return };
    match open(auth, &again) {
        Ok(reopened) => assert_eq!(reopened, session),
        // A written token has a start of its validity, which the first token did not need to have.
        Err(_) => assert!(session.issued_at() > NOW || again.len() > 5 * 4096),
    }
});

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was read as a date")]
fn whole(date: &Value) -> Option<UnixTime> {
    date.as_u64().or_else(|| date.as_f64().map(|date| date as u64)).map(UnixTime::from_secs)
}

fn open(auth: &Auth, token: &str) -> Result<Session, SessionError> {
    let opened = OpenedSession::open(keyring(auth), &SessionPolicy::default(), token, NOW);
    opened.map(|opened| opened.session)
}
