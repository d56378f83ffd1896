//! The JSON form of a provider: flat, told apart by `kind`.

use super::options::{AssertionAudience, ClaimsSource, EndSession, IdTokenKey, PushedRequests, SignOutScope};
use super::{IssParameter, Profile, Provider, TokenRetention, UnsolicitedCallbacks, UserInfoMethod};
use crate::oauth::dpop::Dpop;
use crate::secret::ClientSecret;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::time::Duration;

/// The values of `kind`.
const KINDS: &[&str] = &["oauth", "oidc"];
const OAUTH: &[&str] = &["oauth"];
const OIDC: &[&str] = &["oidc"];

/// Declares the members, and the kinds that each fits. A type `Option<..>` allows `null`.
macro_rules! members {
    ($($member:ident: $type:ty, $kinds:ident;)*) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Data {
            kind: String,
            $(#[serde(default, deserialize_with = "present")] $member: Option<$type>,)*
        }

        impl Data {
            /// Returns the first member that is present and does not fit the kind, and the kinds that it fits.
            fn misfit(&self) -> Option<(&'static str, &'static [&'static str])> {
                [$((stringify!($member), $kinds, self.$member.is_some()),)*]
                    .into_iter()
                    .find(|(_, kinds, is_present)| *is_present && !kinds.contains(&self.kind.as_str()))
                    .map(|(member, kinds, _)| (member, kinds))
            }
        }
    };
}

members! {
    id: String, KINDS;
    name: String, KINDS;
    client_id: String, KINDS;
    client_secret: Option<ClientSecret>, KINDS;
    client_authentication: Option<Method>, KINDS;
    issuer: Option<String>, KINDS;
    scope: String, KINDS;
    backchannel_origins: Vec<String>, KINDS;
    authorization_parameters: BTreeMap<String, String>, KINDS;
    request_parameters: Vec<String>, KINDS;
    token_parameters: BTreeMap<String, ClientSecret>, KINDS;
    unsolicited_callbacks: UnsolicitedCallbacks, KINDS;
    profile: Option<Profile>, KINDS;
    tokens: TokenRetention, KINDS;
    refresh_window: u64, KINDS;
    authorize_url: String, OAUTH;
    token_url: String, OAUTH;
    userinfo_url: String, OAUTH;
    userinfo_method: UserInfoMethod, OAUTH;
    userinfo_headers: BTreeMap<String, ClientSecret>, OAUTH;
    iss: IssParameter, OAUTH;
    revocation_url: Option<String>, OAUTH;
    client_id_parameter: String, OAUTH;
    discovery_url: String, OIDC;
    claims_source: ClaimsSource, OIDC;
    id_token_key: IdTokenKey, OIDC;
    client_assertion_audience: AssertionAudience, OIDC;
    pushed_requests: PushedRequests, OIDC;
    sign_out: SignOutScope, OIDC;
    end_session: EndSession, OIDC;
    trusted_audiences: Vec<String>, OIDC;
    access_tokens: Dpop, OIDC;
}

/// The methods of client authentication that data can choose.
#[derive(Deserialize)]
enum Method {
    #[serde(rename = "client_secret_post")]
    Post,
    #[serde(rename = "client_secret_basic")]
    Basic,
    #[serde(rename = "client_secret_jwt")]
    Jwt,
}

/// Reads a member that is present, so that an absent one can be told from `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn required<T, E: Error>(member: Option<T>, name: &'static str) -> Result<T, E> {
    member.ok_or_else(|| E::missing_field(name))
}

