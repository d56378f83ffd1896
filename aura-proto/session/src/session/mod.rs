//! The session and its user.

mod authentication;
mod builder;
mod claims;
mod error;
mod facts;
mod freshness;
mod lifetime;
mod own_claims;
mod policy;
pub(crate) mod protection;
pub(crate) mod token;
pub(crate) mod update;

pub use aura_types::User;
pub use authentication::{Authentication, SKEW, shorter};
pub use builder::SessionBuilder;
pub use error::{SessionCause, SessionError};
pub use facts::PolicyFacts;
pub use policy::{DEFAULT_MAX_AGE, Expiration, SessionPolicy, Storage};
pub use token::OpenedSession;

use crate::json::Object;
use aura_types::UnixTime;
use own_claims::OwnClaims;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A live session.
///
/// ```
/// use aura_session::{Session, User};
/// let session = Session::builder(User::new("583231").with_name("Ada")).provider("github").build();
/// assert_eq!(session.identity(), (Some("github"), "583231"));
/// assert_eq!(session.user().name(), Some("Ada"));
/// ```
///
/// Cheap to clone: clones share what it holds.
#[derive(Clone, PartialEq)]
pub struct Session(Arc<Content>);

/// What a session holds. It is behind a pointer because a session is moved a dozen times on its way to a handler, and layers,
/// extractors and handlers of one request each keep it.
#[derive(Clone, PartialEq)]
struct Content {
    user: User,
    provider: Option<String>,
    began_at: Option<UnixTime>,
    issued_at: UnixTime,
    expires_at: UnixTime,
    latest: Option<UnixTime>,
    authentication: Authentication,
    claims: OwnClaims,
}

impl Session {
    /// Returns the user who signed in.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231").with_name("Ada")).build();
    /// assert_eq!(session.user().sub(), "583231");
    /// assert_eq!(session.user().name(), Some("Ada"));
    /// ```
    pub fn user(&self) -> &User {
        &self.0.user
    }

    /// Returns the id of the provider; `None` in sessions that another implementation of the contract began.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231"));
    /// assert_eq!(session.clone().build().provider(), None);
    /// assert_eq!(session.provider("github").build().provider(), Some("github"));
    /// ```
    pub fn provider(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }

    /// Returns when the user signed in (claim `began`). No renewal or update moves it. `None` in tokens that do not tell: those of
    /// another implementation of the contract, and of earlier versions. Compare it by [`began_before`](Self::began_before).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let session = Session::builder(User::new("583231")).began_at(UnixTime::from_secs(1_790_000_000)).build();
    /// assert_eq!(session.began_at(), Some(UnixTime::from_secs(1_790_000_000)));
    /// ```
    pub fn began_at(&self) -> Option<UnixTime> {
        self.0.began_at
    }

    /// Tells whether the user signed in before a moment, to end every earlier session: that of a ban, or of "log out
    /// everywhere". A session that does not tell when it began counts as an earlier one, so that it is ended, too. Times are in
    /// whole seconds: a session that began within the moment's own second counts as an earlier one.
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let banned_at = UnixTime::from_secs(1_790_000_000);
    /// let session = |began| Session::builder(User::new("583231")).began_at(UnixTime::from_secs(began)).build();
    /// assert!(session(1_789_999_999).began_before(banned_at));
    /// assert!(session(1_790_000_000).began_before(banned_at));
    /// assert!(!session(1_790_000_001).began_before(banned_at));
    /// ```
    pub fn began_before(&self, moment: UnixTime) -> bool {
        self.0.began_at.is_none_or(|began| began.as_secs() <= moment.as_secs())
    }

    /// Returns when the session's token was issued: at the sign-in, or at the last renewal or update, which moves it. To end
    /// sessions that began before a moment, ask [`began_before`](Self::began_before).
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let session = Session::builder(User::new("583231")).issued_at(UnixTime::from_secs(1_790_000_000)).build();
    /// assert_eq!(session.issued_at().as_secs(), 1_790_000_000);
    /// ```
    pub fn issued_at(&self) -> UnixTime {
        self.0.issued_at
    }

    /// Returns when the session ends, unless it is renewed.
    ///
    /// ```
    /// use aura_session::{Session, UnixTime, User};
    /// let session = Session::builder(User::new("583231")).expires_at(UnixTime::from_secs(1_790_003_600)).build();
    /// assert_eq!(session.expires_at().as_secs(), 1_790_003_600);
    /// ```
    pub fn expires_at(&self) -> UnixTime {
        self.0.expires_at
    }

