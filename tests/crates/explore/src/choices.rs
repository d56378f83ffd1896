//! The possible moves of a world.
//!
//! Limits keep the number of worlds finite. A move that does not change the world needs no limit.

use crate::deployment::{Answers, Cookie, Deployment, HALF_STEPS, PlantedSessions, Setting};
use crate::moves::{Delivery, How, Link, Move, Toss};
use crate::provider::Provider;
use crate::site::Fate;
use crate::text::Text;
use crate::world::{Person, World};

/// Lists what can happen in a world. Limits count from the start of the story.
pub fn moves(world: &World, deployment: &Deployment) -> Vec<Move> {
    let mut moves = Vec::new();
    for person in Person::ALL {
        if world.made(begun(person)) < 2 {
            moves.extend(Provider::ALL.map(|provider| Move::Begin(person, provider)));
            if person == Person::Victim {
                moves.extend([Link::Elsewhere, Link::Overlong].map(Move::FollowLink));
            }
        }
        if world.made("answer") < 3 {
            answers(world, person, &mut moves);
        }
        deliveries(world, person, &mut moves);
        moves.push(Move::Csrf(person));
        moves.push(Move::Session(person, Fate::Whole));
    }
    moves.push(Move::Session(Person::Victim, Fate::Lost));
    moves.push(Move::ForgeSignOut);
    if deployment.answers == Answers::Overtaken {
        let late =
            if world.late.is_empty() { Move::Session(Person::Victim, Fate::Late) } else { Move::Arrive };
        moves.push(late);
    }
    moves.extend([Fate::Whole, Fate::Lost].map(Move::SignOut));
    plants(deployment, &mut moves);
    moves.extend([Cookie::Csrf, Cookie::Attempt].map(Move::Confuse));
    if world.made("jump") < 3 {
        moves.push(Move::Jump);
    }
    if world.half_steps < HALF_STEPS {
        moves.push(Move::Rotate);
    }
    if deployment.instances(world).len() > 1 {
        moves.push(Move::Switch);
    }
    moves
}

/// The kind of move that has the limit of a person's beginnings.
pub(crate) const fn begun(person: Person) -> &'static str {
    match person {
        Person::Victim => "begun by the victim",
        Person::Attacker => "begun by the attacker",
    }
}

fn answers(world: &World, person: Person, moves: &mut Vec<Move>) {
    for (state, tab) in &world.browser(person).tabs {
        let hows: &[How] = match (tab.provider, person) {
            (Provider::Good, _) => &[How::Duly],
            (Provider::Evil, Person::Victim) => &[How::Duly, How::AsTheOther, How::ByTheOther],
            (Provider::Evil, Person::Attacker) => {
                &[How::Duly, How::AsTheOther, How::AboutTheOther, How::ByTheOther]
            }
        };
        moves.extend(hows.iter().map(|how| Move::Answer(person, state.clone(), *how)));
    }
}

fn deliveries(world: &World, person: Person, moves: &mut Vec<Move>) {
    let deliver = |path, code: Option<&Text>, state: Option<&Text>, fate| {
        Move::Deliver(Delivery { person, path, code: code.cloned(), state: state.cloned(), fate })
    };
    for (own, answer) in &world.answers {
        for path in Provider::ALL {
            let codes = world.answers.keys();
            moves.extend(codes.map(|code| deliver(path, Some(code), Some(own), Fate::Whole)));
        }
        moves.push(deliver(answer.provider, None, Some(own), Fate::Whole));
        moves.push(deliver(answer.provider, Some(own), None, Fate::Whole));
        if person == Person::Victim {
            let fates = [Fate::Unheard, Fate::Lost];
            moves.extend(fates.map(|fate| deliver(answer.provider, Some(own), Some(own), fate)));
        }
    }
    if world.answers.is_empty() {
        moves.push(deliver(Provider::Good, None, None, Fate::Whole));
    }
}

/// On https, CSRF tokens and attempts are bound to the host, and what is planted under other names is nothing to the site.
fn plants(deployment: &Deployment, moves: &mut Vec<Move>) {
    moves.extend([Cookie::Csrf, Cookie::Attempt].map(|cookie| Move::Plant(cookie, Toss::Routes)));
    if deployment.setting == Setting::Plain {
        moves.push(Move::Plant(Cookie::Csrf, Toss::Instead));
    }
    if deployment.planted_sessions == PlantedSessions::Tried {
        moves.extend([Toss::Everywhere, Toss::Routes].map(|toss| Move::Plant(Cookie::Session, toss)));
    }
}
