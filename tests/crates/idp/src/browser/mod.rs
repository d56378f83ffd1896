//! A web browser for tests: a strict cookie jar (RFC 6265bis), navigation over servers in memory, and no clock.
//!
//! Time is a value in the browser that tests set. Servers are values in a [`Web`]. Every request and response is in
//! [`Browser::history`]. At an origin without a server here, the browser stops, and [`Page::left_for`] holds the URL. A test
//! passes it to the provider's own code, whose answer is a navigation from there.
//!
//! ```
//! use aura_test_idp::browser::{Browser, Web};
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use url::Url;
//!
//! let mut app = |request: Request<Bytes>, _now: u64| match request.uri().path() {
//!     "/" => Response::builder().status(303).header("location", "/home").header("set-cookie", "a=b"),
//!     _ => Response::builder().status(200),
//! }
//! .body(Bytes::new())
//! .unwrap();
//! let mut web = Web::default().with("http://localhost:3000", &mut app);
//!
//! let mut browser = Browser::new(1_800_000_000);
//! let page = browser.open(&mut web, &Url::parse("http://localhost:3000/")?);
//!
//! assert_eq!((page.url.path(), page.hops), ("/home", 1));
//! assert_eq!(browser.history[1].cookie("a"), Some("b"));
//! # Ok::<(), url::ParseError>(())
//! ```

#[cfg(feature = "tower")]
mod application;
mod context;
mod cookie;
mod cookie_date;
mod flight;
mod form;
mod history;
mod jar;
mod navigation;
mod origin;
mod referrer;
mod refused;
mod script;
mod set_cookie;
mod web;

#[cfg(test)]
mod navigation_tests;
#[cfg(test)]
mod request_tests;
#[cfg(test)]
mod script_tests;
#[cfg(test)]
mod testing;

use url::{ParseError, Url};

#[cfg(feature = "tower")]
pub use application::Application;
pub use context::{Initiator, RequestContext, RequestKind};
pub use cookie::Cookie;
pub use flight::Credentials;
pub use form::Form;
pub use history::{Exchange, Page};
pub use jar::{Jar, MAX_COOKIES_PER_DOMAIN, MAX_LIFETIME, SecureOrigins};
pub use origin::{same_origin, same_site};
pub use refused::Refused;
pub use script::NetworkError;
pub use set_cookie::{PathAttribute, SameSite, SetCookie};
pub use web::{Site, Web};

use flight::Flight;
use referrer::ReferrerPolicy;

/// A navigation follows at most this many redirects (Fetch 4.4 step 7).
pub const MAX_REDIRECTS: usize = 20;

/// Behaviour of a navigation at a redirect (Fetch 2.2.5, "redirect mode").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirects {
    /// Goes on to the page at the end of the chain.
    #[default]
    Follow,
    /// Stops at every response, until [`Browser::follow_once`].
    Stop,
}

/// A browser with one tab (HTML 7.3).
///
/// ```
/// # use aura_test_idp::browser::Browser;
/// let mut browser = Browser::new(1_800_000_000);
/// browser.advance(60);
/// assert_eq!(browser.now, 1_800_000_060);
/// ```
#[derive(Clone, Debug)]
pub struct Browser {
    /// The cookies.
    pub jar: Jar,
    /// Every exchange so far, first to last.
    pub history: Vec<Exchange>,
    /// The time in seconds since the Unix epoch.
    pub now: u64,
    /// Behaviour of navigations at a redirect.
    pub redirects: Redirects,
    document: Option<Document>,
    pending: Option<Flight>,
}

/// Properties of the current page that its requests depend on.
#[derive(Clone, Debug)]
struct Document {
    url: Url,
    policy: ReferrerPolicy,
}

impl Browser {
    /// Starts a browser without cookies and without a page (HTML 7.3.1).
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            jar: Jar::default(),
            history: Vec::new(),
            now,
            redirects: Redirects::default(),
            document: None,
            pending: None,
        }
    }

    /// Lets time pass (RFC 6265bis 5.7: cookies expire by it).
    pub fn advance(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(seconds);
    }

    /// Returns the URL of the current page (HTML 7.1, "URL" of a document).
    #[must_use]
    pub fn page(&self) -> Option<&Url> {
        self.document.as_ref().map(|document| &document.url)
    }

    /// Puts the user on a page without asking any server for it, such as one of a provider or an attacker.
    pub fn stand_at(&mut self, url: &Url) {
        self.pending = None;
        self.document = Some(Document { url: url.clone(), policy: ReferrerPolicy::default() });
    }

    /// Resolves a reference against the URL of the current page (URL 4.4).
    ///
    /// # Errors
    /// [`ParseError`] where a browser would not navigate either.
    pub fn resolve(&self, reference: &str) -> Result<Url, ParseError> {
        Url::options().base_url(self.page()).parse(reference)
    }

    /// Finds a cookie as a same-site request to `url` would find it now (RFC 6265bis 5.8.3).
    #[must_use]
    pub fn cookie(&self, url: &Url, name: &str) -> Option<&Cookie> {
        self.jar.get(url, name, self.now)
    }
}
