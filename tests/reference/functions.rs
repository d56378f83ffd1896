//! The reference's helper functions: the core agrees with every recorded row, or the difference has a name.

use aura_http::env::Environment;
use aura_proto::{Auth, Builder, ClientSecret, ConfigError, Connection, Entropy, Fetch, Scheme, UnixTime};
use aura_tests::{SECRET, drive};
use bytes::Bytes;
use http::{Request, Response, header, request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

/// Why a row of the recorded tables is not ours, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// `redirectTo` may have percent-encodings, but for those of control characters.
    PercentEncodingAllowed,
    /// `redirectTo` may have 2,048 characters, not 100.
    LongerAllowed,
    /// Every character that the URL standard leaves in a path or query is taken, and `..` and `//` within them.
    MoreCharactersAllowed,
    /// What is emitted was parsed: dot segments are resolved, other characters encoded, scheme and host in lower case.
    ParsedByTheUrlStandard,
    /// A port over 65535 is none.
    PortsAreChecked,
    /// A URL of an IPv6 host has a path like any other.
    Ipv6HasPaths,
    /// A path that another reader may take for a host leads home.
    AmbiguousPathsLeadHome,
    /// A URL with a user or a backslash has no trusted origin.
    OddUrlsAreRefused,
    /// A path is of the own origin, not an error.
    PathsAreOurs,
    /// Names and schemes are compared without case (RFC 7239 section 4).
    CaseDoesNotMatter,
    /// A quoted string is read as such (RFC 7239 section 4).
    QuotedStringsAreRead,
    /// `Forwarded` comes before `X-Forwarded-Proto`.
    ForwardedComesFirst,
    /// The own origin is trusted, so its URLs are reduced to paths.
    OwnOriginIsTrusted,
    /// The status is that of the error's catalogue: 400.
    StatusOfTheCatalogue,
}

use Difference::{
    AmbiguousPathsLeadHome, CaseDoesNotMatter, ForwardedComesFirst, Ipv6HasPaths, LongerAllowed,
    MoreCharactersAllowed, OddUrlsAreRefused, OwnOriginIsTrusted, ParsedByTheUrlStandard, PathsAreOurs,
    PercentEncodingAllowed, PortsAreChecked, QuotedStringsAreRead, StatusOfTheCatalogue,
};

/// Rows that differ, by their input; to be compared as a whole, so that none is missing and none is too many.
type Differences = BTreeMap<String, Difference>;

fn differences(rows: &[(Difference, &[&str])]) -> Differences {
    let each = |&(difference, inputs): &(Difference, &[&str])| {
        inputs.iter().map(move |input| ((*input).to_owned(), difference)).collect::<Vec<_>>()
    };
    rows.iter().flat_map(each).collect()
}

