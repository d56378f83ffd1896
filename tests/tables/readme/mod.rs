//! Examples of the READMEs: the project's compile here, the provider's in its tests, and each crate's is that of its documentation.
#![expect(
    dead_code,
    clippy::needless_pass_by_value,
    clippy::let_and_return,
    reason = "the code is compiled as it is shown; what it does is tested elsewhere"
)]

use aura_axum::provider::*;
use aura_axum::{CsrfForm, CsrfToken, Session};
use aura_http::{Driver, HttpClient};
use aura_proto::{
    Admission, Auth, Builder, Candidate, ClientSecret, CookieOverride, Cookies, Expiration, LimitRule,
    Limits, Quota, Respond, Salt, Secret, SessionDecision, SessionPolicy, UnixTime,
};
use aura_replay::Transcript;
use aura_store::SqliteStore;
use axum::Router;
use axum::middleware;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Response};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

#[test]
fn every_block_of_rust_stands_in_this_file() {
    let flat = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    // Those of the first application are the whole of its files, which `tests/newcomer.sh` runs.
    let hello = [
        include_str!("../../../examples/hello/src/main.rs"),
        include_str!("../../../examples/hello/examples/provider.rs"),
    ];
    let source = flat(concat!(include_str!("mod.rs"), include_str!("../../crates/idp/tests/application.rs")));
    let blocks = rust_blocks(include_str!("../../../README.md"));
    assert_eq!(blocks.len(), 13);
    let of_provider = rust_blocks(include_str!("../../crates/idp/README.md"));
    assert_eq!(of_provider.len(), 2);
    assert_eq!(blocks[..2], hello);
    let blocks = blocks.into_iter().skip(2).chain(of_provider);
    for block in blocks {
        assert!(source.contains(&flat(block)), "{block}");
    }
}

#[test]
fn the_readme_lists_every_built_in_provider() {
    let readme = include_str!("../../../README.md");
    let (_, list) = readme.split_once("These providers are built in: ").unwrap();
    let (list, _) = list.split_once(". Each is").unwrap();
    let named: BTreeSet<_> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, ROWS.iter().map(|row| row.id).collect());
    assert!(readme.contains(&format!("| Providers that are configured | {} |", ROWS.len())));
}

