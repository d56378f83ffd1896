//! Any request, any cookies, any list of provider answers: near enough to what is meant that each check is reached, and
//! far enough from it that each is needed.

use crate::site::{CSRF, HELD, Jar, NOW, Outcome, PROVIDERS, Run, SESSION, cookie_header, run};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// Text that a generator puts wherever text can stand.
pub(crate) const MARK: &str = "Mark3dText";

/// A request, what the browser holds, and what the provider and the application will say.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) jar: Jar,
    pub(crate) body: String,
    pub(crate) answers: Vec<Outcome>,
    pub(crate) admits: bool,
    /// Seconds since [`NOW`].
    pub(crate) later: u64,
    pub(crate) seed: [u8; 32],
}

impl Scene {
    /// Plays the scene, where its request is one.
    pub(crate) fn play(&self) -> Option<Run> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            request = request
                .header(HeaderName::try_from(name).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        if !self.jar.is_empty() {
            request = request
                .header(header::COOKIE, HeaderValue::from_bytes(cookie_header(&self.jar).as_bytes()).ok()?);
        }
        let request = request.body(Bytes::from(self.body.clone())).ok()?;
        Some(run(request, &self.answers, self.admits, NOW + self.later, self.seed))
    }
}

/// Any scene.
pub(crate) fn scene() -> BoxedStrategy<Scene> {
    let first = (request(), jar(), answers(), prop::bool::weighted(0.9));
    (first, select(vec![0, 0, 0, 0, 1, 599, 600, 601, 3560, 3560, 3599, 3600, 20_000]), any::<[u8; 32]>())
        .prop_map(|((request, jar, answers, admits), later, seed)| {
            let (method, target, headers, body) = request;
            Scene { method, target, headers, jar, body, answers, admits, later, seed }
        })
        .boxed()
}

/// A callback of a sign-in that was begun, more often right than wrong.
pub(crate) fn callback_scene() -> BoxedStrategy<Scene> {
    (scene(), callback(), 0..2_usize)
        .prop_map(|(scene, target, own)| {
            let mut jar = scene.jar.clone();
            if own == 0 {
                jar.extend(HELD.attempts.iter().map(|attempt| attempt.cookie.clone()));
            }
            Scene { method: "GET".to_owned(), target, jar, body: String::new(), ..scene }
        })
        .boxed()
}

type AnyRequest = (String, String, Vec<(String, String)>, String);

fn request() -> BoxedStrategy<AnyRequest> {
    let right = |method: &'static str, target: BoxedStrategy<String>| (Just(method), target);
    let request = prop_oneof![
        3 => right("GET", callback()),
        2 => right("GET", sign_in()),
        2 => right("GET", reading()),
        2 => right("POST", acting()),
        1 => right("PATCH", Just("/auth/session".to_owned()).boxed()),
        1 => (
            select(vec!["GET", "POST", "PATCH", "DELETE", "HEAD", "PUT"]),
            prop_oneof![callback(), sign_in(), reading(), acting(), garbage_path()].boxed(),
        ),
    ];
    (request, headers(), body())
        .prop_map(|((method, target), headers, body)| (method.to_owned(), target, headers, body))
        .boxed()
}

fn callback() -> BoxedStrategy<String> {
    let state = |at: usize| HELD.attempts[at].state.clone();
    let matching = (0..2_usize).prop_map(move |at| (PROVIDERS[at].to_owned(), state(at)));
    let of_another = (0..2_usize).prop_map(move |at| (PROVIDERS[1 - at].to_owned(), state(at)));
    let altered = (0..2_usize).prop_map(move |at| (PROVIDERS[at].to_owned(), format!("{}x", state(at))));
    let meant = prop_oneof![8 => matching, 1 => of_another, 1 => altered, 1 => (provider(), text())];
    let code = prop_oneof![
        8 => Just("code=the-code-0123456789".to_owned()),
        1 => text().prop_map(|text| format!("code={text}")),
        1 => Just("error=access_denied".to_owned()),
        1 => text().prop_map(|text| format!("error={text}")),
    ];
    let extra = prop_oneof![
        8 => Just(String::new()),
        1 => text().prop_map(|text| format!("&iss={text}")),
        1 => text().prop_map(|text| format!("&state={text}")),
    ];
    (meant, code, extra)
        .prop_map(|((provider, state), code, extra)| {
            format!("/auth/callback/{provider}?{code}&state={state}{extra}")
        })
        .boxed()
}

fn sign_in() -> BoxedStrategy<String> {
    (provider(), redirect_to(), select(vec!["", "&redirect=false", "&redirect=maybe"]))
        .prop_map(|(provider, target, redirect)| {
            format!("/auth/signIn/{provider}?redirectTo={target}{redirect}")
        })
        .boxed()
}

