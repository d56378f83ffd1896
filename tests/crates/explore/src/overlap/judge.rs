//! What is wrong with an answer, and with a world in which every request has been answered.

use super::scene::Scene;
use super::search::finished;
use super::world::{Flight, Kind, World};
use aura_proto::Action;
use aura_proto::store::SessionKey;
use http::{Response, header};
use serde_json::Value;
use std::fmt;

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
    /// A change that was answered is not that of the session.
    LostChange,
    /// The site failed, or answered with what this model does not know.
    ServerError,
}

impl Wrong {
    /// Every property.
    pub const ALL: [Self; 7] = [
        Self::LetIn,
        Self::LostSession,
        Self::ClearedByFailure,
        Self::SpentTwice,
        Self::LostTokens,
        Self::LostChange,
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
            Self::LostChange => "a change is lost",
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
    let own = match flight.kind {
        Kind::Read(own)
        | Kind::Change(own)
        | Kind::Tokens(own)
        | Kind::SignOut(own)
        | Kind::EndOthers(own) => Some(own),
        Kind::Logout | Kind::SignIn | Kind::Disable => None,
    };
    match (answer.status, own) {
        (502..=504, _) if flight.has_failed => return Ok(()),
        (503, _) if answer.reason() == "tokens_busy" => return Ok(()),
        (401, Some(own)) if world.threatened.contains(&own) => return Ok(()),
        (401, Some(_)) if answer.reason() == "tokens_missing" => return Err(Wrong::LostTokens),
        (401, Some(_)) => return Err(Wrong::LostSession),
        _ => {}
    }
    match (flight.kind, answer.status) {
        (Kind::Read(own) | Kind::Change(own) | Kind::Tokens(own) | Kind::EndOthers(own), 200) => {
            let key = world.key(scene, own);
            if key.is_some_and(|key| flight.ended_before.contains(&key)) {
                return Err(Wrong::LetIn);
            }
            if let Kind::Change(own) = flight.kind {
                world.is_changed[own] = true;
            }
        }
        (Kind::SignOut(own), 202) => {
            world.ended.insert(scene.keys[own]);
        }
        (Kind::Logout, 200) => {
            world.ended.insert(scene.keys[0]);
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
    world.ended.extend(&flight.ends);
    Ok(())
}

/// Judges a world in which every request has been answered: each browser asks for its session, and for its tokens.
pub(super) fn at_rest(world: &World, scene: &Scene) -> Result<(), Wrong> {
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
        if let Some(latest) = world.latest[browser] {
            let tokens = finished(world, scene, Kind::Tokens(browser))?;
            if tokens.json["tokens"]["accessToken"] != format!("at-{latest}") {
                return Err(Wrong::LostTokens);
            }
        }
    }
    Ok(())
}
