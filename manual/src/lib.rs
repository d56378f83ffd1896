//! The manual of Aura, a page in each module.
//!
//! | to | read |
//! |---|---|
//! | understand a sign-in | [`flow`] |
//! | write a host for another server | [`embedding`] |
//! | choose where sessions are kept, and end them | [`sessions`] |
//! | know the cookies and keys, and rotate the secret | [`cookies_and_keys`] |
//! | go into production | [`production`] |
//! | know what is promised, and what is not | [`threats`] |
//! | look an option, a variable, an event or an error up | [`options`], [`environment`], [`events`], [`errors`] |
//! | register a client at a provider | [`providers`] |
//! | come from another library | [`migrate_aura_auth`], [`migrate_axum_login`], [`migrate_openidconnect`] |
//!
//! The pages are the files of the folder `manual/pages`, where they can be read without rustdoc. This crate has no code.
#![forbid(unsafe_code)]

/// Declares a module for each page. `links.md` is in front of each: there, links lead to modules and items, where the page's own
/// definitions of the same names lead to files.
macro_rules! pages {
    ($($module:ident = $file:literal,)+) => {$(
        #[doc = include_str!("links.md")]
        #[doc = include_str!(concat!("../pages/", $file, ".md"))]
        pub mod $module {}
    )+};
}

pages! {
    flow = "flow",
    embedding = "embedding",
    sessions = "sessions",
    cookies_and_keys = "cookies_and_keys",
    production = "production",
    threats = "threats",
    options = "options",
    environment = "environment",
    events = "events",
    errors = "errors",
    migrate_aura_auth = "migrate_aura_auth",
    migrate_axum_login = "migrate_axum_login",
    migrate_openidconnect = "migrate_openidconnect",
}

#[doc = include_str!("links.md")]
#[doc = include_str!("../pages/providers.md")]
pub mod providers {
    /// Declares a module for each provider.
    macro_rules! pages {
        ($($module:ident = $id:literal,)+) => {$(
            #[doc = include_str!("links.md")]
            #[doc = include_str!(concat!("../pages/providers/", $id, ".md"))]
            pub mod $module {}
        )+};
    }

    pages! {
        github = "github",
        bitbucket = "bitbucket",
        figma = "figma",
        discord = "discord",
        gitlab = "gitlab",
        spotify = "spotify",
        x = "x",
        strava = "strava",
        mailchimp = "mailchimp",
        pinterest = "pinterest",
        twitch = "twitch",
        notion = "notion",
        dropbox = "dropbox",
        atlassian = "atlassian",
        click_up = "click-up",
        dribbble = "dribbble",
        hubspot = "hubspot",
        google = "google",
        huggingface = "huggingface",
        authentik = "authentik",
        microsoft_entra_id = "microsoft-entra-id",
        apple = "apple",
        keycloak = "keycloak",
        line = "line",
        auth0 = "auth0",
        okta = "okta",
        linkedin = "linkedin",
        slack = "slack",
        zoom = "zoom",
        paypal = "paypal",
        salesforce = "salesforce",
        yahoo = "yahoo",
        amazon_cognito = "amazon-cognito",
        facebook = "facebook",
        reddit = "reddit",
        naver = "naver",
        kakao = "kakao",
    }
}
