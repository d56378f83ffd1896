//! An action of a page succeeded: does the browser go somewhere, or does a script decide?

use super::Exchange;
use crate::action::Action;
use crate::cookie::set::SetCookie;
use crate::error::{InvalidParameter, ParameterIssue, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::redirect::{Location, RedirectTo};
use crate::response::{Redirect, Respond};
use http::StatusCode;
use serde_json::{Map, Value};
use url::Url;

/// Where the browser goes afterwards: `redirectTo`, and whether to redirect there.
#[derive(Debug)]
pub(super) struct After {
    target: Option<RedirectTo>,
    redirect: bool,
    notices: Vec<Event>,
}

/// What the action did.
#[derive(Debug)]
pub(super) struct Done {
    /// The status where there is no redirect.
    pub(super) status: StatusCode,
    pub(super) body: Map<String, Value>,
    pub(super) cookies: Vec<SetCookie>,
    pub(super) events: Vec<Event>,
}

impl After {
    /// Reads `redirect` and `redirectTo`, never the `Referer`: the page that acts stays where it is.
    pub(super) fn parse(
        exchange: &Exchange,
        query: &Parameters<'_>,
        form: &Parameters<'_>,
    ) -> Result<Self, RequestError> {
        let redirect =
            wants_redirect(query, form).map_err(|invalid| RequestError::InvalidParameters(vec![invalid]))?;
        let trusted = &exchange.auth.config().trusted_origins;
        let target = redirect_to(query).or_else(|| redirect_to(form));
        let target = target.map(|target| RedirectTo::parse(target, &exchange.origin, trusted));
        let notices = if target == Some(None) { vec![Event::RedirectRefused] } else { Vec::new() };
        Ok(Self { target: target.map(Option::unwrap_or_default), redirect, notices })
    }

    /// Answers with a redirect (303, RFC 9110 section 15.4.4), or with the URL for a script to go to.
    pub(super) fn answer(self, done: Done) -> Action {
        let location = self.target.as_ref().filter(|_| self.redirect).map(RedirectTo::to_location);
        let url = self.target.as_ref().filter(|_| !self.redirect).map(|target| target.as_str().to_owned());
        self.finish(done, location, url)
    }

    /// Answers likewise, but leads through a page of the provider, whether or not a target was given.
    pub(super) fn answer_by_way_of(self, done: Done, page: &Url) -> Action {
        let redirect = self.redirect && self.target.is_some();
        let location = Location::of_url(page).filter(|_| redirect);
        let url = (!redirect).then(|| page.as_str().to_owned());
        self.finish(done, location, url)
    }

    /// Returns where the browser goes in the end.
    pub(super) fn target(&self) -> &str {
        self.target.as_ref().map_or("/", RedirectTo::as_str)
    }

    fn finish(self, done: Done, location: Option<Location>, url: Option<String>) -> Action {
        let Done { status, mut body, cookies, events } = done;
        let events = [self.notices, events].concat();
        body.insert("success".to_owned(), true.into());
        body.insert("redirect".to_owned(), location.is_some().into());
        body.insert("redirectURL".to_owned(), url.into());
        match location {
            Some(location) => {
                let redirect = Redirect::new(StatusCode::SEE_OTHER, location, &Value::Object(body));
                Action::Redirect(Redirect { cookies, events, ..redirect })
            }
            None => {
                let respond = Respond::new(status, &Value::Object(body));
                Action::Respond(Respond { cookies, events, ..respond })
            }
        }
    }
}

/// Reads `redirectTo`. Older front ends spell an absent one `undefined`.
pub(super) fn redirect_to<'a>(parameters: &'a Parameters<'_>) -> Option<&'a str> {
    parameters.last("redirectTo").filter(|value| !value.is_empty() && *value != "undefined")
}

/// Reads `redirect`, a word for yes or no; absent means yes.
pub(super) fn wants_redirect(
    query: &Parameters<'_>,
    form: &Parameters<'_>,
) -> Result<bool, InvalidParameter> {
    let Some(word) = query.last("redirect").or_else(|| form.last("redirect")) else { return Ok(true) };
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "y" | "enabled" => Ok(true),
        "false" | "0" | "no" | "off" | "n" | "disabled" => Ok(false),
        _ => Err(InvalidParameter { name: "redirect", issue: ParameterIssue::Invalid }),
    }
}
