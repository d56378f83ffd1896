//! Readings of a session that wait for the application's check, where the configuration asks for one.

use crate::context::Incoming;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::response::Respond;
use crate::session::{Session, SessionChecks, SessionDecision, SessionError};
use crate::visit::Visit;
use aura_types::UnixTime;

/// A session that has been read, and that the application may have to check first: what hosts read sessions by.
///
/// ```
/// # use aura_proto::{Auth, Session, SessionDecision, SessionError, UnixTime};
/// fn session(
///     auth: &Auth,
///     request: &http::Request<()>,
///     now: UnixTime,
///     check: impl Fn(&Session) -> SessionDecision,
/// ) -> Result<Session, SessionError> {
///     let read = auth.begin_session(request, now)?;
///     let decision = read.question().map_or(SessionDecision::Continue, check);
///     read.resume(&decision)
/// }
/// ```
#[derive(Debug)]
#[must_use = "ask the application about the question, then call resume with its decision"]
pub struct UncheckedSession {
    pub(crate) session: Session,
    pub(crate) checks: SessionChecks,
}

/// A visit of a signed-in user whose session the application may have to check first: what guards stand on.
///
/// ```
/// # use aura_proto::{Auth, Entropy, Respond, Session, SessionDecision, UnixTime, Visit};
/// # fn visit(auth: &Auth, request: &http::Request<()>, now: UnixTime, entropy: Entropy,
/// #     check: impl Fn(&Session) -> SessionDecision) -> Result<Visit, Respond> {
/// let begun = auth.begin_visit(request, now, entropy)?;
/// let decision = begun.question().map_or(SessionDecision::Continue, check);
/// begun.resume(&decision)
/// # }
/// ```
#[derive(Debug)]
#[must_use = "ask the application about the question, then call resume with its decision"]
pub struct UncheckedVisit {
    pub(crate) visit: Visit,
    /// The cookies of a session that has ended, cleared.
    pub(crate) cleared: Vec<SetCookie>,
    checks: SessionChecks,
}

impl UncheckedSession {
    /// Returns the session, if the application has to be asked about it.
    pub fn question(&self) -> Option<&Session> {
        self.checks.question(&self.session)
    }

    /// Continues with the application's decision, which counts where there was a [`question`](Self::question).
    ///
    /// # Errors
    /// [`SessionError::Ended`] or [`SessionError::Unavailable`].
    pub fn resume(self, decision: &SessionDecision) -> Result<Session, SessionError> {
        self.checks.apply(decision).map(|()| self.session)
    }

    /// Returns the session, unless the application has to be asked.
    pub(crate) fn unasked(self) -> Result<Session, SessionError> {
        match self.checks {
            SessionChecks::None => Ok(self.session),
            SessionChecks::Asked => Err(SessionError::NeedsCheck),
        }
    }
}

impl UncheckedVisit {
    /// Returns the session, if the application has to be asked about it.
    pub fn question(&self) -> Option<&Session> {
        self.checks.question(&self.visit.session)
    }

    /// Continues with the application's decision, which counts where there was a [`question`](Self::question).
    ///
    /// # Errors
    /// The answer: 401, which clears the cookies of a session that has ended, or 503, which clears nothing.
    pub fn resume(self, decision: &SessionDecision) -> Result<Visit, Respond> {
        let Err(error) = self.checks.apply(decision) else { return Ok(self.visit) };
        let cookies = if error == SessionError::Ended { self.cleared } else { Vec::new() };
        let events = decision.event(&self.visit.session).into_iter().collect();
        Err(Respond { cookies, events, ..Respond::refusal(error) })
    }

    /// Returns the visit, unless the application has to be asked.
    pub(crate) fn unasked(self) -> Result<Visit, Respond> {
        match self.checks {
            SessionChecks::None => Ok(self.visit),
            SessionChecks::Asked => Err(Respond::refusal(SessionError::NeedsCheck)),
        }
    }
}

impl SessionChecks {
    fn question(self, session: &Session) -> Option<&Session> {
        match self {
            Self::None => None,
            Self::Asked => Some(session),
        }
    }

    fn apply(self, decision: &SessionDecision) -> Result<(), SessionError> {
        match self {
            Self::None => Ok(()),
            Self::Asked => decision.outcome(),
        }
    }
}

impl Incoming<'_> {
    /// Reads the session as `GET /session` does, before the application's check.
    ///
    /// # Errors
    /// The answer of that route, with the cookies that it clears.
    pub(crate) fn begin_visit(self, entropy: &mut Entropy, now: UnixTime) -> Result<UncheckedVisit, Respond> {
        let checks = self.config.session_checks;
        let visit = self.visit(entropy, now)?;
        let cleared = match checks {
            SessionChecks::None => Vec::new(),
            SessionChecks::Asked => self.clear_session(&self.sent()),
        };
        Ok(UncheckedVisit { visit, cleared, checks })
    }
}
