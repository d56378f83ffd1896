//! The JSON form of a provider: flat, with `kind` as the tag.

use super::configured::ProviderOptions;
use super::profile::ProfileSource;
use super::{
    AssertionAudience, ClaimsSource, EndSession, IdTokenKey, IssParameter, Profile, Provider, PushedRequests,
    Row, RowPointers, SignOutScope, TokenRetention, UnsolicitedCallbacks, UserInfoMethod,
};
use crate::oauth::client_auth::{AuthenticationMethod, SecretMethod};
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

/// Declares the members: `member: Type, of KINDS, required by KINDS => field = value`. The member fits the first kinds, and the
/// field of a [`Provider`] becomes the value, which is made of the member. A type `Option<..>` allows `null`.
macro_rules! members {
    ($($member:ident: $type:ty, of $fits:ident $(, required by $requires:ident)? => $field:ident = $value:expr;)*) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Data {
            kind: String,
            $(#[serde(default, deserialize_with = "present")] $member: Option<$type>,)*
        }

        impl Data {
            fn members(&self) -> impl Iterator<Item = Member> {
                [$(Member {
                    name: stringify!($member),
                    is_present: self.$member.is_some(),
                    fits: $fits,
                    requires: &[$($requires)?],
                },)*].into_iter()
            }

            /// Writes the members that are present into a provider.
            fn write(self, options: &mut ProviderOptions) {
                $(if let Some($member) = self.$member {
                    options.$field = $value;
                })*
            }
        }
    };
}

members! {
    id: String, of KINDS, required by KINDS => id = id;
    name: String, of KINDS, required by KINDS => name = name;
    client_id: String, of KINDS, required by KINDS => client_id = client_id;
    client_secret: Option<ClientSecret>, of KINDS => client_secret = client_secret;
    client_authentication: Option<SecretMethod>, of KINDS
        => authentication = AuthenticationMethod::Secret(client_authentication.unwrap_or(SecretMethod::AsPublished));
    issuer: Option<String>, of KINDS, required by OIDC => issuer = issuer;
    scope: String, of KINDS => scope = scope;
    backchannel_origins: Vec<String>, of KINDS => backchannel_origins = backchannel_origins;
    authorization_parameters: BTreeMap<String, String>, of KINDS
        => authorization_parameters = authorization_parameters.into_iter().collect();
    request_parameters: Vec<String>, of KINDS => request_parameters = request_parameters;
    token_parameters: BTreeMap<String, ClientSecret>, of KINDS
        => token_parameters = token_parameters.into_iter().collect();
    unsolicited_callbacks: UnsolicitedCallbacks, of KINDS => unsolicited_callbacks = unsolicited_callbacks;
    profile: Option<Profile>, of KINDS
        => profile = ProfileSource::Pointers(profile.unwrap_or_else(|| RowPointers::OPENID.into()));
    tokens: TokenRetention, of KINDS => token_retention = tokens;
    refresh_window: u64, of KINDS => refresh_window = Duration::from_secs(refresh_window);
    authorize_url: String, of OAUTH, required by OAUTH => authorization_endpoint = authorize_url;
    token_url: String, of OAUTH, required by OAUTH => token_endpoint = token_url;
    userinfo_url: String, of OAUTH, required by OAUTH => userinfo_endpoint = userinfo_url;
    userinfo_method: UserInfoMethod, of OAUTH => userinfo_method = userinfo_method;
    userinfo_headers: BTreeMap<String, ClientSecret>, of OAUTH
        => userinfo_headers = userinfo_headers.into_iter().collect();
    emails_url: String, of OAUTH => emails_endpoint = Some(emails_url);
    emails_scope: String, of OAUTH => emails_scope = emails_scope;
    iss: IssParameter, of OAUTH => iss = iss;
    revocation_url: Option<String>, of OAUTH => revocation_endpoint = revocation_url;
    client_id_parameter: String, of OAUTH => client_id_parameter = client_id_parameter;
    discovery_url: String, of OIDC => discovery_url = Some(discovery_url);
    claims_source: ClaimsSource, of OIDC => claims_source = claims_source;
    id_token_key: IdTokenKey, of OIDC => id_token_key = id_token_key;
    client_assertion_audience: AssertionAudience, of OIDC => assertion_audience = client_assertion_audience;
    pushed_requests: PushedRequests, of OIDC => pushed_requests = pushed_requests;
    sign_out: SignOutScope, of OIDC => sign_out = sign_out;
    end_session: EndSession, of OIDC => end_session = end_session;
    trusted_audiences: Vec<String>, of OIDC => trusted_audiences = trusted_audiences;
    access_tokens: Dpop, of OIDC => dpop = access_tokens;
}

/// A member: the kinds of provider that may have it, and those that require it.
struct Member {
    name: &'static str,
    is_present: bool,
    fits: &'static [&'static str],
    requires: &'static [&'static [&'static str]],
}

/// Reads a member that is present, so that an absent one differs from `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        let row = match data.kind.as_str() {
            "oauth" => Row::oauth("", ""),
            "oidc" => Row::openid("", ""),
            other => return Err(D::Error::unknown_variant(other, KINDS)),
        };
        let kind = data.kind.as_str();
        if let Some(misfit) = data.members().find(|member| member.is_present && !member.fits.contains(&kind))
        {
            return Err(D::Error::custom(format_args!(
                "member `{}` does not fit kind `{kind}`; remove it, or make the kind `{}`",
                misfit.name,
                misfit.fits.join("` or `")
            )));
        }
        let is_missing = |member: &Member| !member.is_present && member.requires.concat().contains(&kind);
        if let Some(missing) = data.members().find(is_missing) {
            return Err(D::Error::missing_field(missing.name));
        }
        // Where an OpenID Provider may leave a choice open by `null`, an OAuth provider leaves the member out.
        if kind == "oauth" && (matches!(data.client_authentication, Some(None)) || data.profile == Some(None))
        {
            return Err(D::Error::invalid_type(Unexpected::Unit, &"a value"));
        }
        if kind == "oidc" && data.issuer == Some(None) {
            return Err(D::Error::missing_field("issuer"));
        }
        let mut provider = row.with_public_client("");
        data.write(&mut provider.options);
        Ok(provider)
    }
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
