//! Breadth-first search over every order of the steps of a few requests.

use super::judge::{Answer, Wrong, answered, at_rest};
use super::scene::Scene;
use super::world::{AT_PROVIDER, Flight, Given, Kind, World, disable, name};
use crate::fingerprint::fingerprint;
use aura_proto::store::{EndSessions, SessionKey, StoreFailed};
use aura_proto::{Action, FetchError, Purpose, StoreQuestion};
use bytes::Bytes;
use http::{Request, Response};
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::rc::Rc;

/// How far time jumps: less than a lease is long, and longer than an exchange takes.
const JUMP: u64 = 20;
/// How long a request waits that waits alone.
const ALONE: u64 = 6;

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It is carried out and answered.
    Answered,
    /// It is not carried out, and fails.
    Lost,
    /// It is carried out, and its answer is lost.
    AnswerLost,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Move {
    /// The next request begins.
    Begin(Kind),
    /// A request takes its next step.
    Step(Kind, usize, Fate),
    /// Time passes.
    Jump,
    /// The store reads a generation that it should have read before.
    Settle,
}

/// How much may go wrong in a story.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "tests make it")]
pub struct Bounds {
    /// How many questions to the store, or exchanges with the provider, fail.
    pub failures: u8,
    /// How often time passes while requests are under way.
    pub jumps: u8,
}

/// Result of a search.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many worlds were reached.
    pub worlds: usize,
    /// How many moves were made.
    pub moves: usize,
    /// The shortest story that ends badly, and how.
    pub story: Option<(Vec<Move>, Wrong)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} worlds, {} moves", self.worlds, self.moves)?;
        let Some((moves, wrong)) = &self.story else { return Ok(()) };
        moves.iter().try_for_each(|one| write!(f, "\n  {one:?}"))?;
        write!(f, "\n  => {wrong}")
    }
}

/// Tries every order of the steps of requests that begin in this order.
pub fn explore(scene: &Scene, kinds: &[Kind], bounds: Bounds) -> Report {
    let mut report = Report { worlds: 1, moves: 0, story: None };
    let mut seen = HashSet::new();
    let first = World { left: kinds.len(), ..scene.first.clone() };
    let mut level = vec![(first, Vec::new())];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (world, told) in &level {
            for one in moves(world, kinds, bounds) {
                report.moves += 1;
                let mut after = world.clone();
                let mut told: Vec<Move> = told.clone();
                told.push(one);
                let made = make(&mut after, scene, one);
                let is_at_rest = after.flights.is_empty() && after.store.unsettled.is_none();
                let judged = made.and_then(|()| if is_at_rest { at_rest(&after, scene) } else { Ok(()) });
                if let Err(wrong) = judged {
                    report.story = Some((told, wrong));
                    return report;
                }
                if seen.insert(fingerprint(&after)) {
                    report.worlds += 1;
                    next.push((after, told));
                }
            }
        }
        level = next;
    }
    report
}

fn moves(world: &World, kinds: &[Kind], bounds: Bounds) -> Vec<Move> {
    let mut moves = Vec::new();
    if let Some(kind) = kinds.get(world.begun) {
        moves.push(Move::Begin(*kind));
    }
    let is_alone = world.flights.len() == 1 && world.left == 0;
    for (at, flight) in world.flights.iter().enumerate() {
        // A request that waits for another one goes on when something has happened.
        if flight.waits_since == Some(world.steps) && !is_alone {
            continue;
        }
        moves.push(Move::Step(flight.kind, at, Fate::Answered));
        if world.failures < bounds.failures {
            moves.push(Move::Step(flight.kind, at, Fate::Lost));
            moves.push(Move::Step(flight.kind, at, Fate::AnswerLost));
        }
    }
    if world.jumps < bounds.jumps && !world.flights.is_empty() {
        moves.push(Move::Jump);
    }
    if world.store.unsettled.is_some() {
        moves.push(Move::Settle);
    }
    moves
}

