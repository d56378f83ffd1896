//! The recorded table of cookies: every cookie of every recorded configuration, or the reason why ours differs.

use aura_proto::{
    BoundCookieOverride, Builder, ConfigError, CookieOverride, Cookies, SameSite, SecureStrategy,
};
use aura_tests::Pair;
use http::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a recorded cookie and ours compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Name, attributes and clearing are the recorded ones.
    Agrees,
    /// As `Agrees`, once the recorded `Domain=*` is left out: the reference drops it, ours refuses to build with it.
    DomainStarRefused,
    /// As `Agrees`; the reference overrides the setting, and this library does not offer it.
    ForcedByType,
    /// One sealed `__Host-` cookie an attempt, for ten minutes, holds what the reference keeps in five plain ones.
    OneSealedAttempt,
    /// Name and clearing are the recorded ones; the tokens live as long as the session, not five minutes (D-10).
    KeptAsLongAsTheSession,
}

#[test]
fn every_recorded_cookie_agrees_or_differs_for_a_named_reason() {
    let golden: Value = serde_json::from_str(include_str!("../golden/cookies.json")).unwrap();
    let mut verdicts = BTreeMap::new();
    for row in golden["cookie_store"].as_array().unwrap() {
        let visit = a_visit(row);
        for (cookie, recorded) in row["store"].as_object().unwrap() {
            *verdicts.entry(visit.compare(cookie, recorded)).or_insert(0) += 1;
        }
    }
    assert_eq!(
        verdicts,
        BTreeMap::from([
            (Verdict::Agrees, 14),
            (Verdict::DomainStarRefused, 1),
            (Verdict::ForcedByType, 1),
            (Verdict::OneSealedAttempt, 8 * 5),
            (Verdict::KeptAsLongAsTheSession, 8),
        ])
    );
}

/// Everything that a site of one configuration sets and clears.
struct Visit<'a> {
    row: &'a Value,
    set_cookies: Vec<String>,
}

/// Begins, signs in and signs out under a row's configuration.
fn a_visit(row: &Value) -> Visit<'_> {
    let secure = row["secure"] == true;
    let origin = if secure { "https://app.example.test" } else { "http://app.example.test" };
    let mut pair = Pair::at(origin, |builder| configure(builder.base_path("/app/auth"), row));
    let marker = if secure { "__Secure-" } else { "" };
    let tokens =
        format!("{marker}{}.access_token.dev=x; Path=/", row["prefix"].as_str().unwrap_or("aura-auth"));
    let tokens = if secure { format!("{tokens}; Secure") } else { tokens };
    pair.browser.jar.plant(&pair.url("/"), tokens.as_bytes(), pair.browser.now).unwrap();

    let authorize = pair.visit("/app/auth/signIn/dev").left_for.unwrap();
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    let token = pair.fetch(Method::GET, "/app/auth/csrfToken", &[], "").json["csrfToken"].clone();
    let headers = [("x-csrf-token", token.as_str().unwrap())];
    pair.fetch(Method::POST, "/app/auth/signOut?token_type_hint=session_token", &headers, "");
    assert_eq!(pair.cookies(), []);
    Visit { row, set_cookies: pair.set_cookies() }
}

fn configure(builder: Builder, row: &Value) -> Builder {
    let cookies = match row["prefix"].as_str() {
        Some(prefix) => Cookies::default().prefix(prefix),
        None => Cookies::default(),
    };
    let session = session_override(&row["overrides"]["sessionToken"]);
    let mut csrf = BoundCookieOverride::default();
    if let Some(seconds) = row["overrides"]["csrfToken"]["attributes"]["maxAge"].as_u64() {
        csrf = csrf.max_age(Duration::from_secs(seconds));
    }
    builder.cookies(cookies.reference_names().session(session).csrf_token(csrf))
}

fn session_override(recorded: &Value) -> CookieOverride {
    let attributes = &recorded["attributes"];
    let mut session = CookieOverride::default();
    if let Some(name) = recorded["name"].as_str() {
        session = session.name(name);
    }
    if let Some(seconds) = attributes["maxAge"].as_u64() {
        session = session.max_age(Duration::from_secs(seconds));
    }
    if let Some(path) = attributes["path"].as_str() {
        session = session.path(path);
    }
    if let Some(domain) = attributes["domain"].as_str().filter(|domain| *domain != "*") {
        session = session.domain(domain);
    }
    session = match attributes["sameSite"].as_str() {
        Some("strict") => session.same_site(SameSite::Strict),
        Some("none") => session.same_site(SameSite::None),
        Some(_) | None => session,
    };
    session.secure(match attributes["strategy"].as_str() {
        Some("host") => SecureStrategy::Host,
        Some("standard") => SecureStrategy::Standard,
        Some(_) | None => SecureStrategy::Secure,
    })
}