#[test]
fn the_example_of_each_crates_readme_is_that_of_its_documentation() {
    const CRATES: [(&str, &str); 10] = [
        (
            include_str!("../../../aura-proto/oauth/README.md"),
            include_str!("../../../aura-proto/oauth/src/lib.rs"),
        ),
        (
            include_str!("../../../aura-proto/session/README.md"),
            include_str!("../../../aura-proto/session/src/lib.rs"),
        ),
        (
            include_str!("../../../aura-proto/jose/README.md"),
            include_str!("../../../aura-proto/jose/src/lib.rs"),
        ),
        (
            include_str!("../../../aura-proto/providers/README.md"),
            include_str!("../../../aura-proto/providers/src/lib.rs"),
        ),
        (include_str!("../../../adapters/axum/README.md"), include_str!("../../../adapters/axum/src/lib.rs")),
        (
            include_str!("../../../adapters/hyper/README.md"),
            include_str!("../../../adapters/hyper/src/lib.rs"),
        ),
        (include_str!("../../../adapters/warp/README.md"), include_str!("../../../adapters/warp/src/lib.rs")),
        (
            include_str!("../../../adapters/blocking/README.md"),
            include_str!("../../../adapters/blocking/src/lib.rs"),
        ),
        (
            include_str!("../../../adapters/tower/README.md"),
            include_str!("../../../adapters/tower/src/lib.rs"),
        ),
        (
            include_str!("../../../adapters/actix/README.md"),
            include_str!("../../../adapters/actix/src/lib.rs"),
        ),
    ];
    for (readme, source) in CRATES {
        let documentation: Vec<_> = source
            .lines()
            .filter_map(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .filter(|line| !line.starts_with("# "))
            .collect();
        let blocks = rust_blocks(readme);
        assert_eq!(blocks.len(), 1, "{readme}");
        assert!(documentation.join("\n").contains(blocks[0]), "{readme}");
    }
}

/// Returns the blocks of Rust of a Markdown text.
fn rust_blocks(markdown: &str) -> Vec<&str> {
    markdown.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

async fn search() -> &'static str {
    "what was found"
}

#[rustfmt::skip]
fn limits(builder: Builder, store: SqliteStore) -> Result<Router, Box<dyn Error>> {
    let limits = Limits::default().with(LimitRule::SignIn, Quota::new(20, Duration::from_secs(60)));
    let auth = builder.limits(limits).build()?;
    let driver = Driver::new(auth, HttpClient::new())?.count_store(store);

    let limiter = driver.limiter("search", Quota::new(20, Duration::from_secs(60)));
    let search = Router::new()
        .route("/search", get(search))
        .route_layer(middleware::from_fn_with_state(limiter, aura_axum::limit_requests));
    Ok(search)
}

#[rustfmt::skip]
fn a_row_that_is_changed(client_id: &str, client_secret: &str) -> Provider {
    GITLAB
        .with_client(client_id, ClientSecret::new(client_secret))
        .scope("read_user openid")
        .authorization_parameter("login_hint", "ada@example.com")
        .profile(Profile::default().name_at(["/username"]))
}

#[rustfmt::skip]
fn openid_connect(client_id: String, client_secret: String, key: aura_proto::SigningKey) -> Provider {
    Provider::openid("work", "https://id.example.com", client_id)
        .client_secret(ClientSecret::new(client_secret))
        .with_name("Work")
        .request_parameters(["prompt", "login_hint"])  // a link may set these: /auth/signIn/work?prompt=login
        .sign_out(SignOutScope::Provider)              // RP-initiated logout; register /auth/signedOut
        .trusted_audiences(["https://api.example.com"]) // further audiences of ID tokens, beside this client
        .private_key_jwt(key)                          // or client_secret_jwt(), dpop(), pushed_requests(..)
}

struct Account {
    role: String,
}

#[derive(Clone)]
struct Accounts;

impl Accounts {
    async fn ended_at(&self, _: (Option<&str>, &str)) -> Result<Option<UnixTime>, Box<dyn Error>> {
        Ok(None)
    }

    async fn find(&self, _provider: &str, _sub: &str) -> Option<Account> {
        None
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Claims {
    role: String,
}

async fn repositories(_access_token: &str) -> Response<Bytes> {
    Response::default()
}

#[rustfmt::skip]
async fn decisions(
    (secret, last_years_secret, salt): (Secret, Secret, Salt),
    (client_id, client_secret): (&str, ClientSecret),
    accounts: Accounts,
    session: &Session,
    headers: HeaderMap,
) -> Result<(Router, String, Response<Bytes>), Box<dyn Error>> {
    let auth = Auth::builder(secret, salt)
        .base_url("https://example.com")
        .session(SessionPolicy::default()
            .max_age(Duration::from_secs(24 * 60 * 60))
            .max_duration(Duration::from_secs(30 * 24 * 60 * 60))
            .expiration(Expiration::Rolling)
            .editable(["name"])
            .public_claims(["role"]))
        .provider(GITHUB.with_client(client_id, client_secret).tokens(TokenRetention::Kept))
        .cookies(Cookies::default().prefix("my-app"))
        .error_page("/sign-in-failed")
        .previous_secret(last_years_secret)
        .build()?;

    // Decides who may sign in, and which claims the session has.
    let driver = Driver::new(auth, HttpClient::new())?.admit(move |candidate: Candidate| {
        let accounts = accounts.clone();
        async move {
            match accounts.find(&candidate.provider, candidate.user.sub()).await {
                Some(account) => candidate.admit_with(&Claims { role: account.role }),
                None => Admission::refuse("no_account"),
            }
        }
    });
    let app = Router::new().merge(aura_axum::router(driver.clone())).with_state(driver.clone());

    // In a handler: claims as a type, and a page made with the tokens of a provider. Either answer has the cookies of a refresh.
    let role = session.claims_as::<Claims>()?.role;
    let answer = match driver.provider_tokens("github", &headers).await {
        Ok(tokens) => {
            let page = repositories(tokens.access_token.expose()).await;
            tokens.finish(page)
        }
        Err(none) => Respond::refusal(none).into_response(),
    };
    Ok((app, role, answer))
}

/// The file is no transcript, so this is never called.
#[rustfmt::skip]
fn a_failure(auth: Auth) {
    assert_eq!(include_str!("failed.json").parse::<Transcript>().unwrap().replay(&auth), Ok(()));
}

#[rustfmt::skip]
fn shared_by_subdomains(builder: Builder) -> Builder {
    let shared = CookieOverride::default().domain("example.com");
    builder.cookies(Cookies::default().session(shared))
}

#[derive(serde::Deserialize)]
struct Note {
    text: String,
}

async fn notes(token: CsrfToken) -> impl IntoResponse {
    let field = format!(r#"<input type="hidden" name="csrfToken" value="{}">"#, token.as_str());
    let form = format!(
        r#"<form method="post" action="/notes">{field}<input name="text"><button>Save</button></form>"#
    );
    (token, Html(form))
}

async fn add_note(session: Session, CsrfForm(note): CsrfForm<Note>) -> String {
    format!("{} wrote {}", session.user().sub(), note.text)
}

fn forms(driver: Driver) -> Router {
    Router::new().route("/notes", get(notes).post(add_note)).with_state(driver)
}

#[rustfmt::skip]
async fn sessions_in_a_store(builder: Builder, sub: &str) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let store = SqliteStore::open("sessions.sqlite")?;
    store.create_schema()?;
    let auth = builder.session(SessionPolicy::default().stored_at_most(20)).build()?;
    let driver = Driver::with_session_store(auth, HttpClient::new(), store);

    // The administrator disables a user: every session ends at once.
    let ended = driver.end_sessions("github", sub).await?;
    Ok(ended)
}

fn step_ups(driver: Driver) -> [aura_http::Guard; 2] {
    let payments = driver.guard().fresh(Duration::from_secs(300));
    let vault = driver.guard().acr(["phrh", "phr"]);
    [payments, vault]
}

fn end_sessions(driver: Driver, accounts: Accounts) -> Driver {
    let driver = driver.check_session(move |session: aura_proto::Session| {
        let accounts = accounts.clone();
        async move {
            match accounts.ended_at(session.identity()).await {
                Ok(Some(moment)) if session.began_before(moment) => SessionDecision::end("ended"),
                Ok(_) => SessionDecision::Continue,
                Err(_) => SessionDecision::Unavailable,
            }
        }
    });
    driver
}
