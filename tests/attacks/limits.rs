//! Limits: floods of sign-ins, callbacks, logout tokens and uses of provider tokens.

use aura_host::store::MemoryCounts;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Auth, Connection, Entropy, Event, Finding, LimitRule, Limits, Quota, Scheme, SessionPolicy, UnixTime,
};
use aura_test_idp::LogoutSubject;
use aura_tests::{Answer, OpenId, Pair, SECRET, builder};
use bytes::Bytes;
use http::{Method, Request};
use std::net::IpAddr;
use std::time::Duration;

const SITE: &str = "https://app.test";
const SIGN_IN: &str = "/auth/signIn/dev";
const TOKENS: &str = "/auth/providers/dev/tokens";

fn quota(burst: u32, seconds: u64) -> Quota {
    Quota::new(burst, Duration::from_secs(seconds))
}

fn limited(rule: LimitRule, burst: u32, seconds: u64) -> Pair {
    let limits = Limits::none().with(rule, quota(burst, seconds));
    let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
    Pair::with(SITE, readable, |builder| builder.limits(limits))
}

/// Sends a request from an address, past the browser.
fn from(pair: &mut Pair, method: &Method, address: Option<&str>, path: &str) -> Answer {
    let mut connection = Connection::new(Scheme::Https);
    connection.peer = address.map(|address| address.parse().unwrap());
    pair.send(Request::builder().method(method).uri(path).extension(connection))
}

/// Sends as many requests as are answered otherwise than by 429, and counts them.
fn allowed(mut send: impl FnMut() -> u16) -> usize {
    (0..300).take_while(|_| send() != 429).count()
}

fn sign_ins(pair: &mut Pair, address: Option<&str>) -> usize {
    allowed(|| from(pair, &Method::GET, address, SIGN_IN).status.as_u16())
}

#[test]
fn rl_01_sign_ins_are_limited_exactly_and_again_allowed_after_their_time() {
    let mut pair = limited(LimitRule::SignIn, 5, 60);
    let home = Some("192.0.2.1");
    assert_eq!(sign_ins(&mut pair, home), 5);
    pair.browser.advance(11);
    assert_eq!(sign_ins(&mut pair, home), 0);
    pair.browser.advance(1);
    assert_eq!(sign_ins(&mut pair, home), 1);
    pair.browser.advance(60);
    assert_eq!(sign_ins(&mut pair, home), 5);
}

#[test]
fn rl_01_the_refusal_has_the_body_and_the_headers_of_the_reference() {
    let mut pair = limited(LimitRule::SignIn, 5, 60);
    sign_ins(&mut pair, Some("192.0.2.1"));
    pair.app.events.clear();
    let now = pair.browser.now;
    let answer = from(&mut pair, &Method::GET, Some("192.0.2.1"), SIGN_IN);
    assert_eq!(answer.status, 429);
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    let names = ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let reset = (now + 12).to_string();
    assert_eq!(names.map(header), ["12", "5", "0", reset.as_str()]);
    let json = &answer.json;
    assert_eq!(json["error"], "Too Many Requests");
    assert_eq!((&json["retryAfter"], &json["resetAt"]), (&12_000.into(), &((now + 12) * 1000).into()));
    assert_eq!(
        (&json["code"], &json["reason"]),
        (&"RATE_LIMIT_EXCEEDED".into(), &"too_many_requests".into())
    );
    let names: Vec<_> = pair.app.events.iter().map(Event::name).collect();
    assert_eq!(names, ["RATE_LIMIT_EXCEEDED"]);
}

#[test]
fn rl_01_by_default_an_office_behind_one_address_begins_120_sign_ins_at_once_and_30_a_minute() {
    let mut pair = Pair::at(SITE, |builder| builder.limits(Limits::default()));
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 120);
    pair.browser.advance(60);
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 30);
}

#[test]
fn rl_01_without_limits_nothing_is_counted() {
    let mut pair = Pair::new();
    pair.app.counts = None;
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 300);
    assert!(pair.app.events.iter().all(|event| event.name() == "SIGN_IN_INITIATED"));
}

