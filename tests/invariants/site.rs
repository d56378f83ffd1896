//! The sites of all invariants: their configurations, their browsers' possible cookies, and their providers.

use crate::op::{Op, Told, ops};
use crate::play::{Attempt, Host, Outcome, Run, listed};
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Auth, Builder, ClientSecret, Cookies, Expiration, SessionPolicy};
use aura_tests::SECRET;
use aura_tests::set_cookies;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) const NOW: u64 = 1_795_500_000;
pub(crate) const OWN: &str = "https://app.test";
pub(crate) const TRUSTED: &str = "https://*.friend.test";
pub(crate) const CLIENT_SECRET: &str = "dev-client-secret-0123456789";
pub(crate) const SESSION: &str = "__Host-aura-auth.session_token";
pub(crate) const CSRF: &str = "__Host-aura-auth.csrf_token";
/// Where [`Which::Paged`] shows what went wrong.
pub(crate) const ERROR_PAGE: &str = "/failed?own=1";

/// Where a site sends people whose sign-in failed, up to the first parameter that is added.
pub(crate) fn error_page(which: Which) -> String {
    if which == Which::Paged { format!("{ERROR_PAGE}&") } else { "/auth/error?".to_owned() }
}
/// The code of the sign-ins that were begun at a plain provider.
pub(crate) const CODE: &str = "the-code-0123456789";

/// How long sessions last from their beginning or renewal, and at most.
pub(crate) const MAX_AGE: u64 = 3600;
pub(crate) const MAX_DURATION: u64 = 4 * 3600;

/// One of the sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Its providers speak OAuth 2.0.
    Plain,
    /// Its providers speak OpenID Connect.
    OpenId,
    /// Its providers speak OpenID Connect, and people see an error page.
    Paged,
}

/// A site, and what a browser of it may hold at [`NOW`].
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) auth: Auth,
    /// Empty where the providers speak OAuth 2.0.
    pub(crate) ops: Vec<Op>,
    pub(crate) held: Held,
}

impl Which {
    pub(crate) fn site(self) -> &'static Site {
        match self {
            Self::Plain => &PLAIN,
            Self::OpenId => &OPENID,
            Self::Paged => &PAGED,
        }
    }

    /// The ids of the providers, in the order of the attempts.
    pub(crate) fn ids(self) -> Vec<&'static str> {
        self.site().held.attempts.iter().map(|attempt| attempt.provider).collect()
    }
}

static PLAIN: LazyLock<Site> = LazyLock::new(|| {
    let auth = site(SECRET);
    let held = hold_plain(&auth);
    Site { auth, ops: Vec::new(), held }
});
static OPENID: LazyLock<Site> = LazyLock::new(|| openid(|builder| builder));
static PAGED: LazyLock<Site> = LazyLock::new(|| openid(|builder| builder.error_page(ERROR_PAGE)));

/// The site of OAuth 2.0 providers, and what is held there.
pub(crate) static AUTH: LazyLock<&'static Auth> = LazyLock::new(|| &Which::Plain.site().auth);
pub(crate) static HELD: LazyLock<&'static Held> = LazyLock::new(|| &Which::Plain.site().held);

/// Makes the site of OAuth 2.0 providers, with a secret.
pub(crate) fn site(secret: &str) -> Auth {
    with_policy(secret, policy(Expiration::Rolling))
}

/// Makes it with sessions of a policy.
pub(crate) fn with_policy(secret: &str, policy: SessionPolicy) -> Auth {
    plain(builder(secret, policy))
}

/// Makes it with cookies of its own.
pub(crate) fn with_cookies(cookies: Cookies) -> Auth {
    plain(builder(SECRET, policy(Expiration::Rolling)).cookies(cookies))
}

fn plain(builder: Builder) -> Auth {
    let provider = |id: &str| {
        Provider::oauth(id, format!("{id}-client"))
            .authorization_endpoint(format!("https://{id}.idp.test/authorize?own=1"))
            .token_endpoint(format!("https://{id}.idp.test/token"))
            .userinfo_endpoint(format!("https://{id}.idp.test/userinfo"))
            .client_secret(ClientSecret::new(CLIENT_SECRET))
    };
    let dev =
        provider("dev").tokens(TokenRetention::Readable).revocation_endpoint("https://dev.idp.test/revoke");
    builder.provider(dev).provider(provider("other")).build().unwrap()
}

/// The policy of every site, but for when a session's end moves.
pub(crate) fn policy(expiration: Expiration) -> SessionPolicy {
    SessionPolicy::default()
        .max_age(Duration::from_secs(MAX_AGE))
        .max_duration(Duration::from_secs(MAX_DURATION))
        .expiration(expiration)
        .editable(["name", "role"])
}

fn builder(secret: &str, policy: SessionPolicy) -> Builder {
    aura_tests::bare_builder(secret).base_url(OWN).trusted_origins([TRUSTED]).session(policy)
}

