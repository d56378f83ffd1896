//! Profiles: how a userinfo answer becomes a user, behind JSON pointers (RFC 6901) or by a function.

use crate::refused::UserInfoRefused;
use aura_session::setters;
use aura_types::User;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Longest URL of a picture, in characters. Longer ones hold the picture itself.
const MAX_PICTURE: usize = 1024;

/// For each member of the user, the JSON pointers to try in order. `sub` is the first value that is neither null nor empty. Every other
/// member is the first string that is not empty.
///
/// ```
/// use aura_proto::provider::Profile;
/// let profile = Profile::default().sub_at(["/account/uuid"]).name_at(["/account/handle", "/account/login"]);
/// let json = serde_json::json!({ "sub": ["/account/uuid"], "name": ["/account/handle", "/account/login"] });
/// assert_eq!(profile, serde_json::from_value(json)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use = "give it to Provider::profile"]
pub struct Profile {
    sub: Vec<String>,
    name: Vec<String>,
    email: Vec<String>,
    image: Vec<String>,
}

/// For each member of the user the JSON pointers (RFC 6901) to try in order; the first that is there counts.
///
/// ```
/// use aura_proto::provider::RowPointers;
/// const POINTERS: RowPointers = RowPointers::new(&["/id"], &["/name", "/login"], &[], &[]);
/// let user = POINTERS.user(&serde_json::json!({ "id": 7, "login": "ada" }))?;
/// assert_eq!((user.sub(), user.name()), ("7", Some("ada")));
/// # Ok::<(), aura_proto::provider::ProfileError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RowPointers {
    /// To the id.
    pub sub: &'static [&'static str],
    /// To the name.
    pub name: &'static [&'static str],
    /// To the e-mail address.
    pub email: &'static [&'static str],
    /// To the URL of a picture.
    pub image: &'static [&'static str],
}

/// Why a userinfo answer gives no user.
///
/// ```
/// use aura_proto::provider::ProfileError;
/// assert_eq!(ProfileError::WithoutId.to_string(), "the answer has no id of the user");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It has no id of the user.
    #[error("the answer has no id of the user")]
    WithoutId,
    /// It has a member of the wrong type.
    #[error("the answer has a member of the wrong type")]
    WrongType,
}

/// A claim about the user that is only displayed, and that no check uses.
///
/// ```
/// assert_eq!(aura_proto::DisplayClaim::Picture.to_string(), "picture");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisplayClaim {
    /// The name.
    Name,
    /// The e-mail address.
    Email,
    /// The URL of a picture.
    Picture,
}

impl fmt::Display for DisplayClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Picture => "picture",
        })
    }
}

impl From<ProfileError> for UserInfoRefused {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::WithoutId => Self::WithoutId,
            ProfileError::WrongType => Self::Malformed,
        }
    }
}

/// How a provider's users are read.
#[derive(Clone)]
pub enum ProfileSource {
    Pointers(Profile),
    Function(Arc<ProfileFunction>),
}

type ProfileFunction = dyn Fn(&Value) -> Result<User, ProfileError> + Send + Sync;

impl ProfileSource {
    /// Makes the source of a function.
    pub fn function(function: impl Fn(&Value) -> Result<User, ProfileError> + Send + Sync + 'static) -> Self {
        Self::Function(Arc::new(function))
    }

    /// Reads the user from a userinfo answer, and returns which claims were left out. An empty string
    /// counts as absent; without an id it is an error. Name, e-mail address and picture are left out if they are no string, and a
    /// picture if it has more than 1,024 characters.
    pub fn user(&self, userinfo: &Value) -> Result<(User, Vec<DisplayClaim>), ProfileError> {
        let user = match self {
            Self::Pointers(profile) => profile.user(userinfo)?,
            Self::Function(function) => function(userinfo)?,
        };
        if user.sub().is_empty() {
            return Err(ProfileError::WithoutId);
        }
        let usual;
        let profile = match self {
            Self::Pointers(profile) => profile,
            // Where a function looks is not known, but what it did not find is often at the usual place.
            Self::Function(_) => {
                usual = Profile::default();
                &usual
            }
        };
        let is_odd = |pointers: &[String]| there(userinfo, pointers).any(|value| !value.is_string());
        let mut ignored: Vec<_> = [
            (DisplayClaim::Name, user.name(), &profile.name),
            (DisplayClaim::Email, user.email(), &profile.email),
            (DisplayClaim::Picture, user.image(), &profile.image),
        ]
        .into_iter()
        .filter(|(_, read, pointers)| read.is_none() && is_odd(pointers))
        .map(|(claim, ..)| claim)
        .collect();
        if user.image().is_some_and(|image| image.chars().nth(MAX_PICTURE).is_some()) {
            ignored.push(DisplayClaim::Picture);
            return Ok((user.with_image(""), ignored));
        }
        Ok((user, ignored))
    }

