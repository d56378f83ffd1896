//! The sequence diagram of a sign-in: its steps between browser, server, provider and store, made of outlines and notes.

use crate::names::Names;
use crate::notes::{Asked, Exchange, Note, What};
use axum::http::Method;
use serde::Serialize;
use std::collections::VecDeque;
use std::time::Instant;

/// One request to a route of the sign-in, when it has been answered.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) part: Part,
    pub(crate) method: Method,
    /// The path with the id of the configured provider: nothing of it is text from outside.
    pub(crate) path: String,
    pub(crate) parameters: Names,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) notes: Vec<Note>,
    /// The outlines of its actions.
    pub(crate) actions: Vec<String>,
    /// Where the answer sends the browser to sign in.
    pub(crate) destination: Option<Destination>,
}

/// The part of a sign-in that a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Begin,
    Callback,
}

/// The authorization request (RFC 6749 section 4.1.1) as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) parameters: Names,
}

/// A sign-in as the page draws it.
#[derive(Debug, Serialize)]
pub(crate) struct Sequence {
    lanes: Vec<Lane>,
    phases: Vec<Phase>,
}

/// A participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lane {
    Browser,
    Server,
    Provider,
    Store,
}

#[derive(Debug, Serialize)]
struct Phase {
    title: &'static str,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    from: Lane,
    to: Lane,
    label: String,
    /// Milliseconds since the sign-in began; none where this server does not see the step.
    at: Option<u128>,
    /// Changes to cookies: `sets` or `clears`, and the name.
    cookies: Vec<String>,
    /// Names and values of what is shown of the step on demand.
    details: Vec<(&'static str, String)>,
}

impl Sequence {
    /// Makes the steps of requests, the first of which began the sign-in.
    pub(crate) fn of(requests: &[Answered], has_store: bool) -> Self {
        let start = requests.first().map(|request| request.began);
        let mut phases = Vec::new();
        for (at, request) in requests.iter().enumerate() {
            let title = match request.part {
                Part::Begin => "The sign-in begins",
                Part::Callback => "The provider's answer arrives",
            };
            let start = start.unwrap_or(request.began);
            phases.push(Phase { title, steps: Writer::write(request, start) });
            if let Some(destination) = &request.destination {
                let next = requests.get(at.saturating_add(1));
                phases.push(Phase { title: "The user signs in", steps: elsewhere(destination, next) });
            }
        }
        let mut lanes = vec![Lane::Browser, Lane::Server, Lane::Provider, Lane::Store];
        let is_used = |lane| phases.iter().flat_map(|phase| &phase.steps).any(|step| step.to == lane);
        lanes.retain(|lane| *lane != Lane::Store || has_store || is_used(Lane::Store));
        Self { lanes, phases }
    }
}

/// Makes the steps between browser and provider, which follow from the requests before and after them.
fn elsewhere(destination: &Destination, next: Option<&Answered>) -> Vec<Step> {
    let unseen = ("Seen by this server", "no: it follows from the requests before and after".to_owned());
    let mut details = vec![
        ("Method", "GET".to_owned()),
        ("Host", destination.host.clone()),
        ("Path", destination.path.clone()),
    ];
    push_names(&mut details, "Parameters", &destination.parameters);
    details.push(unseen.clone());
    let label = format!("GET {}", destination.path);
    let mut steps =
        vec![Step { from: Lane::Browser, to: Lane::Provider, label, at: None, cookies: Vec::new(), details }];
    if let Some(next) = next.filter(|next| next.part == Part::Callback) {
        let mut details = vec![("Leads to", next.path.clone())];
        push_names(&mut details, "Parameters", &next.parameters);
        details.push(unseen);
        let label = "redirect with the answer".to_owned();
        steps.push(Step {
            from: Lane::Provider,
            to: Lane::Browser,
            label,
            at: None,
            cookies: Vec::new(),
            details,
        });
    }
    steps
}

fn push_names(details: &mut Vec<(&'static str, String)>, what: &'static str, names: &Names) {
    if !names.is_empty() {
        details.push((what, names.to_string()));
    }
}

/// Writes the steps of one request.
struct Writer<'a> {
    request: &'a Answered,
    start: Instant,
    /// The notes that no step shows yet.
    notes: VecDeque<&'a Note>,
    /// The moment of the last step.
    now: Instant,
    steps: Vec<Step>,
}

impl Writer<'_> {
    fn write(request: &Answered, start: Instant) -> Vec<Step> {
        let (notes, now) = (request.notes.iter().collect(), request.began);
        let mut writer = Writer { request, start, notes, now, steps: Vec::new() };
        let mut details = vec![("Method", request.method.to_string()), ("Path", request.path.clone())];
        push_names(&mut details, "Parameters", &request.parameters);
        let label = format!("{} {}", request.method, request.path);
        writer.push(Lane::Browser, Lane::Server, label, details);
        for action in &request.actions {
            writer.action(action);
        }
        writer.steps
    }

