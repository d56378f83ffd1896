//! The user's decision as a function call, without a browser (RFC 6749 section 4.1.2).

use crate::authorize::{self, Decision};
use crate::entropy::Entropy;
use crate::error::DecisionError;
use crate::form_post::FormPost;
use crate::idp::Idp;
use crate::reply::Reply;
use crate::state::State;

impl Idp {
    /// Decides as an account's owner would on the login page, and gives the redirect's location
    /// (RFC 6749 section 4.1.2).
    ///
    /// ```
    /// use aura_test_idp::{Account, DecisionError, Idp, State, Unanswerable};
    ///
    /// let idp = Idp::new("http://localhost:3000/dev")?.accounts(Account::made_up());
    /// let url = "http://localhost:3000/dev/authorize?client_id=nobody";
    /// let approved = idp.approve(&mut State::default(), url, "ada", 1_700_000_000, [7; 32]);
    /// assert_eq!(approved, Err(DecisionError::Unanswerable(Unanswerable::UnknownClient)));
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the login page would not have come up, or has no such account; or if the request asks for
    /// `response_mode=form_post`, for which there is [`Idp::approve_form_post`].
    pub fn approve(
        &self,
        state: &mut State,
        authorize_url: &str,
        account_id: &str,
        now: u64,
        entropy: [u8; 32],
    ) -> Result<String, DecisionError> {
        redirect(approved(self, state, authorize_url, account_id, now, entropy)?)
    }

    /// Decides as a user who chooses Cancel, and returns the redirect's location (RFC 6749 section 4.1.2.1).
    ///
    /// ```
    /// use aura_test_idp::{Client, ClientSecret, Idp};
    ///
    /// let client = Client::new("app", ClientSecret::new("app-secret"))
    ///     .with_redirect_uri("http://localhost:3000/callback")?;
    /// let idp = Idp::new("http://localhost:3000/dev")?.client(client);
    /// let location = idp.deny(
    ///     "http://localhost:3000/dev/authorize?response_type=code&client_id=app\
    ///      &redirect_uri=http://localhost:3000/callback\
    ///      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    /// )?;
    /// assert!(location.starts_with("http://localhost:3000/callback?error=access_denied"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the login page would not have come up, as after a pushed request, for which there is
    /// [`Idp::deny_pushed`]; or if the request asks for `response_mode=form_post`.
    pub fn deny(&self, authorize_url: &str) -> Result<String, DecisionError> {
        redirect(denied(self, &mut State::default(), authorize_url, 0)?)
    }

    /// Decides as [`Idp::approve`] does, for `response_mode=form_post`, and gives the form that the browser posts
    /// (OAuth 2.0 Form Post Response Mode section 2).
    ///
    /// ```
    /// use aura_test_idp::{Account, Client, ClientSecret, Idp, State};
    ///
    /// let client = Client::new("app", ClientSecret::new("app-secret"))
    ///     .with_redirect_uri("http://localhost:3000/callback")?;
    /// let idp = Idp::new("http://localhost:3000/dev")?.client(client).accounts(Account::made_up());
    /// let url = "http://localhost:3000/dev/authorize?response_type=code&response_mode=form_post&client_id=app\
    ///     &redirect_uri=http://localhost:3000/callback\
    ///     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    /// let form = idp.approve_form_post(&mut State::default(), url, "ada", 1_700_000_000, [7; 32])?;
    /// assert!(form.field("code").is_some());
    /// assert_eq!(form.field("iss"), Some(idp.issuer()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the login page would not have come up, has no such account, or answers by a redirect.
    pub fn approve_form_post(
        &self,
        state: &mut State,
        authorize_url: &str,
        account_id: &str,
        now: u64,
        entropy: [u8; 32],
    ) -> Result<FormPost, DecisionError> {
        form_post(approved(self, state, authorize_url, account_id, now, entropy)?)
    }

    /// Decides as [`Idp::deny`] does, for `response_mode=form_post`, and gives the form that the browser posts
    /// (OAuth 2.0 Form Post Response Mode section 2).
    ///
    /// See the example of [`FormPost`].
    ///
    /// # Errors
    ///
    /// If the login page would not have come up, or answers by a redirect.
    pub fn deny_form_post(&self, authorize_url: &str) -> Result<FormPost, DecisionError> {
        form_post(denied(self, &mut State::default(), authorize_url, 0)?)
    }

    /// Decides as [`Idp::deny`] does, for a request that was pushed (RFC 9126 section 4).
    ///
    /// ```
    /// use aura_test_idp::{Client, ClientSecret, DecisionError, Idp, State, Unanswerable};
    ///
    /// let idp = Idp::new("http://localhost:3000/dev")?.client(Client::new("app", ClientSecret::new("s")));
    /// let url = "http://localhost:3000/dev/authorize?client_id=app&request_uri=urn:ietf:params:oauth:request_uri:a";
    /// let denied = idp.deny_pushed(&mut State::default(), url, 1_700_000_000);
    /// assert_eq!(denied, Err(DecisionError::Unanswerable(Unanswerable::UnknownRequestUri)));
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the login page would not have come up, or answers by a form.
    pub fn deny_pushed(
        &self,
        state: &mut State,
        authorize_url: &str,
        now: u64,
    ) -> Result<String, DecisionError> {
        redirect(denied(self, state, authorize_url, now)?)
    }
}

fn approved(
    idp: &Idp,
    state: &mut State,
    authorize_url: &str,
    account_id: &str,
    now: u64,
    entropy: [u8; 32],
) -> Result<Reply, DecisionError> {
    let request = authorize::request_at(idp, state, authorize_url, now)?;
    let decision = Decision::approve(idp, account_id)?;
    Ok(decision.carry_out(state, &request, now, &Entropy::new(entropy)))
}

/// No code is issued, so no entropy is used.
fn denied(idp: &Idp, state: &mut State, authorize_url: &str, now: u64) -> Result<Reply, DecisionError> {
    let request = authorize::request_at(idp, state, authorize_url, now)?;
    Ok(Decision::Deny.carry_out(state, &request, now, &Entropy::new([0; 32])))
}

fn redirect(reply: Reply) -> Result<String, DecisionError> {
    match reply {
        Reply::Redirect(location) => Ok(location),
        Reply::FormPost(_) => Err(DecisionError::OtherResponseMode),
    }
}

fn form_post(reply: Reply) -> Result<FormPost, DecisionError> {
    match reply {
        Reply::Redirect(_) => Err(DecisionError::OtherResponseMode),
        Reply::FormPost(form) => Ok(form),
    }
}
