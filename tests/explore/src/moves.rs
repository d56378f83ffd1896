//! What can anybody do next?

use crate::deployment::{Deployment, JUMP, Setting};
use crate::properties::{Judged, Violation};
use crate::provider::{Code, Provider};
use crate::site::{Ask, Outcome, visit};
use crate::world::{Answer, Attempt, Person, Tab, World};
use http::{Method, header};
use ring::digest;
use std::fmt;
use url::Url;

/// Where a link to sign in says that it leads to afterwards.
const ELSEWHERE: &str = "https://evil.test/";

/// How a provider answers an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// As it should.
    Duly,
    /// The attacker's provider says that it is the honest one.
    AsTheOther,
    /// The attacker's provider sends the browser on to the honest one, with its own state and nonce.
    ByTheOther,
}

/// Something that somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Move {
    /// A person begins to sign in.
    Begin(Person, Provider),
    /// A person follows a link of the attacker's to sign in.
    FollowLink(Person),
    /// The provider in a tab answers, for the account of the person.
    Answer(Person, usize, How),
    /// A browser is sent to a callback: that of one response, with the code of another where they differ.
    Deliver(Person, usize, usize),
    /// The victim signs out.
    SignOut,
    /// A page of the attacker's posts the victim's sign-out, with the attacker's own CSRF token.
    ForgeSignOut,
    /// A person's page asks for a CSRF token.
    Csrf(Person),
    /// The attacker plants a cookie of its own in the victim's browser, by the part of its name.
    Plant(&'static str),
    /// The attacker puts the value of one of its own cookies into its session cookie.
    Confuse(&'static str),
    /// Time passes.
    Jump,
    /// The deployment's secret is rotated one step.
    Rotate,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = |person: &Person| person.account();
        match self {
            Self::Begin(person, provider) => {
                write!(f, "the {} begins to sign in at {}", who(person), provider.id())
            }
            Self::FollowLink(person) => {
                write!(f, "the {} follows a link to sign in that leads to {ELSEWHERE}", who(person))
            }
            Self::Answer(person, tab, How::Duly) => {
                write!(f, "the provider in tab {tab} of the {} answers", who(person))
            }
            Self::Answer(person, tab, How::AsTheOther) => {
                write!(f, "evil in tab {tab} of the {} answers in good's name", who(person))
            }
            Self::Answer(person, tab, How::ByTheOther) => {
                write!(f, "evil in tab {tab} of the {} has good answer instead", who(person))
            }
            Self::Deliver(person, answer, code) if answer == code => {
                write!(f, "the browser of the {} is sent to the callback of answer {answer}", who(person))
            }
            Self::Deliver(person, answer, code) => write!(
                f,
                "the browser of the {} is sent to the callback of answer {answer} with the code of answer {code}",
                who(person)
            ),
            Self::SignOut => f.write_str("the victim signs out"),
            Self::ForgeSignOut => f.write_str("the attacker posts the victim's sign-out"),
            Self::Csrf(person) => write!(f, "a page of the {} asks for a CSRF token", who(person)),
            Self::Plant(cookie) => {
                write!(f, "the attacker plants its {cookie} cookie in the victim's browser")
            }
            Self::Confuse(cookie) => write!(f, "the attacker takes its {cookie} cookie for a session"),
            Self::Jump => write!(f, "{JUMP} seconds pass"),
            Self::Rotate => f.write_str("the secret is rotated one step"),
        }
    }
}

/// Lists what can happen in a world.
pub fn moves(world: &World, setting: Setting) -> Vec<Move> {
    let mut moves = Vec::new();
    for person in Person::ALL {
        let browser = world.browser(person);
        if browser.begun.len() < 2 {
            moves.extend(Provider::ALL.map(|provider| Move::Begin(person, provider)));
            if person == Person::Victim {
                moves.push(Move::FollowLink(person));
            }
        }
        if world.answers.len() < 3 {
            for (at, tab) in browser.tabs.iter().enumerate() {
                moves.push(Move::Answer(person, at, How::Duly));
                if tab.provider == Provider::Evil {
                    moves.push(Move::Answer(person, at, How::AsTheOther));
                    moves.push(Move::Answer(person, at, How::ByTheOther));
                }
            }
        }
        for answer in 0..world.answers.len() {
            moves.extend((0..world.answers.len()).map(|code| Move::Deliver(person, answer, code)));
        }
        if world.made("csrf") < 2 {
            moves.push(Move::Csrf(person));
        }
    }
    if world.made("sign-out") < 2 {
        moves.push(Move::SignOut);
        moves.push(Move::ForgeSignOut);
    }
    if world.made("plant") < 2 {
        // The session's cookie has a prefix that does not keep neighbours out, as the wire contract has it; and where names
        // have none at all, nothing tells a planted attempt from one of the site's own.
        let cookies: &[_] = match setting {
            Setting::Secure | Setting::Signed => &["csrf_token", "state."],
            Setting::Plain => &["csrf_token"],
        };
        moves.extend(cookies.iter().map(|cookie| Move::Plant(cookie)));
    }
    if world.made("confuse") < 1 {
        moves.extend(["csrf_token", "state."].map(Move::Confuse));
    }
    if world.made("jump") < 2 {
        moves.push(Move::Jump);
    }
    if world.epoch < 2 {
        moves.push(Move::Rotate);
    }
    moves
}

