//! `POST /callback/:provider`: an authorization response that comes as a form (OAuth 2.0 Form Post Response Mode).

use super::callback::is_unsolicited;
use crate::context::RequestContext;
use crate::error::Error;
use crate::oauth::authorization::AuthorizationResponse;
use crate::provider::CheckedProvider;
use crate::query::Parameters;
use crate::response::{Reply, Respond};
use http::StatusCode;
use url::form_urlencoded;

/// The parameters that are copied from the form to the query.
const PARAMETERS: [&str; 5] = ["code", "state", "iss", "error", "user"];

/// Turns an authorization response that came as a form into a `GET`.
///
/// The post comes from another site, so no `SameSite` cookie comes along, and nothing can be checked. The answer is a page
/// of this site, without a script, from which the browser continues to the callback by itself: then it sends its cookies.
pub(super) fn resubmit_as_get(cx: &mut RequestContext, provider: &CheckedProvider) -> Result<Reply, Error> {
    if !is_unsolicited(provider, cx.body()) {
        AuthorizationResponse::parse(cx.body())?;
    }
    let form = Parameters::parse(cx.body());
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in PARAMETERS {
        query.extend_pairs(form.last(name).map(|value| (name, value)));
    }
    let (public, base, id) = (&cx.public_path, &cx.config.base_path, &provider.id);
    // Base path and id are plain words, and the query is form-encoded: of what HTML minds, `&` alone is left.
    let url = format!("{public}{base}/callback/{id}?{}", query.finish()).replace('&', "&amp;");
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signing in</title>\
         <meta http-equiv=\"refresh\" content=\"0;url={url}\"></head>\
         <body><p><a href=\"{url}\">Continue to sign in</a></p></body></html>"
    );
    Ok(Respond::page(StatusCode::OK, page).into())
}
