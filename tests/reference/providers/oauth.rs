//! Overrides of a provider by the application, and the parts that cannot be overridden.

use super::sign_in::{SignIn, response_of, resume, seen};
use aura_proto::{Action, ClientSecret, ConfigError, User};
use aura_providers::{DISCORD, GITHUB, GITLAB, HUBSPOT, LINKEDIN, ProfileError, Provider, ProviderProblem};
use serde_json::{Value, json};

#[test]
fn se_07_a_token_in_a_path_is_shown_nowhere() {
    let token = "a-token-that-stands-in-the-path";
    let sign_in = SignIn::begin(HUBSPOT.with_client("client-id", ClientSecret::new("client-secret")));
    let action = resume(sign_in.fetch_token(""), &json!({ "access_token": token }));
    let shown = format!("{action:?} {action:#?}");
    let Action::FetchUserInfo(fetch) = action else { panic!("{action:?}") };
    assert!(fetch.request.uri().path().ends_with(token));
    let action = resume(*fetch, &json!({ "user_id": 1, "token": token }));
    let response = response_of(action, |shown| assert!(!shown.contains(token), "{shown}"));
    assert!(!shown.contains(token), "{shown}");
    assert!(!format!("{response:?}").contains(token), "{response:?}");
}

#[test]
fn overrides_reach_the_requests() {
    let own = GITLAB
        .with_client("client-id", ClientSecret::new("client-secret"))
        .with_id("git")
        .with_name("Our Git")
        .scope("")
        .authorization_endpoint("https://git.test/authorize?tenant=a")
        .token_endpoint("https://git.test/token")
        .userinfo_endpoint("https://git.test/user")
        .authorization_parameter("login_hint", "ada@example.com")
        .authorization_parameter("prompt", "login")
        .authorization_parameter("zone", "1")
        .userinfo_header("X-Client", "{client_id}")
        .client_secret_basic();
    assert_eq!((own.id(), own.name()), ("git", "Our Git"));
    let sign_in = SignIn::begin(own);
    assert_eq!(
        sign_in.authorization_url(),
        "https://git.test/authorize?tenant=a&response_type=code&client_id=client-id\
         &redirect_uri=https%3A%2F%2Fapp.test%2Fauth%2Fcallback%2Fgit&state={state}\
         &code_challenge={code_challenge}&code_challenge_method=S256\
         &prompt=login&login_hint=ada%40example.com&zone=1"
    );
    let fetch = sign_in.fetch_token("");
    let request = seen(&fetch.request);
    assert_eq!(request["url"], "https://git.test/token");
    assert_eq!(request["headers"]["authorization"], "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ=");
    assert!(request["body"].as_str().unwrap().starts_with("code=the-code&"));
    let Action::FetchUserInfo(fetch) = resume(fetch, &json!({ "access_token": "t" })) else { panic!() };
    let request = seen(&fetch.request);
    assert_eq!(
        (&request["url"], &request["headers"]["x-client"]),
        (&json!("https://git.test/user"), &json!("client-id"))
    );
}

#[test]
fn a_function_of_the_application_gives_the_user() {
    let discord =
        DISCORD.with_client("client-id", ClientSecret::new("client-secret")).profile_by(|userinfo| {
            let id = userinfo["id"].as_str().ok_or(ProfileError::WithoutId)?;
            let email = userinfo["email"].as_str().unwrap_or_default();
            Ok(User::new(format!("discord|{id}")).with_email(email).with_name(""))
        });
    let sign_in = SignIn::begin(discord);
    let response = sign_in.finish(
        &json!({ "access_token": "t" }),
        &Value::Null,
        &json!({ "id": "1", "email": "a@b.c" }),
    );
    assert_eq!(sign_in.user(&response), json!({ "sub": "discord|1", "email": "a@b.c" }));
}

#[test]
fn a_public_client_has_no_secret_anywhere() {
    let public = Provider::oauth("mock", "client-id")
        .with_name("Mock")
        .authorization_endpoint("https://mock.test/authorize")
        .token_endpoint("https://mock.test/token")
        .userinfo_endpoint("https://mock.test/userinfo");
    let request = seen(&SignIn::begin(public).fetch_token("").request);
    assert!(request["body"].as_str().unwrap().starts_with("client_id=client-id&code=the-code&redirect_uri="));
    assert_eq!(request["headers"]["authorization"], Value::Null);
}

#[test]
fn github_names_itself_and_nobody_else_speaks_for_it() {
    let github = SignIn::begin(GITHUB.with_client("client-id", ClientSecret::new("client-secret")));
    for (more, exchanged) in [
        ("&iss=https%3A%2F%2Fgithub.com%2Flogin%2Foauth", true),
        ("", true),
        ("&iss=https%3A%2F%2Fgithub.com", false),
    ] {
        assert_eq!(matches!(github.callback(more), Action::FetchToken(_)), exchanged, "{more}");
    }
}

#[test]
fn pk_01_without_a_proof_key_the_client_has_a_secret() {
    let builder = aura_tests::bare_builder(aura_tests::SECRET).base_url("https://app.test");
    let error = builder.provider(LINKEDIN.with_public_client("client-id")).build().unwrap_err();
    assert_eq!(
        error,
        ConfigError::Provider { id: "linkedin".to_owned(), problem: ProviderProblem::Credentials }
    );
}
