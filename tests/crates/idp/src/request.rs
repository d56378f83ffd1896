//! Validation of authorization requests: the client, the redirect URI, then the other parameters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client::Client;
use crate::digest::s256;
use crate::error::{AuthorizationError, Unanswerable};
use crate::form::Parameters;
use crate::idp::Idp;
use crate::par::Source;
use crate::redirect_uri::RedirectUri;
use crate::reply::{ReplyTo, ResponseMode};

/// The longest scope that is remembered.
const LONGEST_SCOPE: usize = 1024;

/// A valid authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'idp> {
    pub(crate) client: &'idp Client,
    pub(crate) reply_to: ReplyTo<'idp>,
    pub(crate) details: Details,
    pub(crate) source: Source,
}

/// The parameters that a code or token depends on.
#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) scope: Option<Scope>,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: Option<String>,
    pub(crate) max_age: Option<String>,
}

/// Whether a page may be shown (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    Allowed,
    None,
}

/// Why there is no valid authorization request, and so where the error is shown.
#[derive(Debug)]
pub(crate) enum Refusal<'idp> {
    Page(Unanswerable),
    Redirect(ReplyTo<'idp>, AuthorizationError),
}

/// One or more scope tokens, each separated by one space (RFC 6749 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope(String);

/// The S256 transformation of a code verifier that is still to come (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeChallenge(String);

