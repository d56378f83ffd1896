//! The list of e-mail addresses that some providers have apart from the profile.

use super::{Provider, ProviderOptions, ProviderProblem};
use crate::oauth::userinfo::UserInfoEndpoint;
use http::Uri;

impl Provider {
    /// Asks for the user's e-mail addresses elsewhere, where userinfo names none: for a list of objects with `email`, `primary` and
    /// `verified`, of which the one that is primary and verified counts. It is asked as userinfo is, at the same origin, where the
    /// scope has one of these names; the empty text stands for any scope. Whatever goes wrong there leaves the user without an
    /// address.
    ///
    /// ```
    /// # use aura_proto::provider::Provider;
    /// let forge = Provider::oauth("forge", "client-id")
    ///     .userinfo_endpoint("https://git.example.com/api/user")
    ///     .emails_endpoint("https://git.example.com/api/user/emails", "user:email user");
    /// # let _ = forge;
    /// ```
    pub fn emails_endpoint(mut self, url: impl Into<String>, scopes: impl Into<String>) -> Self {
        (self.options.emails_endpoint, self.options.emails_scope) = (Some(url.into()), scopes.into());
        self
    }

    /// Asks elsewhere who signed in. `{access_token}` in the path stands for the token, which then is in no header. A row's list of
    /// e-mail addresses is at its own provider, and is not asked: give [another](Self::emails_endpoint) afterwards.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITLAB;
    /// let own = GITLAB.with_client("id", ClientSecret::new("secret"));
    /// let own = own.userinfo_endpoint("https://git.example.com/api/v4/user");
    /// # let _ = own;
    /// ```
    pub fn userinfo_endpoint(mut self, url: impl Into<String>) -> Self {
        (self.options.userinfo_endpoint, self.options.emails_endpoint) = (url.into(), None);
        self
    }
}

impl ProviderOptions {
    /// Reads where the addresses are listed, if the scope asks for them.
    pub(super) fn check_emails(
        &self,
        userinfo: &UserInfoEndpoint,
    ) -> Result<Option<UserInfoEndpoint>, ProviderProblem> {
        let Some(text) = &self.emails_endpoint else { return Ok(None) };
        let uri = self.backchannel_endpoint("emails_url", text)?;
        // The access token goes to no other origin than the one that describes the user.
        let origin = |uri: &Uri| (uri.scheme().cloned(), uri.authority().cloned());
        if origin(&uri) != origin(userinfo.uri()) {
            return Err(ProviderProblem::EmailsElsewhere);
        }
        let mut scopes = self.emails_scope.split(' ');
        let is_asked =
            self.emails_scope.is_empty() || scopes.any(|name| self.scope.split(' ').any(|own| own == name));
        Ok(is_asked.then_some(UserInfoEndpoint::Header(uri)))
    }
}
