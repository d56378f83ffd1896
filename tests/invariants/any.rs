//! Generators of any request, any cookies and any list of provider answers.
//!
//! The values are close enough to valid ones to reach each check, and far enough from them to need each check.

use crate::any_answers::{answers, told};
use crate::any_browser::{body, cookies, headers, redirect_to, text};
use crate::op::Told;
use crate::play::{Attempt, Host, Outcome, Run, listed};
use crate::site::{Jar, NOW, SESSION, Site, Which};
use aura_test_idp::LogoutSubject;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use proptest::prelude::*;
use proptest::sample::select;
use url::{Url, form_urlencoded};

/// Text that a generator inserts wherever text can occur.
pub(crate) const MARK: &str = "Mark3dText";

/// A request, the browser's cookies, and the answers of the provider and the application.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) which: Which,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) jar: Jar,
    /// Cookies that are sent beside, of the same names or others: the field before the jar's, and the one after it.
    pub(crate) beside: [Vec<(String, String)>; 2],
    pub(crate) body: String,
    pub(crate) answers: Answers,
    pub(crate) admits: bool,
    /// Seconds since [`NOW`].
    pub(crate) later: u64,
    pub(crate) seed: [u8; 32],
}

/// Where a scene's answers come from.
#[derive(Clone, Debug)]
pub(crate) enum Answers {
    /// From a list, whatever is asked.
    Listed(Vec<Outcome>),
    /// From an OpenID Provider.
    Told(Told),
}

impl Scene {
    pub(crate) fn site(&self) -> &'static Site {
        self.which.site()
    }

    /// Plays the scene, where its request is one.
    pub(crate) fn play(&self) -> Option<Run> {
        self.play_at(Host { admits: self.admits, ..Host::at(&self.site().auth, NOW + self.later, self.seed) })
    }

    /// Plays it at another host of its site.
    pub(crate) fn play_at(&self, host: Host<'_>) -> Option<Run> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            request = request
                .header(HeaderName::try_from(name).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        for field in self.cookie_fields() {
            request = request.header(header::COOKIE, HeaderValue::from_bytes(field.as_bytes()).ok()?);
        }
        let request = request.body(Bytes::from(self.body.clone())).ok()?;
        match (&self.answers, self.op()) {
            (Answers::Told(told), Some(op)) => {
                let mut teller = op.teller(told, host.now, 0);
                Some(host.answer(request, &mut |kind, asked| teller.answer(kind, asked)))
            }
            (Answers::Told(_), None) => Some(host.answer(request, &mut listed(&[]))),
            (Answers::Listed(answers), _) => Some(host.answer(request, &mut listed(answers))),
        }
    }

    fn cookie_fields(&self) -> Vec<String> {
        let [before, after] = &self.beside;
        let jar: Vec<_> = self.jar.clone().into_iter().collect();
        let pairs = [before, &jar, after].into_iter().filter(|pairs| !pairs.is_empty());
        let pair = |(name, value): &(String, String)| format!("{name}={value}");
        let field = |pairs: &Vec<(String, String)>| pairs.iter().map(pair).collect::<Vec<_>>().join("; ");
        pairs.map(field).collect()
    }

    /// Every value, once, that is sent under a name.
    pub(crate) fn sent(&self, name: &str) -> Vec<&str> {
        let [before, after] = &self.beside;
        let pairs = before.iter().map(|(name, value)| (name, value)).chain(&self.jar);
        let pairs = pairs.chain(after.iter().map(|(name, value)| (name, value)));
        let mut values: Vec<_> = pairs
            .filter(|(other, value)| *other == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
            .collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The provider that the path names.
    pub(crate) fn provider(&self) -> Option<&'static str> {
        let named = self.path().split('/').nth(3)?;
        self.which.ids().into_iter().find(|id| *id == named)
    }

    pub(crate) fn op(&self) -> Option<&'static crate::op::Op> {
        self.site().ops.iter().find(|op| Some(op.id) == self.provider().or(Some("op")))
    }

    /// The values of a parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Vec<String> {
        let query = self.target.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default());
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        pairs.filter(|(other, _)| other == name).map(|(_, value)| value.into_owned()).collect()
    }

    pub(crate) fn is_callback(&self) -> bool {
        self.method == "GET" && self.path().starts_with("/auth/callback/")
    }

    /// The attempt that a callback belongs to, by a reader of its own: its state, sent by the browser that has its cookie, at
    /// its provider, in time, and from its issuer.
    pub(crate) fn matched(&self) -> Option<&'static Attempt> {
        let named = self
            .site()
            .held
            .attempts
            .iter()
            .find(|attempt| self.path() == format!("/auth/callback/{}", attempt.provider));
        let attempt = named.filter(|_| self.is_callback())?;
        let once = ["state", "code", "error", "iss"].iter().all(|name| self.query(name).len() <= 1);
        let in_jar = self.sent(&attempt.cookie.0).contains(&attempt.cookie.1.as_str());
        let iss = self.query("iss").pop();
        // A plain provider's issuer is not known, so that nothing is compared with it.
        let from_issuer = self.which == Which::Plain
            || attempt.iss == iss
            || attempt.iss.is_none() && iss == Some(format!("https://{}.test", attempt.provider));
        let matches = self.query("state") == [attempt.state.as_str()];
        (once && in_jar && from_issuer && matches && self.later <= 600).then_some(attempt)
    }

    /// Tells whether the callback brings a code, and no error.
    pub(crate) fn brings_a_code(&self) -> bool {
        let code = self.query("code").pop().is_some_and(|code| !code.is_empty() && code.len() <= 8192);
        code && self.query("error").pop().is_none_or(|error| error.is_empty())
    }

    /// The signed-in user, while sessions last: the owner of the only valid session that is sent.
    pub(crate) fn signed_in(&self) -> Option<&'static str> {
        let held = &self.site().held;
        let sent = self.sent(SESSION);
        let own = sent.contains(&held.session[SESSION].as_str()).then_some("ada");
        let others = sent.contains(&held.other_session.as_str()).then_some("grace");
        own.xor(others)
    }
}

