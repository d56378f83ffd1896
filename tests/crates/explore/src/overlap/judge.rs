//! What is wrong with an answer, and with a world in which every request has been answered.

use super::scene::{INTERVAL, Scene};
use super::search::finished;
use super::world::{Flight, Kind, LAG, World, request};
use aura_proto::store::SessionKey;
use aura_proto::{Action, Entropy, Reading, StoreQuestion, UnixTime};
use http::{Response, header};
use serde_json::Value;
use std::fmt;

/// Part of the name of the cookie that has a copy of the session.
pub(super) const COPY: &str = "session_token.snapshot";

/// A property of stored sessions that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Wrong {
    /// A request was let in with a session whose end had been answered before.
    LetIn,
    /// A session was lost that nothing ended.
    LostSession,
    /// A store that failed had the cookie cleared.
    ClearedByFailure,
    /// A refresh token was spent twice.
    SpentTwice,
    /// Tokens that a refresh was granted are not those of the session.
    LostTokens,
    /// Tokens stay valid, or with the session, whose revocation was answered.
    NotRevoked,
    /// A change that was answered is not that of the session.
    LostChange,
    /// A copy of one session opened another one.
    ForeignCopy,
    /// The site failed, or answered with what this model does not know.
    ServerError,
}

impl Wrong {
    /// Every property.
    pub const ALL: [Self; 9] = [
        Self::LetIn,
        Self::LostSession,
        Self::ClearedByFailure,
        Self::SpentTwice,
        Self::LostTokens,
        Self::NotRevoked,
        Self::LostChange,
        Self::ForeignCopy,
        Self::ServerError,
    ];
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LetIn => "a session is used after its end was answered",
            Self::LostSession => "a session is lost that nothing ended",
            Self::ClearedByFailure => "a store that failed had the cookie cleared",
            Self::SpentTwice => "a refresh token is spent twice",
            Self::LostTokens => "refreshed tokens are lost",
            Self::NotRevoked => "tokens outlive their revocation",
            Self::LostChange => "a change is lost",
            Self::ForeignCopy => "a copy of one session opens another one",
            Self::ServerError => "the site failed",
        })
    }
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) json: Value,
    set: Vec<String>,
}

impl Answer {
    pub(super) fn of(action: Action) -> Option<Self> {
        let response = match action {
            Action::Respond(respond) => respond.into_response(),
            Action::Redirect(redirect) => redirect.into_response(),
            _ => return None,
        };
        Some(Self::read(&response))
    }

    fn read(response: &Response<bytes::Bytes>) -> Self {
        let fields = response.headers().get_all(header::SET_COOKIE).iter();
        let pair = |field: &header::HeaderValue| {
            field.to_str().expect("ASCII").split(';').next().unwrap_or_default().to_owned()
        };
        let json = serde_json::from_slice(response.body()).unwrap_or_default();
        Self { status: response.status().as_u16(), json, set: fields.map(pair).collect() }
    }

    fn session_cookie(&self) -> Option<&str> {
        self.set.iter().map(String::as_str).find(|pair| pair.contains("session_token="))
    }

    /// Keeps, or drops, the copy that the answer sets.
    fn keep_copy(&self, copy: &mut Option<String>) {
        if let Some(pair) = self.set.iter().find(|pair| pair.contains(COPY)) {
            *copy = Some(pair.clone()).filter(|pair| !pair.ends_with('='));
        }
    }

    pub(super) fn reason(&self) -> &str {
        self.json["reason"].as_str().unwrap_or_default()
    }
}

