//! Scenarios of a site that checks sessions, which every host passes with the same answers.

use super::site::Site;
use super::visitor::{Answer, Visitor};
use aura_proto::SessionDecision;
use aura_tests::{location, read_json, text};

const PERSON: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];

pub(crate) async fn a_session_that_the_application_ends_is_over_on_every_path(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    assert_eq!(visitor.get("/auth/session").await.status(), 200);
    assert_eq!(visitor.get("/account").await.status(), 200);
    let token = visitor.csrf_token().await;
    assert_eq!(visitor.send("POST", "/api/greeting", &[("x-csrf-token", &token)], "").await.status(), 200);
    let cookies = visitor.cookies.clone();
    site.events();

    site.decide(SessionDecision::end("banned"));
    // By the route and by a guard, for programs and for people.
    for (path, headers, status) in
        [("/auth/session", &[][..], 401), ("/account", &[][..], 401), ("/account", &PERSON[..], 302)]
    {
        visitor.cookies.clone_from(&cookies);
        let refused = visitor.send("GET", path, headers, "").await;
        assert_eq!(refused.status(), status, "{path}");
        if status == 302 {
            assert_eq!(location(&refused), "/auth/signIn/dev?redirectTo=%2Faccount");
        }
        assert!(visitor.cookies.is_empty(), "{path}: {:?}", visitor.cookies.keys());
        assert_eq!(site.events(), ["SESSION_ENDED"], "{path}");
    }

    // By readings of the session alone, which renew nothing and clear nothing.
    visitor.cookies.clone_from(&cookies);
    assert!(text(&visitor.get("/").await).contains("Sign in with Dev"));
    let greeting = visitor.send("POST", "/api/greeting", &[("x-csrf-token", &token)], "").await;
    assert_eq!((greeting.status().as_u16(), &read_json(&greeting)["reason"]), (401, &"session_ended".into()));

    // By a route that changes something.
    let changed = visitor.send("PATCH", "/auth/session", &[("x-csrf-token", &token)], "{}").await;
    assert_eq!((changed.status().as_u16(), visitor.cookies.len()), (401, 0));
    visitor.answers
}

pub(crate) async fn a_check_that_fails_refuses_and_clears_nothing(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    visitor.sign_in().await;
    let cookies = visitor.cookies.clone();
    site.decide(SessionDecision::Unavailable);
    for (path, headers) in [("/auth/session", &[][..]), ("/account", &[][..]), ("/account", &PERSON[..])] {
        let refused = visitor.send("GET", path, headers, "").await;
        assert_eq!(read_json(&refused)["reason"], "session_check_unavailable", "{path}");
        assert_eq!((refused.status().as_u16(), &visitor.cookies), (503, &cookies), "{path}");
    }
    site.decide(SessionDecision::Continue);
    assert_eq!(visitor.get("/account").await.status(), 200);
    visitor.answers
}
