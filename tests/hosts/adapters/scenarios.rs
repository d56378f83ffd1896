//! Scenarios that every host passes with the same answers.

use super::provider::Mood;
use super::site::{Host, Site, auth};
use super::visitor::{Answer, Visitor};
use aura_replay::Transcript;
use aura_tests::{location, read_json, text};
use bytes::Bytes;
use http::Response;
use http::header::{self, HeaderName};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const SIGN_OUT: &str = "/auth/signOut?token_type_hint=session_token";
const PERSON: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) async fn a_user_signs_in(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    assert_eq!(visitor.get("/auth/session").await.status(), 401);
    visitor.sign_in().await;
    let session = visitor.get("/auth/session").await;
    assert_eq!(read_json(&session)["user"]["sub"], "ada");
    assert!(text(&visitor.get("/account").await).contains("Ada &lt;Lovelace&gt;"));
    assert!(text(&visitor.get("/").await).contains("You are signed in as"));
    assert_eq!(
        site.events(),
        [
            "SIGN_IN_INITIATED",
            "OAUTH_ACCESS_TOKEN_SUCCESS",
            "OAUTH_USERINFO_SUCCESS",
            "OAUTH_CALLBACK_SUCCESS"
        ]
    );
    visitor.answers
}

pub(crate) async fn a_cancelled_sign_in_signs_nobody_in(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    let callback = visitor.begin("/account").await;
    let cancelled = visitor.get(&format!("{callback}&error=access_denied")).await;
    assert_eq!(
        (cancelled.status().as_u16(), read_json(&cancelled)["reason"].as_str()),
        (403, Some("access_denied"))
    );

    let callback = visitor.begin("/account").await;
    let cancelled = visitor.send("GET", &format!("{callback}&error=access_denied"), &PERSON, "").await;
    assert_eq!(
        location(&cancelled),
        "/failed?error=AUTH_PROVIDER_REJECTED&reason=access_denied&provider=dev&redirectTo=%2Faccount"
    );
    assert_eq!((visitor.get("/auth/session").await.status().as_u16(), site.provider.asked()), (401, 0));
    visitor.answers
}

pub(crate) async fn two_tabs_sign_in_side_by_side(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    let (first, second) = (visitor.begin("/first").await, visitor.begin("/second").await);
    assert_eq!(visitor.cookies.len(), 2);
    // A callback clears every attempt, so each tab arrives with the cookies of before.
    let cookies = visitor.cookies.clone();
    for (callback, page) in [(second, "/second"), (first, "/first")] {
        visitor.cookies.clone_from(&cookies);
        let arrived = visitor.get(&format!("{callback}&code=c")).await;
        assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, page));
    }
    assert_eq!(visitor.get("/auth/session").await.status(), 200);
    visitor.answers
}

pub(crate) async fn a_script_signs_out_by_header(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    assert_eq!(visitor.send("POST", SIGN_OUT, &[], "").await.status(), 403);
    let token = visitor.csrf_token().await;
    let signed_out = visitor.send("POST", SIGN_OUT, &[("x-csrf-token", &token)], "").await;
    assert_eq!((signed_out.status().as_u16(), visitor.cookies.len()), (202, 0));
    assert_eq!(visitor.get("/auth/session").await.status(), 401);
    visitor.answers
}

pub(crate) async fn a_page_signs_out_by_form(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    let token = visitor.csrf_token().await;
    let form = format!("token_type_hint=session_token&redirectTo=/&csrfToken={token}");
    let signed_out = visitor.send("POST", "/auth/signOut", &[FORM], form).await;
    assert_eq!((signed_out.status().as_u16(), location(&signed_out).as_str()), (303, "/"));
    assert_eq!((visitor.cookies.len(), visitor.get("/auth/session").await.status().as_u16()), (0, 401));
    visitor.answers
}