/// Refuses `null`, which a member accepts for the other kind only.
fn not_null<T, E: Error>(member: Option<Option<T>>) -> Result<Option<T>, E> {
    match member {
        Some(None) => Err(E::invalid_type(Unexpected::Unit, &"a value")),
        Some(Some(value)) => Ok(Some(value)),
        None => Ok(None),
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut data = Data::deserialize(deserializer)?;
        if !KINDS.contains(&data.kind.as_str()) {
            return Err(D::Error::unknown_variant(&data.kind, KINDS));
        }
        if let Some((member, kinds)) = data.misfit() {
            return Err(D::Error::custom(format_args!(
                "member `{member}` does not fit kind `{}`; remove it, or make the kind `{}`",
                data.kind,
                kinds.join("` or `")
            )));
        }
        let id = required(data.id.take(), "id")?;
        let client_id = required(data.client_id.take(), "client_id")?;
        let provider = match data.kind.as_str() {
            "oauth" => data.oauth(id, client_id)?,
            _ => data.oidc(id, client_id)?,
        };
        data.complete(provider)
    }
}

impl Data {
    fn oauth<E: Error>(&mut self, id: String, client_id: String) -> Result<Provider, E> {
        let mut provider = Provider::oauth(id, client_id)
            .authorization_endpoint(required(self.authorize_url.take(), "authorize_url")?)
            .token_endpoint(required(self.token_url.take(), "token_url")?)
            .userinfo_endpoint(required(self.userinfo_url.take(), "userinfo_url")?)
            .userinfo_method(self.userinfo_method.unwrap_or_default())
            .iss(self.iss.unwrap_or_default());
        provider.userinfo_headers = self.userinfo_headers.take().unwrap_or_default().into_iter().collect();
        if let Some(name) = self.client_id_parameter.take() {
            provider.client_id_parameter = name;
        }
        provider.revocation_endpoint = self.revocation_url.take().flatten();
        provider.issuer = self.issuer.take().flatten();
        self.client_authentication = not_null(self.client_authentication.take())?.map(Some);
        self.profile = not_null(self.profile.take())?.map(Some);
        Ok(provider)
    }

    fn oidc<E: Error>(&mut self, id: String, client_id: String) -> Result<Provider, E> {
        let mut provider = Provider::openid(id, required(self.issuer.take().flatten(), "issuer")?, client_id)
            .claims_source(self.claims_source.unwrap_or_default())
            .id_token_key(self.id_token_key.unwrap_or_default())
            .pushed_requests(self.pushed_requests.unwrap_or_default())
            .sign_out(self.sign_out.unwrap_or_default())
            .end_session(self.end_session.unwrap_or_default())
            .client_assertion_audience(self.client_assertion_audience.unwrap_or_default())
            .trusted_audiences(self.trusted_audiences.take().unwrap_or_default());
        provider.discovery_url = self.discovery_url.take();
        provider.dpop = self.access_tokens.take().unwrap_or_default();
        Ok(provider)
    }

    /// Adds the members that both kinds have.
    fn complete<E: Error>(self, provider: Provider) -> Result<Provider, E> {
        let mut provider = provider
            .with_name(required(self.name, "name")?)
            .tokens(self.tokens.unwrap_or_default())
            .unsolicited_callbacks(self.unsolicited_callbacks.unwrap_or_default())
            .request_parameters(self.request_parameters.unwrap_or_default())
            .backchannel_origins(self.backchannel_origins.unwrap_or_default());
        provider.client_secret = self.client_secret.flatten();
        provider = match self.client_authentication.flatten() {
            Some(Method::Post) => provider.client_secret_post(),
            Some(Method::Basic) => provider.client_secret_basic(),
            Some(Method::Jwt) => provider.client_secret_jwt(),
            None => provider,
        };
        if let Some(seconds) = self.refresh_window {
            provider.refresh_window = Duration::from_secs(seconds);
        }
        if let Some(scope) = self.scope {
            provider.scope = scope;
        }
        provider.authorization_parameters = self.authorization_parameters.into_iter().flatten().collect();
        provider.token_parameters = self.token_parameters.into_iter().flatten().collect();
        Ok(match self.profile.flatten() {
            Some(profile) => provider.profile(profile),
            None => provider,
        })
    }
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
