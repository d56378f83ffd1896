//! Which providers are built in? One table, a row a provider; the newer rows stand in files beside it.

use super::further_table::{FACEBOOK, LINKEDIN, NAVER, PAYPAL, REDDIT, ZOOM};
use super::openid_table::{
    AMAZON_COGNITO, APPLE, AUTH0, AUTHENTIK, GOOGLE, HUGGING_FACE, KAKAO, KEYCLOAK, LINE, MICROSOFT_ENTRA_ID,
    OKTA, SALESFORCE, SLACK, YAHOO,
};
use super::row::{Row, RowProfile};
use super::{SecretPlacement, UserInfoMethod, special};

/// GitHub, as <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::GITHUB.id, "github");
/// ```
pub const GITHUB: Row = Row {
    id: "github",
    name: "GitHub",
    authorization_endpoint: "https://github.com/login/oauth/authorize",
    token_endpoint: "https://github.com/login/oauth/access_token",
    userinfo_endpoint: "https://api.github.com/user",
    scope: "read:user user:email",
    issuer: Some("https://github.com/login/oauth"),
    profile: RowProfile::pointers(&["/id"], &["/name", "/login"], &["/email"], &["/avatar_url"]),
    ..Row::USUAL
};

/// Bitbucket, as <https://developer.atlassian.com/cloud/bitbucket/oauth-2/> documents it. It gives no e-mail address.
///
/// ```
/// assert_eq!(aura_proto::provider::BITBUCKET.id, "bitbucket");
/// ```
pub const BITBUCKET: Row = Row {
    id: "bitbucket",
    name: "Bitbucket",
    authorization_endpoint: "https://bitbucket.org/site/oauth2/authorize",
    token_endpoint: "https://bitbucket.org/site/oauth2/access_token",
    userinfo_endpoint: "https://api.bitbucket.org/2.0/user",
    scope: "account email",
    profile: RowProfile::pointers(
        &["/uuid", "/account_id"],
        &["/display_name", "/nickname"],
        &[],
        &["/links/avatar/href"],
    ),
    ..Row::USUAL
};

/// Figma, as <https://developers.figma.com/docs/rest-api/oauth-apps/> documents it, client authentication by Basic included.
///
/// ```
/// assert_eq!(aura_proto::provider::FIGMA.id, "figma");
/// ```
pub const FIGMA: Row = Row {
    id: "figma",
    name: "Figma",
    authorization_endpoint: "https://www.figma.com/oauth",
    token_endpoint: "https://api.figma.com/v1/oauth/token",
    userinfo_endpoint: "https://api.figma.com/v1/me",
    scope: "current_user:read",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/id"], &["/handle"], &["/email"], &["/img_url"]),
    ..Row::USUAL
};

/// Discord, as <https://discord.com/developers/docs/topics/oauth2> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::DISCORD.id, "discord");
/// ```
pub const DISCORD: Row = Row {
    id: "discord",
    name: "Discord",
    authorization_endpoint: "https://discord.com/oauth2/authorize",
    token_endpoint: "https://discord.com/api/oauth2/token",
    userinfo_endpoint: "https://discord.com/api/users/@me",
    scope: "identify email",
    profile: RowProfile::Function(special::discord),
    ..Row::USUAL
};

/// GitLab, as <https://docs.gitlab.com/api/oauth2/> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::GITLAB.id, "gitlab");
/// ```
pub const GITLAB: Row = Row {
    id: "gitlab",
    name: "GitLab",
    authorization_endpoint: "https://gitlab.com/oauth/authorize",
    token_endpoint: "https://gitlab.com/oauth/token",
    userinfo_endpoint: "https://gitlab.com/api/v4/user",
    scope: "read_user",
    profile: RowProfile::pointers(&["/id"], &["/name", "/username"], &["/email"], &["/avatar_url"]),
    ..Row::USUAL
};

/// Spotify, as <https://developer.spotify.com/documentation/web-api/tutorials/code-flow> documents it, client authentication by
/// Basic included.
///
/// ```
/// assert_eq!(aura_proto::provider::SPOTIFY.id, "spotify");
/// ```
pub const SPOTIFY: Row = Row {
    id: "spotify",
    name: "Spotify",
    authorization_endpoint: "https://accounts.spotify.com/authorize",
    token_endpoint: "https://accounts.spotify.com/api/token",
    userinfo_endpoint: "https://api.spotify.com/v1/me",
    scope: "user-read-private user-read-email",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/id"], &["/display_name"], &["/email"], &["/images/0/url"]),
    ..Row::USUAL
};

