//! A small site with sign-in on `tiny_http`, a thread a request: a public page, a private one, and an API.
#![forbid(unsafe_code)]

mod tiny;

use aura_blocking::Driver;
use aura_examples::{DevProvider, site};
use aura_proto::{RequestError, Respond};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::io::{self, Read};
use std::net::TcpListener;
use std::thread;
use tiny_http::Server;

/// Longest request body that is read, in bytes.
const MAX_BODY: u64 = 64 * 1024;

/// Serves the site, with the embedded provider where there is one, until the listener fails.
///
/// # Errors
/// Those of the listener.
///
/// ```no_run
/// # fn start(listener: std::net::TcpListener, driver: aura_blocking::Driver) {
/// aura_example_blocking::serve(listener, &driver, None).expect("a socket");
/// # }
/// ```
pub fn serve(listener: TcpListener, driver: &Driver, dev: Option<&DevProvider>) -> io::Result<()> {
    let (driver, dev) = (driver.clone(), dev.cloned());
    serve_with(listener, move |request| answer(&driver, dev.as_ref(), request))
}

/// Serves what a function answers, a thread a request, until the listener fails.
///
/// # Errors
/// Those of the listener.
///
/// ```no_run
/// # fn start(listener: std::net::TcpListener) {
/// aura_example_blocking::serve_with(listener, |_| http::Response::new("a page".into())).expect("a socket");
/// # }
/// ```
pub fn serve_with(
    listener: TcpListener,
    answer: impl Fn(Request<&mut dyn Read>) -> Response<Bytes> + Clone + Send + 'static,
) -> io::Result<()> {
    let server = Server::from_listener(listener, None).map_err(io::Error::other)?;
    for mut incoming in server.incoming_requests() {
        let answer = answer.clone();
        thread::spawn(move || {
            let response = match tiny::request(&mut incoming) {
                Some(request) => answer(request),
                None => site::file("no path"),
            };
            // A broken connection affects only its peer.
            let _ = incoming.respond(tiny::response(response));
        });
    }
    Ok(())
}

fn answer(driver: &Driver, dev: Option<&DevProvider>, request: Request<impl Read>) -> Response<Bytes> {
    let path = request.uri().path();
    if driver.auth().owns(path) {
        return driver.answer(request);
    }
    match (request.method(), path) {
        (&Method::GET, "/") => site::home(driver.auth(), driver.session(&request).as_ref().ok()),
        (&Method::GET, "/account") => match driver.guard().sign_in_with(site::PROVIDER).check(&request) {
            Ok(visit) => {
                let page = site::account(visit.session());
                visit.finish(page)
            }
            Err(refusal) => refusal,
        },
        (&Method::GET, "/note") => note_forms(driver, &request).unwrap_or_else(|refusal| refusal),
        (&Method::POST, "/note") => note(driver, request).unwrap_or_else(Respond::into_response),
        (&Method::POST, "/api/greeting") => greet(driver, &request).unwrap_or_else(Respond::into_response),
        _ => match dev.filter(|dev| dev.owns(path)) {
            Some(dev) => provide(dev, request),
            None => site::file(path),
        },
    }
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
fn note_forms<B>(driver: &Driver, request: &Request<B>) -> Result<Response<Bytes>, Response<Bytes>> {
    let visit = driver.guard().sign_in_with(site::PROVIDER).check(request)?;
    let token = driver.form_token(request)?;
    let forms = site::note_forms(token.as_str());
    Ok(visit.finish(token.finish(forms)))
}

fn note(driver: &Driver, request: Request<impl Read>) -> Result<Response<Bytes>, Respond> {
    let session = driver.session(&request).map_err(Respond::refusal)?;
    let (head, body) = request.into_parts();
    let form = read(body).map_err(Respond::refusal)?;
    let note: site::Note = driver.read_form(&head, &form).map_err(Respond::refusal)?;
    Ok(site::noted(&session, &note))
}

fn greet<B>(driver: &Driver, request: &Request<B>) -> Result<Response<Bytes>, Respond> {
    let session = driver.session(request).map_err(Respond::refusal)?;
    driver.check_csrf(request).map_err(Respond::refusal)?;
    Ok(site::greeting(&session))
}

/// Lets the embedded provider answer.
fn provide(dev: &DevProvider, request: Request<impl Read>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    match read(body) {
        Ok(body) => dev.answer(Request::from_parts(head, body.into())),
        Err(_) => site::too_long(),
    }
}

/// Reads a whole body, or refuses it: a part of one is not what the browser sent.
fn read(body: impl Read) -> Result<Vec<u8>, RequestError> {
    let mut bytes = Vec::new();
    let length = body.take(MAX_BODY.saturating_add(1)).read_to_end(&mut bytes);
    let length = length.map_err(|_| RequestError::MalformedBody)?;
    let fits = u64::try_from(length).is_ok_and(|length| length <= MAX_BODY);
    if fits { Ok(bytes) } else { Err(RequestError::BodyTooLarge) }
}