    fn push(&mut self, from: Lane, to: Lane, label: String, details: Vec<(&'static str, String)>) {
        let at = Some(self.now.saturating_duration_since(self.start).as_millis());
        self.steps.push(Step { from, to, label, at, cookies: Vec::new(), details });
    }

    /// Takes the next note if it is of the kind that the action causes.
    fn take(&mut self, is_of_kind: impl Fn(&What) -> bool) -> Option<Note> {
        let is_next = self.notes.front().is_some_and(|note| is_of_kind(&note.what));
        is_next.then(|| self.notes.pop_front()).flatten().cloned()
    }

    /// Writes the steps of an action by its outline: the kind, what it concerns, cookies and events.
    fn action(&mut self, outline: &str) {
        let (kind, subject) = outline.split_once(' ').unwrap_or((outline, ""));
        match kind {
            "FetchDiscovery" => self.exchange(kind, subject, "read the provider's configuration"),
            "FetchJwks" => self.exchange(kind, subject, "read the provider's keys"),
            "FetchPushedRequest" => self.exchange(kind, subject, "push the authorization request"),
            "FetchToken" => self.exchange(kind, subject, "exchange the code for tokens"),
            "FetchUserInfo" => self.exchange(kind, subject, "read the user's profile"),
            "FetchRevocation" => self.exchange(kind, subject, "revoke a token"),
            "LoadSession" => self.question(kind, "read the session"),
            "BeginSession" => self.question(kind, "insert the session"),
            "ReplaceSession" => self.question(kind, "replace the session"),
            "EndSessions" => self.question(kind, "end the session before"),
            "ListSessions" => self.question(kind, "list the sessions"),
            "CountRequest" => self.count(kind),
            "AdmitUser" => self.itself(kind, "the application decides on the user"),
            "CheckSession" => self.itself(kind, "the application checks the session"),
            "Redirect" | "Respond" => self.answer(kind, subject),
            _ => self.itself("Action", outline),
        }
    }

    /// Writes what the server does alone.
    fn itself(&mut self, kind: &str, what: &str) {
        self.push(Lane::Server, Lane::Server, what.to_owned(), vec![("Action", kind.to_owned())]);
    }

    fn exchange(&mut self, kind: &str, subject: &str, what: &str) {
        let host = subject.split(' ').nth(1).unwrap_or_default();
        let mut details = vec![("Purpose", what.to_owned()), ("Action", kind.to_owned())];
        let Some(note) = self.take(|what| matches!(what, What::Exchange(it) if it.is_of(kind, subject)))
        else {
            details.push(("Host", host.to_owned()));
            let why = if is_cached(kind) {
                "the answer to an earlier request is used"
            } else {
                "no exchange was possible"
            };
            details.push(("Asked", format!("no: {why}")));
            self.push(Lane::Server, Lane::Server, what.to_owned(), details);
            return;
        };
        let What::Exchange(exchange) = &note.what else { return };
        self.now = note.began;
        details.push(("Method", exchange.method.to_string()));
        details.push(("Host", host.to_owned()));
        let path = shown_path(kind, exchange);
        if let Some(path) = path {
            details.push(("Path", path.to_owned()));
        }
        if let Some(scheme) = exchange.authorization {
            details.push(("Authorization", scheme.to_owned()));
        }
        push_names(&mut details, "Parameters", &exchange.parameters);
        let label = format!("{} {}", exchange.method, path.unwrap_or(host));
        self.push(Lane::Server, Lane::Provider, label, details);
        self.now = note.ended;
        let took = note.ended.saturating_duration_since(note.began).as_millis();
        let mut details = vec![("Took", format!("{took} ms"))];
        let label = match &exchange.answer {
            Ok((status, members)) => {
                details.push(("Status", status.to_string()));
                push_names(&mut details, "Members", members);
                status.to_string()
            }
            Err(error) => format!("no answer: {error}"),
        };
        self.push(Lane::Provider, Lane::Server, label, details);
    }

    fn question(&mut self, kind: &str, what: &str) {
        let note = self.take(|what| matches!(what, What::Session(_)));
        self.ask(kind, what, note.as_ref());
    }

    /// Writes a count, which may ask the store several times.
    fn count(&mut self, kind: &str) {
        let mut asked: Option<Note> = None;
        while let Some(note) = self.take(|what| matches!(what, What::Count(_))) {
            let began = asked.map_or(note.began, |first| first.began);
            asked = Some(Note { began, ..note });
        }
        match asked {
            Some(note) => self.ask(kind, "count the request", Some(&note)),
            None => self.itself(kind, "count the request, for its limit"),
        }
    }

    fn ask(&mut self, kind: &str, what: &str, note: Option<&Note>) {
        let (began, ended) = note.map_or((self.now, self.now), |note| (note.began, note.ended));
        self.now = began;
        self.push(Lane::Server, Lane::Store, what.to_owned(), vec![("Action", kind.to_owned())]);
        self.now = ended;
        let has_failed = note.is_some_and(|note| {
            matches!(note.what, What::Session(Asked::Failed) | What::Count(Asked::Failed))
        });
        let label = if has_failed { "failed" } else { "done" };
        let took = ended.saturating_duration_since(began).as_millis();
        self.push(Lane::Store, Lane::Server, label.to_owned(), vec![("Took", format!("{took} ms"))]);
    }

    /// Writes the answer to the browser: status and place, then cookies, then events.
    fn answer(&mut self, kind: &str, subject: &str) {
        let mut parts = subject.split(", ");
        let what = parts.next().unwrap_or_default();
        let (status, place) = what.split_once(" to ").unwrap_or((what, ""));
        let (cookies, events): (Vec<&str>, Vec<&str>) =
            parts.partition(|part| part.starts_with("sets ") || part.starts_with("clears "));
        let mut details = vec![("Action", kind.to_owned()), ("Status", status.to_owned())];
        if !place.is_empty() {
            details.push(("Leads to", place.to_owned()));
        } else if let Some(destination) = &self.request.destination {
            details.push(("Holds a link to", format!("{}{}", destination.host, destination.path)));
        }
        for (name, verb) in [("Sets", "sets "), ("Clears", "clears ")] {
            let named: Vec<_> = cookies.iter().filter_map(|cookie| cookie.strip_prefix(verb)).collect();
            if !named.is_empty() {
                details.push((name, named.join(", ")));
            }
        }
        if !events.is_empty() {
            details.push(("Events", events.join(", ")));
        }
        let label = match (place, &self.request.destination) {
            ("", Some(destination)) => format!("{status}, a link to {}", destination.path),
            ("", None) => status.to_owned(),
            (place, _) => format!("{status} to {}", without_origin(place)),
        };
        self.now = self.request.ended;
        self.push(Lane::Server, Lane::Browser, label, details);
        if let Some(step) = self.steps.last_mut() {
            step.cookies = cookies.into_iter().map(str::to_owned).collect();
        }
    }
}

impl Exchange {
    /// Tells whether an exchange is that of an action, of which the outline has method and authority. What a cache may answer
    /// carries no credentials.
    fn is_of(&self, kind: &str, subject: &str) -> bool {
        subject == format!("{} {}", self.method, self.host)
            && !(is_cached(kind) && self.authorization.is_some())
    }
}

/// Tells whether an action may be answered from the cache.
fn is_cached(kind: &str) -> bool {
    matches!(kind, "FetchDiscovery" | "FetchJwks")
}

/// Returns the path of an exchange, unless it may hold the access token: where the provider has the token in the path, it is in no
/// header.
fn shown_path<'a>(kind: &str, exchange: &'a Exchange) -> Option<&'a str> {
    let is_shown = exchange.authorization.is_some() || !matches!(kind, "FetchUserInfo" | "FetchRevocation");
    is_shown.then_some(exchange.path.as_str())
}

/// Returns the path of a URL, or a path itself.
fn without_origin(place: &str) -> &str {
    match place.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => place,
    }
}

#[cfg(test)]
#[path = "sequence_tests.rs"]
mod tests;
