//! The exchanges with an authorization server that flows share: tokens, keys, userinfo.

use super::attempt::Attempt;
use super::io::{Caching, Exchange, Io, Keep, MAX_AGE};
use crate::context::RequestContext;
use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth;
use crate::oauth::client_auth::Credentials;
use crate::oauth::dpop::{self, Dpop, Proof};
use crate::oauth::error_word::ErrorWord;
use crate::oauth::token::{self, Grant, TokenResponse};
use crate::oauth::userinfo::{self, UserInfo};
use crate::oidc;
use crate::oidc::id_token::SignedBy;
use crate::provider::{CheckedProvider, Endpoints, IdTokens, OpenIdServer, ProviderOptions};
use crate::purpose::Purpose;
use crate::refused::{IdTokenRefused, NoRequest, TokenAnswerRefused, TokenRequestRefused};
use crate::secret::{AccessToken, AuthorizationCode, RefreshToken};
use aura_jose::JwkSet;
use aura_types::UnixTime;
use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response};
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;

/// The authorization server of one flow.
#[derive(Debug)]
pub(super) struct Server {
    provider: Arc<CheckedProvider>,
    pub(super) endpoints: Arc<Endpoints>,
    /// The latest DPoP nonce of each host: a resource server has its own nonces (RFC 9449 sections 8 and 9).
    dpop_nonces: Vec<(Option<Authority>, String)>,
    /// The id of the secret whose derived key signs DPoP proofs; `None` for the newest secret.
    pub(super) dpop_kid: Option<String>,
    /// Requests that were retried with a DPoP nonce. Each is retried at most once, so that the flow ends.
    repeated: Vec<Purpose>,
}

impl Deref for Server {
    type Target = CheckedProvider;

    fn deref(&self) -> &CheckedProvider {
        &self.provider
    }
}

