//! Moves of the victim, the attacker, the providers and the operator.

use crate::deployment::{Cookie, JUMP};
use crate::provider::Provider;
use crate::site::Fate;
use crate::text::Text;
use crate::world::{Answer, Person, World};
use std::fmt;

/// The `redirectTo` of a link to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// To the attacker's own site.
    Elsewhere,
    /// To a path that is longer than a cookie.
    Overlong,
}

/// How a provider answers an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// Correctly.
    Duly,
    /// The attacker's provider names the honest one as the issuer.
    AsTheOther,
    /// The attacker's provider names the other person's account.
    AboutTheOther,
    /// The attacker's provider sends the browser on to the honest one, with its own state, nonce and challenge.
    ByTheOther,
}

/// A callback that a browser is sent to: path, code and state may each be that of another answer, for whoever sees one can
/// write any. `iss` is that of the answer whose state it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The person whose browser it is.
    pub person: Person,
    /// The provider of the callback's path.
    pub path: Provider,
    /// The code of an answer, or `error=access_denied`.
    pub code: Option<Text>,
    /// The state of the answer that has this code, or a made-up one.
    pub state: Option<Text>,
    /// The fate of the request.
    pub fate: Fate,
}

impl Delivery {
    /// Returns the answer whose state it has.
    pub fn answer<'a>(&self, world: &'a World) -> Option<&'a Answer> {
        self.state.as_ref().and_then(|code| world.answers.get(code))
    }

    /// Tells whether it is an answer as its provider gave it.
    pub fn is_untouched(&self, world: &World) -> bool {
        self.is_whole() && self.answer(world).is_some_and(|answer| answer.provider == self.path)
    }

    /// Tells whether its state is that of an attempt that was planted where it arrives. Over plain http that passes for one of
    /// the browser's own.
    pub fn is_planted(&self, world: &World) -> bool {
        self.answer(world).is_some_and(|answer| world.has_planted(self.person, &answer.state))
    }

    /// Tells whether code and state are those of one answer.
    pub fn is_whole(&self) -> bool {
        self.code.is_some() && self.code == self.state
    }
}

/// How a cookie is planted in the victim's browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Toss {
    /// By a sibling subdomain, with a `Domain`, for every path.
    Everywhere,
    /// The same for the routes of the core alone, where it comes first.
    Routes,
    /// By a server at another port of this machine, in place of the site's own cookie.
    Instead,
}

/// Something that somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Move {
    /// A person begins to sign in.
    Begin(Person, Provider),
    /// The victim follows a link of the attacker's to sign in.
    FollowLink(Link),
    /// The provider in the tab that has this state answers, for the account of the person.
    Answer(Person, Text, How),
    /// A browser is sent to a callback.
    Deliver(Delivery),
    /// A person's page requests the session.
    Session(Person, Fate),
    /// A person's page asks for a CSRF token.
    Csrf(Person),
    /// The victim signs out.
    SignOut(Fate),
    /// A page of the attacker's posts the victim's sign-out, with the attacker's own CSRF token.
    ForgeSignOut,
    /// The attacker plants a cookie of its own in the victim's browser.
    ///
    /// The session's only where [`Setting::planted_sessions`](crate::deployment::Setting::planted_sessions) says so: under a
    /// name that begins with `__Secure-`, as the reference has it on https, a sibling subdomain may set it.
    Plant(Cookie, Toss),
    /// The attacker puts the value of one of its own cookies into its session cookie.
    Confuse(Cookie),
    /// The victim's browser gets the answer that came too late.
    Arrive,
    /// Time passes.
    Jump,
    /// One of the two instances makes its next step of a rotation.
    Rotate,
    /// The other instance answers from here on.
    Switch,
}

impl Move {
    /// Tells what happens, in a world where it can.
    pub fn describe(&self, world: &World) -> String {
        match self {
            Self::Begin(person, provider) => {
                format!("the {} begins to sign in at {}", person.account(), provider.id())
            }
            Self::FollowLink(Link::Elsewhere) => {
                "the victim follows a link to sign in that leads to the attacker's site".to_owned()
            }
            Self::FollowLink(Link::Overlong) => {
                "the victim follows a link to sign in that leads to a path longer than a cookie".to_owned()
            }
            Self::Answer(person, state, how) => describe_answer(world, *person, state, *how),
            Self::Deliver(delivery) => describe_delivery(world, delivery),
            Self::Session(person, fate) => {
                format!("a page of the {} asks who is signed in{}", person.account(), at(*fate))
            }
            Self::Csrf(person) => format!("a page of the {} asks for a CSRF token", person.account()),
            Self::SignOut(fate) => format!("the victim signs out{}", at(*fate)),
            Self::ForgeSignOut => "the attacker posts the victim's sign-out".to_owned(),
            Self::Plant(cookie, toss) => {
                let how = match toss {
                    Toss::Everywhere => "beside",
                    Toss::Routes => "ahead of",
                    Toss::Instead => "in the place of",
                };
                format!("the attacker plants its {cookie} cookie {how} the victim's")
            }
            Self::Confuse(cookie) => format!("the attacker takes its {cookie} cookie for a session"),
            Self::Arrive => "the answer arrives".to_owned(),
            Self::Jump => format!("{JUMP} seconds pass"),
            Self::Rotate => {
                let instance = if world.half_steps.is_multiple_of(2) { "first" } else { "second" };
                format!("the {instance} instance makes its next step of the rotation")
            }
            Self::Switch => "the other instance answers".to_owned(),
        }
    }
}

fn describe_answer(world: &World, person: Person, state: &str, how: How) -> String {
    let provider = world.browser(person).tabs.get(state).map_or("nobody", |tab| tab.provider.id());
    let what = match how {
        How::Duly => "answers",
        How::AsTheOther => "answers in good's name",
        How::AboutTheOther => "speaks of the other account",
        How::ByTheOther => "has good answer instead",
    };
    format!("{provider} {what} in the tab of the {} with state {}", person.account(), short(state))
}

fn describe_delivery(world: &World, delivery: &Delivery) -> String {
    let Delivery { person, path, code, fate, .. } = delivery;
    let code = match code {
        Some(code) => format!("code {}", short(code)),
        None => "a refusal".to_owned(),
    };
    let state = match delivery.answer(world) {
        Some(answer) => format!(
            "state {} of {}'s answer to the {}",
            short(&answer.state),
            answer.provider.id(),
            answer.person.account()
        ),
        None => "a state that nobody drew".to_owned(),
    };
    let (person, path, fate) = (person.account(), path.id(), at(*fate));
    format!("the browser of the {person} is sent to {path}'s callback with {code} and {state}{fate}")
}

fn at(fate: Fate) -> impl fmt::Display {
    match fate {
        Fate::Whole => "",
        Fate::Unheard => "; the provider is not heard of in time",
        Fate::Lost => "; the answer is lost",
        Fate::Late => "; the answer is under way",
    }
}

/// The beginning of a random text, which tells it from others.
fn short(text: &str) -> &str {
    text.get(..6).unwrap_or(text)
}