    /// Returns the latest possible end of the session, however often it is renewed (claim `mexp`).
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// assert_eq!(Session::builder(User::new("583231")).build().latest(), None);
    /// ```
    pub fn latest(&self) -> Option<UnixTime> {
        self.0.latest
    }

    /// Reads the application's own claims, at each call: keep what it returns.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).claim("role", "editor").build();
    /// assert_eq!(session.claims()["role"], "editor");
    /// ```
    pub fn claims(&self) -> Cow<'_, Map<String, Value>> {
        self.0.claims.get()
    }

    /// Returns the user's identity, the pair of provider and subject. Neither subject nor e-mail address alone identifies a user.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).provider("github").build();
    /// assert_eq!(session.identity(), (Some("github"), "583231"));
    /// ```
    pub fn identity(&self) -> (Option<&str>, &str) {
        (self.provider(), self.user().sub())
    }

    /// Reads the application's own claims as a type.
    ///
    /// # Errors
    /// Those of serde, if the claims do not have the type's shape.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// #[derive(serde::Deserialize)]
    /// struct Claims { role: String }
    ///
    /// let may_publish = |session: &Session| session.claims_as::<Claims>().is_ok_and(|claims| claims.role == "editor");
    /// let session = Session::builder(User::new("583231"));
    /// assert!(may_publish(&session.clone().claim("role", "editor").build()));
    /// assert!(!may_publish(&session.build()));
    /// ```
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.claims().into_owned()))
    }

    /// Tells whether a claim of the application's own has a value. One that is absent or of another type has not. What pages may
    /// change ([`SessionPolicy::editable`]) says nothing.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).claim("role", "admin").claim("staff", true).build();
    /// assert!(session.claim_is("role", "admin") && session.claim_is("staff", true));
    /// assert!(!session.claim_is("role", "editor") && !session.claim_is("staff", "true") && !session.claim_is("team", "admin"));
    /// ```
    pub fn claim_is(&self, name: &str, value: impl Into<Value>) -> bool {
        self.claims().get(name).is_some_and(|claim| *claim == value.into())
    }

    /// Tells whether a claim of the application's own is a list in which a text occurs: a group of the user's, for example. A
    /// claim that is absent or no list has none.
    ///
    /// ```
    /// use aura_session::{Session, User};
    /// let session = Session::builder(User::new("583231")).claim("groups", ["staff", "admin"]).claim("role", "admin").build();
    /// assert!(session.claim_contains("groups", "admin"));
    /// assert!(!session.claim_contains("groups", "adm") && !session.claim_contains("role", "admin"));
    /// assert!(!session.claim_contains("teams", "admin"));
    /// ```
    pub fn claim_contains(&self, name: &str, text: &str) -> bool {
        let claims = self.claims();
        let list = claims.get(name).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|member| member == text))
    }

    fn of(content: Content) -> Self {
        Self(Arc::new(content))
    }

    /// The same session, issued anew.
    fn issued(&self, issued_at: UnixTime, expires_at: UnixTime, latest: Option<UnixTime>) -> Self {
        Self::of(Content { issued_at, expires_at, latest, ..(*self.0).clone() })
    }

    /// Changes what a session holds. Its clones keep what they have.
    fn with(mut self, change: impl FnOnce(&mut Content)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Begins a session.
    #[doc(hidden)]
    pub fn begin(user: User, provider: String, now: UnixTime, policy: &SessionPolicy) -> Self {
        let now = now.whole_seconds();
        let latest = policy.max_duration.map(|duration| now.saturating_add(duration).whole_seconds());
        let expires_at = policy.end(now, latest);
        Self::of(Content {
            user,
            provider: Some(provider),
            began_at: Some(now),
            issued_at: now,
            expires_at,
            latest,
            authentication: Authentication::default(),
            claims: OwnClaims::default(),
        })
    }

    /// Puts the authentication behind a session in.
    #[doc(hidden)]
    #[must_use]
    pub fn with_authentication(self, authentication: Authentication) -> Self {
        self.with(|content| content.authentication = authentication)
    }

    /// Puts other claims of the application's own in.
    #[doc(hidden)]
    #[must_use]
    pub fn with_own_claims(self, claims: Map<String, Value>) -> Self {
        self.with(|content| content.claims = claims.into())
    }

    /// Writes what pages may know of the user: the public ones of its claims, too.
    #[doc(hidden)]
    pub fn write_user(&self, policy: &SessionPolicy) -> Vec<u8> {
        let mut json = Vec::with_capacity(256);
        if policy.public_claims.is_empty() {
            // Without public claims nothing has to be parsed or sorted: 600 instructions less.
            let user = Object::begin(&mut json).optional_text("email", self.user().email());
            let user = user.optional_text("image", self.user().image());
            user.optional_text("name", self.user().name()).text("sub", self.user().sub()).end();
            return json;
        }
        let claims = self.claims();
        let members = self.shown_user(&claims, policy).into_iter();
        let user = members.fold(Object::begin(&mut json), |user, member| match member {
            Member::Text(name, text) => user.text(name, text),
            Member::Claim(name, claim) => user.any(name, claim),
        });
        user.end();
        json
    }

    /// What pages may know of the session, as JSON.
    #[doc(hidden)]
    pub fn to_json(&self, policy: &SessionPolicy) -> Value {
        let claims = self.claims();
        let user: Map<_, _> = self
            .shown_user(&claims, policy)
            .into_iter()
            .map(|member| match member {
                Member::Text(name, text) => (name.to_owned(), text.into()),
                Member::Claim(name, claim) => (name.to_owned(), claim.clone()),
            })
            .collect();
        json!({ "expires": self.expires_at().to_iso8601(), "user": user })
    }

    /// Lists what pages may know of the user, in the order of the names.
    fn shown_user<'a>(
        &'a self,
        claims: &'a Map<String, Value>,
        policy: &'a SessionPolicy,
    ) -> Vec<Member<'a>> {
        let mut members = Vec::with_capacity(policy.public_claims.len().saturating_add(4));
        let texts = [
            ("email", self.user().email()),
            ("image", self.user().image()),
            ("name", self.user().name()),
            ("sub", Some(self.user().sub())),
        ];
        members.extend(texts.into_iter().filter_map(|(name, text)| Some(Member::Text(name, text?))));
        let public = policy.public_claims.iter();
        members.extend(public.filter_map(|name| Some(Member::Claim(name, claims.get(name)?))));
        members.sort_by(|one, other| one.name().cmp(other.name()));
        members.dedup_by(|one, other| one.name() == other.name());
        members
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, provider, began_at, issued_at, expires_at, latest, authentication, claims } = self;
        f.debug_struct("Session")
            .field("user", user)
            .field("provider", provider)
            .field("began_at", began_at)
            .field("issued_at", issued_at)
            .field("expires_at", expires_at)
            .field("latest", latest)
            .field("authentication", authentication)
            .field("claims", claims)
            .finish()
    }
}

