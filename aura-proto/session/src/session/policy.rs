//! The policy of sessions: how long they live, when they are renewed, where they are kept, and what pages may change in them.

use super::authentication::shorter;
use std::time::Duration;

/// How long a session lives where nothing else is configured: fifteen days.
pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(15 * 24 * 60 * 60);
/// How long browsers keep a cookie at most: 400 days.
const LONGEST_COOKIE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Longest age and duration that can be configured.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Longest token: five full cookies.
const MAX_SIZE: usize = 5 * 4096;
/// Smallest `max_size`: enough for a user without a picture.
const SMALLEST_SIZE: usize = 1024;

/// How long sessions live, how they are renewed, for whom their tokens are, and what pages may change in them.
///
/// ```
/// use aura_proto::{ConfigError, Expiration, SessionPolicy};
/// use std::time::Duration;
///
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let builder = aura_proto::Auth::builder(secret, salt);
/// let policy = SessionPolicy::default()
///     .max_age(Duration::from_secs(3600))
///     .max_duration(Duration::from_secs(24 * 3600))
///     .expiration(Expiration::Sliding { threshold_percent: 125 })
///     .editable(["name", "image"]);
/// assert_eq!(builder.session(policy).build().unwrap_err(), ConfigError::SessionLength);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a builder"]
pub struct SessionPolicy {
    pub(crate) max_age: Duration,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) max_size: usize,
    pub(crate) expiration: Expiration,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) editable: Vec<String>,
    pub(crate) public_claims: Vec<String>,
    pub(crate) storage: Storage,
    /// What ends of sessions require.
    pub(crate) ends: Option<Duration>,
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Storage {
    /// In the browser's cookie, sealed.
    #[default]
    Cookie,
    /// In a store, under the ticket in the browser's cookie.
    Store {
        /// How many sessions a user may have.
        at_most: Option<u32>,
        /// After how long a session is looked up again.
        recheck: Option<Duration>,
    },
}

/// When a session's end moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiration {
    /// Never. An update sets `iat` to the time of the update.
    Fixed,
    /// Never. An update keeps `iat`.
    #[default]
    Absolute,
    /// Each time it is read, to `max_age` after that, but not beyond `max_duration`.
    Rolling,
    /// When it is read and less than a part of `max_age` is left.
    Sliding {
        /// The part, from 0 to 100 percent of `max_age`.
        threshold_percent: u8,
    },
}

impl Default for SessionPolicy {
    /// Fifteen days from the beginning, not renewed, nothing editable.
    fn default() -> Self {
        Self {
            max_age: DEFAULT_MAX_AGE,
            max_duration: None,
            max_size: MAX_SIZE,
            expiration: Expiration::default(),
            issuer: None,
            audience: None,
            editable: Vec::new(),
            public_claims: Vec::new(),
            storage: Storage::default(),
            ends: None,
        }
    }
}

