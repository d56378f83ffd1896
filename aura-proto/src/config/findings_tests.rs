//! Tests of the findings about a configuration.

use super::*;
use crate::config::Builder;
use crate::provider::{Provider, TokenRetention};
use crate::session::{Expiration, SessionPolicy};
use crate::{ClientSecret, Salt, Secret};
use aura_providers::{APPLE, GITHUB, GOOGLE};
use aura_session::{CookieOverride, Cookies};

fn findings(configure: impl FnOnce(Builder) -> Builder) -> Vec<Finding> {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let builder = Builder::new(secret, salt)
        .base_url("https://app.test")
        .provider(GITHUB.with_client("id", ClientSecret::new("secret")));
    configure(builder).build().unwrap().findings(&[GITHUB])
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn a_usual_configuration_has_none() {
    assert_eq!(findings(|builder| builder), []);
    let origins = [
        "https://*.app.test",
        "https://app.test:*",
        "http://localhost:3000",
        "https://*.a.co.uk",
        "https://*.app.de",
        "https://*.com.test",
    ];
    assert_eq!(findings(|builder| builder.trusted_origins(origins)), []);
    assert_eq!(findings(|builder| builder.base_url("http://localhost:3000")), []);
    assert_eq!(findings(|builder| builder.session(SessionPolicy::default().max_age(LONG_SESSION))), []);
}

#[test]
fn credentials_that_were_copied_with_a_line_break_are_found() {
    let found = |id: &str, secret: &str| {
        findings(|builder| builder.provider(GOOGLE.with_client(id, ClientSecret::new(secret))))
    };
    let blanks = |option| Finding::Blanks { provider: text("google"), option };
    assert_eq!(found("id", "se cret"), []);
    assert_eq!(found("id", "secret\n"), [blanks("client_secret")]);
    assert_eq!(found(" id", "\tsecret"), [blanks("client_id"), blanks("client_secret")]);
}

#[test]
fn a_duration_that_lets_no_renewal_move_the_end_is_found() {
    let policy = |expiration, hours: u64| {
        let policy = SessionPolicy::default().max_age(Duration::from_secs(7200)).expiration(expiration);
        findings(|builder| builder.session(policy.max_duration(Duration::from_secs(hours * 3600))))
    };
    assert_eq!(policy(Expiration::Rolling, 1), [Finding::ShortDuration]);
    assert_eq!(policy(Expiration::Sliding { threshold_percent: 50 }, 1), [Finding::ShortDuration]);
    assert_eq!(policy(Expiration::Rolling, 2), []);
    assert_eq!(policy(Expiration::Absolute, 1), []);
}

#[test]
fn plain_http_beyond_this_machine_is_found() {
    let plain = |option, origin| Finding::PlainHttp { option, origin: text(origin) };
    let base_url = findings(|builder| builder.base_url("http://app.test:8080"));
    assert_eq!(base_url, [plain("base_url", "http://app.test:8080")]);
    let origins = ["http://*.app.test", "http://192.168.1.1:*", "http://*.localhost"];
    assert_eq!(
        findings(|builder| builder.trusted_origins(origins)),
        [plain("trusted_origins", "http://*.app.test"), plain("trusted_origins", "http://192.168.1.1:*")]
    );
}

#[test]
fn two_names_of_this_machine_are_found() {
    let data = r#"{"id":"m","name":"M","kind":"oauth","authorize_url":"http://127.0.0.1:9/authorize",
        "token_url":"http://[::1]:9/token","userinfo_url":"http://[::1]:9/userinfo","client_id":"id"}"#;
    let provider: Provider = serde_json::from_str(data).unwrap();
    let found = findings(|builder| {
        let builder = builder.base_url("http://localhost:3000").provider(provider);
        builder.trusted_origins(["http://localhost:4000", "http://127.0.0.1:3000", "http://127.0.0.1:*"])
    });
    let mixed = |option, origin| Finding::LoopbackMixed {
        option: text(option),
        origin: text(origin),
        base_url: text("http://localhost:3000"),
    };
    assert_eq!(
        found,
        [
            mixed("trusted_origins", "http://127.0.0.1:3000"),
            mixed("trusted_origins", "http://127.0.0.1:*"),
            mixed("authorize_url of m", "http://127.0.0.1:9"),
        ]
    );
}

