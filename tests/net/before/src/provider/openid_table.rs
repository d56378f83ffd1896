//! Which OpenID Providers are built in? One table, a row a provider, beside that of the others.

use super::openid::{ClaimsSource, IdTokenKey};
use super::row::{OpenIdRow, Row, RowPointers, RowProfile, RowProtocol};
use super::{ProofKey, SecretPlacement, special};

/// What OpenID Providers have in common: the claims of OpenID Connect Core 1.0 section 5.1.
const USUAL: Row = Row {
    scope: "openid profile email",
    protocol: RowProtocol::OpenId(OpenIdRow::USUAL),
    profile: RowProfile::Pointers(RowPointers {
        sub: &["/sub"],
        name: &["/name", "/preferred_username", "/nickname"],
        email: &["/email"],
        image: &["/picture"],
    }),
    ..Row::USUAL
};

/// What is usual, with the ID token alone saying who the user is.
const BY_ID_TOKEN: Row = Row {
    protocol: RowProtocol::OpenId(OpenIdRow { claims_source: ClaimsSource::IdToken, ..OpenIdRow::USUAL }),
    ..USUAL
};

/// Google, as <https://developers.google.com/identity/openid-connect/openid-connect> documents it. Its ID token says
/// everything that its userinfo does.
///
/// ```
/// assert_eq!(aura_proto::provider::GOOGLE.id, "google");
/// ```
pub const GOOGLE: Row =
    Row { id: "google", name: "Google", issuer: Some("https://accounts.google.com"), ..BY_ID_TOKEN };

/// Hugging Face, as <https://huggingface.co/docs/hub/oauth> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::HUGGING_FACE.id, "huggingface");
/// ```
pub const HUGGING_FACE: Row =
    Row { id: "huggingface", name: "Hugging Face", issuer: Some("https://huggingface.co"), ..USUAL };

/// Authentik, as <https://docs.goauthentik.io/add-secure-apps/providers/oauth2/> documents it: each application has an
/// issuer, with a slash at its end, at an installation of one's own. The host of the row stands for it: give the issuer.
///
/// ```
/// assert_eq!(aura_proto::provider::AUTHENTIK.id, "authentik");
/// ```
pub const AUTHENTIK: Row = Row {
    id: "authentik",
    name: "Authentik",
    issuer: Some("https://authentik.company/application/o/:application_slug/"),
    ..USUAL
};

/// Microsoft Entra ID, as <https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc> documents it. The
/// tenant is an id, or `common`, `organizations` or `consumers`: then the issuer is that of the user's tenant, which
/// [`tenants`](super::Provider::tenants) restricts. An e-mail address is what the tenant says, verified or not.
///
/// ```
/// assert_eq!(aura_proto::provider::MICROSOFT_ENTRA_ID.id, "microsoft-entra-id");
/// ```
pub const MICROSOFT_ENTRA_ID: Row = Row {
    id: "microsoft-entra-id",
    name: "Microsoft",
    issuer: Some("https://login.microsoftonline.com/:tenant/v2.0"),
    protocol: RowProtocol::OpenId(OpenIdRow {
        claims_source: ClaimsSource::IdToken,
        per_tenant: true,
        ..OpenIdRow::USUAL
    }),
    ..USUAL
};

/// Sign in with Apple, as <https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple>
/// documents it: the answer is posted, the client's secret is a token
/// ([`apple_client_secret`](super::Provider::apple_client_secret)), and the name comes unsigned, at the first sign-in alone.
///
/// ```
/// assert_eq!(aura_proto::provider::APPLE.id, "apple");
/// ```
pub const APPLE: Row = Row {
    id: "apple",
    name: "Apple",
    issuer: Some("https://appleid.apple.com"),
    scope: "openid name email",
    authorization_parameters: &[("response_mode", "form_post")],
    client_secret: Some(SecretPlacement::Post),
    profile: RowProfile::Function(special::apple),
    ..BY_ID_TOKEN
};

/// Keycloak, as <https://www.keycloak.org/securing-apps/oidc-layers> documents it. Give the issuer, as in
/// `https://id.example.com/realms/main`.
///
/// ```
/// assert_eq!(aura_proto::provider::KEYCLOAK.id, "keycloak");
/// ```
pub const KEYCLOAK: Row = Row { id: "keycloak", name: "Keycloak", ..USUAL };

