//! Authorization request and response, by way of the browser (RFC 6749 section 4.1.1 and 4.1.2).

use crate::query::Parameters;
use crate::refused::CallbackRefused;
use crate::secret::{AuthorizationCode, CodeVerifier, State};
use aura_jose::base64url;
use aura_session::internal::entropy::{Draw, Entropy};
use aura_session::{InvalidParameter, ParameterIssue};
use ring::digest;
use serde::{Deserialize, Serialize, Serializer};
use url::{Url, form_urlencoded};

/// Longest code that is passed on, in bytes.
const MAX_CODE: usize = 8 * 1024;
/// Longest description of the user that is looked at, in bytes.
const MAX_USER: usize = 1024;

/// Error codes for "the user cancelled": the registered one, and those of LinkedIn and Apple.
const DENIED: [&str; 3] = ["access_denied", "user_cancelled_login", "user_cancelled_authorize"];

/// The order of further parameters in the wire contract of Aura Auth. Others come after, in the order given.
const ORDER: [&str; 6] = ["prompt", "response_mode", "login_hint", "nonce", "display", "audience"];

/// Sorts further parameters as the contract does.
pub fn sort(parameters: &mut [(String, String)]) {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    parameters.sort_by_key(|(name, _)| rank(name));
}

/// Tells whether the value of `max_age` or `response_mode` is valid. That of any other parameter is.
pub fn is_sound(name: &str, value: &str) -> bool {
    match name {
        "max_age" => value.parse::<u64>().is_ok(),
        "response_mode" => matches!(value, "query" | "form_post"),
        _ => true,
    }
}

/// The authorization request of one sign-in, with its parameters in the contract's order.
#[derive(Clone, Copy, Serialize)]
#[expect(missing_debug_implementations, reason = "it has secrets as text")]
pub struct AuthorizationRequest<'a> {
    /// `code`.
    pub response_type: &'static str,
    /// The client's id, under its usual name.
    pub client_id: Option<&'a str>,
    /// Where the code is delivered.
    pub redirect_uri: &'a str,
    /// The state of the attempt.
    pub state: &'a str,
    /// The challenge of the proof key.
    pub code_challenge: Option<&'a str>,
    /// Its method.
    pub code_challenge_method: Option<&'static str>,
    /// The scope, which may be empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    /// The parameters of the provider's configuration and of this sign-in; for OpenID Providers with the `nonce` (OpenID
    /// Connect Core 1.0 section 3.1.2.1).
    #[serde(flatten, serialize_with = "pairs")]
    pub further: &'a [(String, String)],
}

impl AuthorizationRequest<'_> {
    /// Makes the URL that the browser is sent to: the request follows what the endpoint's own query has. To write it in one
    /// pass takes 1,500 instructions, and 7,000 as a message that [`with_query`](super::with_query) adds.
    pub fn url(&self, endpoint: &Url) -> String {
        let pairs = [
            ("response_type", Some(self.response_type)),
            ("client_id", self.client_id),
            ("redirect_uri", Some(self.redirect_uri)),
            ("state", Some(self.state)),
            ("code_challenge", self.code_challenge),
            ("code_challenge_method", self.code_challenge_method),
            ("scope", Some(self.scope).filter(|scope| !scope.is_empty())),
        ];
        let mut url = String::with_capacity(512);
        // An endpoint has no fragment (RFC 6749 section 3.1).
        url.push_str(endpoint.as_str());
        let mut separator = endpoint.query().map_or("?", |query| if query.is_empty() { "" } else { "&" });
        for (name, value) in pairs.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            url.extend([std::mem::replace(&mut separator, "&"), name, "="]);
            push_encoded(&mut url, value);
        }
        for (name, value) in self.further {
            url.push('&');
            push_encoded(&mut url, name);
            url.push('=');
            push_encoded(&mut url, value);
        }
        url
    }
}

/// Appends a text, encoded for a form.
fn push_encoded(url: &mut String, text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    // Not `all`, which stops at the first other byte: vector instructions do not.
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        url.push_str(text);
    } else {
        url.extend(form_urlencoded::byte_serialize(text.as_bytes()));
    }
}

