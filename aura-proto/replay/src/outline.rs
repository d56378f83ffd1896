//! Outlines of actions: one line each, without any drawn value.

use crate::redact::Redactor;
use crate::sent::cookie_name;
use crate::stand_ins::Space;
use aura_proto::replay_door::{self, Kind};
use aura_proto::{Action, Auth, Body, Event, Fetch, Location, SetCookie, StoreQuestion};
use std::collections::BTreeSet;
use std::fmt;

/// The kind of an action, where it leads, which cookies it sets and clears, and the names of its events with the reasons
/// of failures: nothing random.
pub(crate) struct Outline {
    what: String,
    /// Where a redirect leads, without the query.
    location: Option<String>,
    /// The change to each cookie.
    cookies: Vec<(&'static str, String)>,
    events: String,
}

impl Outline {
    pub(crate) fn of(auth: &Auth, action: &Action) -> Self {
        let ending = |what: String, location: Option<String>, set: &[SetCookie], events: &[Event]| Self {
            what,
            location,
            cookies: cookies(auth, set),
            events: self::events(events),
        };
        let plain = |what: String| ending(what, None, &[], &[]);
        match action {
            Action::FetchDiscovery(fetch) => plain(self::fetch("FetchDiscovery", fetch)),
            Action::FetchJwks(fetch) => plain(self::fetch("FetchJwks", fetch)),
            Action::FetchPushedRequest(fetch) => plain(self::fetch("FetchPushedRequest", fetch)),
            Action::FetchToken(fetch) => plain(self::fetch("FetchToken", fetch)),
            Action::FetchUserInfo(fetch) => plain(self::fetch("FetchUserInfo", fetch)),
            Action::FetchRevocation(fetch) => plain(self::fetch("FetchRevocation", fetch)),
            Action::AdmitUser(question) => plain(format!("AdmitUser of {}", question.candidate.provider)),
            Action::CheckSession(_) => plain("CheckSession".to_owned()),
            Action::AskStore(StoreQuestion::Load(_)) => plain("LoadSession".to_owned()),
            Action::AskStore(StoreQuestion::Begin(_)) => plain("BeginSession".to_owned()),
            Action::AskStore(StoreQuestion::Replace(_)) => plain("ReplaceSession".to_owned()),
            Action::AskStore(StoreQuestion::End(_)) => plain("EndSessions".to_owned()),
            Action::AskStore(StoreQuestion::List(_)) => plain("ListSessions".to_owned()),
            Action::Pause(..) => plain("Pause".to_owned()),
            Action::RunToEnd(_) => plain("RunToEnd".to_owned()),
            Action::CountRequest(_) => plain("CountRequest".to_owned()),
            Action::Redirect(redirect) => {
                let what = format!("Redirect {}", redirect.status.as_u16());
                let location = Some(location(&redirect.location));
                ending(what, location, &redirect.cookies, &redirect.events)
            }
            Action::Respond(respond) => {
                let body = match respond.body {
                    Body::Empty => " without a body",
                    Body::Json(_) => "",
                    Body::Html(_) => " with a page",
                    Body::Omitted(_) => " with its body left out",
                    _ => " with another body",
                };
                let what = format!("Respond {}{body}", respond.status.as_u16());
                ending(what, None, &respond.cookies, &respond.events)
            }
        }
    }

    /// Redacts what comes from outside: where a redirect leads, and names of cookies.
    pub(crate) fn redacted(self, auth: &Auth, redactor: &mut Redactor) -> Self {
        let location = self.location.map(|location| redactor.text(Space::Target, &location));
        let mut redacted = |(verb, name): (&'static str, String)| (verb, cookie_name(auth, redactor, &name));
        let mut cookies: Vec<_> = self.cookies.into_iter().map(&mut redacted).collect();
        // First those that are set, each in the order of their names, as a replay lists them.
        cookies.sort_by(|(verb, name), (other, than)| other.cmp(verb).then_with(|| name.cmp(than)));
        Self { location, cookies, ..self }
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.location.iter().try_for_each(|location| write!(f, " to {location}"))?;
        self.cookies.iter().try_for_each(|(verb, name)| write!(f, ", {verb} {name}"))?;
        f.write_str(&self.events)
    }
}

/// Leaves path and query out: where the token stands in the path, they are secret.
fn fetch(name: &str, fetch: &Fetch) -> String {
    let authority = fetch.request.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{name} {} {authority}", fetch.request.method())
}

/// Leaves the query out: on the way to a provider it holds the state.
fn location(location: &Location) -> String {
    location.as_str().split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn cookies(auth: &Auth, set: &[SetCookie]) -> Vec<(&'static str, String)> {
    let mut cookies = Vec::new();
    for (verb, clears) in [("sets", false), ("clears", true)] {
        let names: BTreeSet<_> =
            set.iter().filter(|cookie| cookie.clears() == clears).map(|cookie| name(auth, cookie)).collect();
        cookies.extend(names.into_iter().map(|name| (verb, name.to_owned())));
    }
    cookies
}

fn events(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        text.push_str(&format!(", {}", event.name()));
        if let Event::SignInFailed { error, .. }
        | Event::RefreshFailed { error, .. }
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
fn name<'a>(auth: &'a Auth, cookie: &'a SetCookie) -> &'a str {
    let ours = replay_door::cookie_name(auth, cookie.name()).filter(|ours| ours.kind == Kind::Attempt);
    ours.map_or(cookie.name(), |ours| ours.stem)
}
