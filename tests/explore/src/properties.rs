//! What must hold after every move?

use crate::deployment::{Deployment, MAX_AGE};
use crate::moves::Move;
use crate::provider::Provider;
use crate::site::{Outcome, session};
use crate::world::{Person, Session, World};
use http::{StatusCode, header};
use std::fmt;

/// How long an attempt lives, in seconds.
const ATTEMPT: u64 = 600;

/// A property that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Violation {
    /// A session began without an attempt of this browser, for this provider, that was young enough and not used.
    ForeignAttempt,
    /// A session began in a browser for the account of somebody else.
    ForeignAccount,
    /// A code went to another provider than gave it out.
    CodeToOther,
    /// A second code was exchanged for one attempt of the victim's browser.
    AttemptUsedTwice,
    /// An answer that names another issuer was acted upon.
    OtherIssuer,
    /// A browser was redirected elsewhere.
    OpenRedirect,
    /// A session was left, or came back, after the sign-out.
    StillSignedIn,
    /// The attacker signed the victim out.
    ForcedSignOut,
    /// Something was taken for a session that the site never began.
    NoSession,
    /// A session outlived its end.
    OutlivedSession,
    /// A session was lost although its secret is still listed.
    LostSession,
    /// The site failed.
    ServerError,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignAttempt => "a session began without this browser's own unfinished attempt",
            Self::ForeignAccount => "a browser is signed in to somebody else's account",
            Self::CodeToOther => "a code went to another provider than gave it out",
            Self::AttemptUsedTwice => "a code was exchanged twice for one attempt",
            Self::OtherIssuer => "an answer that names another issuer was acted upon",
            Self::OpenRedirect => "a browser was redirected off the list",
            Self::StillSignedIn => "a session was there after the sign-out",
            Self::ForcedSignOut => "the attacker signed the victim out",
            Self::NoSession => "something that is no session was taken for one",
            Self::OutlivedSession => "a session outlived its end",
            Self::LostSession => "a session was lost in a rotation",
            Self::ServerError => "the site answered with a server error",
        })
    }
}

/// A move that was made, to be judged.
pub(crate) struct Judged<'a> {
    pub(crate) before: &'a World,
    pub(crate) one: &'a Move,
    pub(crate) outcome: Option<&'a Outcome>,
    pub(crate) deployment: &'a Deployment,
}

impl Judged<'_> {
    /// Judges the move, and notes the session that it began.
    pub(crate) fn check(&self, world: &mut World) -> Result<(), Violation> {
        if let Some(outcome) = self.outcome {
            check_redirect(outcome)?;
            self.check_delivery(outcome, world)?;
        }
        self.check_sign_out(world)?;
        check_sessions(world, self.deployment)
    }

    /// What a callback may do.
    fn check_delivery(&self, outcome: &Outcome, world: &mut World) -> Result<(), Violation> {
        let Move::Deliver(person, answer, _) = self.one else { return Ok(()) };
        let (person, answer) = (*person, &self.before.answers[*answer]);
        let attempt = self.before.browser(person).begun.get(&answer.state);
        for (provider, code) in &outcome.exchanges {
            // A code that was put in the place of another was known to whoever put it there.
            let is_its_own = *code == answer.code;
            let is_foreign = self.before.codes.get(code).is_some_and(|code| code.provider != *provider);
            if is_its_own && is_foreign {
                return Err(Violation::CodeToOther);
            }
            if answer.iss.as_ref().is_some_and(|iss| *iss != provider.issuer()) {
                return Err(Violation::OtherIssuer);
            }
            // The attacker's own browser may keep what it was told to forget.
            if person == Person::Victim && attempt.is_some_and(|attempt| attempt.exchanged) {
                return Err(Violation::AttemptUsedTwice);
            }
        }
        let Some(value) = began(outcome) else { return Ok(()) };
        let auth = self.deployment.at(world.epoch);
        let session = session(world, auth, person).ok_or(Violation::NoSession)?;
        let provider =
            if session.provider.as_deref() == Some("good") { Provider::Good } else { Provider::Evil };
        let is_own = |attempt: &&crate::world::Attempt| {
            attempt.provider == provider && world.now <= attempt.at + ATTEMPT
        };
        if attempt.filter(is_own).is_none() {
            return Err(Violation::ForeignAttempt);
        }
        // Whoever signs in at the attacker's provider is whom it says.
        if provider == Provider::Good && session.user.sub != person.account() {
            return Err(Violation::ForeignAccount);
        }
        let ends = world.now + MAX_AGE;
        world.sessions.insert(value, Session { provider, sub: session.user.sub, ends });
        world.browser_mut(person).signed_out = false;
        Ok(())
    }

    fn check_sign_out(&self, world: &World) -> Result<(), Violation> {
        let victim = Person::Victim;
        let at = |world: &World| session(world, self.deployment.at(world.epoch), victim).is_some();
        if *self.one == Move::ForgeSignOut && at(self.before) && !at(world) {
            return Err(Violation::ForcedSignOut);
        }
        if world.browser(victim).signed_out && at(world) && world.planted.is_empty() {
            return Err(Violation::StillSignedIn);
        }
        Ok(())
    }
}

/// Returns the value of the session cookie that a response sets.
fn began(outcome: &Outcome) -> Option<String> {
    let fields = outcome.response.headers().get_all(header::SET_COOKIE).iter();
    let pairs = fields.filter_map(|field| field.to_str().ok()?.split(';').next()?.split_once('='));
    let mut sessions = pairs.filter(|(name, value)| name.ends_with("session_token") && !value.is_empty());
    sessions.next().map(|(_, value)| value.to_owned())
}

fn check_redirect(outcome: &Outcome) -> Result<(), Violation> {
    if outcome.response.status() >= StatusCode::INTERNAL_SERVER_ERROR
        && outcome.response.status() != StatusCode::BAD_GATEWAY
    {
        return Err(Violation::ServerError);
    }
    let Some(location) = outcome.response.headers().get(header::LOCATION) else { return Ok(()) };
    let location = location.to_str().expect("ASCII");
    let is_local = location.starts_with('/') && !location.starts_with("//");
    let leads_to = |provider: Provider| location.starts_with(&format!("{}/authorize?", provider.issuer()));
    if is_local || Provider::ALL.into_iter().any(leads_to) { Ok(()) } else { Err(Violation::OpenRedirect) }
}

/// Whoever is signed in anywhere is so by a session that was begun and has not ended.
fn check_sessions(world: &World, deployment: &Deployment) -> Result<(), Violation> {
    for person in Person::ALL {
        let jar = &world.browser(person).jar;
        let held = jar.find("session_token").map(|(_, value)| value);
        let known = held.and_then(|value| world.sessions.get(value));
        let is_live = known.is_some_and(|session| world.now < session.ends);
        match session(world, deployment.at(world.epoch), person) {
            Some(_) if known.is_none() => return Err(Violation::NoSession),
            Some(_) if !is_live => return Err(Violation::OutlivedSession),
            None if is_live && world.epoch < 2 && world.planted.is_empty() => {
                return Err(Violation::LostSession);
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}
