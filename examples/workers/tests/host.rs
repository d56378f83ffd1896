//! The host by hand, with a provider in memory.
#![cfg(test)]

use aura_example_workers::answer;
use aura_example_workers::host::Platform;
use aura_proto::provider::Provider;
use aura_proto::{Auth, ClientSecret, Entropy, FetchError, UnixTime};
use aura_test_idp::{Account, Client, Idp, State};
use aura_tests::{CookieMap, bare_builder, location, text};
use bytes::Bytes;
use http::{Request, Response};
use std::cell::{Cell, RefCell};
use std::time::Duration;

const ORIGIN: &str = "https://app.test";

/// A platform whose only other site is a provider.
struct World {
    idp: Idp,
    state: RefCell<State>,
    drawn: Cell<u8>,
    is_reachable: Cell<bool>,
}

impl World {
    fn new() -> Self {
        let client = Client::new("site", aura_test_idp::ClientSecret::new("site-secret"));
        let client = client.with_redirect_uri(&format!("{ORIGIN}/auth/callback/dev")).unwrap();
        let idp = Idp::new("https://idp.test").unwrap().client(client).accounts(Account::made_up());
        Self { idp, state: RefCell::default(), drawn: Cell::new(0), is_reachable: Cell::new(true) }
    }

    fn draw(&self) -> [u8; 32] {
        self.drawn.set(self.drawn.get().wrapping_add(1));
        [self.drawn.get(); 32]
    }

    fn approve(&self, authorize: &str) -> String {
        let now = self.now().as_secs();
        self.idp.approve(&mut self.state.borrow_mut(), authorize, "ada", now, self.draw()).unwrap()
    }
}

impl Platform for World {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(1_795_500_000)
    }

    fn entropy(&self) -> Option<Entropy> {
        Some(Entropy::from_os_bytes(self.draw()))
    }

    async fn fetch(
        &self,
        request: Request<Bytes>,
        _: Duration,
        _: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        if !self.is_reachable.get() {
            return Err(FetchError::Unreachable);
        }
        let now = self.now().as_secs();
        Ok(self.idp.handle(&mut self.state.borrow_mut(), request, now, self.draw()))
    }
}

fn auth() -> Auth {
    let dev = Provider::openid("dev", "https://idp.test", "site");
    let dev = dev.client_secret(ClientSecret::new("site-secret"));
    bare_builder(aura_tests::SECRET).base_url(ORIGIN).provider(dev).build().unwrap()
}

async fn get(auth: &Auth, world: &World, cookies: &mut CookieMap, path: &str) -> Response<Bytes> {
    let request = cookies.attach(Request::get(format!("{ORIGIN}{path}"))).body(Bytes::new()).unwrap();
    let response = answer(auth, world, request).await;
    cookies.keep(response.headers());
    response
}

#[tokio::test]
async fn a_user_signs_in_by_a_host_of_one_loop() {
    let (auth, world, mut cookies) = (auth(), World::new(), CookieMap::default());
    assert_eq!(get(&auth, &world, &mut cookies, "/account").await.status(), 401);
    assert!(text(&get(&auth, &world, &mut cookies, "/").await).contains("to sign in"));

    let begun = get(&auth, &world, &mut cookies, "/auth/signIn/dev?redirectTo=/account").await;
    let callback = world.approve(&location(&begun));
    let arrived = get(&auth, &world, &mut cookies, callback.strip_prefix(ORIGIN).unwrap()).await;
    assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/account"));
    assert_eq!(text(&get(&auth, &world, &mut cookies, "/account").await), "The account of ada.");
    assert_eq!(text(&get(&auth, &world, &mut cookies, "/").await), "You are signed in as ada.");
    assert_eq!(get(&auth, &world, &mut cookies, "/nowhere").await.status(), 404);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_fails_the_sign_in_alone() {
    let (auth, world, mut cookies) = (auth(), World::new(), CookieMap::default());
    world.is_reachable.set(false);
    assert_eq!(get(&auth, &world, &mut cookies, "/auth/signIn/dev").await.status(), 504);
    world.is_reachable.set(true);
    assert_eq!(get(&auth, &world, &mut cookies, "/auth/signIn/dev").await.status(), 302);
}