impl Visit<'_> {
    fn compare(&self, cookie: &str, recorded: &Value) -> Verdict {
        match cookie {
            "sessionToken" | "csrfToken" => {
                self.assert_recorded(recorded);
                self.excuse(cookie)
            }
            "accessToken" => {
                let name = recorded["name"].as_str().unwrap();
                let (_, attributes) = recorded["cleared"].as_str().unwrap().split_once('=').unwrap();
                let cleared = format!("{name}.dev={attributes}");
                assert!(self.set_cookies.contains(&cleared), "{cleared}");
                Verdict::KeptAsLongAsTheSession
            }
            "state" | "codeVerifier" | "nonce" | "redirectTo" | "redirectURI" => {
                self.assert_one_sealed_attempt(recorded);
                Verdict::OneSealedAttempt
            }
            other => panic!("an unknown cookie: {other}"),
        }
    }

    /// The cookie is set with the recorded attributes, and cleared as recorded, byte for byte.
    fn assert_recorded(&self, recorded: &Value) {
        let (name, attributes) = (recorded["name"].as_str().unwrap(), &recorded["attributes"]);
        let mut expected = vec![format!("Max-Age={}", attributes["maxAge"])];
        expected.extend(attributes["domain"].as_str().map(|domain| format!("Domain={domain}")));
        expected.push(format!("Path={}", attributes["path"].as_str().unwrap()));
        expected.push("HttpOnly".to_owned());
        expected.extend((attributes["secure"] == true).then(|| "Secure".to_owned()));
        let (first, rest) = attributes["sameSite"].as_str().unwrap().split_at(1);
        expected.push(format!("SameSite={}{rest}", first.to_uppercase()));

        let set = self.set_cookies.iter().filter(|line| line.starts_with(&format!("{name}=")));
        let (cleared, set): (Vec<_>, Vec<_>) = set.partition(|line| line.contains("=; Max-Age=0"));
        assert!(!set.is_empty(), "{name}");
        for line in set {
            let (_, attributes) = line.split_once("; ").unwrap();
            assert_eq!(attributes, expected.join("; "), "{name}");
        }
        let (recorded, other): (Vec<_>, Vec<_>) =
            cleared.into_iter().partition(|line| *line == recorded["cleared"].as_str().unwrap());
        assert_eq!(recorded.len(), 1, "{name}");
        // A domain or a path that is configured also clears what was set before it was.
        let is_unadorned = |line: &String| !line.contains("Domain=") && line.contains("Path=/;");
        assert!(other.iter().all(|line| is_unadorned(line)), "{other:?}");
    }

    /// Says what the configuration of this row could not say word for word.
    fn excuse(&self, cookie: &str) -> Verdict {
        let attributes = &self.row["overrides"][cookie]["attributes"];
        if attributes["domain"] == "*" {
            let builder = aura_tests::bare_builder(aura_tests::SECRET);
            let starred = Cookies::default().session(CookieOverride::default().domain("*"));
            let error = ConfigError::CookieDomain { cookie: "session_token", value: "*".into() };
            assert_eq!(builder.cookies(starred).build().unwrap_err(), error);
            return Verdict::DomainStarRefused;
        }
        if cookie == "csrfToken" && attributes.is_object() { Verdict::ForcedByType } else { Verdict::Agrees }
    }

    fn assert_one_sealed_attempt(&self, recorded: &Value) {
        let name = recorded["name"].as_str().unwrap();
        assert!(!self.set_cookies.iter().any(|line| line.starts_with(&format!("{name}="))), "{name}");
        let secure = self.row["secure"] == true;
        let prefix = self.row["prefix"].as_str().unwrap_or("aura-auth");
        let name = format!("{}{prefix}.state.", if secure { "__Host-" } else { "" });
        let attempts: Vec<_> = self.set_cookies.iter().filter(|line| line.starts_with(&name)).collect();
        let [set, cleared] = attempts.as_slice() else { panic!("{attempts:?}") };
        let rest = if secure { "HttpOnly; Secure; SameSite=Lax" } else { "HttpOnly; SameSite=Lax" };
        assert!(set.ends_with(&format!("; Max-Age=600; Path=/; {rest}")), "{set}");
        let expires = "Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assert!(cleared.ends_with(&format!("=; Max-Age=0; Path=/; {expires}; {rest}")), "{cleared}");
    }
}
