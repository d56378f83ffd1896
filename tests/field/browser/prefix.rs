//! A proxy that takes a path off, which browsers see in front of every path.

use aura_blocking::{Driver, Guard, UreqClient};
use aura_http::env::Environment;
use aura_proto::{Builder, ConfigError, CookieOverride, Cookies, ForwardedFields};
use aura_test_idp::{Client, ClientSecret};
use aura_tests::{Answer, OpenId, Pair, SECRET};
use http::{Request, header};
use url::Url;

const SITE: &str = "https://app.test";

/// What is written of the path, and the header of a proxy that writes it.
#[derive(Clone, Copy, Debug)]
enum Written {
    InTheConfiguration,
    ByTheProxy(&'static str),
}

use Written::{ByTheProxy, InTheConfiguration};

const WAYS: [Written; 4] =
    [InTheConfiguration, ByTheProxy("/app"), ByTheProxy("/app/"), ByTheProxy("/evil, /app")];

impl Written {
    fn configure(self, builder: Builder) -> Builder {
        let overrides = CookieOverride::default().path("/auth");
        let builder = builder.cookies(Cookies::default().session(overrides)).error_page("/failed");
        let builder = builder.trusted_origins([SITE]).trusted_proxy_headers();
        match self {
            InTheConfiguration => builder.public_path("/app"),
            ByTheProxy(_) => builder.forwarded_prefix(),
        }
    }

    fn pair(self) -> Pair {
        let register = |id: &str| {
            Client::new(id, ClientSecret::new(&format!("{id}-secret")))
                .with_redirect_uri(&format!("{SITE}/app/auth/callback/dev"))
                .unwrap()
        };
        OpenId::new().client(register).configure(move |builder| self.configure(builder)).pair()
    }

    fn send(self, pair: &mut Pair, path: &str, cookies: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookies).header(header::ACCEPT, "text/html");
        pair.send(match self {
            InTheConfiguration => request,
            ByTheProxy(prefix) => request.header("x-forwarded-prefix", prefix),
        })
    }
}

fn location(answer: &Answer) -> &str {
    answer.headers[header::LOCATION].to_str().unwrap()
}

/// Returns names and values of the cookies that an answer sets, as a browser sends them, and their paths.
fn cookies(answer: &Answer) -> (String, Vec<String>) {
    let set: Vec<_> =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap()).collect();
    let pairs = set.iter().map(|one| one.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let path = |one: &&str| one.split("; ").find_map(|part| part.strip_prefix("Path=")).unwrap().to_owned();
    (pairs, set.iter().map(path).collect())
}

#[test]
fn fr_18_a_path_that_a_proxy_takes_off_is_in_front_of_everything_that_browsers_see() {
    for way in WAYS {
        let mut pair = way.pair();
        let begun = way.send(&mut pair, "/auth/signIn/dev", "");
        let authorize = Url::parse(location(&begun)).unwrap();
        let callback = pair.approve("dev", &authorize, "ada");
        assert!(callback.starts_with("/app/auth/callback/dev?"), "{way:?}: {callback}");
        let ended = way.send(&mut pair, callback.strip_prefix("/app").unwrap(), &cookies(&begun).0);
        assert_eq!((ended.status.as_u16(), location(&ended)), (302, "/app/"), "{way:?}: {ended:?}");
        let (held, paths) = cookies(&ended);
        assert_eq!(paths.iter().filter(|path| *path == "/app/auth").count(), 1, "the session's: {paths:?}");
        assert!(paths.iter().all(|path| path == "/app/auth" || path == "/"), "{paths:?}");
        let again = way.send(&mut pair, callback.strip_prefix("/app").unwrap(), &held);
        assert_eq!(location(&again), "/app/", "{way:?}");
        let failed = way.send(&mut pair, "/auth/callback/dev?error=access_denied", "");
        assert_eq!(
            location(&failed),
            "/app/failed?error=AUTH_PROVIDER_REJECTED&reason=access_denied&provider=dev"
        );
        let url = way.send(&mut pair, "/auth/signIn/dev?redirect=false", "").json["signInURL"].clone();
        assert!(url.as_str().unwrap().starts_with("https://app.test/app/auth/signIn/dev?"), "{url}");
    }
}

#[test]
fn fr_18_a_target_stays_what_the_browser_sees() {
    for (target, end) in [("/app/x", "/app/x"), ("/other", "/other"), ("//evil.test", "/app/")] {
        let mut pair = InTheConfiguration.pair();
        let begun = InTheConfiguration.send(&mut pair, &format!("/auth/signIn/dev?redirectTo={target}"), "");
        let callback = pair.approve("dev", &Url::parse(location(&begun)).unwrap(), "ada");
        let ended =
            InTheConfiguration.send(&mut pair, callback.strip_prefix("/app").unwrap(), &cookies(&begun).0);
        assert_eq!(location(&ended), end);
    }
}

