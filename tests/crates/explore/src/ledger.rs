//! Expected effects of a move on attempts and sessions, recorded in the world for later checks.

use crate::deployment::{Cookie, Deployment, MAX_AGE, MAX_DURATION, Renewal, newest};
use crate::judge::began;
use crate::moves::{Delivery, Move};
use crate::provider::Provider;
use crate::site::{Fate, Outcome, read};
use crate::text::Text;
use crate::world::{Person, Phase, Session, World};

/// Records the effects of a move. Effects of answers that the browser did not receive are not recorded.
pub(crate) fn note(
    before: &World,
    world: &mut World,
    deployment: &Deployment,
    one: &Move,
    outcome: &Outcome,
) {
    match one {
        Move::Deliver(delivery) if delivery.fate != Fate::Lost => {
            note_codes(before, world, delivery, outcome);
            note_attempt(before, world, delivery, outcome);
            if let Some(value) = began(outcome, deployment.setting) {
                note_session(before, world, deployment, delivery, value);
            }
        }
        Move::Session(person, Fate::Whole | Fate::Late) => {
            note_visit(before, world, deployment, *person, outcome)
        }
        Move::SignOut(Fate::Whole) => {
            let browser = world.browser_mut(Person::Victim);
            browser.signed_out = true;
            let open = browser.begun.values_mut().filter(|attempt| attempt.phase == Phase::Open);
            open.for_each(|attempt| attempt.phase = Phase::SignedOut);
        }
        Move::Begin(..)
        | Move::FollowLink(_)
        | Move::Answer(..)
        | Move::Deliver(_)
        | Move::Session(..)
        | Move::Csrf(_)
        | Move::SignOut(_)
        | Move::ForgeSignOut
        | Move::Plant(..)
        | Move::Confuse(_)
        | Move::Arrive
        | Move::Jump
        | Move::Rotate
        | Move::Switch => {}
    }
}

/// A code that somebody wrote into another answer was not exchanged for its own one.
fn note_codes(before: &World, world: &mut World, delivery: &Delivery, outcome: &Outcome) {
    let is_its_own = delivery.is_whole() && !delivery.is_planted(before);
    for (_, code) in outcome.exchanges.iter().filter(|_| is_its_own) {
        if let Some(code) = world.codes.get_mut(code.as_str()) {
            code.sent = true;
        }
    }
}

/// A callback ends its attempt, whatever comes of it, and no other.
fn note_attempt(before: &World, world: &mut World, delivery: &Delivery, outcome: &Outcome) {
    let Some(answer) = delivery.answer(before) else { return };
    let own = world.browser_mut(delivery.person).begun.get_mut(&answer.state);
    if let Some(attempt) = own.filter(|attempt| attempt.phase == Phase::Open) {
        attempt.phase = if outcome.exchanges.is_empty() { Phase::Over } else { Phase::Exchanged };
    }
}

fn note_session(
    before: &World,
    world: &mut World,
    deployment: &Deployment,
    delivery: &Delivery,
    value: &str,
) {
    let person = delivery.person;
    let (step, now) = (deployment.step(world, world.instance), deployment.now(world, world.instance));
    let Some(reading) = read(world, deployment, world.instance, person) else { return };
    let latest = match deployment.setting.renewal() {
        Renewal::Always => now + MAX_DURATION,
        Renewal::Never => u64::MAX,
    };
    let session = Session {
        person,
        provider: reading.provider.unwrap_or(Provider::Evil),
        sub: reading.sub,
        ends: latest.min(now + MAX_AGE),
        latest,
        key: newest(step),
        is_planted: delivery.is_planted(before),
    };
    world.sessions.insert(value.into(), session);
    world.browser_mut(person).signed_out = false;
}

/// A visit renews a session where the policy requires it, and re-protects it under the newest secret of the instance.
fn note_visit(before: &World, world: &mut World, deployment: &Deployment, person: Person, outcome: &Outcome) {
    let (step, now) = (deployment.step(world, world.instance), deployment.now(world, world.instance));
    if read(before, deployment, world.instance, person).is_none() {
        return;
    }
    let values = before.browser(person).jar.values(deployment.setting.name(Cookie::Session), "/");
    for value in values {
        let Some(session) = before.sessions.get(value) else { continue };
        let ends = match deployment.setting.renewal() {
            Renewal::Always => session.latest.min(now + MAX_AGE),
            Renewal::Never => session.ends,
        };
        let kept = Session { ends: session.ends, key: newest(step), ..session.clone() };
        match began(outcome, deployment.setting) {
            Some(anew) => world.sessions.insert(anew.into(), Session { ends, ..kept }),
            None => world.sessions.insert(Text::from(value), kept),
        };
    }
}
