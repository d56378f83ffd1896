//! Properties that hold after every move.

use std::fmt;

/// A property that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Violation {
    /// A session began without an attempt of this browser, for this provider, that was young enough and not over, or without
    /// an exchange.
    ForeignAttempt,
    /// A browser has a session that began in another browser, or for another person's account.
    ForeignAccount,
    /// A code went to a provider that did not issue it.
    CodeToOther,
    /// A second code was exchanged for one attempt.
    AttemptUsedTwice,
    /// A code was exchanged a second time.
    CodeUsedTwice,
    /// An attempt was ended by something else than its own callback, a sign-out or its age.
    AttemptEnded,
    /// An answer that names another issuer was acted upon.
    OtherIssuer,
    /// A browser was redirected to another site.
    OpenRedirect,
    /// A session was left, or came back, after the sign-out.
    StillSignedIn,
    /// The victim's session was cleared, but not by the victim's own sign-out.
    ForcedSignOut,
    /// A value that the site never issued was accepted as a session.
    NoSession,
    /// A session outlived its end.
    OutlivedSession,
    /// A session that has not ended was not recognised, although its secret is listed.
    LostSession,
    /// The site failed.
    ServerError,
}

impl Violation {
    /// Every property.
    pub const ALL: [Self; 14] = [
        Self::ForeignAttempt,
        Self::ForeignAccount,
        Self::CodeToOther,
        Self::AttemptUsedTwice,
        Self::CodeUsedTwice,
        Self::AttemptEnded,
        Self::OtherIssuer,
        Self::OpenRedirect,
        Self::StillSignedIn,
        Self::ForcedSignOut,
        Self::NoSession,
        Self::OutlivedSession,
        Self::LostSession,
        Self::ServerError,
    ];
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignAttempt => "a session began without this browser's own unfinished attempt",
            Self::ForeignAccount => "a browser is signed in to somebody else's account",
            Self::CodeToOther => "a code went to another provider than gave it out",
            Self::AttemptUsedTwice => "a code was exchanged twice for one attempt",
            Self::CodeUsedTwice => "one code was exchanged twice",
            Self::AttemptEnded => {
                "an attempt was ended by something else than its callback, a sign-out or its age"
            }
            Self::OtherIssuer => "an answer that names another issuer was acted upon",
            Self::OpenRedirect => "a browser was redirected off the list",
            Self::StillSignedIn => "a session was there after the sign-out",
            Self::ForcedSignOut => "the victim's session was cleared by something else than its sign-out",
            Self::NoSession => "something that is no session was taken for one",
            Self::OutlivedSession => "a session outlived its end",
            Self::LostSession => "a session that has not ended was not recognised",
            Self::ServerError => "the site answered with a server error",
        })
    }
}