impl<'idp> AuthorizationRequest<'idp> {
    /// Checks the client and its address first: before they are known, nothing may be redirected.
    pub(crate) fn parse(idp: &'idp Idp, parameters: &Parameters) -> Result<Self, Refusal<'idp>> {
        let (client, redirect_uri) = origin(idp, parameters).map_err(Refusal::Page)?;
        // A repeated state is no state; the repetition is refused with the details.
        let state = parameters.one("state").ok().flatten().map(str::to_owned);
        let response_mode = parameters.one("response_mode").map(ResponseMode::parse).ok().flatten();
        let reply_to = ReplyTo::new(idp, redirect_uri, state, response_mode.unwrap_or(ResponseMode::Query));
        if response_mode.is_none() {
            return Err(Refusal::Redirect(reply_to, AuthorizationError::UnsupportedResponseMode));
        }
        match Details::parse(parameters) {
            Ok(details) => Ok(Self { client, reply_to, details, source: Source::Url }),
            Err(error) => Err(Refusal::Redirect(reply_to, error)),
        }
    }

    /// The parameters that make the same request again; of one that was pushed, the reference alone.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, &str)> {
        if let Source::Pushed { request_uri } = &self.source {
            return vec![("client_id", self.client.id()), ("request_uri", request_uri)];
        }
        let response_mode = match self.reply_to.response_mode {
            ResponseMode::Query => None,
            ResponseMode::FormPost => Some("form_post"),
        };
        [
            ("response_type", Some("code")),
            ("client_id", Some(self.client.id())),
            ("redirect_uri", Some(self.reply_to.redirect_uri.as_str())),
            ("scope", self.details.scope.as_ref().map(Scope::as_str)),
            ("state", self.reply_to.state.as_deref()),
            ("code_challenge", Some(self.details.code_challenge.as_str())),
            ("code_challenge_method", Some("S256")),
            ("response_mode", response_mode),
            ("nonce", self.details.nonce.as_deref()),
            ("acr_values", self.details.acr.as_deref()),
            ("max_age", self.details.max_age.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

fn origin<'idp>(
    idp: &'idp Idp,
    parameters: &Parameters,
) -> Result<(&'idp Client, &'idp RedirectUri), Unanswerable> {
    let client_id = parameters.one("client_id")?.ok_or(Unanswerable::UnknownClient)?;
    let client = idp.registered_client(client_id).ok_or(Unanswerable::UnknownClient)?;
    let redirect_uri = parameters.one("redirect_uri")?.ok_or(Unanswerable::UnregisteredRedirectUri)?;
    let redirect_uri = client.registered(redirect_uri).ok_or(Unanswerable::UnregisteredRedirectUri)?;
    Ok((client, redirect_uri))
}

impl Details {
    fn parse(parameters: &Parameters) -> Result<Self, AuthorizationError> {
        // RFC 6749 section 3.1: parameters MUST NOT be included more than once.
        parameters.refuse_repeated()?;

        match parameters.one("response_type")? {
            None => return Err(AuthorizationError::MissingResponseType),
            Some("code") => {}
            Some(_) => return Err(AuthorizationError::UnsupportedResponseType),
        }

        let code_challenge =
            parameters.one("code_challenge")?.ok_or(AuthorizationError::MissingCodeChallenge)?;
        // RFC 7636 section 4.3: without a method it is plain, which discloses the verifier.
        if parameters.one("code_challenge_method")? != Some("S256") {
            return Err(AuthorizationError::UnsupportedCodeChallengeMethod);
        }
        let code_challenge =
            CodeChallenge::parse(code_challenge).ok_or(AuthorizationError::MalformedCodeChallenge)?;

        let scope = match parameters.one("scope")? {
            None => None,
            Some(scope) => Some(Scope::parse(scope).ok_or(AuthorizationError::InvalidScope)?),
        };
        let login_hint = parameters.one("login_hint")?.map(str::to_owned);
        let (prompt, nonce, acr, max_age) = (Prompt::Allowed, None, None, None);
        let plain = Self { scope, code_challenge, login_hint, prompt, nonce, acr, max_age };
        if plain.scope.as_ref().is_some_and(|scope| scope.contains("openid")) {
            return plain.with_openid(parameters);
        }
        Ok(plain)
    }

    /// Reads what OpenID Connect Core section 3.1.2.1 adds; `ui_locales`, `display` and the like are welcome.
    fn with_openid(self, parameters: &Parameters) -> Result<Self, AuthorizationError> {
        let prompt = match parameters.one("prompt")? {
            Some("none") => Prompt::None,
            Some(several) if several.split(' ').any(|value| value == "none") => {
                return Err(AuthorizationError::PromptNoneAndMore);
            }
            Some(_) | None => Prompt::Allowed,
        };
        let max_age = parameters.one("max_age")?.map(str::to_owned);
        if max_age.as_ref().is_some_and(|seconds| seconds.parse::<u64>().is_err()) {
            return Err(AuthorizationError::MalformedMaxAge);
        }
        if parameters.one("request")?.is_some() {
            return Err(AuthorizationError::RequestObject);
        }
        let nonce = parameters.one("nonce")?.map(str::to_owned);
        let acr_values = parameters.one("acr_values")?.unwrap_or_default();
        let acr = acr_values.split(' ').find(|acr| !acr.is_empty()).map(str::to_owned);
        Ok(Self { prompt, nonce, acr, max_age, ..self })
    }
}

impl Scope {
    fn parse(value: &str) -> Option<Self> {
        let valid = value.len() <= LONGEST_SCOPE && value.split(' ').all(is_scope_token);
        valid.then(|| Self(value.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn contains(&self, token: &str) -> bool {
        self.0.split(' ').any(|own| own == token)
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`
fn is_scope_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

impl CodeChallenge {
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let digest = URL_SAFE_NO_PAD.decode(value).ok()?;
        (digest.len() == 32).then(|| Self(value.to_owned()))
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    /// `BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge` (RFC 7636 section 4.6).
    pub(crate) fn is_met_by(&self, code_verifier: &str) -> bool {
        s256(code_verifier) == self.0
    }
}

#[cfg(test)]
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[cfg(test)]
mod tests {
    use super::*;

    use crate::form::encode;
    use crate::{Behaviour, ClientSecret, IssuerParameter};

    const VALID: [(&str, &str); 7] = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("scope", "openid email"),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];

    #[test]
    fn a_valid_request_round_trips() {
        let idp = idp();
        let parameters = Parameters::parse(encode(VALID).as_bytes()).unwrap();
        let request = AuthorizationRequest::parse(&idp, &parameters).unwrap();
        assert_eq!(request.parameters(), VALID);
    }

    #[test]
    fn a_doubtful_client_or_address_gets_a_page() {
        let faults = [
            (without("client_id"), Unanswerable::UnknownClient),
            (with("client_id", "nobody"), Unanswerable::UnknownClient),
            (with("client_id", ""), Unanswerable::UnknownClient),
            (without("redirect_uri"), Unanswerable::UnregisteredRedirectUri),
            (with("redirect_uri", "https://app.example/cb/"), Unanswerable::UnregisteredRedirectUri),
            (repeated("client_id"), Unanswerable::RepeatedParameter),
            (repeated("redirect_uri"), Unanswerable::RepeatedParameter),
        ];
        for (query, fault) in faults {
            assert_eq!(refusal(&idp(), &query), Err(fault), "{query}");
        }
    }

    #[test]
    fn any_other_error_is_sent_back() {
        let errors = [
            (without("response_type"), AuthorizationError::MissingResponseType),
            (with("response_type", "token"), AuthorizationError::UnsupportedResponseType),
            (without("code_challenge"), AuthorizationError::MissingCodeChallenge),
            (with("code_challenge", "short"), AuthorizationError::MalformedCodeChallenge),
            (without("code_challenge_method"), AuthorizationError::UnsupportedCodeChallengeMethod),
            (with("code_challenge_method", "plain"), AuthorizationError::UnsupportedCodeChallengeMethod),
            (with("scope", "a  b"), AuthorizationError::InvalidScope),
            (with("scope", "a\"b"), AuthorizationError::InvalidScope),
            (with("scope", &"a".repeat(LONGEST_SCOPE + 1)), AuthorizationError::InvalidScope),
            (with("response_mode", "fragment"), AuthorizationError::UnsupportedResponseMode),
            (with("prompt", "login none"), AuthorizationError::PromptNoneAndMore),
            (with("max_age", "soon"), AuthorizationError::MalformedMaxAge),
            (with("request", "e30.e30."), AuthorizationError::RequestObject),
            (repeated("scope"), AuthorizationError::RepeatedParameter),
            (repeated("state"), AuthorizationError::RepeatedParameter),
        ];
        for (query, error) in errors {
            assert_eq!(refusal(&idp(), &query).map(|(error, _)| error), Ok(error), "{query}");
        }
    }

    #[test]
    fn an_error_response_repeats_the_state_and_a_repeated_state_is_none() {
        let (_, location) = refusal(&idp(), &with("response_type", "token")).unwrap();
        assert_eq!(
            location,
            "https://app.example/cb?error=unsupported_response_type\
             &error_description=the+response_type+is+not+code&state=a+b%26c"
        );
        let (_, location) = refusal(&idp(), &repeated("state")).unwrap();
        assert!(!location.contains("&state="));
    }

    #[test]
    fn the_issuer_is_named_if_switched_on() {
        let idp = idp().behaviour(Behaviour::default().issuer_parameter(IssuerParameter::Sent));
        let (_, location) = refusal(&idp, &with("response_type", "token")).unwrap();
        assert!(location.ends_with("&iss=https%3A%2F%2Fidp.example"));
    }

    fn idp() -> Idp {
        let client = Client::new("app", ClientSecret::new("s"));
        Idp::new("https://idp.example")
            .unwrap()
            .client(client.with_redirect_uri("https://app.example/cb").unwrap())
    }

    fn refusal(idp: &Idp, query: &str) -> Result<(AuthorizationError, String), Unanswerable> {
        let parameters = Parameters::parse(query.as_bytes()).unwrap();
        match AuthorizationRequest::parse(idp, &parameters).unwrap_err() {
            Refusal::Page(fault) => Err(fault),
            Refusal::Redirect(reply_to, error) => Ok((error, reply_to.with_error(error).into_location())),
        }
    }

    fn without(name: &str) -> String {
        encode(VALID.into_iter().filter(|(key, _)| *key != name))
    }

    fn with(name: &str, value: &str) -> String {
        format!("{}&{}", without(name), encode([(name, value)]))
    }

    fn repeated(name: &str) -> String {
        format!("{}&{}", encode(VALID), encode([(name, "twice")]))
    }
}