fn openid(complete: fn(Builder) -> Builder) -> Site {
    let (rows, mut ops) = ops();
    let sliding = Expiration::Sliding { threshold_percent: 50 };
    let begun = complete(builder(SECRET, policy(sliding)));
    let auth = rows.into_iter().fold(begun, Builder::provider).build().unwrap();
    let targets = ["/after", "https://a.friend.test/after", "/"];
    let attempts = (ops.iter_mut().zip(targets).zip(1_u8..))
        .map(|((op, target), seed)| op.begin(&auth, target, "ada", seed))
        .collect();
    let op = &mut ops[0];
    let [session, others] = [("ada", 21), ("grace", 22)].map(|(account, seed)| {
        let attempt = op.begin(&auth, "/", account, seed);
        let request = callback(&attempt);
        let mut teller = op.teller(&Told::honest(), NOW, seed);
        let run =
            Host::at(&auth, NOW, [seed; 32]).answer(request, &mut |kind, asked| teller.answer(kind, asked));
        op.state = teller.into_state();
        jar_of(&run)
    });
    let held = Held::new(&auth, attempts, session, &others);
    Site { auth, ops, held }
}

/// The cookies that a browser of the site keeps.
pub(crate) type Jar = BTreeMap<String, String>;

pub(crate) fn cookie_header(jar: &Jar) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
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

fn jar_of(run: &Run) -> Jar {
    let mut jar = Jar::new();
    keep(&mut jar, run.response.headers());
    jar
}

/// Possible cookies of a browser at [`NOW`]: an attempt at each provider, and all cookies of a signed-in user.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) session: Jar,
    /// The session of somebody else, as good as the first.
    pub(crate) other_session: String,
    /// The CSRF token of the signed-in user, and one without a user.
    pub(crate) csrf: [String; 2],
}

impl Held {
    fn new(auth: &Auth, attempts: Vec<Attempt>, mut session: Jar, others: &Jar) -> Self {
        let csrf = session.remove(CSRF).expect("a CSRF token of the user");
        let request = Request::get("/auth/csrfToken").body(Bytes::new()).unwrap();
        let nobody = Host::at(auth, NOW, [5; 32]).answer(request, &mut listed(&[]));
        let nobody = set_cookies(nobody.response.headers()).remove(0).1;
        assert_eq!(session.len(), 2, "{session:?}");
        Self { attempts, session, other_session: others[SESSION].clone(), csrf: [csrf, nobody] }
    }
}

/// Signs in and begins sign-ins at a site of OAuth 2.0 providers.
pub(crate) fn hold_plain(auth: &Auth) -> Held {
    let attempts =
        vec![begin_at(auth, "dev", "/after", 1), begin_at(auth, "other", "https://a.friend.test/after", 2)];
    let token =
        r#"{"access_token":"held-access-token-1","refresh_token":"held-refresh-token-1","expires_in":3600}"#;
    let [session, others] = [("ada", 3_u8), ("grace", 13)].map(|(id, seed)| {
        let request = callback(&begin_at(auth, "dev", "/", seed));
        let answers = [json(token), json(&format!(r#"{{"id":"{id}","name":"Ada"}}"#))];
        jar_of(&Host::at(auth, NOW, [seed; 32]).answer(request, &mut listed(&answers)))
    });
    Held::new(auth, attempts, session, &others)
}

/// An answer of JSON.
pub(crate) fn json(body: &str) -> Outcome {
    Ok((200, "application/json".to_owned(), Bytes::copy_from_slice(body.as_bytes())))
}

/// The request by which a browser comes back from a sign-in that was begun.
pub(crate) fn callback(attempt: &Attempt) -> Request<Bytes> {
    let Attempt { provider, cookie, state, code, iss, .. } = attempt;
    let iss = iss.as_ref().map(|iss| format!("&iss={iss}")).unwrap_or_default();
    Request::get(format!("/auth/callback/{provider}?code={code}&state={state}{iss}"))
        .header(header::COOKIE, format!("{}={}", cookie.0, cookie.1))
        .body(Bytes::new())
        .unwrap()
}

/// Begins a sign-in at the site of OAuth 2.0 providers.
pub(crate) fn begin(provider: &'static str, redirect_to: &str, seed: u8) -> Attempt {
    begin_at(&AUTH, provider, redirect_to, seed)
}

fn begin_at(auth: &Auth, provider: &'static str, redirect_to: &str, seed: u8) -> Attempt {
    Attempt { code: CODE.to_owned(), ..Attempt::begin(auth, provider, redirect_to, seed, &mut listed(&[])).0 }
}

/// Answers a request at the site of OAuth 2.0 providers. Where the list of answers ends, the provider is silent.
pub(crate) fn run(
    request: Request<Bytes>,
    answers: &[Outcome],
    admits: bool,
    now: u64,
    seed: [u8; 32],
) -> Run {
    let host = Host { admits, ..Host::at(&AUTH, now, seed) };
    host.answer(request, &mut listed(answers))
}
