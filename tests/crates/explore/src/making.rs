//! Execution of a move: the world after it, or the property that it breaks.

use crate::choices::begun;
use crate::deployment::{Cookie, Deployment, JUMP, Protocol, Setting, newest};
use crate::jar::Tossed;
use crate::judge::Judged;
use crate::moves::{Delivery, How, Link, Move, Toss};
use crate::properties::Violation;
use crate::provider::{Bound, Code, Provider};
use crate::site::{Ask, Fate, Outcome, visit};
use crate::text::Text;
use crate::world::{Answer, Attempt, Person, Phase, Tab, World};
use http::{Method, header};
use ring::digest;
use std::rc::Rc;
use url::Url;

/// Makes a move, judges what comes of it, and returns the world after it.
///
/// # Errors
/// The property that does not hold.
pub fn make(before: &World, deployment: &Deployment, one: &Move) -> Result<World, Violation> {
    let mut world = before.clone();
    let outcome = carry_out(&mut world, deployment, one);
    Judged { before, one, outcome: outcome.as_deref(), deployment }.check(&mut world)?;
    Ok(world)
}

fn carry_out(world: &mut World, deployment: &Deployment, one: &Move) -> Option<Rc<Outcome>> {
    match one {
        Move::Begin(person, provider) => {
            let target = format!("/auth/signIn/{}", provider.id());
            return Some(begin(world, deployment, *person, *provider, &target));
        }
        Move::FollowLink(link) => {
            let to = match link {
                Link::Elsewhere => "https://evil.test/".to_owned(),
                Link::Overlong => format!("/{}", "a".repeat(3000)),
            };
            let target = format!("/auth/signIn/good?redirectTo={to}");
            return Some(begin(world, deployment, Person::Victim, Provider::Good, &target));
        }
        Move::Answer(person, state, how) => answer(world, *person, state, *how),
        Move::Deliver(delivery) => return Some(deliver(world, deployment, delivery)),
        Move::Session(person, fate) => {
            return Some(get(world, deployment, *person, "/auth/session", *fate));
        }
        Move::Csrf(person) => return Some(get(world, deployment, *person, "/auth/csrfToken", Fate::Whole)),
        Move::SignOut(fate) => return Some(sign_out(world, deployment, *fate)),
        Move::ForgeSignOut => return Some(forge_sign_out(world, deployment)),
        Move::Plant(cookie, toss) => plant(world, deployment.setting, *cookie, *toss),
        Move::Confuse(cookie) => confuse(world, deployment.setting, *cookie),
        Move::Arrive => {
            if let Some(cookies) = world.late.pop() {
                world.browser_mut(Person::Victim).jar.store(cookies.iter().map(|cookie| &**cookie));
            }
        }
        Move::Jump => {
            world.count("jump");
            world.now += JUMP;
        }
        Move::Rotate => {
            world.half_steps += 1;
            world.instance = 0;
        }
        Move::Switch => world.instance = 1 - world.instance,
    }
    None
}

fn begin(
    world: &mut World,
    deployment: &Deployment,
    person: Person,
    provider: Provider,
    target: &str,
) -> Rc<Outcome> {
    world.count(begun(person));
    let here = world.browser(person).begun.values().filter(|attempt| attempt.provider == provider);
    let salt = here.count().to_string();
    let fate = Fate::Whole;
    let ask = Ask { person, method: Method::GET, target, code: None, csrf: None, salt: &salt, fate };
    let outcome = visit(world, deployment, &ask);
    let location = outcome.response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(url) = location.and_then(|location| Url::parse(location).ok()) else { return outcome };
    let parameter = |name: &str| {
        let found = url.query_pairs().find(|(other, _)| other == name);
        found.map(|(_, value)| Text::from(value))
    };
    let state = parameter("state").expect("an authorization request");
    let bound = match deployment.setting.protocol() {
        Protocol::OpenId => Bound::Nonce(parameter("nonce").expect("a request of OpenID Connect")),
        Protocol::OAuth => Bound::Challenge(parameter("code_challenge")),
    };
    let at = deployment.now(world, world.instance);
    let key = newest(deployment.step(world, world.instance));
    let attempt = Attempt { provider, at, key, phase: Phase::Open };
    let browser = world.browser_mut(person);
    browser.begun.insert(state.clone(), attempt);
    browser.tabs.insert(state, Tab { provider, bound });
    outcome
}

