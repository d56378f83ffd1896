//! The session and its user.

mod builder;
mod claims;
mod policy;
pub(crate) mod protection;
mod token;
pub(crate) mod update;

pub use builder::SessionBuilder;
pub(crate) use policy::DEFAULT_MAX_AGE;
pub use policy::{Expiration, SessionPolicy};
pub(crate) use token::OpenedSession;

use crate::error::{Error, RequestError};
use crate::time::UnixTime;
use aura_jose::Refused;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The person who signed in, as the provider described them.
///
/// ```
/// use aura_proto::User;
/// let greeting = |user: &User| format!("Hello, {}", user.name().unwrap_or("stranger"));
/// assert_eq!(greeting(&User::new("583231").with_name("Ada")), "Hello, Ada");
/// assert_eq!(greeting(&User::new("583231")), "Hello, stranger");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    pub(crate) sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// A live session.
///
/// ```
/// # use aura_proto::{Auth, UnixTime};
/// # fn guard(auth: &Auth, headers: &http::HeaderMap, now: UnixTime) {
/// match auth.session(headers, now) {
///     Ok(session) => println!("{} from {:?}", session.user().sub(), session.provider()),
///     Err(error) => println!("nobody: {error}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub(crate) user: User,
    pub(crate) provider: Option<String>,
    pub(crate) issued_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    pub(crate) latest: Option<UnixTime>,
    pub(crate) claims: Map<String, Value>,
}

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The request carries no session cookie.
    #[error("no session cookie")]
    Missing,
    /// The cookie does not hold a session token of this site.
    #[error("the session cookie does not hold a session of this site")]
    Invalid,
    /// The session has ended.
    #[error("the session has ended")]
    Expired,
    /// Two cookies of the same name hold different live sessions: one of them was planted.
    #[error("two session cookies hold different sessions")]
    Ambiguous,
    /// The request's host is neither configured nor this machine, so none of its cookies is ours.
    #[error("the host is not known here")]
    UnknownHost,
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        Self::Request(match error {
            SessionError::Missing => RequestError::SessionMissing,
            SessionError::Invalid | SessionError::Expired | SessionError::Ambiguous => {
                RequestError::SessionInvalid
            }
            SessionError::UnknownHost => RequestError::UntrustedHost,
        })
    }
}

impl From<Refused> for SessionError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}

impl Session {
    /// Returns the user who signed in.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// let session = Session::builder(User::new("583231").with_name("Ada")).build();
    /// assert_eq!(session.user().sub(), "583231");
    /// assert_eq!(session.user().name(), Some("Ada"));
    /// ```
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Returns the id of the provider; `None` in sessions that another implementation of the contract began.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// let session = Session::builder(User::new("583231"));
    /// assert_eq!(session.clone().build().provider(), None);
    /// assert_eq!(session.provider("github").build().provider(), Some("github"));
    /// ```
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Returns when the session token was issued: at the sign-in, or at the last renewal.
    ///
    /// ```
    /// use aura_proto::{Session, UnixTime, User};
    /// let session = Session::builder(User::new("583231")).issued_at(UnixTime::from_secs(1_790_000_000)).build();
    /// assert_eq!(session.issued_at().as_secs(), 1_790_000_000);
    /// ```
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// Returns when the session ends, unless it is renewed.
    ///
    /// ```
    /// use aura_proto::{Session, UnixTime, User};
    /// let session = Session::builder(User::new("583231")).expires_at(UnixTime::from_secs(1_790_003_600)).build();
    /// assert_eq!(session.expires_at().as_secs(), 1_790_003_600);
    /// ```
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// Returns the moment after which no renewal moves the end (claim `mexp`).
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).build().latest(), None);
    /// ```
    pub fn latest(&self) -> Option<UnixTime> {
        self.latest
    }

    /// Returns the application's own claims.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// let session = Session::builder(User::new("583231")).claim("role", "editor").build();
    /// assert_eq!(session.claims()["role"], "editor");
    /// ```
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns the key of the user's identity: provider and subject. Neither the subject alone nor the e-mail is one.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// let session = Session::builder(User::new("583231")).provider("github").build();
    /// assert_eq!(session.identity(), (Some("github"), "583231"));
    /// ```
    pub fn identity(&self) -> (Option<&str>, &str) {
        (self.provider.as_deref(), &self.user.sub)
    }

    /// Reads the application's own claims as a type.
    ///
    /// # Errors
    /// Those of serde, if the claims do not have the type's shape.
    ///
    /// ```
    /// use aura_proto::{Session, User};
    /// #[derive(serde::Deserialize)]
    /// struct Claims { role: String }
    ///
    /// let may_publish = |session: &Session| session.claims_as::<Claims>().is_ok_and(|claims| claims.role == "editor");
    /// let session = Session::builder(User::new("583231"));
    /// assert!(may_publish(&session.clone().claim("role", "editor").build()));
    /// assert!(!may_publish(&session.build()));
    /// ```
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.claims.clone()))
    }

    /// Begins a session.
    pub(crate) fn begin(user: User, provider: String, now: UnixTime, policy: &SessionPolicy) -> Self {
        let now = now.whole_seconds();
        let latest = policy.max_duration.map(|duration| now.saturating_add(duration).whole_seconds());
        let expires_at = policy.end(now, latest);
        Self { user, provider: Some(provider), issued_at: now, expires_at, latest, claims: Map::new() }
    }

    /// What pages may know of the session: the user with the public claims, and the end.
    pub(crate) fn to_json(&self, policy: &SessionPolicy) -> Value {
        let mut user = json!(self.user);
        for name in &policy.public_claims {
            if let (Some(claim), Some(user)) = (self.claims.get(name), user.as_object_mut()) {
                user.entry(name).or_insert_with(|| claim.clone());
            }
        }
        json!({ "user": user, "expires": self.expires_at.to_iso8601() })
    }
}