#[test]
fn rl_01_a_page_of_another_site_cannot_use_up_the_sign_ins_of_its_visitor() {
    let mut pair = limited(LimitRule::SignIn, 5, 60);
    let home: IpAddr = "192.0.2.1".parse().unwrap();
    let mut embedded = |name: &str, value: &str, site: &str| {
        let connection = Connection::new(Scheme::Https).with_peer(home);
        let request = Request::get(SIGN_IN).extension(connection).header("sec-fetch-site", site);
        pair.send(request.header(name, value)).status.as_u16()
    };
    for _ in 0..20 {
        assert_eq!(embedded("sec-fetch-mode", "no-cors", "cross-site"), 403);
        assert_eq!(embedded("sec-purpose", "prefetch", "cross-site"), 204);
    }
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 5);
}

#[test]
fn rl_02_rl_03_each_client_counts_apart_by_address_or_network_and_whatever_headers_it_writes() {
    let mut pair = limited(LimitRule::SignIn, 2, 60);
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 2);
    assert_eq!(sign_ins(&mut pair, Some("::ffff:192.0.2.1")), 0, "the same address");
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.2")), 2);
    assert_eq!(sign_ins(&mut pair, Some("2001:db8::1")), 2);
    assert_eq!(sign_ins(&mut pair, Some("2001:db8::ffff:1")), 0, "the same network");
    assert_eq!(sign_ins(&mut pair, Some("2001:db8:0:1::1")), 2);
    for name in ["x-forwarded-for", "x-real-ip", "cf-connecting-ip"] {
        let connection = Connection::new(Scheme::Https).with_peer("192.0.2.1".parse().unwrap());
        let request = Request::get(SIGN_IN).extension(connection).header(name, "198.51.100.7");
        assert_eq!(pair.send(request).status, 429, "{name}");
    }
}

#[test]
fn rl_02_clients_of_unknown_addresses_share_ten_times_the_quota_and_block_no_other() {
    let mut pair = limited(LimitRule::SignIn, 2, 60);
    assert_eq!(sign_ins(&mut pair, None), 20);
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 2);
}

#[test]
fn rl_02_a_site_that_cannot_tell_clients_apart_behind_a_proxy_is_told_at_start() {
    let found = |auth: aura_proto::Builder| auth.build().unwrap().findings(&[]);
    let limits = Limits::default;
    let plain = || builder(SECRET, SITE, |provider| provider);
    assert_eq!(found(plain().limits(limits())), [Finding::LimitsWithoutProxy]);
    let by_session = Limits::none().with(LimitRule::Tokens, quota(1, 1));
    assert_eq!(found(plain().limits(by_session)), []);
    let trusted = plain().trusted_origins([SITE]).trusted_proxy_headers();
    assert_eq!(found(trusted.forwarded_fields(aura_proto::ForwardedFields::XForwarded).limits(limits())), []);
    assert_eq!(found(builder(SECRET, "http://localhost:3000", |provider| provider).limits(limits())), []);
}

#[test]
fn rl_01_people_are_sent_to_the_error_page() {
    let mut pair = limited(LimitRule::SignIn, 1, 60);
    pair.app.shows_pages = true;
    for _ in 0..10 {
        assert!(pair.visit(SIGN_IN).left_for.is_some());
    }
    let page = pair.visit(SIGN_IN);
    assert_eq!((page.url.path(), page.status.as_u16()), ("/auth/error", 200));
    let reason = page.url.query_pairs().find(|(name, _)| name == "reason").unwrap().1;
    assert_eq!(reason, "too_many_requests");
    assert!(String::from_utf8_lossy(&page.body).contains("Too many requests. Try again later."));
}

#[test]
fn rl_01_callbacks_that_fail_are_limited_and_a_refusal_leaves_the_sign_in_under_way() {
    let mut pair = limited(LimitRule::Callback, 3, 60);
    for _ in 0..10 {
        pair.sign_in("dev", "ada");
        assert_eq!(pair.session().status, 200, "callbacks that succeed are not counted");
        let token = pair.csrf_token();
        pair.sign_out(&token);
    }
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let forged = callback.replace("state=", "state=x");
    // The address of the model browser is unknown.
    assert_eq!(allowed(|| pair.fetch(Method::GET, &forged, &[], "").status.as_u16()), 30);
    let cookies = pair.cookies();
    let refused = pair.fetch(Method::GET, &callback, &[], "");
    assert_eq!((refused.status.as_u16(), pair.cookies()), (429, cookies));
    assert!(!refused.headers.contains_key("set-cookie"));
    pair.browser.advance(2);
    assert_eq!(pair.visit(&callback).status, 200);
    assert_eq!(pair.session().status, 200);
}

