//! Navigation from page to page (HTML 7.4, Fetch 4.4).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use url::{Url, form_urlencoded};

use super::context::Initiator;
use super::flight::{Flight, Purpose};
use super::history::{Exchange, Page};
use super::referrer::ReferrerPolicy;
use super::web::Web;
use super::{Browser, Document, MAX_REDIRECTS, Redirects};

impl Browser {
    /// Opens a URL as if the user had typed it: no page asks for it, so it is same-site and has no `Referer`.
    pub fn open(&mut self, web: &mut Web<'_>, url: &Url) -> Page {
        let flight = Flight {
            url: url.clone(),
            method: Method::GET,
            body: Bytes::new(),
            initiator: Initiator::User,
            purpose: Purpose::Navigation,
            headers: HeaderMap::new(),
            referrer: None,
            policy: ReferrerPolicy::default(),
            passed: Vec::new(),
        };
        self.travel(web, flight)
    }

    /// Follows a link on the current page (HTML 4.6.4); without a page this is [`Browser::open`].
    ///
    /// After leaving for a provider that provider is the current page, so its answer arrives cross-site.
    pub fn navigate(&mut self, web: &mut Web<'_>, url: &Url) -> Page {
        let flight = self.flight(url, Method::GET, Bytes::new(), Purpose::Navigation);
        self.travel(web, flight)
    }

    /// Sends a form of the current page by `POST`, URL-encoded (HTML 4.10.22).
    pub fn submit_form(&mut self, web: &mut Web<'_>, action: &Url, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut flight = self.flight(action, Method::POST, Bytes::from(body), Purpose::Navigation);
        flight.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.travel(web, flight)
    }

    /// Follows the redirect at which the last navigation stopped, by one hop; none if it stopped at none.
    pub fn follow_once(&mut self, web: &mut Web<'_>) -> Option<Page> {
        let flight = self.pending.take()?;
        Some(self.hop(web, flight))
    }

    /// Makes a request of the current page.
    pub(super) fn flight(&self, url: &Url, method: Method, body: Bytes, purpose: Purpose) -> Flight {
        let page = self.document.as_ref();
        Flight {
            url: url.clone(),
            method,
            body,
            initiator: page.map_or(Initiator::User, |page| Initiator::Page(page.url.clone())),
            purpose,
            headers: HeaderMap::new(),
            referrer: page.map(|page| page.url.clone()),
            policy: page.map(|page| page.policy).unwrap_or_default(),
            passed: Vec::new(),
        }
    }

    /// Sends one request, stores the cookies of its response and records both; none if no server can be asked.
    pub(super) fn exchange(&mut self, web: &mut Web<'_>, flight: &mut Flight) -> Option<Response<Bytes>> {
        if !web.serves(&flight.url) {
            return None;
        }
        let (context, has_credentials) = (flight.context(), flight.has_credentials());
        let cookies = if has_credentials { self.jar.cookie_header(&context, self.now) } else { None };
        let request = flight.request(cookies)?;
        let request_headers = request.headers().clone();
        let response = web.answer(&flight.url, request, self.now)?;
        let mut refused = Vec::new();
        if has_credentials {
            let fields = response.headers().get_all(SET_COOKIE);
            let outcomes =
                fields.into_iter().map(|field| self.jar.set_from(&context, field.as_bytes(), self.now));
            refused.extend(outcomes.filter_map(Result::err));
        }
        self.history.push(Exchange {
            url: flight.url.clone(),
            method: flight.method.clone(),
            request_headers,
            request_body: flight.body.clone(),
            status: response.status(),
            response_headers: response.headers().clone(),
            response_body: response.body().clone(),
            refused,
        });
        Some(response)
    }

    fn travel(&mut self, web: &mut Web<'_>, flight: Flight) -> Page {
        let mut page = self.hop(web, flight);
        while self.redirects == Redirects::Follow
            && page.hops < MAX_REDIRECTS
            && let Some(next) = self.follow_once(web)
        {
            page = next;
        }
        page
    }

    /// Makes one exchange of a navigation and shows its page, unless it is a redirect.
    fn hop(&mut self, web: &mut Web<'_>, mut flight: Flight) -> Page {
        self.pending = None;
        let hops = flight.passed.len();
        let Some(response) = self.exchange(web, &mut flight) else {
            self.stand_at(&flight.url);
            let (url, left_for) = (flight.url.clone(), Some(flight.url));
            return Page {
                url,
                status: StatusCode::NO_CONTENT,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                left_for,
                hops,
            };
        };
        let mut left_for = None;
        match flight.redirected(&response) {
            Some(next) if web.serves(&next.url) => self.pending = Some(next),
            Some(next) => {
                self.stand_at(&next.url);
                left_for = Some(next.url);
            }
            None if response.status() == StatusCode::NO_CONTENT => {}
            None => {
                let policy = ReferrerPolicy::of_response(response.headers()).unwrap_or_default();
                self.document = Some(Document { url: flight.url.clone(), policy });
            }
        }
        let (head, body) = response.into_parts();
        Page { url: flight.url, status: head.status, headers: head.headers, body, left_for, hops }
    }
}
