//! Invariant: a row opens under its own ticket, with its own version, as the session and the tokens that were stored.
//!
//! No other bytes open, whatever a store answers; rows of two sessions that are swapped open under neither ticket. What precedes the
//! tokens in a body is read in one way alone. A snapshot opens as it was written, beside its own ticket and for its time.
#![no_main]

use aura_fuzz::{NOW, alter, auth, entropy};
use aura_proto::internals::{open_row, open_snapshot, reread_start, write_row, write_snapshot};
use aura_proto::store::SessionRow;
use aura_proto::{AccessToken, Auth, ProviderTokens, RefreshToken, Session, UnixTime, User};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

// The input is a byte that chooses the randomness, a length, a text that is the user's id and a token, and bytes of a store.
fuzz_target!(|input: &[u8]| {
    let [choice, length, rest @ ..] = input else { return };
    let (text, bytes) = rest.split_at(usize::from(*length).min(rest.len()));
    if let Some(written) = reread_start(bytes) {
        assert_eq!(written, bytes);
    }
    let text = String::from_utf8_lossy(text);
    let Some((ticket, row)) = written(*choice, &text) else { return };
    assert!(row.face.len() <= 512 && row.body.len() <= 64 * 1024);
    let (session, tokens) = open_row(&AUTH, &ticket, row.clone(), 0, NOW).expect("it opens as it was stored");
    assert_eq!((session.user().sub(), tokens), (&*text, Some(tokens_of(&text))));

    // What a store may answer instead.
    for body in [Bytes::copy_from_slice(bytes), row.body.slice(..bytes.len().min(row.body.len() - 1))] {
        assert_eq!(open_row(&AUTH, &ticket, with_body(&row, body), 0, NOW), None);
    }
    let mut altered = row.body.to_vec();
    let at = bytes.len() % altered.len();
    altered[at] ^= 1;
    assert_eq!(open_row(&AUTH, &ticket, with_body(&row, altered.into()), 0, NOW), None);
    let mut later = row.clone();
    later.version += 1;
    assert_eq!(open_row(&AUTH, &ticket, later, 0, NOW), None);
    assert_eq!(open_row(&AUTH, &ticket, row.clone(), 1, NOW), None, "its user was revoked");
    assert_eq!(open_row(&AUTH, &ticket, row.clone(), 0, row.ends), None);

    snapshots(*choice, &text, bytes.len());

    let Some((other_ticket, other)) = written(choice ^ 1, &text) else { return };
    assert_eq!(open_row(&AUTH, &ticket, other.clone(), 0, NOW), None);
    assert_eq!(open_row(&AUTH, &other_ticket, with_body(&other, row.body.clone()), 0, NOW), None);
    assert_eq!(open_row(&AUTH, &ticket, with_body(&row, other.body), 0, NOW), None);
});

fn snapshots(choice: u8, sub: &str, at: usize) {
    let write = |seed| write_snapshot(&AUTH, &mut entropy(seed), session(sub)).expect("a snapshot");
    let ((ticket, text), (_, other)) = (write(choice), write(choice ^ 1));
    let open = |text: &str, after: u64| {
        open_snapshot(&AUTH, &ticket, text, UnixTime::from_secs(NOW.as_secs() + after))
    };
    assert_eq!(open(&text, 59).expect("it is young").user().sub(), sub);
    assert_eq!((open(&text, 60), open(&alter(&text, at), 0)), (None, None));
    assert_eq!(open(&other, 0), None, "it is that of another ticket");
}

fn with_body(row: &SessionRow, body: Bytes) -> SessionRow {
    let mut row = row.clone();
    row.body = body;
    row
}

fn tokens_of(text: &str) -> ProviderTokens {
    let mut tokens = ProviderTokens::new(AccessToken::new(format!("a{text}")), NOW);
    tokens.refresh_token = Some(RefreshToken::new(text));
    tokens
}

/// Writes the row of a user. One without an id has no session.
fn written(seed: u8, sub: &str) -> Option<(String, SessionRow)> {
    if sub.is_empty() {
        return None;
    }
    write_row(&AUTH, &mut entropy(seed), session(sub), Some(tokens_of(sub)), "Firefox on Linux")
}

fn session(sub: &str) -> Session {
    let session = Session::builder(User::new(sub)).provider("github").issued_at(NOW);
    session.expires_at(UnixTime::from_secs(NOW.as_secs() + 3600)).build()
}
