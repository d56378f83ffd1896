//! `GET /error` and `GET /signIn`: the pages that show why a sign-in failed, and the choice of a provider.

use crate::context::RequestContext;
use crate::error::{Error, RefusalCode};
use crate::html::{escaped, explanation, page};
use crate::provider::CheckedProvider;
use crate::query::{Parameters, redirect_to};
use crate::redirect::{Location, RedirectTo};
use crate::response::{Redirect, Reply, Respond};
use http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

/// Answers `GET /error`: the sentence of an error, and a link to try again. Its URL can be forged, so it shows only texts of
/// this crate and the configuration: sentences of the error table, names of providers, and targets that were parsed.
pub(super) fn error(cx: &RequestContext) -> Reply {
    let query = Parameters::parse(cx.query());
    let refusal = query.last("refusal").and_then(|code| RefusalCode::new(code.to_owned()));
    let known = query.last("reason").and_then(Error::code_and_message);
    let (code, message) = known.unwrap_or(("SIGN_IN_FAILED", "The sign-in failed. Begin again."));
    let provider = query.last("provider").and_then(|id| cx.config.providers.get(id));
    let target = redirect_to(&query).and_then(|target| cx.redirect_to(target));
    let again = match provider {
        Some(provider) => link(cx, Some(provider), target.as_ref(), "Try again"),
        None => link(cx, None, target.as_ref(), "Sign in"),
    };
    let code = match refusal {
        Some(refusal) => format!("{code}, {}", refusal.as_str()),
        None => code.to_owned(),
    };
    Respond::page(StatusCode::OK, page("Sign-in failed", &format!("{}{again}", explanation(&code, message))))
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
    Respond::page(StatusCode::OK, page("Sign in", &links)).into()
}

/// Writes a link to a provider's sign-in, or to the choice of one. The text is HTML.
fn link(
    cx: &RequestContext,
    provider: Option<&CheckedProvider>,
    target: Option<&RedirectTo>,
    text: &str,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(target.map(|target| ("redirectTo", target.as_str())));
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    // Paths and ids are plain words, and the query is form-encoded: nothing of it has a meaning in HTML.
    let path = provider.map(|provider| format!("/{}", provider.id)).unwrap_or_default();
    let url = cx.path_of(&format!("/signIn{path}{separator}{query}"));
    format!("<a class=\"button\" href=\"{url}\">{text}</a>")
}
