//! A session's `exp` never exceeds its beginning and the maximum duration, however it is renewed, updated or read again.

use crate::site::{AUTH, CSRF, HELD, Jar, MAX_AGE, MAX_DURATION, NOW, cookie_header, keep, run};
use aura_proto::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use proptest::prelude::*;

/// What a page does with a session.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read,
    Update,
    ReadProfile,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_sequence_of_renewals_outlives_the_maximum_duration(
        steps in prop::collection::vec((prop_oneof![Just(Step::Read), Just(Step::Update), Just(Step::ReadProfile)], 0..3700_u64), 0..12),
    ) {
        let mut jar: Jar = HELD.session.clone();
        jar.insert(CSRF.to_owned(), HELD.csrf[0].clone());
        let mut now = NOW;
        let mut alive = true;
        for (step, later) in steps {
            now += later;
            let request = match step {
                Step::Read => Request::get("/auth/session"),
                Step::Update => Request::patch("/auth/session").header(header::CONTENT_TYPE, "application/json"),
                Step::ReadProfile => Request::post("/auth/providers/dev/user/refresh"),
            };
            let body = match step {
                Step::Update => r#"{"user":{"name":"Ada L."}}"#,
                Step::Read | Step::ReadProfile => "",
            };
            let request = request.header(header::COOKIE, cookie_header(&jar)).header("x-csrf-token", &HELD.csrf[0]);
            let token = r#"{"access_token":"given-access-token-2","expires_in":60}"#;
            let user = r#"{"id":"ada","name":"Ada"}"#;
            let answer = |body: &'static str| Ok((200, "application/json".to_owned(), Bytes::from_static(body.as_bytes())));
            // The access token may have to be renewed first.
            let answers = if now >= NOW + 3600 - 60 { vec![answer(token), answer(user)] } else { vec![answer(user); 2] };
            let run = run(request.body(Bytes::from_static(body.as_bytes())).unwrap(), &answers, true, now, [6; 32]);
            keep(&mut jar, run.response.headers());
            let headers: HeaderMap = [(header::COOKIE, cookie_header(&jar).parse().unwrap())].into_iter().collect();
            match AUTH.session(&headers, UnixTime::from_secs(now)) {
                Ok(session) => {
                    prop_assert!(alive, "a session that ended is back");
                    prop_assert!(session.expires_at.as_secs() <= NOW + MAX_DURATION);
                    prop_assert!(session.expires_at.as_secs() <= now + MAX_AGE);
                    prop_assert_eq!(session.latest, Some(UnixTime::from_secs(NOW + MAX_DURATION)));
                }
                Err(_) => alive = false,
            }
        }
        prop_assert!(now < NOW + MAX_DURATION || !alive || now == NOW);
    }
}
