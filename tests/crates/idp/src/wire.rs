//! Transport faults of server-to-server answers: redirects, delays and oversized bodies.

use std::time::Duration;

use bytes::Bytes;
use http::Request;

use crate::endpoint::Endpoint;
use crate::idp::Idp;
use crate::lie::Lie;
use crate::response::{self, Response};

/// Duration of a slow answer.
const SLOW: Duration = Duration::from_secs(60);
/// Length of an endless body in bytes.
const ENDLESS: usize = 2 * 1024 * 1024;
/// Query of the redirect's target, where the answer is the usual one.
const REDIRECTED: &str = "redirected";

/// Delay before a host sends a response, as an extension of the response.
///
/// The function that answers cannot wait, so it sets this value. The feature `server` honours it; a test in memory makes a
/// timeout of it.
///
/// ```
/// use aura_test_idp::{Behaviour, Delay, Idp, Lie, State};
/// use bytes::Bytes;
///
/// let idp = Idp::new("http://localhost:3000/dev")?.behaviour(Behaviour::default().lie(Lie::SlowAnswer));
/// let request = http::Request::get(idp.jwks_uri()).body(Bytes::new())?;
/// let response = idp.handle(&mut State::default(), request, 1_700_000_000, [7; 32]);
/// assert!(response.extensions().get::<Delay>().is_some_and(|delay| delay.0.as_secs() == 60));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay(pub Duration);

/// The redirect that replaces an answer, if the active lie is a redirect.
///
/// It leads back to the same endpoint, which then answers as usual, so a client that follows redirects does not notice it.
pub(crate) fn redirect(idp: &Idp, endpoint: Endpoint, request: &Request<Bytes>) -> Option<Response> {
    let lie = match endpoint {
        Endpoint::Discovery => Lie::DiscoveryRedirects,
        Endpoint::Jwks => Lie::JwksRedirects,
        Endpoint::Token => Lie::TokenRedirects,
        Endpoint::Userinfo => Lie::UserinfoRedirects,
        Endpoint::PushedAuthorization | Endpoint::Authorize | Endpoint::Decision | Endpoint::EndSession => {
            return None;
        }
    };
    let is_due = idp.tells(lie) && request.uri().query() != Some(REDIRECTED);
    is_due.then(|| response::found(&format!("{}?{REDIRECTED}", idp.url_of(endpoint))))
}

/// Delays or lengthens an answer to a server.
pub(crate) fn spoil(idp: &Idp, endpoint: Endpoint, mut answer: Response) -> Response {
    match endpoint {
        Endpoint::Discovery
        | Endpoint::Jwks
        | Endpoint::PushedAuthorization
        | Endpoint::Token
        | Endpoint::Userinfo => {}
        Endpoint::Authorize | Endpoint::Decision | Endpoint::EndSession => return answer,
    }
    if idp.tells(Lie::SlowAnswer) {
        answer.extensions_mut().insert(Delay(SLOW));
    }
    if idp.tells(Lie::EndlessBody) {
        // White space, so that a client that reads to the end finds a good answer.
        let mut body = answer.body().to_vec();
        body.resize(ENDLESS.max(body.len()), b' ');
        *answer.body_mut() = Bytes::from(body);
    }
    answer
}
