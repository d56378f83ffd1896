//! Invariant 11: a sign-out clears the session, its chunks, the provider tokens, the CSRF token and the attempts.
//!
//! They are cleared with the attributes that they were set with. At most fifty attempts are cleared; this site leaves
//! at most five.

use crate::op::Told;
use crate::play::{Host, Run};
use crate::site::{CSRF, HELD, Jar, NOW, OWN, SESSION, Site, Which, with_cookies};
use aura_proto::{Auth, CookieOverride, Cookies, FetchError, UnixTime};
use aura_test_idp::browser::{self, RequestContext};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use url::Url;

/// How many attempts one sign-out clears.
const MOST: usize = 50;
const ATTEMPT: &str = "__Host-aura-auth.state.";
const VALUE: &str = "[A-Za-z0-9_-]{1,40}";
/// How a site's cookies may be adorned.
const ADORNED: &str = "; Path=/auth; Domain=app.test";

/// A site whose cookies go to its routes and to its subdomains.
static ADORNED_SITE: LazyLock<Auth> = LazyLock::new(|| {
    let adorned = || CookieOverride::default().path("/auth").domain("app.test");
    with_cookies(Cookies::default().session(adorned()).access_token(adorned()))
});

/// A browser that signs out.
#[derive(Clone, Debug)]
struct Leaving {
    site: Kind,
    /// Every cookie of the names of this site: its name, value, and attributes.
    ours: Vec<(String, String, &'static str)>,
    /// What only looks like ours, and may stay.
    alike: Vec<(String, String)>,
    foreign: Jar,
    signed_in: bool,
    later: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain,
    Adorned,
    /// Its users sign out at the provider, too.
    AtProvider,
    /// Likewise, but the provider is silent.
    Silent,
}

fn leaving() -> BoxedStrategy<Leaving> {
    select(vec![Kind::Plain, Kind::Adorned, Kind::AtProvider, Kind::Silent])
        .prop_flat_map(leaving_from)
        .boxed()
}

fn leaving_from(site: Kind) -> BoxedStrategy<Leaving> {
    let ids = if matches!(site, Kind::Plain | Kind::Adorned) { "(dev|other)" } else { "(op|form)" };
    // A path and a domain go with other names.
    let marker = if site == Kind::Adorned { "__Secure-" } else { "__Host-" };
    let session = format!("{marker}aura-auth\\.session_token\\.");
    let tokens = format!("{marker}aura-auth\\.access_token\\.");
    let chunk = names(&format!("({session}[1-4]|{tokens}{ids}(\\.[1-4])?)"));
    let alike = names(&format!("({session}[1-9][0-9]|{tokens}({ids}\\.[5-9]|[a-c]{{1,3}}))"));
    let adorned = site.adorned();
    // Cookies that were set before the attributes were configured are also present.
    let chunk = (chunk, VALUE, select(vec![adorned, adorned, "; Path=/"]));
    let cookies = (
        prop::collection::vec(chunk, 0..10),
        attempts(),
        prop::collection::vec((alike, VALUE), 0..40),
        prop::collection::btree_map("[a-z]{1,8}", "[a-z]{0,8}", 0..5),
    );
    (cookies, any::<bool>(), prop_oneof![2 => Just(0), 1 => 0_u64..100_000])
        .prop_map(move |((chunks, attempts, alike, foreign), signed_in, later)| {
            let held = &held(site).held;
            let mut ours = [chunks, attempts].concat();
            let session = held.session.clone().into_iter().filter(|_| signed_in);
            let named = |name: String| match site {
                Kind::Adorned => name.replace("__Host-", "__Secure-"),
                Kind::Plain | Kind::AtProvider | Kind::Silent => name,
            };
            ours.extend(session.map(|(name, value)| (named(name), value, adorned)));
            ours.push((CSRF.to_owned(), held.csrf[usize::from(!signed_in)].clone(), "; Path=/"));
            Leaving { site, ours, alike, foreign, signed_in, later }
        })
        .boxed()
}

/// Attempts: two that are real, and any number of others.
fn attempts() -> BoxedStrategy<Vec<(String, String, &'static str)>> {
    let attempt = || (names(&format!("{}[a-z]{{8}}", ATTEMPT.replace('.', "\\."))), VALUE, Just("; Path=/"));
    let others = prop_oneof![5 => 0..8_usize, 1 => 45..56_usize, 1 => 56..100_usize];
    others
        .prop_flat_map(move |count| prop::collection::vec(attempt(), count))
        .prop_map(|others| {
            let real = HELD.attempts.iter().map(|attempt| attempt.cookie.clone());
            others.into_iter().chain(real.map(|(name, value)| (name, value, "; Path=/"))).collect()
        })
        .boxed()
}

fn names(pattern: &str) -> BoxedStrategy<String> {
    prop::string::string_regex(pattern).unwrap().boxed()
}

impl Kind {
    /// The attributes of the cookies of a session and its tokens.
    fn adorned(self) -> &'static str {
        if self == Self::Adorned { ADORNED } else { "; Path=/" }
    }
}

