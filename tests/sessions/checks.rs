//! The application's check of sessions: every reading obeys it.

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Entropy, Event, Expiration, FetchError, HostError, ProviderTokensError, Reading, RefusalCode,
    RequestError, Session, SessionDecision, SessionError, SessionPolicy, UnixTime,
};
use aura_tests::Pair;
use http::{Method, Request};
use serde_json::json;
use std::time::Duration;

const SIGN_OUT: &str = "/auth/signOut?token_type_hint=session_token";

/// A decision, and what becomes of a request that carries the session: status, reason, whether cookies are cleared.
type Row = (fn(&Session) -> SessionDecision, u16, &'static str, bool);

const ENDED: Row = (|_| SessionDecision::end("banned"), 401, "session_ended", true);
const UNDECIDED: Row = (|_| SessionDecision::Unavailable, 503, "session_check_unavailable", false);

/// Signs in at a site that checks sessions, whose provider's tokens are kept and readable.
fn signed_in() -> Pair {
    let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
    let rolling = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(Expiration::Rolling);
    let mut pair = Pair::with("https://app.test", readable, |builder| {
        builder.session(rolling.editable(["name"])).check_sessions()
    });
    pair.sign_in("dev", "ada");
    pair.csrf_token();
    pair.browser.advance(60);
    pair.app.events.clear();
    pair
}

fn ended() -> Event {
    Event::SessionEnded { sub: "ada".to_owned(), refusal: RefusalCode::new("banned") }
}

fn request(pair: &Pair) -> Request<()> {
    Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap()
}

#[test]
fn every_route_that_reads_a_session_obeys_the_check() {
    for (method, path, body) in [
        (Method::GET, "/auth/session", ""),
        (Method::HEAD, "/auth/session", ""),
        (Method::PATCH, "/auth/session", r#"{"user":{"name":"Countess"}}"#),
        (Method::GET, "/auth/providers/dev", ""),
        (Method::DELETE, "/auth/providers/dev", ""),
        (Method::GET, "/auth/providers/dev/tokens", ""),
        (Method::POST, "/auth/providers/dev/tokens/revoke", ""),
        (Method::POST, "/auth/providers/dev/user/refresh", ""),
    ] {
        for (check, status, reason, clears) in [ENDED, UNDECIDED] {
            let mut pair = signed_in();
            pair.app.check = check;
            let token = pair.csrf_token();
            let cookies = pair.cookies();
            pair.app.fetches.clear();
            let answer = pair.fetch(method.clone(), path, &[("x-csrf-token", &token)], body);
            assert_eq!(answer.status, status, "{method} {path}");
            if method != Method::HEAD {
                assert_eq!(answer.json["reason"], reason, "{method} {path}");
            }
            let left = if clears { Vec::new() } else { cookies };
            assert_eq!(pair.cookies(), left, "{method} {path}");
            assert_eq!(pair.app.events.contains(&ended()), clears, "{method} {path}");
            assert!(pair.app.fetches.is_empty(), "{method} {path}");
        }
    }
}

#[test]
fn no_spelling_of_the_cookies_goes_past_the_check() {
    let mut pair = signed_in();
    pair.app.admit = |candidate| candidate.admit().claims(&json!({ "note": "n".repeat(6000) }));
    let short = pair.cookie_header();
    pair.sign_in("dev", "ada");
    let long = pair.cookie_header();
    for cookies in [&short, &long] {
        let of_session = || cookies.split("; ").filter(|cookie| cookie.contains("session_token"));
        let (name, value) = of_session().next().unwrap().split_once('=').unwrap();
        let crumbs: Vec<_> = of_session().map(str::to_owned).collect();
        let twice = [&crumbs[..], &crumbs].concat();
        let backwards = crumbs.iter().rev().cloned().collect();
        let beside = |other: &str| vec![format!("{name}={other}; {}", crumbs.join("; "))];
        for fields in [
            vec![crumbs.join("; ")],
            crumbs.clone(),
            twice,
            backwards,
            beside("x"),
            beside(""),
            beside(&value[1..]),
            vec![format!(" {name} = {value} ;;{}", crumbs.join(";"))],
        ] {
            let request =
                fields.iter().fold(Request::get("/"), |request, field| request.header("cookie", field));
            let (request, now) = (request.body(()).unwrap(), UnixTime::from_secs(pair.browser.now));
            let read = decided(pair.app.auth.begin_session(&request, now), &SessionDecision::End, now);
            assert_eq!(read.unwrap_err().error, SessionError::Ended, "{fields:?}");
            let entropy = Entropy::from_os_bytes(pair.app.entropy());
            let visit = pair.app.auth.begin_visit(&request, now, entropy);
            let refusal = decided(visit, &SessionDecision::End, now).unwrap_err().into_response();
            let cleared = refusal.headers().get_all("set-cookie").iter();
            let cleared: Vec<_> =
                cleared.map(|cookie| cookie.to_str().unwrap().split('=').next().unwrap()).collect();
            for crumb in &crumbs {
                assert!(cleared.contains(&crumb.split('=').next().unwrap()), "{crumb} {cleared:?}");
            }
        }
    }
}

#[test]
fn a_session_that_goes_on_is_answered_as_where_nobody_checks() {
    let mut pair = signed_in();
    pair.app.check = |session| (session.user().sub() == "ada").into();
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), &answer.json["user"]["sub"]), (200, &"ada".into()));
    assert_eq!(pair.app.events, [Event::SessionRenewed { sub: "ada".to_owned() }]);
}

