//! Generators of provider answers: a list, or an OpenID Provider that is honest, lies, is altered, or answers at random.

use crate::op::{Bend, How, Told};
use crate::play::{Kind, Outcome};
use crate::site::{NOW, Which, json as answer};
use aura_proto::FetchError;
use aura_test_idp::{Audience, Behaviour, DpopNonce, Lie, PublishedKeys, SigningAlgorithm, UserinfoFormat};
use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Answers of a provider, the first two more often right than wrong.
pub(crate) fn answers() -> BoxedStrategy<Vec<Outcome>> {
    let token = prop_oneof![
        6 => Just(answer(r#"{"access_token":"given-access-token-2","token_type":"Bearer","expires_in":60}"#)),
        1 => Just(answer(r#"{"access_token":"given-access-token-2","refresh_token":"given-refresh-token-2"}"#)),
        3 => any_answer(),
    ];
    let userinfo = prop_oneof![
        6 => Just(answer(r#"{"id":"grace","name":"Mark3dText","email":"g@example.test"}"#)),
        2 => Just(answer(r#"{"id":"ada"}"#)),
        3 => any_answer(),
    ];
    (token, userinfo, prop::collection::vec(any_answer(), 0..4))
        .prop_map(|(token, userinfo, rest)| [vec![token, userinfo], rest].concat())
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
        "\\{\"(access_token|token_type|id|sub|name|email|error|expires_in|refresh_token|id_token|keys|issuer)\":([0-9]{1,3}|null|\"\"|\"Mark3dText\"|\\[\\]|true|\\{\\})\\}".prop_map(Bytes::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        Just(Bytes::from_static(br#"{"access_token":"given-access-token-2","access_token":"x"}"#)),
    ];
    let content_type =
        "(application/json|application/x-www-form-urlencoded|application/jwt|text/html|[!-~]{0,20})";
    prop_oneof![
        1 => lost.prop_map(Err),
        4 => (prop_oneof![4 => Just(200_u16), 1 => 200_u16..600], content_type, body).prop_map(Ok),
    ]
    .boxed()
}

/// How an OpenID Provider behaves.
pub(crate) fn told() -> BoxedStrategy<Told> {
    let lies = prop_oneof![
        5 => Just(Vec::new()),
        4 => prop::collection::vec(select(Lie::ALL), 1..3),
    ];
    let bends = prop_oneof![5 => Just(Vec::new()), 4 => prop::collection::vec(bend(), 1..3)];
    (behaviour(), lies, bends, prop::bool::weighted(0.3))
        .prop_map(|(behaviour, lies, bends, rotates)| {
            // A provider that is bent by somebody else lies by itself less.
            let lies = if bends.is_empty() { lies } else { Vec::new() };
            Told { behaviour: lies.into_iter().fold(behaviour, Behaviour::lie), rotates, bends }
        })
        .boxed()
}

/// The choices of an honest provider. Signatures by RSA take a while.
pub(crate) fn behaviour() -> BoxedStrategy<Behaviour> {
    let algorithm = prop_oneof![7 => Just(SigningAlgorithm::EdDsa), 1 => Just(SigningAlgorithm::Rs256)];
    (algorithm, any::<[bool; 4]>())
        .prop_map(|(algorithm, [signs, wants_nonce, two_keys, several])| {
            let honest = Behaviour::default().signing_algorithm(algorithm);
            let honest = if signs { honest.userinfo_format(UserinfoFormat::SignedJwt) } else { honest };
            let honest = if wants_nonce { honest.dpop_nonce(DpopNonce::Required) } else { honest };
            let honest = if two_keys { honest.published_keys(PublishedKeys::Two) } else { honest };
            if several { honest.audience(Audience::Several) } else { honest }
        })
        .boxed()
}

fn bend() -> BoxedStrategy<Bend> {
    let kinds =
        [Kind::Discovery, Kind::Jwks, Kind::PushedRequest, Kind::Token, Kind::UserInfo, Kind::Revocation];
    let any_kind = || select(kinds.to_vec());
    let bend = |(kind, how)| Bend { kind, how };
    let claimed = || select(vec![Kind::Token, Kind::Token, Kind::Token, Kind::UserInfo]);
    prop_oneof![
        2 => (any_kind(), any_answer().prop_map(How::Instead)).prop_map(bend),
        2 => (any_kind(), (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| How::Byte(at, byte))).prop_map(bend),
        2 => (Just(Kind::Discovery), metadata()).prop_map(bend),
        1 => select(vec![Kind::Token, Kind::UserInfo]).prop_map(|kind| Bend { kind, how: How::WantsNonce }),
        2 => (select(vec![Kind::Token, Kind::UserInfo, Kind::Jwks, Kind::PushedRequest]), member()).prop_map(bend),
        4 => (claimed(), claim()).prop_map(|(kind, (name, value))| Bend { kind, how: How::Claim(name, value) }),
    ]
    .boxed()
}

/// A member of a provider's configuration: an endpoint elsewhere, one where none may be, or anything.
pub(crate) fn metadata() -> BoxedStrategy<How> {
    let endpoint = || {
        select(vec![
            ("authorization_endpoint", "authorize"),
            ("token_endpoint", "token"),
            ("userinfo_endpoint", "userinfo"),
            ("jwks_uri", "jwks"),
            ("revocation_endpoint", "revoke"),
            ("end_session_endpoint", "end_session"),
            ("pushed_authorization_request_endpoint", "par"),
        ])
    };
    let elsewhere = select(vec!["https://api.elsewhere.test/$", "https://api.elsewhere.test:8443/$?own=1"]);
    let nowhere = select(vec![
        "http://op.test/$",
        "http://api.elsewhere.test/$",
        "http://localhost/$",
        "https://localhost/$",
        "http://127.0.0.1:9/$",
        "https://10.0.0.1/$",
        "https://[::1]/$",
        "https://169.254.169.254/$",
        "https://op.test/$#x",
        "ftp://op.test/$",
        "//op.test/$",
        "/$",
        "https://op.test@evil.test/$",
        "javascript:alert(1)",
    ]);
    let others =
        ["issuer", "id_token_signing_alg_values_supported", "authorization_response_iss_parameter_supported"];
    let moved = (endpoint(), prop_oneof![2 => elsewhere, 1 => nowhere])
        .prop_map(|((name, path), url)| (name, Some(url.replace('$', path).into())));
    let bent = (endpoint().prop_map(|(name, _)| name), any_value());
    prop_oneof![6 => moved, 1 => bent, 1 => (select(others.to_vec()), any_value())]
        .prop_map(|(name, value)| How::Member(name.to_owned(), value))
        .boxed()
}

fn member() -> BoxedStrategy<How> {
    let name = select(vec![
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
        "id_token",
        "error",
        "sub",
        "name",
        "email",
        "keys",
        "request_uri",
    ]);
    (name, any_value()).prop_map(|(name, value)| How::Member(name.to_owned(), value)).boxed()
}

/// A claim, and its replacement, if any.
pub(crate) fn claim() -> BoxedStrategy<(String, Option<Value>)> {
    let name = select(vec![
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "at_hash",
        "auth_time",
        "tid",
        "name",
        "email",
        "picture",
        "acr",
    ]);
    let moment = (select(vec![NOW, NOW + 3600, 0]), -3700..3700_i64)
        .prop_map(|(at, by)| Some(Value::from(at.saturating_add_signed(by))));
    let edge =
        select(vec![-61, -60, -59, 59, 60, 61]).prop_map(|by| Some(NOW.saturating_add_signed(by).into()));
    let text =
        select(vec!["op-client", "form-client", "https://op.test", "https://form.test", "ada", "grace"]);
    let text = text.prop_map(|text| Some(Value::from(text)));
    let list = select(vec!["op-client", "another"]).prop_map(|one| Some(Value::from(vec![one, "more"])));
    let value = prop_oneof![2 => any_value(), 1 => moment, 1 => edge, 1 => text, 1 => list];
    (name.prop_map(str::to_owned), value).boxed()
}

/// Claims that a token makes instead of its own, if anything.
pub(crate) type Claims = Vec<(String, Option<Value>)>;

/// Claims of an ID token of a provider, each near to what it has to be; and which provider that is.
pub(crate) fn claims(at: usize) -> BoxedStrategy<(usize, Claims)> {
    (Just(at), prop::collection::vec(near_claim(at), 1..3)).boxed()
}

fn near_claim(at: usize) -> BoxedStrategy<(String, Option<Value>)> {
    let attempts = &Which::OpenId.site().held.attempts;
    let [own, other] = [at, (at + 1) % 3].map(|at| &attempts[at]);
    let (client, another) = (format!("{}-client", own.provider), format!("{}-client", other.provider));
    let [issuer, other_issuer] = [own, other].map(|attempt| format!("https://{}.test", attempt.provider));
    let texts = |name: &'static str, texts: Vec<String>| {
        select(texts).prop_map(move |text| (name.to_owned(), Some(Value::from(text)))).boxed()
    };
    let audience = select(vec![
        json!([client]),
        json!([client, another]),
        json!([another, client]),
        json!([another]),
        json!([client, 7]),
        json!(another),
    ]);
    let date = select(vec!["exp", "iat", "nbf", "auth_time"]);
    let moment =
        (date, select(vec![-3661, -3660, -61, -60, -59, 0, 59, 60, 61, 149, 150, 151]), any::<bool>());
    let moment = moment.prop_map(|(name, by, half)| {
        let whole = NOW.saturating_add_signed(by);
        let number = if half { json!(format!("{whole}.5").parse::<f64>().unwrap()) } else { json!(whole) };
        (name.to_owned(), Some(number))
    });
    let names = ["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "auth_time", "tid"];
    let subjects =
        ["ada", "grace", ""].map(str::to_owned).into_iter().chain([255, 256].map(|n| "a".repeat(n)));
    prop_oneof![
        4 => (select(names.to_vec()).prop_map(str::to_owned), any_value()),
        2 => texts("iss", vec![issuer.clone(), format!("{issuer}/"), issuer.to_uppercase(), other_issuer]),
        2 => audience.prop_map(|audience| ("aud".to_owned(), Some(audience))),
        2 => texts("azp", vec![client, another]),
        1 => texts("nonce", vec![own.nonce.clone(), other.nonce.clone(), String::new()]),
        1 => texts("sub", subjects.collect()),
        6 => moment,
    ]
    .boxed()
}

/// A JSON value of any type, or none.
pub(crate) fn any_value() -> BoxedStrategy<Option<Value>> {
    let text = |text: &'static str| Some(Value::from(text));
    select(vec![
        None,
        Some(Value::Null),
        Some(true.into()),
        Some(0.into()),
        Some((-7).into()),
        Some(1.5.into()),
        text(""),
        text("Mark3dText"),
        text("7"),
        Some(Value::Array(Vec::new())),
        Some(Value::from(vec![Value::Null])),
        Some(json!({ "a": 1 })),
    ])
    .boxed()
}