pub(crate) async fn a_session_is_renewed_by_its_route_and_by_the_guard(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    for path in ["/auth/session", "/account"] {
        assert!(!visitor.get(path).await.headers().contains_key(header::SET_COOKIE), "{path}");
        site.advance(Duration::from_secs(2000));
        let renewed = visitor.get(path).await;
        assert_eq!((renewed.status().as_u16(), text_of(&renewed, header::CACHE_CONTROL)), (200, "no-store"));
        assert_eq!(renewed.headers().get_all(header::SET_COOKIE).iter().count(), 1, "{path}");
    }
    // Without renewal it would have ended by now.
    assert_eq!(visitor.get("/account").await.status(), 200);
    assert_eq!(site.events().iter().filter(|event| **event == "SESSION_REFRESHED").count(), 2);
    site.advance(Duration::from_secs(3600));
    assert_eq!(visitor.get("/account").await.status(), 401);
    visitor.answers
}

pub(crate) async fn a_long_profile_makes_a_session_in_chunks(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    site.provider.becomes(Mood::AnswersAtLength);
    visitor.sign_in().await;
    assert!(visitor.cookies.len() > 2, "{:?}", visitor.cookies.keys());
    assert_eq!(visitor.get("/account").await.status(), 200);
    site.provider.becomes(Mood::Answers);
    visitor.sign_in().await;
    assert_eq!(
        visitor.cookies.keys().collect::<Vec<_>>(),
        ["aura-auth.csrf_token", "aura-auth.session_token"]
    );
    assert_eq!(visitor.get("/auth/session").await.status(), 200);
    visitor.answers
}

pub(crate) async fn a_wrong_method_is_405_and_a_wrong_path_404(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for (method, path, allow) in [
        ("POST", "/auth/session", "GET, HEAD, PATCH"),
        ("DELETE", "/auth/signOut", "POST"),
        ("PUT", "/auth/csrfToken", "GET, HEAD"),
        ("POST", "/auth/signIn/dev", "GET"),
        ("HEAD", "/auth/signIn/dev", "GET"),
        ("HEAD", "/auth/callback/dev", "GET"),
        ("OPTIONS", "/auth/session", "GET, HEAD, PATCH"),
    ] {
        let answer = visitor.send(method, path, &[], "").await;
        assert_eq!(
            (answer.status().as_u16(), text_of(&answer, header::ALLOW)),
            (405, allow),
            "{method} {path}"
        );
    }
    for (path, status) in [("/auth", 404), ("/auth/", 404), ("/auth/none", 404), ("/auth/signIn/%ff", 422)] {
        assert_eq!(visitor.get(path).await.status(), status, "{path}");
    }
    assert_eq!(visitor.get("/authors").await.status(), 404);
    visitor.answers
}

pub(crate) async fn a_head_is_its_get_without_the_body(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for (path, status) in [("/auth/session", 401), ("/auth/csrfToken", 200)] {
        let get = visitor.get(path).await;
        let head = visitor.send("HEAD", path, &[], "").await;
        assert_eq!((head.status().as_u16(), text(&head)), (status, ""));
        assert_eq!(head.headers()[header::CONTENT_LENGTH], get.body().len().to_string());
    }
    visitor.answers
}

pub(crate) async fn a_body_of_64_kib_is_read_and_one_byte_more_refused(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for (length, status) in [(64 * 1024, 403), (64 * 1024 + 1, 413), (1024 * 1024, 413)] {
        let answer = visitor.send("POST", SIGN_OUT, &[FORM], vec![b'x'; length]).await;
        assert_eq!(answer.status(), status, "{}", text(&answer));
    }
    visitor.answers
}

pub(crate) async fn a_slow_provider_holds_up_nobody_else(site: &Site) -> Vec<Answer> {
    let (mut slow, mut visitor) = (Visitor::new(site), Visitor::new(site));
    site.provider.becomes(Mood::Hangs);
    let callback = slow.begin("/account").await;
    let waiting = tokio::spawn(async move {
        let arrived = slow.get(&format!("{callback}&code=c")).await;
        (location(&arrived), slow.answers)
    });
    until(|| site.provider.under_way() == 1).await;
    assert_eq!(visitor.get("/auth/session").await.status(), 401);
    visitor.begin("/").await;
    site.provider.becomes(Mood::Answers);
    let (page, answers) = waiting.await.unwrap();
    assert_eq!(page, "/account");
    [answers, visitor.answers].concat()
}

