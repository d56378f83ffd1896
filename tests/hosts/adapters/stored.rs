//! Scenarios of a site that keeps sessions in a store, which every host passes with the same answers.

use super::provider::Mood;
use super::scenarios::hang_up;
use super::site::Site;
use super::visitor::{Answer, Visitor};
use aura_blocking::store as blocking;
use aura_http::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, MemoryStore, ReplaceSession,
    Replaced, StoreError, StoreFuture,
};
use aura_proto::UnixTime;
use aura_tests::{read_json, text};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

const SIGN_OUT: &str = "/auth/signOut?token_type_hint=session_token";

/// A store that can be made to fail. Clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct Store {
    memory: MemoryStore,
    is_down: Arc<AtomicBool>,
}

impl Store {
    pub(crate) fn fail(&self, is_down: bool) {
        self.is_down.store(is_down, SeqCst);
    }

    fn up(&self) -> Result<&MemoryStore, StoreError> {
        if self.is_down.load(SeqCst) { Err("no connection".into()) } else { Ok(&self.memory) }
    }
}

macro_rules! questions {
    ($($name:ident($question:ty) -> $answer:ty),+ $(,)?) => {
        impl blocking::BlockingSessionStore for Store {
            $(fn $name(&self, question: $question) -> Result<$answer, StoreError> {
                blocking::BlockingSessionStore::$name(self.up()?, question)
            })+

            fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
                blocking::BlockingSessionStore::sweep(self.up()?, now, limit)
            }
        }

        impl aura_http::store::SessionStore for Store {
            $(fn $name(&self, question: $question) -> StoreFuture<'_, $answer> {
                // As a server would: the answer is not there at once.
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    aura_http::store::SessionStore::$name(self.up()?, question).await
                })
            })+

            fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64> {
                Box::pin(async move { aura_http::store::SessionStore::sweep(self.up()?, now, limit).await })
            }
        }
    };
}

questions! {
    load(LoadSession) -> Loaded,
    begin(BeginSession) -> Begun,
    replace(ReplaceSession) -> Replaced,
    end(EndSessions) -> u64,
    list(ListSessions) -> Listed,
}

pub(crate) async fn a_stored_session_ends_on_every_path(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for ends_by_driver in [false, true] {
        visitor.sign_in().await;
        assert!(text(&visitor.get("/account").await).contains("Ada &lt;Lovelace&gt;"));
        assert!(text(&visitor.get("/").await).contains("You are signed in as"));
        let cookies = visitor.cookies.clone();
        if ends_by_driver {
            assert_eq!(site.end_sessions("dev", "ada").await.unwrap(), 1);
        } else {
            let token = visitor.csrf_token().await;
            let signed_out = visitor.send("POST", SIGN_OUT, &[("x-csrf-token", &token)], "").await;
            assert_eq!(signed_out.status(), 202);
        }
        for path in ["/account", "/auth/session"] {
            visitor.cookies.clone_from(&cookies);
            let refused = visitor.get(path).await;
            let reason = read_json(&refused)["reason"].clone();
            assert_eq!((refused.status().as_u16(), reason), (401, "session_ended".into()), "{path}");
            assert!(!visitor.cookies.contains_key("aura-auth.session_token"), "{path}");
        }
        visitor.cookies.clone_from(&cookies);
        assert!(text(&visitor.get("/").await).contains("Sign in with Dev"));
        visitor.cookies.clear();
        site.advance(Duration::from_secs(1));
    }
    visitor.answers
}

pub(crate) async fn a_store_that_fails_refuses_and_clears_nothing(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    let (cookies, token) = (visitor.cookies.clone(), visitor.csrf_token().await);
    site.store.as_ref().unwrap().fail(true);
    let own = [("x-csrf-token", token.as_str())];
    for (method, path) in [
        ("GET", "/account"),
        ("GET", "/auth/session"),
        ("GET", "/auth/sessions"),
        ("POST", "/api/greeting"),
        ("POST", SIGN_OUT),
    ] {
        let refused = visitor.send(method, path, &own, "").await;
        assert_eq!(read_json(&refused)["reason"], "session_store_unavailable", "{path}");
        assert_eq!(refused.status(), 503, "{path}");
        assert!(visitor.cookies.keys().eq(cookies.keys()), "{path}");
    }
    assert!(site.end_sessions("dev", "ada").await.is_err());
    site.store.as_ref().unwrap().fail(false);
    assert_eq!(visitor.get("/account").await.status(), 200);
    visitor.answers
}

pub(crate) async fn a_refresh_goes_on_when_its_client_goes_away(site: &Site) -> Vec<Answer> {
    const TOKENS: &str = "/auth/providers/dev/tokens";
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    site.advance(Duration::from_secs(60));
    let asked = site.provider.asked();
    hang_up(site, &visitor, TOKENS).await;
    // Time to notice that the client is gone: a host that drops its request then has none under way.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(site.provider.under_way(), 1);
    site.provider.becomes(Mood::Answers);
    let tokens = visitor.get(TOKENS).await;
    assert_eq!(tokens.status(), 200, "{}", text(&tokens));
    assert_eq!(site.provider.asked().checked_sub(asked), Some(1), "the refresh token is spent once");
    visitor.answers
}
