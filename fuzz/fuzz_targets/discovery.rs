//! Invariant: discovery metadata is read only from JSON that names the expected issuer.
//!
//! Every endpoint in it is an https URL with a domain name as its host, without credentials and without a fragment.
#![no_main]

use aura_proto::internals::{Issuer, Metadata};
use bytes::Bytes;
use http::{Response, header};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use url::Url;

const ISSUER: &str = "https://idp.test";

fuzz_target!(|body: &[u8]| {
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    let response = response.body(Bytes::copy_from_slice(body)).expect("a response");
    let Some(endpoints) = endpoints(&response) else { return };

    let json: Value = serde_json::from_slice(body).expect("a configuration is JSON");
    assert_eq!(json["issuer"], ISSUER);
    assert!(endpoints.len() >= 3);
    for url in endpoints {
        assert_eq!(url.scheme(), "https", "{url}");
        assert!(url.domain().is_some() && url.username().is_empty() && url.fragment().is_none(), "{url}");
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        assert!(host != "localhost" && !host.ends_with(".localhost"), "{url}");
    }
});

/// Reads a published configuration, and lists its endpoints.
fn endpoints(response: &Response<Bytes>) -> Option<Vec<Url>> {
    let metadata = Metadata::parse(response, &Issuer::Exactly(ISSUER.to_owned()), &[]).ok()?;
    let pages = [Some(metadata.authorization_endpoint), metadata.end_session_endpoint];
    let endpoints = [
        Some(metadata.token_endpoint),
        Some(metadata.jwks_uri),
        metadata.userinfo_endpoint,
        metadata.revocation_endpoint,
        metadata.pushed_authorization_request_endpoint,
    ];
    let endpoints = endpoints.into_iter().flatten().filter_map(|uri| Url::parse(&uri.to_string()).ok());
    Some(pages.into_iter().flatten().chain(endpoints).collect())
}