pub(crate) async fn two_hundred_who_wait_for_a_provider_hold_up_nobody_else(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    site.provider.becomes(Mood::Hangs);
    let callback = format!("{}&code=c", visitor.begin("/account").await);
    let mut waiting = JoinSet::new();
    // One after the other: of a burst, `tiny_http` may leave a connection unread until another one ends.
    for count in 1..=200 {
        let mut slow = Visitor::new(site);
        slow.cookies.clone_from(&visitor.cookies);
        let callback = callback.clone();
        waiting.spawn(async move { slow.get(&callback).await.status().as_u16() });
        until(|| site.provider.under_way() == count).await;
    }
    for (path, status) in
        [("/auth/session", 401), ("/auth/csrfToken", 200), ("/auth/signIn/dev", 302), ("/", 200)]
    {
        assert_eq!(visitor.get(path).await.status(), status, "{path}");
    }
    assert_eq!(site.provider.under_way(), 200);
    site.provider.becomes(Mood::Answers);
    assert!(waiting.join_all().await.into_iter().all(|status| status == 302));
    visitor.answers
}

pub(crate) async fn a_provider_that_is_down_fails_the_sign_in_alone(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for (mood, reason) in [(Mood::Down, "token_unreachable"), (Mood::Silent, "token_unreachable")] {
        site.provider.becomes(mood);
        let callback = visitor.begin("/account").await;
        // One long word: drawn stand-ins may contain a short one.
        let failed = visitor.get(&format!("{callback}&code=grantedtoadalovelace")).await;
        assert_eq!((failed.status().as_u16(), read_json(&failed)["reason"].as_str()), (502, Some(reason)));
        assert_eq!(visitor.get("/auth/session").await.status(), 401);
        let [failure] = <[Transcript; 1]>::try_from(site.failures()).unwrap();
        assert!(!failure.to_string().contains("grantedtoadalovelace"), "{failure}");
        assert!(failure.to_string().contains(reason), "{failure}");
        assert_eq!(failure.replay(&auth(&site.origin)), Ok(()));
    }
    site.provider.becomes(Mood::Answers);
    visitor.sign_in().await;
    assert!(site.failures().is_empty());
    visitor.answers
}

pub(crate) async fn a_client_that_goes_away_leaves_the_site_as_it_was(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    let callback = visitor.begin("/account").await;
    hang_up(site, &visitor, &format!("{callback}&code=c")).await;
    if site.host == Host::Blocking {
        // A thread cannot be stopped from outside: its exchange takes its time.
        site.provider.becomes(Mood::Answers);
    }
    until(|| site.provider.under_way() == 0).await;
    site.provider.becomes(Mood::Answers);
    // Nothing lives between two requests but cookies: the same callback finishes what was begun.
    let arrived = visitor.get(&format!("{callback}&code=c")).await;
    assert_eq!(location(&arrived), "/account");
    assert_eq!(visitor.get("/auth/session").await.status(), 200);
    visitor.answers
}

/// Sends a request, and closes the connection while the provider hangs.
pub(super) async fn hang_up(site: &Site, visitor: &Visitor, path: &str) {
    site.provider.becomes(Mood::Hangs);
    let mut stream = TcpStream::connect(site.origin.strip_prefix("http://").unwrap()).await.unwrap();
    let (host, cookies) = (&site.origin["http://".len()..], visitor.cookies.header());
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    until(|| site.provider.under_way() == 1).await;
}

pub(crate) async fn two_hundred_sign_ins_at_once_all_work(site: &Site) -> Vec<Answer> {
    let mut sign_ins = JoinSet::new();
    for _ in 0..200 {
        let mut visitor = Visitor::new(site);
        sign_ins.spawn(async move {
            visitor.sign_in().await;
            assert_eq!(visitor.get("/auth/session").await.status(), 200);
            visitor.answers
        });
    }
    let answers = sign_ins.join_all().await;
    assert_eq!(site.provider.asked(), 400);
    assert!(answers.iter().all(|same| *same == answers[0]));
    answers.into_iter().next().unwrap()
}

