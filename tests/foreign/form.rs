//! Form data that a user would submit from a page.

use aura_test_idp::browser::Page;
use url::Url;

/// A form and the fields that it has already.
pub(crate) struct Form {
    pub(crate) action: Url,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// Reads the only form of a page.
    pub(crate) fn of(page: &Page) -> Self {
        let text = page.text();
        let (_, form) =
            text.split_once("<form").unwrap_or_else(|| panic!("{} has no form: {text}", page.url));
        let (start, content) = form.split_once('>').unwrap();
        let content = content.split("</form>").next().unwrap();
        let inputs = content.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
        let fields = inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        // A form without an action goes to its own page (HTML 4.10.21.3).
        let action = attribute(start, "action").unwrap_or_default();
        Self { action: page.url.join(&action).unwrap(), fields: fields.collect() }
    }

    /// Fills in a field.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    }

    /// Leaves out a field, such as that of a button that is not pressed.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads where a page leads by itself (HTML 4.2.5.3, `http-equiv="refresh"`).
pub(crate) fn refresh(page: &Page) -> Url {
    let text = page.text();
    let (_, url) =
        text.split_once("content=\"0;url=").unwrap_or_else(|| panic!("stays at {}: {text}", page.url));
    page.url.join(&unescape(url.split('"').next().unwrap())).unwrap()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(value.split('"').next()?))
}

fn unescape(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    escapes.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
