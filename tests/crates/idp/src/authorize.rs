//! Authorization endpoint: the login page and its form, which is accepted once (RFC 6749 section 4.1).

use bytes::Bytes;
use http::Request;
use url::Url;

use crate::account::Account;
use crate::entropy::{Entropy, Label};
use crate::error::{AuthorizationError, DecisionError, Unanswerable};
use crate::form::Parameters;
use crate::idp::Idp;
use crate::page::Page;
use crate::par::{self, Source};
use crate::reply::Reply;
use crate::request::{AuthorizationRequest, Prompt, Refusal};
use crate::response::{self, Response};
use crate::state::{Access, Grant, SignIn, State};

/// The choice of the user at the login page.
#[derive(Debug)]
pub(crate) enum Decision<'idp> {
    Approve(&'idp Account),
    Deny,
}

/// Answers `GET authorize` with the login page.
pub(crate) fn show(idp: &Idp, state: &State, request: &Request<Bytes>, now: u64) -> Response {
    let query = request.uri().query().unwrap_or_default();
    match parse(idp, state, Parameters::parse(query.as_bytes()), now) {
        Ok((request, _)) => response::page(Page::login(&request, idp.all_accounts())),
        Err(refusal) => refuse(&refusal),
    }
}

/// Sends the browser back, by a redirect or by a form.
fn deliver(reply: Reply) -> Response {
    match reply {
        Reply::Redirect(location) => response::redirect(&location),
        Reply::FormPost(form) => response::page(Page::form_post(&form)),
    }
}

/// Answers `POST authorize/decision`, whose body is the whole request again and the choice.
///
/// There is no session to ride on, so there is no token against cross-site requests: a page that can post this
/// could as well press the button.
pub(crate) fn decide(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Response {
    let (request, parameters) = match parse(idp, state, Parameters::from_body(request), now) {
        Ok(parsed) => parsed,
        Err(refusal) => return refuse(&refusal),
    };
    match Decision::parse(idp, &parameters) {
        Ok(decision) => deliver(decision.carry_out(state, &request, now, entropy)),
        Err(fault) => response::error_page(Page::error(fault)),
    }
}

/// Reads the authorization request in a URL that a browser would be sent to.
pub(crate) fn request_at<'idp>(
    idp: &'idp Idp,
    state: &State,
    authorize_url: &str,
    now: u64,
) -> Result<AuthorizationRequest<'idp>, DecisionError> {
    let mut url = Url::parse(authorize_url).map_err(|_| DecisionError::OtherEndpoint)?;
    let query = url.query().unwrap_or_default().to_owned();
    url.set_query(None);
    url.set_fragment(None);
    if url.as_str() != idp.authorization_endpoint() {
        return Err(DecisionError::OtherEndpoint);
    }
    match parse(idp, state, Parameters::parse(query.as_bytes()), now) {
        Ok((request, _)) => Ok(request),
        Err(Refusal::Page(fault)) => Err(DecisionError::Unanswerable(fault)),
        Err(Refusal::Redirect(reply_to, error)) => {
            Err(DecisionError::Refused { error, location: reply_to.with_error(error).into_location() })
        }
    }
}

/// Where Cancel leads.
pub(crate) fn denial(request: &AuthorizationRequest<'_>) -> Reply {
    request.reply_to.with_error(AuthorizationError::AccessDenied)
}

impl<'idp> Decision<'idp> {
    pub(crate) fn approve(idp: &'idp Idp, account_id: &str) -> Result<Self, Unanswerable> {
        idp.known_account(account_id).map(Self::Approve).ok_or(Unanswerable::UnknownAccount)
    }

    fn parse(idp: &'idp Idp, parameters: &Parameters) -> Result<Self, Unanswerable> {
        match (parameters.one("account")?, parameters.one("cancel")?) {
            (Some(account_id), None) => Self::approve(idp, account_id),
            (None, Some(_)) => Ok(Self::Deny),
            (None, None) | (Some(_), Some(_)) => Err(Unanswerable::Undecided),
        }
    }