pub(crate) async fn a_guard_refuses_programs_and_sends_people_to_sign_in(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    let (refused, route) = (visitor.get("/account").await, visitor.get("/auth/session").await);
    assert_eq!((refused.status().as_u16(), text(&refused)), (401, text(&route)));
    let script = [PERSON[0], ("sec-fetch-mode", "cors")];
    assert_eq!(visitor.send("GET", "/account", &script, "").await.status(), 401);
    assert_eq!(visitor.send("GET", "/account", &[("accept", "text/html;q=0, */*")], "").await.status(), 401);
    for fields in [&PERSON[..], &PERSON[..1]] {
        let sent = visitor.send("GET", "/account?tab=2&x=%C3%A9", fields, "").await;
        let expected = "/auth/signIn/dev?redirectTo=%2Faccount%3Ftab%3D2%26x%3D%25C3%25A9";
        assert_eq!((sent.status().as_u16(), location(&sent).as_str()), (302, expected));
    }
    let sent = visitor.send("GET", "/account?tab=2", &PERSON, "").await;
    assert_eq!(visitor.get(&location(&sent)).await.status(), 302);
    // A cookie that is no session is cleared on the way.
    visitor.cookies.insert("aura-auth.session_token".into(), "garbage".into());
    visitor.get("/account").await;
    assert!(!visitor.cookies.contains_key("aura-auth.session_token"));
    visitor.answers
}

pub(crate) async fn an_api_needs_a_session_and_a_csrf_token(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    assert_eq!(visitor.send("POST", "/api/greeting", &[], "").await.status(), 401);
    visitor.sign_in().await;
    let forged = visitor.send("POST", "/api/greeting", &[], "").await;
    assert_eq!(
        (forged.status().as_u16(), read_json(&forged)["code"].as_str()),
        (403, Some("CSRF_DOUBLE_SUBMIT_FAILED"))
    );
    let token = visitor.csrf_token().await;
    let own = ("x-csrf-token", token.as_str());
    let foreign = visitor.send("POST", "/api/greeting", &[own, ("origin", "https://evil.test")], "").await;
    assert_eq!(
        (foreign.status().as_u16(), read_json(&foreign)["reason"].as_str()),
        (403, Some("cross_site"))
    );
    let greeted = visitor.send("POST", "/api/greeting", &[own], "").await;
    assert_eq!(read_json(&greeted)["greeting"], "Hello, Ada <Lovelace>");
    visitor.answers
}

pub(crate) async fn a_page_without_a_script_sends_a_form_and_signs_out(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    assert_eq!(visitor.get("/note").await.status(), 401);
    visitor.sign_in().await;
    let page = visitor.get("/note").await;
    assert_eq!(text_of(&page, header::CACHE_CONTROL), "no-store");
    let token = text(&page).split_once("name=\"csrfToken\" value=\"").unwrap().1;
    let token = token.split_once('"').unwrap().0.to_owned();

    let unproved = visitor.send("POST", "/note", &[FORM], "text=x").await;
    assert_eq!(
        (unproved.status().as_u16(), read_json(&unproved)["reason"].as_str()),
        (403, Some("csrf_token_missing"))
    );
    let foreign = [FORM, ("origin", "https://evil.test")];
    assert_eq!(
        visitor.send("POST", "/note", &foreign, format!("text=x&csrfToken={token}")).await.status(),
        403
    );
    let other = visitor.send("POST", "/note", &[FORM], format!("csrfToken={token}")).await;
    assert_eq!(
        (other.status().as_u16(), read_json(&other)["reason"].as_str()),
        (400, Some("malformed_body"))
    );
    let noted = visitor.send("POST", "/note", &[FORM], format!("text=a+%3Cb%3E&csrfToken={token}")).await;
    assert!(text(&noted).contains("Ada &lt;Lovelace&gt; wrote: a &lt;b&gt;"), "{}", text(&noted));

    // The page's second form has the same token: the browser has it already.
    let form = format!("csrfToken={token}&token_type_hint=session_token");
    let signed_out = visitor.send("POST", "/auth/signOut", &[FORM, PERSON[0]], form).await;
    assert_eq!((signed_out.status().as_u16(), location(&signed_out).as_str()), (303, "/"));
    assert_eq!(visitor.get("/note").await.status(), 401);
    visitor.answers
}

fn text_of(response: &Response<Bytes>, name: HeaderName) -> &str {
    response.headers()[name].to_str().unwrap()
}

/// Waits for what another task or thread does; a test that waits in vain is ended by its time.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
