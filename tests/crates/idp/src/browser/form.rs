//! Forms of pages, filled in and sent as a user does it (HTML 4.10).

use url::Url;

use super::Browser;
use super::history::Page;
use super::web::Web;

/// A form of a page, with the fields that it has already (HTML 4.10.3). Buttons are not among them: pressing one is filling in
/// its field.
///
/// ```
/// # use {aura_test_idp::browser::{Browser, Form, Web}, bytes::Bytes, http::{Request, Response}, url::Url};
/// let mut app = |_: Request<Bytes>, _: u64| {
///     Response::new(Bytes::from(r#"<form action="/in"><input name="a" value="1"><button name="user" value="ada">"#))
/// };
/// let mut web = Web::default().with("http://localhost:3000", &mut app);
/// let mut browser = Browser::new(0);
/// let page = browser.open(&mut web, &Url::parse("http://localhost:3000/")?);
///
/// let form = Form::of(&page).ok_or("no form")?.with("user", "ada");
/// assert_eq!(browser.submit(&mut web, &form).url.path(), "/in");
/// assert_eq!(browser.history[1].request_body, "a=1&user=ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a test may send a form that no page has")]
pub struct Form {
    /// Where it is sent.
    pub action: Url,
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Reads the first form of a page, if it has one. It takes what the pages of tests are written in, not any HTML.
    #[must_use]
    pub fn of(page: &Page) -> Option<Self> {
        Self::nth(page, 0)
    }

    /// Reads another form of a page, by its place among them: the first is 0.
    #[must_use]
    pub fn nth(page: &Page, place: usize) -> Option<Self> {
        let text = page.text();
        let (start, content) = text.split("<form").nth(place.checked_add(1)?)?.split_once('>')?;
        let content = content.split("</form>").next().unwrap_or_default();
        let inputs = content.split("<input").skip(1).filter_map(|input| input.split('>').next());
        let fields = inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        // A form without an action goes to its own page (HTML 4.10.21.3).
        let action = attribute(start, "action").unwrap_or_default();
        Some(Self { action: page.url.join(&action).ok()?, fields: fields.collect() })
    }

    /// Fills in a field.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    }

    /// Leaves out a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// Returns the value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Browser {
    /// Sends a form of the current page by `POST`, URL-encoded (HTML 4.10.22).
    pub fn submit(&mut self, web: &mut Web<'_>, form: &Form) -> Page {
        let fields: Vec<_> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.submit_form(web, &form.action, &fields)
    }
}

impl Page {
    /// Returns where the page leads by itself (HTML 4.2.5.3, `http-equiv="refresh"`).
    #[must_use]
    pub fn refresh(&self) -> Option<Url> {
        let text = self.text();
        let (_, url) = text.split_once("content=\"0;url=")?;
        self.url.join(&unescape(url.split('"').next()?)).ok()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(value.split('"').next()?))
}

fn unescape(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    escapes.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
