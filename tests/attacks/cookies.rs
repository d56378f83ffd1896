//! Session cookies that are altered, duplicated, planted or swapped.

use aura_proto::SessionError;
use aura_test_idp::browser::{Refused, SameSite};
use aura_tests::{Fault, Pair};
use http::{HeaderMap, header};
use serde_json::json;

const SESSION: &str = "__Host-aura-auth.session_token";

/// Signs in as somebody with a long name, and returns the chunks of the session, first to last.
fn chunks_of(pair: &mut Pair, id: &str) -> Vec<(String, String)> {
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let user = json!({ "id": id, "name": id.repeat(6_000) });
    pair.app.userinfo_fault = Some(Fault::json(200, &user.to_string()));
    assert_eq!(pair.visit(&callback).status, 200);
    let mut chunks: Vec<_> =
        pair.cookies().into_iter().filter(|(name, _)| name.starts_with(SESSION)).collect();
    chunks.sort();
    assert_eq!(chunks.len(), 3);
    chunks
}

/// Returns the user of the session in these cookies.
fn whose(pair: &Pair, cookies: &[(String, String)]) -> Result<String, SessionError> {
    let field: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = HeaderMap::from_iter([(header::COOKIE, field.join("; ").parse().unwrap())]);
    let now = aura_proto::UnixTime::from_secs(pair.browser.now);
    pair.app.auth.session(&headers, now).map(|session| session.user().sub().to_owned())
}

#[test]
fn sf_01_sf_02_sf_03_a_sign_in_replaces_whatever_session_was_there() {
    let mut pair = Pair::new();
    pair.plant("__Host-aura-auth.session_token", "planted");
    pair.sign_in("dev", "ada");
    let first = pair.session_token();
    assert_eq!(whose(&pair, &[(SESSION.to_owned(), first.clone())]).as_deref(), Ok("ada"));
    pair.sign_in("dev", "ada");
    let second = pair.session_token();
    assert_ne!(first, second);
    let kept = pair.cookies().into_iter().filter(|(name, _)| name == SESSION);
    assert_eq!(kept.collect::<Vec<_>>(), [(SESSION.to_owned(), second)]);
    pair.sign_in("other", "grace");
    assert_eq!(pair.session().json["user"]["sub"], "grace");
}

#[test]
fn ck_02_ck_04_ck_10_only_one_exact_session_cookie_counts() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let ada = pair.session_token();
    pair.browser.advance(1);
    pair.sign_in("dev", "grace");
    let grace = pair.session_token();
    let now = aura_proto::UnixTime::from_secs(pair.browser.now);
    let session = |cookies: &str| {
        let headers = HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
        pair.app.auth.session(&headers, now).map(|session| session.user().sub().to_owned())
    };
    const NAME: &str = "__Host-aura-auth.session_token";
    assert_eq!(session(&format!("{NAME}={ada}")).as_deref(), Ok("ada"));
    assert_eq!(session(&format!("{NAME}=garbage; {NAME}={ada}")).as_deref(), Ok("ada"));
    assert_eq!(session(&format!("{NAME}={ada}; {NAME}={ada}")).as_deref(), Ok("ada"));
    for cookies in [
        format!("{NAME}={ada}; {NAME}={grace}"),
        format!("{NAME}={ada}="),
        format!("{NAME}={ada}."),
        format!("{NAME}=\"{ada}\""),
        format!("{NAME}={}", &ada[..ada.len() - 1]),
        format!("{NAME}={}", ada.chars().rev().collect::<String>()),
        format!("{NAME}=null"),
        format!("{NAME}="),
        format!("aura-auth.session_token={ada}"),
        format!("__Secure-aura-auth.session_token={ada}"),
        format!("{}={ada}", NAME.to_uppercase()),
        format!("x=\"; {NAME}={ada}\""),
    ] {
        assert!(session(&cookies).is_err(), "{cookies}");
    }
}

