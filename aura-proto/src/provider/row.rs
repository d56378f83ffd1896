//! What does a row of the table of providers hold? Facts, and nothing that an application decides.

use super::profile::{Profile, ProfileError, ProfileSource, read_pointers};
use super::{IssParameter, Provider, SecretPlacement, TokenRetention, UserInfoMethod};
use crate::oauth::client_auth::ClientAuthentication;
use crate::secret::ClientSecret;
use crate::session::User;
use serde_json::Value;

/// A built-in provider: everything but the application's credentials.
///
/// ```
/// use aura_proto::provider::GITHUB;
/// assert_eq!(GITHUB.id, "github");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The id, which is the last segment of the provider's routes.
    pub id: &'static str,
    /// The name to show on a button.
    pub name: &'static str,
    /// Where the browser is sent.
    pub authorization_endpoint: &'static str,
    /// Where the code is exchanged.
    pub token_endpoint: &'static str,
    /// Where the user is described; `{access_token}` in its path stands for the token, which then is in no header.
    pub userinfo_endpoint: &'static str,
    /// The scope asked for: names separated by spaces.
    pub scope: &'static str,
    /// Further parameters of the authorization request (RFC 6749 section 8.2), name and value.
    pub authorization_parameters: &'static [(&'static str, &'static str)],
    /// Where the client's secret goes at the token endpoint (RFC 6749 section 2.3.1).
    pub client_secret: SecretPlacement,
    /// How userinfo is asked.
    pub userinfo_method: UserInfoMethod,
    /// Further headers of the userinfo request; `{client_id}` in a value stands for the application's id.
    pub userinfo_headers: &'static [(&'static str, &'static str)],
    /// The issuer that the provider names itself in callbacks, where it is known to (RFC 9207).
    pub issuer: Option<&'static str>,
    /// Whether it names itself in every callback.
    pub iss: IssParameter,
    /// How a userinfo answer becomes a user.
    pub profile: RowProfile,
}

/// How a row reads the user out of a userinfo answer.
///
/// ```
/// use aura_proto::provider::{DISCORD, GITHUB, RowProfile};
/// assert!(matches!(GITHUB.profile, RowProfile::Pointers(_)));
/// assert!(matches!(DISCORD.profile, RowProfile::Function(_)));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RowProfile {
    /// Behind JSON pointers.
    Pointers(RowPointers),
    /// By code, where a member has to be put together.
    Function(fn(&Value) -> Result<User, ProfileError>),
}

/// For each member of the user the JSON pointers (RFC 6901) to try in order; the first that is there counts.
///
/// ```
/// use aura_proto::provider::{GITHUB, RowProfile};
/// let RowProfile::Pointers(pointers) = GITHUB.profile else { unreachable!() };
/// assert_eq!(pointers.name, ["/name", "/login"]);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RowPointers {
    /// To the id.
    pub sub: &'static [&'static str],
    /// To the name.
    pub name: &'static [&'static str],
    /// To the e-mail address.
    pub email: &'static [&'static str],
    /// To the URL of a picture.
    pub image: &'static [&'static str],
}

impl Row {
    /// What most providers have in common; the rest has to be said.
    pub(super) const USUAL: Self = Self {
        id: "",
        name: "",
        authorization_endpoint: "",
        token_endpoint: "",
        userinfo_endpoint: "",
        scope: "",
        authorization_parameters: &[],
        client_secret: SecretPlacement::Post,
        userinfo_method: UserInfoMethod::Get,
        userinfo_headers: &[],
        issuer: None,
        iss: IssParameter::Optional,
        profile: RowProfile::Pointers(RowPointers { sub: &[], name: &[], email: &[], image: &[] }),
    };

    /// Adds the credentials that the provider gave to the application.
    ///
    /// ```
    /// use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
    /// assert_eq!(github.name(), "GitHub");
    /// ```
    pub fn with_client(self, client_id: impl Into<String>, client_secret: ClientSecret) -> Provider {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        Provider {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            authorization_endpoint: self.authorization_endpoint.to_owned(),
            token_endpoint: self.token_endpoint.to_owned(),
            userinfo_endpoint: self.userinfo_endpoint.to_owned(),
            scope: self.scope.to_owned(),
            authorization_parameters: owned(self.authorization_parameters),
            client_id: client_id.into(),
            client_authentication: ClientAuthentication::with_secret(self.client_secret, client_secret),
            userinfo_method: self.userinfo_method,
            userinfo_headers: owned(self.userinfo_headers),
            issuer: self.issuer.map(str::to_owned),
            iss: self.iss,
            profile: match self.profile {
                RowProfile::Pointers(pointers) => ProfileSource::Pointers(Profile::from(pointers)),
                RowProfile::Function(function) => ProfileSource::function(function),
            },
            token_retention: TokenRetention::default(),
            revocation_endpoint: None,
        }
    }
}

impl RowPointers {
    pub(super) fn user(&self, userinfo: &Value) -> Result<User, ProfileError> {
        read_pointers(userinfo, self.sub, self.name, self.email, self.image)
    }
}
