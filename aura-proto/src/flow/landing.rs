//! Targets of the browser after a sign-out or an update of the session.

use crate::context::RequestContext;
use crate::error::{HostError, RequestError};
use crate::event::Event;
use crate::query::Parameters;
use crate::redirect::{self, Location, RedirectTo};
use crate::response::{Redirect, Reply, Respond};
use http::StatusCode;
use serde_json::{Map, Value};
use url::Url;

/// The parameters of a request that choose where the browser goes afterwards.
#[derive(Debug)]
pub(super) struct Landing {
    target: Option<RedirectTo>,
    home: RedirectTo,
    redirect: bool,
    /// Whether the page asks for a redirect without a target.
    wants_home: bool,
}

impl Landing {
    /// Reads `redirect` and `redirectTo`, never the `Referer`: the page that acts stays where it is. The event says that
    /// the target was refused.
    pub(super) fn parse(
        cx: &RequestContext,
        query: &Parameters<'_>,
        form: &Parameters<'_>,
    ) -> Result<(Self, Option<Event>), RequestError> {
        let (redirect, target) = redirect::parameters(query, form)
            .map_err(|invalid| RequestError::InvalidParameters(vec![invalid]))?;
        let target = target.map(|target| cx.redirect_to(target));
        // Browsers show the answer to an HTML form as a page.
        let target = target.or_else(|| cx.is_form_of_person().then(|| Some(cx.home())));
        let has = |name: &str| query.last(name).or_else(|| form.last(name)).is_some();
        let wants_home = target.is_none() && (has("redirectTo") || (has("redirect") && redirect));
        let event = (target == Some(None)).then_some(Event::RedirectRefused);
        Ok((
            Self {
                target: target.map(|target| target.unwrap_or_else(|| cx.home())),
                home: cx.home(),
                wants_home,
                redirect,
            },
            event,
        ))
    }

    /// Answers with a redirect (303, RFC 9110 section 15.4.4), or with the URL for a script to go to: that of the target, or of a
    /// page of the provider that leads there.
    pub(super) fn answer(
        self,
        status: StatusCode,
        mut body: Map<String, Value>,
        page: Option<&Url>,
    ) -> Result<Reply, HostError> {
        let location = match (&self.target, page) {
            (Some(_), Some(page)) if self.redirect => Some(Location::of_url(page)?),
            (Some(target), None) if self.redirect => Some(target.clone().into()),
            (Some(_) | None, _) => None,
        };
        let target = self.target.as_ref().or(self.wants_home.then_some(&self.home));
        let url = page.map(Url::as_str).or(target.map(RedirectTo::as_str));
        body.insert("success".to_owned(), true.into());
        body.insert("redirect".to_owned(), location.is_some().into());
        body.insert("redirectURL".to_owned(), url.filter(|_| location.is_none()).into());
        let body = Value::Object(body);
        Ok(match location {
            Some(location) => Redirect::new(StatusCode::SEE_OTHER, location, &body).into(),
            None => Respond::new(status, &body).into(),
        })
    }

    /// Returns where the browser goes in the end.
    pub(super) fn target(&self) -> &str {
        self.target.as_ref().unwrap_or(&self.home).as_str()
    }
}