#[test]
fn rl_01_a_callback_that_begins_a_sign_in_counts_as_one() {
    use aura_proto::provider::UnsolicitedCallbacks;
    let lenient = |provider: Provider| provider.unsolicited_callbacks(UnsolicitedCallbacks::SignIn);
    let limits = Limits::none().with(LimitRule::SignIn, quota(2, 60));
    let mut pair = Pair::with(SITE, lenient, |builder| builder.limits(limits));
    let unsolicited = "/auth/callback/dev?code=c";
    let send = || from(&mut pair, &Method::GET, Some("192.0.2.1"), unsolicited).status.as_u16();
    assert_eq!(allowed(send), 2);
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 0);
}

#[test]
fn rl_01_logout_tokens_are_limited_by_sender_and_provider() {
    let limits = Limits::none().with(LimitRule::BackchannelLogout, quota(3, 60));
    let mut pair = OpenId::new().configure(move |builder| builder.limits(limits)).pair();
    let mut post = |address, provider| {
        let path = format!("/auth/backchannelLogout/{provider}");
        allowed(|| from(&mut pair, &Method::POST, Some(address), &path).status.as_u16())
    };
    assert_eq!(post("192.0.2.1", "dev"), 3);
    assert_eq!(post("192.0.2.1", "other"), 3);
    assert_eq!(post("192.0.2.2", "dev"), 3, "a flood keeps no logout of the provider's own away");
    let answer = from(&mut pair, &Method::POST, Some("192.0.2.1"), "/auth/backchannelLogout/dev");
    assert_eq!((answer.status.as_u16(), &answer.json["error"]), (429, &"Too Many Requests".into()));
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn rl_01_a_logout_token_of_the_provider_is_carried_out_in_a_flood_of_others() {
    let limits = Limits::none().with(LimitRule::BackchannelLogout, quota(3, 60));
    let mut pair = OpenId::new().configure(move |builder| builder.limits(limits)).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    let logout = |pair: &mut Pair, token: &str| {
        pair.send_form("/auth/backchannelLogout/dev", &format!("logout_token={token}")).status.as_u16()
    };
    // Senders whose address is unknown share ten times the quota.
    assert_eq!(allowed(|| logout(&mut pair, "forged")), 30);
    for _ in 0..5 {
        let (now, entropy) = (pair.browser.now, pair.app.entropy());
        let provider = pair.app.provider("dev");
        let subject = LogoutSubject::Sub("ada");
        let token = provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy);
        assert_eq!(logout(&mut pair, &token), 200);
    }
    assert_eq!(logout(&mut pair, "forged"), 429);
}

#[test]
fn rl_01_token_routes_are_limited_by_session_and_a_refusal_ends_none() {
    for is_stored in [false, true] {
        let limits = Limits::none().with(LimitRule::Tokens, quota(3, 900));
        let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
        let policy = SessionPolicy::default();
        let policy = if is_stored { policy.stored() } else { policy };
        let mut pair = Pair::with(SITE, readable, |builder| builder.limits(limits).session(policy));
        pair.sign_in("dev", "ada");
        let cookies = pair.cookies();
        assert_eq!(allowed(|| pair.fetch(Method::GET, TOKENS, &[], "").status.as_u16()), 3);
        assert_eq!((pair.session().status.as_u16(), pair.cookies()), (200, cookies));
        let connected = pair.fetch(Method::GET, "/auth/providers/dev", &[], "");
        assert_eq!(connected.status, 200, "what tells whether there are tokens is not limited");
        let token = pair.csrf_token();
        let own = [("x-csrf-token", token.as_str())];
        let refresh = "/auth/providers/dev/user/refresh";
        assert_eq!(allowed(|| pair.fetch(Method::POST, refresh, &own, "").status.as_u16()), 3);
        let ended = pair.fetch(Method::DELETE, "/auth/providers/dev", &own, "");
        assert_eq!(ended.status, 200, "tokens can be ended, however often they were read");

        pair.browser.advance(1);
        pair.sign_in("dev", "ada");
        assert_eq!(pair.fetch(Method::GET, TOKENS, &[], "").status, 200, "another session counts apart");
        pair.browser.jar = Default::default();
        assert_eq!(allowed(|| pair.fetch(Method::GET, TOKENS, &[], "").status.as_u16()), 300, "no session");
    }
}

