//! Adds cookies to the answer of a page.

use super::set::SetCookie;
use http::{HeaderMap, HeaderValue, header};

/// Adds cookies to a page's answer, and `no-store`. Does nothing if the answer itself sets the cookie `unless`. Other cookies that the
/// answer sets are left out.
pub fn add_cookies(headers: &mut HeaderMap, cookies: &[SetCookie], unless: &str) {
    // Most visits set none.
    if cookies.is_empty() {
        return;
    }
    let set: Vec<Vec<u8>> = set_names(headers).map(<[u8]>::to_vec).collect();
    let is_set = |name: &str| set.iter().any(|other| other == name.as_bytes());
    if is_set(unless) {
        return;
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies.iter().filter(|cookie| !is_set(cookie.name())) {
        headers.append(header::SET_COOKIE, cookie.to_header_value());
    }
}

/// Lists the names of the cookies that an answer sets, as browsers read them (RFC 6265 section 5.2).
pub fn set_names(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::SET_COOKIE).iter().filter_map(|value| {
        let pair = value.as_bytes().split(|byte| *byte == b';').next()?;
        Some(pair.split(|byte| *byte == b'=').next()?.trim_ascii())
    })
}
