//! The site of every invariant: what is configured, what a browser of it may hold, and what comes out of one request.

use aura_proto::provider::{CustomProvider, Provider, TokenRetention};
use aura_proto::replay::{self, Recorder};
use aura_proto::{
    Action, Admission, Auth, ClientSecret, Entropy, Event, Expiration, Fetch, FetchError, Salt, Secret,
    SessionPolicy, UnixTime,
};
use aura_tests::{SALT, SECRET, Transcript};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use url::Url;

pub(crate) const NOW: u64 = 1_795_500_000;
pub(crate) const OWN: &str = "https://app.test";
pub(crate) const TRUSTED: &str = "https://*.friend.test";
pub(crate) const CLIENT_SECRET: &str = "dev-client-secret-0123456789";
pub(crate) const PROVIDERS: [&str; 2] = ["dev", "other"];
pub(crate) const SESSION: &str = "__Secure-aura-auth.session_token";
pub(crate) const CSRF: &str = "__Host-aura-auth.csrf_token";

/// How long sessions last from their beginning or renewal, and at most.
pub(crate) const MAX_AGE: u64 = 3600;
pub(crate) const MAX_DURATION: u64 = 4 * 3600;

pub(crate) static AUTH: LazyLock<Auth> = LazyLock::new(|| site(SECRET));

/// Makes the site, with a secret.
pub(crate) fn site(secret: &str) -> Auth {
    let provider = |id: &str| {
        Provider::from(CustomProvider {
            id: id.into(),
            name: id.into(),
            authorize_url: format!("https://{id}.idp.test/authorize?own=1"),
            token_url: format!("https://{id}.idp.test/token"),
            userinfo_url: format!("https://{id}.idp.test/userinfo"),
            client_id: format!("{id}-client"),
            client_secret: Some(ClientSecret::new(CLIENT_SECRET)),
            ..CustomProvider::default()
        })
    };
    let dev =
        provider("dev").tokens(TokenRetention::Readable).revocation_endpoint("https://dev.idp.test/revoke");
    let policy = SessionPolicy::default()
        .max_age(Duration::from_secs(MAX_AGE))
        .max_duration(Duration::from_secs(MAX_DURATION))
        .expiration(Expiration::Rolling)
        .editable(["name", "role"]);
    Auth::builder(Secret::new(secret).unwrap(), Salt::new(SALT).unwrap())
        .base_url(OWN)
        .trusted_origins([TRUSTED])
        .session(policy)
        .provider(dev)
        .provider(provider("other"))
        .build()
        .unwrap()
}

/// What a provider answers.
pub(crate) type Outcome = Result<(u16, String, Bytes), FetchError>;

/// What came out of one request.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) fetches: Vec<Request<Bytes>>,
    pub(crate) response: Response<Bytes>,
    pub(crate) events: Vec<Event>,
    /// `Debug` of everything on the way.
    pub(crate) shown: String,
    pub(crate) transcript: Transcript,
    pub(crate) recorded: replay::Transcript,
}

/// Answers a request. Where the list of answers ends, the provider is silent.
pub(crate) fn run(
    request: Request<Bytes>,
    answers: &[Outcome],
    admits: bool,
    now: u64,
    seed: [u8; 32],
) -> Run {
    let now = UnixTime::from_secs(now);
    let mut answers = answers.iter();
    let (mut fetches, mut shown, mut transcript) = (Vec::new(), String::new(), Transcript::default());
    let mut recorder = Recorder::new(&AUTH, &request, now, seed);
    let mut action = AUTH.handle(request, now, Entropy::from_os_bytes(seed));
    let (events, response) = loop {
        recorder.action(&action);
        shown.push_str(&format!("{action:?}\n"));
        transcript.record(&action);
        let mut fetch = |fetch: Fetch| {
            fetches.push(fetch.request);
            assert!(fetches.len() < 100, "the flow does not end");
            let outcome = answers.next().cloned().unwrap_or(Err(FetchError::TimedOut));
            let outcome = outcome.map(|(status, content_type, body)| {
                let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
                response.body(body).expect("a response")
            });
            recorder.outcome(&outcome, now);
            fetch.pending.resume(outcome, now)
        };
        action = match action {
            Action::Redirect(redirect) => break (redirect.events.clone(), redirect.into_response()),
            Action::Respond(respond) => break (respond.events.clone(), respond.into_response()),
            Action::AdmitUser(question) => {
                let admission = if admits { question.candidate.admit() } else { Admission::Refuse };
                recorder.admission(&admission, now);
                question.pending.resume(admission, now)
            }
            Action::FetchDiscovery(next)
            | Action::FetchJwks(next)
            | Action::FetchPushedRequest(next)
            | Action::FetchToken(next)
            | Action::FetchUserInfo(next)
            | Action::FetchRevocation(next) => fetch(next),
        };
    };
    Run { fetches, response, events, shown, transcript, recorded: recorder.finish() }
}

