//! A sign-in to an application that is not ours, by the model browser and the provider in memory.
#![cfg(test)]

use aura_axum::provider::Provider;
use aura_axum::{Auth, ClientSecret, Driver, Salt, Secret, Session, now, router};
use aura_test_idp::browser::{Application, Browser, Form, Web};
use aura_test_idp::{Account, Behaviour, Client, Idp, InMemory, Lie};
use axum::Router;
use axum::routing::get;
use url::Url;

#[test]
fn a_user_signs_in_to_the_application_and_is_greeted() {
    let mut provider = provider();
    let mut application = Application::new(application(provider.clone())).unwrap();
    let mut web =
        Web::default().with("https://app.test", &mut application).with("https://idp.test", &mut provider);
    let mut browser = Browser::new(now().as_secs());

    let login =
        browser.open(&mut web, &Url::parse("https://app.test/auth/signIn/idp?redirectTo=/me").unwrap());
    let button = Form::of(&login).unwrap().with("account", "ada");
    let page = browser.submit(&mut web, &button);

    assert_eq!((page.url.as_str(), &*page.text()), ("https://app.test/me", "Hello, Ada Lovelace"));
}

#[test]
fn a_lie_of_the_provider_signs_nobody_in() {
    let mut provider = provider();
    provider.lock().idp.set_behaviour(Behaviour::default().lie(Lie::IdTokenExpired));
    let mut application = Application::new(application(provider.clone())).unwrap();
    let mut web = Web::default().with("https://app.test", &mut application);
    web = web.with("https://idp.test", &mut provider);
    let mut browser = Browser::new(now().as_secs());

    let login = browser.open(&mut web, &Url::parse("https://app.test/auth/signIn/idp").unwrap());
    let page = browser.submit(&mut web, &Form::of(&login).unwrap().with("account", "ada"));

    assert_eq!(page.url.path(), "/auth/error");
    assert!(page.url.as_str().contains("reason=id_token_expired"), "{}", page.url);
    assert_eq!(browser.open(&mut web, &Url::parse("https://app.test/me").unwrap()).status, 401);
}

/// The application, which asks its provider through a client.
fn application(client: InMemory) -> Router {
    let secret = Secret::new("k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX").unwrap();
    let salt = Salt::new("Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE").unwrap();
    let idp =
        Provider::openid("idp", "https://idp.test", "app").client_secret(ClientSecret::new("app-secret"));
    let auth = Auth::builder(secret, salt).base_url("https://app.test").provider(idp).build().unwrap();
    let driver = Driver::new(auth, client);
    let me = async |session: Session| format!("Hello, {}", session.user().name().unwrap_or_default());
    Router::new().route("/me", get(me)).merge(router(driver.clone())).with_state(driver)
}

fn provider() -> InMemory {
    let client = Client::new("app", aura_test_idp::ClientSecret::new("app-secret"));
    let client = client.with_redirect_uri("https://app.test/auth/callback/idp").unwrap();
    InMemory::new(Idp::new("https://idp.test").unwrap().client(client).accounts(Account::made_up()))
}
