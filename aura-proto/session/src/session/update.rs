//! Updates of a session by a page (`PATCH /session`): only editable members change.

use super::{Content, Session, SessionPolicy, User, is_reserved_claim};
use crate::parameters::{InvalidParameter, MemberName, ParameterIssue};
use aura_jose::StrictObject;
use aura_types::UnixTime;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Why a session is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum UpdateRefused {
    /// The body is not a JSON object.
    MalformedBody,
    /// Members of the body are malformed.
    InvalidParameters(Vec<InvalidParameter>),
    /// A member is not editable.
    NotEditable(MemberName),
    /// The application's claims are no JSON object, or have a reserved name.
    ClaimsUnwritable,
    /// The session has ended.
    Expired,
}

/// Changes the application's own claims: members replace claims of the same name, and `null` takes one away.
///
/// # Errors
/// [`UpdateRefused::ClaimsUnwritable`], where they are no JSON object or have a reserved name, and [`UpdateRefused::Expired`].
pub fn with_claims(
    session: &Session,
    claims: &(impl Serialize + ?Sized),
    policy: &SessionPolicy,
    now: UnixTime,
) -> Result<Session, UpdateRefused> {
    let members = members(claims)?;
    // It may have ended since it was read: a handler takes its time, and an update moves the end.
    if now >= session.expires_at() {
        return Err(UpdateRefused::Expired);
    }
    Ok(policy.updated(session, now).with(|content| {
        let own = content.claims.to_mut();
        for (name, value) in members {
            if value.is_null() {
                own.remove(&name);
            } else {
                own.insert(name, value);
            }
        }
    }))
}

/// Puts a profile into the place of the session's. What the page may change stays as the page left it; every other claim is the
/// application's to give and to take.
pub fn with_profile(
    session: &Session,
    user: User,
    own: Map<String, Value>,
    policy: &SessionPolicy,
    now: UnixTime,
) -> Session {
    policy.updated(session, now).with(|content| {
        content.user = user;
        let claims = content.claims.to_mut();
        claims.retain(|name, _| policy.editable.contains(name));
        claims.extend(own);
    })
}

/// Reads claims of the application's own.
///
/// # Errors
/// [`UpdateRefused::ClaimsUnwritable`], where they are no JSON object or have a reserved name.
pub fn members(claims: &(impl Serialize + ?Sized)) -> Result<Map<String, Value>, UpdateRefused> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(members)) if !members.keys().any(|name| is_reserved_claim(name)) => Ok(members),
        _ => Err(UpdateRefused::ClaimsUnwritable),
    }
}

/// The body of `PATCH /session`.
#[derive(Debug, PartialEq)]
pub struct SessionUpdate {
    user: Map<String, Value>,
    /// The requested end of the session.
    expires: Option<UnixTime>,
}

impl SessionUpdate {
    /// Reads the body: JSON, whatever its content type is.
    pub fn parse(body: &[u8], now: UnixTime) -> Result<Self, UpdateRefused> {
        let body = StrictObject::parse(body).map_err(|_| UpdateRefused::MalformedBody)?;
        let user = match body.get("user") {
            None => Map::new(),
            Some(Value::Object(user)) => user.clone(),
            Some(_) => return Err(invalid("user")),
        };
        let expires = match body.get("expires") {
            None => None,
            Some(value) => Some(moment(value).filter(|end| *end > now).ok_or_else(|| invalid("expires"))?),
        };
        Ok(Self { user, expires })
    }

    /// Applies the update. Front ends send the whole user back, so a member that is not editable may be there as it is.
    pub fn apply(
        &self,
        session: &Session,
        policy: &SessionPolicy,
        now: UnixTime,
    ) -> Result<Session, UpdateRefused> {
        let mut updated = policy.updated(session, now);
        let content = Arc::make_mut(&mut updated.0);
        content.expires_at = self.expires.map_or(content.expires_at, |wanted| wanted.min(content.expires_at));
        let shown = session.to_json(policy);
        for (name, value) in &self.user {
            if policy.editable.contains(name) {
                set(content, name, value)?;
            } else if shown.pointer("/user").and_then(|user| user.get(name)).unwrap_or(&Value::Null) != value
            {
                return Err(UpdateRefused::NotEditable(MemberName::new(name)));
            }
        }
        // If nothing but `iat` and `mexp` would change, the token is kept.
        let unchanged = session.issued(updated.issued_at(), session.expires_at(), updated.latest());
        Ok(if updated == unchanged { session.clone() } else { updated })
    }
}

fn set(content: &mut Content, name: &str, value: &Value) -> Result<(), UpdateRefused> {
    type Set = fn(User, String) -> User;
    let (set, parameter): (Set, _) = match name {
        "name" => (User::with_name, "user.name"),
        "image" => (User::with_image, "user.image"),
        "email" => (User::with_email, "user.email"),
        _ => {
            content.claims.to_mut().insert(name.to_owned(), value.clone());
            return Ok(());
        }
    };
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(parameter));
        }
    };
    content.user = set(content.user.clone(), text);
    Ok(())
}