fn make(world: &mut World, scene: &Scene, one: Move) -> Result<(), Wrong> {
    match one {
        Move::Begin(kind) => {
            begin(world, kind);
            Ok(())
        }
        Move::Step(_, at, fate) => step(world, scene, at, fate).map(drop),
        Move::Jump => {
            world.jumps += 1;
            world.now += JUMP;
            Ok(())
        }
        Move::Settle => {
            world.store.settle();
            Ok(())
        }
    }
}

fn begin(world: &mut World, kind: Kind) {
    world.begun += 1;
    world.left = world.left.saturating_sub(1);
    match kind {
        Kind::Change(own) => drop(world.names[own].insert(name(world.begun))),
        Kind::Profile(own) => drop(world.names[own].insert(AT_PROVIDER.to_owned())),
        Kind::Revoke(own) => drop(world.revoking.insert(own)),
        _ => {}
    }
    world.flights.push(Flight::new(kind, world.begun, world));
}

/// Runs a request to its end in a copy of a world in which no other is under way.
pub(super) fn finished(world: &World, scene: &Scene, kind: Kind) -> Result<Answer, Wrong> {
    finish(&mut world.clone(), scene, kind)
}

/// Runs a request to its end in a world in which no other is under way.
pub(super) fn finish(world: &mut World, scene: &Scene, kind: Kind) -> Result<Answer, Wrong> {
    begin(world, kind);
    for _ in 0..50 {
        if let Some(answer) = step(world, scene, 0, Fate::Answered)? {
            return Ok(answer);
        }
    }
    Err(Wrong::ServerError)
}

/// Takes a request one step further, and returns its answer if that was the last one.
fn step(world: &mut World, scene: &Scene, at: usize, fate: Fate) -> Result<Option<Answer>, Wrong> {
    let mut flight = world.flights.remove(at);
    world.steps += 1;
    if flight.kind == Kind::Disable {
        let question = disable(scene, world.now);
        let ended = end(world, scene, &mut flight, &question, fate);
        if ended.is_ok() {
            world.end(flight.ends);
        }
        return Ok(None);
    }
    let action = flight.action(scene, world);
    flight.waits_since = None;
    let given = match action {
        Action::AskStore(question) => ask(world, scene, &mut flight, &question, fate),
        Action::Pause(..) => {
            flight.waits_since = Some(world.steps);
            world.now += if world.flights.is_empty() && world.left == 0 { ALONE } else { 0 };
            Given::Went
        }
        Action::RunToEnd(_) => Given::Went,
        Action::AdmitUser(_) => Given::Admitted,
        // It needs no step: a copy was read.
        action @ (Action::Respond(_) | Action::Redirect(_)) => {
            let answer = Answer::of(action).ok_or(Wrong::ServerError)?;
            answered(world, scene, &flight, &answer)?;
            return Ok(Some(answer));
        }
        other => {
            let (purpose, fetch) = other.into_fetch().map_err(|_| Wrong::ServerError)?;
            Given::Fetched(fetched(world, scene, &mut flight, purpose, &fetch.request, fate)?)
        }
    };
    flight.given.push((given, world.now));
    if let Some(answer) = Answer::of(flight.action(scene, world)) {
        answered(world, scene, &flight, &answer)?;
        return Ok(Some(answer));
    }
    world.flights.insert(at, flight);
    Ok(None)
}

/// Has a failure cost one of those that a story may have.
fn fails<T>(world: &mut World, flight: &mut Flight, fate: Fate, done: T) -> Result<T, StoreFailed> {
    if fate == Fate::Answered {
        return Ok(done);
    }
    world.failures += 1;
    flight.has_failed = true;
    Err(StoreFailed)
}