#[test]
fn or_7_wildcards_over_names_that_anyone_can_register_are_found() {
    for pattern in ["https://*.com", "https://*.co.uk", "https://*.github.io", "https://*.com:*"] {
        let found = findings(|builder| builder.trusted_origins([pattern]));
        assert_eq!(found, [Finding::BroadTrustedOrigin { pattern: text(pattern) }]);
    }
}

#[test]
fn what_is_missing_and_what_is_long_is_found() {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let builder = Builder::new(secret, salt);
    assert_eq!(builder.build().unwrap().findings(&[GITHUB]), [Finding::NoBaseUrl, Finding::NoProvider]);
    let max_age = LONG_SESSION + Duration::from_secs(1);
    assert_eq!(
        findings(|builder| builder.session(SessionPolicy::default().max_age(max_age))),
        [Finding::LongSession { max_age }]
    );
    let session = |policy: SessionPolicy| findings(|builder| builder.session(policy));
    for expiration in [Expiration::Rolling, Expiration::Sliding { threshold_percent: 50 }] {
        let policy = SessionPolicy::default().expiration(expiration);
        assert_eq!(session(policy.clone()), [Finding::EndlessSession]);
        assert_eq!(session(policy.max_duration(LONG_SESSION)), []);
    }
    let fresh = SessionPolicy::default().stored().fresh_to_end_sessions(Duration::from_secs(300));
    let google = GOOGLE.with_client("id", ClientSecret::new("secret"));
    assert_eq!(
        findings(|builder| builder.session(fresh).provider(google)),
        [Finding::NeverFresh { provider: text("github") }]
    );
    let prefixed = |builder: Builder| builder.cookies(Cookies::default().prefix("staff"));
    assert_eq!(findings(prefixed), [Finding::SharedSessions]);
    let audience = SessionPolicy::default().audience("staff");
    assert_eq!(findings(|builder| prefixed(builder).session(audience)), []);
}

#[test]
fn a_salt_that_is_the_secret_is_found() {
    let same = "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK";
    let builder = Builder::new(Secret::new(same).unwrap(), Salt::new(same).unwrap());
    let found = builder.base_url("https://app.test").build().unwrap().findings(&[GITHUB]);
    assert_eq!(found, [Finding::SaltIsSecret, Finding::NoProvider]);
}

#[test]
fn cookies_that_links_do_not_send_or_that_fill_the_header_are_reported() {
    let strict = Cookies::default().session(CookieOverride::default().same_site(SameSite::Strict));
    assert_eq!(findings(|builder| builder.cookies(strict)), [Finding::StrictSession]);
    let keeping = GITHUB.with_client("id", ClientSecret::new("secret")).with_id("kept");
    let keeping = keeping.tokens(TokenRetention::Kept);
    let stored = SessionPolicy::default().stored();
    assert_eq!(findings(|builder| builder.provider(keeping.clone()).session(stored)), []);
    let found = findings(|builder| builder.provider(keeping));
    assert!(
        matches!(found.as_slice(), [Finding::CookieBudget { bytes }] if *bytes > COOKIE_BUDGET),
        "{found:?}"
    );
}

fn of_provider(provider: Provider) -> Vec<Finding> {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let builder = Builder::new(secret, salt).base_url("https://app.test").provider(provider.with_id("two"));
    builder.build().unwrap().findings(&[APPLE, GITHUB, GOOGLE])
}

fn of(row: Row) -> Provider {
    row.with_client("id", ClientSecret::new("secret"))
}

/// Describes a provider by its endpoint, as if no row were known.
fn by_hand(authorize_url: &str, scope: &str) -> Provider {
    Provider::oauth("two", "id")
        .authorization_endpoint(authorize_url)
        .token_endpoint("https://two.test/token")
        .userinfo_endpoint("https://two.test/userinfo")
        .scope(scope)
}

fn unchecked() -> Finding {
    Finding::IssuerUnchecked { provider: "two".to_owned() }
}

fn form_post() -> Finding {
    Finding::FormPost { provider: "two".to_owned() }
}