/// X, as <https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token> documents it, where clients with a
/// secret must authenticate by Basic. It gives no e-mail address.
///
/// ```
/// assert_eq!(aura_proto::provider::X.id, "x");
/// ```
pub const X: Row = Row {
    id: "x",
    name: "X",
    authorization_endpoint: "https://twitter.com/i/oauth2/authorize",
    token_endpoint: "https://api.twitter.com/2/oauth2/token",
    userinfo_endpoint: "https://api.twitter.com/2/users/me?user.fields=profile_image_url",
    scope: "tweet.read users.read offline.access",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/data/id"], &["/data/name"], &[], &["/data/profile_image_url"]),
    ..Row::USUAL
};

/// Strava, as <https://developers.strava.com/docs/authentication/> documents it. It gives no e-mail address.
///
/// ```
/// assert_eq!(aura_proto::provider::STRAVA.id, "strava");
/// ```
pub const STRAVA: Row = Row {
    id: "strava",
    name: "Strava",
    authorization_endpoint: "https://www.strava.com/oauth/authorize",
    token_endpoint: "https://www.strava.com/oauth/token",
    userinfo_endpoint: "https://www.strava.com/api/v3/athlete",
    scope: "read",
    profile: RowProfile::Function(special::strava),
    ..Row::USUAL
};

/// Mailchimp, as <https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/> documents it. It has no scopes.
///
/// ```
/// assert_eq!(aura_proto::provider::MAILCHIMP.id, "mailchimp");
/// ```
pub const MAILCHIMP: Row = Row {
    id: "mailchimp",
    name: "Mailchimp",
    authorization_endpoint: "https://login.mailchimp.com/oauth2/authorize",
    token_endpoint: "https://login.mailchimp.com/oauth2/token",
    userinfo_endpoint: "https://login.mailchimp.com/oauth2/metadata",
    profile: RowProfile::pointers(&["/user_id"], &["/accountname"], &["/login/email"], &["/login/avatar"]),
    ..Row::USUAL
};

/// Pinterest, as <https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/> documents it,
/// client authentication by Basic included. It gives no e-mail address.
///
/// ```
/// assert_eq!(aura_proto::provider::PINTEREST.id, "pinterest");
/// ```
pub const PINTEREST: Row = Row {
    id: "pinterest",
    name: "Pinterest",
    authorization_endpoint: "https://www.pinterest.com/oauth",
    token_endpoint: "https://api.pinterest.com/v5/oauth/token",
    userinfo_endpoint: "https://api.pinterest.com/v5/user_account",
    scope: "user_accounts:read",
    client_secret: Some(SecretPlacement::Basic),
    profile: RowProfile::pointers(&["/id"], &["/username"], &[], &["/profile_image"]),
    ..Row::USUAL
};

/// Twitch, as <https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/> documents it. Userinfo is a list of one.
///
/// ```
/// assert_eq!(aura_proto::provider::TWITCH.id, "twitch");
/// ```
pub const TWITCH: Row = Row {
    id: "twitch",
    name: "Twitch",
    authorization_endpoint: "https://id.twitch.tv/oauth2/authorize",
    token_endpoint: "https://id.twitch.tv/oauth2/token",
    userinfo_endpoint: "https://api.twitch.tv/helix/users",
    scope: "user:read:email",
    userinfo_headers: &[("Client-ID", "{client_id}")],
    profile: RowProfile::pointers(
        &["/data/0/id"],
        &["/data/0/display_name"],
        &["/data/0/email"],
        &["/data/0/profile_image_url"],
    ),
    ..Row::USUAL
};

/// Notion, as <https://developers.notion.com/docs/authorization> documents it, where clients must authenticate by Basic.
/// The id is that of the bot that stands for the user.
///
/// ```
/// assert_eq!(aura_proto::provider::NOTION.id, "notion");
/// ```
pub const NOTION: Row = Row {
    id: "notion",
    name: "Notion",
    authorization_endpoint: "https://api.notion.com/v1/oauth/authorize",
    token_endpoint: "https://api.notion.com/v1/oauth/token",
    userinfo_endpoint: "https://api.notion.com/v1/users/me",
    scope: "user:read",
    authorization_parameters: &[("owner", "user")],
    client_secret: Some(SecretPlacement::Basic),
    userinfo_headers: &[("Notion-Version", "2022-06-28")],
    profile: RowProfile::pointers(&["/id"], &["/name"], &["/bot/owner/user/person/email"], &["/avatar_url"]),
    ..Row::USUAL
};

/// Dropbox, as <https://www.dropbox.com/developers/documentation/http/documentation> documents it. Userinfo is a call
/// without arguments: `POST`, and no body.
///
/// ```
/// assert_eq!(aura_proto::provider::DROPBOX.id, "dropbox");
/// ```
pub const DROPBOX: Row = Row {
    id: "dropbox",
    name: "Dropbox",
    authorization_endpoint: "https://www.dropbox.com/oauth2/authorize",
    token_endpoint: "https://api.dropboxapi.com/oauth2/token",
    userinfo_endpoint: "https://api.dropboxapi.com/2/users/get_current_account",
    scope: "account_info.read",
    userinfo_method: UserInfoMethod::Post,
    profile: RowProfile::pointers(
        &["/account_id"],
        &["/name/display_name"],
        &["/email"],
        &["/profile_photo_url"],
    ),
    ..Row::USUAL
};

