//! The person who signed in.

use serde::Serialize;

/// The person who signed in, as the provider described them.
///
/// ```
/// use aura_types::User;
/// let greeting = |user: &User| format!("Hello, {}", user.name().unwrap_or("stranger"));
/// assert_eq!(greeting(&User::new("583231").with_name("Ada")), "Hello, Ada");
/// assert_eq!(greeting(&User::new("583231")), "Hello, stranger");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

fn not_empty(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

impl User {
    /// Takes the members as a session token has them, in which a text may be empty.
    #[doc(hidden)]
    pub fn from_claims(
        sub: String,
        name: Option<String>,
        image: Option<String>,
        email: Option<String>,
    ) -> Self {
        Self { sub, name, image, email }
    }

    /// Makes a user of whom only the id at the provider is known.
    ///
    /// ```
    /// let user = aura_types::User::new("583231");
    /// assert_eq!((user.sub(), user.name(), user.image(), user.email()), ("583231", None, None, None));
    /// ```
    pub fn new(sub: impl Into<String>) -> Self {
        Self { sub: sub.into(), name: None, image: None, email: None }
    }

    /// Gives the user a name. An empty text is none.
    ///
    /// ```
    /// use aura_types::User;
    /// assert_eq!(User::new("583231").with_name("Ada").name(), Some("Ada"));
    /// ```
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: not_empty(name), ..self }
    }

    /// Gives the user a picture, by its URL. An empty text is none.
    ///
    /// ```
    /// use aura_types::User;
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
    /// use aura_types::User;
    /// assert_eq!(User::new("583231").with_email("ada@a.test").email(), Some("ada@a.test"));
    /// ```
    #[must_use]
    pub fn with_email(self, email: impl Into<String>) -> Self {
        Self { email: not_empty(email), ..self }
    }

    /// Returns the id at the provider, which is unique only together with the provider.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").sub(), "583231");
    /// ```
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// Returns the name to show.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").name(), None);
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the URL of a picture.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").image(), None);
    /// ```
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Returns the e-mail address, verified or not: never an identity.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").email(), None);
    /// ```
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }
}