/// What is held at a site; that of the adorned one is held under the same keys.
fn held(site: Kind) -> &'static Site {
    match site {
        Kind::Plain | Kind::Adorned => Which::Plain.site(),
        Kind::AtProvider | Kind::Silent => Which::OpenId.site(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn signing_out_leaves_nothing_of_ours(leaving in leaving()) {
        leaving.sign_out()?;
    }
}

/// Browsers that hold nothing would leave nothing.
#[test]
fn who_signs_out_has_few_attempts_or_too_many_at_every_site() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<(Kind, &str), usize>::new();
    for _ in 0..300 {
        let leaving = leaving().new_tree(&mut runner).unwrap().current();
        let left = leaving.sign_out().unwrap();
        let live = leaving.signed_in && leaving.later < 3600;
        let what = [("a session", live), ("attempts left", left > 0), ("chunks", leaving.ours.len() > 9)];
        for (what, _) in what.into_iter().filter(|(_, is_so)| *is_so) {
            *reached.entry((leaving.site, what)).or_default() += 1;
        }
    }
    assert!(reached.len() == 12 && reached.values().all(|count| *count >= 5), "{reached:?}");
}

impl Leaving {
    /// Signs out, checks what is left, and returns how many attempts that is.
    fn sign_out(&self) -> Result<usize, TestCaseError> {
        let url = Url::parse(OWN).unwrap().join("/auth/signOut").unwrap();
        let now = NOW + self.later;
        let mut jar = browser::Jar::default();
        for (name, value, attributes) in &self.ours {
            let cookie = format!("{name}={value}; Secure; HttpOnly{attributes}");
            jar.set(&url, cookie.as_bytes(), now).unwrap();
        }
        for (name, value) in self.alike.iter().map(|(name, value)| (name, value)).chain(&self.foreign) {
            jar.set(&url, format!("{name}={value}; Secure; Path=/").as_bytes(), now).unwrap();
        }
        let sent = jar.cookie_header(&RequestContext::typed(&url), now).unwrap();
        let run = self.request(sent);
        prop_assert_eq!(run.response.status(), 202, "{:?}", run.events);
        let answer = run.response.headers();
        for field in answer.get_all(header::SET_COOKIE) {
            jar.set(&url, field.as_bytes(), now).unwrap();
        }
        let left: Vec<_> =
            jar.cookies(now).map(|one| String::from_utf8_lossy(&one.name).into_owned()).collect();
        let alike: BTreeSet<_> = self.alike.iter().map(|(name, _)| name).collect();
        let is_attempt = |name: &&String| name.starts_with(ATTEMPT);
        let attempts =
            self.ours.iter().map(|(name, ..)| name).filter(is_attempt).collect::<BTreeSet<_>>().len();
        let attempts_left = left.iter().filter(is_attempt).count();
        prop_assert_eq!(attempts_left, attempts.saturating_sub(MOST));
        for name in left.iter().filter(|name| !is_attempt(name)) {
            prop_assert!(alike.contains(name) || self.foreign.contains_key(name), "{name} is left");
        }
        prop_assert!(self.foreign.keys().all(|name| left.contains(name)));
        self.nobody_is_signed_in(jar.cookie_header(&RequestContext::typed(&url), now))?;
        Ok(attempts_left)
    }

    fn request(&self, cookies: http::HeaderValue) -> Run {
        let site = held(self.site);
        let auth = if self.site == Kind::Adorned { &*ADORNED_SITE } else { &site.auth };
        let request = Request::post("/auth/signOut?token_type_hint=session_token&redirect=false")
            .header(header::COOKIE, cookies)
            .header("x-csrf-token", &site.held.csrf[usize::from(!self.signed_in)]);
        let now = NOW + self.later;
        let mut teller = site.ops.first().map(|op| op.teller(&Told::honest(), now, 0));
        let mut teller = teller.as_mut().filter(|_| self.site != Kind::Silent);
        Host::at(auth, now, [7; 32]).answer(request.body(Bytes::new()).unwrap(), &mut |kind, asked| {
            teller.as_mut().map_or(Err(FetchError::TimedOut), |teller| teller.answer(kind, asked))
        })
    }

    fn nobody_is_signed_in(&self, cookies: Option<http::HeaderValue>) -> Result<(), TestCaseError> {
        let headers: HeaderMap = cookies.map(|cookies| (header::COOKIE, cookies)).into_iter().collect();
        let now = UnixTime::from_secs(NOW + self.later);
        prop_assert!(held(self.site).auth.session(&headers, now).is_err());
        prop_assert!(ADORNED_SITE.session(&headers, now).is_err());
        prop_assert!(HELD.session.contains_key(SESSION), "the test knows the name of the session");
        Ok(())
    }
}
