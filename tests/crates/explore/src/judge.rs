//! Check of every property after a move.

use crate::deployment::{Cookie, Deployment, Setting, is_dropped, is_listed};
use crate::ledger;
use crate::moves::{Delivery, Move};
use crate::properties::Violation;
use crate::provider::Provider;
use crate::site::{Fate, Outcome, read};
use crate::world::{Attempt, Person, Phase, Session, World};
use http::{StatusCode, header};

/// How long an attempt lives, in seconds.
const ATTEMPT: u64 = 600;

/// A move that was made, to be judged.
pub(crate) struct Judged<'a> {
    pub(crate) before: &'a World,
    pub(crate) one: &'a Move,
    pub(crate) outcome: Option<&'a Outcome>,
    pub(crate) deployment: &'a Deployment,
}

impl Judged<'_> {
    /// Judges the move, and notes in the world what it did to attempts and sessions.
    pub(crate) fn check(&self, world: &mut World) -> Result<(), Violation> {
        if let Some(outcome) = self.outcome {
            check_answer(outcome)?;
            self.check_beginning(outcome, world)?;
            ledger::note(self.before, world, self.deployment, self.one, outcome);
            self.check_attempts(world)?;
        }
        self.check_sessions(world)?;
        self.check_loss(world)
    }

    /// Checks that a session begins only by a callback or by the renewal of another.
    fn check_beginning(&self, outcome: &Outcome, world: &World) -> Result<(), Violation> {
        let begins = began(outcome, self.deployment.setting).is_some();
        match self.one {
            Move::Deliver(delivery) => {
                self.check_exchanges(delivery, outcome)?;
                // The effects of a lost answer are checked with the same answer when it is not lost.
                if begins && delivery.fate != Fate::Lost {
                    self.check_delivery(delivery, outcome, world)?;
                }
                Ok(())
            }
            Move::Session(person, _) => {
                let was = read(self.before, self.deployment, self.before.instance, *person);
                if begins && was.is_none() { Err(Violation::ForeignAttempt) } else { Ok(()) }
            }
            Move::Begin(..)
            | Move::FollowLink(_)
            | Move::Answer(..)
            | Move::Csrf(_)
            | Move::SignOut(_)
            | Move::ForgeSignOut
            | Move::Plant(..)
            | Move::Confuse(_)
            | Move::Arrive
            | Move::Jump
            | Move::Rotate
            | Move::Switch => {
                if begins {
                    Err(Violation::ForeignAttempt)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn attempt(&self, delivery: &Delivery) -> Option<&Attempt> {
        let state = &delivery.answer(self.before)?.state;
        self.before.browser(delivery.person).begun.get(state)
    }

    /// Checks the codes that a callback sends to a provider.
    fn check_exchanges(&self, delivery: &Delivery, outcome: &Outcome) -> Result<(), Violation> {
        let (attempt, is_planted) = (self.attempt(delivery), delivery.is_planted(self.before));
        for (nth, (provider, code)) in outcome.exchanges.iter().enumerate() {
            let Some(given) = self.before.codes.get(code.as_str()) else { continue };
            // An attacker can combine the code of one provider with the state of an attempt at the other, in the callback of
            // the other. Such an attacker has the code, and could also send it there without the site.
            let is_for_attempt = is_planted || attempt.is_some_and(|attempt| attempt.provider == *provider);
            let is_written = is_for_attempt && !delivery.is_untouched(self.before);
            if given.provider != *provider && !is_written {
                return Err(Violation::CodeToOther);
            }
            let iss = delivery.answer(self.before).and_then(|answer| answer.iss);
            if iss.is_some_and(|iss| iss != provider.issuer()) {
                return Err(Violation::OtherIssuer);
            }
            if attempt.is_some_and(|attempt| attempt.phase == Phase::Exchanged) {
                return Err(Violation::AttemptUsedTwice);
            }
            // A stateless site cannot detect that the code of one answer was put into another.
            let is_sent = given.sent && delivery.is_whole() && !is_planted;
            if is_sent || nth > 0 {
                return Err(Violation::CodeUsedTwice);
            }
        }
        Ok(())
    }

    /// Checks that a callback may begin a session.
    fn check_delivery(&self, delivery: &Delivery, outcome: &Outcome, world: &World) -> Result<(), Violation> {
        let person = delivery.person;
        let reading = read(world, self.deployment, world.instance, person).ok_or(Violation::NoSession)?;
        if outcome.exchanges.is_empty() {
            return Err(Violation::ForeignAttempt);
        }
        if delivery.is_planted(self.before) {
            return Ok(());
        }
        let attempt = self.attempt(delivery).ok_or(Violation::ForeignAttempt)?;
        if attempt.phase == Phase::SignedOut {
            return Err(Violation::StillSignedIn);
        }
        let is_young = self.deployment.now(world, world.instance) <= attempt.at + ATTEMPT;
        if attempt.phase != Phase::Open || reading.provider != Some(attempt.provider) || !is_young {
            return Err(Violation::ForeignAttempt);
        }
        // At the attacker's provider, any account may sign in.
        if attempt.provider == Provider::Good && *reading.sub != *person.account() {
            return Err(Violation::ForeignAccount);
        }
        Ok(())
    }

    /// Checks that no answer clears an attempt but that of its own callback, of a sign-out, or where it can be used no more.
    fn check_attempts(&self, world: &World) -> Result<(), Violation> {
        if matches!(self.one, Move::SignOut(_) | Move::ForgeSignOut) {
            return Ok(());
        }
        let (step, now) =
            (self.deployment.step(world, world.instance), self.deployment.now(world, world.instance));
        let own = if let Move::Deliver(delivery) = self.one { delivery.answer(self.before) } else { None };
        let setting = self.deployment.setting;
        let holds = |world: &World, person, state: &str| {
            let name = format!("{}{}", setting.name(Cookie::Attempt), state.get(..8).unwrap_or(state));
            world.browser(person).jar.own(&name).is_some()
        };
        for person in Person::ALL {
            for (state, attempt) in &self.before.browser(person).begun {
                let is_ended = holds(self.before, person, state) && !holds(world, person, state);
                let is_due = own.is_some_and(|own| own.state == *state)
                    || now > attempt.at + ATTEMPT
                    || !is_listed(attempt.key, step);
                if is_ended && !is_due {
                    return Err(Violation::AttemptEnded);
                }
            }
        }
        Ok(())
    }

    /// Checks that every signed-in browser has a session that began there and has not ended, accepted by both instances.
    fn check_sessions(&self, world: &World) -> Result<(), Violation> {
        for person in Person::ALL {
            for instance in self.deployment.instances(world) {
                let (step, now) =
                    (self.deployment.step(world, instance), self.deployment.now(world, instance));
                let mut held = self.held(world, person);
                let Some(reading) = read(world, self.deployment, instance, person) else {
                    if held.any(|session| now < session.ends && is_listed(session.key, step)) {
                        return Err(Violation::LostSession);
                    }
                    continue;
                };
                let is_read =
                    |held: &&Session| reading.provider == Some(held.provider) && reading.sub == held.sub;
                let session = held.find(is_read).ok_or(Violation::NoSession)?;
                if session.person != person {
                    return Err(Violation::ForeignAccount);
                }
                if now >= session.ends {
                    return Err(Violation::OutlivedSession);
                }
                if world.browser(person).signed_out {
                    return Err(Violation::StillSignedIn);
                }
            }
        }
        Ok(())
    }

    /// Checks that the victim loses its session only by its own sign-out or by the end of the session.
    fn check_loss(&self, world: &World) -> Result<(), Violation> {
        match self.one {
            // The effects of time and of changed secrets on a session are checked where its cookie is held.
            Move::SignOut(_) | Move::Jump | Move::Rotate | Move::Switch => return Ok(()),
            Move::Begin(..)
            | Move::FollowLink(_)
            | Move::Answer(..)
            | Move::Deliver(_)
            | Move::Session(..)
            | Move::Csrf(_)
            | Move::ForgeSignOut
            | Move::Plant(..)
            | Move::Confuse(_)
            | Move::Arrive => {}
        }
        let step = self.deployment.step(self.before, self.before.instance);
        let is_signed_in = |world: &World| {
            let mut instances = self.deployment.instances(world);
            instances.any(|instance| read(world, self.deployment, instance, Person::Victim).is_some())
        };
        let is_lost = is_signed_in(self.before) && !is_signed_in(world);
        // An instance that has dropped the secret of a session ends it, and one that the attacker began is no loss.
        let is_due = |session: &Session| is_dropped(session.key, step) || session.is_planted;
        let is_due = self.held(self.before, Person::Victim).all(is_due);
        if is_lost && !is_due { Err(Violation::ForcedSignOut) } else { Ok(()) }
    }

    /// The sessions that a person's browser has.
    fn held<'w>(&self, world: &'w World, person: Person) -> impl Iterator<Item = &'w Session> {
        let values = world.browser(person).jar.values(self.deployment.setting.name(Cookie::Session), "/");
        values.filter_map(|value| world.sessions.get(value))
    }
}

/// Returns the value of the session cookie that a response sets.
pub(crate) fn began(outcome: &Outcome, setting: Setting) -> Option<&str> {
    let mut pairs = outcome.cookies().filter_map(|field| field.split(';').next()?.split_once('='));
    let session = setting.name(Cookie::Session);
    pairs.find(|(name, value)| *name == session && !value.is_empty()).map(|(_, value)| value)
}

/// Where an answer may lead, and that it is none of a site that failed.
fn check_answer(outcome: &Outcome) -> Result<(), Violation> {
    let status = outcome.response.status();
    let is_of_a_provider = [StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT].contains(&status);
    if status.is_server_error() && !is_of_a_provider {
        return Err(Violation::ServerError);
    }
    let Some(location) = outcome.response.headers().get(header::LOCATION) else { return Ok(()) };
    let location = location.to_str().expect("ASCII");
    let is_local = location.starts_with('/') && !location.starts_with("//");
    let leads_to = |provider: Provider| location.starts_with(&format!("{}/authorize?", provider.issuer()));
    if is_local || Provider::ALL.into_iter().any(leads_to) { Ok(()) } else { Err(Violation::OpenRedirect) }
}
