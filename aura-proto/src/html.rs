//! Pages for people: their frame, their one style, and the page of a refused request.

use crate::error::Error;

/// The style of the pages. [`POLICY`] allows no other.
const STYLE: &str = ":root{color-scheme:light dark;font:1.1rem/1.5 system-ui,sans-serif}body{max-width:26rem;margin:15vh auto 0;padding:0 1rem}a.button{display:block;margin:.75rem 0;padding:.6rem 1rem;border:1px solid;border-radius:.5rem;text-align:center;text-decoration:none;color:inherit}small{opacity:.75}";

/// The Content Security Policy of a page: that of every answer, and of styles the one above, by its SHA-256 (CSP Level 3
/// section 2.3.1).
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'sha256-d5XjXOit2xIZV31cKShPUdwJtXJVxBx8GT8caIQbY6s='; frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Writes the page of a request that is refused where it arrives.
pub(crate) fn refusal(error: &Error) -> String {
    page("Request refused", &explanation(error.code(), error.message()))
}

/// Writes an error: its sentence, and its code.
pub(crate) fn explanation(code: &str, message: &str) -> String {
    format!("<p role=\"alert\">{}</p><p><small>{code}</small></p>", escaped(message))
}

/// Writes a page of HTML.
pub(crate) fn page(title: &str, main: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{main}</main></body></html>"
    )
}

/// Writes text so that HTML shows it as it is.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, Engine as _};

    #[test]
    fn the_policy_names_the_style() {
        let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
        let source = format!("style-src 'sha256-{}';", BASE64_STANDARD.encode(digest));
        assert!(POLICY.contains(&source), "{source}");
    }
}