/// Any scene at any site, half of them callbacks.
pub(crate) fn any_scene() -> BoxedStrategy<Scene> {
    prop_oneof![
        4 => scene(Which::Plain),
        4 => callback_scene(Which::Plain),
        2 => scene(Which::OpenId),
        3 => callback_scene(Which::OpenId),
        1 => scene(Which::Paged),
        2 => callback_scene(Which::Paged),
    ]
    .boxed()
}

/// Any scene at a site.
pub(crate) fn scene(which: Which) -> BoxedStrategy<Scene> {
    let answers = match which {
        Which::Plain => answers().prop_map(Answers::Listed).boxed(),
        Which::OpenId | Which::Paged => told().prop_map(Answers::Told).boxed(),
    };
    let later = select(vec![0, 0, 0, 0, 0, 0, 1, 599, 600, 601, 3560, 3560, 3599, 3600, 20_000]);
    (request(which), cookies(which), answers, prop::bool::weighted(0.9), later, any::<[u8; 32]>())
        .prop_map(move |(request, (jar, beside), answers, admits, later, seed)| {
            let (method, target, headers, body) = request;
            Scene { which, method, target, headers, jar, beside, body, answers, admits, later, seed }
        })
        .boxed()
}

/// A callback of a sign-in that was begun, more often right than wrong.
pub(crate) fn callback_scene(which: Which) -> BoxedStrategy<Scene> {
    // A provider's code lives for a minute, an attempt for ten.
    let later = select(vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 59, 60, 599, 600, 601, 3600]);
    (scene(which), callback(which), 0..4_usize, later)
        .prop_map(|(scene, target, own, later)| {
            let mut jar = scene.jar.clone();
            if own > 0 {
                jar.extend(scene.site().held.attempts.iter().map(|attempt| attempt.cookie.clone()));
            }
            Scene { method: "GET".to_owned(), target, jar, body: String::new(), later, ..scene }
        })
        .boxed()
}

/// The target of a callback of an attempt: its own code and issuer, or another parameter of these.
pub(crate) fn callback_of(
    attempt: &Attempt,
    state: &str,
    code: Option<String>,
    iss: Option<String>,
) -> String {
    let code = code.unwrap_or_else(|| format!("code={}", attempt.code));
    let own = || attempt.iss.as_ref().map(|iss| format!("&iss={iss}")).unwrap_or_default();
    format!("/auth/callback/{}?{code}&state={state}{}", attempt.provider, iss.unwrap_or_else(own))
}

type AnyRequest = (String, String, Vec<(String, String)>, String);

fn request(which: Which) -> BoxedStrategy<AnyRequest> {
    let plain = |method: &'static str, target: BoxedStrategy<String>| {
        (Just(method.to_owned()), target, headers(which), body(which)).boxed()
    };
    let any_target =
        prop_oneof![callback(which), sign_in(which), reading(which), acting(which), garbage_path(),];
    let methods = select(vec!["GET", "POST", "PATCH", "DELETE", "HEAD", "PUT"]).prop_map(str::to_owned);
    let plain = prop_oneof![
        3 => plain("GET", callback(which)),
        2 => plain("GET", sign_in(which)),
        2 => plain("GET", reading(which)),
        3 => plain("POST", acting(which)),
        1 => plain("PATCH", Just("/auth/session".to_owned()).boxed()),
        1 => (methods, any_target, headers(which), body(which)),
    ];
    if which == Which::Plain {
        return plain.boxed();
    }
    prop_oneof![12 => plain, 1 => form_post(which), 2 => logout(which)].boxed()
}

/// A callback by a form, as the provider's page posts it.
fn form_post(which: Which) -> BoxedStrategy<AnyRequest> {
    let user = prop_oneof![3 => Just(String::new()), 1 => text().prop_map(|text| format!("&user={text}"))];
    (callback(which), user, headers(which))
        .prop_map(|(target, user, mut headers)| {
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
            ("POST".to_owned(), path.to_owned(), headers, format!("{query}{user}"))
        })
        .boxed()
}