/// Tells whether a claim has a meaning of its own in session tokens.
pub(crate) fn is_reserved_claim(name: &str) -> bool {
    name.is_empty() || token::RESERVED.contains(&name) || matches!(name, "name" | "image" | "email")
}

fn not_empty(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

impl User {
    /// Makes a user of whom only the id at the provider is known.
    ///
    /// ```
    /// let user = aura_proto::User::new("583231");
    /// assert_eq!((user.sub(), user.name(), user.image(), user.email()), ("583231", None, None, None));
    /// ```
    pub fn new(sub: impl Into<String>) -> Self {
        Self { sub: sub.into(), name: None, image: None, email: None }
    }

    /// Gives the user a name. An empty text is none.
    ///
    /// ```
    /// use aura_proto::User;
    /// assert_eq!(User::new("583231").with_name("Ada").name(), Some("Ada"));
    /// ```
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: not_empty(name), ..self }
    }

    /// Gives the user a picture, by its URL. An empty text is none.
    ///
    /// ```
    /// use aura_proto::User;
    /// let ada = User::new("583231").with_image("https://a.test/ada.png");
    /// assert_eq!(ada.image(), Some("https://a.test/ada.png"));
    /// assert_eq!(ada.with_image("").image(), None);
    /// ```
    #[must_use]
    pub fn with_image(self, image: impl Into<String>) -> Self {
        Self { image: not_empty(image), ..self }
    }

    /// Gives the user an e-mail address. An empty text is none.
    ///
    /// ```
    /// use aura_proto::User;
    /// assert_eq!(User::new("583231").with_email("ada@a.test").email(), Some("ada@a.test"));
    /// ```
    #[must_use]
    pub fn with_email(self, email: impl Into<String>) -> Self {
        Self { email: not_empty(email), ..self }
    }

    /// Returns the id at the provider, which is unique only together with the provider.
    ///
    /// ```
    /// assert_eq!(aura_proto::User::new("583231").sub(), "583231");
    /// ```
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// Returns the name to show.
    ///
    /// ```
    /// assert_eq!(aura_proto::User::new("583231").name(), None);
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the URL of a picture.
    ///
    /// ```
    /// assert_eq!(aura_proto::User::new("583231").image(), None);
    /// ```
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Returns the e-mail address, verified or not: never an identity.
    ///
    /// ```
    /// assert_eq!(aura_proto::User::new("583231").email(), None);
    /// ```
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }
}
