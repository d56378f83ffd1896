//! Signed-out means signed-out: every name, chunk and attempt is cleared.

use crate::site::{AUTH, CSRF, HELD, Jar, NOW, SESSION, begin, cookie_header, keep, run};
use aura_proto::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn signing_out_leaves_nothing_of_ours(
        attempts in prop::collection::vec(any::<u8>(), 0..8),
        chunks in prop::collection::vec(("(__Secure-aura-auth\\.session_token\\.[1-4]|__Secure-aura-auth\\.access_token\\.(dev|other)(\\.[1-4])?)", "[A-Za-z0-9_-]{1,40}"), 0..10),
        foreign in prop::collection::vec(("[a-z]{1,8}", "[a-z]{0,8}"), 0..5),
        signed_in: bool,
        later in 0_u64..100_000,
    ) {
        let mut jar: Jar = chunks.into_iter().collect();
        jar.extend(attempts.iter().map(|seed| begin("dev", "/", *seed).cookie));
        if signed_in {
            jar.extend(HELD.session.clone());
        }
        let foreign: Jar = foreign.into_iter().collect();
        jar.extend(foreign.clone());
        let csrf = &HELD.csrf[if signed_in { 0 } else { 1 }];
        jar.insert(CSRF.to_owned(), csrf.clone());
        let request = Request::post("/auth/signOut?token_type_hint=session_token&redirect=false")
            .header(header::COOKIE, cookie_header(&jar))
            .header("x-csrf-token", csrf);
        let run = run(request.body(Bytes::new()).unwrap(), &[], true, NOW + later, [7; 32]);
        prop_assert_eq!(run.response.status(), 202);
        keep(&mut jar, run.response.headers());
        prop_assert_eq!(&jar, &foreign);
        let headers: HeaderMap = [(header::COOKIE, cookie_header(&jar).parse().unwrap())].into_iter().collect();
        prop_assert!(AUTH.session(&headers, UnixTime::from_secs(NOW + later)).is_err());
        prop_assert!(!jar.contains_key(SESSION));
    }
}