impl SessionPolicy {
    /// Keeps sessions in a store, to which the browser's cookie holds a ticket of 86 characters: a session can be ended at once,
    /// from anywhere, and provider tokens stay on the server. Each use of a session is one question to the store. Cookies of
    /// sealed sessions are refused then, and the reverse: to change signs everybody out.
    ///
    /// The host needs a store; see `aura_host::store`. `Auth::session` of `aura-proto`, which asks nobody, refuses every
    /// session as [`SessionError::NeedsStore`](crate::SessionError::NeedsStore).
    ///
    /// ```
    /// use aura_proto::{Auth, Salt, Secret, SessionError, SessionPolicy, UnixTime};
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let policy = SessionPolicy::default().stored();
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").session(policy).build()?;
    /// assert!(auth.needs_store());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stored(mut self) -> Self {
        self.storage = Storage::Store { at_most: self.at_most(), recheck: self.recheck_interval() };
        self
    }

    /// Does the same, and ends the sessions of a user that began first when there are more than so many.
    ///
    /// ```
    /// use aura_session::SessionPolicy;
    /// assert_ne!(SessionPolicy::default().stored_at_most(5), SessionPolicy::default().stored());
    /// ```
    pub fn stored_at_most(mut self, sessions: u32) -> Self {
        let at_most = Some(sessions.max(1));
        self.storage = Storage::Store { at_most, recheck: self.recheck_interval() };
        self
    }

    /// Keeps sessions in a store, and asks it about each once an interval, which is shorter than [`max_age`](Self::max_age): the
    /// browser also has a copy of the session, sealed and bound to its ticket, in a cookie of its own. Other requests ask nobody. A
    /// session that was ended is refused an interval after the last question at most, and a renewal may come an interval late.
    ///
    /// Guards and `GET /session` renew the copy. A handler that only reads the session asks the store each time once the copy is
    /// older. What changes or ends a session asks the store as ever, and so does a guard that has to be certain. Where the
    /// application checks sessions, each use asks. Who has the secret can forge such copies, as sealed sessions.
    ///
    /// ```
    /// let policy = aura_session::SessionPolicy::default().stored();
    /// assert_ne!(policy.clone().recheck(std::time::Duration::from_secs(60)), policy);
    /// ```
    pub fn recheck(mut self, interval: Duration) -> Self {
        self.storage = Storage::Store { at_most: self.at_most(), recheck: Some(interval) };
        self
    }

    fn at_most(&self) -> Option<u32> {
        match self.storage {
            Storage::Store { at_most, .. } => at_most,
            Storage::Cookie => None,
        }
    }

    /// Requires of who ends sessions by `DELETE /sessions` and `DELETE /sessions/:id` that the provider authenticated them at most
    /// this long ago, as `StepUp::fresh` counts: else the answer is 401 `authentication_too_old`, and 403 `step_up_unsupported` where
    /// the provider cannot state it. By default, nothing.
    ///
    /// ```
    /// use aura_session::SessionPolicy;
    /// use std::time::Duration;
    /// let policy = SessionPolicy::default().stored();
    /// assert_ne!(policy.clone().fresh_to_end_sessions(Duration::from_secs(300)), policy);
    /// ```
    pub fn fresh_to_end_sessions(mut self, max_age: Duration) -> Self {
        self.ends = Some(shorter(self.ends, max_age));
        self
    }

    /// Sets how long a session lives from its beginning or renewal, in whole seconds.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Sets how long a session lives at most, however often it is renewed, in whole seconds (claim `mexp`).
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// Sets the longest session token, in bytes: from 1 KiB to 20 KiB (five full cookies), which is the default. Browsers send it
    /// with every request, and many servers accept 8 KiB of headers. A sign-in with a longer token fails as
    /// `profile_too_large`, or as `claims_too_large` if the profile alone would fit, and an update as `session_too_large`.
    ///
    /// ```
    /// # use aura_proto::{ConfigError, SessionPolicy};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let policy = SessionPolicy::default().max_size(100);
    /// assert_eq!(builder.session(policy).build().unwrap_err(), ConfigError::SessionLength);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets when a session's end moves.
    pub fn expiration(mut self, expiration: Expiration) -> Self {
        self.expiration = expiration;
        self
    }

    /// Writes `iss` into session tokens, and refuses those of another issuer (RFC 7519 section 4.1.1).
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Writes `aud` into session tokens, and refuses those for another audience (RFC 7519 section 4.1.3).
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Lists what pages may change by `PATCH /session`: `name`, `image`, `email`, or claims of the application's own.
    /// By default, none.
    ///
    /// ```
    /// # use aura_proto::{ConfigError, SessionPolicy};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let policy = SessionPolicy::default().editable(["name", "sub"]);
    /// assert_eq!(builder.session(policy).build().unwrap_err(), ConfigError::SessionClaims);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn editable<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.editable.extend(names.into_iter().map(Into::into));
        self
    }

    /// Lists the application's own claims that pages may read as members of `user`. By default, none.
    pub fn public_claims<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.public_claims.extend(names.into_iter().map(Into::into));
        self
    }

    /// Tells whether lengths are at least a second and at most ten years, the interval of look-ups shorter than a session's life, the
    /// threshold a percentage, and the size a token's.
    pub(crate) fn lengths_are_sound(&self) -> bool {
        let sound = |length: Duration| (Duration::from_secs(1)..=LONGEST).contains(&length);
        let threshold = match self.expiration {
            Expiration::Sliding { threshold_percent } => threshold_percent <= 100,
            Expiration::Fixed | Expiration::Absolute | Expiration::Rolling => true,
        };
        let size = (SMALLEST_SIZE..=MAX_SIZE).contains(&self.max_size);
        let recheck =
            self.recheck_interval().is_none_or(|interval| sound(interval) && interval < self.max_age);
        sound(self.max_age) && self.max_duration.is_none_or(sound) && recheck && threshold && size
    }

    /// Tells whether no listed name is a reserved claim.
    pub(crate) fn names_are_sound(&self) -> bool {
        let of_the_user = |name: &str| matches!(name, "name" | "image" | "email");
        let mut editable = self.editable.iter().filter(|name| !of_the_user(name)).chain(&self.public_claims);
        !editable.any(|name| super::is_reserved_claim(name))
    }

    /// How long a session lives at most, however often it is renewed; without a limit as long as browsers keep cookies.
    pub(crate) fn longest(&self) -> Duration {
        match self.expiration {
            Expiration::Fixed | Expiration::Absolute => self.max_age,
            Expiration::Rolling | Expiration::Sliding { .. } => self.max_duration.unwrap_or(LONGEST_COOKIE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_token_needs_for_itself_are_not_editable_nor_public() {
        let sound = |policy: SessionPolicy| policy.names_are_sound();
        assert!(sound(SessionPolicy::default().editable(["name", "image", "email", "theme"])));
        for name in ["sub", "exp", "iss", "provider"] {
            assert!(!sound(SessionPolicy::default().editable([name])), "{name}");
            assert!(!sound(SessionPolicy::default().public_claims([name])), "{name}");
        }
    }
}