/// Judges the answer to a request, and remembers what it says.
pub(super) fn answered(
    world: &mut World,
    scene: &Scene,
    flight: &Flight,
    answer: &Answer,
) -> Result<(), Wrong> {
    let clears = answer.session_cookie().is_some_and(|pair| pair.ends_with('='));
    if answer.status == 503 && clears {
        return Err(Wrong::ClearedByFailure);
    }
    if let Some(browser) = flight.kind.browser() {
        answer.keep_copy(&mut world.copies[browser]);
    }
    let own = flight.kind.browser().filter(|_| flight.kind != Kind::SignIn);
    match (answer.status, own) {
        (502..=504, _) if flight.has_failed => return Ok(()),
        (503, _) if answer.reason() == "tokens_busy" => return Ok(()),
        (401, Some(own)) if world.threatened.contains(&own) => return Ok(()),
        (401, Some(own)) if ["tokens_missing", "refresh_refused"].contains(&answer.reason()) => {
            return if world.revoking.contains(&own) { Ok(()) } else { Err(Wrong::LostTokens) };
        }
        (401, Some(_)) => return Err(Wrong::LostSession),
        _ => {}
    }
    match (flight.kind, answer.status) {
        (
            Kind::Read(own)
            | Kind::Change(own)
            | Kind::Tokens(own)
            | Kind::Revoke(own)
            | Kind::Profile(own)
            | Kind::EndOthers(own),
            200,
        ) => let_in(world, scene, flight, own)?,
        (Kind::SignOut(own), 202) => {
            world.end([scene.keys[own]]);
        }
        (Kind::Logout, 200) => {
            world.end([scene.keys[0]]);
        }
        (Kind::SignIn, 302) => {
            let cookie = answer.session_cookie().filter(|pair| !pair.ends_with('='));
            match cookie {
                Some(cookie) => world.third = Some(cookie.to_owned()),
                None if flight.has_failed => return Ok(()),
                None => return Err(Wrong::ServerError),
            }
        }
        (Kind::Disable, _) => {}
        _ => return Err(Wrong::ServerError),
    }
    world.end(flight.ends.iter().copied());
    Ok(())
}

/// Judges that a request was let in with a browser's session, and remembers what it changed.
fn let_in(world: &mut World, scene: &Scene, flight: &Flight, own: usize) -> Result<(), Wrong> {
    let key = world.key(scene, own);
    let is_over = key.is_some_and(|key| flight.ended_before.contains(&key));
    if is_over && !may_be_copied(world, flight, key) {
        return Err(Wrong::LetIn);
    }
    match flight.kind {
        Kind::Change(_) | Kind::Profile(_) => world.is_changed[own] = true,
        Kind::Revoke(_) => world.is_revoked[own] = true,
        _ => {}
    }
    Ok(())
}

/// Tells whether a request may have read the copy of a session that has ended: the store is asked about none that is an interval old. The
/// clock of the instance that reads it may be behind.
fn may_be_copied(world: &World, flight: &Flight, key: Option<SessionKey>) -> bool {
    let is_read = matches!(flight.kind, Kind::Read(_)) && flight.copy.is_some() && flight.given.is_empty();
    is_read && ends_at(world, key).is_some_and(|at| flight.begun < at + INTERVAL + LAG)
}

fn ends_at(world: &World, key: Option<SessionKey>) -> Option<u64> {
    world.ended_at.get(&key?).copied()
}

/// Judges a world in which every request has been answered: each browser asks for its session, and for its tokens. Where browsers have
/// copies, it does so once they serve, and once they do not.
pub(super) fn at_rest(world: &World, scene: &Scene) -> Result<(), Wrong> {
    if !scene.has_copies {
        return settled(world, scene);
    }
    copies(world, scene)?;
    settled(&World { now: world.now + INTERVAL + LAG, ..world.clone() }, scene)
}

