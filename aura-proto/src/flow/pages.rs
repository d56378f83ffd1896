//! `GET /error` and `GET /signIn`: the pages that show why a sign-in failed, and the choice of a provider.

use crate::context::RequestContext;
use crate::error::Error;
use crate::html::{escaped, explanation, page};
use crate::provider::CheckedProvider;
use crate::query::Parameters;
use crate::redirect::{Location, RedirectTo, redirect_to};
use crate::response::{Redirect, Reply, Respond};
use http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

/// Answers `GET /error`: the sentence of an error, and a link to try again. Its URL can be forged, so it shows only texts of
/// this crate and the configuration: sentences of the error table, names of providers, and targets that were parsed.
pub(super) fn error(cx: &RequestContext) -> Reply {
    let query = Parameters::parse(cx.query());
    let known = query.last("reason").and_then(Error::code_and_message);
    let (code, message) = known.unwrap_or(("SIGN_IN_FAILED", "The sign-in failed. Begin again."));
    let provider = query.last("provider").and_then(|id| cx.config.providers.get(id));
    let target = redirect_to(&query).and_then(|target| cx.redirect_to(target));
    let again = match provider {
        Some(provider) => link(cx, Some(provider), target.as_ref(), "Try again"),
        None => link(cx, None, target.as_ref(), "Sign in"),
    };
    Respond::page(StatusCode::OK, page("Sign-in failed", &format!("{}{again}", explanation(code, message))))
        .into()
}

/// Answers `GET /signIn`: a link for each provider, or the way to the application's own page.
pub(super) fn sign_in(cx: &RequestContext) -> Reply {
    let target = redirect_to(&Parameters::parse(cx.query())).and_then(|target| cx.redirect_to(target));
    if let Some(page) = &cx.config.sign_in_page
        && let Some(location) = Location::of_page(&format!("{}{page}", cx.public_path), target.as_ref())
    {
        return Redirect::new(StatusCode::FOUND, location, &Value::Null).into();
    }
    let providers = cx.config.providers.values();
    let links: String = providers
        .map(|provider| {
            link(cx, Some(provider), target.as_ref(), &format!("Sign in with {}", escaped(&provider.name)))
        })
        .collect();
    let main = if links.is_empty() { "<p>No provider is configured.</p>" } else { &links };
    Respond::page(StatusCode::OK, page("Sign in", main)).into()
}

/// Writes a link to a provider's sign-in, or to the choice of one. The text is HTML.
fn link(
    cx: &RequestContext,
    provider: Option<&CheckedProvider>,
    target: Option<&RedirectTo>,
    text: &str,
) -> String {
    // Always written: without it the sign-in would end at the `Referer`, which is this page.
    let home = cx.home();
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("redirectTo", target.unwrap_or(&home).as_str()).finish();
    // Paths and ids are plain words, and the query is form-encoded: nothing of it has a meaning in HTML.
    let path = provider.map(|provider| format!("/{}", provider.id)).unwrap_or_default();
    let url = cx.path_of(&format!("/signIn{path}?{query}"));
    format!("<a class=\"button\" href=\"{url}\">{text}</a>")
}
