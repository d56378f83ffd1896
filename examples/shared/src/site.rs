//! Pages of the examples' small site, the same on every host. A host only routes to them.

use crate::page::HEADERS;
use aura_proto::{Auth, Session};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::fmt::Write;

/// The provider that guarded pages send people to.
pub const PROVIDER: &str = "dev";

/// Answers `GET /`, which everybody may see.
///
/// ```
/// let settings = aura_examples::Settings::read(&|_| None)?;
/// let page = aura_examples::site::home(&settings.auth, None);
/// assert!(str::from_utf8(page.body()).unwrap().contains("Sign in with Dev"));
/// # Ok::<(), aura_examples::SettingsError>(())
/// ```
pub fn home(auth: &Auth, session: Option<&Session>) -> Response<Bytes> {
    let mut main = String::new();
    match session {
        Some(session) => {
            let name = escaped(session.user().name().unwrap_or(session.user().sub()));
            main.push_str("<p>You are signed in as ");
            main.push_str(&name);
            main.push_str(".</p><p><a class=\"button\" href=\"/account\">Your account</a></p>");
        }
        None => {
            for (id, name) in auth.providers() {
                let (base, name) = (auth.base_path(), escaped(name));
                // Cannot fail: a text takes every text.
                let _ = write!(
                    main,
                    "<p><a class=\"button\" href=\"{base}/signIn/{id}\">Sign in with {name}</a></p>"
                );
            }
        }
    }
    html(&main)
}

/// Answers `GET /account` for a signed-in user.
///
/// ```
/// # fn page(session: &aura_proto::Session) {
/// assert_eq!(aura_examples::site::account(session).status(), 200);
/// # }
/// ```
pub fn account(session: &Session) -> Response<Bytes> {
    let user = &session.user();
    let name = escaped(user.name().unwrap_or(user.sub()));
    let email = escaped(user.email().unwrap_or_default());
    html(&format!(
        "<h2>{name}</h2><p>{email}</p><p id=\"greeting\" role=\"status\"></p>\
         <p><button class=\"button\" id=\"greet\">Greet me</button> \
         <button class=\"button quiet\" id=\"sign-out\">Sign out</button></p>"
    ))
}

/// Answers `POST /api/greeting` for a signed-in user with a CSRF token.
///
/// ```
/// # fn api(session: &aura_proto::Session) {
/// assert_eq!(aura_examples::site::greeting(session).headers()["content-type"], "application/json");
/// # }
/// ```
pub fn greeting(session: &Session) -> Response<Bytes> {
    let name = session.user().name().unwrap_or(session.user().sub());
    let body = json!({ "greeting": format!("Hello, {name}") }).to_string();
    answer(StatusCode::OK, "application/json", body.into())
}

/// Answers `GET /note` for a signed-in user: forms that need no script, with a CSRF token.
///
/// ```
/// let page = aura_examples::site::note_forms("t.o.k");
/// assert!(str::from_utf8(page.body()).unwrap().contains(r#"name="csrfToken" value="t.o.k""#));
/// ```
pub fn note_forms(csrf_token: &str) -> Response<Bytes> {
    let token = format!("<input type=\"hidden\" name=\"csrfToken\" value=\"{csrf_token}\">");
    html(&format!(
        "<form method=\"post\" action=\"/note\">{token}\
         <p><label>Note <input name=\"text\" maxlength=\"200\" required></label></p>\
         <p><button class=\"button\">Save</button></p></form>\
         <form method=\"post\" action=\"/auth/signOut\">{token}\
         <input type=\"hidden\" name=\"token_type_hint\" value=\"session_token\">\
         <button class=\"button quiet\">Sign out</button></form>"
    ))
}

/// The form of `POST /note`.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Note {
    /// What the user wrote.
    pub text: String,
}

/// Answers `POST /note` for a signed-in user with a CSRF token.
///
/// ```
/// # fn page(session: &aura_proto::Session, note: &aura_examples::site::Note) {
/// assert_eq!(aura_examples::site::noted(session, note).status(), 200);
/// # }
/// ```
pub fn noted(session: &Session, note: &Note) -> Response<Bytes> {
    let name = escaped(session.user().name().unwrap_or(session.user().sub()));
    html(&format!("<p>{name} wrote: {}</p>", escaped(&note.text)))
}

/// Answers `GET /site.js` and `GET /style.css`, and every path that there is not.
///
/// ```
/// assert_eq!(aura_examples::site::file("/site.js").status(), 200);
/// assert_eq!(aura_examples::site::file("/nowhere").status(), 404);
/// ```
pub fn file(path: &str) -> Response<Bytes> {
    match path {
        "/site.js" => {
            let script = include_str!("../site/site.js");
            answer(StatusCode::OK, "text/javascript; charset=utf-8", script.into())
        }
        "/style.css" => {
            let style = include_str!("../page/style.css");
            answer(StatusCode::OK, "text/css; charset=utf-8", style.into())
        }
        _ => answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "There is no such page.".into()),
    }
}

/// Answers where a body is longer than the embedded provider reads.
///
/// ```
/// assert_eq!(aura_examples::site::too_long().status(), 413);
/// ```
pub fn too_long() -> Response<Bytes> {
    answer(StatusCode::PAYLOAD_TOO_LARGE, "text/plain; charset=utf-8", "The body is too long.".into())
}

fn html(main: &str) -> Response<Bytes> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Aura example</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"><script type=\"module\" src=\"/site.js\"></script>\
         <header><h1>Aura</h1></header><main>{main}</main></html>"
    );
    answer(StatusCode::OK, "text/html; charset=utf-8", page.into())
}

fn answer(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    // The pages show the signed-in user.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Writes text so that HTML shows it as it is, whatever a provider calls its users.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_calls_its_users_is_text() {
        assert_eq!(
            escaped("<b title=\"x\">A & 'B'</b>"),
            "&lt;b title=&quot;x&quot;&gt;A &amp; &#39;B&#39;&lt;/b&gt;"
        );
    }
}