/// What is shown of a user, under its name.
enum Member<'a> {
    Text(&'static str, &'a str),
    Claim(&'a str, &'a Value),
}

impl Member<'_> {
    fn name(&self) -> &str {
        match *self {
            Self::Text(name, _) => name,
            Self::Claim(name, _) => name,
        }
    }
}

/// Tells whether a claim has a meaning of its own in session tokens.
pub fn is_reserved_claim(name: &str) -> bool {
    name.is_empty() || token::RESERVED.contains(&name) || matches!(name, "name" | "image" | "email")
}

/// Why a session or provider tokens could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum NoCookies {
    /// It could not be signed or sealed.
    Unsigned,
    /// It is longer than `max_size`, or needs too many cookies.
    TooLong,
}

/// Whether the application checks the sessions that requests carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum SessionChecks {
    /// A session is what its token says.
    #[default]
    None,
    /// A session counts once the application has let it go on.
    Asked,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_written_as_the_general_writer_does_whatever_a_claim_is_called() {
        let user = User::new("1").with_name("\"Ada\"").with_email("a@b");
        let session =
            Session::builder(user).claim("a \"b\"", json!([1.5, "\\"])).claim("zone", "\u{e9}").build();
        let policy = SessionPolicy::default().public_claims(["zone", "a \"b\"", "zone", "absent", "name"]);
        for policy in [policy, SessionPolicy::default()] {
            let written = String::from_utf8(session.write_user(&policy)).unwrap();
            assert_eq!(written, session.to_json(&policy)["user"].to_string());
        }
    }
}
