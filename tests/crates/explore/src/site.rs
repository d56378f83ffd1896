//! The site: the core, driven by a host that reaches the two providers.
//!
//! Equal inputs give equal outputs (`tests/invariants`), so the answer to a repeated request is taken from a cache.

use crate::deployment::Deployment;
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::provider::{self, Code, Codes, Provider};
use crate::text::Text;
use crate::world::{Person, World};
use aura_proto::{Entropy, Fetch, FetchError, Purpose, UnixTime};
use aura_tests::drive;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use ring::digest;
use std::collections::HashMap;
use std::rc::Rc;
use url::form_urlencoded;

/// Fate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// It is answered.
    Whole,
    /// It is answered, but once a provider redeems the code and its answer is too late.
    Unheard,
    /// Its answer is lost, with the cookies.
    Lost,
    /// Its answer comes later.
    Late,
}

/// A request of a browser.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The person whose browser it is.
    pub person: Person,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: &'a str,
    /// The code in it.
    pub code: Option<&'a str>,
    /// The CSRF token, where the page sends one.
    pub csrf: Option<&'a str>,
    /// What entropy is drawn from beside path, person and time, so that moves that do not depend on each other lead to one
    /// world in either order.
    pub salt: &'a str,
    /// The fate of the request.
    pub fate: Fate,
}

/// Result of a request.
#[derive(Debug)]
pub struct Outcome {
    /// The answer to the browser.
    pub response: Response<Bytes>,
    /// The codes that were sent to a provider.
    pub exchanges: Vec<(Provider, String)>,
    /// Whether the code was redeemed.
    spent: bool,
}

impl Outcome {
    /// Iterates over the cookies that the answer sets and clears.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        let fields = self.response.headers().get_all(header::SET_COOKIE).iter();
        fields.map(|field| field.to_str().expect("the core writes ASCII"))
    }
}

/// The user that a browser's cookies sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// By whose word.
    pub provider: Option<Provider>,
    /// The person.
    pub sub: Text,
}

/// Cache of earlier requests.
#[derive(Debug, Default)]
pub struct Memory {
    visits: HashMap<Fingerprint, Rc<Outcome>>,
    readings: HashMap<Fingerprint, Option<Reading>>,
}

/// Answers a request, and lets the browser keep the cookies if the answer comes.
pub fn visit(world: &mut World, deployment: &Deployment, ask: &Ask<'_>) -> Rc<Outcome> {
    let path = ask.target.split('?').next().unwrap_or_default();
    let jar = &world.browser(ask.person).jar;
    let (step, now) = (deployment.step(world, world.instance), deployment.now(world, world.instance));
    let code = ask.code.and_then(|code| world.codes.get_key_value(code));
    let key = fingerprint(&(
        (step, now, ask.person, ask.method.as_str(), ask.target),
        (ask.csrf, ask.salt, ask.fate == Fate::Unheard, jar, code),
    ));
    let known = deployment.memory.borrow().visits.get(&key).cloned();
    let outcome = known.unwrap_or_else(|| {
        let request = request(ask, deployment, &jar.header(path));
        let outcome = Rc::new(carry_out(deployment, step, now, request, code, ask));
        deployment.memory.borrow_mut().visits.insert(key, Rc::clone(&outcome));
        outcome
    });
    if outcome.spent {
        let code = ask.code.and_then(|code| world.codes.get_mut(code));
        code.expect("what is redeemed was asked for").spent = true;
    }
    match ask.fate {
        Fate::Whole | Fate::Unheard => world.browser_mut(ask.person).jar.store(outcome.cookies()),
        Fate::Lost => {}
        Fate::Late => world.late.push(outcome.cookies().map(Text::from).collect()),
    }
    outcome
}

/// Reads whose session a browser has, at one of the instances.
pub fn read(world: &World, deployment: &Deployment, instance: usize, person: Person) -> Option<Reading> {
    let (step, now) = (deployment.step(world, instance), deployment.now(world, instance));
    let jar = &world.browser(person).jar;
    let key = fingerprint(&(step, now, jar));
    if let Some(known) = deployment.memory.borrow().readings.get(&key) {
        return known.clone();
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::try_from(jar.header("/")).expect("the core writes ASCII"));
    let session = deployment.at(step).session(&headers, UnixTime::from_secs(now)).ok();
    let reading = session.map(|session| Reading {
        provider: Provider::ALL.into_iter().find(|provider| session.provider() == Some(provider.id())),
        sub: session.user().sub().into(),
    });
    deployment.memory.borrow_mut().readings.insert(key, reading.clone());
    reading
}

fn request(ask: &Ask<'_>, deployment: &Deployment, cookies: &str) -> Request<Bytes> {
    let host = deployment.setting.origin().split("//").last().unwrap_or_default();
    let mut request =
        Request::builder().method(ask.method.clone()).uri(ask.target).header(header::HOST, host);
    if !cookies.is_empty() {
        request = request.header(header::COOKIE, cookies);
    }
    // The browsers are old ones, which send no header about the source of a request.
    if let Some(csrf) = ask.csrf {
        request = request.header("x-csrf-token", csrf);
    }
    request.body(Bytes::new()).expect("a sound request")
}

fn carry_out(
    deployment: &Deployment,
    step: u8,
    now: u64,
    request: Request<Bytes>,
    code: Option<(&Text, &Code)>,
    ask: &Ask<'_>,
) -> Outcome {
    let time = UnixTime::from_secs(now);
    let seed = format!("{:?} {} {} {now} {}", ask.person, ask.method, request.uri().path(), ask.salt);
    let entropy = digest::digest(&digest::SHA256, seed.as_bytes());
    let entropy = Entropy::from_os_bytes(entropy.as_ref().try_into().expect("32 bytes"));
    let mut codes: Codes = code.map(|(text, code)| (text.clone(), code.clone())).into_iter().collect();
    let mut exchanges = Vec::new();
    let action = deployment.at(step).handle(request, time, entropy);
    let response = drive(action, time, &mut |purpose, fetch: &Fetch| {
        let answer = provider::answer(&mut codes, &fetch.request, now);
        if purpose == Purpose::Token {
            exchanges.push(exchange(fetch));
            if ask.fate == Fate::Unheard && exchanges.len() == 1 {
                return Err(FetchError::TimedOut);
            }
        }
        Ok(answer)
    });
    let spent = codes.values().any(|code| code.spent);
    Outcome { response, exchanges, spent }
}

fn exchange(fetch: &Fetch) -> (Provider, String) {
    let provider =
        Provider::at(fetch.request.uri().host().unwrap_or_default()).expect("nobody else is asked");
    let code = form_urlencoded::parse(fetch.request.body()).find(|(name, _)| name == "code");
    (provider, code.map(|(_, code)| code.into_owned()).unwrap_or_default())
}