/// Asks a provider, and reports an answer that is no success.
pub(super) async fn fetch(
    cx: &mut RequestContext,
    io: &Io,
    provider: &CheckedProvider,
    purpose: Purpose,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Error> {
    let response = ask(io, purpose, request, Caching::Never, Keep::Never).await?;
    report_refusal(cx, provider, purpose, &response);
    Ok(response)
}

/// Asks a provider.
pub(super) async fn ask(
    io: &Io,
    purpose: Purpose,
    request: Request<Bytes>,
    caching: Caching,
    keep: Keep,
) -> Result<Response<Bytes>, Error> {
    let outcome = io.ask(Exchange { purpose, request, caching, keep }).await?;
    Ok(outcome.map_err(match purpose {
        Purpose::Discovery => ProviderError::DiscoveryUnreachable,
        Purpose::Jwks => ProviderError::JwksUnreachable,
        Purpose::PushedRequest => ProviderError::PushedRequestUnreachable,
        Purpose::Token => ProviderError::TokenUnreachable,
        Purpose::UserInfo => ProviderError::UserInfoUnreachable,
        Purpose::Revocation => ProviderError::RevocationUnreachable,
    })?)
}

/// Reports an answer whose status is not a success.
pub(super) fn report_refusal(
    cx: &mut RequestContext,
    provider: &ProviderOptions,
    endpoint: Purpose,
    response: &Response<Bytes>,
) {
    if !response.status().is_success() {
        let (status, word) = (response.status().as_u16(), oauth::error_word(response));
        cx.events.push(Event::ProviderRefused { provider: provider.id.clone(), endpoint, status, word });
    }
}

/// Exchanges the code for tokens (RFC 6749 section 4.1.3).
pub(super) async fn exchange_code(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    attempt: &Attempt,
    code: AuthorizationCode,
) -> Result<TokenResponse, Error> {
    let code_verifier = server.proof_key.is_sent().then_some(&attempt.code_verifier);
    let grant = Grant::Code { code, redirect_uri: &attempt.redirect_uri, code_verifier };
    let response = request_tokens(cx, io, server, grant).await?;
    let refused = TokenAnswerRefused::Request(TokenRequestRefused::InvalidClient);
    let granted = TokenResponse::parse(&response, server.token_type()).map_err(|error| {
        let is_changed = server.endpoints.client_authentication.is_changed_by_encoding(&server.client_id);
        if error == refused && is_changed {
            TokenAnswerRefused::Request(TokenRequestRefused::InvalidClientBasic)
        } else {
            error
        }
    })?;
    // The access token may be absent only if no userinfo request needs it.
    if granted.access_token.is_none() && server.endpoints.userinfo.is_some() {
        return Err(ProviderError::TokenMalformed.into());
    }
    Ok(granted)
}

/// Exchanges a refresh token for new tokens (RFC 6749 section 6). A refusal by `invalid_grant` is
/// [`RequestError::RefreshRefused`]: the user has to sign in again. Every other refusal is a [`ProviderError`].
pub(super) async fn refresh(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    token: &RefreshToken,
) -> Result<TokenResponse, Error> {
    let response = request_tokens(cx, io, server, Grant::Refresh(token)).await?;
    match TokenResponse::parse(&response, server.token_type()) {
        Ok(granted) if granted.access_token.is_some() => Ok(granted),
        Ok(_) => Err(ProviderError::TokenMalformed.into()),
        Err(_) if oauth::error_word(&response) == Some(ErrorWord::InvalidGrant) => {
            Err(RequestError::RefreshRefused.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes a token request.
async fn request_tokens(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    grant: Grant<'_>,
) -> Result<Response<Bytes>, Error> {
    let request = move |server: &Server, cx: &mut RequestContext, now: UnixTime| {
        let credentials = server.credentials(cx, now)?;
        Ok(token::request(&server.endpoints.token, &credentials, &grant, &server.token_parameters)?)
    };
    server.fetch_bound(cx, io, Purpose::Token, None, request).await
}

/// Requests userinfo (OpenID Connect Core 1.0 section 5.3, RFC 6750 section 2.1), and verifies a signed answer with the given
/// keys, or else with fetched ones. Returns `None` if the ID token is the only source of claims.
pub(super) async fn userinfo(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    token: Option<&AccessToken>,
    keys: Option<JwkSet>,
) -> Result<Option<Value>, Error> {
    if server.endpoints.userinfo.is_none() {
        return Ok(None);
    }
    let token = token.ok_or(ProviderError::TokenMalformed)?;
    let request = |server: &Server, _: &mut RequestContext, _: UnixTime| {
        let endpoint = server.endpoints.userinfo.as_ref().ok_or(HostError::Unreachable)?;
        let (headers, token_type) = (&server.userinfo_headers, server.token_type());
        Ok(userinfo::request(server.userinfo_method, endpoint, headers, token, token_type)?)
    };
    let response = server.fetch_bound(cx, io, Purpose::UserInfo, Some(token), request).await?;
    let Some(openid) = server.openid() else { return Ok(Some(userinfo::parse(&response)?)) };
    let token = match userinfo::parse_openid(&response)? {
        UserInfo::Plain(answer) => return Ok(Some(answer)),
        UserInfo::Signed(token) => token,
    };
    let check = |signed_by: SignedBy<'_>, now: UnixTime| {
        oidc::userinfo::verify(token.expose(), openid.userinfo_parties(), signed_by, now)
    };
    let (claims, _) = verify(cx, io, openid, keys, |_| ProviderError::UserInfoUntrusted, check).await?;
    Ok(Some(Value::Object(claims)))
}

/// Verifies a token that an OpenID Provider signed, and returns the result of `check` and the published keys that
/// verified it. If `keys` is given, no other keys are fetched.
pub(super) async fn verify<T>(
    cx: &mut RequestContext,
    io: &Io,
    openid: OpenIdServer<'_>,
    keys: Option<JwkSet>,
    error: fn(IdTokenRefused) -> ProviderError,
    check: impl Fn(SignedBy<'_>, UnixTime) -> Result<T, IdTokenRefused>,
) -> Result<(T, Option<JwkSet>), Error> {
    let keys = match (keys, &openid.config.id_tokens) {
        (Some(keys), _) => keys,
        (None, IdTokens::SignedBySecret(secret)) => {
            return Ok((check(SignedBy::Secret(secret), io.now()).map_err(error)?, None));
        }
        (None, IdTokens::SignedByPublishedKey) => {
            let keys = fetch_keys(cx, io, openid, Caching::Reuse { max_age: MAX_AGE }).await?;
            match check(SignedBy::Published(&keys), io.now()) {
                // The provider may have rotated its keys, so they are fetched once more.
                Err(IdTokenRefused::UnknownKey) => {}
                verified => return Ok((verified.map_err(error)?, Some(keys))),
            }
            drop(keys);
            fetch_keys(cx, io, openid, Caching::Revalidate).await?
        }
    };
    Ok((check(SignedBy::Published(&keys), io.now()).map_err(error)?, Some(keys)))
}

async fn fetch_keys(
    cx: &mut RequestContext,
    io: &Io,
    openid: OpenIdServer<'_>,
    caching: Caching,
) -> Result<JwkSet, Error> {
    let request = oauth::get(&openid.metadata.jwks_uri);
    let response = ask(io, Purpose::Jwks, request, caching, Keep::Keys).await?;
    report_refusal(cx, openid.provider, Purpose::Jwks, &response);
    Ok(oidc::published_keys(&response)?)
}

impl Keep {
    /// Tells whether an answer is valid, so that it may be cached.
    pub(crate) fn keeps(&self, response: &Response<Bytes>) -> bool {
        match self {
            Self::Never => false,
            Self::Discovery(provider) => {
                provider.openid().is_some_and(|openid| openid.read(response).is_ok())
            }
            Self::Keys => oidc::published_keys(response).is_ok(),
        }
    }
}

impl Server {
    pub(super) fn new(provider: Arc<CheckedProvider>, endpoints: Arc<Endpoints>) -> Self {
        Self { provider, endpoints, dpop_nonces: Vec::new(), dpop_kid: None, repeated: Vec::new() }
    }

    /// Returns the OpenID Provider that this is, if it is one.
    pub(super) fn openid(&self) -> Option<OpenIdServer<'_>> {
        OpenIdServer::new(&self.provider, &self.endpoints)
    }

    /// Makes the client's credentials for one request.
    pub(super) fn credentials(
        &self,
        cx: &mut RequestContext,
        now: UnixTime,
    ) -> Result<Credentials, NoRequest> {
        self.endpoints.credentials(self, &mut cx.entropy, now)
    }

    /// Sends a request, with a DPoP proof if access tokens are bound to a key. Sends it once more if the server requires its
    /// nonce in the proof (RFC 9449 sections 8 and 9).
    pub(super) async fn fetch_bound(
        &mut self,
        cx: &mut RequestContext,
        io: &Io,
        purpose: Purpose,
        access_token: Option<&AccessToken>,
        request: impl Fn(&Self, &mut RequestContext, UnixTime) -> Result<Request<Bytes>, Error>,
    ) -> Result<Response<Bytes>, Error> {
        let mut unused = Some(request);
        while let Some(make) = unused.take() {
            let mut request = make(self, cx, io.now())?;
            self.prove(cx, &mut request, access_token, io.now())?;
            // The closure holds the code, so it is kept only if a retry is possible.
            unused = self.may_retry(purpose).then_some(make);
            let host = request.uri().authority().cloned();
            let response = ask(io, purpose, request, Caching::Never, Keep::Never).await?;
            if !self.take_retry(purpose, host, &response) {
                report_refusal(cx, self, purpose, &response);
                return Ok(response);
            }
        }
        Err(HostError::Unreachable.into())
    }

    /// Adds the DPoP proof, where the provider binds access tokens to a key.
    fn prove(
        &self,
        cx: &mut RequestContext,
        request: &mut Request<Bytes>,
        access_token: Option<&AccessToken>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let key = match &self.dpop {
            Dpop::Off => return Ok(()),
            // If the secret is no longer listed, no proof can be signed, so the tokens cannot be used.
            Dpop::DerivedKey => {
                let keys = cx.config.keyring.keys(self.dpop_kid.as_deref());
                &keys.ok_or(RequestError::RefreshRefused)?.dpop
            }
            Dpop::Key(key) => key,
        };
        let host = request.uri().authority();
        let nonce = self.dpop_nonces.iter().find(|(given_by, _)| given_by.as_ref() == host);
        let nonce = nonce.map(|(_, nonce)| nonce.as_str());
        let proof = Proof { method: request.method(), uri: request.uri(), nonce, access_token };
        let proof = proof.sign(key, &mut cx.entropy, now).ok_or(HostError::NoSignature)?;
        request.headers_mut().insert(dpop::PROOF, proof);
        Ok(())
    }

    /// Returns the id of the secret whose derived key the tokens of this server are bound to.
    pub(super) fn bound_to(&self, cx: &RequestContext) -> Option<String> {
        match &self.dpop {
            Dpop::Off | Dpop::Key(_) => None,
            Dpop::DerivedKey => {
                Some(self.dpop_kid.clone().unwrap_or_else(|| cx.config.keyring.newest().kid.clone()))
            }
        }
    }

    fn may_retry(&self, purpose: Purpose) -> bool {
        self.is_bound() && !self.repeated.contains(&purpose)
    }

    /// Stores the server's DPoP nonce, and tells whether the request has to be retried with it.
    fn take_retry(&mut self, purpose: Purpose, host: Option<Authority>, response: &Response<Bytes>) -> bool {
        if !self.is_bound() {
            return false;
        }
        if let Some(nonce) = dpop::nonce(response.headers()) {
            self.dpop_nonces.retain(|(given_by, _)| *given_by != host);
            self.dpop_nonces.push((host, nonce));
        }
        let retries = self.may_retry(purpose) && dpop::wants_nonce(response);
        if retries {
            self.repeated.push(purpose);
        }
        retries
    }
}
