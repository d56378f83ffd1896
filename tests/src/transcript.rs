//! Full text of the core's actions, for comparing two runs byte for byte.

use aura_proto::{Action, Fetch};
use std::fmt::Write;

/// Every action of a run, with everything that a host or browser would see of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript(String);

impl Transcript {
    /// Adds an action.
    pub fn record(&mut self, action: &Action) {
        let written = match action {
            Action::FetchDiscovery(fetch) => self.fetch("FetchDiscovery", fetch),
            Action::FetchJwks(fetch) => self.fetch("FetchJwks", fetch),
            Action::FetchPushedRequest(fetch) => self.fetch("FetchPushedRequest", fetch),
            Action::FetchToken(fetch) => self.fetch("FetchToken", fetch),
            Action::FetchUserInfo(fetch) => self.fetch("FetchUserInfo", fetch),
            Action::FetchRevocation(fetch) => self.fetch("FetchRevocation", fetch),
            Action::AdmitUser(question) => {
                writeln!(self.0, "AdmitUser {:?} {}", question.candidate, question.candidate.userinfo)
            }
            Action::CheckSession(question) => writeln!(self.0, "CheckSession {:?}", question.session),
            Action::AskStore(question) => writeln!(self.0, "AskStore {question:?}"),
            Action::Pause(length, _) => writeln!(self.0, "Pause {length:?}"),
            Action::RunToEnd(_) => writeln!(self.0, "RunToEnd"),
            Action::CountRequest(question) => writeln!(self.0, "CountRequest {question:?}"),
            Action::Redirect(redirect) => {
                let events = format!("{:?}", redirect.events);
                self.response("Redirect", &redirect.clone().into_response(), &events)
            }
            Action::Respond(respond) => {
                let events = format!("{:?}", respond.events);
                self.response("Respond", &respond.clone().into_response(), &events)
            }
        };
        written.expect("a String takes everything");
    }

    /// Returns the whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn fetch(&mut self, name: &str, fetch: &Fetch) -> std::fmt::Result {
        let request = &fetch.request;
        writeln!(self.0, "{name} {} {}", request.method(), request.uri())?;
        for (name, value) in request.headers() {
            writeln!(self.0, "  {name}: {}", value.as_bytes().escape_ascii())?;
        }
        let limits = (fetch.timeout, fetch.max_response, fetch.caching);
        writeln!(self.0, "  {}\n  {limits:?}", request.body().escape_ascii())
    }

    fn response(
        &mut self,
        name: &str,
        response: &http::Response<bytes::Bytes>,
        events: &str,
    ) -> std::fmt::Result {
        writeln!(self.0, "{name} {}", response.status())?;
        for (name, value) in response.headers() {
            writeln!(self.0, "  {name}: {}", value.as_bytes().escape_ascii())?;
        }
        writeln!(self.0, "  {}\n  {events}", response.body().escape_ascii())
    }
}