/// The cookies that a browser of the site keeps.
pub(crate) type Jar = BTreeMap<String, String>;

pub(crate) fn cookie_header(jar: &Jar) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// Name and value of each cookie that an answer sets; the value is empty where it clears.
pub(crate) fn set_cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let cookies = headers.get_all(header::SET_COOKIE).iter();
    let pairs = cookies.map(|cookie| {
        let (name, rest) = cookie.to_str().expect("visible ASCII").split_once('=').expect("a pair");
        (name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned())
    });
    pairs.collect()
}

pub(crate) fn keep(jar: &mut Jar, headers: &HeaderMap) {
    for (name, value) in set_cookies(headers) {
        if value.is_empty() {
            jar.remove(&name);
        } else {
            jar.insert(name, value);
        }
    }
}

/// A sign-in that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) cookie: (String, String),
    pub(crate) state: String,
    pub(crate) challenge: String,
}

/// What a browser may hold at [`NOW`]: attempts at both providers, and everything that a signed-in user has.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) attempts: [Attempt; 2],
    pub(crate) session: Jar,
    /// The CSRF token of the signed-in user, and one of nobody.
    pub(crate) csrf: [String; 2],
}

pub(crate) static HELD: LazyLock<Held> = LazyLock::new(|| {
    let attempts = [begin("dev", "/after", 1), begin("other", "https://a.friend.test/after", 2)];
    let mut session = Jar::new();
    let signing_in = begin("dev", "/", 3);
    let request = Request::get(format!("/auth/callback/dev?code=c&state={}", signing_in.state))
        .header(header::COOKIE, format!("{}={}", signing_in.cookie.0, signing_in.cookie.1));
    let token =
        br#"{"access_token":"held-access-token-1","refresh_token":"held-refresh-token-1","expires_in":3600}"#;
    let answers = [Bytes::from_static(token), Bytes::from_static(br#"{"id":"ada","name":"Ada"}"#)];
    let answers = answers.map(|body| Ok((200, "application/json".to_owned(), body)));
    let signed_in = run(request.body(Bytes::new()).unwrap(), &answers, true, NOW, [4; 32]);
    keep(&mut session, signed_in.response.headers());
    let csrf = session.remove(CSRF).expect("a CSRF token of the user");
    let nobody = run(Request::get("/auth/csrfToken").body(Bytes::new()).unwrap(), &[], true, NOW, [5; 32]);
    let nobody = set_cookies(nobody.response.headers()).remove(0).1;
    assert_eq!(session.len(), 2, "{session:?}");
    Held { attempts, session, csrf: [csrf, nobody] }
});

/// Begins a sign-in at [`NOW`].
pub(crate) fn begin(provider: &str, redirect_to: &str, seed: u8) -> Attempt {
    let request = Request::get(format!("/auth/signIn/{provider}?redirectTo={redirect_to}"));
    let run = run(request.body(Bytes::new()).unwrap(), &[], true, NOW, [seed; 32]);
    let location = Url::parse(run.response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
    let parameters: BTreeMap<_, _> = location.query_pairs().into_owned().collect();
    Attempt {
        cookie: set_cookies(run.response.headers()).remove(0),
        state: parameters["state"].clone(),
        challenge: parameters["code_challenge"].clone(),
    }
}
