//! The authentication behind a session, and what a page requires of it: `auth_time`, `acr` and `amr` (OpenID Connect Core 1.0
//! section 2), and step-up (RFC 9470).

use super::Session;
use crate::error::RequestError;
use crate::oidc::id_token::SKEW;
use aura_types::UnixTime;
use std::time::Duration;
use url::form_urlencoded;

/// How the provider authenticated the user, as its ID token states at the sign-in. No renewal, update or refresh changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Authentication {
    pub(crate) at: Option<UnixTime>,
    pub(crate) acr: Option<String>,
    pub(crate) amr: Vec<String>,
}

/// What a page requires of the authentication behind a session (RFC 9470 section 4).
///
/// ```
/// use aura_proto::{RequestError, Session, StepUp, UnixTime, User};
/// use std::time::Duration;
///
/// let step_up = StepUp::default().fresh(Duration::from_secs(300)).acr(["phr", "phrh"]);
/// let at = UnixTime::from_secs;
/// let session = Session::builder(User::new("583231")).authenticated_at(at(1_790_000_000)).acr("phr").build();
/// assert_eq!(step_up.check(&session, at(1_790_000_300)), Ok(()));
/// assert_eq!(step_up.check(&session, at(1_790_000_301)), Err(RequestError::AuthenticationTooOld));
///
/// let session = Session::builder(User::new("583231")).authenticated_at(at(1_790_000_000)).acr("0").build();
/// assert_eq!(step_up.check(&session, at(1_790_000_000)), Err(RequestError::AcrNotMet));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a requirement does nothing until it is checked"]
pub struct StepUp {
    max_age: Option<Duration>,
    acr_values: Option<Vec<String>>,
}

impl StepUp {
    /// Requires that the provider authenticated the user at most this long ago. Less than a minute counts as a minute, by which
    /// clocks may differ. Of several calls the shortest counts. A session whose provider states no `auth_time` never passes.
    pub fn fresh(mut self, max_age: Duration) -> Self {
        let max_age = max_age.max(Duration::from_secs(SKEW));
        self.max_age = Some(self.max_age.map_or(max_age, |other| other.min(max_age)));
        self
    }

    /// Requires that the `acr` of the authentication is one of these, the preferred one first. Of several calls the last counts. A
    /// session without `acr` never passes, and no session passes an empty list.
    pub fn acr<A: AsRef<str>>(mut self, values: impl IntoIterator<Item = A>) -> Self {
        // A value with a blank would be sent as two, and the answer would satisfy neither.
        let words = |value: A| value.as_ref().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        self.acr_values = Some(values.into_iter().flat_map(words).collect());
        self
    }

    /// Tells whether nothing is required.
    ///
    /// ```
    /// use aura_proto::StepUp;
    /// assert!(StepUp::default().is_empty() && !StepUp::default().acr(["phr"]).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.max_age.is_none() && self.acr_values.is_none()
    }

    /// Checks the authentication behind a session.
    ///
    /// # Errors
    /// [`RequestError::AcrNotMet`], and [`RequestError::AuthenticationTooOld`].
    pub fn check(&self, session: &Session, now: UnixTime) -> Result<(), RequestError> {
        let is_met =
            |values: &Vec<String>| session.acr().is_some_and(|acr| values.iter().any(|one| one == acr));
        if !self.acr_values.as_ref().is_none_or(is_met) {
            return Err(RequestError::AcrNotMet);
        }
        if !self.max_age.is_none_or(|max_age| session.is_fresh(max_age, now)) {
            return Err(RequestError::AuthenticationTooOld);
        }
        Ok(())
    }

    /// Tells whether any sign-in leads to such a session: none does to one of an empty list.
    pub(crate) fn can_be_met(&self) -> bool {
        self.acr_values.as_ref().is_none_or(|values| !values.is_empty())
    }

    /// Writes the parameters of a sign-in that leads to such a session. The provider is asked for an authentication that is a minute
    /// younger: an ID token may be off by as much, and the session is to pass when the browser is back.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(max_age) = self.max_age {
            query.append_pair(MAX_AGE, &max_age.as_secs().saturating_sub(SKEW).to_string());
        }
        if let Some(values) = &self.acr_values {
            query.append_pair(ACR_VALUES, &values.join(" "));
        }
        query.finish()
    }
}

/// The parameters of a sign-in that ask for a step-up. They ask for more than the configuration, and never for less.
pub(crate) const MAX_AGE: &str = "maxAge";
pub(crate) const ACR_VALUES: &str = "acrValues";

impl Session {
    /// Returns when the provider authenticated the user (claim `auth_time`), which may be before the session began: the user may have
    /// been signed in there. `None` where the provider does not state it, as those that are no OpenID Providers. No renewal, update
    /// or refresh moves it.
    ///
    /// ```
    /// use aura_proto::{Session, UnixTime, User};
    /// let at = UnixTime::from_secs(1_790_000_000);
    /// let session = Session::builder(User::new("583231"));
    /// assert_eq!(session.clone().build().authenticated_at(), None);
    /// assert_eq!(session.authenticated_at(at).build().authenticated_at(), Some(at));
    /// ```
    pub fn authenticated_at(&self) -> Option<UnixTime> {
        self.authentication.at
    }

    /// Returns the authentication context class that the authentication met (claim `acr`), as the ID token stated it.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).acr("phr").build().acr(), Some("phr"));
    /// ```
    pub fn acr(&self) -> Option<&str> {
        self.authentication.acr.as_deref()
    }

    /// Returns the authentication methods (claim `amr`, RFC 8176), as the ID token stated them.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// let session = Session::builder(User::new("583231")).amr(["pwd", "otp"]).build();
    /// assert_eq!(session.amr(), ["pwd", "otp"]);
    /// ```
    pub fn amr(&self) -> &[String] {
        &self.authentication.amr
    }

    /// Tells whether the provider authenticated the user at most `max_age` ago. Where it does not state when, it did not.
    ///
    /// ```
    /// use aura_proto::{Session, UnixTime, User};
    /// use std::time::Duration;
    /// let (at, minute) = (UnixTime::from_secs, Duration::from_secs(60));
    /// let session = Session::builder(User::new("583231"));
    /// assert!(!session.clone().build().is_fresh(minute, at(0)));
    /// let session = session.authenticated_at(at(1_790_000_000)).build();
    /// assert!(session.is_fresh(minute, at(1_790_000_060)) && !session.is_fresh(minute, at(1_790_000_061)));
    /// ```
    pub fn is_fresh(&self, max_age: Duration, now: UnixTime) -> bool {
        self.authentication.at.is_some_and(|at| now.whole_seconds() <= at.saturating_add(max_age))
    }

    /// Adds what the provider's ID token states: the authentication, and the end of the session there, beyond which this one does
    /// not last (`session_expiry` of IPSIE SL1).
    pub(crate) fn authenticated(self, authentication: Authentication, ends: Option<UnixTime>) -> Self {
        let latest = self.latest.into_iter().chain(ends).min();
        let expires_at = latest.map_or(self.expires_at, |latest| latest.min(self.expires_at));
        Self { authentication, latest, expires_at, ..self }
    }
}