#[test]
fn a_body_that_is_malformed_or_comes_from_elsewhere_is_refused_before_anybody_is_asked() {
    let mut pair = signed_in();
    pair.app.check = |_| panic!("nobody is asked");
    let answer = pair.fetch(Method::PATCH, "/auth/session", &[], "{}");
    assert_eq!(answer.json["reason"], "csrf_token_missing");
    let foreign = Request::get("/auth/providers/dev").header("cookie", pair.cookie_header());
    let answer = pair.send(foreign.header("sec-fetch-site", "cross-site"));
    assert_eq!(answer.json["reason"], "cross_site");
}

#[test]
fn a_sign_out_goes_on_whatever_the_application_says() {
    for (check, ..) in [ENDED, UNDECIDED] {
        let mut pair = signed_in();
        pair.app.check = check;
        let token = pair.csrf_token();
        assert_eq!(pair.fetch(Method::POST, SIGN_OUT, &[("x-csrf-token", &token)], "").status, 202);
        assert_eq!(pair.cookies(), []);
        assert_eq!(pair.app.events.last(), Some(&Event::SignedOut { sub: None }));
    }
}

#[test]
fn a_callback_without_an_attempt_leads_home_only_where_the_session_goes_on() {
    let callback = |pair: &mut Pair| {
        let path = format!("/auth/callback/dev?code=c&state={}", "s".repeat(43));
        let answer = pair.send(Request::get(path).header("cookie", pair.cookie_header()));
        let clears =
            |cookie: &http::HeaderValue| cookie.to_str().is_ok_and(|text| text.contains("Max-Age=0"));
        let cleared = answer.headers.get_all("set-cookie").iter().filter(|cookie| clears(cookie)).count();
        (answer, cleared)
    };
    assert_eq!(callback(&mut signed_in()).0.status, 302);
    for (check, _, _, clears) in [ENDED, UNDECIDED] {
        let mut pair = signed_in();
        pair.app.check = check;
        let (answer, cleared) = callback(&mut pair);
        assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &"no_attempt".into()));
        assert_eq!(cleared > 0, clears);
    }
}

#[test]
fn a_reading_that_asks_nobody_fails_and_clears_nothing() {
    let mut pair = signed_in();
    let (auth, now) = (pair.app.auth.clone(), UnixTime::from_secs(pair.browser.now));
    let request = request(&pair);
    assert_eq!(auth.session(&request, now), Err(SessionError::NeedsCheck));
    assert_eq!(auth.provider_tokens("dev", &request, now), Err(ProviderTokensError::NeedsCheck));
    let refusal = auth.visit(&request, now, Entropy::from_os_bytes(pair.app.entropy())).unwrap_err();
    assert_eq!((refusal.status.as_u16(), refusal.cookies.len()), (500, 0));
    assert_eq!(refusal.events, [Event::RequestRefused { error: HostError::SessionNeedsCheck.into() }]);
}

#[tokio::test]
async fn drivers_tell_a_session_that_nobody_could_check_from_one_that_there_is_not() {
    let pair = signed_in();
    let auth = || pair.app.auth.clone();
    let (request, now) = (request(&pair), UnixTime::from_secs(pair.browser.now));
    let (signed_out, undecided) = (ProviderTokensError::SignedOut, ProviderTokensError::Unavailable);
    for (decision, expected) in [
        (SessionDecision::Continue, None),
        (SessionDecision::End, Some(signed_out)),
        (SessionDecision::Unavailable, Some(undecided)),
    ] {
        let client = aura_http::HttpClient::new();
        let answer = decision.clone();
        let driver = aura_http::Driver::new(auth(), client).unwrap().clock(move || now);
        let driver = driver.check_session(move |_| std::future::ready(answer.clone()));
        assert_eq!(
            driver.provider_tokens("dev", &request).await.err().map(|none| none.error),
            expected,
            "{decision:?}"
        );

        let client = |_: Request<bytes::Bytes>| Err(FetchError::Unreachable);
        let answer = decision.clone();
        let driver = aura_blocking::Driver::new(auth(), client).unwrap().clock(move || now);
        let driver = driver.check_session(move |_| answer.clone());
        assert_eq!(
            driver.provider_tokens("dev", &request).err().map(|none| none.error),
            expected,
            "{decision:?}"
        );
    }
    assert_eq!(aura_proto::Error::from(undecided).status(), 503);
    let nobody = Request::get("/").body(()).unwrap();
    let driver = aura_http::Driver::new(auth(), aura_http::HttpClient::new()).unwrap();
    assert_eq!(driver.provider_tokens("dev", &nobody).await.err().map(|none| none.error), Some(signed_out));
}