/// A provider that says that a user signed out there: the token is its own by the behaviour drawn here.
fn logout(which: Which) -> BoxedStrategy<AnyRequest> {
    let token = (0..which.site().ops.len(), told(), any::<bool>()).prop_map(move |(at, told, by_session)| {
        let op = &which.site().ops[at];
        let subject = if by_session { LogoutSubject::Sid("a-session") } else { LogoutSubject::Sub("ada") };
        let client = format!("{}-client", op.id);
        let idp = op.idp.clone().behaviour(told.behaviour);
        (op.id.to_owned(), idp.logout_token(&op.state, &client, subject, NOW, [9; 32]))
    });
    let other = (provider(which), text());
    (prop_oneof![4 => token, 1 => other], headers(which))
        .prop_map(|((id, token), headers)| {
            (
                "POST".to_owned(),
                format!("/auth/backchannelLogout/{id}"),
                headers,
                format!("logout_token={token}"),
            )
        })
        .boxed()
}

fn callback(which: Which) -> BoxedStrategy<String> {
    let attempts = &which.site().held.attempts;
    let count = attempts.len();
    let matching = (0..count).prop_map(move |at| (attempts[at].provider.to_owned(), at, false));
    let of_another =
        (0..count).prop_map(move |at| (attempts[(at + 1) % count].provider.to_owned(), at, false));
    let altered = (0..count).prop_map(move |at| (attempts[at].provider.to_owned(), at, true));
    let meant = prop_oneof![
        12 => matching,
        1 => of_another,
        1 => altered,
        1 => (provider(which), 0..count, Just(true)),
    ];
    let code = prop_oneof![
        12 => Just(None),
        1 => text().prop_map(|text| Some(format!("code={text}"))),
        1 => Just(Some("error=access_denied".to_owned())),
        1 => text().prop_map(|text| Some(format!("error={text}"))),
    ];
    let iss = prop_oneof![
        10 => Just(None),
        1 => Just(Some(String::new())),
        1 => select(vec!["op", "form", "quiet"]).prop_map(|id| Some(format!("&iss=https://{id}.test"))),
        1 => text().prop_map(|text| Some(format!("&iss={text}"))),
        1 => text().prop_map(|text| Some(format!("&state={text}"))),
    ];
    (meant, code, iss)
        .prop_map(move |((provider, at, altered), code, iss)| {
            let attempt = &attempts[at];
            let state = format!("{}{}", attempt.state, if altered { "x" } else { "" });
            let target = callback_of(attempt, &state, code, iss);
            let (_, query) = target.split_once('?').unwrap_or_default();
            format!("/auth/callback/{provider}?{query}")
        })
        .boxed()
}

fn sign_in(which: Which) -> BoxedStrategy<String> {
    let further = prop_oneof![
        8 => select(vec!["", "", "&redirect=false", "&redirect=maybe"]).prop_map(str::to_owned),
        1 => text().prop_map(|hint| format!("&login_hint={hint}")),
        1 => select(vec!["0", "60", "x"]).prop_map(|age| format!("&max_age={age}")),
    ];
    (provider(which), redirect_to(), further)
        .prop_map(|(provider, target, further)| {
            format!("/auth/signIn/{provider}?redirectTo={target}{further}")
        })
        .boxed()
}

/// Routes that pages read.
fn reading(which: Which) -> BoxedStrategy<String> {
    let path = |path: &'static str| {
        provider(which).prop_map(move |provider| format!("/auth/providers/{provider}{path}"))
    };
    let all = prop_oneof![
        2 => Just("/auth/session".to_owned()),
        1 => Just("/auth/csrfToken".to_owned()),
        1 => path(""),
        3 => path("/tokens"),
    ];
    // Only an OpenID Provider sends browsers back from a sign-out.
    let back = prop_oneof![
        Just("/auth/signedOut".to_owned()),
        text().prop_map(|state| format!("/auth/signedOut?state={state}")),
    ];
    if which == Which::Plain { all.boxed() } else { prop_oneof![6 => all, 1 => back].boxed() }
}

/// Actions of pages.
fn acting(which: Which) -> BoxedStrategy<String> {
    let sign_out = (redirect_to(), any::<bool>()).prop_map(|(target, redirect)| {
        format!("/auth/signOut?token_type_hint=session_token&redirect={redirect}&redirectTo={target}")
    });
    let path = |path: &'static str| {
        provider(which).prop_map(move |provider| format!("/auth/providers/{provider}{path}"))
    };
    prop_oneof![sign_out, path("/tokens/revoke"), path("/user/refresh")].boxed()
}

fn garbage_path() -> BoxedStrategy<String> {
    "/auth/[a-zA-Z/%.]{0,12}(\\?[!-~&&[^#]]{0,30})?".boxed()
}

fn provider(which: Which) -> BoxedStrategy<String> {
    let known = which.ids().into_iter().map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![
        4 => Just(known[0].clone()),
        6 => select(known),
        1 => "[a-z%]{0,8}",
    ]
    .boxed()
}

/// Where a `Location` leads from a route of the site.
pub(crate) fn reached(location: &str) -> Url {
    Url::parse(crate::site::OWN).unwrap().join("/auth/any/page").unwrap().join(location).unwrap()
}
