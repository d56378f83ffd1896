//! Signs of a browser that came over http.

use std::fmt;

/// What shows that a browser came over http to a site whose base URL is https.
///
/// ```
/// assert!(aura_session::HttpSign::Proxy.to_string().contains("proxy"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpSign {
    /// The proxy's `Forwarded` or `X-Forwarded-Proto`.
    Proxy,
    /// The page that the browser comes from: it is of this site, over http.
    Page,
    /// The absence of Fetch Metadata, which browsers send over https, but for those of before 2023.
    NoFetchMetadata,
}

impl fmt::Display for HttpSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proxy => "a header of the proxy says http",
            Self::Page => "the browser comes from a page of this site over http",
            Self::NoFetchMetadata => "the browser sends no Fetch Metadata, as over http",
        })
    }
}
