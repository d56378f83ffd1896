//! The site under attack: the core in one of a few configurations, at every step of a key rotation.

use crate::site::Memory;
use crate::world::World;
use aura_proto::provider::Provider;
use aura_proto::{
    Auth, Builder, ClientSecret, Cookies, Expiration, Salt, Secret, SessionPolicy, SessionTokenFormat,
};
use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

/// How long a session lives from its beginning or renewal: two jumps of the clock.
pub const MAX_AGE: u64 = 2 * JUMP;
/// How long a session lives at most where it is renewed: one renewal moves its end, the next one does not.
pub const MAX_DURATION: u64 = MAX_AGE + 1;
/// How far the clock jumps: a second more than an attempt lives.
pub const JUMP: u64 = 601;
/// How many half steps a rotation has: two instances make each of three steps.
pub const HALF_STEPS: u8 = 6;

/// A configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// https, and sealed sessions. The providers speak OpenID Connect and know nothing of proof keys, so that the nonce must
    /// hold alone.
    Secure,
    /// The same with session tokens that are signed and not sealed, and renewed whenever they are read.
    Signed,
    /// The same as the first over plain http on this machine, where cookies have no prefix: a neighbour may plant them.
    Plain,
    /// https, sealed sessions whose cookie is bound to the host like the others, and providers that speak OAuth 2.0 and look at
    /// proof keys, which must hold alone.
    OAuth,
}

impl Setting {
    /// Every configuration.
    pub const ALL: [Self; 4] = [Self::Secure, Self::Signed, Self::Plain, Self::OAuth];

    /// Where browsers find the site.
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Secure | Self::Signed | Self::OAuth => "https://app.test",
            Self::Plain => "http://localhost:3000",
        }
    }

    /// The providers' protocol.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Secure | Self::Signed | Self::Plain => Protocol::OpenId,
            Self::OAuth => Protocol::OAuth,
        }
    }

    /// Whether a request for the session renews it.
    pub const fn renewal(self) -> Renewal {
        match self {
            Self::Secure | Self::Plain | Self::OAuth => Renewal::Never,
            Self::Signed => Renewal::Always,
        }
    }

    /// Whether sessions are planted: where the session's cookie is bound to the host.
    pub const fn planted_sessions(self) -> PlantedSessions {
        match self {
            Self::Secure | Self::Signed | Self::Plain => PlantedSessions::NotTried,
            Self::OAuth => PlantedSessions::Tried,
        }
    }

    /// The name of a cookie, or the beginning of it.
    pub const fn name(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Plain, Cookie::Session) => "aura-auth.session_token",
            (Self::Plain, Cookie::Csrf) => "aura-auth.csrf_token",
            (Self::Plain, Cookie::Attempt) => "aura-auth.state.",
            (Self::Secure | Self::Signed, Cookie::Session) => "__Secure-aura-auth.session_token",
            (Self::OAuth, Cookie::Session) => "__Host-aura-auth.session_token",
            (Self::Secure | Self::Signed | Self::OAuth, Cookie::Csrf) => "__Host-aura-auth.csrf_token",
            (Self::Secure | Self::Signed | Self::OAuth, Cookie::Attempt) => "__Host-aura-auth.state.",
        }
    }
}

/// Protocol of the providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// OpenID Connect, looking at nonces alone.
    OpenId,
    /// OAuth 2.0, looking at proof keys.
    OAuth,
}

/// Whether sessions are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// They end [`MAX_AGE`] after they began.
    Never,
    /// They end [`MAX_AGE`] after they were last asked for, and [`MAX_DURATION`] after they began.
    Always,
}

/// A kind of cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cookie {
    /// The session's.
    Session,
    /// The CSRF token's.
    Csrf,
    /// An attempt's, whose name goes on.
    Attempt,
}

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "session",
            Self::Csrf => "CSRF",
            Self::Attempt => "attempt",
        })
    }
}

/// Whether the attacker plants its own session in the victim's browser.
///
/// Where the session's cookie is called `__Secure-`, as the reference names it on https, or has no prefix, browsers take
/// it from a sibling subdomain, and the site cannot detect that. A visitor who is not signed in
/// is then signed in as the attacker. A visitor who is signed in sends two sessions, and both are rejected. So this is a move
/// only where the cookie is bound to the host ([`Setting::planted_sessions`]). `tests/limits.rs` shows its effect elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlantedSessions {
    /// It is a move.
    Tried,
    /// It is none.
    NotTried,
}

/// How two instances come to a new secret, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// The new secret is first listed beside the one in use, then used, and then the old one is dropped.
    InSteps,
    /// The new secret is used at once, so that the other instance does not know it yet.
    AtOnce,
}

/// Whether two instances have the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clocks {
    /// They do.
    Alike,
    /// The second one's clock is so many seconds behind.
    Lagging(u64),
}

/// Whether a browser gets answers in the order of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// It does.
    InOrder,
    /// An answer with the session may be overtaken by others.
    Overtaken,
}

/// The core at each step of a rotation, which two instances make one after the other.
#[derive(Debug)]
pub struct Deployment {
    /// The configuration.
    pub setting: Setting,
    /// Whether sessions are planted.
    pub planted_sessions: PlantedSessions,
    /// How a new secret comes.
    pub rotation: Rotation,
    /// How the instances' clocks go.
    pub clocks: Clocks,
    /// How answers come.
    pub answers: Answers,
    /// Cache of earlier requests.
    pub(crate) memory: RefCell<Memory>,
    steps: [Auth; 4],
}

