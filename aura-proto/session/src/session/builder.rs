//! A builder of sessions for the tests of an application.

use super::own_claims::OwnClaims;
use super::{Authentication, Content, Session, User};
use aura_types::UnixTime;
use serde::Serialize;
use serde_json::Value;

/// Builds a session for a test of code that takes one. Only `Auth` of `aura-proto` issues sessions to browsers.
///
/// By default the session has no provider and no claims, was issued in 1970, and ends at the last second of 9999.
///
/// ```
/// use aura_session::{Session, UnixTime, User};
/// let session = Session::builder(User::new("583231").with_name("Ada"))
///     .provider("github")
///     .expires_at(UnixTime::from_secs(1_790_003_600))
///     .claim("role", "editor")
///     .build();
/// assert_eq!(session.identity(), (Some("github"), "583231"));
/// assert_eq!(session.claims()["role"], "editor");
/// ```
#[derive(Clone, Debug)]
#[must_use = "call build() for the session"]
pub struct SessionBuilder(Content);

impl Session {
    /// Begins to build a session of this user, for a test.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).build().user().sub(), "583231");
    /// ```
    pub fn builder(user: User) -> SessionBuilder {
        SessionBuilder(Content {
            user,
            provider: None,
            began_at: Some(UnixTime::from_secs(0)),
            issued_at: UnixTime::from_secs(0),
            expires_at: UnixTime::LAST,
            latest: None,
            authentication: Authentication::default(),
            claims: OwnClaims::default(),
        })
    }
}

impl SessionBuilder {
    /// Sets the provider that the user signed in with.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).provider("github").build();
    /// assert_eq!(session.provider(), Some("github"));
    /// ```
    pub fn provider(self, id: impl Into<String>) -> Self {
        Self(Content { provider: Some(id.into()), ..self.0 })
    }

    /// Sets when the user signed in (claim `began`).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let began_at = UnixTime::from_secs(1_790_000_000);
    /// assert_eq!(Session::builder(User::new("583231")).began_at(began_at).build().began_at(), Some(began_at));
    /// ```
    pub fn began_at(self, began_at: UnixTime) -> Self {
        Self(Content { began_at: Some(began_at), ..self.0 })
    }

    /// Sets when the session was issued (claim `iat`).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let issued_at = UnixTime::from_secs(1_790_000_000);
    /// assert_eq!(Session::builder(User::new("583231")).issued_at(issued_at).build().issued_at(), issued_at);
    /// ```
    pub fn issued_at(self, issued_at: UnixTime) -> Self {
        Self(Content { issued_at, ..self.0 })
    }

    /// Sets when the session ends (claim `exp`).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let expires_at = UnixTime::from_secs(1_790_003_600);
    /// assert_eq!(Session::builder(User::new("583231")).expires_at(expires_at).build().expires_at(), expires_at);
    /// ```
    pub fn expires_at(self, expires_at: UnixTime) -> Self {
        Self(Content { expires_at, ..self.0 })
    }

    /// Sets when the provider authenticated the user (claim `auth_time`).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let at = UnixTime::from_secs(1_790_000_000);
    /// let session = Session::builder(User::new("583231")).authenticated_at(at).build();
    /// assert_eq!(session.authenticated_at(), Some(at));
    /// ```
    pub fn authenticated_at(mut self, at: UnixTime) -> Self {
        self.0.authentication.at = Some(at);
        self
    }

    /// Sets the authentication context class (claim `acr`).
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).acr("phr").build().acr(), Some("phr"));
    /// ```
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.0.authentication.acr = Some(acr.into());
        self
    }

    /// Sets the authentication methods (claim `amr`).
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).amr(["hwk"]).build().amr(), ["hwk"]);
    /// ```
    pub fn amr<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        self.0.authentication.amr = methods.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a claim of the application's own. A value that is not JSON becomes `null`. A reserved name is not refused.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).claim("role", "editor").build();
    /// assert_eq!(session.claims()["role"], "editor");
    /// ```
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.claims.to_mut().insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// Returns the session.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert!(Session::builder(User::new("583231")).build().claims().is_empty());
    /// ```
    pub fn build(self) -> Session {
        Session::of(self.0)
    }
}
