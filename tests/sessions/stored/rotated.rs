//! Stored sessions after the server's secret was replaced: what names a session is made anew, so that all that ends it still does.

use super::{policy, reason, signed_in};
use aura_host::store::BlockingSessionStore;
use aura_proto::provider::TokenRetention;
use aura_proto::store::EndSessions;
use aura_proto::{Auth, Secret, UnixTime};
use aura_tests::{Pair, SECRET, builder};
use http::Method;

const NEWER: &str = "New8pQ2vX7mLr4TnB9wYc1HsD6eGjU3a";

fn site(earlier: Option<&str>) -> Auth {
    let builder = builder(NEWER, "https://app.test", |provider| provider.tokens(TokenRetention::Readable));
    let listed = earlier.map(|secret| Secret::new(secret).unwrap());
    let builder = listed.into_iter().fold(builder, |builder, secret| builder.previous_secret(secret));
    builder.session(policy()).build().unwrap()
}

/// A session that was visited while both secrets were listed. The earlier one is gone.
fn rotated() -> Pair {
    let mut pair = signed_in();
    pair.app.auth = site(Some(SECRET));
    assert_eq!(pair.session().status, 200);
    pair.app.auth = site(None);
    assert_eq!(pair.session().status, 200);
    pair
}

#[test]
fn the_session_is_listed_and_can_be_ended_by_its_id() {
    let mut pair = rotated();
    let listed = pair.fetch(Method::GET, "/auth/sessions", &[], "").json;
    let id = listed[0]["id"].as_str().unwrap_or_else(|| panic!("{listed}")).to_owned();
    let csrf = pair.csrf_token();
    let path = format!("/auth/sessions/{id}");
    assert_eq!(pair.fetch(Method::DELETE, &path, &[("x-csrf-token", &csrf)], "").status, 200);
    assert_eq!(pair.session().status, 401);
}

#[test]
fn a_revocation_ends_the_session_even_where_the_stores_index_has_lost_it() {
    let mut pair = rotated();
    let EndSessions::Owner { owners, generation } =
        pair.app.auth.end_sessions("dev", "ada", UnixTime::from_secs(pair.browser.now))
    else {
        panic!("it ends the sessions of a user")
    };
    // The index has the row under another user: the generation alone is left to end it.
    let store = pair.app.store.clone().unwrap();
    let mut row = super::rows::rows(&pair).remove(0);
    let mut other = aura_proto::store::ReplaceSession::new(row.clone());
    row.owner = aura_proto::store::OwnerKey::from_bytes([9; 16]);
    (other.version, other.row) = (row.version, row);
    BlockingSessionStore::replace(&store, other).unwrap();
    assert_eq!(BlockingSessionStore::end(&store, EndSessions::Owner { owners, generation }).unwrap(), 0);
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_ended"));
}
