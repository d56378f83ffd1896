//! URLs and media types of web pages and JSON answers.

use bytes::Bytes;
use http::{Response, header};
use url::Url;

/// Reads an absolute `http` or `https` URL without credentials.
///
/// ```
/// use aura_types::parse_http_url;
/// assert!(parse_http_url("https://example.com/a?b#c").is_some());
/// assert!(parse_http_url("https://ada@example.com/").is_none() && parse_http_url("/a").is_none());
/// ```
pub fn parse_http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.has_host();
    (plain && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// The content type of an answer (RFC 9110 section 8.3).
///
/// ```
/// use aura_types::MediaType;
/// let response = http::Response::builder().header("content-type", "application/json; charset=utf-8");
/// assert_eq!(MediaType::of(&response.body(bytes::Bytes::new()).unwrap()), MediaType::Json);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a type that is not listed is another")]
pub enum MediaType {
    /// JSON, or a type that ends in `+json`.
    Json,
    /// A form.
    Form,
    /// A signed token (RFC 7519 section 10.3.1).
    Jwt,
    /// HTML, which is a page for people.
    Html,
    /// No content type at all.
    Unsaid,
    /// Another type, or one that cannot be read.
    Other,
}

impl MediaType {
    /// Reads the header `Content-Type`. The example of the type shows it.
    pub fn of(response: &Response<Bytes>) -> Self {
        let Some(value) = response.headers().get(header::CONTENT_TYPE) else { return Self::Unsaid };
        let value = value.to_str().unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/jwt" => Self::Jwt,
            "text/html" | "application/xhtml+xml" => Self::Html,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn json_has_a_media_type_of_its_own_or_one_that_ends_so() {
        let of = |media_type: &str| {
            let response = Response::builder().header(header::CONTENT_TYPE, media_type);
            MediaType::of(&response.body(bytes::Bytes::new()).unwrap())
        };
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert!(of(json) == MediaType::Json, "{json}");
        }
        for other in ["text/x+json", "application/jsonp", "application/xml", "text/plain"] {
            assert!(of(other) == MediaType::Other, "{other}");
        }
        for html in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"] {
            assert!(of(html) == MediaType::Html, "{html}");
        }
    }
}
