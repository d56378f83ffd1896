//! What does a browser still carry under an earlier key, and how does it get the newest? Word for word as it was.

use super::Exchange;
use crate::cookie::set::SetCookie;
use crate::jose::keys::Age;
use crate::provider_tokens::Owner;
use crate::session::{OpenedSession, Session};
use http::HeaderMap;

impl Exchange {
    /// Protects a session that goes on as it is, and its provider tokens, with the newest keys, where they are not. No
    /// claim changes, and so neither does the end. What does not fit is left alone: it still opens.
    pub(super) fn seal_anew(&mut self, opened: &OpenedSession, headers: &HeaderMap) -> Vec<SetCookie> {
        let session = opened.earlier.as_ref().and_then(|claims| self.cookies_of_claims(claims).ok());
        let tokens = self.tokens_anew(&opened.session, headers);
        session.into_iter().chain(tokens).flatten().collect()
    }

    fn tokens_anew(&mut self, session: &Session, headers: &HeaderMap) -> Option<Vec<SetCookie>> {
        let auth = self.auth.clone();
        let provider = session.provider.as_deref().filter(|_| auth.config().keyring.has_earlier_keys())?;
        let owner = Owner { provider, session };
        match self.incoming(headers).provider_tokens(owner).ok()? {
            (_, Age::Newest) => None,
            (tokens, Age::Earlier) => self.provider_tokens_cookies(provider, &tokens, session).ok(),
        }
    }
}