#[test]
fn rl_04_a_store_of_counts_that_fails_lets_requests_pass_and_is_reported() {
    let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
    for (rule, method, path) in [
        (LimitRule::SignIn, Method::GET, SIGN_IN),
        (LimitRule::Callback, Method::GET, "/auth/callback/dev?code=c&state=s"),
        (LimitRule::BackchannelLogout, Method::POST, "/auth/backchannelLogout/dev"),
        (LimitRule::Tokens, Method::GET, TOKENS),
    ] {
        let limits = Limits::none().with(rule, quota(0, 60));
        let mut pair = OpenId::new().provider(readable).configure(|builder| builder.limits(limits)).pair();
        pair.app.counts = None;
        pair.sign_in("dev", "ada");
        pair.app.events.clear();
        let cookies = pair.cookie_header();
        let request = Request::builder().method(method).uri(path).header("cookie", cookies);
        assert_ne!(pair.send(request).status, 429);
        let unchecked = Event::LimitUnchecked { rule: rule.name().to_owned() };
        assert!(pair.app.events.contains(&unchecked), "{:?}", pair.app.events);
    }
}

#[test]
fn rl_04_a_full_store_of_counts_goes_on_to_count_whom_it_knows() {
    let mut pair = limited(LimitRule::SignIn, 2, 60);
    pair.app.counts = Some(MemoryCounts::with_limit(10));
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 2);
    for network in 0..100 {
        let address = format!("2001:db8:0:{network:x}::1");
        assert_eq!(from(&mut pair, &Method::GET, Some(&address), SIGN_IN).status, 302);
    }
    assert_eq!(sign_ins(&mut pair, Some("192.0.2.1")), 0);
}

#[test]
fn rl_02_no_address_is_in_a_question_to_a_store_or_in_a_record() {
    let mut pair = limited(LimitRule::Callback, 2, 60);
    pair.app.records = Some(Vec::new());
    from(&mut pair, &Method::GET, Some("192.0.2.77"), "/auth/callback/dev?code=c&state=s");
    let record = pair.app.records.take().unwrap().remove(0);
    assert_eq!(record.actions()[0], "CountRequest");
    assert_eq!(record.replay(&pair.app.auth), Ok(()));
    for text in [record.to_string(), pair.app.transcript.as_str().to_owned()] {
        assert!(!text.contains("192.0.2.77") && !text.contains("192, 0, 2"), "{text}");
    }
}

#[test]
fn rl_01_rules_and_names_count_apart_and_keys_are_those_of_the_secret() {
    let auth = |secret: &str| -> Auth { builder(secret, SITE, |provider| provider).build().unwrap() };
    let connection = Connection::new(Scheme::Https).with_peer("192.0.2.1".parse().unwrap());
    let request = Request::get("/").extension(connection).body(()).unwrap();
    let key = |auth: &Auth, rule| auth.count_request(rule, quota(1, 1), &request).key;
    let (one, other) = (auth(SECRET), auth("aK8pQ2vX7mLr4TnB9wYc1HsD6eGjU3Zk"));
    assert_eq!(key(&one, "search"), key(&one.clone(), "search"));
    for different in [key(&one, "searc"), key(&one, ""), key(&one, "signIn"), key(&other, "search")] {
        assert_ne!(different, key(&one, "search"));
    }
}

#[test]
fn rl_01_a_question_is_asked_before_a_cookie_is_opened() {
    let pair = limited(LimitRule::SignIn, 1, 60);
    let request = Request::get(SIGN_IN).body(Bytes::new()).unwrap();
    let (now, entropy) = (UnixTime::from_secs(pair.browser.now), Entropy::from_os_bytes([7; 32]));
    let action = pair.app.auth.handle(request, now, entropy);
    assert!(matches!(action, aura_proto::Action::CountRequest(_)), "{action:?}");
}
