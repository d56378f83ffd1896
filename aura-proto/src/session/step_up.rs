//! What a page requires of the authentication behind a session: step-up (RFC 9470).

use crate::error::RequestError;
use crate::session::{SKEW, Session, shorter};
use aura_types::UnixTime;
use std::time::Duration;
use url::form_urlencoded;

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
        self.max_age = Some(shorter(self.max_age, max_age));
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

    /// Requires what both require: the shorter age, and the classes that both accept, in the order of this one. So a page behind two
    /// guards is asked for once.
    ///
    /// # Errors
    /// [`RequestError::AcrConflict`], where they accept no class in common: no session passes both.
    ///
    /// ```
    /// use aura_proto::{RequestError, StepUp};
    /// use std::time::Duration;
    /// let minute = StepUp::default().fresh(Duration::from_secs(60));
    /// let (phr, both) = (StepUp::default().acr(["phr"]), StepUp::default().acr(["phrh", "phr"]));
    /// assert_eq!(both.and(&phr), Ok(phr.clone()));
    /// assert_eq!(phr.and(&minute), Ok(phr.clone().fresh(Duration::from_secs(60))));
    /// assert_eq!(phr.and(&StepUp::default().acr(["phrh"])), Err(RequestError::AcrConflict));
    /// ```
    pub fn and(&self, other: &Self) -> Result<Self, RequestError> {
        let max_age = self.max_age.into_iter().chain(other.max_age).min();
        let acr_values = match (&self.acr_values, &other.acr_values) {
            (Some(own), Some(others)) => {
                let common: Vec<_> = own.iter().filter(|value| others.contains(value)).cloned().collect();
                if common.is_empty() {
                    return Err(RequestError::AcrConflict);
                }
                Some(common)
            }
            (own, others) => own.clone().or_else(|| others.clone()),
        };
        Ok(Self { max_age, acr_values })
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
}

/// The parameters of a sign-in that ask for a step-up. They ask for more than the configuration, and never for less.
pub(crate) const MAX_AGE: &str = "maxAge";
pub(crate) const ACR_VALUES: &str = "acrValues";
