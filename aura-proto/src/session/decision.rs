//! The application's decision on the session that a request carries.

use crate::error::RefusalCode;
use crate::event::Event;
use crate::session::{Session, SessionError};
use std::borrow::Cow;

/// The application's decision on a session that a request carries.
///
/// ```
/// use aura_proto::{RefusalCode, Session, SessionDecision, UnixTime, User};
/// fn check(session: &Session, banned_at: Option<UnixTime>) -> SessionDecision {
///     match banned_at {
///         Some(moment) if session.began_before(moment) => SessionDecision::end("banned"),
///         _ => SessionDecision::Continue,
///     }
/// }
/// let session = Session::builder(User::new("583231")).began_at(UnixTime::from_secs(1_790_000_000)).build();
/// assert_eq!(check(&session, None), SessionDecision::Continue);
/// let ended = SessionDecision::EndWith(RefusalCode::new("banned").unwrap());
/// assert_eq!(check(&session, Some(UnixTime::from_secs(1_790_000_600))), ended);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionDecision {
    /// The session goes on.
    Continue,
    /// The session has ended: the request is refused as one without a session (401), and the browser's cookies are cleared.
    End,
    /// The session has ended, with a code of the application's, which the event gets.
    EndWith(RefusalCode),
    /// The application cannot decide at the moment: its database does not answer, for example. The request is refused (503), and
    /// nothing is cleared.
    Unavailable,
}

impl SessionDecision {
    /// Ends a session with a code. A text that is no [`RefusalCode`] ends it without one.
    ///
    /// ```
    /// use aura_proto::{RefusalCode, SessionDecision};
    /// let code = RefusalCode::new("banned").unwrap();
    /// assert_eq!(SessionDecision::end("banned"), SessionDecision::EndWith(code));
    /// assert_eq!(SessionDecision::end("not a code"), SessionDecision::End);
    /// ```
    #[must_use]
    pub fn end(code: impl Into<Cow<'static, str>>) -> Self {
        RefusalCode::new(code).map_or(Self::End, Self::EndWith)
    }

    /// Returns why there is no session after the decision.
    ///
    /// # Errors
    /// [`SessionError::Ended`] or [`SessionError::Unavailable`].
    ///
    /// ```
    /// use aura_proto::{SessionDecision, SessionError};
    /// assert_eq!(SessionDecision::Continue.outcome(), Ok(()));
    /// assert_eq!(SessionDecision::end("banned").outcome(), Err(SessionError::Ended));
    /// ```
    pub fn outcome(&self) -> Result<(), SessionError> {
        match self {
            Self::Continue => Ok(()),
            Self::End | Self::EndWith(_) => Err(SessionError::Ended),
            Self::Unavailable => Err(SessionError::Unavailable),
        }
    }

    /// Returns what the decision on a session reports: a session that it ends, or that it leaves undecided.
    ///
    /// ```
    /// use aura_proto::{Event, Session, SessionDecision, User};
    /// let session = Session::builder(User::new("583231")).build();
    /// assert_eq!(SessionDecision::Continue.event(&session), None);
    /// let ended = Event::SessionEnded { sub: "583231".into(), refusal: None };
    /// assert_eq!(SessionDecision::End.event(&session), Some(ended));
    /// ```
    pub fn event(&self, session: &Session) -> Option<Event> {
        let ended = |refusal| Some(Event::SessionEnded { sub: session.user().sub().to_owned(), refusal });
        match self {
            Self::Continue => None,
            Self::End => ended(None),
            Self::EndWith(code) => ended(Some(code.clone())),
            Self::Unavailable => Some(Event::RequestRefused { error: SessionError::Unavailable.into() }),
        }
    }
}

impl From<bool> for SessionDecision {
    /// A session goes on where this is true, and has ended where it is false.
    fn from(goes_on: bool) -> Self {
        if goes_on { Self::Continue } else { Self::End }
    }
}
