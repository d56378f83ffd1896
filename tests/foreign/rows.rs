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

/// Each provider by the name of its folder.
pub(crate) const ROWS: [Row; 3] = [
    Row {
        name: "oidc-provider-mock",
        sub: "ada",
        consent: |scene, page| scene.submit(&Form::of(&page).with("sub", "ada")),
        leave: |scene, page| scene.submit(&Form::of(&page)),
    },
    Row {
        name: "oauth2-mock-server",
        sub: "johndoe",
        consent: |_, page| page,
        leave: |_, page| page,
    },
    Row {
        name: "django-oauth-toolkit",
        sub: "1",
        consent: |scene, page| {
            let login = Form::of(&page).with("username", "ada").with("password", "analytical");
            let page = scene.submit(&login);
            scene.submit(&Form::of(&page))
        },
        leave: |scene, page| scene.submit(&Form::of(&page)),
    },
];
