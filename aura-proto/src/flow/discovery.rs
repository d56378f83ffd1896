//! Where a provider is reached: at the configured endpoints, or at those that it publishes.

use super::exchanges::{Server, ask, report_refusal};
use super::io::{Caching, Io, Keep, MAX_AGE};
use crate::context::RequestContext;
use crate::error::Error;
use crate::event::Event;
use crate::oauth;
use crate::oidc::discovery::published_issuer;
use crate::oidc::issuer::{IssuerDifference, PublishedIssuer};
use crate::provider::{CheckedProvider, Endpoints, OpenId, ProviderOptions};
use crate::purpose::Purpose;
use crate::refused::DiscoveryRefused;
use bytes::Bytes;
use http::Response;
use std::sync::Arc;

/// Finds the endpoints of a provider: the configured ones, or those that it publishes (OpenID Connect Discovery 1.0
/// section 4).
pub(super) async fn discover(
    cx: &mut RequestContext,
    io: &Io,
    provider: &Arc<CheckedProvider>,
) -> Result<Server, Error> {
    let openid = match provider.known() {
        Ok(endpoints) => return Ok(Server::new(Arc::clone(provider), Arc::clone(endpoints))),
        Err(openid) => openid,
    };
    let request = oauth::get(&openid.discovery_url);
    let (caching, keep) = (Caching::Reuse { max_age: MAX_AGE }, Keep::Discovery(Arc::clone(provider)));
    let response = ask(io, Purpose::Discovery, request, caching, keep).await?;
    report_refusal(cx, provider, Purpose::Discovery, &response);
    let metadata = openid.read(&response);
    let metadata = metadata
        .inspect_err(|error| cx.events.extend(refused_metadata(provider, openid, &response, *error)))?;
    cx.events.extend(
        metadata
            .ignored
            .iter()
            .map(|member| Event::EndpointIgnored { provider: provider.id.clone(), member }),
    );
    let endpoints = Endpoints::discovered(provider, openid, metadata);
    Ok(Server::new(Arc::clone(provider), Arc::new(endpoints)))
}

/// Says which member of a configuration is to blame for its refusal.
fn refused_metadata(
    provider: &ProviderOptions,
    openid: &OpenId,
    response: &Response<Bytes>,
    error: DiscoveryRefused,
) -> Option<Event> {
    let provider = provider.id.clone();
    if error == DiscoveryRefused::Endpoint {
        let member = openid.refused_endpoint(response)?;
        return Some(Event::EndpointRefused { provider, member });
    }
    (error == DiscoveryRefused::Issuer).then(|| {
        let configured = openid.issuer.published_at().to_owned();
        let published = published_issuer(response).unwrap_or_default();
        let difference = IssuerDifference::between(&configured, &published);
        let published = PublishedIssuer::read(&published);
        Event::IssuerDiffers { provider, configured, published, difference }
    })
}