/// Makes a move, and judges what comes of it.
///
/// # Errors
/// The property that does not hold.
pub fn make(world: &mut World, deployment: &Deployment, one: &Move) -> Result<(), Violation> {
    let before = world.clone();
    let outcome = match one {
        Move::Begin(person, provider) => {
            Some(begin(world, deployment, *person, *provider, &format!("/auth/signIn/{}", provider.id())))
        }
        Move::FollowLink(person) => {
            let target = format!("/auth/signIn/good?redirectTo={ELSEWHERE}");
            Some(begin(world, deployment, *person, Provider::Good, &target))
        }
        Move::Answer(person, tab, how) => {
            answer(world, *person, *tab, *how);
            None
        }
        Move::Deliver(person, answer, code) => Some(deliver(world, deployment, *person, *answer, *code)),
        Move::SignOut => Some(sign_out(world, deployment)),
        Move::ForgeSignOut => Some(forge_sign_out(world, deployment)),
        Move::Csrf(person) => {
            world.count("csrf");
            let ask = Ask { person: *person, method: Method::GET, target: "/auth/csrfToken", csrf: None };
            Some(visit(world, deployment, &ask))
        }
        Move::Plant(cookie) => {
            plant(world, cookie);
            None
        }
        Move::Confuse(cookie) => {
            confuse(world, deployment, cookie);
            None
        }
        Move::Jump => {
            world.count("jump");
            world.now += JUMP;
            None
        }
        Move::Rotate => {
            world.epoch += 1;
            None
        }
    };
    Judged { before: &before, one, outcome: outcome.as_ref(), deployment }.check(world)
}

fn begin(
    world: &mut World,
    deployment: &Deployment,
    person: Person,
    provider: Provider,
    target: &str,
) -> Outcome {
    let outcome = visit(world, deployment, &Ask { person, method: Method::GET, target, csrf: None });
    let location = outcome.response.headers()[header::LOCATION].to_str().expect("ASCII");
    let url = Url::parse(location).expect("a URL of a provider");
    let parameter = |name: &str| {
        let found = url.query_pairs().find(|(other, _)| other == name);
        found.map(|(_, value)| value.into_owned()).expect("an authorization request")
    };
    let (state, nonce) = (parameter("state"), parameter("nonce"));
    let at = world.now;
    let browser = world.browser_mut(person);
    browser.begun.insert(state.clone(), Attempt { provider, at, exchanged: false });
    browser.tabs.push(Tab { provider, state, nonce });
    outcome
}

fn answer(world: &mut World, person: Person, tab: usize, how: How) {
    let tab = world.browser_mut(person).tabs.remove(tab);
    let (provider, iss) = match how {
        How::Duly => (tab.provider, None),
        How::AsTheOther => (tab.provider, Some(Provider::Good.issuer())),
        How::ByTheOther => (Provider::Good, None),
    };
    let text = format!("{provider:?} {person:?} {}", tab.nonce);
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let code: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let account = person.account().to_owned();
    world.codes.insert(code.clone(), Code { provider, account, nonce: tab.nonce, spent: false });
    world.answers.push(Answer { provider, code, state: tab.state, iss });
    world.answers.sort_by(|one, other| one.code.cmp(&other.code));
}

fn deliver(
    world: &mut World,
    deployment: &Deployment,
    person: Person,
    answer: usize,
    code: usize,
) -> Outcome {
    let code = world.answers[code].code.clone();
    let Answer { provider, state, iss, .. } = world.answers[answer].clone();
    let iss = iss.map(|iss| format!("&iss={iss}")).unwrap_or_default();
    let target = format!("/auth/callback/{}?code={code}&state={state}{iss}", provider.id());
    let ask = Ask { person, method: Method::GET, target: &target, csrf: None };
    let outcome = visit(world, deployment, &ask);
    if !outcome.exchanges.is_empty()
        && let Some(attempt) = world.browser_mut(person).begun.get_mut(&state)
    {
        attempt.exchanged = true;
    }
    outcome
}

fn sign_out(world: &mut World, deployment: &Deployment) -> Outcome {
    world.count("sign-out");
    let person = Person::Victim;
    let ask = Ask { person, method: Method::GET, target: "/auth/csrfToken", csrf: None };
    let token = visit(world, deployment, &ask).response;
    let token: serde_json::Value = serde_json::from_slice(token.body()).expect("JSON");
    let target = "/auth/signOut?token_type_hint=session_token";
    let ask = Ask { person, method: Method::POST, target, csrf: token["csrfToken"].as_str() };
    let outcome = visit(world, deployment, &ask);
    world.browser_mut(person).signed_out = true;
    outcome
}

fn forge_sign_out(world: &mut World, deployment: &Deployment) -> Outcome {
    world.count("sign-out");
    let token = world.browser(Person::Attacker).jar.find("csrf_token").map(|(_, value)| value.to_owned());
    let target = "/auth/signOut?token_type_hint=session_token";
    let ask = Ask { person: Person::Victim, method: Method::POST, target, csrf: token.as_deref() };
    visit(world, deployment, &ask)
}

/// Plants a cookie under every name that a neighbour may use.
fn plant(world: &mut World, part: &'static str) {
    world.count("plant");
    let own = world.browser(Person::Attacker).jar.find(part);
    let Some((name, value)) = own.map(|(name, value)| (name.to_owned(), value.to_owned())) else { return };
    let bare = name.trim_start_matches("__Host-").trim_start_matches("__Secure-").to_owned();
    for name in [name, format!("__Secure-{bare}"), bare] {
        world.browser_mut(Person::Victim).jar.toss(&name, &value);
        world.planted.insert(name);
    }
}

/// Puts a value into the attacker's own session cookie.
fn confuse(world: &mut World, deployment: &Deployment, part: &'static str) {
    world.count("confuse");
    let name = match deployment.setting {
        Setting::Secure | Setting::Signed => "__Secure-aura-auth.session_token",
        Setting::Plain => "aura-auth.session_token",
    };
    let jar = &mut world.browser_mut(Person::Attacker).jar;
    if let Some((_, value)) = jar.find(part) {
        let value = value.to_owned();
        jar.set(name, &value);
    }
}
