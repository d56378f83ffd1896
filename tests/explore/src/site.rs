//! How does the site answer? By the core, carried out by a host that reaches the two providers.

use crate::deployment::Deployment;
use crate::provider::{self, Provider};
use crate::world::{Person, World};
use aura_proto::{Action, Auth, Entropy, Fetch, UnixTime};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use ring::digest;
use url::form_urlencoded;

/// A request of a browser.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// Whose browser.
    pub person: Person,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: &'a str,
    /// The CSRF token, where the page sends one.
    pub csrf: Option<&'a str>,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer to the browser.
    pub response: Response<Bytes>,
    /// The codes that were sent to a provider.
    pub exchanges: Vec<(Provider, String)>,
}

/// Answers a request, and lets the browser keep the cookies.
pub fn visit(world: &mut World, deployment: &Deployment, ask: &Ask<'_>) -> Outcome {
    let auth = deployment.at(world.epoch);
    let cookies = world.browser(ask.person).jar.header();
    let entropy = entropy(world, ask, &cookies);
    let request = request(ask, deployment, &cookies);
    let mut action = auth.handle(request, UnixTime::from_secs(world.now), Entropy::from_os_bytes(entropy));
    let mut exchanges = Vec::new();
    let response = loop {
        action = match action {
            Action::Redirect(redirect) => break redirect.into_response(),
            Action::Respond(respond) => break respond.into_response(),
            Action::AdmitUser(question) => question.admit(UnixTime::from_secs(world.now)),
            Action::FetchToken(fetch) => {
                exchanges.push(exchange(&fetch));
                perform(world, fetch)
            }
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch) => perform(world, fetch),
        };
    };
    world.browser_mut(ask.person).jar.store(response.headers());
    Outcome { response, exchanges }
}

/// Reads whose session a browser has.
pub fn session(world: &World, auth: &Auth, person: Person) -> Option<aura_proto::Session> {
    let mut headers = HeaderMap::new();
    let cookies = world.browser(person).jar.header();
    headers.insert(header::COOKIE, HeaderValue::try_from(cookies).expect("the core writes ASCII"));
    auth.session(&headers, UnixTime::from_secs(world.now)).ok()
}

fn request(ask: &Ask<'_>, deployment: &Deployment, cookies: &str) -> Request<Bytes> {
    let host = deployment.setting.origin().split("//").last().unwrap_or_default();
    let mut request =
        Request::builder().method(ask.method.clone()).uri(ask.target).header(header::HOST, host);
    if !cookies.is_empty() {
        request = request.header(header::COOKIE, cookies);
    }
    // The victim's browser is an old one, which says nothing of where a request comes from.
    if let Some(csrf) = ask.csrf {
        request = request.header("x-csrf-token", csrf);
    }
    request.body(Bytes::new()).expect("a sound request")
}

/// Draws entropy from what is asked, so that moves that do not depend on each other lead to one world in either order.
fn entropy(world: &World, ask: &Ask<'_>, cookies: &str) -> [u8; 32] {
    let begun = world.browser(ask.person).begun.len();
    let seed = format!("{:?} {begun} {} {} {cookies} {}", ask.person, ask.method, ask.target, world.now);
    let digest = digest::digest(&digest::SHA256, seed.as_bytes());
    digest.as_ref().try_into().expect("32 bytes")
}

fn exchange(fetch: &Fetch) -> (Provider, String) {
    let provider =
        Provider::at(fetch.request.uri().host().unwrap_or_default()).expect("nobody else is asked");
    let code = form_urlencoded::parse(fetch.request.body()).find(|(name, _)| name == "code");
    (provider, code.map(|(_, code)| code.into_owned()).unwrap_or_default())
}

fn perform(world: &mut World, fetch: Fetch) -> Action {
    let answer = provider::answer(&mut world.codes, &fetch.request, world.now);
    fetch.pending.resume(Ok(answer), UnixTime::from_secs(world.now))
}
