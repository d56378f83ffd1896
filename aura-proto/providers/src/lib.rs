//! The built-in providers, a [`Row`] each.
//!
//! ```
//! use aura_proto::ClientSecret;
//! use aura_providers::{GITHUB, ROWS};
//!
//! let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
//! assert_eq!((github.id(), github.name()), ("github", "GitHub"));
//! assert_eq!(ROWS.len(), 37);
//! ```
//!
//! Everything of [`aura_oauth::provider`], which is `aura_proto::provider`, is here, too, so that one path is enough.
#![forbid(unsafe_code)]

mod special;

pub use aura_oauth::provider::*;

use ClaimsSource::IdToken;
use EndSession::LogoutUri;
use SecretPlacement::{Basic, Post};

/// Declares the rows, the first line of their documentation, and the list of all. A row is written as
/// `NAME = protocol "id" "name" "URL of its documentation"`, and what differs from the usual.
macro_rules! rows {
    ($(
        $(#[$note:meta])*
        $constant:ident = $protocol:ident $id:literal $name:literal $documentation:literal
        $(.$method:ident($($argument:expr),*))*;
    )*) => {
        $(
            #[doc = concat!($name, ", as documented at <", $documentation, ">.")]
            ///
            $(#[$note])*
            pub const $constant: Row = Row::$protocol($id, $name)$(.$method($($argument),*))*;
        )*

        /// Every built-in provider.
        ///
        /// ```
        /// assert!(aura_providers::ROWS.iter().any(|row| row.id == "github"));
        /// ```
        pub const ROWS: &[Row] = &[$($constant),*];
    };
}

rows! {
    /// Where the profile has no e-mail address, the primary and verified one of the list of addresses is read.
    GITHUB = oauth "github" "GitHub" "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"
        .endpoints("https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token",
                   "https://api.github.com/user")
        .emails("https://api.github.com/user/emails", "user:email user")
        .issuer("https://github.com/login/oauth").scope("read:user user:email")
        .unsolicited_parameters(&["installation_id", "setup_action"])
        .pointers(&["/id"], &["/name", "/login"], &["/email"], &["/avatar_url"]);

    /// It gives no e-mail address.
    BITBUCKET = oauth "bitbucket" "Bitbucket" "https://developer.atlassian.com/cloud/bitbucket/oauth-2/"
        .endpoints("https://bitbucket.org/site/oauth2/authorize", "https://bitbucket.org/site/oauth2/access_token",
                   "https://api.bitbucket.org/2.0/user")
        .scope("account email")
        .pointers(&["/uuid", "/account_id"], &["/display_name", "/nickname"], &[], &["/links/avatar/href"]);

    /// Clients authenticate by Basic.
    FIGMA = oauth "figma" "Figma" "https://developers.figma.com/docs/rest-api/oauth-apps/"
        .endpoints("https://www.figma.com/oauth", "https://api.figma.com/v1/oauth/token",
                   "https://api.figma.com/v1/me")
        .scope("current_user:read").client_secret(Basic)
        .pointers(&["/id"], &["/handle"], &["/email"], &["/img_url"]);

    DISCORD = oauth "discord" "Discord" "https://discord.com/developers/docs/topics/oauth2"
        .endpoints("https://discord.com/oauth2/authorize", "https://discord.com/api/oauth2/token",
                   "https://discord.com/api/users/@me")
        .scope("identify email").profile_by(special::discord);

    GITLAB = oauth "gitlab" "GitLab" "https://docs.gitlab.com/api/oauth2/"
        .endpoints("https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token",
                   "https://gitlab.com/api/v4/user")
        .scope("read_user").pointers(&["/id"], &["/name", "/username"], &["/email"], &["/avatar_url"]);

    /// Clients authenticate by Basic.
    SPOTIFY = oauth "spotify" "Spotify" "https://developer.spotify.com/documentation/web-api/tutorials/code-flow"
        .endpoints("https://accounts.spotify.com/authorize", "https://accounts.spotify.com/api/token",
                   "https://api.spotify.com/v1/me")
        .scope("user-read-private user-read-email").client_secret(Basic)
        .pointers(&["/id"], &["/display_name"], &["/email"], &["/images/0/url"]);

    /// Clients that have a secret must authenticate by Basic. It gives no e-mail address.
    X = oauth "x" "X" "https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token"
        .endpoints("https://twitter.com/i/oauth2/authorize", "https://api.twitter.com/2/oauth2/token",
                   "https://api.twitter.com/2/users/me?user.fields=profile_image_url")
        .scope("tweet.read users.read offline.access").client_secret(Basic)
        .pointers(&["/data/id"], &["/data/name"], &[], &["/data/profile_image_url"]);

    /// It gives no e-mail address.
    STRAVA = oauth "strava" "Strava" "https://developers.strava.com/docs/authentication/"
        .endpoints("https://www.strava.com/oauth/authorize", "https://www.strava.com/oauth/token",
                   "https://www.strava.com/api/v3/athlete")
        .scope("read").profile_by(special::strava);

    /// It has no scopes.
    MAILCHIMP = oauth "mailchimp" "Mailchimp" "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"
        .endpoints("https://login.mailchimp.com/oauth2/authorize", "https://login.mailchimp.com/oauth2/token",
                   "https://login.mailchimp.com/oauth2/metadata")
        .pointers(&["/user_id"], &["/accountname"], &["/login/email"], &["/login/avatar"]);

    /// Clients authenticate by Basic. It gives no e-mail address.
    PINTEREST = oauth "pinterest" "Pinterest" "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/"
        .endpoints("https://www.pinterest.com/oauth", "https://api.pinterest.com/v5/oauth/token",
                   "https://api.pinterest.com/v5/user_account")
        .scope("user_accounts:read").client_secret(Basic)
        .pointers(&["/id"], &["/username"], &[], &["/profile_image"]);

    /// Userinfo is a list of one.
    TWITCH = oauth "twitch" "Twitch" "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/"
        .endpoints("https://id.twitch.tv/oauth2/authorize", "https://id.twitch.tv/oauth2/token",
                   "https://api.twitch.tv/helix/users")
        .scope("user:read:email").userinfo_headers(&[("Client-ID", "{client_id}")])
        .pointers(&["/data/0/id"], &["/data/0/display_name"], &["/data/0/email"], &["/data/0/profile_image_url"]);

    /// Clients must authenticate by Basic. The id is that of the bot that acts for the user.
    NOTION = oauth "notion" "Notion" "https://developers.notion.com/docs/authorization"
        .endpoints("https://api.notion.com/v1/oauth/authorize", "https://api.notion.com/v1/oauth/token",
                   "https://api.notion.com/v1/users/me")
        .scope("user:read").authorization_parameters(&[("owner", "user")]).client_secret(Basic)
        .userinfo_headers(&[("Notion-Version", "2022-06-28")])
        .pointers(&["/id"], &["/name"], &["/bot/owner/user/person/email"], &["/avatar_url"]);

    /// Userinfo is a call without arguments: `POST`, and no body.
    DROPBOX = oauth "dropbox" "Dropbox" "https://www.dropbox.com/developers/documentation/http/documentation"
        .endpoints("https://www.dropbox.com/oauth2/authorize", "https://api.dropboxapi.com/oauth2/token",
                   "https://api.dropboxapi.com/2/users/get_current_account")
        .scope("account_info.read").userinfo_method(UserInfoMethod::Post)
        .pointers(&["/account_id"], &["/name/display_name"], &["/email"], &["/profile_photo_url"]);

    ATLASSIAN = oauth "atlassian" "Atlassian" "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/"
        .endpoints("https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token",
                   "https://api.atlassian.com/me")
        .scope("read:me read:account")
        .authorization_parameters(&[("audience", "api.atlassian.com"), ("prompt", "consent")])
        .pointers(&["/account_id"], &["/name"], &["/email"], &["/picture"]);

    /// It has no scopes.
    CLICK_UP = oauth "click-up" "ClickUp" "https://developer.clickup.com/docs/authentication"
        .endpoints("https://app.clickup.com/api", "https://api.clickup.com/api/v2/oauth/token",
                   "https://api.clickup.com/api/v2/user")
        .pointers(&["/user/id"], &["/user/username"], &["/user/email"], &["/user/profilePicture"]);

    DRIBBBLE = oauth "dribbble" "Dribbble" "https://developer.dribbble.com/v2/oauth/"
        .endpoints("https://dribbble.com/oauth/authorize", "https://dribbble.com/oauth/token",
                   "https://api.dribbble.com/v2/user")
        .scope("public").pointers(&["/id"], &["/name"], &["/email"], &["/avatar_url"]);

    /// Userinfo describes the token in its path. The name is an e-mail address, which may be unverified.
    HUBSPOT = oauth "hubspot" "HubSpot" "https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide"
        .endpoints("https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v1/token",
                   "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}")
        .scope("oauth").pointers(&["/user_id"], &["/user"], &[], &[]);

    /// The ID token has every claim that userinfo has.
    GOOGLE = openid "google" "Google" "https://developers.google.com/identity/openid-connect/openid-connect"
        .issuer("https://accounts.google.com").claims_source(IdToken);

    HUGGING_FACE = openid "huggingface" "Hugging Face" "https://huggingface.co/docs/hub/oauth"
        .issuer("https://huggingface.co");

    /// Each application has an issuer, with a slash at its end, at an installation of your own. The host of this row is a
    /// placeholder: set the issuer.
    AUTHENTIK = openid "authentik" "Authentik" "https://docs.goauthentik.io/add-secure-apps/providers/oauth2/"
        .issuer("https://authentik.company/application/o/:application_slug/");

    /// The tenant is an id, or `common`, `organizations` or `consumers`: then the issuer is that of the user's tenant,
    /// which [`tenants`](crate::Provider::tenants) restricts. The tenant may leave e-mail addresses unverified.
    MICROSOFT_ENTRA_ID = openid "microsoft-entra-id" "Microsoft" "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc"
        .issuer("https://login.microsoftonline.com/:tenant/v2.0").claims_source(IdToken).per_tenant();

    /// The answer is posted, the client's secret is a token
    /// ([`apple_client_secret`](crate::Provider::apple_client_secret)), and the name comes unsigned, at the first
    /// sign-in only.
    APPLE = openid "apple" "Apple" "https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple"
        .issuer("https://appleid.apple.com").scope("openid name email")
        .authorization_parameters(&[("response_mode", "form_post")]).client_secret(Post).claims_source(IdToken)
        .profile_by(special::apple);

    /// Set the issuer, as in `https://id.example.com/realms/main`.
    KEYCLOAK = openid "keycloak" "Keycloak" "https://www.keycloak.org/securing-apps/oidc-layers";

    /// ID tokens are signed with the channel's secret where users sign in on the web.
    LINE = openid "line" "LINE" "https://developers.line.biz/en/docs/line-login/verify-id-token/"
        .issuer("https://access.line.me").client_secret(Post).claims_source(IdToken)
        .id_token_key(IdTokenKey::ClientSecret);

    /// Set the issuer, the tenant's domain with a slash at its end, as in `https://example.eu.auth0.com/`.
    AUTH0 = openid "auth0" "Auth0" "https://auth0.com/docs/authenticate/protocols/openid-connect-protocol";

    /// Set the issuer: the organization, as in `https://example.okta.com`, or one of its authorization servers, as in
    /// `https://example.okta.com/oauth2/default`.
    OKTA = openid "okta" "Okta" "https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/";

    /// Its flow: <https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow>. The ID token
    /// lacks the nonce and so proves nothing here: userinfo describes the user. A client that has a secret may send no
    /// proof key, so that `state` alone binds the answer to the sign-in.
    LINKEDIN = oauth "linkedin" "LinkedIn" "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2"
        .endpoints("https://www.linkedin.com/oauth/v2/authorization", "https://www.linkedin.com/oauth/v2/accessToken",
                   "https://api.linkedin.com/v2/userinfo")
        .scope("openid profile email").proof_key(ProofKey::Refused)
        .pointers(&["/sub"], &["/name"], &["/email"], &["/picture"]);

    /// A client that has a secret may send no proof key: the nonce binds the ID token to the sign-in. Slack's own claims
    /// begin with `https://slack.com/`.
    SLACK = openid "slack" "Slack" "https://docs.slack.dev/authentication/sign-in-with-slack/"
        .issuer("https://slack.com").client_secret(Post).proof_key(ProofKey::Refused);

    /// Clients authenticate by Basic. The scope is what the app is set up for, which must let it read its user.
    ZOOM = oauth "zoom" "Zoom" "https://developers.zoom.us/docs/integrations/oauth/"
        .endpoints("https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token",
                   "https://api.zoom.us/v2/users/me")
        .client_secret(Basic).pointers(&["/id"], &["/display_name", "/first_name"], &["/email"], &["/pic_url"]);

    /// Its userinfo: <https://developer.paypal.com/docs/api/identity/v1/>. It publishes an OpenID configuration, but its
    /// token endpoint may answer without an ID token: userinfo describes the user, in the schema that it is asked for, as
    /// far as the app's settings permit.
    PAYPAL = oauth "paypal" "PayPal" "https://developer.paypal.com/docs/log-in-with-paypal/"
        .endpoints("https://www.paypal.com/signin/authorize", "https://api-m.paypal.com/v1/oauth2/token",
                   "https://api-m.paypal.com/v1/identity/openidconnect/userinfo?schema=openid")
        .scope("openid profile email").client_secret(Basic)
        .pointers(&["/user_id", "/sub"], &["/name"], &["/email"], &["/picture"]);

    /// The issuer is that of production; set that of a sandbox or of your own domain. An id is a URL.
    SALESFORCE = openid "salesforce" "Salesforce" "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid_discovery_endpoint.htm"
        .issuer("https://login.salesforce.com").client_secret(Post);

    /// Clients authenticate by Basic.
    YAHOO = openid "yahoo" "Yahoo" "https://developer.yahoo.com/oauth2/guide/openid_connect/getting_started.html"
        .issuer("https://api.login.yahoo.com").client_secret(Basic);

    /// Set the issuer, which holds region and user pool, as in `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE`.
    /// The ID token has every attribute that the client may read. It ends its session by `client_id` and `logout_uri`, not by
    /// RP-initiated logout.
    AMAZON_COGNITO = openid "amazon-cognito" "Amazon Cognito" "https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html"
        .claims_source(IdToken).end_session(LogoutUri)
        .pointers(&["/sub"], &["/name", "/preferred_username", "/nickname", "/cognito:username"], &["/email"], &["/picture"]);

    /// Without a version in their paths, the endpoints are of the oldest one that the app may use.
    FACEBOOK = oauth "facebook" "Facebook" "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"
        .endpoints("https://www.facebook.com/dialog/oauth", "https://graph.facebook.com/oauth/access_token",
                   "https://graph.facebook.com/me?fields=id,name,email,picture")
        .scope("public_profile email").pointers(&["/id"], &["/name"], &["/email"], &["/picture/data/url"]);

    /// Its API: <https://www.reddit.com/dev/api>. Clients authenticate by Basic and name themselves in `User-Agent`, and
    /// texts are escaped for HTML unless they are asked for raw. It gives no e-mail address.
    REDDIT = oauth "reddit" "Reddit" "https://github.com/reddit-archive/reddit/wiki/OAuth2"
        .endpoints("https://www.reddit.com/api/v1/authorize", "https://www.reddit.com/api/v1/access_token",
                   "https://oauth.reddit.com/api/v1/me?raw_json=1")
        .scope("identity").authorization_parameters(&[("duration", "temporary")]).client_secret(Basic)
        .userinfo_headers(&[("User-Agent", concat!("web:{client_id}:Aura/", env!("CARGO_PKG_VERSION")))])
        .pointers(&["/id"], &["/name"], &[], &["/icon_img"]);

    /// Its profile: <https://developers.naver.com/docs/login/profile/profile.md>. It has no scopes: the app's settings
    /// decide what the nested `response` holds.
    NAVER = oauth "naver" "Naver" "https://developers.naver.com/docs/login/api/api.md"
        .endpoints("https://nid.naver.com/oauth2.0/authorize", "https://nid.naver.com/oauth2.0/token",
                   "https://openapi.naver.com/v1/nid/me")
        .pointers(&["/response/id"], &["/response/name", "/response/nickname"], &["/response/email"], &["/response/profile_image"]);

    /// OpenID Connect has to be switched on. Apps that may ask for the scope `account_email` get an e-mail address.
    KAKAO = openid "kakao" "Kakao" "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api"
        .issuer("https://kauth.kakao.com").scope("openid profile_nickname profile_image").client_secret(Post)
        .claims_source(IdToken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use aura_proto::{Auth, ClientSecret, Salt, Secret};
    use std::collections::BTreeSet;

    #[test]
    fn every_row_has_an_id_of_its_own_and_gives_neither_an_error_nor_a_finding() {
        let ids: BTreeSet<_> = ROWS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ROWS.len());
        for row in ROWS {
            let mut provider = row.with_client("client", ClientSecret::new("secret"));
            if let (Protocol::OpenId, None) = (row.protocol, row.issuer) {
                provider = provider.issuer("https://id.example.com/given");
            }
            for (name, value) in [("application_slug", "given"), ("tenant", "common")] {
                provider = provider.issuer_parameter(name, value);
            }
            let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
            let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
            let auth = Auth::builder(secret, salt).base_url("https://app.test").provider(provider).build();
            assert_eq!(auth.unwrap().findings(ROWS), [], "{}", row.id);
        }
    }

    #[test]
    fn a_secret_goes_where_the_documentation_says_whatever_is_published() {
        for (row, placement) in [(APPLE, Post), (YAHOO, Basic), (KAKAO, Post)] {
            assert_eq!(row.client_secret, Some(placement), "{}", row.id);
        }
    }
}
