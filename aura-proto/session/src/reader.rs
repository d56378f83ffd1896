//! The reader of an answer: a person at a browser, or a program.

use http::{HeaderMap, header};

/// The reader of an answer: a person, to whom a browser shows it as a page, or a program, such as a script or another server.
///
/// ```
/// use aura_session::Reader;
/// use http::HeaderMap;
/// use http::header::ACCEPT;
/// let accepts = |value: &'static str| HeaderMap::from_iter([(ACCEPT, value.parse().unwrap())]);
/// assert_eq!(Reader::of(&accepts("text/html,application/xhtml+xml,*/*;q=0.8")), Reader::Person);
/// assert_eq!(Reader::of(&accepts("application/json")), Reader::Program);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an answer is a page or it is none")]
pub enum Reader {
    /// A browser shows the answer.
    Person,
    /// A script or another program reads the answer.
    Program,
}

impl Reader {
    /// Finds the reader of the answer to a request with these headers: a person, if they accept HTML by name, and Fetch Metadata,
    /// where the browser sends it, says that the request navigates. The method does not matter: a browser shows the answer to
    /// a form, too.
    pub fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(header::ACCEPT).iter().filter_map(|field| field.to_str().ok());
        let takes_html = fields.flat_map(|field| field.split(',')).any(takes_html);
        let navigates = || headers.get_all("sec-fetch-mode").iter().all(|mode| mode == "navigate");
        if takes_html && navigates() { Self::Person } else { Self::Program }
    }
}

/// Tells whether a media range is HTML, with a weight above zero: `q=0` means "not acceptable" (RFC 9110 section 12.4.2).
fn takes_html(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let is_html = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/html"));
    is_html && !parts.any(is_weight_of_zero)
}

fn is_weight_of_zero(parameter: &str) -> bool {
    let weight = parameter.strip_prefix(['q', 'Q']).and_then(|weight| weight.strip_prefix('='));
    weight.is_some_and(|weight| weight.starts_with('0') && weight.bytes().all(|byte| b"0.".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(fields: &[(&'static str, &str)]) -> Reader {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        Reader::of(&headers)
    }

    #[test]
    fn a_person_accepts_html_by_name() {
        for accept in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json, Text/HTML",
            "text/html;level=1;q=0.1",
            "text/html ; q=0.001",
            "text/html;q=1",
            "text/html;q=0, text/html;level=1",
            "text/html;q=x",
        ] {
            assert_eq!(reader(&[("accept", accept)]), Reader::Person, "{accept}");
        }
        assert_eq!(reader(&[("accept", "application/json"), ("accept", "text/html")]), Reader::Person);
    }

    #[test]
    fn a_program_takes_anything_or_another_type_or_refuses_html() {
        for accept in [
            "",
            "*/*",
            "text/*",
            "application/json",
            "text/htmlx",
            "x-text/html",
            "application/json;profile=text/html",
            "text/html;q=0",
            "text/html; Q=0",
            "text/html;q=0.",
            "text/html;q=0.000",
            "text/html;level=1; q=0.0, */*",
        ] {
            assert_eq!(reader(&[("accept", accept)]), Reader::Program, "{accept}");
        }
        assert_eq!(reader(&[]), Reader::Program);
    }

    #[test]
    fn a_script_that_asks_for_html_is_a_program() {
        let html = ("accept", "text/html");
        let navigate = ("sec-fetch-mode", "navigate");
        assert_eq!(reader(&[html, navigate]), Reader::Person);
        for mode in ["cors", "same-origin", "no-cors", "websocket", "Navigate", ""] {
            assert_eq!(reader(&[html, ("sec-fetch-mode", mode)]), Reader::Program, "{mode}");
            assert_eq!(reader(&[html, navigate, ("sec-fetch-mode", mode)]), Reader::Program, "{mode}");
        }
    }
}