/// What pages read.
fn reading() -> BoxedStrategy<String> {
    prop_oneof![
        2 => Just("/auth/session".to_owned()),
        1 => Just("/auth/csrfToken".to_owned()),
        1 => provider().prop_map(|provider| format!("/auth/providers/{provider}")),
        3 => provider().prop_map(|provider| format!("/auth/providers/{provider}/tokens")),
    ]
    .boxed()
}

/// What pages do.
fn acting() -> BoxedStrategy<String> {
    let sign_out = (redirect_to(), any::<bool>()).prop_map(|(target, redirect)| {
        format!("/auth/signOut?token_type_hint=session_token&redirect={redirect}&redirectTo={target}")
    });
    prop_oneof![
        sign_out,
        provider().prop_map(|provider| format!("/auth/providers/{provider}/tokens/revoke")),
        provider().prop_map(|provider| format!("/auth/providers/{provider}/user/refresh")),
    ]
    .boxed()
}

fn garbage_path() -> BoxedStrategy<String> {
    "/auth/[a-zA-Z/%.]{0,12}(\\?[!-~&&[^#]]{0,30})?".boxed()
}

fn provider() -> BoxedStrategy<String> {
    prop_oneof![9 => select(PROVIDERS.to_vec()).prop_map(str::to_owned), 1 => "[a-z%]{0,8}"].boxed()
}

/// Percent-encoded text: marked, empty, long or odd.
fn text() -> BoxedStrategy<String> {
    let raw = prop_oneof![
        Just(MARK.to_owned()),
        Just(format!("{MARK}\r\nset-cookie: {MARK}=1")),
        Just(String::new()),
        "\\PC{1,20}",
        "[ -~]{1,40}",
        Just(MARK.repeat(300)),
    ];
    raw.prop_map(|text| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()).boxed()
}

fn redirect_to() -> BoxedStrategy<String> {
    let target = prop_oneof![
        Just("/after?x=1#y".to_owned()),
        Just("https://a.friend.test/after".to_owned()),
        Just("https://app.test/own".to_owned()),
        Just(format!("https://evil.test/{MARK}")),
        "(/|\\\\|\\.|:|@|%2f|%5c|https?:|evil\\.test|app\\.test|a\\.friend\\.test|\t|\\?|#|[ -~]){0,8}",
    ];
    target.prop_map(|target| utf8_percent_encode(&target, NON_ALPHANUMERIC).to_string()).boxed()
}

fn headers() -> BoxedStrategy<Vec<(String, String)>> {
    let [user, nobody] = HELD.csrf.clone();
    let csrf = vec![user.clone(), user.clone(), user, nobody];
    let header = prop_oneof![
        8 => select(csrf).prop_map(|token| ("x-csrf-token".to_owned(), token)),
        1 => select(vec!["same-origin", "none", "cross-site"]).prop_map(|site| ("sec-fetch-site".to_owned(), site.to_owned())),
        1 => select(vec!["https://app.test", "https://a.friend.test", "https://evil.test", "null"])
            .prop_map(|origin| ("origin".to_owned(), origin.to_owned())),
        1 => (
            "(x-csrf-token|host|referer|content-type|accept|purpose|sec-purpose|forwarded|x-forwarded-host|x-forwarded-proto|user-agent)",
            prop_oneof![Just(MARK.to_owned()), "[ -~]{0,40}", Just("text/html".to_owned()), Just("prefetch".to_owned())],
        ),
    ];
    prop::collection::vec(header, 0..4).boxed()
}