#[test]
fn ck_05_no_other_cookie_of_ours_is_a_session() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    pair.begin("dev", "/");
    pair.csrf_token();
    let now = aura_proto::UnixTime::from_secs(pair.browser.now);
    for (name, value) in pair.cookies() {
        let field = format!("__Host-aura-auth.session_token={value}");
        let headers = HeaderMap::from_iter([(header::COOKIE, field.parse().unwrap())]);
        let opened = pair.app.auth.session(&headers, now).is_ok();
        assert_eq!(opened, name == "__Host-aura-auth.session_token", "{name}");
    }
}

#[test]
fn ck_07_ck_09_every_cookie_is_bound_to_this_host_and_hidden_from_scripts() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    pair.begin("dev", "/");
    for cookie in pair.browser.jar.cookies(pair.browser.now) {
        assert!(cookie.host_only && cookie.http_only && cookie.secure_only, "{:?}", cookie.name);
        assert_eq!(cookie.path, "/");
        assert!(matches!(cookie.same_site, SameSite::Lax | SameSite::Strict), "{:?}", cookie.name);
        assert!(cookie.name.len() + cookie.value.len() <= 4096);
    }
    assert_eq!(pair.browser.jar.script_cookies(&pair.url("/"), pair.browser.now), "");
    let sibling = url::Url::parse("https://evil.app.test/").unwrap();
    for exchange in &pair.browser.history {
        for set in exchange.response_headers.get_all(header::SET_COOKIE) {
            let mut planted = set.as_bytes().to_vec();
            planted.extend_from_slice(b"; Domain=app.test");
            if planted.starts_with(b"__Host-") {
                let refused = pair.browser.jar.plant(&sibling, &planted, pair.browser.now);
                assert_eq!(refused, Err(Refused::HostPrefix));
            }
        }
    }
}

#[test]
fn ck_06_pathological_cookie_fields_get_an_answer() {
    for field in [
        "a=b; ".repeat(3000),
        ";".repeat(5000),
        "=".repeat(5000),
        format!("__Host-aura-auth.session_token={}", "x".repeat(12_000)),
        "__Host-aura-auth.session_token=\"x\"; \"a\"=\"b; ".repeat(500),
        (0..2000).map(|n| format!("__Host-aura-auth.session_token={n}; ")).collect(),
        (0..500).map(|n| format!("__Host-aura-auth.state.{n:08}=x; ")).collect(),
    ] {
        let field = field.into_bytes();
        let mut pair = Pair::new();
        let request = |path: &str| http::Request::get(path).header(header::COOKIE, field.as_slice());
        for (path, status) in [
            ("/auth/session", 401),
            ("/auth/csrfToken", 200),
            ("/auth/signIn/dev", 302),
            ("/auth/callback/dev?code=c&state=s", 400),
        ] {
            let answer = pair.send(request(path));
            let without_attempt = path.starts_with("/auth/callback") && answer.status == 401;
            assert!(answer.status == status || without_attempt, "{path}: {}", answer.status);
        }
    }
}

#[test]
fn ck_12_chunks_that_were_tampered_with_are_no_session() {
    let mut pair = Pair::new();
    let a = chunks_of(&mut pair, "a");
    let b = chunks_of(&mut pair, "b");
    assert_eq!(whose(&pair, &a).as_deref(), Ok("a"));
    let named = |name: &str, value: &str| (format!("{SESSION}{name}"), value.to_owned());
    let [first, middle, last] = [&a[0].1, &a[1].1, &a[2].1];
    for cookies in [
        vec![a[0].clone(), a[2].clone()],
        vec![a[0].clone(), a[1].clone()],
        vec![a[0].clone()],
        vec![a[1].clone(), a[2].clone()],
        vec![named("", first), named(".1", last), named(".2", middle)],
        vec![named("", middle), named(".1", first), named(".2", last)],
        vec![a[0].clone(), b[1].clone(), a[2].clone()],
        vec![a[0].clone(), a[1].clone(), b[2].clone()],
        vec![b[0].clone(), a[1].clone(), a[2].clone()],
        vec![named("", first), named(".01", middle), named(".2", last)],
        vec![named("", first), named(".1", middle), named(".3", last)],
        vec![named("", first), named(".2", middle), named(".3", last)],
        vec![named(".0", first), named(".1", middle), named(".2", last)],
        vec![named("", first), named(".1", &middle[1..]), named(".2", last)],
        vec![named("", first), named(".1", middle), named(".2", &last[1..])],
        vec![named("", first), named(".1", middle), named(".2", &format!("{last}A"))],
        vec![named("", first), named(".1", middle), named(".2", &format!("{last}="))],
        vec![named("", &format!("{first}{middle}")), named(".1", last)],
    ] {
        let names: Vec<_> = cookies.iter().map(|(name, value)| (name, value.len())).collect();
        assert_eq!(whose(&pair, &cookies), refusal(&cookies), "{names:?}");
    }
}

