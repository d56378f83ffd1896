//! Generators of browsers: their own cookies, planted cookies, and other request headers.

use crate::any::MARK;
use crate::site::{CSRF, Jar, SESSION, Which};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Percent-encoded text: marked, empty, long or odd.
pub(crate) fn text() -> BoxedStrategy<String> {
    let raw = prop_oneof![
        Just(MARK.to_owned()),
        Just(format!("{MARK}\r\nset-cookie: {MARK}=1")),
        Just(format!("\"><script>{MARK}</script>")),
        Just(String::new()),
        "\\PC{1,20}",
        "[ -~]{1,40}",
        Just(MARK.repeat(300)),
    ];
    raw.prop_map(|text| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()).boxed()
}

pub(crate) fn redirect_to() -> BoxedStrategy<String> {
    let target = prop_oneof![
        Just("/after?x=1#y".to_owned()),
        Just("https://a.friend.test/after".to_owned()),
        Just("https://app.test/own".to_owned()),
        Just(format!("/{MARK}")),
        Just(format!("https://evil.test/{MARK}")),
        "(/|\\\\|\\.|:|@|%2f|%5c|https?:|evil\\.test|app\\.test|a\\.friend\\.test|\t|\\?|#|[ -~]){0,8}",
    ];
    target.prop_map(|target| utf8_percent_encode(&target, NON_ALPHANUMERIC).to_string()).boxed()
}

pub(crate) fn headers(which: Which) -> BoxedStrategy<Vec<(String, String)>> {
    let [user, nobody] = which.site().held.csrf.clone();
    let csrf = vec![user.clone(), user.clone(), user, nobody];
    let csrf = select(csrf).prop_map(|token| ("x-csrf-token".to_owned(), token));
    let sites = select(vec!["same-origin", "none", "cross-site"]);
    let origins = select(vec!["https://app.test", "https://a.friend.test", "https://evil.test", "null"]);
    let header = prop_oneof![
        2 => sites.prop_map(|site| ("sec-fetch-site".to_owned(), site.to_owned())),
        2 => origins.prop_map(|origin| ("origin".to_owned(), origin.to_owned())),
        2 => Just(("accept".to_owned(), "text/html".to_owned())),
        2 => (
            "(x-csrf-token|host|referer|content-type|accept|purpose|sec-purpose|forwarded|x-forwarded-host|x-forwarded-proto|user-agent)",
            prop_oneof![Just(MARK.to_owned()), "[ -~]{0,40}", Just("text/html".to_owned()), Just("prefetch".to_owned())],
        ),
    ];
    (prop::option::weighted(0.7, csrf), prop::collection::vec(header, 0..2))
        .prop_map(|(csrf, headers)| csrf.into_iter().chain(headers).collect())
        .boxed()
}

pub(crate) fn body(which: Which) -> BoxedStrategy<String> {
    let csrf = select(which.site().held.csrf.to_vec());
    prop_oneof![
        4 => Just(String::new()),
        1 => Just(format!(r#"{{"user":{{"name":"{MARK}"}},"role":"{MARK}"}}"#)),
        1 => Just(r#"{"name":"Ada L."}"#.to_owned()),
        1 => csrf.prop_map(|token| format!("csrfToken={token}&token_type_hint=session_token")),
        1 => "\\PC{0,40}",
    ]
    .boxed()
}

/// Cookies that are sent beside those of the jar.
type Beside = [Vec<(String, String)>; 2];

/// What the browser holds: all or some of what is real, some of it altered, some that others planted; and beside it, more
/// cookies of the same names.
pub(crate) fn cookies(which: Which) -> BoxedStrategy<(Jar, Beside)> {
    let held = &which.site().held;
    let csrf = select(vec![0, 0, 0, 1]).prop_map(|whose: usize| (CSRF.to_owned(), held.csrf[whose].clone()));
    let attempts = held.attempts.iter().map(|attempt| attempt.cookie.clone());
    let real: Vec<_> = held.session.clone().into_iter().chain(attempts).collect();
    let count = real.len();
    let some = prop_oneof![Just(real.clone()), prop::sample::subsequence(real, 0..=count)];
    let altered = prop::option::weighted(0.1, any::<Index>());
    let beside = prop_oneof![
        4 => Just(Beside::default()),
        1 => (beside(which), beside(which)).prop_map(|(before, after)| [before, after]),
    ];
    (some, prop::option::weighted(0.8, csrf), prop::collection::vec(planted(which), 0..3), altered, beside)
        .prop_map(|(some, csrf, planted, altered, beside)| {
            let mut jar: Jar = planted.into_iter().collect();
            jar.extend(some);
            jar.extend(csrf);
            if let (Some(index), false) = (altered, jar.is_empty()) {
                let name = index.get(&jar.keys().cloned().collect::<Vec<_>>()).clone();
                let value = jar.remove(&name).unwrap_or_default();
                jar.insert(name, alter(&value));
            }
            (jar, beside)
        })
        .boxed()
}

/// Cookies that somebody else planted.
fn planted(which: Which) -> BoxedStrategy<(String, String)> {
    let name = prop_oneof![
        5 => "(__Host-aura-auth\\.state\\.[a-z]{8}|__Host-aura-auth\\.session_token(\\.[1-9])?|aura-auth\\.[a-z]{1,5}|[a-z]{1,4})",
        1 => select(which.ids()).prop_map(|id| format!("__Host-aura-auth.access_token.{id}")),
    ];
    (name, "[!-~&&[^;]]{0,30}").boxed()
}

/// Cookies of the names that the browser holds, with values of others, altered ones, or any.
fn beside(which: Which) -> BoxedStrategy<Vec<(String, String)>> {
    let held = &which.site().held;
    let names: Vec<_> = held
        .session
        .keys()
        .cloned()
        .chain(held.attempts.iter().map(|attempt| attempt.cookie.0.clone()))
        .chain([CSRF.to_owned()])
        .collect();
    let values: Vec<_> = held
        .session
        .values()
        .cloned()
        .chain(held.attempts.iter().map(|attempt| attempt.cookie.1.clone()))
        .chain(held.csrf.clone())
        .collect();
    let value = prop_oneof![
        2 => select(values.clone()),
        2 => select(values).prop_map(|value| alter(&value)),
        1 => "[!-~&&[^;]]{0,30}",
    ];
    let of_others = Just((SESSION.to_owned(), held.other_session.clone()));
    prop::collection::vec(prop_oneof![3 => (select(names), value), 1 => of_others], 0..2).boxed()
}

/// Changes the last but one character, all of whose bits count.
pub(crate) fn alter(value: &str) -> String {
    let mut bytes = value.as_bytes().to_vec();
    let at = bytes.len().saturating_sub(2);
    if let Some(byte) = bytes.get_mut(at) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    String::from_utf8(bytes).unwrap_or_default()
}
