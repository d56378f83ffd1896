//! The planted secrets, their possible encodings, and the places where each is allowed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

/// Kind of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The deployment's secrets and salt.
    Deployment,
    ClientSecret,
    Code,
    State,
    CodeVerifier,
    AccessToken,
    RefreshToken,
    IdToken,
    /// The value of a session, attempt or provider-token cookie.
    Sealed,
    CsrfToken,
    /// Text of a provider's errors, and of users who are not admitted.
    ProvidersWords,
}

/// Where something came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    FetchToken(Part),
    FetchUserInfo(Part),
    FetchRevocation(Part),
    /// `Debug` of an action, of what waits, and of the configuration.
    Debug,
    /// `Debug` and `Display` of events and errors, and their names.
    Event,
    /// The answer of a sign-in that has just begun.
    SignIn(Part),
    /// The answer of `GET /csrfToken`.
    CsrfToken(Part),
    /// The answer of a route that hands out provider tokens.
    SessionTokenFormat(Part),
    /// Every other answer.
    Answer(Part),
}

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Url,
    Authorization,
    Location,
    SetCookie,
    OtherHeader,
    Body,
}

impl Kind {
    /// The whole policy.
    pub(crate) fn may_stand(self, place: Place) -> bool {
        use Part::{Authorization, Body, Location, SetCookie};
        match self {
            Self::Deployment | Self::ProvidersWords => false,
            Self::ClientSecret => matches!(place, Place::FetchToken(Body) | Place::FetchRevocation(Body)),
            Self::Code | Self::CodeVerifier => place == Place::FetchToken(Body),
            Self::State => matches!(place, Place::SignIn(Location | Body)),
            Self::AccessToken => {
                matches!(
                    place,
                    Place::FetchUserInfo(Authorization)
                        | Place::FetchRevocation(Body)
                        | Place::SessionTokenFormat(Body)
                )
            }
            Self::RefreshToken => {
                matches!(
                    place,
                    Place::FetchToken(Body) | Place::FetchRevocation(Body) | Place::SessionTokenFormat(Body)
                )
            }
            Self::IdToken => place == Place::SessionTokenFormat(Body),
            Self::Sealed => {
                matches!(
                    place,
                    Place::SignIn(SetCookie)
                        | Place::Answer(SetCookie)
                        | Place::SessionTokenFormat(SetCookie)
                )
            }
            Self::CsrfToken => {
                matches!(
                    place,
                    Place::CsrfToken(SetCookie | Body)
                        | Place::Answer(SetCookie)
                        | Place::SessionTokenFormat(SetCookie)
                )
            }
        }
    }
}

/// The secrets of one flow.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<(Kind, String)>);

impl Secrets {
    pub(crate) fn add(&mut self, kind: Kind, secret: &str) {
        assert!(secret.len() >= 16, "{kind:?} is too short to be looked for");
        if !self.0.iter().any(|(_, known)| known == secret) {
            self.0.push((kind, secret.to_owned()));
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.0.iter().map(|(kind, secret)| (*kind, secret.as_str()))
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.0.iter().filter(|(other, _)| *other == kind).count()
    }
}

/// Every spelling in which a secret could leak, and both halves of it.
pub(crate) fn spellings(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = secret.chars().rev().collect();
    let mut spellings = vec![
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        hex.to_uppercase(),
        hex,
        reversed,
        format!("{:?}", secret.as_bytes()),
        secret.escape_unicode().to_string(),
    ];
    // Text inside a longer one has three spellings in Base64, which differ at the ends.
    for skipped in 0..3 {
        let inner = secret.as_bytes().get(skipped..).unwrap_or_default();
        for engine in [&STANDARD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(inner.chunks_exact(3).flatten().copied().collect::<Vec<_>>());
            spellings.push(text);
        }
    }
    let (first, second) = secret.split_at(secret.len() / 2);
    spellings.extend([first, second].into_iter().filter(|half| half.len() >= 16).map(str::to_owned));
    spellings
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let secret = "s3cret/with+odd~characters-0123456789";
    for shown in [
        format!("?a={}", utf8_percent_encode(secret, NON_ALPHANUMERIC)),
        format!("{:?}", Some(secret.as_bytes())),
        STANDARD.encode(format!("x{secret}y")),
        URL_SAFE_NO_PAD.encode(format!("xy:{secret}")),
        format!("Basic {}", STANDARD.encode(format!("id:{secret}"))),
        "prefix characters-0123456789".to_owned(),
    ] {
        assert!(spellings(secret).iter().any(|spelling| shown.contains(spelling.as_str())), "{shown}");
    }
    assert!(!spellings(secret).iter().any(|spelling| "nothing of it".contains(spelling.as_str())));
}