/// Judges what browsers reach by copies. Who has to be certain of a session accepts none that has ended.
fn copies(world: &World, scene: &Scene) -> Result<(), Wrong> {
    let browsers = if world.third.is_some() { 3 } else { 2 };
    for browser in 0..browsers {
        let is_over = world.key(scene, browser).is_some_and(|key| world.ended.contains(&key));
        // It fails where the copy serves longer than it may.
        finished(world, scene, Kind::Read(browser))?;
        if let Some(at) = ends_at(world, world.key(scene, browser)) {
            let now = world.now.max(at + INTERVAL + LAG);
            finished(&World { now, ..world.clone() }, scene, Kind::Read(browser))?;
        }
        let is_accepted = certain(world, scene, browser)?;
        match is_accepted {
            true if is_over => return Err(Wrong::LetIn),
            false if !world.threatened.contains(&browser) => return Err(Wrong::LostSession),
            true | false => {}
        }
        for (_, copy) in world.copies.iter().enumerate().filter(|(other, _)| *other != browser) {
            let Some(copy) = copy else { continue };
            let request = request(scene, world, Kind::Read(browser), 0, Some(copy));
            let entropy = Entropy::from_os_bytes([0xcc; 32]);
            let action = scene.auth.handle(request, UnixTime::from_secs(world.now), entropy);
            if !matches!(action, Action::AskStore(_)) {
                return Err(Wrong::ForeignCopy);
            }
        }
    }
    Ok(())
}

/// Tells whether a guard that has to be certain accepts a browser's session.
fn certain(world: &World, scene: &Scene, browser: usize) -> Result<bool, Wrong> {
    let (now, entropy) = (UnixTime::from_secs(world.now), Entropy::from_os_bytes([0xce; 32]));
    let mut store = world.store.clone();
    let request = request(scene, world, Kind::Read(browser), 0, world.copies[browser].as_deref());
    let mut reading = scene.auth.begin_certain_visit(&request, now, entropy);
    loop {
        reading = match reading {
            Reading::Done(visited) => return Ok(visited.is_ok()),
            Reading::Store(StoreQuestion::Load(ask)) => {
                let loaded = store.load(*ask.question());
                ask.resume(Ok(loaded), now)
            }
            Reading::Store(StoreQuestion::Replace(ask)) => {
                let replaced = store.replace(ask.question().clone(), 0);
                ask.resume(Ok(replaced), now)
            }
            _ => return Err(Wrong::ServerError),
        };
    }
}

/// Judges a world by what the store says.
fn settled(world: &World, scene: &Scene) -> Result<(), Wrong> {
    let browsers = if world.third.is_some() { 3 } else { 2 };
    for browser in 0..browsers {
        let is_threatened = world.threatened.contains(&browser);
        let session = finished(world, scene, Kind::Read(browser))?;
        let is_over = world.key(scene, browser).is_some_and(|key: SessionKey| world.ended.contains(&key));
        match session.status {
            200 if is_over => return Err(Wrong::LetIn),
            401 if !is_threatened => return Err(Wrong::LostSession),
            200 | 401 => {}
            _ => return Err(Wrong::ServerError),
        }
        if browser == 2 || session.status == 401 {
            continue;
        }
        // One that was answered with an error may have been made.
        let is_given = |name: &str| world.names[browser].contains(name);
        if world.is_changed[browser] && !session.json["user"]["name"].as_str().is_some_and(is_given) {
            return Err(Wrong::LostChange);
        }
        if world.is_revoked[browser] {
            let tokens = finished(world, scene, Kind::Tokens(browser))?;
            if tokens.reason() != "tokens_missing" || is_granted_unrevoked(world, browser) {
                return Err(Wrong::NotRevoked);
            }
        } else if let Some(latest) = world.latest[browser].filter(|_| !world.revoking.contains(&browser)) {
            let tokens = finished(world, scene, Kind::Tokens(browser))?;
            if tokens.json["tokens"]["accessToken"] != format!("at-{latest}") {
                return Err(Wrong::LostTokens);
            }
        }
    }
    Ok(())
}

/// Tells whether a browser's latest tokens are valid. A revocation waits for a refresh under way, but not for long.
fn is_granted_unrevoked(world: &World, browser: usize) -> bool {
    let latest = world.latest[browser].filter(|_| world.jumps == 0);
    latest.is_some_and(|number| !world.revoked.contains(&format!("rt-{number}")))
}
