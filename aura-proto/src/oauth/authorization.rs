//! What does the browser carry to the provider and back? (RFC 6749 section 4.1.1 and 4.1.2)

use super::parameters::Parameters;
use super::pkce;
use crate::cookie::attempt::Attempt;
use crate::error::{InvalidParameter, ParameterIssue, RequestError};
use crate::provider::ValidProvider;
use crate::secret::{AuthorizationCode, State};
use url::Url;

/// Longest code that is passed on, in bytes.
const MAX_CODE: usize = 8 * 1024;

/// Makes the URL that the browser is sent to. The provider's own query is kept; parameters come in the contract's order.
pub(crate) fn authorization_url(provider: &ValidProvider, attempt: &Attempt) -> Url {
    let mut url = provider.authorization_endpoint.clone();
    let challenge = pkce::code_challenge(&attempt.code_verifier);
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &attempt.redirect_uri)
        .append_pair("state", attempt.state.expose())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if !provider.scope.is_empty() {
        query.append_pair("scope", &provider.scope);
    }
    query.extend_pairs(&provider.authorization_parameters);
    drop(query);
    url
}

/// What the browser brings back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationResponse {
    pub(crate) state: State,
    /// Who says that it answers (RFC 9207 section 2). Empty is not absent.
    pub(crate) iss: Option<String>,
    pub(crate) outcome: Outcome,
}

/// What the provider decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Code(AuthorizationCode),
    /// `error=access_denied`
    Denied,
    /// Any other `error`
    Failed,
}

impl AuthorizationResponse {
    /// Reads the callback's query: each protocol parameter once at most, `state` always, `code` or `error`.
    pub(crate) fn parse(query: &str) -> Result<Self, RequestError> {
        let parameters = Parameters::parse(query.as_bytes());
        let mut invalid = Vec::new();
        let mut once = |name: &'static str, required: bool| {
            let issue = match parameters.once(name) {
                Err(_) => ParameterIssue::Repeated,
                Ok(None) if required => ParameterIssue::Missing,
                Ok(value) => return value,
            };
            invalid.push(InvalidParameter { name, issue });
            None
        };
        let error = once("error", false);
        let code = once("code", error.is_none());
        let state = once("state", true);
        once("iss", false);
        if code.is_some_and(|code| code.len() > MAX_CODE) {
            invalid.push(InvalidParameter { name: "code", issue: ParameterIssue::Invalid });
        }
        let (Some(state), true) = (state, invalid.is_empty()) else {
            return Err(RequestError::InvalidParameters(invalid));
        };
        let outcome = match (error, code) {
            (Some("access_denied"), _) => Outcome::Denied,
            (None, Some(code)) => Outcome::Code(AuthorizationCode::new(code)),
            (Some(_) | None, _) => Outcome::Failed,
        };
        let iss = parameters.last("iss").map(str::to_owned);
        Ok(Self { state: State::new(state), iss, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{ExpectedIssuer, GITLAB};
    use crate::secret::{ClientSecret, CodeVerifier};
    use crate::time::UnixTime;
    use proptest::prelude::*;

    fn attempt() -> Attempt {
        Attempt {
            provider: "gitlab".to_owned(),
            issuer: ExpectedIssuer::Unknown,
            state: State::new("s"),
            code_verifier: CodeVerifier::new("v"),
            redirect_uri: "https://app.test/auth/callback/gitlab".to_owned(),
            redirect_to: "/".to_owned(),
            issued_at: UnixTime::from_secs(0),
        }
    }

    proptest! {
        #[test]
        fn hi_02_no_scope_or_parameter_changes_another(scope in "\\PC{1,8}", name in "[!-~é]{1,8}", value in "\\PC{1,8}") {
            let gitlab = GITLAB.with_client("id", ClientSecret::new("secret"));
            let gitlab = gitlab.authorization_endpoint("https://gitlab.com/oauth/authorize?own=1%202");
            let gitlab = gitlab.scope(&scope).authorization_parameter(&name, &value);
            let Ok(valid) = gitlab.validate() else { return Ok(()) };
            let url = authorization_url(&valid, &attempt());
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
        match AuthorizationResponse::parse(query) {
            Err(RequestError::InvalidParameters(invalid)) => invalid.iter().map(|one| one.name).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_callback_has_a_state_and_a_code_or_an_error() {
        let parse = |query| AuthorizationResponse::parse(query).unwrap().outcome;
        assert_eq!(parse("code=a%20b&state=s&other=1"), Outcome::Code(AuthorizationCode::new("a b")));
        assert_eq!(parse("error=access_denied&state=s"), Outcome::Denied);
        assert_eq!(parse("error=server_error&state=s&code=c"), Outcome::Failed);
    }

    #[test]
    fn mx_04_an_empty_issuer_is_not_an_absent_one() {
        let iss = |query| AuthorizationResponse::parse(query).unwrap().iss;
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
        assert_eq!(names("code=c&state[]=a"), ["state"]);
        assert_eq!(names("error=access_denied"), ["state"]);
        assert_eq!(names("code=c&state=s&iss=a&iss=a"), ["iss"]);
        assert_eq!(names("code=c&state=s&iss=&iss="), ["iss"]);
        assert_eq!(names(&format!("state=s&code={}", "c".repeat(MAX_CODE + 1))), ["code"]);
    }
}