/// Atlassian, as <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::ATLASSIAN.id, "atlassian");
/// ```
pub const ATLASSIAN: Row = Row {
    id: "atlassian",
    name: "Atlassian",
    authorization_endpoint: "https://auth.atlassian.com/authorize",
    token_endpoint: "https://auth.atlassian.com/oauth/token",
    userinfo_endpoint: "https://api.atlassian.com/me",
    scope: "read:me read:account",
    authorization_parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
    profile: RowProfile::pointers(&["/account_id"], &["/name"], &["/email"], &["/picture"]),
    ..Row::USUAL
};

/// ClickUp, as <https://developer.clickup.com/docs/authentication> documents it. It has no scopes.
///
/// ```
/// assert_eq!(aura_proto::provider::CLICK_UP.id, "click-up");
/// ```
pub const CLICK_UP: Row = Row {
    id: "click-up",
    name: "ClickUp",
    authorization_endpoint: "https://app.clickup.com/api",
    token_endpoint: "https://api.clickup.com/api/v2/oauth/token",
    userinfo_endpoint: "https://api.clickup.com/api/v2/user",
    profile: RowProfile::pointers(
        &["/user/id"],
        &["/user/username"],
        &["/user/email"],
        &["/user/profilePicture"],
    ),
    ..Row::USUAL
};

/// Dribbble, as <https://developer.dribbble.com/v2/oauth/> documents it.
///
/// ```
/// assert_eq!(aura_proto::provider::DRIBBBLE.id, "dribbble");
/// ```
pub const DRIBBBLE: Row = Row {
    id: "dribbble",
    name: "Dribbble",
    authorization_endpoint: "https://dribbble.com/oauth/authorize",
    token_endpoint: "https://dribbble.com/oauth/token",
    userinfo_endpoint: "https://api.dribbble.com/v2/user",
    scope: "public",
    profile: RowProfile::pointers(&["/id"], &["/name"], &["/email"], &["/avatar_url"]),
    ..Row::USUAL
};

/// HubSpot, as <https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide> documents it: userinfo describes the
/// token that stands in its path. The name is an e-mail address, which is not said to be verified.
///
/// ```
/// assert_eq!(aura_proto::provider::HUBSPOT.id, "hubspot");
/// ```
pub const HUBSPOT: Row = Row {
    id: "hubspot",
    name: "HubSpot",
    authorization_endpoint: "https://app.hubspot.com/oauth/authorize",
    token_endpoint: "https://api.hubapi.com/oauth/v1/token",
    userinfo_endpoint: "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}",
    scope: "oauth",
    profile: RowProfile::pointers(&["/user_id"], &["/user"], &[], &[]),
    ..Row::USUAL
};

/// Every built-in provider.
///
/// ```
/// assert!(aura_proto::provider::ROWS.iter().any(|row| row.id == "github"));
/// ```
pub const ROWS: &[Row] = &[
    GITHUB,
    BITBUCKET,
    FIGMA,
    DISCORD,
    GITLAB,
    SPOTIFY,
    X,
    STRAVA,
    MAILCHIMP,
    PINTEREST,
    TWITCH,
    NOTION,
    DROPBOX,
    ATLASSIAN,
    CLICK_UP,
    DRIBBBLE,
    HUBSPOT,
    GOOGLE,
    HUGGING_FACE,
    AUTHENTIK,
    MICROSOFT_ENTRA_ID,
    APPLE,
    KEYCLOAK,
    LINE,
    AUTH0,
    OKTA,
    LINKEDIN,
    SLACK,
    ZOOM,
    PAYPAL,
    SALESFORCE,
    YAHOO,
    AMAZON_COGNITO,
    FACEBOOK,
    REDDIT,
    NAVER,
    KAKAO,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::RowProtocol;
    use crate::secret::ClientSecret;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_sound_and_has_an_id_of_its_own() {
        let ids: BTreeSet<_> = ROWS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ROWS.len());
        for row in ROWS {
            let mut provider = row.with_client("client", ClientSecret::new("secret"));
            if let (RowProtocol::OpenId(_), None) = (row.protocol, row.issuer) {
                provider = provider.issuer("https://id.example.com/given");
            }
            for name in ["application_slug", "tenant"] {
                provider = provider.issuer_parameter(name, "given");
            }
            let valid = provider.validate();
            assert_eq!(valid.map(|valid| valid.id).as_deref(), Ok(row.id));
        }
    }
}
