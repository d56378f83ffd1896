//! Table of the providers, with what differs between them.

use crate::form::Form;
use crate::scene::Scene;
use aura_tests::browser::Page;

/// A provider, and what a visitor does on its pages.
pub(crate) struct Row {
    /// The folder of its versions and its server.
    pub(crate) name: &'static str,
    /// Subject identifier of the account.
    pub(crate) sub: &'static str,
    /// Passes the pages between the authorization request and its response.
    pub(crate) consent: fn(&mut Scene, Page) -> Page,
    /// Passes the pages between the logout request and the way back.
    pub(crate) leave: fn(&mut Scene, Page) -> Page,
}

/// Asks which account it is, keeps no session of its own, and goes wherever a logout request wants.
pub(crate) const OIDC_PROVIDER_MOCK: Row = Row {
    name: "oidc-provider-mock",
    sub: "ada",
    consent: |scene, page| scene.submit(&Form::of(&page).with("sub", "ada")),
    leave: |scene, page| scene.submit(&Form::of(&page)),
};

/// Asks nothing, and has one account.
pub(crate) const OAUTH2_MOCK_SERVER: Row =
    Row { name: "oauth2-mock-server", sub: "johndoe", consent: |_, page| page, leave: |_, page| page };

/// Asks for a password once, and for consent and confirmation each time. Its issuer has a path.
pub(crate) const DJANGO_OAUTH_TOOLKIT: Row = Row {
    name: "django-oauth-toolkit",
    sub: "1",
    consent: |scene, page| {
        let form = Form::of(&page);
        let page = match form.field("allow") {
            Some(_) => page,
            None => scene.submit(&form.with("username", "ada").with("password", "analytical")),
        };
        scene.submit(&Form::of(&page))
    },
    leave: |scene, page| scene.submit(&Form::of(&page)),
};

/// Every provider.
pub(crate) const ROWS: [Row; 3] = [OIDC_PROVIDER_MOCK, OAUTH2_MOCK_SERVER, DJANGO_OAUTH_TOOLKIT];
