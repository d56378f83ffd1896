//! The rows of stored sessions: what they hide, and what does not open.

use super::{pair, signed_in};
use aura_host::store::BlockingSessionStore;
use aura_proto::UnixTime;
use aura_proto::store::{Listed, ReplaceSession, SessionRow};
use aura_tests::Pair;

/// Lists the rows of the user.
pub(super) fn rows(pair: &Pair) -> Vec<SessionRow> {
    let store = pair.app.store.as_ref().unwrap();
    BlockingSessionStore::list(store, pair.app.auth.list_sessions("dev", "ada")).unwrap().rows
}

fn write(pair: &Pair, row: SessionRow) {
    let store = pair.app.store.as_ref().unwrap();
    BlockingSessionStore::replace(store, ReplaceSession::new(row)).unwrap();
}

#[test]
fn a_row_shows_neither_who_signed_in_nor_a_token() {
    let mut pair = signed_in();
    let ticket = pair.session_token();
    let tokens = pair.fetch(http::Method::GET, "/auth/providers/dev/tokens", &[], "").json;
    let access = tokens["tokens"]["accessToken"].as_str().unwrap().to_owned();
    let session = pair.session().json.to_string();
    let row = rows(&pair).remove(0);
    let shown = [row.key.as_bytes().as_slice(), row.owner.as_bytes(), &row.face, &row.body].concat();
    let holds = |text: &str| shown.windows(text.len()).any(|window| window == text.as_bytes());
    for secret in ["ada", "dev", "access", "Unknown", access.as_str(), &ticket, &ticket[..43]] {
        assert!(!holds(secret), "{secret} of {session}");
    }
    assert!(row.face.len() <= 512 && row.body.len() <= 64 * 1024);
}

#[test]
fn two_sessions_of_a_user_share_their_owner_alone() {
    let mut pair = signed_in();
    pair.browser.jar = Default::default();
    pair.sign_in("dev", "ada");
    let [one, other] = <[SessionRow; 2]>::try_from(rows(&pair)).unwrap();
    assert_eq!((one.owner, one.generation), (other.owner, other.generation));
    assert!(one.key != other.key && one.face != other.face && one.body != other.body);
}

#[test]
fn a_row_with_another_body_face_version_or_generation_lets_nobody_in() {
    let changed: [fn(SessionRow, SessionRow) -> SessionRow; 3] = [
        |row, other| with(row, |row| row.body = other.body),
        // The version is authenticated with the body: an earlier body does not come back.
        |row, _| with(row, |_| {}),
        |row, _| with(row, |row| row.body = row.body.slice(..row.body.len() - 1)),
    ];
    for change in changed {
        let mut pair = signed_in();
        let cookies = pair.cookie_header();
        pair.browser.jar = Default::default();
        pair.sign_in("dev", "ada");
        let rows = rows(&pair);
        let mine = |pair: &mut Pair| super::session_of(pair, &cookies).status;
        assert_eq!(mine(&mut pair), 200);
        for (at, row) in rows.iter().enumerate() {
            write(&pair, change(row.clone(), rows[1 - at].clone()));
        }
        assert_eq!(mine(&mut pair), 401);
        assert_eq!(pair.session().status, 401);
    }
}

/// Changes a row, and raises its version, without which a store would not take it.
fn with(mut row: SessionRow, change: impl FnOnce(&mut SessionRow)) -> SessionRow {
    change(&mut row);
    row.version = row.version.saturating_add(1);
    row
}

#[test]
fn a_user_has_at_most_so_many_sessions_and_the_first_one_ends() {
    let mut pair = pair(|policy| policy.stored_at_most(2));
    let mut cookies = Vec::new();
    for _ in 0..3 {
        pair.browser.jar = Default::default();
        pair.sign_in("dev", "ada");
        cookies.push(pair.cookie_header());
        pair.browser.advance(1);
    }
    let statuses: Vec<_> =
        cookies.iter().map(|cookies| super::session_of(&mut pair, cookies).status.as_u16()).collect();
    assert_eq!(statuses, [401, 200, 200]);
}

#[test]
fn a_list_has_neither_sessions_that_have_ended_nor_rows_that_do_not_open() {
    let pair = signed_in();
    let row = rows(&pair).remove(0);
    let listed = |generation, row: &SessionRow, now| {
        let listed = Listed { rows: vec![row.clone()], generation };
        pair.app.auth.read_sessions(&listed, now).len()
    };
    let before = UnixTime::from_secs(row.ends.as_secs() - 1);
    assert_eq!(listed(row.generation, &row, before), 1);
    assert_eq!(listed(row.generation, &row, row.ends), 0, "it has ended");
    assert_eq!(listed(row.generation + 1, &row, before), 0, "its user was signed out everywhere");
    let mut other = row.clone();
    other.face = row.face.slice(1..);
    assert_eq!(listed(row.generation, &other, before), 0);
}
