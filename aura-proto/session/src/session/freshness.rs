//! Readings of the authentication behind a session (OpenID Connect Core 1.0 section 2).

use super::Session;
use super::authentication::SKEW;
use aura_types::UnixTime;
use std::time::Duration;

impl Session {
    /// Returns when the provider authenticated the user (claim `auth_time`), which may be before the session began: the user may have
    /// been signed in there. `None` where the provider does not state it, as those that are no OpenID Providers. No renewal, update
    /// or refresh moves it.
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let at = UnixTime::from_secs(1_790_000_000);
    /// let session = Session::builder(User::new("583231"));
    /// assert_eq!(session.clone().build().authenticated_at(), None);
    /// assert_eq!(session.authenticated_at(at).build().authenticated_at(), Some(at));
    /// ```
    pub fn authenticated_at(&self) -> Option<UnixTime> {
        self.0.authentication.at
    }

    /// Returns the authentication context class that the authentication met (claim `acr`), as the ID token stated it.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).acr("phr").build().acr(), Some("phr"));
    /// ```
    pub fn acr(&self) -> Option<&str> {
        self.0.authentication.acr.as_deref()
    }

    /// Returns the authentication methods (claim `amr`, RFC 8176), as the ID token stated them.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).amr(["pwd", "otp"]).build();
    /// assert_eq!(session.amr(), ["pwd", "otp"]);
    /// ```
    pub fn amr(&self) -> &[String] {
        &self.0.authentication.amr
    }

    /// Tells whether the provider authenticated the user at most `max_age` ago. Where it does not state when, or names a time of the
    /// future, it did not.
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// use std::time::Duration;
    /// let (at, minute) = (UnixTime::from_secs, Duration::from_secs(60));
    /// let session = Session::builder(User::new("583231"));
    /// assert!(!session.clone().build().is_fresh(minute, at(0)));
    /// let session = session.authenticated_at(at(1_790_000_000)).build();
    /// assert!(session.is_fresh(minute, at(1_790_000_060)) && !session.is_fresh(minute, at(1_790_000_061)));
    /// ```
    pub fn is_fresh(&self, max_age: Duration, now: UnixTime) -> bool {
        let (skew, now) = (Duration::from_secs(SKEW), now.whole_seconds());
        self.0
            .authentication
            .at
            .is_some_and(|at| now <= at.saturating_add(max_age) && at <= now.saturating_add(skew))
    }
}