#[test]
fn a_csrf_token_lets_nobody_in_and_asks_nobody() {
    let mut pair = signed_in();
    pair.app.check = |_| panic!("nobody is asked");
    let field = pair.csrf_token();
    let (auth, now) = (pair.app.auth.clone(), UnixTime::from_secs(pair.browser.now));
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    // The token that the browser has is that of its session.
    assert_eq!(auth.form_token(&request(&pair), now, entropy).unwrap().as_str(), field);
    let post = || Request::post("/account").header("cookie", pair.cookie_header());
    let with_header = post().header("x-csrf-token", &field).body(()).unwrap();
    assert_eq!(auth.check_csrf(&with_header, now), Ok(()));
    assert_eq!(auth.check_form(&post().body(()).unwrap(), Some(&field), now), Ok(()));
    for other in [None, Some(""), Some("x"), Some(&field[1..])] {
        assert!(auth.check_form(&post().body(()).unwrap(), other, now).is_err(), "{other:?}");
    }
    let form = post().header("content-type", "application/x-www-form-urlencoded").body(()).unwrap();
    let body = format!("csrfToken={field}");
    assert_eq!(auth.read_form::<()>(&form, body.as_bytes(), now), Ok(()));
}

/// Answers the one question of a reading.
fn decided<T>(reading: Reading<T>, decision: &SessionDecision, now: UnixTime) -> T {
    let Reading::Check(question) = reading else { panic!("a question to the application") };
    assert_eq!(question.session.user().sub(), "ada");
    let Reading::Done(found) = question.pending.resume(decision.clone(), now) else { panic!("the end") };
    found
}

#[test]
fn a_visit_and_a_reading_wait_for_the_decision() {
    let mut pair = signed_in();
    let (auth, now) = (pair.app.auth.clone(), UnixTime::from_secs(pair.browser.now));
    let request = request(&pair);
    let mut visit = |decision: &SessionDecision| {
        let entropy = Entropy::from_os_bytes(pair.app.entropy());
        decided(auth.begin_visit(&request, now, entropy), decision, now)
    };
    let renewed = visit(&SessionDecision::Continue).unwrap().finish(http::Response::new(()));
    assert!(renewed.headers().contains_key("set-cookie"));

    let refusal = visit(&SessionDecision::end("banned")).unwrap_err();
    assert_eq!((refusal.status.as_u16(), &refusal.events), (401, &vec![ended()]));
    assert!(refusal.cookies.len() >= 3 && refusal.cookies.iter().all(aura_proto::SetCookie::clears));
    let refusal = visit(&SessionDecision::Unavailable).unwrap_err();
    assert_eq!((refusal.status.as_u16(), refusal.cookies.len()), (503, 0));

    let read = |decision: &SessionDecision| decided(auth.begin_session(&request, now), decision, now);
    assert!(read(&SessionDecision::Continue).is_ok());
    let none = read(&SessionDecision::end("banned")).unwrap_err();
    assert_eq!((none.error, none.events), (SessionError::Ended, vec![ended()]));
}

#[test]
fn a_site_that_checks_nothing_asks_nobody() {
    let mut pair = Pair::at("https://app.test", |builder| builder);
    pair.sign_in("dev", "ada");
    pair.app.check = |_| panic!("nobody is asked");
    assert_eq!(pair.session().status, 200);
    let (auth, now) = (pair.app.auth.clone(), UnixTime::from_secs(pair.browser.now));
    assert!(matches!(auth.begin_session(&request(&pair), now), Reading::Done(Ok(_))));
    // Checks are of the clone alone that asks for them.
    let checked = auth.clone().with_session_checks();
    assert!(auth.session(&request(&pair), now).is_ok());
    assert_eq!(checked.session(&request(&pair), now), Err(SessionError::NeedsCheck));
}

#[test]
fn a_check_that_a_failed_callback_asked_for_replays() {
    let mut pair = signed_in();
    pair.app.records = Some(Vec::new());
    for (check, ..) in [ENDED, UNDECIDED] {
        pair.app.check = check;
        let path = format!("/auth/callback/dev?code=c&state={}", "s".repeat(43));
        let cookies = pair.cookie_header();
        pair.send(Request::get(path).header("cookie", cookies).header("accept", "*/*"));
        let record = pair.app.records.as_mut().unwrap().pop().unwrap();
        assert!(record.actions()[0].starts_with("CheckSession"), "{record}");
        assert_eq!(record.replay(&pair.app.auth), Ok(()), "{record}");
        let read: aura_replay::Transcript = record.to_string().parse().unwrap();
        assert_eq!(read, record);
    }
}

#[test]
fn an_ended_session_is_refused_as_a_missing_one_is() {
    let error = aura_proto::Error::from(SessionError::Ended);
    assert_eq!(error, RequestError::SessionEnded.into());
    let mut pair = signed_in();
    pair.app.check = ENDED.0;
    let answer = pair.session();
    assert_eq!(answer.json["authenticated"], false);
    assert_eq!(answer.json["session"], serde_json::Value::Null);
}
