//! The person who signed in.

use serde::Serialize;

/// The person who signed in, as the provider described them.
///
/// ```
/// # fn greet(user: &aura_types::User) {
/// println!("Hello, {}", user.name.as_deref().unwrap_or("stranger"));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The id at the provider; unique only together with the provider.
    pub sub: String,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The e-mail address, verified or not: never an identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl User {
    /// Makes a user of whom only the id at the provider is known.
    ///
    /// ```
    /// let mut user = aura_types::User::new("583231");
    /// user.name = Some("Ada".to_owned());
    /// assert_eq!(user.sub, "583231");
    /// ```
    pub fn new(sub: impl Into<String>) -> Self {
        Self { sub: sub.into(), name: None, image: None, email: None }
    }
}
