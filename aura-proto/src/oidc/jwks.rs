//! Published keys of a provider (RFC 7517 section 5, OpenID Connect Core 1.0 section 10.1.1).

use crate::error::ProviderError;
use aura_jose::JwkSet;
use aura_types::MediaType;
use bytes::Bytes;
use http::Response;

/// Reads a set of keys, whatever its type, except HTML: providers give it many types.
pub(crate) fn parse(response: &Response<Bytes>) -> Result<JwkSet, ProviderError> {
    if !response.status().is_success() {
        return Err(ProviderError::JwksStatus);
    }
    if MediaType::of(response) == MediaType::Html {
        return Err(ProviderError::JwksMalformed);
    }
    JwkSet::parse(response.body()).map_err(|_| ProviderError::JwksMalformed)
}
