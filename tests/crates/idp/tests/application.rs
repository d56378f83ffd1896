//! A sign-in to an application that is not ours, by the model browser and the provider in memory.
#![cfg(test)]

use aura_axum::provider::Provider;
use aura_axum::{Auth, Driver, Salt, Secret, Session, router};
use aura_test_idp::browser::{Application, Browser, Form, Web};
use aura_test_idp::{Account, Behaviour, Client, ClientSecret, Idp, InMemory, Lie};
use axum::Router;
use axum::routing::get;
use std::error::Error;

#[test]
fn a_user_signs_in_and_is_greeted() -> Result<(), Box<dyn Error>> {
    let client = Client::new("app", ClientSecret::new("app-secret"));
    let client = client.with_redirect_uri("https://app.test/auth/callback/idp")?;
    let mut idp = InMemory::new(Idp::new("https://idp.test")?.client(client).accounts(Account::made_up()));
    let mut app = Application::new(app(idp.clone())?)?;
    let mut web = Web::default().with("https://app.test", &mut app).with("https://idp.test", &mut idp);
    let mut browser = Browser::new(aura_axum::now().as_secs());

    let sign_in = "https://app.test/auth/signIn/idp?redirectTo=/me".parse()?;
    let login = Form::of(&browser.open(&mut web, &sign_in)).ok_or("no login page")?;
    let page = browser.submit(&mut web, &login.with("account", "ada"));
    assert_eq!((page.url.path(), &*page.text()), ("/me", "Hello, Ada Lovelace"));
    Ok(())
}

#[test]
fn a_lie_of_the_provider_signs_nobody_in() -> Result<(), Box<dyn Error>> {
    let client = Client::new("app", ClientSecret::new("app-secret"));
    let client = client.with_redirect_uri("https://app.test/auth/callback/idp")?;
    let idp = Idp::new("https://idp.test")?.client(client).accounts(Account::made_up());
    let mut idp = InMemory::new(idp.behaviour(Behaviour::default().lie(Lie::IdTokenExpired)));
    let mut app = Application::new(app(idp.clone())?)?;
    let mut web = Web::default().with("https://app.test", &mut app).with("https://idp.test", &mut idp);
    let mut browser = Browser::new(aura_axum::now().as_secs());

    let login = Form::of(&browser.open(&mut web, &"https://app.test/auth/signIn/idp".parse()?));
    let page = browser.submit(&mut web, &login.ok_or("no login page")?.with("account", "ada"));

    assert_eq!(page.url.path(), "/auth/error");
    assert!(page.url.as_str().contains("reason=id_token_expired"), "{}", page.url);
    assert_eq!(browser.open(&mut web, &"https://app.test/me".parse()?).status, 401);
    Ok(())
}

/// The application, which asks its provider through a client.
fn app(client: InMemory) -> Result<Router, Box<dyn Error>> {
    let secret = Secret::new("k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX")?;
    let salt = Salt::new("Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE")?;
    let idp = Provider::openid("idp", "https://idp.test", "app");
    let idp = idp.client_secret(aura_axum::ClientSecret::new("app-secret"));
    let auth = Auth::builder(secret, salt).base_url("https://app.test").provider(idp).build()?;
    let driver = Driver::new(auth, client)?;
    let me = async |session: Session| format!("Hello, {}", session.user().name().unwrap_or_default());
    Ok(Router::new().route("/me", get(me)).merge(router(driver.clone())).with_state(driver))
}
