//! Which site is attacked? The core in one of a few configurations, each at three moments of a key rotation.

use aura_proto::provider::{CustomOpenIdProvider, Provider};
use aura_proto::{Auth, ClientSecret, Salt, Secret, SessionPolicy, Tokens};
use std::time::Duration;

/// How long a session lives: two jumps of the clock.
pub const MAX_AGE: u64 = 2 * JUMP;
/// How far the clock jumps: a second more than an attempt lives.
pub const JUMP: u64 = 601;

/// A configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// https, and sealed sessions.
    Secure,
    /// https, with session tokens that are signed and not sealed.
    Signed,
    /// Plain http on this machine, where cookies have no prefix and a neighbour may plant a CSRF cookie.
    Plain,
}

impl Setting {
    /// Every configuration.
    pub const ALL: [Self; 3] = [Self::Secure, Self::Signed, Self::Plain];

    /// Where browsers find the site.
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Secure | Self::Signed => "https://app.test",
            Self::Plain => "http://localhost:3000",
        }
    }
}

/// The core at each moment of a rotation: before it, during it, after it. Two instances share each.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The configuration.
    pub setting: Setting,
    epochs: [Auth; 3],
}

impl Deployment {
    /// Builds the core of a configuration.
    pub fn new(setting: Setting) -> Self {
        let old = || Secret::from_bytes(&[1; 32]).expect("32 bytes");
        let new = || Secret::from_bytes(&[2; 32]).expect("32 bytes");
        let build = |secret, previous: Option<Secret>| {
            let mut builder =
                Auth::builder(secret, Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong"))
                    .base_url(setting.origin())
                    .session(SessionPolicy::default().max_age(Duration::from_secs(MAX_AGE)))
                    .provider(provider("good"))
                    .provider(provider("evil"));
            builder = match setting {
                Setting::Secure | Setting::Plain => builder,
                Setting::Signed => builder.tokens(Tokens::signed()),
            };
            previous.into_iter().fold(builder, aura_proto::Builder::previous_secret).build().expect("sound")
        };
        let epochs = [build(old(), None), build(new(), Some(old())), build(new(), None)];
        Self { setting, epochs }
    }

    /// Returns the core at a moment of the rotation.
    pub fn at(&self, epoch: u8) -> &Auth {
        &self.epochs[usize::from(epoch)]
    }
}

fn provider(id: &str) -> Provider {
    CustomOpenIdProvider {
        id: id.to_owned(),
        name: id.to_owned(),
        issuer: format!("https://{id}.test"),
        client_id: "app".to_owned(),
        client_secret: Some(ClientSecret::new("secret")),
        ..CustomOpenIdProvider::default()
    }
    .into()
}
