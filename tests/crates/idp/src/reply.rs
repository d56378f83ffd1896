//! Authorization responses through the browser, in a redirect or a form (RFC 6749 section 4.1.2).

use crate::behaviour::IssuerParameter;
use crate::entropy::Credential;
use crate::error::AuthorizationError;
use crate::form::encode;
use crate::form_post::FormPost;
use crate::id_token::OTHER_ISSUER;
use crate::idp::Idp;
use crate::lie::Lie;
use crate::redirect_uri::RedirectUri;

/// Where the authorization response goes, how, and what it repeats.
#[derive(Debug)]
pub(crate) struct ReplyTo<'idp> {
    pub(crate) redirect_uri: &'idp RedirectUri,
    pub(crate) state: Option<String>,
    pub(crate) response_mode: ResponseMode,
    iss: Vec<&'idp str>,
}

/// How the parameters of the response travel (OAuth 2.0 Multiple Response Types section 2.1, Form Post).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
}

/// An authorization response on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Redirect(String),
    FormPost(FormPost),
}

impl<'idp> ReplyTo<'idp> {
    pub(crate) fn new(
        idp: &'idp Idp,
        redirect_uri: &'idp RedirectUri,
        state: Option<String>,
        response_mode: ResponseMode,
    ) -> Self {
        Self { redirect_uri, state, response_mode, iss: iss(idp, response_mode) }
    }

    /// The authorization response (RFC 6749 section 4.1.2).
    pub(crate) fn with_code(&self, code: &Credential) -> Reply {
        self.reply(&[("code", code.as_str())])
    }

    /// The error response (RFC 6749 section 4.1.2.1).
    pub(crate) fn with_error(&self, error: AuthorizationError) -> Reply {
        self.reply(&[("error", error.code()), ("error_description", error.description())])
    }

    fn reply(&self, answer: &[(&str, &str)]) -> Reply {
        let state = self.state.as_deref().map(|state| ("state", state));
        let iss = self.iss.iter().map(|iss| ("iss", *iss));
        let parameters = answer.iter().copied().chain(state).chain(iss);
        match self.response_mode {
            ResponseMode::Query => Reply::Redirect(self.redirect_uri.with_query(&encode(parameters))),
            ResponseMode::FormPost => Reply::FormPost(FormPost::new(self.redirect_uri, parameters)),
        }
    }
}

impl ResponseMode {
    pub(crate) fn parse(value: Option<&str>) -> Option<Self> {
        match value {
            None | Some("query") => Some(Self::Query),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
        }
    }
}

impl Reply {
    /// Where the browser goes: with a form, its action.
    pub(crate) fn into_location(self) -> String {
        match self {
            Self::Redirect(location) => location,
            Self::FormPost(form) => form.action().to_owned(),
        }
    }
}

/// Tells whether discovery promises an `iss` (RFC 9207 section 3); a lie about it is one only then.
pub(crate) fn promises_iss(idp: &Idp) -> bool {
    const LIES: [Lie; 4] =
        [Lie::CallbackOtherIss, Lie::CallbackWithoutIss, Lie::CallbackEmptyIss, Lie::CallbackIssTwice];
    idp.current_behaviour().issuer_parameter == IssuerParameter::Sent
        || LIES.into_iter().any(|lie| idp.tells(lie))
}

fn iss(idp: &Idp, response_mode: ResponseMode) -> Vec<&str> {
    if idp.tells(Lie::CallbackOtherIss) {
        return vec![OTHER_ISSUER];
    }
    if idp.tells(Lie::CallbackWithoutIss) {
        return Vec::new();
    }
    if idp.tells(Lie::CallbackEmptyIss) {
        return vec![""];
    }
    if idp.tells(Lie::CallbackIssTwice) {
        return vec![idp.issuer(), idp.issuer()];
    }
    match (idp.current_behaviour().issuer_parameter, response_mode) {
        (IssuerParameter::Omitted, ResponseMode::Query) => Vec::new(),
        (IssuerParameter::Sent, _) | (IssuerParameter::Omitted, ResponseMode::FormPost) => vec![idp.issuer()],
    }
}
