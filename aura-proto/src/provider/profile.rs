//! Where does a userinfo answer hold the user? Behind JSON pointers (RFC 6901).

use super::table::RowProfile;
use crate::session::User;
use serde::Deserialize;
use serde_json::Value;

/// For each member of the user, the JSON pointers to try in order; the first that points to something counts.
///
/// ```
/// use aura_proto::provider::Profile;
/// let profile = Profile::default().sub_at(["/account/uuid"]).name_at(["/account/handle", "/account/login"]);
/// # let _ = profile;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    sub: Vec<String>,
    name: Vec<String>,
    email: Vec<String>,
    image: Vec<String>,
}

/// Why a userinfo answer gives no user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfileError {
    WithoutId,
    WrongType,
}

impl Default for Profile {
    /// The names that most providers use.
    fn default() -> Self {
        Self::from(RowProfile {
            sub: &["/id", "/sub", "/uid", "/user_id", "/account_id"],
            name: &["/name", "/username", "/nickname"],
            email: &["/email"],
            image: &["/image", "/picture"],
        })
    }
}

impl From<RowProfile> for Profile {
    fn from(row: RowProfile) -> Self {
        let owned = |pointers: &[&str]| pointers.iter().map(|&pointer| pointer.to_owned()).collect();
        Self { sub: owned(row.sub), name: owned(row.name), email: owned(row.email), image: owned(row.image) }
    }
}

macro_rules! pointers {
    ($(#[$doc:meta])* $method:ident sets $member:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $method<P: Into<String>>(mut self, pointers: impl IntoIterator<Item = P>) -> Self {
            self.$member = pointers.into_iter().map(Into::into).collect();
            self
        }
    };
}

impl Profile {
    pointers! {
        /// Says where the user's id is: text or a number, never empty.
        ///
        /// ```
        /// let profile = aura_proto::provider::Profile::default().sub_at(["/data/id"]);
        /// # let _ = profile;
        /// ```
        sub_at sets sub
    }
    pointers! {
        /// Says where the name is.
        ///
        /// ```
        /// let profile = aura_proto::provider::Profile::default().name_at(["/data/name"]);
        /// # let _ = profile;
        /// ```
        name_at sets name
    }
    pointers! {
        /// Says where the e-mail address is.
        ///
        /// ```
        /// let profile = aura_proto::provider::Profile::default().email_at(["/data/email"]);
        /// # let _ = profile;
        /// ```
        email_at sets email
    }
    pointers! {
        /// Says where the URL of a picture is.
        ///
        /// ```
        /// let profile = aura_proto::provider::Profile::default().image_at(["/data/avatar"]);
        /// # let _ = profile;
        /// ```
        image_at sets image
    }

    /// Reads the user out of a userinfo answer.
    pub(crate) fn user(&self, userinfo: &Value) -> Result<User, ProfileError> {
        let sub = match first(userinfo, &self.sub) {
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            Some(Value::String(_)) | None => return Err(ProfileError::WithoutId),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(ProfileError::WrongType);
            }
        };
        let mut user = User::new(sub);
        user.name = text(userinfo, &self.name)?;
        user.email = text(userinfo, &self.email)?;
        user.image = text(userinfo, &self.image)?;
        Ok(user)
    }
}

fn first<'a>(userinfo: &'a Value, pointers: &[String]) -> Option<&'a Value> {
    pointers.iter().filter_map(|pointer| userinfo.pointer(pointer)).find(|value| !value.is_null())
}

/// Reads an optional text. Empty is absent, another type is an error.
fn text(userinfo: &Value, pointers: &[String]) -> Result<Option<String>, ProfileError> {
    match first(userinfo, pointers) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(ProfileError::WrongType)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_member_that_is_there_counts() {
        let userinfo =
            json!({ "id": 7, "sub": "x", "name": null, "username": "ada", "email": "", "picture": "p" });
        let user = Profile::default().user(&userinfo).unwrap();
        assert_eq!((user.sub.as_str(), user.name.as_deref()), ("7", Some("ada")));
        assert_eq!((user.email, user.image.as_deref()), (None, Some("p")));
    }

    #[test]
    fn a_user_without_an_id_or_with_members_of_another_type_is_refused() {
        let error = |userinfo| Profile::default().user(&userinfo).unwrap_err();
        assert_eq!(error(json!({ "name": "ada" })), ProfileError::WithoutId);
        assert_eq!(error(json!({ "id": "" })), ProfileError::WithoutId);
        assert_eq!(error(json!([])), ProfileError::WithoutId);
        assert_eq!(error(json!({ "id": true })), ProfileError::WrongType);
        assert_eq!(error(json!({ "id": 1, "email": ["a"] })), ProfileError::WrongType);
    }
}