    /// Iterates over the pointers; a function has none.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        let profile = match self {
            Self::Pointers(profile) => Some(profile),
            Self::Function(_) => None,
        };
        let lists = profile
            .into_iter()
            .flat_map(|profile| [&profile.sub, &profile.name, &profile.email, &profile.image]);
        lists.flatten().map(String::as_str)
    }

    /// Returns the first text that is no JSON pointer: one is empty or begins with a slash (RFC 6901 section 3).
    pub fn unsound_pointer(&self) -> Option<&str> {
        self.pointers().find(|pointer| !pointer.is_empty() && !pointer.starts_with('/'))
    }
}

impl fmt::Debug for ProfileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointers(profile) => profile.fmt(f),
            Self::Function(_) => f.write_str("Function(..)"),
        }
    }
}

impl Default for Profile {
    /// The names that most providers use.
    fn default() -> Self {
        Self::from(RowPointers::USUAL)
    }
}

impl RowPointers {
    /// The members that most providers have.
    pub(super) const USUAL: Self = Self::new(
        &["/id", "/sub", "/uid", "/user_id", "/account_id"],
        &["/name", "/username", "/nickname"],
        &["/email"],
        &["/image", "/picture"],
    );

    /// The claims of OpenID Connect Core 1.0 section 5.1.
    pub(super) const OPENID: Self =
        Self::new(&["/sub"], &["/name", "/preferred_username", "/nickname"], &["/email"], &["/picture"]);

    /// Lists the pointers to id, name, e-mail address and picture.
    ///
    /// ```
    /// use aura_proto::provider::RowPointers;
    /// const POINTERS: RowPointers = RowPointers::new(&["/id"], &["/name"], &["/email"], &["/picture"]);
    /// assert_eq!(POINTERS.email, ["/email"]);
    /// ```
    pub const fn new(
        sub: &'static [&'static str],
        name: &'static [&'static str],
        email: &'static [&'static str],
        image: &'static [&'static str],
    ) -> Self {
        Self { sub, name, email, image }
    }

    /// Reads the user out of a userinfo answer.
    ///
    /// # Errors
    /// [`ProfileError`] if there is no id, or one of another type.
    pub fn user(&self, userinfo: &Value) -> Result<User, ProfileError> {
        Profile::from(*self).user(userinfo)
    }
}

impl From<RowPointers> for Profile {
    fn from(row: RowPointers) -> Self {
        let owned = |pointers: &[&str]| pointers.iter().map(|&pointer| pointer.to_owned()).collect();
        Self { sub: owned(row.sub), name: owned(row.name), email: owned(row.email), image: owned(row.image) }
    }
}

impl Profile {
    setters! {
        /// Sets the pointers to the user's id: a string that is not empty, or a number.
        pub fn sub_at(pointers: impl IntoIterator<Item: Into<String>>) { sub = texts(pointers) }

        /// Sets the pointers to the name.
        pub fn name_at(pointers: impl IntoIterator<Item: Into<String>>) { name = texts(pointers) }

        /// Sets the pointers to the e-mail address.
        pub fn email_at(pointers: impl IntoIterator<Item: Into<String>>) { email = texts(pointers) }

        /// Sets the pointers to the URL of a picture.
        pub fn image_at(pointers: impl IntoIterator<Item: Into<String>>) { image = texts(pointers) }
    }

    /// Reads the user behind the pointers.
    pub(super) fn user(&self, userinfo: &Value) -> Result<User, ProfileError> {
        let sub = match there(userinfo, &self.sub).next() {
            Some(Value::String(id)) => id.clone(),
            // Only whole numbers tell users apart: others are rounded when they are read.
            Some(Value::Number(id)) if id.is_u64() || id.is_i64() => id.to_string(),
            None => return Err(ProfileError::WithoutId),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(ProfileError::WrongType);
            }
        };
        let [name, image, email] =
            [&self.name, &self.image, &self.email].map(|pointers| text(userinfo, pointers));
        Ok(User::from_claims(&sub, name, image, email))
    }
}

