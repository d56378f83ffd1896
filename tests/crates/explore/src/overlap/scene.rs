//! What every story begins with: a user who is signed in by two browsers and signing in by a third, and whose tokens are due.

use super::judge::COPY;
use super::search::finish;
use super::store::{Kept, Mistake, Store};
use super::world::{Kind, World};
use aura_host::store::BlockingSessionStore;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::store::SessionKey;
use aura_proto::{Auth, SessionPolicy, UnixTime};
use aura_test_idp::{Idp, LogoutSubject};
use aura_tests::OpenId;
use http::Method;
use std::time::Duration;

/// A browser of the user.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    pub(super) cookies: String,
    pub(super) csrf: String,
}

/// How old a copy of a session may be, in seconds, under a policy that looks sessions up once an interval.
pub(super) const INTERVAL: u64 = 60;

/// What does not change in a story.
#[derive(Debug)]
pub struct Scene {
    pub(super) auth: Auth,
    pub(super) idp: Idp,
    /// The first two, each with a session.
    pub(super) browsers: [Browser; 2],
    pub(super) keys: [SessionKey; 2],
    /// The cookies and the callback of the third.
    pub(super) callback: (String, String),
    /// A logout token of the first browser's session at the provider.
    pub(super) logout: String,
    pub(super) first: World,
    /// Whether browsers have copies of their sessions.
    pub(super) has_copies: bool,
}

impl Scene {
    /// Signs the user in, under a policy that looks a session up at each use.
    pub fn new() -> Self {
        Self::of(|policy| policy, false)
    }

    /// Does the same under a policy that looks a session up once a minute. The first browser has a copy of its session.
    pub fn with_copies() -> Self {
        let mut scene = Self::of(|policy| policy.recheck(Duration::from_secs(INTERVAL)), true);
        let mut first = scene.first.clone();
        finish(&mut first, &scene, Kind::Read(0)).expect("a session");
        assert!(first.copies[0].is_some() && first.copies[1].is_none());
        // It is none of the requests of a story.
        scene.first = World { begun: 0, steps: 0, ..first };
        scene
    }

    fn of(configure: fn(SessionPolicy) -> SessionPolicy, has_copies: bool) -> Self {
        let offline = |row: Provider| {
            let row = row.revocation_endpoint("https://idp.test/revoke");
            row.tokens(TokenRetention::Readable).scope("openid profile email offline_access")
        };
        let policy =
            SessionPolicy::default().max_age(Duration::from_secs(86_400)).editable(["name"]).stored();
        let policy = configure(policy);
        let mut pair = OpenId::new().provider(offline).configure(|builder| builder.session(policy)).pair();
        let mut sids = Vec::new();
        let browsers = [(); 2].map(|()| {
            pair.browser.jar = Default::default();
            assert_eq!(pair.sign_in("dev", "ada").status, 200, "the user signs in");
            sids.push(pair.provider_session());
            Browser { cookies: without_copy(&pair.cookie_header()), csrf: pair.csrf_token() }
        });
        // The access tokens live for an hour, of which the last five minutes are for refreshes.
        pair.browser.advance(3601);
        pair.browser.jar = Default::default();
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        let callback = (pair.cookie_header(), callback);
        let (now, entropy) = (pair.browser.now, pair.app.entropy());
        let store = pair.app.store.take().expect("a store");
        let rows = BlockingSessionStore::list(&store, pair.app.auth.list_sessions("dev", "ada"));
        let mut rows = rows.expect("a list").rows;
        rows.sort_by_key(|row| (row.begun, row.key));
        let key_of = |browser: &Browser| key(&pair.app.auth, browser, now, &rows);
        let keys = [key_of(&browsers[0]), key_of(&browsers[1])];
        let provider = pair.app.provider("dev");
        let subject = LogoutSubject::SubAndSid { sub: "ada", sid: &sids[0] };
        let logout = provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy);
        let kept = rows.into_iter().map(|row| (row.key, Kept { row, by: 0 })).collect();
        // The index of users has lost the second session.
        let store = Store { rows: kept, unlisted: vec![keys[1]], ..Store::default() };
        let first = World { now, store, provider: provider.state.clone(), ..World::default() };
        Self {
            idp: provider.idp.clone(),
            auth: pair.app.auth.clone(),
            browsers,
            keys,
            callback,
            logout,
            first,
            has_copies,
        }
    }

    /// Begins with a store that makes a mistake.
    #[must_use]
    pub fn with_mistake(mut self, mistake: Mistake) -> Self {
        self.first.store.mistake = Some(mistake);
        self
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// Drops the copy that a browser got at its sign-in, which is too old to serve.
fn without_copy(cookies: &str) -> String {
    cookies.split("; ").filter(|pair| !pair.contains(COPY)).collect::<Vec<_>>().join("; ")
}

/// Finds out which row a browser's ticket leads to.
fn key(auth: &Auth, browser: &Browser, now: u64, rows: &[aura_proto::store::SessionRow]) -> SessionKey {
    use aura_proto::{Reading, StoreQuestion};
    let request = http::Request::builder().method(Method::GET).uri("/").header("cookie", &browser.cookies);
    let request = request.body(()).expect("a request");
    let reading = auth.begin_session(&request, UnixTime::from_secs(now));
    let Reading::Store(StoreQuestion::Load(ask)) = reading else { panic!("a look-up") };
    let key = ask.question().key;
    assert!(rows.iter().any(|row| row.key == key), "the store has it");
    key
}