/// Reads a moment: ISO 8601 text, or a number of milliseconds, as JavaScript writes dates. Parts of a second are dropped.
fn moment(value: &Value) -> Option<UnixTime> {
    let moment = match value {
        Value::String(text) => UnixTime::from_iso8601(text),
        Value::Number(milliseconds) => milliseconds.as_u64().map(|number| UnixTime::from_secs(number / 1000)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    moment.filter(|moment| moment.has_a_date())
}

fn invalid(name: &'static str) -> UpdateRefused {
    UpdateRefused::InvalidParameters(vec![InvalidParameter { name, issue: ParameterIssue::Invalid }])
}

#[cfg(test)]
mod tests {
    use super::super::Expiration;
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_000_000);

    fn session() -> Session {
        let user = User::new("1").with_name("Ada");
        let session = Session::begin(user, "dev".to_owned(), UnixTime::from_secs(999_000), &policy());
        session.with(|content| drop(content.claims.to_mut().insert("role".to_owned(), "user".into())))
    }

    fn policy() -> SessionPolicy {
        SessionPolicy::default().max_age(std::time::Duration::from_secs(10_000)).editable(["name", "theme"])
    }

    fn update(body: &str) -> Result<Session, UpdateRefused> {
        SessionUpdate::parse(body.as_bytes(), NOW)?.apply(&session(), &policy(), NOW)
    }

    #[test]
    fn so_09_only_editable_members_change() {
        let body = r#"{"user":{"name":"Eve","sub":"1","email":null,"theme":{"dark":true}}}"#;
        let updated = update(body).unwrap();
        assert_eq!((updated.user().sub(), updated.user().name()), ("1", Some("Eve")));
        assert_eq!(
            (updated.user().email().as_ref(), &updated.claims()["role"]),
            (None, &Value::from("user"))
        );
        assert_eq!(updated.claims()["theme"]["dark"], true);
        assert_eq!(updated.claims().len(), 2);
        assert_eq!(updated.expires_at(), session().expires_at());
        for (member, value) in [
            ("sub", r#""2""#),
            ("email", r#""e@e.test""#),
            ("role", r#""admin""#),
            ("exp", "9"),
            ("iss", r#""x""#),
            ("__proto__", "{}"),
        ] {
            let body = format!(r#"{{"user":{{"name":"Eve","{member}":{value}}}}}"#);
            assert_eq!(update(&body), Err(UpdateRefused::NotEditable(MemberName::new(member))), "{member}");
        }
    }

    #[test]
    fn nothing_to_change_changes_nothing() {
        for body in [
            "{}",
            r#"{"user":{}}"#,
            r#"{"user":{"name":"Ada","email":null,"sub":"1"}}"#,
            r#"{"expires":"2099-01-01T00:00:00.000Z"}"#,
        ] {
            assert_eq!(update(body).unwrap(), session(), "{body}");
        }
    }

    #[test]
    fn an_end_can_come_sooner_and_never_later() {
        assert_eq!(
            update(r#"{"expires":"1970-01-12T13:46:50.900Z"}"#).unwrap().expires_at().as_secs(),
            1_000_010
        );
        assert_eq!(update(r#"{"expires":1000010999}"#).unwrap().expires_at().as_secs(), 1_000_010);
        for strategy in [Expiration::Rolling, Expiration::Sliding { threshold_percent: 1 }] {
            let policy = policy().expiration(strategy);
            let wanted = |body: &str| {
                SessionUpdate::parse(body.as_bytes(), NOW).unwrap().apply(&session(), &policy, NOW).unwrap()
            };
            assert_eq!(wanted("{}").expires_at().as_secs(), 1_010_000);
            assert_eq!(wanted(r#"{"expires":1000010999}"#).expires_at().as_secs(), 1_000_010);
            let bounded = session().with(|content| content.latest = Some(UnixTime::from_secs(1_000_005)));
            let updated = SessionUpdate::parse(b"{}", NOW).unwrap().apply(&bounded, &policy, NOW).unwrap();
            assert_eq!(updated.expires_at().as_secs(), 1_000_005);
        }
    }

    #[test]
    fn past_missing_and_malformed_ends_and_members_are_refused() {
        for (body, name) in [
            (r#"{"expires":null}"#, "expires"),
            (r#"{"expires":"yesterday"}"#, "expires"),
            (r#"{"expires":"1970-01-01T00:00:00Z"}"#, "expires"),
            (r#"{"expires":1000000000}"#, "expires"),
            (r#"{"expires":-5}"#, "expires"),
            (r#"{"expires":1e300}"#, "expires"),
            (r#"{"user":7}"#, "user"),
            (r#"{"user":{"name":7}}"#, "user.name"),
        ] {
            let issue = ParameterIssue::Invalid;
            assert_eq!(
                update(body),
                Err(UpdateRefused::InvalidParameters(vec![InvalidParameter { name, issue }])),
                "{body}"
            );
        }
        for body in ["", "nope", "[]", r#"{"user":{},"user":{}}"#] {
            assert_eq!(update(body), Err(UpdateRefused::MalformedBody), "{body}");
        }
    }

    #[test]
    fn nothing_to_change_keeps_the_token_where_a_change_would_date_it_anew() {
        let policy =
            policy().expiration(Expiration::Fixed).max_duration(std::time::Duration::from_secs(20_000));
        let old = session().with(|content| content.latest = None);
        let apply = |body: &str| {
            SessionUpdate::parse(body.as_bytes(), NOW).unwrap().apply(&old, &policy, NOW).unwrap()
        };
        assert_eq!(apply(r#"{"user":{"name":"Ada"}}"#), old);
        let changed = apply(r#"{"user":{"name":"Eve"}}"#);
        assert_eq!((changed.issued_at(), changed.latest()), (NOW, Some(UnixTime::from_secs(1_019_000))));
    }

    #[test]
    fn an_email_that_is_editable_is_a_member_of_the_user() {
        let policy = policy().editable(["email"]);
        let update = SessionUpdate::parse(br#"{"user":{"email":"a@a.test"}}"#, NOW).unwrap();
        let updated = update.apply(&session(), &policy, NOW).unwrap();
        assert_eq!(updated.user().email(), Some("a@a.test"));
        assert!(!updated.claims().contains_key("email"));
    }
}
