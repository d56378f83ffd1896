//! Properties for any provider answer and any configuration: a bounded number of exchanges, all with the provider.

use aura_proto::provider::{ClaimsSource, Provider, PushedRequests, SignOutScope, TokenRetention};
use aura_proto::{Event, FetchError};
use aura_test_idp::{Behaviour, DpopNonce, IssuerParameter, Lie, LogoutSubject, Place, UserinfoFormat};
use aura_tests::{Fault, OpenId, Pair};
use http::Method;
use proptest::prelude::*;
use url::Url;

/// A site's configuration of its providers.
#[derive(Clone, Debug)]
struct Wishes {
    id_token_alone: bool,
    pushes: bool,
    binds: bool,
    keeps: bool,
    signs_out_there: bool,
    form: bool,
}

impl Wishes {
    fn shape(&self, row: Provider) -> Provider {
        let row = if self.id_token_alone { row.claims_source(ClaimsSource::IdToken) } else { row };
        let row = if self.pushes { row } else { row.pushed_requests(PushedRequests::Never) };
        let row = if self.binds { row.dpop() } else { row };
        let row = if self.form { row.authorization_parameter("response_mode", "form_post") } else { row };
        let row = if self.signs_out_there { row.sign_out(SignOutScope::Provider) } else { row };
        let offline = "openid profile email offline_access";
        if self.keeps { row.tokens(TokenRetention::Readable).scope(offline) } else { row }
    }
}

fn wishes() -> impl Strategy<Value = Wishes> {
    any::<[bool; 6]>().prop_map(|[id_token_alone, pushes, binds, keeps, signs_out_there, form]| Wishes {
        id_token_alone,
        pushes,
        binds,
        keeps,
        signs_out_there,
        form,
    })
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    let lies = prop::collection::vec(prop::sample::select(Lie::ALL), 0..3);
    (lies, any::<[bool; 3]>()).prop_map(|(lies, [names, signs, wants_nonce])| {
        let honest = Behaviour::default();
        let honest = if names { honest.issuer_parameter(IssuerParameter::Sent) } else { honest };
        let honest = if signs { honest.userinfo_format(UserinfoFormat::SignedJwt) } else { honest };
        let honest = if wants_nonce { honest.dpop_nonce(DpopNonce::Required) } else { honest };
        lies.into_iter().fold(honest, Behaviour::lie)
    })
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    SignIn,
    Behave(Behaviour),
    Rotate,
    Wait(u64),
    Forget,
    Lose,
    ReadTokens,
    ReadUser,
    SignOut,
    LogOut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::SignIn),
        2 => behaviour().prop_map(Step::Behave),
        1 => Just(Step::Rotate),
        1 => (0_u64..4000).prop_map(Step::Wait),
        1 => Just(Step::Forget),
        1 => Just(Step::Lose),
        1 => Just(Step::ReadTokens),
        2 => Just(Step::ReadUser),
        1 => Just(Step::SignOut),
        1 => Just(Step::LogOut),
    ]
}

fn carry_out(pair: &mut Pair, wishes: &Wishes, step: &Step) {
    match step {
        Step::SignIn => sign_in(pair, wishes),
        Step::Behave(behaviour) => pair.set_behaviour("dev", *behaviour),
        Step::Rotate => pair.app.provider("dev").state.rotate_key(),
        Step::Wait(seconds) => pair.browser.advance(*seconds),
        Step::Forget => pair.app.cache.clear(),
        Step::Lose => pair.app.token_fault = Some(Fault::Lost(FetchError::TimedOut)),
        Step::ReadTokens => {
            pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
        }
        Step::ReadUser => act(pair, "/auth/providers/dev/user/refresh"),
        Step::SignOut => act(pair, "/auth/signOut?token_type_hint=session_token&redirect=false"),
        Step::LogOut => {
            let (now, entropy) = (pair.browser.now, pair.app.entropy());
            let dev = pair.app.provider("dev");
            let token =
                dev.idp.logout_token(&dev.state, "dev-client", LogoutSubject::Sub("ada"), now, entropy);
            pair.send_form("/auth/backchannelLogout/dev", &format!("logout_token={token}"));
        }
    }
}

fn act(pair: &mut Pair, path: &str) {
    let csrf_token = pair.csrf_token();
    pair.fetch(Method::POST, path, &[("x-csrf-token", &csrf_token)], "");
}

/// Signs in as far as the provider lets anybody.
fn sign_in(pair: &mut Pair, wishes: &Wishes) {
    let Some(authorize) = pair.visit("/auth/signIn/dev").left_for else { return };
    if !wishes.form {
        let path = pair.approve("dev", &authorize, "ada");
        pair.visit(&path);
        return;
    }
    let form = pair.approve_form("dev", &authorize, "ada");
    let page = pair.post_form("dev", &form);
    let text = page.text().replace("&amp;", "&");
    if let Some((_, rest)) = text.split_once("content=\"0;url=") {
        pair.visit(rest.split('"').next().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn ts_03_ts_04_every_flow_ends_within_eight_exchanges_with_nobody_but_the_provider(
        wishes in wishes(),
        begin in behaviour(),
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let shape = wishes.clone();
        let mut pair = OpenId::new().behaviour(begin).provider(move |row| shape.shape(row)).pair();
        let mut told = begin;
        for step in steps {
            let signed_in = |pair: &Pair| {
                pair.app.events.iter().filter(|event| matches!(event, Event::SignedIn { .. })).count()
            };
            let before = signed_in(&pair);
            carry_out(&mut pair, &wishes, &step);
            let lied = Lie::ALL.iter().any(|lie| told.tells(*lie) && misleads(*lie, &wishes));
            prop_assert!(!lied || signed_in(&pair) == before, "signed in by {told:?}");
            if let Step::Behave(behaviour) = step {
                told = behaviour;
            }
        }
        prop_assert!(pair.app.longest_flow <= 8, "{}", pair.app.longest_flow);
        for fetch in &pair.app.fetches {
            let (_, url) = fetch.split_once(' ').unwrap();
            prop_assert_eq!(Url::parse(url).unwrap().origin().ascii_serialization(), "https://idp.test");
        }
        for exchange in &pair.browser.history {
            prop_assert!(exchange.status.as_u16() != 500, "{}", exchange.url);
        }
    }
}

/// Tells whether no sign-in may end well while a lie is told: those of the token and its claims, in every combination.
fn misleads(lie: Lie, wishes: &Wishes) -> bool {
    let place = lie.place();
    let counts = place == Place::IdToken || (place == Place::Userinfo && !wishes.id_token_alone);
    counts && !lie.is_tolerated()
}
