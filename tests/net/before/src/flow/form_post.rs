//! A provider answers by a form that the browser posts: take it home. (OAuth 2.0 Form Post Response Mode)
//!
//! The post comes from another site, so no `SameSite` cookie comes along, and nothing can be checked. The answer is a page
//! of this site, without a script, from which the browser goes on to the callback by itself: then it sends its cookies.

use super::Exchange;
use crate::action::Action;
use crate::oauth::authorization::AuthorizationResponse;
use crate::oauth::parameters::Parameters;
use crate::provider::ValidProvider;
use crate::response::Respond;
use bytes::Bytes;
use http::StatusCode;
use url::form_urlencoded;

/// The parameters that are taken along.
const PARAMETERS: [&str; 5] = ["code", "state", "iss", "error", "user"];

/// Answers `POST /callback/:oauth`.
pub(super) fn go_home(exchange: &Exchange, provider: &ValidProvider, body: &Bytes) -> Action {
    if let Err(error) = AuthorizationResponse::parse(body) {
        return exchange.fail(error, provider, []);
    }
    let form = Parameters::parse(body);
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in PARAMETERS {
        query.extend_pairs(form.last(name).map(|value| (name, value)));
    }
    let (base, id) = (exchange.auth.base_path(), &provider.id);
    // Base path and id are plain words, and the query is form-encoded: of what HTML minds, `&` alone is left.
    let url = format!("{base}/callback/{id}?{}", query.finish()).replace('&', "&amp;");
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signing in</title>\
         <meta http-equiv=\"refresh\" content=\"0;url={url}\"></head>\
         <body><p><a href=\"{url}\">Continue to sign in</a></p></body></html>"
    );
    Action::Respond(Respond::page(StatusCode::OK, page))
}