#[test]
fn a_provider_that_answers_by_a_form_is_to_be_asked_for_one() {
    assert_eq!(of_provider(of(APPLE).without_authorization_parameter("response_mode")), [form_post()]);
    let only_the_id = of(APPLE).without_authorization_parameter("response_mode").scope("openid");
    assert_eq!(of_provider(only_the_id), []);
    let apple = |scope| by_hand("https://appleid.apple.com/auth/authorize", scope).issuer("https://a.test");
    assert_eq!(of_provider(apple("name email")), [form_post()]);
    assert_eq!(of_provider(apple("name email").authorization_parameter("response_mode", "form_post")), []);
    assert_eq!(of_provider(apple("")), []);
}

#[test]
fn a_provider_that_may_name_itself_is_to_have_an_issuer() {
    assert_eq!(of_provider(of(GITHUB).without_issuer()), [unchecked()]);
    let google = || by_hand("https://accounts.google.com/o/oauth2/v2/auth", "profile");
    assert_eq!(of_provider(google()), [unchecked()]);
    assert_eq!(of_provider(google().issuer(GOOGLE.issuer.unwrap())), []);
    assert_eq!(of_provider(by_hand("https://accounts.google.com.two.test/auth", "profile")), []);
}

fn builder() -> Builder {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    Builder::new(secret, salt).trusted_origins(["https://app.test"])
}

#[test]
fn proxy_headers_without_a_base_url_and_without_a_family_are_found() {
    let found = builder().trusted_proxy_headers().build().unwrap().findings(&[]);
    let proxied = [Finding::ProxyHeadersWithoutBaseUrl, Finding::EitherForwarded];
    assert_eq!(found, [&proxied[..], &[Finding::NoProvider]].concat());
    for finding in found {
        let sentence = finding.to_string();
        assert!(sentence.contains(finding.option()) && sentence.contains("; "), "{sentence}");
    }
}

#[test]
fn hh_06_a_family_that_is_named_or_not_believed_leaves_nothing_to_find() {
    for fields in [ForwardedFields::Forwarded, ForwardedFields::XForwarded] {
        let found = builder().trusted_proxy_headers().forwarded_fields(fields).build().unwrap().findings(&[]);
        assert!(!found.contains(&Finding::EitherForwarded), "{fields:?}");
    }
    assert!(!builder().build().unwrap().findings(&[]).contains(&Finding::EitherForwarded));
}

fn found(base_url: &str, cookies: Cookies, form: bool) -> usize {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let row = if form { APPLE } else { GITHUB };
    let builder = Builder::new(secret, salt).base_url(base_url).cookies(cookies);
    let auth = builder.provider(row.with_client("id", ClientSecret::new("secret"))).build().unwrap();
    let is_of_frames = |finding: &&Finding| matches!(finding, Finding::Frames { .. });
    auth.findings(&[]).iter().filter(is_of_frames).count()
}

#[test]
fn a_site_in_frames_is_found_where_it_cannot_work() {
    let session = |session| Cookies::default().session(session);
    let (site, begun) = ("https://app.test", CookieOverride::default);
    assert_eq!(found(site, Cookies::default(), true), 0);
    assert_eq!(found(site, Cookies::default().in_frames(), false), 0);
    assert_eq!(found("http://localhost:3000", Cookies::default().in_frames(), false), 1);
    assert_eq!(found(site, Cookies::default().in_frames(), true), 1);
    assert_eq!(found(site, session(begun().same_site(SameSite::None)), false), 1);
    assert_eq!(found(site, session(begun().partitioned()), false), 1);
}

#[test]
fn two_sites_under_two_paths_of_a_host_need_names_of_their_own() {
    assert_eq!(findings(|builder| builder.public_path("/app")), [Finding::SharedCookieNames]);
    let own_prefix = |builder: Builder| {
        let session = SessionPolicy::default().audience("app");
        builder.public_path("/app").cookies(Cookies::default().prefix("app")).session(session)
    };
    assert_eq!(findings(own_prefix), []);
    let own_path = Cookies::default().session(CookieOverride::default().path("/auth"));
    assert_eq!(findings(|builder| builder.public_path("/app").cookies(own_path)), []);
    let proxy = |builder: Builder| {
        let builder = builder.trusted_origins(["https://app.test"]).trusted_proxy_headers();
        builder.forwarded_fields(ForwardedFields::XForwarded).forwarded_prefix()
    };
    assert_eq!(findings(proxy), [Finding::SharedCookieNames]);
}