/// A secret of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The one before the rotation.
    Old,
    /// The one after it.
    New,
}

impl Deployment {
    /// Builds the core of a configuration, as it is deployed.
    pub fn new(setting: Setting) -> Self {
        Self {
            setting,
            planted_sessions: setting.planted_sessions(),
            rotation: Rotation::InSteps,
            clocks: Clocks::Alike,
            answers: Answers::InOrder,
            memory: RefCell::default(),
            steps: [0, 1, 2, 3].map(|step| build(setting, step)),
        }
    }

    /// Lets the attacker plant sessions, wherever it is.
    #[must_use]
    pub fn with_planted_sessions(self) -> Self {
        Self { planted_sessions: PlantedSessions::Tried, ..self }
    }

    /// Leaves the first step of the rotation out. `tests/limits.rs` shows what that does.
    #[must_use]
    pub fn rotated_at_once(self) -> Self {
        Self { rotation: Rotation::AtOnce, ..self }
    }

    /// Lets the clock of the second instance lag by so many seconds. `tests/limits.rs` shows what more than five do.
    #[must_use]
    pub fn with_lagging_clock(self, seconds: u64) -> Self {
        Self { clocks: Clocks::Lagging(seconds), ..self }
    }

    /// Lets an answer be overtaken by others. `tests/limits.rs` shows what that does.
    #[must_use]
    pub fn with_overtaken_answers(self) -> Self {
        Self { answers: Answers::Overtaken, ..self }
    }

    /// Returns the core at a step of the rotation.
    pub fn at(&self, step: u8) -> &Auth {
        &self.steps[usize::from(step)]
    }

    /// The instances, one where they are alike.
    pub fn instances(&self, world: &World) -> std::ops::Range<usize> {
        let is_alike = self.step(world, 0) == self.step(world, 1) && self.clocks == Clocks::Alike;
        0..if is_alike { 1 } else { 2 }
    }

    /// At which step of the rotation an instance is: the first one goes ahead.
    pub fn step(&self, world: &World, instance: usize) -> u8 {
        let step = match instance {
            0 => world.half_steps.div_ceil(2),
            _ => world.half_steps / 2,
        };
        match self.rotation {
            Rotation::AtOnce if step > 0 => 3.min(step + 1),
            Rotation::AtOnce | Rotation::InSteps => step,
        }
    }

    /// Time of an instance's clock.
    pub fn now(&self, world: &World, instance: usize) -> u64 {
        match self.clocks {
            Clocks::Lagging(seconds) if instance > 0 => world.now - seconds,
            Clocks::Lagging(_) | Clocks::Alike => world.now,
        }
    }
}

/// The secret that protects what is written at a step.
pub const fn newest(step: u8) -> Key {
    if step < 2 { Key::Old } else { Key::New }
}

/// Tells whether what a secret protects is read at a step.
pub const fn is_listed(key: Key, step: u8) -> bool {
    match key {
        Key::Old => step < 3,
        Key::New => step > 0,
    }
}

/// Tells whether what a secret protects was read at an earlier step, and is not at this one.
pub const fn is_dropped(key: Key, step: u8) -> bool {
    matches!(key, Key::Old) && !is_listed(key, step)
}

fn build(setting: Setting, step: u8) -> Auth {
    let secret = |key| {
        let byte = if key == Key::Old { 1 } else { 2 };
        Secret::from_bytes(&[[byte; 31].as_slice(), &[0]].concat()).expect("32 bytes")
    };
    let policy = SessionPolicy::default().max_age(Duration::from_secs(MAX_AGE));
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong");
    let mut builder = Auth::builder(secret(newest(step)), salt).base_url(setting.origin());
    builder = builder.session(match setting.renewal() {
        Renewal::Never => policy,
        Renewal::Always => {
            policy.expiration(Expiration::Rolling).max_duration(Duration::from_secs(MAX_DURATION))
        }
    });
    builder = match setting {
        Setting::Secure => builder.cookies(Cookies::default().reference_names()),
        Setting::Signed => builder
            .cookies(Cookies::default().reference_names())
            .session_token_format(SessionTokenFormat::signed()),
        Setting::Plain | Setting::OAuth => builder,
    };
    let provider = match setting.protocol() {
        Protocol::OpenId => openid,
        Protocol::OAuth => oauth,
    };
    let earlier = [Key::Old, Key::New].into_iter().filter(|&key| key != newest(step) && is_listed(key, step));
    let builder = builder.provider(provider("good")).provider(provider("evil"));
    earlier.map(secret).fold(builder, Builder::previous_secret).build().expect("sound")
}

fn openid(id: &str) -> Provider {
    Provider::openid(id, format!("https://{id}.test"), "app").client_secret(ClientSecret::new("secret"))
}

fn oauth(id: &str) -> Provider {
    Provider::oauth(id, "app")
        .authorization_endpoint(format!("https://{id}.test/authorize"))
        .token_endpoint(format!("https://{id}.test/token"))
        .userinfo_endpoint(format!("https://{id}.test/userinfo"))
        .issuer(format!("https://{id}.test"))
        .client_secret(ClientSecret::new("secret"))
}
