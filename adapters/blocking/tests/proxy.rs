//! The proxy of the environment, as the default client uses it.
#![cfg(test)]

#[path = "../../host/tests/shared/proxy.rs"]
mod shared;

use aura_blocking::{Client as _, UreqClient as Client};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Uri};
use std::time::Duration;

/// Asks one URL with a client.
fn ask(client: &Client, url: &str) -> Result<u16, FetchError> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    client.call(request, Duration::from_secs(5), 1024).map(|answer| answer.status().as_u16())
}

fn is_proxied(client: &Client, url: &str) -> Option<bool> {
    client.is_proxied(&url.parse::<Uri>().unwrap())
}
