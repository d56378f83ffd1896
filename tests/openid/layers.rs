//! Guards one behind the other that require different things of the authentication behind a session.

use crate::step_up::{at, pair, rolling};
use aura_host::{Guard, Host};
use aura_test_idp::Behaviour;
use aura_test_idp::browser::{Page, Site, Web};
use aura_tests::Pair;
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;
use url::Url;

/// How often a visitor is at the provider at most who wants one page.
const ROUNDS: usize = 6;

/// A site whose page `/vault` is behind guards, the outer one first.
struct Layered<'a, S> {
    site: &'a mut S,
    guards: Vec<Guard>,
}

impl<S: Site> Site for Layered<'_, S> {
    fn answer(&mut self, mut request: Request<Bytes>, now: u64) -> Response<Bytes> {
        if request.uri().path() != "/vault" {
            return self.site.answer(request, now);
        }
        let mut visits = Vec::new();
        for guard in &self.guards {
            match guard.check(&request) {
                Ok(visit) => visits.push(visit),
                Err(refusal) => return refusal,
            }
            guard.note_passed(request.extensions_mut());
        }
        let page = Response::new(Bytes::from_static(b"the vault"));
        visits.into_iter().rev().fold(page, |page, visit| visit.finish(page))
    }
}

/// Makes the guards of a site.
type Layers = fn(&Host) -> Vec<Guard>;

/// Opens the page, and signs in at the provider as often as the browser is sent there. Returns where it ends, and how often that was.
fn open(pair: &mut Pair, layers: Layers) -> (Page, usize) {
    let host = Host::new(pair.app.auth.clone());
    let mut url = pair.url("/vault");
    for rounds in 0.. {
        let now = at(pair.browser.now);
        let guards = layers(&host.clone().clock(move || now));
        let Pair { browser, app, .. } = pair;
        let mut site = Layered { site: app, guards };
        let page = browser.navigate(&mut Web::default().with("https://app.test", &mut site), &url);
        match &page.left_for {
            Some(authorize) if rounds < ROUNDS => url = approve(pair, authorize),
            _ => return (page, rounds),
        }
        pair.browser.advance(1);
    }
    unreachable!("the rounds are counted")
}

fn approve(pair: &mut Pair, authorize: &Url) -> Url {
    let callback = pair.approve("dev", authorize, "ada");
    pair.url(&callback)
}

#[test]
fn guards_of_two_classes_send_nobody_round() {
    let layers: Layers =
        |host| [["gold"], ["silver"]].map(|class| host.guard().sign_in_with("dev").acr(class)).into();
    let mut pair = pair(rolling(), Behaviour::default());
    let (page, rounds) = open(&mut pair, layers);
    assert_eq!((page.status.as_u16(), page.left_for), (403, None), "after {rounds} sign-ins");
    let text = String::from_utf8_lossy(&page.body);
    assert!(text.contains("<html") && text.contains("two kinds"), "{text}");
    assert_eq!(rounds, 2, "to sign in at all, and to step up for the outer guard");
}

#[test]
fn guards_with_a_class_in_common_lead_to_that_class() {
    let layers: Layers = |host| {
        let guard = || host.guard().sign_in_with("dev");
        vec![guard().acr(["gold", "platinum"]), guard().acr(["silver", "platinum"])]
    };
    let mut pair = pair(rolling(), Behaviour::default());
    let (page, rounds) = open(&mut pair, layers);
    assert_eq!((page.status.as_u16(), &page.body[..], rounds), (200, &b"the vault"[..], 3));
}

#[test]
fn a_guard_of_a_class_behind_one_of_an_age_asks_for_both() {
    let layers: Layers = |host| {
        let guard = || host.guard().sign_in_with("dev");
        vec![guard().fresh(Duration::from_secs(300)), guard().acr(["gold"])]
    };
    let mut pair = pair(rolling(), Behaviour::default().authentication_age(1000));
    let (page, rounds) = open(&mut pair, layers);
    assert_eq!((page.status.as_u16(), &page.body[..], rounds), (200, &b"the vault"[..], 3));
}
