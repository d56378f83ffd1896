//! HTML pages: the choice of an account, and the error page.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ring::digest::{SHA256, digest};

use crate::account::Account;
use crate::error::Unanswerable;
use crate::form_post::FormPost;
use crate::html::Escaped;
use crate::request::{AuthorizationRequest, Scope};

const STYLE: &str = include_str!("page.css");

/// A complete HTML document without scripts and without anything remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page(String);

/// Allows this page its own style, pictures in `data:` URLs, and nothing else.
///
/// There is no `form-action`: browsers apply it to every redirect after the form too, and where the client
/// redirects next is not known here.
pub(crate) fn content_security_policy() -> HeaderValue {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

impl Page {
    /// The login page: the client, the scope, and the accounts to choose from.
    pub(crate) fn login(request: &AuthorizationRequest<'_>, accounts: &[Account]) -> Self {
        document("Choose an account", &Login { request, accounts })
    }

    /// The page that posts a response to the client.
    pub(crate) fn form_post(form: &FormPost) -> Self {
        document("Back to the application", form)
    }

    /// The page after a sign-out that leads nowhere else.
    pub(crate) fn signed_out() -> Self {
        document("You are signed out", &"<footer>You may close this page.</footer>\n")
    }

    /// The page for a request that may not be redirected.
    pub(crate) fn error(fault: Unanswerable) -> Self {
        document("Something is wrong", &Fault(fault))
    }

    pub(crate) fn into_html(self) -> String {
        self.0
    }
}

struct Login<'a> {
    request: &'a AuthorizationRequest<'a>,
    accounts: &'a [Account],
}

struct Fault(Unanswerable);

impl fmt::Display for Login<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = Escaped(self.request.client.display_name());
        writeln!(out, "<p><strong>{client}</strong> asks you to sign in.</p>")?;
        if let Some(scope) = &self.request.details.scope {
            write_scope(out, scope)?;
        }
        // Relative, so that the form also works where a proxy shows the provider under another origin.
        out.write_str("<form method=\"post\" action=\"authorize/decision\">\n")?;
        for (name, value) in self.request.parameters() {
            writeln!(out, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Escaped(value))?;
        }
        let hint = self.request.details.login_hint.as_deref();
        for account in self.accounts {
            let emphasis = if hint == Some(account.id()) { Emphasis::Suggested } else { Emphasis::None };
            write_account(out, account, emphasis)?;
        }
        out.write_str(
            "<button class=\"cancel\" name=\"cancel\" value=\"cancel\">Cancel</button>\n</form>\n",
        )?;
        out.write_str("<footer>These people are made up and have no passwords.</footer>\n")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "<p>This sign-in cannot go on: {}.</p>", self.0)?;
        out.write_str("<footer>Go back to the application and try again.</footer>\n")
    }
}

/// Emphasis of a button.
#[derive(Clone, Copy)]
enum Emphasis {
    None,
    Suggested,
}

fn write_scope(out: &mut impl fmt::Write, scope: &Scope) -> fmt::Result {
    out.write_str("<p>It would like to use:</p>\n<ul>")?;
    for token in scope.as_str().split(' ') {
        write!(out, "<li>{}</li>", Escaped(token))?;
    }
    out.write_str("</ul>\n")
}

fn write_account(out: &mut impl fmt::Write, account: &Account, emphasis: Emphasis) -> fmt::Result {
    let attributes = match emphasis {
        Emphasis::None => "",
        Emphasis::Suggested => " class=\"suggested\" autofocus",
    };
    writeln!(
        out,
        "<button{attributes} name=\"account\" value=\"{}\"><img src=\"{}\" alt=\"\">\
         <span>{}<small>{}</small></span></button>",
        Escaped(account.id()),
        Escaped(account.picture()),
        Escaped(account.name()),
        Escaped(account.email()),
    )
}

fn document(title: &str, content: &impl fmt::Display) -> Page {
    let mut html = String::new();
    // Cannot fail: a String takes whatever is written to it.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
    );
    Page(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::form::{Parameters, encode};
    use crate::request::CHALLENGE;
    use crate::{Client, ClientSecret, Idp};

    const EVIL: &str = "</style><script>alert('1')</script>\"&";

    #[test]
    fn the_login_page_says_who_asks_for_what_and_offers_the_accounts() {
        let html = login("My App", "openid email", "state", "");
        assert!(html.contains("<strong>My App</strong>"));
        assert!(html.contains("<li>openid</li><li>email</li>"));
        for account in Account::made_up() {
            assert!(html.contains(&format!("name=\"account\" value=\"{}\"", account.id())));
            assert!(html.contains(account.name()));
        }
        assert!(html.contains("name=\"cancel\""));
    }

    #[test]
    fn foreign_text_is_escaped_everywhere() {
        let html = login(EVIL, "<script>alert('1')</script>", EVIL, EVIL);
        assert!(!html.contains("<script"));
        assert_eq!(html.matches("</style>").count(), 1);
        assert!(html.contains("<strong>&lt;/style&gt;&lt;script&gt;"));
        assert!(html.contains("<li>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</li>"));
        assert!(html.contains("name=\"state\" value=\"&lt;/style&gt;"));
    }

    #[test]
    fn a_hinted_account_stands_out_and_no_other() {
        let html = login("My App", "openid", "state", "grace");
        assert_eq!(html.matches(" autofocus").count(), 1);
        assert!(html.contains("autofocus name=\"account\" value=\"grace\""));
        assert!(!login("My App", "openid", "state", "nobody").contains(" autofocus"));
    }

    #[test]
    fn the_page_uses_nothing_remote() {
        let html = login("My App", "openid", "state", "");
        for remote in ["src=\"http", "href", "url(", "@import"] {
            assert!(!html.contains(remote), "{remote}");
        }
    }

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        let policy = content_security_policy();
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy.contains("unsafe"));
    }

    fn login(name: &str, scope: &str, state: &str, hint: &str) -> String {
        let client = Client::new("app", ClientSecret::new("s")).with_name(name);
        let idp = Idp::new("https://idp.example")
            .unwrap()
            .client(client.with_redirect_uri("https://app.example/cb").unwrap());
        let query = encode([
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", "https://app.example/cb"),
            ("scope", scope),
            ("state", state),
            ("login_hint", hint),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let parameters = Parameters::parse(query.as_bytes()).unwrap();
        let request = AuthorizationRequest::parse(&idp, &parameters).unwrap();
        Page::login(&request, &Account::made_up()).into_html()
    }
}
