//! Readings and changes of sessions that ask the host's store, and the questions of an administrator to it.

use super::Auth;
use crate::action::Reading;
use crate::connection::{RequestHead, public_origin};
use crate::context::RequestContext;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::flow::{io, refresh, visiting};
use crate::incoming::Incoming;
use crate::provider_tokens::{self, Owner, ProviderTokens, ProviderTokensError, refresh_is_due};
use crate::ready_tokens::{NoTokens, ReadyTokens};
use crate::session::{SessionChecks, SessionError, update};
use crate::stored::presented::Presented;
use crate::stored::questions::{EndSessions, ListSessions, Listed};
use crate::stored::row::DeviceSession;
use crate::stored::ticket;
use crate::visit::{ClaimsUpdate, Visit};
use aura_types::UnixTime;
use serde::Serialize;
use std::sync::Arc;

impl Auth {
    /// Changes the claims as [`update_claims`](Self::update_claims) does, and asks the store where the policy keeps sessions in
    /// one. The visit [takes over](Visit::apply) what the reading ends in. Where other requests change the session at the same time, no change is lost.
    ///
    /// ```
    /// # use aura_proto::{Auth, Entropy, Reading, UnixTime, Visit};
    /// # fn promote(auth: &Auth, visit: &mut Visit, request: &http::Request<()>, now: UnixTime, entropy: Entropy) {
    /// let claims = std::collections::BTreeMap::from([("role", "editor")]);
    /// if let Reading::Done(Ok(update)) = auth.begin_update(visit, request, &claims, now, entropy) {
    ///     visit.apply(update);
    /// }
    /// # }
    /// ```
    pub fn begin_update<'a>(
        &self,
        visit: &Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &(impl Serialize + ?Sized),
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Reading<Result<ClaimsUpdate, Error>> {
        let request = request.into();
        if !self.needs_store() {
            return Reading::Done(self.sealed_update(&visit.session, request, claims, now, &mut entropy));
        }
        let begun = update::members(claims).map_err(Error::from).and_then(|members| {
            let incoming = self.incoming(request)?;
            Ok((self.context(incoming, request, entropy)?, members, incoming.present(now)))
        });
        match begun {
            Ok((cx, members, presented)) => {
                let (found, public_path) = ((visit.stored.clone(), presented), self.public_path(request));
                let flow = |io| visiting::update_claims(cx, io, found, members, public_path);
                io::start(now, flow).into()
            }
            Err(error) => Reading::Done(Err(error)),
        }
    }

    /// Makes tokens ready that a provider granted for the signed-in user: where their access token has ended or is about to, they are
    /// refreshed (RFC 6749 section 6). The store and the application are asked where the configuration says so. Where a store keeps
    /// the tokens, one request spends a refresh token, on any number of instances.
    ///
    /// The reading ends in [`NoTokens`] where there are none; see [`ProviderTokensError::needs_sign_in`].
    ///
    /// ```
    /// # use aura_proto::{Auth, Entropy, Reading, ReadyTokens, UnixTime};
    /// # fn call(auth: &Auth, request: &http::Request<()>, now: UnixTime, entropy: Entropy) -> Option<ReadyTokens> {
    /// match auth.begin_provider_tokens("github", request, now, entropy) {
    ///     Reading::Done(tokens) => tokens.ok(),
    ///     // The host carries it out, and resumes.
    ///     _ => None,
    /// }
    /// # }
    /// ```
    pub fn begin_provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
        entropy: Entropy,
    ) -> Reading<Result<ReadyTokens, NoTokens>> {
        let request = request.into();
        let begun = self.incoming(request).and_then(|incoming| Ok((incoming.present(now)?, incoming)));
        let (presented, incoming) = match begun {
            Ok(begun) => begun,
            Err(error) => return Reading::Done(Err(ProviderTokensError::from(error).into())),
        };
        let Some(checked) = self.config().providers.get(provider) else {
            return Reading::Done(Err(ProviderTokensError::Missing.into()));
        };
        let sealed = match &presented {
            Presented::Sealed(opened) => {
                incoming.granted_tokens(Owner { provider, session: &opened.session }).map_err(Into::into)
            }
            Presented::Ticket(..) => Err(ProviderTokensError::Missing),
        };
        let is_due = |tokens: &ProviderTokens| refresh_is_due(tokens, checked.refresh_window, now).is_some();
        let asks_nobody = matches!(presented, Presented::Sealed(_))
            && self.config().session_checks == SessionChecks::None
            && !sealed.as_ref().is_ok_and(is_due);
        if asks_nobody {
            let live = sealed.and_then(|tokens| provider_tokens::live(tokens, now));
            return Reading::Done(live.map(ReadyTokens::of).map_err(NoTokens::from));
        }
        match self.context(incoming, request, entropy) {
            Ok(mut cx) => {
                cx.forget_request();
                let (checked, public_path) = (Arc::clone(checked), self.public_path(request));
                io::start(now, |io| refresh::ready(cx, io, presented, checked, sealed, public_path)).into()
            }
            Err(error) => Reading::Done(Err(ProviderTokensError::from(error).into())),
        }
    }

    /// Makes the question to a store that ends every session of a user who signed in with a provider.
    ///
    /// ```
    /// # fn disable(auth: &aura_proto::Auth, now: aura_proto::UnixTime) {
    /// let question = auth.end_sessions("github", "583231", now);
    /// # let _ = question;
    /// # }
    /// ```
    pub fn end_sessions(&self, provider: &str, sub: &str, now: UnixTime) -> EndSessions {
        let owners = ticket::owners(&self.config().keyring, provider, sub);
        EndSessions::Owner { owners, generation: EndSessions::generation(now) }
    }

    /// Makes the question to a store that lists the sessions of a user who signed in with a provider;
    /// [`read_sessions`](Self::read_sessions) reads the answer.
    ///
    /// ```
    /// # fn list(auth: &aura_proto::Auth) {
    /// let question = auth.list_sessions("github", "583231");
    /// # let _ = question;
    /// # }
    /// ```
    pub fn list_sessions(&self, provider: &str, sub: &str) -> ListSessions {
        ListSessions::new(ticket::owners(&self.config().keyring, provider, sub))
    }

    /// Reads a store's list of sessions. Those that have ended, and rows of other secrets, are left out.
    ///
    /// ```
    /// # fn read(auth: &aura_proto::Auth, now: aura_proto::UnixTime) {
    /// assert_eq!(auth.read_sessions(&aura_proto::store::Listed::default(), now), []);
    /// # }
    /// ```
    pub fn read_sessions(&self, listed: &Listed, now: UnixTime) -> Vec<DeviceSession> {
        DeviceSession::of(&self.config().keyring, listed, None, now)
    }

    pub(super) fn context(
        &self,
        incoming: Incoming<'_>,
        request: RequestHead<'_>,
        entropy: Entropy,
    ) -> Result<RequestContext, SessionError> {
        let origin = public_origin(self.config(), request).map_err(|_| SessionError::UnknownHost)?;
        Ok(visiting::context(&self.0, incoming, &origin, entropy))
    }
}
