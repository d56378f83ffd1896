//! The proxy of the environment, as the default client uses it.
#![cfg(test)]

#[path = "../../host/tests/shared/proxy.rs"]
mod shared;

use aura_http::{Client as _, HttpClient as Client};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Uri};

/// Asks one URL with a client.
fn ask(client: &Client, url: &str) -> Result<u16, FetchError> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { client.call(request, 1024).await.map(|answer| answer.status().as_u16()) })
}

fn is_proxied(client: &Client, url: &str) -> Option<bool> {
    client.is_proxied(&url.parse::<Uri>().unwrap())
}