    /// Issues a code, or none, and gives the response (RFC 6749 section 4.1.2).
    pub(crate) fn carry_out(
        &self,
        state: &mut State,
        request: &AuthorizationRequest<'_>,
        now: u64,
        entropy: &Entropy,
    ) -> Reply {
        // RFC 9126 section 4: a reference is used once, by whichever decision.
        if let Source::Pushed { request_uri } = &request.source {
            state.forget_pushed(request_uri);
        }
        let account = match self {
            Self::Approve(account) => account,
            Self::Deny => return denial(request),
        };
        let code = entropy.derive(Label::AuthorizationCode);
        let sign_in = SignIn {
            nonce: request.details.nonce.clone(),
            acr: request.details.acr.clone(),
            max_age: request.details.max_age.as_ref().and_then(|seconds| seconds.parse().ok()),
            begun_at: now,
            sid: entropy.derive(Label::SessionId).as_str().to_owned(),
        };
        state.keep_code(&code, grant(request, account, sign_in), now);
        request.reply_to.with_code(&code)
    }
}

fn parse<'idp, E: Into<Unanswerable>>(
    idp: &'idp Idp,
    state: &State,
    parameters: Result<Parameters, E>,
    now: u64,
) -> Result<(AuthorizationRequest<'idp>, Parameters), Refusal<'idp>> {
    let parameters = parameters.map_err(|error| Refusal::Page(error.into()))?;
    let (source, requested) = par::resolve(state, &parameters, now).map_err(Refusal::Page)?;
    let request = AuthorizationRequest { source, ..AuthorizationRequest::parse(idp, &requested)? };
    if request.source.is_refused_by(idp) {
        return Err(Refusal::Redirect(request.reply_to, AuthorizationError::NotPushed));
    }
    match request.details.prompt {
        // OpenID Connect Core section 3.1.2.6: no user is signed in before the page was shown.
        Prompt::None => Err(Refusal::Redirect(request.reply_to, AuthorizationError::LoginRequired)),
        Prompt::Allowed => Ok((request, parameters)),
    }
}

fn refuse(refusal: &Refusal<'_>) -> Response {
    match refusal {
        Refusal::Page(fault) => response::error_page(Page::error(*fault)),
        Refusal::Redirect(reply_to, error) => deliver(reply_to.with_error(*error)),
    }
}

/// Binds a code to all that its redemption must match.
fn grant(request: &AuthorizationRequest<'_>, account: &Account, sign_in: SignIn) -> Grant {
    Grant {
        client_id: request.client.id().to_owned(),
        redirect_uri: request.reply_to.redirect_uri.as_str().to_owned(),
        code_challenge: request.details.code_challenge.clone(),
        access: Access {
            client_id: request.client.id().to_owned(),
            account_id: account.id().to_owned(),
            scope: request.details.scope.clone(),
            sign_in,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_exactly_one_choice() {
        let idp = Idp::new("https://idp.example").unwrap().accounts(Account::made_up());
        let decide = |body: &str| match Decision::parse(&idp, &Parameters::parse(body.as_bytes()).unwrap()) {
            Ok(Decision::Approve(account)) => Ok(account.id()),
            Ok(Decision::Deny) => Ok("nobody"),
            Err(fault) => Err(fault),
        };
        assert_eq!(decide("account=ada"), Ok("ada"));
        assert_eq!(decide("cancel=cancel"), Ok("nobody"));
        assert_eq!(decide("account=eve"), Err(Unanswerable::UnknownAccount));
        assert_eq!(decide("account=ada&cancel=cancel"), Err(Unanswerable::Undecided));
        assert_eq!(decide(""), Err(Unanswerable::Undecided));
    }

    #[test]
    fn only_the_own_authorization_endpoint_is_decided_on() {
        let idp = Idp::new("https://idp.example/dev").unwrap();
        let at = |idp, url| request_at(idp, &State::default(), url, 0);
        for url in
            ["", "/dev/authorize", "https://other.example/dev/authorize", "https://idp.example/authorize"]
        {
            assert_eq!(at(&idp, url).err(), Some(DecisionError::OtherEndpoint), "{url}");
        }
        let fault = DecisionError::Unanswerable(Unanswerable::UnknownClient);
        assert_eq!(at(&idp, "https://IDP.example:443/dev/authorize#a").err(), Some(fault));
    }
}
