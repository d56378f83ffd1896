//! HTML forms of the application: the CSRF token of a page, and the fields that a browser sends.

use crate::cookie::add::add_cookies;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::RequestError;
use crate::event::Event;
use crate::incoming::Incoming;
use aura_types::UnixTime;
use http::{HeaderMap, Response, header};
use std::fmt;
use url::form_urlencoded;

/// The field of a form that holds the CSRF token.
pub(crate) const CSRF_FIELD: &str = "csrfToken";

/// A CSRF token to write into the forms of a page, and the cookie that goes with it.
///
/// ```
/// use aura_proto::{Auth, Entropy, Salt, Secret, UnixTime};
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// let request = http::Request::get("/account").body(())?;
/// let now = UnixTime::from_secs(1_790_000_000);
/// let token = auth.form_token(&request, now, Entropy::from_os_bytes([7; 32]))?;
/// let page = format!(r#"<input type="hidden" name="csrfToken" value="{}">"#, token.as_str());
/// let answer = token.finish(http::Response::new(page));
/// assert_eq!(answer.headers()["cache-control"], "no-store");
/// assert!(answer.headers().contains_key("set-cookie"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "finish the page with it, so that the cookie reaches the browser"]
pub struct FormToken {
    token: String,
    cookie: SetCookie,
    event: Option<Event>,
}

impl FormToken {
    /// Returns the token: base64url characters and dots, which HTML needs no escaping for.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// Takes out the event of a new token, for the host to report. `None` if the browser already had one.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let mut token = auth.form_token(&http::Request::get("/account").body(())?, now, entropy)?;
    /// assert_eq!(token.take_event(), Some(aura_proto::Event::CsrfTokenIssued));
    /// assert_eq!(token.take_event(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_event(&mut self) -> Option<Event> {
        self.event.take()
    }

    /// Adds the cookie to the page's answer, which no cache may store then. If the answer itself sets or clears the CSRF
    /// cookie, nothing is added.
    #[must_use]
    pub fn finish<B>(self, mut response: Response<B>) -> Response<B> {
        self.add_to(response.headers_mut());
        response
    }

    /// Adds the cookie to the headers of the page's answer, as [`finish`](Self::finish) does.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let token = auth.form_token(&http::Request::get("/account").body(())?, now, entropy)?;
    /// let mut headers = http::HeaderMap::new();
    /// token.add_to(&mut headers);
    /// assert_eq!(headers["cache-control"], "no-store");
    /// assert!(headers.contains_key("set-cookie"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_to(self, headers: &mut HeaderMap) {
        add_cookies(headers, std::slice::from_ref(&self.cookie), self.cookie.name());
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(..)")
    }
}

/// Makes the CSRF token of a page, and its cookie.
pub(crate) fn token(incoming: Incoming<'_>, entropy: &mut Entropy, now: UnixTime) -> FormToken {
    let (token, is_new) = incoming.csrf_token(entropy, now);
    let cookie = incoming.config.cookies(incoming.scheme).csrf.set(token.clone());
    FormToken { token, cookie, event: is_new.then_some(Event::CsrfTokenIssued) }
}

impl FormToken {
    /// Takes the token apart: text, cookie and event.
    pub(crate) fn into_parts(self) -> (String, SetCookie, Option<Event>) {
        (self.token, self.cookie, self.event)
    }

    /// Puts the cookie's path under what browsers see in front of this site's paths.
    pub(crate) fn put_under(mut self, public_path: &str) -> Self {
        SetCookie::put_under(public_path, std::slice::from_mut(&mut self.cookie));
        self
    }
}

/// Splits a form, `application/x-www-form-urlencoded`, into the CSRF token and the application's own fields, which are a
/// form again: a type that denies unknown fields needs no field for the token.
///
/// # Errors
/// [`RequestError::MalformedBody`], where the content type is another, or a token occurs twice.
pub(crate) fn split_token(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Option<String>, String), RequestError> {
    if !is_form(headers) {
        return Err(RequestError::MalformedBody);
    }
    let (tokens, own): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(body).partition(|(name, _)| name == CSRF_FIELD);
    let token = match tokens.as_slice() {
        [] => None,
        [(_, token)] => Some(token.to_string()),
        _ => return Err(RequestError::MalformedBody),
    };
    Ok((token, form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish()))
}

/// Tells whether the content type of a request is a form's.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Returns the media type of a request's body, without its parameters (RFC 9110 section 8.3.1).
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(content_type: &'static str, body: &str) -> Result<(Option<String>, String), RequestError> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
        split_token(&headers, body.as_bytes())
    }

    #[test]
    fn the_token_is_no_field_of_the_applications_form() {
        let form = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
        let own = |own: &str, token: Option<&str>| Ok((token.map(str::to_owned), own.to_owned()));
        assert_eq!(
            split(form, "csrfToken=t.o.k&text=a+b%26c&x=%2B"),
            own("text=a+b%26c&x=%2B", Some("t.o.k"))
        );
        assert_eq!(split(form, "x=1"), own("x=1", None));
        assert_eq!(split(form, "x=1&x=2&csrf%54oken=t"), own("x=1&x=2", Some("t")));
    }

    #[test]
    fn a_body_that_is_no_such_form_is_refused() {
        for (content_type, body) in [
            ("application/json", "csrfToken=a"),
            ("multipart/form-data; boundary=x", "csrfToken=a"),
            ("application/x-www-form-urlencoded", "csrfToken=a&csrfToken=a"),
        ] {
            assert_eq!(split(content_type, body), Err(RequestError::MalformedBody), "{content_type} {body}");
        }
    }
}
