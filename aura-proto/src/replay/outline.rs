//! What did an action do, in one line without anything that was drawn?

use crate::action::{Action, Fetch};
use crate::cookie::STATE_CHARACTERS;
use crate::cookie::set::SetCookie;
use crate::event::Event;
use crate::redirect::Location;
use crate::response::Body;
use std::collections::BTreeSet;

/// Describes an action in one line: what kind it is, where it leads, which cookies it sets and clears, and the names of its
/// events with the reasons of failures. It holds no secret, and nothing that is drawn anew each time.
///
/// ```
/// use aura_proto::{RequestError, Respond};
/// let action = aura_proto::Action::Respond(Respond::refusal(RequestError::NoCookie));
/// assert_eq!(aura_proto::replay::outline(&action), "Respond 401, OAUTH_PROTOCOL_ERROR (no_cookie)");
/// ```
pub fn outline(action: &Action) -> String {
    match action {
        Action::FetchDiscovery(fetch) => self::fetch("FetchDiscovery", fetch),
        Action::FetchJwks(fetch) => self::fetch("FetchJwks", fetch),
        Action::FetchPushedRequest(fetch) => self::fetch("FetchPushedRequest", fetch),
        Action::FetchToken(fetch) => self::fetch("FetchToken", fetch),
        Action::FetchUserInfo(fetch) => self::fetch("FetchUserInfo", fetch),
        Action::FetchRevocation(fetch) => self::fetch("FetchRevocation", fetch),
        Action::AdmitUser(question) => format!("AdmitUser of {}", question.candidate.provider),
        Action::Redirect(redirect) => {
            let status = redirect.status.as_u16();
            let location = location(&redirect.location);
            format!("Redirect {status} to {location}{}", effects(&redirect.cookies, &redirect.events))
        }
        Action::Respond(respond) => {
            let body = match respond.body {
                Body::Empty => " without a body",
                Body::Json(_) => "",
                Body::Html(_) => " with a page",
                Body::Omitted(_) => " with its body left out",
            };
            format!("Respond {}{body}{}", respond.status.as_u16(), effects(&respond.cookies, &respond.events))
        }
    }
}

/// Leaves path and query out: where the token stands in the path, they are secret.
fn fetch(name: &str, fetch: &Fetch) -> String {
    let authority = fetch.request.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{name} {} {authority}", fetch.request.method())
}

/// Leaves the query out: on the way to a provider it holds the state.
fn location(location: &Location) -> &str {
    location.as_str().split(['?', '#']).next().unwrap_or_default()
}

fn effects(cookies: &[SetCookie], events: &[Event]) -> String {
    let mut text = String::new();
    for (verb, clears) in [("sets", false), ("clears", true)] {
        let names: BTreeSet<_> =
            cookies.iter().filter(|cookie| cookie.clears() == clears).map(name).collect();
        for name in names {
            text.push_str(&format!(", {verb} {name}"));
        }
    }
    for event in events {
        text.push_str(&format!(", {}", event.name()));
        if let Event::SignInFailed { error, .. }
        | Event::ProviderRequestFailed { error, .. }
        | Event::RequestRefused { error }
        | Event::SessionRejected { error } = event
        {
            text.push_str(&format!(" ({})", error.reason()));
        }
    }
    text
}

/// The name of a cookie; of an attempt's, what comes before the state.
fn name(cookie: &SetCookie) -> &str {
    match cookie.name().rsplit_once('.') {
        Some((kind, state)) if state.len() == STATE_CHARACTERS => kind,
        Some(_) | None => cookie.name(),
    }
}
