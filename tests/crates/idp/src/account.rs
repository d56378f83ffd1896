//! Accounts of made-up people.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::html::Escaped;

/// One made-up person that a test can sign in as.
///
/// ```
/// use aura_test_idp::Account;
///
/// let ada = Account::new("ada", "Ada Lovelace", "ada@example.test");
/// assert_eq!(ada.id(), "ada");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    id: String,
    name: String,
    email: String,
    email_verification: EmailVerification,
    picture: String,
}

/// Whether the e-mail address is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EmailVerification {
    Verified,
    Unverified,
}

impl Account {
    /// Makes up an account; its picture shows the initials.
    ///
    /// ```
    /// use aura_test_idp::Account;
    ///
    /// let ada = Account::new("ada", "Ada Lovelace", "ada@example.test");
    /// assert_eq!(ada.name(), "Ada Lovelace");
    /// ```
    #[must_use = "register the account with Idp::account"]
    pub fn new(id: &str, name: &str, email: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
            email_verification: EmailVerification::Verified,
            picture: initials(id, name),
        }
    }

    /// Makes up the usual few.
    ///
    /// ```
    /// use aura_test_idp::Account;
    ///
    /// let ids: Vec<_> = Account::made_up().iter().map(|account| account.id().to_owned()).collect();
    /// assert_eq!(ids, ["ada", "grace", "alan"]);
    /// ```
    #[must_use = "register the accounts with Idp::accounts"]
    pub fn made_up() -> [Self; 3] {
        [
            Self::new("ada", "Ada Lovelace", "ada@example.test"),
            Self::new("grace", "Grace Hopper", "grace@example.test"),
            Self::new("alan", "Alan Turing", "alan@example.test"),
        ]
    }

    /// Replaces the picture by any text, an honest URL or not.
    ///
    /// ```
    /// use aura_test_idp::Account;
    ///
    /// let ada = Account::new("ada", "Ada Lovelace", "ada@example.test").with_picture("https://example.test/ada.png");
    /// assert_eq!(ada.picture(), "https://example.test/ada.png");
    /// ```
    #[must_use = "register the account with Idp::account"]
    pub fn with_picture(mut self, picture: &str) -> Self {
        picture.clone_into(&mut self.picture);
        self
    }

    /// Sets `email_verified` to `false` (OpenID Connect Core section 5.1).
    ///
    /// ```
    /// use aura_test_idp::Account;
    ///
    /// let eve = Account::new("eve", "Eve", "ada@example.test").with_unverified_email();
    /// assert!(!eve.is_email_verified());
    /// ```
    #[must_use = "register the account with Idp::account"]
    pub const fn with_unverified_email(mut self) -> Self {
        self.email_verification = EmailVerification::Unverified;
        self
    }

    /// Returns the identifier, which userinfo answers as `id` and `sub`.
    ///
    /// ```
    /// # use aura_test_idp::Account;
    /// assert_eq!(Account::new("ada", "Ada Lovelace", "ada@example.test").id(), "ada");
    /// ```
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name to show.
    ///
    /// ```
    /// # use aura_test_idp::Account;
    /// assert_eq!(Account::new("ada", "Ada Lovelace", "ada@example.test").name(), "Ada Lovelace");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the e-mail address.
    ///
    /// ```
    /// # use aura_test_idp::Account;
    /// assert_eq!(Account::new("ada", "Ada Lovelace", "ada@example.test").email(), "ada@example.test");
    /// ```
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Tells whether the e-mail address is verified (OpenID Connect Core section 5.1).
    ///
    /// ```
    /// # use aura_test_idp::Account;
    /// assert!(Account::new("ada", "Ada Lovelace", "ada@example.test").is_email_verified());
    /// ```
    pub fn is_email_verified(&self) -> bool {
        self.email_verification == EmailVerification::Verified
    }

    /// Returns the picture's URL, by default a `data:` URL (RFC 2397) that needs no network.
    ///
    /// ```
    /// # use aura_test_idp::Account;
    /// let ada = Account::new("ada", "Ada Lovelace", "ada@example.test");
    /// assert!(ada.picture().starts_with("data:image/svg+xml;base64,"));
    /// ```
    pub fn picture(&self) -> &str {
        &self.picture
    }
}

/// Draws the first letters of the first and the last word on a colour of the account's own.
fn initials(id: &str, name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let letters: String = words.next().into_iter().chain(words.next_back()).collect();
    let hue = id.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'>\
         <rect width='40' height='40' fill='hsl({hue},45%,42%)'/>\
         <text x='20' y='26' fill='white' font-family='sans-serif' font-size='16' text-anchor='middle'>{}</text>\
         </svg>",
        Escaped(&letters.to_uppercase())
    );
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_shows_the_first_and_the_last_initial() {
        for (name, letters) in [("Ada Lovelace", "AL"), ("Ada King Lovelace", "AL"), ("ada", "A"), ("", "")] {
            assert!(svg(name).contains(&format!(">{letters}</text>")), "{name}");
        }
    }

    #[test]
    fn a_name_does_not_break_out_of_its_picture() {
        assert!(svg("<a &b").contains(">&lt;&amp;</text>"));
    }

    fn svg(name: &str) -> String {
        let account = Account::new("id", name, "");
        let encoded = account.picture().strip_prefix("data:image/svg+xml;base64,").unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }
}