fn body() -> BoxedStrategy<String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => Just(format!(r#"{{"user":{{"name":"{MARK}"}},"role":"{MARK}"}}"#)),
        1 => Just(r#"{"name":"Ada L."}"#.to_owned()),
        1 => select(HELD.csrf.to_vec()).prop_map(|token| format!("csrfToken={token}&token_type_hint=session_token")),
        1 => "\\PC{0,40}",
    ].boxed()
}

/// What the browser holds: all or some of what is real, some of it altered, and some that others planted.
fn jar() -> BoxedStrategy<Jar> {
    let csrf = select(vec![0, 0, 0, 1]).prop_map(|whose: usize| (CSRF.to_owned(), HELD.csrf[whose].clone()));
    let session: Vec<_> = HELD.session.clone().into_iter().collect();
    let attempts = HELD.attempts.iter().map(|attempt| attempt.cookie.clone());
    let real: Vec<_> = session.into_iter().chain(attempts).collect();
    let count = real.len();
    let some = prop_oneof![Just(real.clone()), prop::sample::subsequence(real, 0..=count)];
    let planted = (
        "(__Host-aura-auth\\.state\\.[a-z]{8}|__Secure-aura-auth\\.session_token(\\.[1-9])?|__Secure-aura-auth\\.access_token\\.dev|aura-auth\\.[a-z]{1,5}|[a-z]{1,4})",
        "[!-~&&[^;]]{0,30}",
    );
    let altered = prop::option::weighted(0.1, any::<prop::sample::Index>());
    let planted = prop::collection::vec(planted, 0..3);
    (some, prop::option::weighted(0.8, csrf), planted, altered)
        .prop_map(|(some, csrf, planted, altered)| {
            let mut jar: Jar = planted.into_iter().collect();
            jar.extend(some);
            jar.extend(csrf);
            if let (Some(index), false) = (altered, jar.is_empty()) {
                let name = index.get(&jar.keys().cloned().collect::<Vec<_>>()).clone();
                let value = jar.remove(&name).unwrap_or_default();
                jar.insert(name, alter(&value));
            }
            jar
        })
        .boxed()
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

/// Answers of a provider, the first two more often right than wrong.
pub(crate) fn answers() -> BoxedStrategy<Vec<Outcome>> {
    let right = |body: &'static str| {
        Just(Ok((200, "application/json".to_owned(), Bytes::from_static(body.as_bytes()))))
    };
    let token = prop_oneof![
        6 => right(r#"{"access_token":"given-access-token-2","token_type":"Bearer","expires_in":60}"#),
        1 => right(r#"{"access_token":"given-access-token-2","refresh_token":"given-refresh-token-2"}"#),
        3 => any_answer(),
    ];
    let userinfo = prop_oneof![
        6 => right(r#"{"id":"grace","name":"Mark3dText","email":"g@example.test"}"#),
        2 => right(r#"{"id":"ada"}"#),
        3 => any_answer(),
    ];
    (token, userinfo, prop::collection::vec(any_answer(), 0..4))
        .prop_map(|(token, userinfo, rest)| {
            let mut answers = vec![token, userinfo];
            answers.extend(rest);
            answers
        })
        .boxed()
}

fn any_answer() -> BoxedStrategy<Outcome> {
    let lost = select(vec![
        FetchError::TimedOut,
        FetchError::Unreachable,
        FetchError::Untrusted,
        FetchError::TooLarge,
    ]);
    let body = prop_oneof![
        "\\{\"(access_token|token_type|id|name|email|error|expires_in|refresh_token)\":([0-9]{1,3}|null|\"\"|\"Mark3dText\"|\\[\\]|true|\\{\\})\\}".prop_map(Bytes::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        Just(Bytes::from_static(br#"{"access_token":"given-access-token-2","access_token":"x"}"#)),
    ];
    let content_type = "(application/json|application/x-www-form-urlencoded|text/html|[!-~]{0,20})";
    prop_oneof![
        1 => lost.prop_map(Err),
        4 => (prop_oneof![4 => Just(200_u16), 1 => 200_u16..600], content_type, body).prop_map(Ok),
    ]
    .boxed()
}

/// Tells whether a jar holds the very session, not altered and not beside another.
pub(crate) fn holds_session(jar: &Jar) -> bool {
    jar.get(SESSION) == HELD.session.get(SESSION)
}

/// Scenes that never get anywhere would check nothing.
#[test]
fn scenes_reach_every_end() {
    let mut runner = TestRunner::deterministic();
    let mut ends = BTreeMap::<&'static str, usize>::new();
    for _ in 0..2000 {
        let scenes = (scene(), callback_scene()).new_tree(&mut runner).unwrap().current();
        for run in [scenes.0, scenes.1].iter().filter_map(Scene::play) {
            for event in run.events {
                *ends.entry(event.name()).or_default() += 1;
            }
        }
    }
    for (name, least) in [
        ("OAUTH_CALLBACK_SUCCESS", 200),
        ("SIGN_IN_INITIATED", 100),
        ("SIGN_OUT_SUCCESS", 5),
        ("SESSION_REFRESHED", 20),
        ("SESSION_UPDATED", 1),
        ("REVOKE_TOKEN_SUCCESS", 1),
        ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", 1),
        ("OAUTH_CALLBACK_REPEATED", 1),
        ("MISMATCHING_STATE", 20),
        ("MISMATCHING_PROVIDER", 1),
        ("OAUTH_PROTOCOL_ERROR", 20),
        ("USER_NOT_ADMITTED", 20),
        ("OPEN_REDIRECT_ATTACK", 20),
        ("UNTRUSTED_ORIGIN", 20),
        ("CSRF_TOKEN_INVALID", 5),
        ("OAUTH_ACCESS_TOKEN_REQUEST_FAILED", 20),
        ("OAUTH_USERINFO_ERROR", 5),
    ] {
        let reached = ends.get(name).copied().unwrap_or_default();
        assert!(reached >= least, "{name}: {reached} of {ends:#?}");
    }
}