/// Writes pairs as members.
fn pairs<S: Serializer>(pairs: &&[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// Whether PKCE is used (RFC 7636). Only a row can turn it off. Options and the provider's metadata cannot.
///
/// ```
/// use aura_providers::{GITHUB, ProofKey, SLACK};
/// assert_eq!(GITHUB.proof_key, ProofKey::S256);
/// assert_eq!(SLACK.proof_key, ProofKey::Refused);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofKey {
    /// The code is bound by a key, whose challenge is its SHA-256 hash.
    #[default]
    S256,
    /// The provider refuses a client that has a secret and sends a proof key, too. The client must have a secret.
    Refused,
}

impl ProofKey {
    /// Tells whether a proof key is sent.
    #[doc(hidden)]
    pub fn is_sent(self) -> bool {
        match self {
            Self::S256 => true,
            Self::Refused => false,
        }
    }
}

/// Draws a verifier: 32 random bytes in 43 characters (RFC 7636 section 4.1).
pub fn code_verifier(entropy: &mut Entropy) -> CodeVerifier {
    CodeVerifier::new(base64url::encode(entropy.draw::<32>(Draw::CodeVerifier)))
}

/// Makes the S256 challenge of a verifier (RFC 7636 section 4.2).
pub fn code_challenge(verifier: &CodeVerifier) -> String {
    base64url::encode(digest::digest(&digest::SHA256, verifier.expose().as_bytes()))
}

/// The issuer that a callback's `iss` must name (RFC 9207 section 2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedIssuer {
    /// It is not known how the provider names itself.
    Unknown,
    /// This one, if the callback names any.
    IfSent(String),
    /// This one.
    Always(String),
}

impl ExpectedIssuer {
    /// Returns the issuer, if it is known.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::IfSent(issuer) | Self::Always(issuer) => Some(issuer),
        }
    }
}

/// The parameters of a callback.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// The state.
    pub state: State,
    /// The issuer (`iss`, RFC 9207 section 2). Empty is not absent.
    pub iss: Option<String>,
    /// The user's name, unsigned (Sign in with Apple).
    pub user: Option<String>,
    /// The decision.
    pub outcome: Outcome,
}

/// The provider's decision.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A code.
    Code(AuthorizationCode),
    /// `error=access_denied`, or a provider's own code for it.
    Denied,
    /// An `error` of a provider that may not ask the user (OpenID Connect Core 1.0 section 3.1.2.6)
    InteractionRequired,
    /// Any other `error`
    Failed,
}

