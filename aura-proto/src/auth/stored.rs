//! Readings and changes of sessions that ask the host's store, and the questions of an administrator to it.

use super::Auth;
use crate::action::Reading;
use crate::connection::{RequestHead, public_origin};
use crate::context::RequestContext;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::flow::io;
use crate::flow::visiting;
use crate::incoming::Incoming;
use crate::provider_tokens::{Owner, ProviderTokens, ProviderTokensError};
use crate::session::{SessionChecks, SessionError, update};
use crate::stored::presented::Presented;
use crate::stored::questions::{EndSessions, ListSessions, Listed};
use crate::stored::row::DeviceSession;
use crate::stored::ticket;
use crate::visit::{ClaimsUpdate, Visit};
use aura_types::UnixTime;
use serde::Serialize;

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
        let Some(stored) = &visit.stored else {
            return Reading::Done(self.sealed_update(&visit.session, request, claims, now, &mut entropy));
        };
        let begun = update::members(claims).map_err(Error::from).and_then(|members| {
            let incoming = self.incoming(request)?;
            Ok((self.context(incoming, request, entropy)?, members))
        });
        match begun {
            Ok((cx, members)) => {
                let (stored, public_path) = (stored.clone(), self.public_path(request));
                let flow = |io| visiting::update_claims(cx, io, stored, members, public_path);
                io::start(now, flow).into()
            }
            Err(error) => Reading::Done(Err(error)),
        }
    }

    /// Reads the tokens as [`provider_tokens`](Self::provider_tokens) does, and asks the store and the application where the configuration says so. The reading ends in
    /// [`ProviderTokensError`] where there are none.
    ///
    /// ```
    /// # use aura_proto::{Auth, ProviderTokens, Reading, UnixTime};
    /// # fn call(auth: &Auth, request: &http::Request<()>, now: UnixTime) -> Option<ProviderTokens> {
    /// match auth.begin_provider_tokens("github", request, now) {
    ///     Reading::Done(tokens) => tokens.ok(),
    ///     // The host asks, and resumes.
    ///     Reading::Check(_) | Reading::Store(_) => None,
    /// }
    /// # }
    /// ```
    pub fn begin_provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Reading<Result<ProviderTokens, ProviderTokensError>> {
        let request = request.into();
        let begun = self.incoming(request).and_then(|incoming| Ok((incoming.present(now)?, incoming)));
        let begun = begun.and_then(|(presented, incoming)| {
            let tokens = match &presented {
                Presented::Sealed(opened) => {
                    incoming.granted_tokens(Owner { provider, session: &opened.session })
                }
                Presented::Ticket(..) => Err(ProviderTokensError::Missing),
            };
            Ok((presented, tokens, self.context(incoming, request, Entropy::unused())?))
        });
        match begun {
            Ok((Presented::Sealed(_), tokens, _)) if self.config().session_checks == SessionChecks::None => {
                Reading::Done(tokens)
            }
            Ok((presented, tokens, cx)) => {
                let provider = provider.to_owned();
                io::start(now, |io| visiting::tokens(cx, io, presented, provider, tokens)).into()
            }
            Err(error) => Reading::Done(Err(error.into())),
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
        ListSessions { owners: ticket::owners(&self.config().keyring, provider, sub) }
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