/// LINE, as <https://developers.line.biz/en/docs/line-login/verify-id-token/> documents it: ID tokens are signed with the
/// channel's secret where users sign in on the web.
///
/// ```
/// assert_eq!(aura_proto::provider::LINE.id, "line");
/// ```
pub const LINE: Row = Row {
    id: "line",
    name: "LINE",
    issuer: Some("https://access.line.me"),
    client_secret: Some(SecretPlacement::Post),
    protocol: RowProtocol::OpenId(OpenIdRow {
        claims_source: ClaimsSource::IdToken,
        id_token_key: IdTokenKey::ClientSecret,
        ..OpenIdRow::USUAL
    }),
    ..USUAL
};

/// Auth0, as <https://auth0.com/docs/authenticate/protocols/openid-connect-protocol> documents it. Give the issuer, which is
/// the tenant's domain with a slash at its end, as in `https://example.eu.auth0.com/`.
///
/// ```
/// assert_eq!(aura_proto::provider::AUTH0.id, "auth0");
/// ```
pub const AUTH0: Row = Row { id: "auth0", name: "Auth0", ..USUAL };

/// Okta, as <https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/> documents it. Give the issuer: the
/// organization, as in `https://example.okta.com`, or one of its authorization servers, as in
/// `https://example.okta.com/oauth2/default`.
///
/// ```
/// assert_eq!(aura_proto::provider::OKTA.id, "okta");
/// ```
pub const OKTA: Row = Row { id: "okta", name: "Okta", ..USUAL };

/// Slack, as <https://docs.slack.dev/authentication/sign-in-with-slack/> documents it. With a secret it takes no proof key
/// there: the nonce binds the ID token to the sign-in. Claims of its own begin with `https://slack.com/`.
///
/// ```
/// assert_eq!(aura_proto::provider::SLACK.id, "slack");
/// ```
pub const SLACK: Row = Row {
    id: "slack",
    name: "Slack",
    issuer: Some("https://slack.com"),
    client_secret: Some(SecretPlacement::Post),
    proof_key: ProofKey::Refused,
    ..USUAL
};

/// Salesforce, as <https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid_discovery_endpoint.htm>
/// documents it. The issuer is that of production; give that of a sandbox or of a domain of one's own. An id is a URL.
///
/// ```
/// assert_eq!(aura_proto::provider::SALESFORCE.id, "salesforce");
/// ```
pub const SALESFORCE: Row = Row {
    id: "salesforce",
    name: "Salesforce",
    issuer: Some("https://login.salesforce.com"),
    client_secret: Some(SecretPlacement::Post),
    ..USUAL
};

/// Yahoo, as <https://developer.yahoo.com/oauth2/guide/openid_connect/getting_started.html> documents it, client
/// authentication by Basic included.
///
/// ```
/// assert_eq!(aura_proto::provider::YAHOO.id, "yahoo");
/// ```
pub const YAHOO: Row = Row {
    id: "yahoo",
    name: "Yahoo",
    issuer: Some("https://api.login.yahoo.com"),
    client_secret: Some(SecretPlacement::Basic),
    ..USUAL
};

/// Amazon Cognito, as <https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html> documents it. Give
/// the issuer, which holds region and user pool, as in `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE`. Its ID
/// token has every attribute that the client may read.
///
/// ```
/// assert_eq!(aura_proto::provider::AMAZON_COGNITO.id, "amazon-cognito");
/// ```
pub const AMAZON_COGNITO: Row = Row {
    id: "amazon-cognito",
    name: "Amazon Cognito",
    profile: RowProfile::pointers(
        &["/sub"],
        &["/name", "/preferred_username", "/nickname", "/cognito:username"],
        &["/email"],
        &["/picture"],
    ),
    ..BY_ID_TOKEN
};

/// Kakao, as <https://developers.kakao.com/docs/latest/en/kakaologin/rest-api> documents it, where OpenID Connect is to be
/// switched on. An e-mail address is given to apps that may ask for the scope `account_email`.
///
/// ```
/// assert_eq!(aura_proto::provider::KAKAO.id, "kakao");
/// ```
pub const KAKAO: Row = Row {
    id: "kakao",
    name: "Kakao",
    issuer: Some("https://kauth.kakao.com"),
    scope: "openid profile_nickname profile_image",
    client_secret: Some(SecretPlacement::Post),
    ..BY_ID_TOKEN
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_where_the_documentation_says_whatever_is_published() {
        let (basic, post) = (SecretPlacement::Basic, SecretPlacement::Post);
        for (row, placement) in [(APPLE, post), (YAHOO, basic), (KAKAO, post)] {
            assert_eq!(row.client_secret, Some(placement), "{}", row.id);
        }
    }
}
