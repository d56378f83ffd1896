//! Which OAuth providers are built in beside those that every implementation of the contract has? One table, a row a
//! provider.

use super::row::{Row, RowProfile};
use super::{ProofKey, SecretPlacement};

/// LinkedIn, as <https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2> and
/// <https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow> document it. Its ID token leaves
/// the nonce out and so proves nothing here: userinfo says who the user is. With a secret it takes no proof key, so that `state`
/// alone binds its answer to the sign-in.
///
/// ```
/// assert_eq!(aura_proto::provider::LINKEDIN.id, "linkedin");
/// ```
pub const LINKEDIN: Row = Row {
    id: "linkedin",
    name: "LinkedIn",
    authorization_endpoint: "https://www.linkedin.com/oauth/v2/authorization",
    token_endpoint: "https://www.linkedin.com/oauth/v2/accessToken",
    userinfo_endpoint: "https://api.linkedin.com/v2/userinfo",
    scope: "openid profile email",
    proof_key: ProofKey::Refused,
    profile: RowProfile::pointers(&["/sub"], &["/name"], &["/email"], &["/picture"]),
    ..Row::USUAL
};

/// Zoom, as <https://developers.zoom.us/docs/integrations/oauth/> documents it, client authentication by Basic included. The
/// scope is what the app is set up for, which must let it read its user.
///
/// ```
/// assert_eq!(aura_proto::provider::ZOOM.id, "zoom");
/// ```
pub const ZOOM: Row = Row {
    id: "zoom",
    name: "Zoom",
    authorization_endpoint: "https://zoom.us/oauth/authorize",
    token_endpoint: "https://zoom.us/oauth/token",
    userinfo_endpoint: "https://api.zoom.us/v2/users/me",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/id"], &["/display_name", "/first_name"], &["/email"], &["/pic_url"]),
    ..Row::USUAL
};

/// Log in with PayPal, as <https://developer.paypal.com/docs/log-in-with-paypal/> and
/// <https://developer.paypal.com/docs/api/identity/v1/> document it. It publishes an OpenID configuration, but its token
/// endpoint may answer without an ID token: userinfo says who the user is, in the schema that it is asked for. What it says
/// is what the app's settings let it.
///
/// ```
/// assert_eq!(aura_proto::provider::PAYPAL.id, "paypal");
/// ```
pub const PAYPAL: Row = Row {
    id: "paypal",
    name: "PayPal",
    authorization_endpoint: "https://www.paypal.com/signin/authorize",
    token_endpoint: "https://api-m.paypal.com/v1/oauth2/token",
    userinfo_endpoint: "https://api-m.paypal.com/v1/identity/openidconnect/userinfo?schema=openid",
    scope: "openid profile email",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/user_id", "/sub"], &["/name"], &["/email"], &["/picture"]),
    ..Row::USUAL
};

/// Facebook, as <https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow> documents it. Without a
/// version in their paths, the endpoints are of the oldest one that the app may use.
///
/// ```
/// assert_eq!(aura_proto::provider::FACEBOOK.id, "facebook");
/// ```
pub const FACEBOOK: Row = Row {
    id: "facebook",
    name: "Facebook",
    authorization_endpoint: "https://www.facebook.com/dialog/oauth",
    token_endpoint: "https://graph.facebook.com/oauth/access_token",
    userinfo_endpoint: "https://graph.facebook.com/me?fields=id,name,email,picture",
    scope: "public_profile email",
    profile: RowProfile::pointers(&["/id"], &["/name"], &["/email"], &["/picture/data/url"]),
    ..Row::USUAL
};

/// Reddit, as <https://github.com/reddit-archive/reddit/wiki/OAuth2> and <https://www.reddit.com/dev/api> document it: clients
/// authenticate by Basic and name themselves in `User-Agent`, and texts are escaped for HTML unless they are asked for raw.
/// It gives no e-mail address.
///
/// ```
/// assert_eq!(aura_proto::provider::REDDIT.id, "reddit");
/// ```
pub const REDDIT: Row = Row {
    id: "reddit",
    name: "Reddit",
    authorization_endpoint: "https://www.reddit.com/api/v1/authorize",
    token_endpoint: "https://www.reddit.com/api/v1/access_token",
    userinfo_endpoint: "https://oauth.reddit.com/api/v1/me?raw_json=1",
    scope: "identity",
    authorization_parameters: &[("duration", "temporary")],
    client_secret: Some(SecretPlacement::Basic),
    userinfo_headers: &[("User-Agent", concat!("web:{client_id}:Aura/", env!("CARGO_PKG_VERSION")))],
    profile: RowProfile::pointers(&["/id"], &["/name"], &[], &["/icon_img"]),
    ..Row::USUAL
};

/// Naver, as <https://developers.naver.com/docs/login/api/api.md> and
/// <https://developers.naver.com/docs/login/profile/profile.md> document it. It has no scopes: the app's settings say what the
/// nested `response` holds.
///
/// ```
/// assert_eq!(aura_proto::provider::NAVER.id, "naver");
/// ```
pub const NAVER: Row = Row {
    id: "naver",
    name: "Naver",
    authorization_endpoint: "https://nid.naver.com/oauth2.0/authorize",
    token_endpoint: "https://nid.naver.com/oauth2.0/token",
    userinfo_endpoint: "https://openapi.naver.com/v1/nid/me",
    profile: RowProfile::pointers(
        &["/response/id"],
        &["/response/name", "/response/nickname"],
        &["/response/email"],
        &["/response/profile_image"],
    ),
    ..Row::USUAL
};
