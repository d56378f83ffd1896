//! What makes an authorization request valid? A known client, a registered address, and then the rest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::behaviour::IssuerParameter;
use crate::client::{Client, RedirectUri};
use crate::digest::s256;
use crate::entropy::Credential;
use crate::error::{AuthorizationError, Unanswerable};
use crate::form::{Parameters, encode};
use crate::idp::Idp;

/// The longest scope that is remembered.
const LONGEST_SCOPE: usize = 1024;

/// A valid authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'idp> {
    pub(crate) client: &'idp Client,
    pub(crate) reply_to: ReplyTo<'idp>,
    pub(crate) details: Details,
}

/// Where the authorization response goes, and what it repeats.
#[derive(Debug)]
pub(crate) struct ReplyTo<'idp> {
    pub(crate) redirect_uri: &'idp RedirectUri,
    pub(crate) state: Option<String>,
    iss: Option<&'idp str>,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) scope: Option<Scope>,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) login_hint: Option<String>,
}

/// Why there is no valid authorization request, and so where that is told.
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
        let iss = match idp.current_behaviour().issuer_parameter {
            IssuerParameter::Omitted => None,
            IssuerParameter::Sent => Some(idp.issuer()),
        };
        // A repeated state is no state; the repetition is refused with the details.
        let state = parameters.one("state").ok().flatten().map(str::to_owned);
        let reply_to = ReplyTo { redirect_uri, state, iss };
        match Details::parse(parameters) {
            Ok(details) => Ok(Self { client, reply_to, details }),
            Err(error) => Err(Refusal::Redirect(reply_to, error)),
        }
    }

    /// The parameters that make the same request again.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("response_type", Some("code")),
            ("client_id", Some(self.client.id())),
            ("redirect_uri", Some(self.reply_to.redirect_uri.as_str())),
            ("scope", self.details.scope.as_ref().map(Scope::as_str)),
            ("state", self.reply_to.state.as_deref()),
            ("code_challenge", Some(self.details.code_challenge.as_str())),
            ("code_challenge_method", Some("S256")),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
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

impl ReplyTo<'_> {
    /// The authorization response (RFC 6749 section 4.1.2).
    pub(crate) fn with_code(&self, code: &Credential) -> String {
        self.location([("code", code.as_str())])
    }

    /// The error response (RFC 6749 section 4.1.2.1).
    pub(crate) fn with_error(&self, error: AuthorizationError) -> String {
        self.location([("error", error.code()), ("error_description", error.description())])
    }

    fn location<const N: usize>(&self, answer: [(&str, &str); N]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let iss = self.iss.map(|iss| ("iss", iss));
        self.redirect_uri.with_query(&encode(answer.into_iter().chain(state).chain(iss)))
    }
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
        Ok(Self { scope, code_challenge, login_hint })
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

    use crate::{Behaviour, ClientSecret};

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
        assert!(request.parameters().eq(VALID));
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
            Refusal::Redirect(reply_to, error) => Ok((error, reply_to.with_error(error))),
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
