//! Every fetch goes to an endpoint that is configured, or that the configured issuer publishes, over https.

use crate::any::{Scene, any_scene};
use crate::believed::json;
use crate::play::{Exchange, Kind, Run};
use crate::site::Which;
use proptest::prelude::*;
use serde_json::Value;
use url::{Host, Url};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_fetch_goes_to_an_endpoint_of_the_provider_of_the_route(scene in any_scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        for exchange in &run.exchanges {
            let asked = exchange.request.uri().to_string();
            let endpoint = endpoint(&scene, &run, exchange);
            prop_assert_eq!(Some(&asked), endpoint.as_ref(), "{:?}", exchange.kind);
            let url = Url::parse(&asked).unwrap();
            let is_local = matches!(url.host(), Some(Host::Domain(name)) if name == "localhost");
            prop_assert!(url.scheme() == "https" && url.domain().is_some() && !is_local, "{asked}");
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        }
    }
}

/// Where an exchange of a scene has to go.
fn endpoint(scene: &Scene, run: &Run, exchange: &Exchange) -> Option<String> {
    if scene.which == Which::Plain {
        let id = scene.provider()?;
        return match exchange.kind {
            Kind::Token => Some(format!("https://{id}.idp.test/token")),
            Kind::UserInfo => Some(format!("https://{id}.idp.test/userinfo")),
            Kind::Revocation => Some("https://dev.idp.test/revoke".to_owned()).filter(|_| id == "dev"),
            Kind::Discovery | Kind::Jwks | Kind::PushedRequest => None,
        };
    }
    // A sign-out names no provider: it goes to the session's.
    let is_sign_out = scene.path() == "/auth/signOut" && exchange.kind == Kind::Discovery;
    let id = if is_sign_out { "op" } else { scene.provider()? };
    let member = match exchange.kind {
        Kind::Discovery => return Some(format!("https://{id}.test/.well-known/openid-configuration")),
        Kind::Revocation => return Some(format!("https://{id}.test/revoke")),
        Kind::Jwks => "jwks_uri",
        Kind::PushedRequest => "pushed_authorization_request_endpoint",
        Kind::Token => "token_endpoint",
        Kind::UserInfo => "userinfo_endpoint",
    };
    let document = published(run).filter(|document| document["issuer"] == format!("https://{id}.test"))?;
    Url::parse(document[member].as_str()?).ok().map(Into::into)
}

/// The configuration that was published in a run.
pub(crate) fn published(run: &Run) -> Option<Value> {
    run.exchanges.first().filter(|exchange| exchange.kind == Kind::Discovery).and_then(json)
}