impl AuthorizationResponse {
    /// Reads the callback's query, or the form that stands in for it: no protocol parameter may be repeated, and
    /// `state` is required, and `code` or `error`. Without `state`, a denial is reported as one, and every other answer as `StateMissing`.
    pub fn parse(encoded: &[u8]) -> Result<Self, CallbackRefused> {
        let parameters = Parameters::parse(encoded);
        let mut invalid = Vec::new();
        let mut once = |name: &'static str, required: bool| {
            let issue = match parameters.once(name) {
                Err(_) => ParameterIssue::Repeated,
                Ok(None) if required => ParameterIssue::Missing,
                Ok(value) => return value,
            };
            invalid.push(InvalidParameter::new(name, issue));
            None
        };
        let error = once("error", false);
        let code = once("code", error.is_none());
        let is_answer = error.is_some() || code.is_some();
        let state = once("state", !is_answer);
        once("iss", false);
        if code.is_some_and(|code| code.len() > MAX_CODE) {
            invalid.push(InvalidParameter::new("code", ParameterIssue::Invalid));
        }
        if !invalid.is_empty() {
            return Err(CallbackRefused::Parameters(invalid));
        }
        let outcome = match (error, code) {
            (Some(error), _) if DENIED.contains(&error) => Outcome::Denied,
            (
                Some(
                    "login_required"
                    | "interaction_required"
                    | "consent_required"
                    | "account_selection_required",
                ),
                _,
            ) => Outcome::InteractionRequired,
            (None, Some(code)) => Outcome::Code(AuthorizationCode::new(code)),
            (Some(_) | None, _) => Outcome::Failed,
        };
        let state = state.ok_or(match outcome {
            Outcome::Denied => CallbackRefused::Denied,
            Outcome::Code(_) | Outcome::InteractionRequired | Outcome::Failed => {
                CallbackRefused::StateMissing
            }
        })?;
        let iss = parameters.last("iss").map(str::to_owned);
        let user = parameters.last("user").filter(|user| user.len() <= MAX_USER).map(str::to_owned);
        Ok(Self { state: State::new(state), iss, user, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::with_query;
    use crate::provider::test_rows::GITLAB;
    use crate::secret::ClientSecret;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hi_02_no_scope_or_parameter_changes_another(scope in "\\PC{1,8}", name in "[!-~é]{1,8}", value in "\\PC{1,8}") {
            let gitlab = GITLAB.with_client("id", ClientSecret::new("secret"));
            let gitlab = gitlab.authorization_endpoint("https://gitlab.com/oauth/authorize?own=1%202");
            let gitlab = gitlab.scope(&scope).authorization_parameter(&name, &value);
            let Ok(known) = gitlab.validate() else { return Ok(()) };
            let request = AuthorizationRequest {
                response_type: "code",
                client_id: Some(&known.client_id),
                redirect_uri: "https://app.test/auth/callback/gitlab",
                state: "s",
                code_challenge: Some("c"),
                code_challenge_method: Some("S256"),
                scope: &known.scope,
                further: &known.authorization_parameters,
            };
            let endpoint = &known.configured().unwrap().authorization;
            let url = with_query(endpoint, &request).unwrap();
            prop_assert_eq!(request.url(endpoint), url.as_str(), "the general writer is the oracle");
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            let at = |at: usize| (pairs[at].0.as_str(), pairs[at].1.as_str());
            prop_assert_eq!(pairs.len(), 9);
            prop_assert_eq!(at(0), ("own", "1 2"));
            prop_assert_eq!(at(4), ("state", "s"));
            prop_assert_eq!(at(7), ("scope", scope.as_str()));
            prop_assert_eq!(at(8), (name.as_str(), value.as_str()));
        }
    }

    fn names(query: &str) -> Vec<&'static str> {
        match AuthorizationResponse::parse(query.as_bytes()) {
            Err(CallbackRefused::Parameters(invalid)) => invalid.iter().map(|one| one.name).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_callback_has_a_state_and_a_code_or_an_error() {
        let parse = |query: &str| AuthorizationResponse::parse(query.as_bytes()).unwrap().outcome;
        assert_eq!(parse("code=a%20b&state=s&other=1"), Outcome::Code(AuthorizationCode::new("a b")));
        for error in DENIED {
            assert_eq!(parse(&format!("error={error}&state=s")), Outcome::Denied);
        }
        assert_eq!(parse("error=server_error&state=s&code=c"), Outcome::Failed);
    }

    #[test]
    fn mx_04_an_empty_issuer_is_not_an_absent_one() {
        let iss = |query: &str| AuthorizationResponse::parse(query.as_bytes()).unwrap().iss;
        assert_eq!(iss("code=c&state=s&iss="), Some(String::new()));
        assert_eq!(iss("code=c&state=s&iss=https%3A%2F%2Fa.test"), Some("https://a.test".to_owned()));
        assert_eq!(iss("code=c&state=s"), None);
    }

    #[test]
    fn st_03_st_12_ci_05_missing_empty_and_repeated_parameters_are_named() {
        assert_eq!(names(""), ["code", "state"]);
        assert_eq!(names("code=&state="), ["code", "state"]);
        assert_eq!(names("code=c&state=a&state=b"), ["state"]);
        assert_eq!(names("code=c&code=c&state=a"), ["code"]);
        let parse = |query: &str| AuthorizationResponse::parse(query.as_bytes()).unwrap_err();
        for query in ["code=c&state[]=a", "code=c&state=", "code=c", "error=server_error"] {
            assert_eq!(parse(query), CallbackRefused::StateMissing, "{query}");
        }
        assert_eq!(parse("error=access_denied"), CallbackRefused::Denied);
        assert_eq!(names("code=c&state=s&iss=a&iss=a"), ["iss"]);
        assert_eq!(names("code=c&state=s&iss=&iss="), ["iss"]);
        assert_eq!(names(&format!("state=s&code={}", "c".repeat(MAX_CODE + 1))), ["code"]);
    }

    #[test]
    fn a_code_of_8_kib_is_read_and_one_character_more_is_not() {
        let of = |length: usize| {
            AuthorizationResponse::parse(format!("state=s&code={}", "c".repeat(length)).as_bytes())
        };
        assert!(of(MAX_CODE).is_ok() && of(MAX_CODE + 1).is_err());
    }

    #[test]
    fn the_challenge_is_that_of_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn pk_02_a_verifier_has_43_unreserved_characters() {
        let verifier = code_verifier(&mut Entropy::from_os_bytes([5; 32]));
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert_eq!(verifier.expose().len(), 43);
        assert!(verifier.expose().bytes().all(unreserved));
    }
}