fn ask(world: &mut World, scene: &Scene, flight: &mut Flight, question: &StoreQuestion, fate: Fate) -> Given {
    let (by, is_done) = (flight.number, fate != Fate::Lost);
    match question {
        StoreQuestion::Load(ask) => {
            let found = world.store.load(*ask.question());
            Given::Loaded(fails(world, flight, fate, found))
        }
        StoreQuestion::Begin(ask) => {
            let begun = match is_done {
                true => world.store.begin(ask.question().clone(), by),
                false => aura_proto::store::Begun::Taken,
            };
            world.third_key = is_done.then_some(ask.question().row.key);
            Given::Began(fails(world, flight, fate, begun))
        }
        StoreQuestion::Replace(ask) => {
            let replaced = match is_done {
                true => world.store.replace(ask.question().clone(), by),
                false => aura_proto::store::Replaced::Gone,
            };
            Given::Replaced(fails(world, flight, fate, replaced))
        }
        StoreQuestion::End(ask) => Given::Ended(end(world, scene, flight, ask.question(), fate)),
        StoreQuestion::List(ask) => {
            let listed = world.store.list(ask.question());
            Given::Listed(fails(world, flight, fate, listed))
        }
    }
}

/// Ends sessions, and remembers which.
fn end(
    world: &mut World,
    scene: &Scene,
    flight: &mut Flight,
    question: &EndSessions,
    fate: Fate,
) -> Result<u64, StoreFailed> {
    let mut ended = 0;
    if fate != Fate::Lost {
        if let EndSessions::Owner { owners, .. } | EndSessions::Others { owners, .. } = question {
            let own = match flight.kind {
                Kind::EndOthers(own) => Some(scene.keys[own]),
                _ => None,
            };
            let of_user = world.store.rows.values().filter(|kept| owners.contains(&kept.row.owner));
            let ends: BTreeSet<SessionKey> = of_user.map(|kept| kept.row.key).collect();
            flight.ends.extend(ends.into_iter().filter(|key| Some(*key) != own));
        }
        ended = world.store.end(question);
        world.threatened.extend((0..3).filter(|browser| flight.kind.threatens(*browser)));
    }
    fails(world, flight, fate, ended)
}

fn fetched(
    world: &mut World,
    scene: &Scene,
    flight: &mut Flight,
    purpose: Purpose,
    request: &Request<Bytes>,
    fate: Fate,
) -> Result<Result<Rc<Response<Bytes>>, FetchError>, Wrong> {
    // A refresh token that was spent in vain is lost: that is not the site's fault.
    if fate != Fate::Answered {
        world.failures += 1;
        flight.has_failed = true;
        return Ok(Err(FetchError::Unreachable));
    }
    let field = |wanted: &str| {
        let mut form = url::form_urlencoded::parse(request.body());
        form.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    if purpose == Purpose::Revocation {
        world.revoked.extend(field("token"));
        return Ok(Ok(json(200, String::new())));
    }
    // The tokens that are granted below are none of the provider's own.
    if let (Purpose::UserInfo, Kind::Profile(_)) = (purpose, flight.kind) {
        return Ok(Ok(json(200, format!(r#"{{"sub":"ada","name":"{AT_PROVIDER}"}}"#))));
    }
    let refresh = field("refresh_token");
    let Some(token) = refresh.filter(|_| purpose == Purpose::Token) else {
        let entropy = [u8::try_from(flight.number).unwrap_or(u8::MAX); 32];
        let answer = scene.idp.handle(&mut world.provider, request.clone(), world.now, entropy);
        return Ok(Ok(Rc::new(answer)));
    };
    if world.revoked.contains(&token) {
        return Ok(Ok(json(400, r#"{"error":"invalid_grant"}"#.to_owned())));
    }
    if !world.spent.insert(token) {
        return Err(Wrong::SpentTwice);
    }
    world.granted += 1;
    let number = world.granted;
    if let Kind::Tokens(own) | Kind::Profile(own) = flight.kind {
        world.latest[own] = Some(number);
    }
    let body = format!(
        r#"{{"access_token":"at-{number}","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-{number}"}}"#
    );
    Ok(Ok(json(200, body)))
}

fn json(status: u16, body: String) -> Rc<Response<Bytes>> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Rc::new(answer.body(body.into()).expect("a response"))
}
