//! The person who signed in.

use serde::{Serialize, Serializer};
use std::fmt;

/// The person who signed in, as the provider described them.
///
/// ```
/// use aura_types::User;
/// let greeting = |user: &User| format!("Hello, {}", user.name().unwrap_or("stranger"));
/// assert_eq!(greeting(&User::new("583231").with_name("Ada")), "Hello, Ada");
/// assert_eq!(greeting(&User::new("583231")), "Hello, stranger");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The texts, one after the other, because a user is read of every request: one allocation instead of four.
    texts: String,
    sub: Span,
    name: Option<Span>,
    image: Option<Span>,
    email: Option<Span>,
}

/// Where a text begins and ends.
type Span = (usize, usize);

impl User {
    /// Takes the members as a session token has them, in which a text may be empty.
    #[doc(hidden)]
    pub fn from_claims(sub: &str, name: Option<&str>, image: Option<&str>, email: Option<&str>) -> Self {
        let texts = [Some(sub), name, image, email].map(Option::unwrap_or_default).concat();
        let mut end = 0_usize;
        let mut span = |text: &str| {
            let start = end;
            end = end.saturating_add(text.len());
            (start, end)
        };
        let (sub, name, image) = (span(sub), name.map(&mut span), image.map(&mut span));
        Self { texts, sub, name, image, email: email.map(span) }
    }

    fn text(&self, (start, end): Span) -> &str {
        // Cannot fail: these are the spans of whole texts.
        self.texts.get(start..end).unwrap_or_default()
    }

    /// Makes a user of whom only the id at the provider is known.
    ///
    /// ```
    /// let user = aura_types::User::new("583231");
    /// assert_eq!((user.sub(), user.name(), user.image(), user.email()), ("583231", None, None, None));
    /// ```
    pub fn new(sub: impl Into<String>) -> Self {
        Self::from_claims(&sub.into(), None, None, None)
    }

    /// Sets the name. An empty text removes it.
    ///
    /// ```
    /// use aura_types::User;
    /// assert_eq!(User::new("583231").with_name("Ada").name(), Some("Ada"));
    /// ```
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self::from_claims(self.sub(), not_empty(&name.into()), self.image(), self.email())
    }

    /// Sets the URL of a picture. An empty text removes it.
    ///
    /// ```
    /// use aura_types::User;
    /// let ada = User::new("583231").with_image("https://a.test/ada.png");
    /// assert_eq!(ada.image(), Some("https://a.test/ada.png"));
    /// assert_eq!(ada.with_image("").image(), None);
    /// ```
    #[must_use]
    pub fn with_image(self, image: impl Into<String>) -> Self {
        Self::from_claims(self.sub(), self.name(), not_empty(&image.into()), self.email())
    }

    /// Sets the e-mail address. An empty text removes it.
    ///
    /// ```
    /// use aura_types::User;
    /// assert_eq!(User::new("583231").with_email("ada@a.test").email(), Some("ada@a.test"));
    /// ```
    #[must_use]
    pub fn with_email(self, email: impl Into<String>) -> Self {
        Self::from_claims(self.sub(), self.name(), self.image(), not_empty(&email.into()))
    }

    /// Returns the id at the provider, which is unique only together with the provider.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").sub(), "583231");
    /// ```
    pub fn sub(&self) -> &str {
        self.text(self.sub)
    }

    /// Returns the name to show.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").name(), None);
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.map(|name| self.text(name))
    }

    /// Returns the URL of a picture.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").image(), None);
    /// ```
    pub fn image(&self) -> Option<&str> {
        self.image.map(|image| self.text(image))
    }

    /// Returns the e-mail address, verified or not: never an identity.
    ///
    /// ```
    /// assert_eq!(aura_types::User::new("583231").email(), None);
    /// ```
    pub fn email(&self) -> Option<&str> {
        self.email.map(|email| self.text(email))
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = [Some(self.sub()), self.name(), self.image(), self.email()];
        let members = ["sub", "name", "image", "email"].into_iter().zip(texts);
        serializer.collect_map(members.filter_map(|(name, text)| Some((name, text?))))
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sub, name, image, email) = (self.sub(), self.name(), self.image(), self.email());
        write!(f, "User {{ sub: {sub:?}, name: {name:?}, image: {image:?}, email: {email:?} }}")
    }
}

fn not_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
