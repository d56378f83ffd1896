//! The drill: servers are killed in the middle of a sign-in and of a refresh.

use crate::address::Address;
use crate::provider::{Gated, LIFE};
use crate::servers::Servers;
use aura_blocking::{Client, UreqClient};
use aura_test_idp::browser::{Browser, Form, Web};
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
pub(crate) fn run(site: &Address, provider: &Gated, mut servers: Servers) -> Result<(), Box<dyn Error>> {
    let (runtime, client) = (Handle::current(), UreqClient::new());
    let mut remote = |request: Request<Bytes>, _: u64| answer(&client, &site.url, request);
    let mut in_memory = provider.in_memory.clone();
    let mut web = Web::default().with(&site.url, &mut remote).with(&provider.issuer, &mut in_memory);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut browser = Browser::new(now);
    let at = |path: &str| Url::parse(&site.url)?.join(path);

    let login = browser.open(&mut web, &at("/auth/signIn/idp?redirectTo=/")?);
    servers.kill(0)?;
    browser.submit(&mut web, &Form::of(&login).ok_or("there is no login page")?.with("account", "ada"));
    expect(browser.open(&mut web, &at("/auth/session")?).status, 200, "the user is signed in")?;
    println!("a server was killed in the middle of a sign-in: the other one finished it");
    runtime.block_on(servers.start_ended())?;

    let tokens = at("/auth/providers/idp/tokens")?;
    expect(browser.open(&mut web, &tokens).status, 200, "the tokens are there")?;
    let session = browser.cookie(&tokens, SESSION).ok_or("there is no session cookie")?;
    let cookies = format!("{SESSION}={}", std::str::from_utf8(&session.value)?);
    thread::sleep(Duration::from_secs(LIFE));
    let (before, _) = provider.spent();
    let statuses = at_once(&client, &tokens, &cookies);
    let refused = statuses.iter().filter(|status| **status != Some(StatusCode::OK)).count();
    let (after, most) = provider.spent();
    println!(
        "{AT_ONCE} requests at once, as a refresh was due: {refused} were refused, and {} refresh token was spent",
        after.saturating_sub(before)
    );
    if refused > 0 || after != before.saturating_add(1) || most != 1 {
        return Err("one refresh token was to be spent, once, and nobody refused".into());
    }

    thread::sleep(Duration::from_secs(LIFE));
    provider.hold(true);
    let (uri, headers) = (direct(&tokens, &site.servers[0].to_string())?, cookies.clone());
    let held = thread::spawn({
        let (client, host) = (client.clone(), tokens.authority().to_owned());
        move || get(&client, uri, &host, &headers)
    });
    runtime.block_on(async { timeout(PATIENCE, provider.arrived()).await })?;
    servers.kill(0)?;
    provider.hold(false);
    let lost = held.join().map_err(|_| "the request panicked")?;
    if lost == Some(StatusCode::OK) {
        return Err("the server that was killed answered".into());
    }
    expect(browser.open(&mut web, &at("/auth/session")?).status, 200, "the user is still signed in")?;
    let killed = Instant::now();
    loop {
        match browser.open(&mut web, &tokens).status.as_u16() {
            200 => break,
            503 if killed.elapsed() < LAPSE => {}
            status => return Err(format!("the refresh did not go on elsewhere: {status}").into()),
        }
        thread::sleep(Duration::from_millis(500));
    }
    if killed.elapsed() < LEASE || provider.held() != 1 {
        return Err(format!(
            "{} refreshes were begun, the other after {:?}",
            provider.held(),
            killed.elapsed()
        )
        .into());
    }
    let (_, most) = provider.spent();
    println!(
        "a server was killed in the middle of a refresh: nobody was signed out, the other one refreshed {} s later, and no refresh \
         token was spent more than {most} time",
        killed.elapsed().as_secs()
    );
    if most == 1 { Ok(()) } else { Err("a refresh token was spent twice".into()) }
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