fn answer(world: &mut World, person: Person, state: &Text, how: How) {
    world.count("answer");
    let Some(tab) = world.browser_mut(person).tabs.remove(state) else { return };
    let (provider, iss) = match how {
        How::Duly | How::AboutTheOther => (tab.provider, None),
        How::AsTheOther => (tab.provider, Some(Provider::Good.issuer())),
        How::ByTheOther => (Provider::Good, None),
    };
    let account = match how {
        How::Duly | How::AsTheOther | How::ByTheOther => person.account(),
        How::AboutTheOther => person.other().account(),
    };
    let text = format!("{} {account} {}", provider.id(), &**state);
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let code: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let code = Text::from(code);
    let given = Code { provider, account, bound: tab.bound, spent: false, sent: false };
    world.codes.insert(code.clone(), given);
    world.answers.insert(code, Answer { person, provider, state: state.clone(), iss });
}

fn deliver(world: &mut World, deployment: &Deployment, delivery: &Delivery) -> Rc<Outcome> {
    let answer = delivery.answer(world);
    let state = answer.map_or("a-state-that-nobody-drew", |answer| &*answer.state);
    let iss = answer.and_then(|answer| answer.iss).map(|iss| format!("&iss={iss}")).unwrap_or_default();
    let code = match &delivery.code {
        Some(code) => format!("code={}", &**code),
        None => "error=access_denied".to_owned(),
    };
    let target = format!("/auth/callback/{}?{code}&state={state}{iss}", delivery.path.id());
    let Delivery { person, code, fate, .. } = delivery;
    let ask = Ask {
        person: *person,
        method: Method::GET,
        target: &target,
        code: code.as_deref(),
        csrf: None,
        salt: code.as_deref().unwrap_or_default(),
        fate: *fate,
    };
    visit(world, deployment, &ask)
}

fn get(world: &mut World, deployment: &Deployment, person: Person, target: &str, fate: Fate) -> Rc<Outcome> {
    let salt = world.browser(person).jar.header(target);
    let ask = Ask { person, method: Method::GET, target, code: None, csrf: None, salt: &salt, fate };
    visit(world, deployment, &ask)
}

fn sign_out(world: &mut World, deployment: &Deployment, fate: Fate) -> Rc<Outcome> {
    let person = Person::Victim;
    let token = get(world, deployment, person, "/auth/csrfToken", Fate::Whole);
    let token: serde_json::Value = serde_json::from_slice(token.response.body()).expect("JSON");
    post_sign_out(world, deployment, token["csrfToken"].as_str(), fate)
}

fn forge_sign_out(world: &mut World, deployment: &Deployment) -> Rc<Outcome> {
    let own = world.browser(Person::Attacker).jar.own(deployment.setting.name(Cookie::Csrf));
    let token = own.map(|(_, value)| value.to_owned());
    post_sign_out(world, deployment, token.as_deref(), Fate::Whole)
}

fn post_sign_out(world: &mut World, deployment: &Deployment, csrf: Option<&str>, fate: Fate) -> Rc<Outcome> {
    let target = "/auth/signOut?token_type_hint=session_token";
    let person = Person::Victim;
    let ask = Ask { person, method: Method::POST, target, code: None, csrf, salt: "", fate };
    visit(world, deployment, &ask)
}

/// Plants a cookie under every name that a neighbour may try.
fn plant(world: &mut World, setting: Setting, cookie: Cookie, toss: Toss) {
    let own = world.browser(Person::Attacker).jar.own(setting.name(cookie));
    let Some((name, value)) = own.map(|(name, value)| (name.to_owned(), value.to_owned())) else { return };
    let jar = &mut world.browser_mut(Person::Victim).jar;
    let path = match toss {
        Toss::Everywhere => "/",
        Toss::Routes => "/auth",
        Toss::Instead => return jar.put(&name, &value),
    };
    let tossed = jar.toss(&name, path, &value);
    if setting != Setting::Plain {
        let bare = name.trim_start_matches("__Host-").trim_start_matches("__Secure-");
        jar.toss(&format!("__Secure-{bare}"), path, &value);
        jar.toss(bare, path, &value);
    }
    if cookie == Cookie::Attempt && tossed == Tossed::Taken && !world.planted.contains(&Text::from(&*name)) {
        world.planted.push(name.into());
        world.planted.sort();
    }
}

/// Puts a value into the attacker's own session cookie.
fn confuse(world: &mut World, setting: Setting, cookie: Cookie) {
    let jar = &mut world.browser_mut(Person::Attacker).jar;
    let Some(value) = jar.own(setting.name(cookie)).map(|(_, value)| value.to_owned()) else { return };
    jar.put(setting.name(Cookie::Session), &value);
}