/// A value that is not a session is invalid. Without a first chunk there is no value.
fn refusal(cookies: &[(String, String)]) -> Result<String, SessionError> {
    let has_first = cookies.iter().any(|(name, _)| name == SESSION);
    Err(if has_first { SessionError::Invalid } else { SessionError::Missing })
}

#[test]
fn ck_12_the_order_of_the_field_and_surplus_chunks_change_nothing() {
    let mut pair = Pair::new();
    let chunks = chunks_of(&mut pair, "a");
    let backwards: Vec<_> = chunks.iter().rev().cloned().collect();
    assert_eq!(whose(&pair, &backwards).as_deref(), Ok("a"));
    let surplus = |names: &mut dyn Iterator<Item = String>| {
        let mut cookies = chunks.clone();
        cookies.extend(names.map(|name| (name, "x".repeat(10))));
        whose(&pair, &cookies)
    };
    assert_eq!(surplus(&mut [format!("{SESSION}.3")].into_iter()).as_deref(), Ok("a"));
    assert_eq!(surplus(&mut (3..500).map(|n| format!("{SESSION}.{n}"))).as_deref(), Ok("a"));
    assert_eq!(surplus(&mut [format!("{SESSION}.01")].into_iter()).as_deref(), Ok("a"));
}

#[test]
fn ck_04_ck_12_of_a_whole_and_a_chunked_session_none_counts() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let whole = (SESSION.to_owned(), pair.session_token());
    let chunks = chunks_of(&mut pair, "a");
    let mut both = chunks.clone();
    both.push(whole.clone());
    assert_eq!(whose(&pair, &both), Err(SessionError::Ambiguous));
    // Chunks that lead nowhere take nothing from the whole one.
    assert_eq!(whose(&pair, &[whole.clone(), chunks[0].clone()]).as_deref(), Ok("ada"));
    assert_eq!(whose(&pair, &[whole, chunks[1].clone(), chunks[2].clone()]).as_deref(), Ok("ada"));
}

#[test]
fn ck_04_a_planted_chunk_beside_the_real_one_is_tried_and_found_out() {
    let mut pair = Pair::new();
    let chunks = chunks_of(&mut pair, "a");
    let other = chunks_of(&mut pair, "b");
    for planted in &other {
        let mut cookies = vec![planted.clone()];
        cookies.extend(chunks.iter().cloned());
        assert_eq!(whose(&pair, &cookies).as_deref(), Ok("a"), "{}", planted.0);
    }
    let both: Vec<_> = other.into_iter().chain(chunks).collect();
    assert_eq!(whose(&pair, &both), Err(SessionError::Ambiguous));
}