/// Compares every row of a table with ours; what differs gets the name that was expected of it.
fn compare(
    rows: &[Value],
    expected: &Differences,
    input: impl Fn(&Value) -> String,
    agrees: impl Fn(&Value) -> bool,
) {
    let differing: Vec<_> = rows.iter().filter(|row| !agrees(row)).map(input).collect();
    let mut unexpected: Vec<_> = differing.iter().filter(|input| !expected.contains_key(*input)).collect();
    unexpected.extend(expected.keys().filter(|input| !differing.contains(input)));
    assert!(unexpected.is_empty(), "{unexpected:?} differ without a name, or have a name and agree");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn redirect_targets_are_judged_as_recorded() {
    let mut expected = differences(&[
        (PercentEncodingAllowed, &["/x%20y", "/%252Fevil.com", "/x?next=%2Fy", "/x%"]),
        (
            MoreCharactersAllowed,
            &[
                "/a..b",
                "/x//evil.com",
                "/x?next=https://evil.com",
                "/x?u=//evil.com",
                "/x;y=1",
                "/x'y",
                "/x:y",
                "/@evil.com",
                "/x|y",
                "/~user",
                "/x!",
                "/x*",
                "/x,y",
                "/x+y",
                "/$",
                "/(x)",
            ],
        ),
        (
            ParsedByTheUrlStandard,
            &["/x y", "/x ", "/../x", "/a/./b", "/ünï", "/日本", "/x\"y", "/<script>", "/x{y}", "/`"],
        ),
    ]);
    expected.insert(format!("/{}", "a".repeat(100)), LongerAllowed);
    let auth = site("https://own.test");
    compare(&table("url_predicates"), &expected, input, |row| {
        let ours = target(&auth, text(&row["input"]));
        let is_relative = ours != "/" || row["input"] == "/";
        row["validateRedirectTo"] == ours && row["isRelativeURL"] == is_relative
    });
}

#[test]
fn absolute_targets_of_trusted_origins_are_judged_as_recorded() {
    let expected = differences(&[
        (
            PercentEncodingAllowed,
            &["http://127.0.0.1:4800/a%20b", "http://127.0.0.1:4800/a%2Fb", "https://example.com/?q=a%20b"],
        ),
        (MoreCharactersAllowed, &["http://127.0.0.1:4800//x"]),
        (
            ParsedByTheUrlStandard,
            &[
                "HTTPS://EVIL.COM",
                "http://127.0.0.1:4800/a b",
                "HTTP://127.0.0.1:4800/x",
                "http:///x",
                "https:///evil.com",
                "http://127.0.0.1:4800/a/../b",
                "http://127.0.0.1:4800?q=1",
                "http://127.0.0.1:4800#f",
                "http://evil.com#@127.0.0.1:4800",
                "https://evil.com?https://app.example.test",
                "https://example..com",
                "https://ex%41mple.com",
                "https://example.com/a/../b",
                "https://example.com/%2e",
                "https://example.com/é",
                "https://éxample.com",
            ],
        ),
        (PortsAreChecked, &["https://ports.example.test:99999/x", "https://example.com:65536/"]),
    ]);
    compare(&table("url_predicates"), &expected, input, |row| {
        let url = text(&row["input"]);
        let trusting =
            |origin| builder().base_url("https://own.test").trusted_origins([origin]).build().unwrap();
        let ours = origin_of(url).map(trusting).is_some_and(|auth| target(&auth, url) != "/");
        row["isValidURL"] == ours
    });
}

#[test]
fn own_urls_are_reduced_to_paths_as_recorded() {
    let expected = differences(&[
        (AmbiguousPathsLeadHome, &["http://127.0.0.1:4800//x"]),
        (
            ParsedByTheUrlStandard,
            &[
                "HTTP://127.0.0.1:4800/x",
                "http://127.0.0.1:4800/a b",
                "http://127.0.0.1:4800/a/../b",
                "http://127.0.0.1:4800?q=1",
                "http://127.0.0.1:4800#f",
                "http://evil.com#@127.0.0.1:4800",
                "https://evil.com?https://app.example.test",
                "https://example.com/a/../b",
                "https://example.com/%2e",
                "https://example.com/é",
            ],
        ),
        (Ipv6HasPaths, &["http://[::1]:4800/x", "https://[::1]:8080/x"]),
        (PortsAreChecked, &["https://ports.example.test:99999/x"]),
    ]);
    compare(&table("url_predicates"), &expected, input, |row| {
        let url = text(&row["input"]);
        let ours = origin_of(url).map_or("/".to_owned(), |origin| target(&site(&origin), url));
        row["extractPath"] == ours
    });
}

#[test]
fn or_7_patterns_trust_as_recorded() {
    let mut rows = Vec::new();
    for row in table("origin_patterns") {
        let trusted = row["trusted"].as_object().unwrap();
        rows.extend(trusted.iter().map(|(url, trusted)| json!([row["pattern"], url, trusted])));
    }
    assert_eq!(rows.len(), 27 * 23);
    let expected =
        differences(&[(MoreCharactersAllowed, &["https://*.com https://evil.com/https://example.com"])]);
    let pair = |row: &Value| format!("{} {}", text(&row[0]), text(&row[1]));
    compare(&rows, &expected, pair, |row| {
        match builder().base_url("https://own.test").trusted_origins([text(&row[0])]).build() {
            Ok(auth) => row[2] == (target(&auth, text(&row[1])) != "/"),
            Err(ConfigError::TrustedOrigin { value }) => row[0] == value && row[2] == false,
            Err(error) => panic!("{error}"),
        }
    });
}

#[test]
fn origins_are_the_same_as_recorded() {
    let expected = differences(&[
        (OddUrlsAreRefused, &["https://user:p@a.test", "http://127.0.0.1:4800\\@evil.com"]),
        (PathsAreOurs, &["/x"]),
    ]);
    compare(
        &table("same_origin"),
        &expected,
        |row| text(&row["a"]).to_owned(),
        |row| {
            let url = format!("{}/same", text(&row["a"]).trim_end_matches('/'));
            let is_own = target(&site(&origin_of(text(&row["b"])).unwrap()), &url).ends_with("/same");
            row["result"] == is_own
        },
    );
}

#[test]
fn hh_03_hh_09_connections_are_secure_as_recorded() {
    let plain = |headers: &str| format!("http://h/ true {headers}");
    let expected = Differences::from([
        (plain(r#"{"X-Forwarded-Proto":"HTTPS"}"#), CaseDoesNotMatter),
        (plain(r#"{"Forwarded":"PROTO=https"}"#), CaseDoesNotMatter),
        (plain(r#"{"Forwarded":"proto=\"https\""}"#), QuotedStringsAreRead),
        (plain(r#"{"Forwarded":"proto=http","X-Forwarded-Proto":"https"}"#), ForwardedComesFirst),
    ]);
    let case =
        |row: &Value| format!("{} {} {}", text(&row["url"]), row["trusted_proxy_headers"], row["headers"]);
    compare(&table("secure_connection"), &expected, case, |row| {
        let is_tls = text(&row["url"]).starts_with("https:");
        let connection = Connection::new(if is_tls { Scheme::Https } else { Scheme::Http });
        let origins = builder().trusted_origins(["http://h", "https://h", "https://x"]);
        let trusts = row["trusted_proxy_headers"] == true;
        let auth = if trusts { origins.trusted_proxy_headers() } else { origins }.build().unwrap();
        let mut request = Request::get("/auth/csrfToken").header("host", "h").extension(connection);
        for (name, value) in row["headers"].as_object().unwrap() {
            request = request.header(name, text(value));
        }
        let answer = send(&auth, request);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie.starts_with("__Host-"), cookie.contains("; Secure"));
        row["secure"] == cookie.contains("; Secure")
    });
}

#[test]
fn variables_are_read_as_recorded() {
    let read = |key: &'static str, value: &str| {
        let value = value.to_owned();
        let lookup = |name: &str| (name == key).then(|| value.clone());
        Environment::new(&lookup).complete(builder())
    };
    compare(
        &table("env_parsing"),
        &Differences::new(),
        |row| row["value"].to_string(),
        |row| {
            if row["kind"] == "boolean" {
                // Trust without trusted origins is a mistake, so that the mistake shows the trust.
                let built = read("TRUSTED_PROXY_HEADERS", text(&row["value"])).unwrap().build();
                return row["result"] == matches!(built, Err(ConfigError::ProxyHeadersWithoutOrigins));
            }
            // Entries must be origins: `a` is `https://a.test`.
            let origins = |text: &str| {
                ["a", "b", "c"].into_iter().fold(text.to_uppercase(), |text, letter| {
                    text.replace(&letter.to_uppercase(), &format!("https://{letter}.test"))
                })
            };
            let listed: Vec<_> =
                row["result"].as_array().unwrap().iter().map(|item| origins(text(item))).collect();
            match read("TRUSTED_ORIGINS", &origins(text(&row["value"]))) {
                Err(error) => error.to_string().contains(&format!("{:?}", listed[0])),
                Ok(builder) => {
                    let auth = builder.base_url("https://own.test").build().unwrap();
                    let all = ["a", "b", "c"].map(|letter| format!("https://{letter}.test"));
                    all.iter().all(|origin| (target(&auth, origin) != "/") == listed.contains(origin))
                }
            }
        },
    );
}

#[test]
fn tm_01_secrets_are_equal_as_recorded() {
    compare(&table("timing_safe_equal"), &Differences::new(), Value::to_string, |row| {
        row["equal"] == (ClientSecret::new(text(&row["a"])) == ClientSecret::new(text(&row["b"])))
    });
}

/// The proxy rows of the contract's table: `X-Forwarded-Proto` and `-Host`, what is asked for, what is trusted, and the
/// outcome that the reference has.
#[test]
fn hh_06_proxied_sign_ins_end_as_the_contract_says() {
    let rows = [
        json!(["http", "app.com", "http://app.com/dashboard", "https://example.com", 500]),
        json!(["http", "app.com", "http://app.com/dashboard", "http://app.com", "http://app.com/dashboard"]),
        json!(["", "app.example.com", "https://evil.com/", "https://example.com", 500]),
        json!(["", "app.example.com", "https://evil.com/", "http://example.com", 500]),
        json!(["https", "example.com", "/", "https://example.com", "/"]),
        json!(["https", "app.com", "/", "https://app.com", "/"]),
    ];
    let expected = Differences::from([
        (rows[0].to_string(), StatusOfTheCatalogue),
        (rows[1].to_string(), OwnOriginIsTrusted),
        (rows[2].to_string(), StatusOfTheCatalogue),
        (rows[3].to_string(), StatusOfTheCatalogue),
    ]);
    compare(&rows, &expected, Value::to_string, |row| {
        let auth = builder().trusted_origins([text(&row[3])]).trusted_proxy_headers().build().unwrap();
        let proxied = |request: request::Builder| {
            let fields = [
                ("host", "inner:8080"),
                ("x-forwarded-host", text(&row[1])),
                ("x-forwarded-proto", text(&row[0])),
            ];
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .fold(request, |request, (name, value)| request.header(name, value))
        };
        let answer = send(&auth, proxied(Request::get("/auth/csrfToken")));
        if answer.status() != 200 {
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!((answer.status().as_u16(), text(&body["code"])), (400, "INVALID_TRUSTED_ORIGIN"));
            return row[4] == answer.status().as_u16();
        }
        let ours = target_through(&auth, text(&row[2]), proxied);
        assert_eq!(ours, if text(&row[2]) == "/" { "/" } else { "/dashboard" });
        row[4] == ours
    });
}

fn table(name: &str) -> Vec<Value> {
    let recorded: Value = serde_json::from_str(include_str!("../golden/functions.json")).unwrap();
    recorded[name].as_array().unwrap().clone()
}

fn builder() -> Builder {
    aura_tests::bare_builder(SECRET)
}

fn send(auth: &Auth, request: request::Builder) -> Response<Bytes> {
    let request = request.body(Bytes::new()).unwrap();
    let now = UnixTime::from_secs(1_795_500_000);
    let action = auth.handle(request, now, Entropy::from_os_bytes([7; 32]));
    drive(action, now, &mut |_, fetch: &Fetch| panic!("no callback was sent: {fetch:?}"))
}

/// Asks where a sign-out would lead: the answer names the target that was parsed, or none.
fn target(auth: &Auth, redirect_to: &str) -> String {
    target_through(auth, redirect_to, |request| request)
}

fn target_through(
    auth: &Auth,
    redirect_to: &str,
    proxied: impl Fn(request::Builder) -> request::Builder,
) -> String {
    let cookie = send(auth, proxied(Request::get("/auth/csrfToken")));
    let cookie = cookie.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let (_, token) = cookie.split_once('=').unwrap();
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("redirectTo", redirect_to).finish();
    let path = format!("/auth/signOut?token_type_hint=session_token&redirect=false&{query}");
    let request = proxied(Request::post(path)).header("x-csrf-token", token).header(header::COOKIE, cookie);
    let body: Value = serde_json::from_slice(send(auth, request).body()).unwrap();
    assert_eq!(body["success"], true);
    body["redirectURL"].as_str().unwrap_or("/").to_owned()
}

fn site(origin: &str) -> Auth {
    builder().base_url(origin).build().unwrap()
}

/// The origin of an absolute http or https URL.
fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

fn input(row: &Value) -> String {
    text(&row["input"]).to_owned()
}
