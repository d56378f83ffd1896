//! Invariant 12 for OpenID Providers: a malformed claim is not a missing claim in what they sign and publish.
//!
//! An optional claim may be absent, but never of another type. A required claim has different errors when it is absent
//! and when it is malformed.

use crate::inv_12::malformed;
use crate::op::{Bend, How, Told, forged};
use crate::play::{Host, Kind, Run};
use crate::site::{NOW, Which, callback};
use aura_proto::{Error, Event, IdTokenError, ProviderError};
use aura_test_idp::{LogoutSubject, UserinfoFormat};
use http::Request;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

type Claim = (&'static str, Type);

/// Type of a claim or member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Date,
    Texts,
    Flag,
    Object,
}

/// Optional claims of an ID token.
const OPTIONAL: [Claim; 6] = [
    ("azp", Type::Text),
    ("at_hash", Type::Text),
    ("nbf", Type::Date),
    ("auth_time", Type::Date),
    ("session_expiry", Type::Date),
    ("tid", Type::Text),
];
/// Required claims of an ID token.
const REQUIRED: [Claim; 6] = [
    ("iss", Type::Text),
    ("sub", Type::Text),
    ("aud", Type::Texts),
    ("exp", Type::Date),
    ("iat", Type::Date),
    ("nonce", Type::Text),
];
/// Required claims of a logout token. Here `sub` identifies the user, and `nbf` may be absent.
const LOGOUT: [Claim; 7] = [
    ("iss", Type::Text),
    ("sub", Type::Text),
    ("aud", Type::Texts),
    ("exp", Type::Date),
    ("iat", Type::Date),
    ("jti", Type::Text),
    ("events", Type::Object),
];
/// Optional members of discovery metadata.
const PUBLISHED: [Claim; 6] = [
    ("userinfo_endpoint", Type::Text),
    ("revocation_endpoint", Type::Text),
    ("end_session_endpoint", Type::Text),
    ("pushed_authorization_request_endpoint", Type::Text),
    ("authorization_response_iss_parameter_supported", Type::Flag),
    ("token_endpoint_auth_methods_supported", Type::Texts),
];
/// Required members of discovery metadata.
const PUBLISHED_ALWAYS: [Claim; 5] = [
    ("issuer", Type::Text),
    ("authorization_endpoint", Type::Text),
    ("token_endpoint", Type::Text),
    ("jwks_uri", Type::Text),
    ("id_token_signing_alg_values_supported", Type::Texts),
];

impl Type {
    /// Another value than one that is malformed for every type.
    fn or_other(self, value: Value) -> Value {
        let is_own = match self {
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Text | Self::Date | Self::Texts => false,
        };
        if is_own { json!("7") } else { value }
    }

