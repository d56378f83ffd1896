//! The drill: servers are killed in the middle of a sign-in and of a refresh.

use crate::address::Address;
use crate::provider::{Gated, LIFE};
use crate::servers::Servers;
use aura_blocking::{Client, UreqClient};
use aura_test_idp::browser::{Browser, Form, Page, Web};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header};
use std::error::Error;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::time::timeout;
use url::Url;

/// The cookie with the ticket of the session.
const SESSION: &str = "aura-auth.session_token";
/// How many requests are there at once when a refresh is due.
const AT_ONCE: usize = 1000;
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the lease of a server that was killed keeps others from a refresh: thirty seconds, less what passed before it was killed.
const LEASE: Duration = Duration::from_secs(25);
/// How long it may keep them from it.
const LAPSE: Duration = Duration::from_secs(60);

/// Runs the drill. It blocks.
pub(crate) fn run(site: &Address, provider: &Gated, servers: Servers) -> Result<(), Box<dyn Error>> {
    let client = UreqClient::new();
    let mut remote = |request: Request<Bytes>, _: u64| answer(&client, &site.url, request);
    let mut in_memory = provider.in_memory.clone();
    let web = Web::default().with(&site.url, &mut remote).with(&provider.issuer, &mut in_memory);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let tokens = Url::parse(&site.url)?.join("/auth/providers/idp/tokens")?;
    let browser = Browser::new(now);
    let mut drill =
        Drill { runtime: Handle::current(), client: &client, site, provider, servers, web, browser, tokens };
    drill.kill_in_a_sign_in()?;
    let cookies = drill.refresh_at_once()?;
    drill.kill_in_a_refresh(&cookies)
}

struct Drill<'a> {
    runtime: Handle,
    client: &'a UreqClient,
    site: &'a Address,
    provider: &'a Gated,
    servers: Servers,
    web: Web<'a>,
    browser: Browser,
    /// The route that refreshes the tokens where that is due.
    tokens: Url,
}

impl Drill<'_> {
    fn open(&mut self, path: &str) -> Result<Page, Box<dyn Error>> {
        Ok(self.browser.open(&mut self.web, &self.tokens.join(path)?))
    }

    fn kill_in_a_sign_in(&mut self) -> Result<(), Box<dyn Error>> {
        let login = self.open("/auth/signIn/idp?redirectTo=/")?;
        self.servers.kill(0)?;
        let form = Form::of(&login).ok_or("there is no login page")?;
        self.browser.submit(&mut self.web, &form.with("account", "ada"));
        expect(self.open("/auth/session")?.status, 200, "the user is signed in")?;
        println!("a server was killed in the middle of a sign-in: the other one finished it");
        self.runtime.block_on(self.servers.start_ended())?;
        Ok(())
    }

    /// Sends many requests at once when a refresh is due, and returns the browser's cookie.
    fn refresh_at_once(&mut self) -> Result<String, Box<dyn Error>> {
        let tokens = self.tokens.clone();
        expect(self.open(tokens.path())?.status, 200, "the tokens are there")?;
        let session = self.browser.cookie(&tokens, SESSION).ok_or("there is no session cookie")?;
        let cookies = format!("{SESSION}={}", std::str::from_utf8(&session.value)?);
        thread::sleep(Duration::from_secs(LIFE));
        let (before, _) = self.provider.spent();
        let statuses = at_once(self.client, &tokens, &cookies);
        let refused = statuses.iter().filter(|status| **status != Some(StatusCode::OK)).count();
        let (after, most) = self.provider.spent();
        println!(
            "{AT_ONCE} requests at once, as a refresh was due: {refused} were refused, and {} refresh token was spent",
            after.saturating_sub(before)
        );
        if refused > 0 || after != before.saturating_add(1) || most != 1 {
            return Err("one refresh token was to be spent, once, and nobody refused".into());
        }
        Ok(cookies)
    }

    fn kill_in_a_refresh(&mut self, cookies: &str) -> Result<(), Box<dyn Error>> {
        thread::sleep(Duration::from_secs(LIFE));
        self.provider.hold(true);
        let uri = direct(&self.tokens, &self.site.servers[0].to_string())?;
        let held = thread::spawn({
            let (client, host, cookies) =
                (self.client.clone(), self.tokens.authority().to_owned(), cookies.to_owned());
            move || get(&client, uri, &host, &cookies)
        });
        self.runtime.block_on(async { timeout(PATIENCE, self.provider.arrived()).await })?;
        self.servers.kill(0)?;
        self.provider.hold(false);
        let lost = held.join().map_err(|_| "the request panicked")?;
        if lost == Some(StatusCode::OK) {
            return Err("the server that was killed answered".into());
        }
        expect(self.open("/auth/session")?.status, 200, "the user is still signed in")?;
        let waited = self.wait_for_the_other()?;
        let (held, (_, most)) = (self.provider.held(), self.provider.spent());
        if waited < LEASE || held != 1 {
            return Err(format!("{held} refreshes were begun, the other after {waited:?}").into());
        }
        println!(
            "a server was killed in the middle of a refresh: nobody was signed out, the other one refreshed {} s later, and no refresh \
             token was spent more than {most} time",
            waited.as_secs()
        );
        if most == 1 { Ok(()) } else { Err("a refresh token was spent twice".into()) }
    }

    /// Asks for the tokens until the other server has refreshed them, and returns how long that took.
    fn wait_for_the_other(&mut self) -> Result<Duration, Box<dyn Error>> {
        let (killed, path) = (Instant::now(), self.tokens.path().to_owned());
        loop {
            match self.open(&path)?.status.as_u16() {
                200 => return Ok(killed.elapsed()),
                503 if killed.elapsed() < LAPSE => {}
                status => return Err(format!("the refresh did not go on elsewhere: {status}").into()),
            }
            thread::sleep(Duration::from_millis(500));
        }
    }
}

fn expect(status: StatusCode, expected: u16, what: &str) -> Result<(), Box<dyn Error>> {
    if status == expected { Ok(()) } else { Err(format!("{what}: {status} instead of {expected}").into()) }
}

/// Sends many requests at once, which the address spreads over the servers.
fn at_once(client: &UreqClient, url: &Url, cookies: &str) -> Vec<Option<StatusCode>> {
    let barrier = Barrier::new(AT_ONCE);
    thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    get(client, url.as_str().parse().ok()?, url.authority(), cookies)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().ok().flatten()).collect()
    })
}

fn get(client: &UreqClient, uri: Uri, host: &str, cookies: &str) -> Option<StatusCode> {
    let request = Request::get(uri).header(header::HOST, host).header(header::COOKIE, cookies);
    client.call(request.body(Bytes::new()).ok()?, PATIENCE, 64 * 1024).ok().map(|answer| answer.status())
}

/// Returns a URL with the address of one server.
fn direct(url: &Url, server: &str) -> Result<Uri, Box<dyn Error>> {
    Ok(format!("http://{server}{}", url.path()).parse()?)
}

/// Asks the site, for the model browser.
fn answer(client: &UreqClient, site: &str, request: Request<Bytes>) -> Response<Bytes> {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    if let Ok(uri) = format!("{site}{path}").parse() {
        head.uri = uri;
    }
    let answer = client.call(Request::from_parts(head, body), PATIENCE, 1024 * 1024);
    answer.unwrap_or_else(|_| {
        let mut away = Response::new(Bytes::new());
        *away.status_mut() = StatusCode::BAD_GATEWAY;
        away
    })
}