#[test]
fn ck_06_ck_12_floods_of_full_chunks_are_answered_and_cleared_within_bounds() {
    let mut pair = Pair::new();
    let full = |index: usize, variant: usize| {
        let name = if index == 0 { SESSION.to_owned() } else { format!("{SESSION}.{index}") };
        let value = format!("{variant:03}{}", "A".repeat(4096 - 3 - name.len()));
        format!("{name}={value}")
    };
    let flood = |variants: usize, chunks: usize| {
        let pairs = (0..chunks).flat_map(|index| (0..variants).map(move |variant| full(index, variant)));
        pairs.collect::<Vec<_>>().join("; ")
    };
    for field in [flood(1, 500), flood(2, 5), flood(4, 5), flood(5, 5), flood(100, 5)] {
        let request = http::Request::get("/auth/session").header(header::COOKIE, &field);
        let answer = pair.send(request);
        assert_eq!(answer.status, 401);
        assert!(answer.headers.get_all(header::SET_COOKIE).iter().count() <= 21);
    }
}

#[test]
fn ck_03_ck_10_chunks_count_under_their_exact_names_alone() {
    let mut pair = Pair::new();
    let chunks = chunks_of(&mut pair, "a");
    let renamed = |rename: &dyn Fn(&str) -> String| {
        let cookies: Vec<_> = chunks.iter().map(|(name, value)| (rename(name), value.clone())).collect();
        whose(&pair, &cookies)
    };
    assert_eq!(renamed(&str::to_owned).as_deref(), Ok("a"));
    for (what, outcome) in [
        ("unprefixed", renamed(&|name| name.replace("__Host-", ""))),
        ("another prefix", renamed(&|name| name.replace("__Host-", "__Secure-"))),
        ("another case", renamed(&|name| name.replace("__Host-", "__host-"))),
        ("upper case", renamed(&|name| name.to_uppercase())),
        ("a suffix", renamed(&|name| format!("{name}_"))),
        ("quoted", renamed(&|name| format!("\"{name}\""))),
        ("encoded", renamed(&|name| name.replace('.', "%2E"))),
        ("$Version", renamed(&|name| format!("${name}"))),
        ("no name", renamed(&|name| format!("={name}"))),
        ("NBSP", renamed(&|name| format!("\u{a0}{name}"))),
        ("U+2000", renamed(&|name| format!("\u{2000}{name}"))),
    ] {
        assert_eq!(outcome, Err(SessionError::Missing), "{what}");
    }
    let only_the_tail_is_unprefixed =
        renamed(&|name| if name == SESSION { name.to_owned() } else { name.replace("__Host-", "") });
    assert_eq!(only_the_tail_is_unprefixed, Err(SessionError::Invalid));
}

#[test]
fn ck_20_a_nameless_cookie_does_not_pose_as_the_session() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.session_token();
    let sibling = url::Url::parse("https://evil.app.test/").unwrap();
    let nameless = format!("={SESSION}={token}; Domain=app.test; Secure");
    let outcome = pair.browser.jar.plant(&sibling, nameless.as_bytes(), pair.browser.now);
    assert_eq!(outcome, Err(Refused::NamelessPrefix));
    // An older browser keeps it and sends its value alone: one more value of that name, which must authenticate.
    let own = (SESSION.to_owned(), token.clone());
    assert_eq!(whose(&pair, &[(String::new(), format!("{SESSION}={token}"))]), Err(SessionError::Missing));
    assert_eq!(whose(&pair, &[(SESSION.to_owned(), "evil".to_owned()), own]).as_deref(), Ok("ada"));
}

#[test]
fn ck_19_what_is_set_comes_back_byte_for_byte() {
    let mut pair = Pair::new();
    chunks_of(&mut pair, "a");
    let history = pair.browser.history.iter();
    let set: Vec<_> = history
        .flat_map(|exchange| exchange.response_headers.get_all(header::SET_COOKIE))
        .map(|field| field.to_str().unwrap().split(';').next().unwrap().to_owned())
        .filter(|pair| pair.starts_with(SESSION))
        .collect();
    pair.session();
    let sent = pair.browser.history.last().unwrap().request_headers[header::COOKIE].to_str().unwrap();
    assert_eq!(set.len(), 3);
    for cookie in set {
        assert!(sent.split("; ").any(|one| one == cookie));
    }
}
