//! The session as a page reads it, the change that it may ask for, and the list of the user's sessions.

use crate::answered::Answered;
use crate::error::ClientError;
use aura_types::{UnixTime, User};
use http::StatusCode;
use serde_json::{Map, Value};

/// A session as a page reads it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PageSession {
    /// The signed-in user.
    pub user: User,
    /// The user's other members: the application's public claims.
    pub claims: Map<String, Value>,
    /// When the session ends.
    pub expires_at: UnixTime,
}

/// A session in the list of those of a user, as a page reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceSession {
    /// What [`Client::end_session`](crate::Client::end_session) calls it. It leads nowhere.
    pub id: String,
    /// Whether it is the session that the list was requested with.
    pub is_current: bool,
    /// The id of the provider.
    pub provider: String,
    /// Browser and system, such as `Firefox on Linux`, as the browser reported them: for display only.
    pub device: String,
    /// When it began.
    pub began_at: UnixTime,
    /// When it was last seen, five minutes late at most.
    pub seen_at: UnixTime,
    /// When it ends, unless it is renewed.
    pub expires_at: UnixTime,
}

/// Changes of a session that a page requests. Servers ignore members that are not editable.
///
/// ```
/// # use aura_client::{Client, Cookies, CsrfToken, SessionChanges, UnixTime};
/// # let client = Client::new("https://example.com/auth")?;
/// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
/// let changes = SessionChanges::default().member("theme", "dark").expires_at(UnixTime::from_secs(1_791_296_000));
/// let request = client.update_session(&csrf_token, &changes).request(&Cookies::default());
/// let body: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(body["user"]["theme"], "dark");
/// assert_eq!(body["expires"], "2026-10-06T14:13:20.000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionChanges {
    user: Map<String, Value>,
    expires_at: Option<UnixTime>,
}

impl PageSession {
    /// Reads the session out of an answer that must have one.
    pub(crate) fn read(answered: Answered) -> Result<Self, ClientError> {
        match answered.accepted()?.into_members().remove("session") {
            Some(Value::Object(session)) => Self::of(session),
            _ => Err(ClientError::Member("session")),
        }
    }

    /// Reads the session, if there is one, from a server of either generation.
    pub(crate) fn read_if_any(answered: Answered) -> Result<Option<Self>, ClientError> {
        let is = |name, value: &Value| answered.get(name) == Some(value);
        let denied = is("success", &Value::Bool(false)) || is("authenticated", &Value::Bool(false));
        let nobody = denied || is("session", &Value::Null);
        if nobody && (answered.status.is_success() || answered.status == StatusCode::UNAUTHORIZED) {
            return Ok(None);
        }
        let mut members = answered.accepted()?.into_members();
        match members.remove("session") {
            Some(Value::Object(session)) => Self::of(session).map(Some),
            // The first generation has its members at the top.
            None => Self::of(members).map(Some),
            Some(_) => Err(ClientError::Member("session")),
        }
    }

    fn of(mut session: Map<String, Value>) -> Result<Self, ClientError> {
        let Some(Value::Object(mut claims)) = session.remove("user") else {
            return Err(ClientError::Member("user"));
        };
        let expires_at = session.get("expires").and_then(Value::as_str).and_then(UnixTime::from_iso8601);
        let mut text = |name: &str, path| match claims.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ClientError::Member(path)),
        };
        let sub = text("sub", "user.sub")?.filter(|sub| !sub.is_empty());
        let user = User::from_claims(
            &sub.ok_or(ClientError::Member("user.sub"))?,
            text("name", "user.name")?.as_deref(),
            text("image", "user.image")?.as_deref(),
            text("email", "user.email")?.as_deref(),
        );
        Ok(Self { user, claims, expires_at: expires_at.ok_or(ClientError::Member("expires"))? })
    }
}

impl DeviceSession {
    pub(crate) fn read_all(answered: Answered) -> Result<Vec<Self>, ClientError> {
        let members = answered.accepted()?.into_members();
        let read = |list: &Vec<Value>| list.iter().map(Self::read).collect();
        members
            .get("sessions")
            .and_then(Value::as_array)
            .and_then(read)
            .ok_or(ClientError::Member("sessions"))
    }

    fn read(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name)?.as_str().map(str::to_owned);
        let time = |name: &str| UnixTime::from_iso8601(entry.get(name)?.as_str()?);
        Some(Self {
            id: text("id")?,
            is_current: entry.get("current")?.as_bool()?,
            provider: text("provider")?,
            device: text("device")?,
            began_at: time("createdAt")?,
            seen_at: time("lastSeenAt")?,
            expires_at: time("expires")?,
        })
    }
}

impl SessionChanges {
    /// Asks for a new value of a member of the user; `null` asks for none.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.user.insert(name.to_owned(), value.into());
        self
    }

    /// Asks for an earlier end; a later one than the policy's is not granted.
    #[must_use]
    pub fn expires_at(self, end: UnixTime) -> Self {
        Self { expires_at: Some(end), ..self }
    }

    pub(crate) fn to_json(&self) -> String {
        let mut body = Map::from_iter([("user".to_owned(), Value::Object(self.user.clone()))]);
        // An end after the year 9999 has no text, and shortens no session.
        if let Some(end) = self.expires_at.and_then(UnixTime::to_iso8601) {
            body.insert("expires".to_owned(), end.into());
        }
        Value::Object(body).to_string()
    }
}
