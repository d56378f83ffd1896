//! Self-submitting HTML form with the response (OAuth 2.0 Form Post Response Mode).

use std::fmt;

use crate::form::encode;
use crate::html::Escaped;
use crate::redirect_uri::RedirectUri;

/// An authorization response that the browser posts to the client (OAuth 2.0 Form Post Response Mode section 2).
///
/// ```
/// use aura_test_idp::{Client, ClientSecret, Idp};
///
/// let client = Client::new("app", ClientSecret::new("app-secret"))
///     .with_redirect_uri("http://localhost:3000/callback")?;
/// let idp = Idp::new("http://localhost:3000/dev")?.client(client);
/// let form = idp.deny_form_post(
///     "http://localhost:3000/dev/authorize?response_type=code&response_mode=form_post&client_id=app\
///      &redirect_uri=http://localhost:3000/callback&state=af0ifjsldkj\
///      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
/// )?;
/// assert_eq!(form.action(), "http://localhost:3000/callback");
/// assert_eq!(form.field("error"), Some("access_denied"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    action: String,
    fields: Vec<(String, String)>,
}

impl FormPost {
    pub(crate) fn new<'a>(
        redirect_uri: &RedirectUri,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { action: redirect_uri.as_str().to_owned(), fields: fields.into_iter().map(own).collect() }
    }

    /// Returns the URL that the form is posted to, which is the `redirect_uri`.
    ///
    /// See the example of [`FormPost`].
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Returns the names and values of the fields, in order.
    ///
    /// See the example of [`FormPost`].
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the value of the first field of a name.
    ///
    /// See the example of [`FormPost`].
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// Returns the body of the browser's POST, as `application/x-www-form-urlencoded`.
    ///
    /// See the example of [`FormPost`].
    pub fn body(&self) -> String {
        encode(self.fields())
    }
}

/// Writes the form for people whose browser runs no script: they press the button.
impl fmt::Display for FormPost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "<form method=\"post\" action=\"{}\">", Escaped(&self.action))?;
        for (name, value) in self.fields() {
            writeln!(out, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", Escaped(name), Escaped(value))?;
        }
        out.write_str("<button autofocus>Continue</button>\n</form>\n")
    }
}