    /// A value of a type that is close to this one.
    fn close(self) -> Value {
        match self {
            Self::Text => json!(7),
            Self::Texts => json!(["op-client", 7]),
            Self::Date => json!(NOW.to_string()),
            Self::Flag => json!("true"),
            Self::Object => json!(["http://schemas.openid.net/event/backchannel-logout"]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_id_token_may_lack_what_is_optional_and_have_nothing_malformed(
        optional in select(OPTIONAL.to_vec()),
        required in select(REQUIRED.to_vec()),
        value in malformed(),
    ) {
        let play = |name: &str, value| sign_in(vec![claim(Kind::Token, name, value)]);
        let refusal = IdTokenError::ClaimType;
        prop_assert!(signs_in(&play(optional.0, None)), "{optional:?}");
        for (name, kind) in [optional, required] {
            for value in [kind.or_other(value.clone()), kind.close()] {
                prop_assert_eq!(refused(&play(name, Some(value))), Some(refusal), "{}", name);
            }
        }
        let absent = refused(&play(required.0, None));
        prop_assert!(absent.is_some() && absent != Some(refusal), "{required:?}: {absent:?}");
    }

    #[test]
    fn a_logout_token_has_nothing_malformed((name, kind) in select(LOGOUT.to_vec()), value in malformed()) {
        let honest = log_out("nbf", &None);
        prop_assert!(matches!(honest.events[..], [Event::LoggedOutByProvider { .. }]), "{:?}", honest.events);
        for value in [Some(kind.or_other(value)), Some(kind.close()), None] {
            let run = log_out(name, &value);
            // A token without an end counts for two minutes.
            if name == "exp" && value.is_none() {
                prop_assert!(matches!(run.events[..], [Event::LoggedOutByProvider { .. }]), "{:?}", run.events);
                continue;
            }
            let malformed = value.is_some() && name != "events";
            let error = refused(&run);
            prop_assert!(error.is_some() && (error == Some(IdTokenError::ClaimType)) == malformed, "{name}: {error:?}");
            prop_assert_eq!(run.response.status(), 400);
        }
    }

    #[test]
    fn a_configuration_may_lack_what_is_optional_and_have_nothing_malformed(
        (name, kind) in select(PUBLISHED.to_vec()),
        required in select(PUBLISHED_ALWAYS.to_vec()),
        value in malformed(),
    ) {
        let play = |name: &str, value| sign_in(vec![member(Kind::Discovery, name, value)]);
        prop_assert!(signs_in(&play(name, None)), "{name}");
        for (name, value) in [
            (name, Some(kind.or_other(value.clone()))),
            (name, Some(kind.close())),
            (required.0, Some(required.1.or_other(value))),
            (required.0, Some(required.1.close())),
            (required.0, None),
        ] {
            let error = error(&play(name, value));
            prop_assert_eq!(error, Some(ProviderError::DiscoveryMalformed), "{}", name);
        }
    }

    #[test]
    fn a_profile_of_an_openid_provider_has_no_malformed_id(
        name in select(vec!["name", "email", "picture"]),
        value in malformed(),
    ) {
        // Claims of the ID token take precedence over those of userinfo.
        let absent = || claim(Kind::Token, name, None);
        prop_assert!(signs_in(&sign_in(vec![absent(), member(Kind::UserInfo, name, None)])));
        for bends in [
            vec![claim(Kind::Token, name, Some(value.clone()))],
            vec![absent(), member(Kind::UserInfo, name, Some(value.clone()))],
        ] {
            let run = sign_in(bends);
            prop_assert!(signs_in(&run), "{name}");
            let ignored = run.events.iter().any(|event| matches!(event, Event::ClaimIgnored { .. }));
            prop_assert!(ignored, "{name}: {:?}", run.events);
        }
        let malformed = sign_in(vec![member(Kind::UserInfo, "sub", Some(value))]);
        prop_assert_eq!(error(&malformed), Some(ProviderError::UserInfoMalformed), "{}", name);
        let error = error(&sign_in(vec![member(Kind::UserInfo, "sub", None)]));
        prop_assert_eq!(error, Some(ProviderError::UserInfoWithoutId));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn signed_userinfo_may_lack_dates_and_have_none_malformed(
        name in select(vec!["exp", "iat", "nbf"]),
        value in malformed(),
        at in select(vec![NOW - 61, NOW - 60, NOW - 59, NOW, NOW + 60, NOW + 61]),
    ) {
        let play = |bends: Vec<Bend>| {
            let behaviour = Told::honest().behaviour.userinfo_format(UserinfoFormat::SignedJwt);
            come_back(&Told { behaviour, bends, ..Told::honest() })
        };
        let claim = |name: &str, value| claim(Kind::UserInfo, name, Some(value));
        prop_assert!(signs_in(&play(Vec::new())));
        for value in [value, Type::Date.close()] {
            let error = error(&play(vec![claim(name, value)]));
            prop_assert_eq!(error, Some(ProviderError::UserInfoUntrusted), "{}", name);
        }
        // Where there is an end, there is a beginning.
        let beginning = claim("iat", json!(NOW));
        let is_sound = if name == "exp" { at > NOW - 60 } else { at <= NOW + 60 };
        let run = play(vec![beginning, claim(name, json!(at))]);
        prop_assert_eq!(signs_in(&run), is_sound, "{} {}", name, at);
    }
}

fn claim(kind: Kind, name: &str, value: Option<Value>) -> Bend {
    Bend { kind, how: How::Claim(name.to_owned(), value) }
}

fn member(kind: Kind, name: &str, value: Option<Value>) -> Bend {
    Bend { kind, how: How::Member(name.to_owned(), value) }
}

/// Comes back from a sign-in at a provider whose answers are bent.
fn sign_in(bends: Vec<Bend>) -> Run {
    come_back(&Told { bends, ..Told::honest() })
}

fn come_back(told: &Told) -> Run {
    let site = Which::OpenId.site();
    let mut teller = site.ops[0].teller(told, NOW, 0);
    let host = Host::at(&site.auth, NOW, [8; 32]);
    host.answer(callback(&site.held.attempts[0]), &mut |kind, asked| teller.answer(kind, asked))
}

/// Tells of a sign-out by a token with a claim that is another or gone.
fn log_out(name: &str, value: &Option<Value>) -> Run {
    let site = Which::OpenId.site();
    let op = &site.ops[0];
    let mut teller = op.teller(&Told::honest(), NOW, 0);
    let token = op.idp.logout_token(&op.state, "op-client", LogoutSubject::Sub("ada"), NOW, [9; 32]);
    let body = format!("logout_token={}", forged(&token, name, value).unwrap());
    let request = Request::post("/auth/backchannelLogout/op").body(body.into()).unwrap();
    let host = Host::at(&site.auth, NOW, [8; 32]);
    host.answer(request, &mut |kind, asked| teller.answer(kind, asked))
}

fn signs_in(run: &Run) -> bool {
    run.events.iter().any(|event| matches!(event, Event::SignedIn { .. }))
}

fn error(run: &Run) -> Option<ProviderError> {
    run.events.iter().find_map(|event| {
        if let Event::SignInFailed { error: Error::Provider(error), .. }
        | Event::LogoutRefused { error: Error::Provider(error), .. } = event
        {
            return Some(*error);
        }
        None
    })
}

fn refused(run: &Run) -> Option<IdTokenError> {
    let Some(ProviderError::IdToken(error)) = error(run) else { return None };
    Some(error)
}
