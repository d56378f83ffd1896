//! Referrer policy: the part of a page's URL that the next server receives.

use http::HeaderMap;
use http::header::REFERRER_POLICY;
use url::Url;

use super::origin::{is_trustworthy, same_origin};

/// The policies of Referrer Policy 3, of which a page chooses one by its `Referrer-Policy` field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReferrerPolicy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl ReferrerPolicy {
    /// Reads the policy a response sets: the last token that is one (Referrer Policy 8.1).
    pub(super) fn of_response(headers: &HeaderMap) -> Option<Self> {
        let fields = headers.get_all(REFERRER_POLICY).into_iter().filter_map(|field| field.to_str().ok());
        fields
            .flat_map(|field| field.split(','))
            .filter_map(|token| Self::from_token(token.trim()))
            .next_back()
    }

    /// Returns the referrer of a request from one URL to another (Referrer Policy 8.3).
    pub(super) fn referrer(self, from: &Url, to: &Url) -> Option<Url> {
        let full = stripped(from)?;
        let origin = full.join("/").ok()?;
        let same = same_origin(from, to);
        let downgrade = is_trustworthy(from) && !is_trustworthy(to);
        match self {
            Self::NoReferrer => None,
            Self::NoReferrerWhenDowngrade => Some(full).filter(|_| !downgrade),
            Self::SameOrigin => Some(full).filter(|_| same),
            Self::Origin => Some(origin),
            Self::StrictOrigin => Some(origin).filter(|_| !downgrade),
            Self::OriginWhenCrossOrigin => Some(if same { full } else { origin }),
            Self::StrictOriginWhenCrossOrigin if same => Some(full),
            Self::StrictOriginWhenCrossOrigin => Some(origin).filter(|_| !downgrade),
            Self::UnsafeUrl => Some(full),
        }
    }

    /// Returns whether the `Origin` of a navigation becomes `null` (Fetch 3.2, "append a request Origin header").
    pub(super) fn hides_origin(self, from: &Url, to: &Url) -> bool {
        match self {
            Self::NoReferrer => true,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin => {
                from.scheme() == "https" && to.scheme() != "https"
            }
            Self::SameOrigin => !same_origin(from, to),
            Self::Origin | Self::OriginWhenCrossOrigin | Self::UnsafeUrl => false,
        }
    }

    fn from_token(token: &str) -> Option<Self> {
        Some(match token.to_ascii_lowercase().as_str() {
            "no-referrer" => Self::NoReferrer,
            "no-referrer-when-downgrade" => Self::NoReferrerWhenDowngrade,
            "same-origin" => Self::SameOrigin,
            "origin" => Self::Origin,
            "strict-origin" => Self::StrictOrigin,
            "origin-when-cross-origin" => Self::OriginWhenCrossOrigin,
            "strict-origin-when-cross-origin" => Self::StrictOriginWhenCrossOrigin,
            "unsafe-url" => Self::UnsafeUrl,
            _ => return None,
        })
    }
}

/// Takes user, password and fragment off a URL (Referrer Policy 8.4); pages without a server have no referrer.
fn stripped(from: &Url) -> Option<Url> {
    let mut url = from.clone();
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url).filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const PAGE: &str = "https://user:pass@app.test/a?b=c#d";

    fn referrer(policy: &str, from: &str, to: &str) -> String {
        let policy = ReferrerPolicy::from_token(policy).unwrap();
        let (from, to) = (Url::parse(from).unwrap(), Url::parse(to).unwrap());
        policy.referrer(&from, &to).map(String::from).unwrap_or_default()
    }

    #[test]
    fn each_policy_tells_what_its_name_says() {
        let (full, origin) = ("https://app.test/a?b=c", "https://app.test/");
        for (policy, to_same_origin, to_other_origin, to_plain_http) in [
            ("no-referrer", "", "", ""),
            ("no-referrer-when-downgrade", full, full, ""),
            ("same-origin", full, "", ""),
            ("origin", origin, origin, origin),
            ("strict-origin", origin, origin, ""),
            ("origin-when-cross-origin", full, origin, origin),
            ("strict-origin-when-cross-origin", full, origin, ""),
            ("unsafe-url", full, full, full),
        ] {
            assert_eq!(referrer(policy, PAGE, "https://app.test/x"), to_same_origin, "{policy}");
            assert_eq!(referrer(policy, PAGE, "https://other.test/"), to_other_origin, "{policy}");
            assert_eq!(referrer(policy, PAGE, "http://app.test/"), to_plain_http, "{policy}");
        }
    }

    #[test]
    fn a_page_without_a_server_is_no_referrer() {
        assert_eq!(referrer("unsafe-url", "data:,x", "https://app.test/"), "");
    }

    #[test]
    fn the_last_known_token_of_all_fields_is_the_policy() {
        let mut headers = HeaderMap::new();
        assert_eq!(ReferrerPolicy::of_response(&headers), None);
        headers.append(REFERRER_POLICY, HeaderValue::from_static("no-referrer, Same-Origin"));
        headers.append(REFERRER_POLICY, HeaderValue::from_static("unheard-of"));
        assert_eq!(ReferrerPolicy::of_response(&headers), Some(ReferrerPolicy::SameOrigin));
    }
}
