//! Providers that end their session in a way of their own.

use super::site::{ISSUER, Site, field, work};
use aura_proto::ClientSecret;
use aura_proto::provider::{EndSession, Provider, SignOutScope, TokenRetention};
use aura_providers::AMAZON_COGNITO;
use http::Method;

const BACK: &str = "https://app.test/auth/signedOut";

/// Signs in and out, and returns where the sign-out leads.
fn sign_out(provider: Provider) -> (Site, String) {
    let mut site = Site::new(provider.sign_out(SignOutScope::Provider));
    assert_eq!(site.sign_in().status, 302);
    let token = site.csrf_token();
    let path = "/auth/signOut?token_type_hint=session_token&redirectTo=/bye";
    let end = site.request(Method::POST, path, &[("x-csrf-token", &token)], "");
    (site, end.location.unwrap())
}

fn names(location: &str) -> Vec<String> {
    let query = location.split_once('?').unwrap().1;
    query.split('&').map(|pair| pair.split_once('=').unwrap().0.to_owned()).collect()
}

fn cognito() -> Provider {
    AMAZON_COGNITO.with_client("client", ClientSecret::new("secret")).with_id("work").issuer(ISSUER)
}

#[test]
fn fr_08_cognito_signs_out_by_client_id_and_logout_uri_alone() {
    let json = format!(
        r#"{{"id":"work","name":"Work","kind":"oidc","client_id":"client","issuer":"{ISSUER}","end_session":"logout_uri"}}"#
    );
    for provider in [
        cognito(),
        cognito().tokens(TokenRetention::Kept),
        work(ISSUER).end_session(EndSession::LogoutUri),
        serde_json::from_str(&json).unwrap(),
    ] {
        let (mut site, location) = sign_out(provider);
        assert!(location.starts_with("https://id.test/logout?"), "{location}");
        assert_eq!(names(&location), ["client_id", "logout_uri"]);
        let query = location.split_once('?').unwrap().1;
        assert_eq!(field(query, "client_id").as_deref(), Some("client"));
        assert_eq!(field(query, "logout_uri").as_deref(), Some(BACK), "as it is registered");
        let back = site.request(Method::GET, "/auth/signedOut", &[], "");
        assert_eq!((back.status, back.location.as_deref()), (302, Some("/")));
        assert_eq!(site.request(Method::GET, "/auth/session", &[], "").status, 401);
    }
}

#[test]
fn fr_08_every_other_provider_signs_out_by_the_standard() {
    let (_, location) = sign_out(work(ISSUER));
    assert_eq!(names(&location), ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]);
    let (_, location) = sign_out(cognito().end_session(EndSession::RpInitiated));
    assert_eq!(names(&location), ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]);
}
