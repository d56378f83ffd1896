//! Rows for unit tests. The real ones are in `aura-providers`, which depends on this crate.

use super::{ClaimsSource, IdTokenKey, Row};

pub(crate) const GITHUB: Row = Row::oauth("github", "GitHub")
    .endpoints(
        "https://github.com/login/oauth/authorize",
        "https://github.com/login/oauth/access_token",
        "https://api.github.com/user",
    )
    .issuer("https://github.com/login/oauth");

pub(crate) const GITLAB: Row = Row::oauth("gitlab", "GitLab").endpoints(
    "https://gitlab.com/oauth/authorize",
    "https://gitlab.com/oauth/token",
    "https://gitlab.com/api/v4/user",
);

pub(crate) const ATLASSIAN: Row = Row::oauth("atlassian", "Atlassian")
    .endpoints(
        "https://auth.atlassian.com/authorize",
        "https://auth.atlassian.com/oauth/token",
        "https://api.atlassian.com/me",
    )
    .authorization_parameters(&[("audience", "api.atlassian.com"), ("prompt", "consent")]);

/// Its token goes into the path of userinfo.
pub(crate) const HUBSPOT: Row = Row::oauth("hubspot", "HubSpot").endpoints(
    "https://app.hubspot.com/oauth/authorize",
    "https://api.hubapi.com/oauth/v1/token",
    "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}",
);

pub(crate) const TWITCH: Row = GITLAB.userinfo_headers(&[("Client-ID", "{client_id}")]);

pub(crate) const NOTION: Row = GITLAB.userinfo_headers(&[("Notion-Version", "2022-06-28")]);

pub(crate) const GOOGLE: Row = Row::openid("google", "Google").issuer("https://accounts.google.com");

pub(crate) const KEYCLOAK: Row = Row::openid("keycloak", "Keycloak");

pub(crate) const AUTHENTIK: Row = Row::openid("authentik", "Authentik")
    .issuer("https://authentik.company/application/o/:application_slug/");

pub(crate) const MICROSOFT_ENTRA_ID: Row = Row::openid("microsoft-entra-id", "Microsoft")
    .issuer("https://login.microsoftonline.com/:tenant/v2.0")
    .per_tenant();

pub(crate) const LINE: Row = Row::openid("line", "LINE")
    .issuer("https://access.line.me")
    .claims_source(ClaimsSource::IdToken)
    .id_token_key(IdTokenKey::ClientSecret);