/// Collects texts of a list.
pub(super) fn texts(list: impl IntoIterator<Item: Into<String>>) -> Vec<String> {
    list.into_iter().map(Into::into).collect()
}

/// Iterates over the members that are there; `null` and the empty text are not.
fn there<'a>(userinfo: &'a Value, pointers: &'a [String]) -> impl Iterator<Item = &'a Value> {
    let there = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    pointers.iter().filter_map(|pointer| follow(userinfo, pointer)).filter(there)
}

/// Follows a pointer. Most name a member of the answer itself and have nothing to undo, which `Value::pointer` takes 500
/// instructions to find out.
fn follow<'a>(userinfo: &'a Value, pointer: &str) -> Option<&'a Value> {
    match (userinfo, pointer.strip_prefix('/')) {
        (Value::Object(members), Some(name)) if !name.contains(['/', '~']) => members.get(name),
        _ => userinfo.pointer(pointer),
    }
}

/// Reads a string. It is never empty. A value of another type counts as absent.
fn text<'a>(userinfo: &'a Value, pointers: &'a [String]) -> Option<&'a str> {
    there(userinfo, pointers).find_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_first_member_that_is_there_counts() {
        let userinfo =
            json!({ "id": 7, "sub": "x", "name": null, "username": "ada", "email": "", "picture": "p" });
        let user = Profile::default().user(&userinfo).unwrap();
        assert_eq!((user.sub(), user.name()), ("7", Some("ada")));
        assert_eq!((user.email(), user.image()), (None, Some("p")));
    }

    #[test]
    fn empty_texts_are_absent_and_the_next_pointer_is_tried() {
        let userinfo = json!({ "id": "", "sub": "x", "name": "", "username": "ada", "image": "" });
        let user = Profile::default().user(&userinfo).unwrap();
        assert_eq!((user.sub(), user.name(), user.image()), ("x", Some("ada"), None));
    }

    proptest! {
        /// The general reader is the oracle.
        #[test]
        fn a_pointer_leads_where_the_general_reader_finds_it(pointer in "(/|~0|~1|~|a|b|0|1){0,5}", which in 0..5_usize) {
            let values = [
                json!({ "": { "a": 1 }, "a": { "b": [2, 3], "": 4 }, "a/b": 5, "a~b": 6, "0": [7], "~": 8, "/": 9 }),
                json!([1, { "a": 2 }]),
                json!("a"),
                json!(null),
                json!({}),
            ];
            prop_assert_eq!(follow(&values[which], &pointer), values[which].pointer(&pointer));
        }
    }

    #[test]
    fn mx_07_ids_that_are_rounded_are_refused() {
        let user = |text: &str| Profile::default().user(&serde_json::from_str(text).unwrap());
        assert_eq!(user(r#"{"id":18446744073709551615}"#).unwrap().sub(), "18446744073709551615");
        for number in ["18446744073709551616", "1.5", "1e3"] {
            assert_eq!(user(&format!(r#"{{"id":{number}}}"#)), Err(ProfileError::WrongType), "{number}");
        }
    }

    #[test]
    fn a_function_gives_the_user_but_never_an_empty_one() {
        let by = ProfileSource::function(|userinfo| {
            let user = User::new(userinfo["a"].as_str().ok_or(ProfileError::WithoutId)?);
            Ok(user.with_name(userinfo["b"].as_str().unwrap_or_default()))
        });
        assert_eq!(by.user(&json!({ "a": "1", "b": "" })), Ok((User::new("1"), Vec::new())));
        assert_eq!(by.user(&json!({ "a": "" })), Err(ProfileError::WithoutId));
        assert_eq!(by.user(&json!({})), Err(ProfileError::WithoutId));
    }

    #[test]
    fn a_user_without_an_id_or_with_one_of_another_type_is_refused() {
        let error = |userinfo| Profile::default().user(&userinfo).unwrap_err();
        assert_eq!(error(json!({ "name": "ada" })), ProfileError::WithoutId);
        assert_eq!(error(json!({ "id": "" })), ProfileError::WithoutId);
        assert_eq!(error(json!([])), ProfileError::WithoutId);
        for id in [json!(true), json!(["1"]), json!({ "id": "1" })] {
            assert_eq!(error(json!({ "id": id })), ProfileError::WrongType);
        }
    }
}