#[test]
fn fr_18_guards_lead_to_the_public_path() {
    for way in WAYS {
        let host = Driver::new(way.pair().app.auth, UreqClient::new()).unwrap();
        let request = |path: &str| {
            let request = Request::get(path)
                .header(header::HOST, "app.test")
                .header(header::ACCEPT, "text/html")
                .header("sec-fetch-mode", "navigate");
            match way {
                InTheConfiguration => request.body(()).unwrap(),
                ByTheProxy(prefix) => request.header("x-forwarded-prefix", prefix).body(()).unwrap(),
            }
        };
        let led = |guard: Guard| {
            let refusal = guard.check(&request("/page?a=b")).unwrap_err();
            refusal.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        let target = "redirectTo=%2Fapp%2Fpage%3Fa%3Db";
        assert_eq!(led(host.guard().sign_in_with("dev")), format!("/app/auth/signIn/dev?{target}"));
        assert_eq!(led(host.guard().sign_in_page("/enter")), format!("/app/enter?{target}"));
        assert_eq!(host.auth().public_path(&request("/")), "/app");
    }
}

#[test]
fn fr_18_a_prefix_counts_where_a_trusted_proxy_writes_it_and_is_a_plain_path() {
    let redirect_uri = |pair: &mut Pair, prefix: &str| {
        let begun =
            pair.send(Request::get("/auth/signIn/dev?redirect=false").header("x-forwarded-prefix", prefix));
        (begun.status.as_u16(), begun.json["signInURL"].as_str().unwrap_or_default().to_owned())
    };
    let plain = (200, "https://app.test/auth/signIn/dev?".to_owned());
    assert_eq!(redirect_uri(&mut Pair::openid(), "/evil"), plain, "nobody said that a proxy writes it");
    assert_eq!(
        redirect_uri(&mut InTheConfiguration.pair(), "/evil").1,
        "https://app.test/app/auth/signIn/dev?"
    );
    for nothing in ["", " ", "/"] {
        assert_eq!(redirect_uri(&mut ByTheProxy("").pair(), nothing), plain, "{nothing:?}");
    }
    for junk in [
        "app",
        "//evil.test",
        "/a//b",
        "/a/../b",
        "/a b",
        "/a?b",
        "/a#b",
        "/a\\b",
        "/%2Fevil",
        "https://evil.test",
    ] {
        assert_eq!(redirect_uri(&mut ByTheProxy("").pair(), junk).0, 400, "{junk}");
    }
    let builder = || aura_tests::builder(SECRET, SITE, |row| row);
    for path in ["app", "/", "/app/", "//evil.test", "/a/../b"] {
        let error = builder().public_path(path).build().unwrap_err();
        assert_eq!(error, ConfigError::PublicPath { value: path.to_owned() });
    }
    let trusting = || builder().trusted_origins([SITE]).trusted_proxy_headers().forwarded_prefix();
    assert_eq!(builder().forwarded_prefix().build().unwrap_err(), ConfigError::ForwardedPrefix);
    let standard = trusting().forwarded_fields(ForwardedFields::Forwarded).build();
    assert_eq!(standard.unwrap_err(), ConfigError::ForwardedPrefix);
    assert!(trusting().forwarded_fields(ForwardedFields::XForwarded).build().is_ok());
}

#[test]
fn fr_18_the_environment_says_it_too() {
    let path = |variables: &[(&str, &str)], builder: Builder| {
        let lookup = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        let auth = Environment::new(&lookup).complete(builder).unwrap().build().unwrap();
        auth.public_path(&Request::get("/").header("x-forwarded-prefix", "/other").body(()).unwrap())
    };
    let builder =
        || aura_tests::builder(SECRET, SITE, |row| row).trusted_origins([SITE]).trusted_proxy_headers();
    assert_eq!(path(&[("AURA_PUBLIC_PATH", "/app/")], builder()), "/app");
    assert_eq!(path(&[("FORWARDED_PREFIX", "yes"), ("PUBLIC_PATH", "/app")], builder()), "/other");
    assert_eq!(path(&[("PUBLIC_PATH", "/static/")], builder()), "", "a usual variable of other tools");
    assert_eq!(path(&[("FORWARDED_PREFIX", "no")], builder()), "");
}
