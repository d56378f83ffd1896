//! Expects the application's decision; completes what waits for it, or ends it.

use super::complete::complete;
use super::expect_token::SignIn;
use super::provider::TokenFlow;
use crate::action::Action;
use crate::admission::{Admission, AdmitUser, Admitted, Candidate};
use crate::error::{HostError, RequestError};
use crate::event::Event;
use crate::session::{Session, User};
use crate::time::UnixTime;
use serde_json::{Value, json};

/// The user is known, and the application has been asked.
#[derive(Debug)]
pub(crate) struct ExpectAdmission(Asked);

/// What the application has been asked for.
#[derive(Debug)]
enum Asked {
    SignIn(Box<SignIn>),
    /// A signed-in user whose profile was read again.
    Again(Box<TokenFlow>),
}

impl ExpectAdmission {
    /// Asks the application about a user who wants to sign in.
    pub(super) fn begin(flow: SignIn, user: User, userinfo: Value) -> Action {
        let issuer = flow.identity.as_ref().map(|identity| identity.issuer.clone());
        let candidate = Candidate { provider: flow.provider.id.clone(), issuer, user, userinfo };
        Action::AdmitUser(AdmitUser::new(candidate, Self(Asked::SignIn(Box::new(flow)))))
    }

    /// Asks the application about a user who is signed in.
    pub(super) fn again(flow: TokenFlow, user: User, userinfo: Value) -> Action {
        let kept = flow.kept_claims();
        let issuer = kept.as_ref().and_then(|claims| claims.get("iss")).and_then(Value::as_str);
        let issuer = issuer.map(str::to_owned);
        let candidate = Candidate { provider: flow.provider.id.clone(), issuer, user, userinfo };
        Action::AdmitUser(AdmitUser::new(candidate, Self(Asked::Again(Box::new(flow)))))
    }

    pub(crate) fn resume(self, admission: Admission, now: UnixTime) -> Action {
        match (self.0, admission) {
            // A session of nobody would be one that nobody can read.
            (Asked::SignIn(flow), Admission::Admit(admitted)) if admitted.user.sub.is_empty() => {
                flow.fail(HostError::AdmittedWithoutId)
            }
            (Asked::SignIn(flow), Admission::Admit(admitted)) => complete(*flow, admitted, now),
            (Asked::SignIn(flow), Admission::Refuse) => flow.fail(RequestError::NotAdmitted),
            (Asked::Again(flow), Admission::Admit(admitted)) => update(*flow, admitted, now),
            (Asked::Again(flow), Admission::Refuse) => end(*flow),
        }
    }
}

/// Ends the session of a user whom the application admits no more.
fn end(mut flow: TokenFlow) -> Action {
    let names = flow.exchange.cookies();
    let mut cookies = vec![names.csrf.clear()];
    cookies.extend(names.session.clear_chunks(&flow.exchange.sent));
    cookies.extend(names.clear_access_tokens(&flow.exchange.sent));
    flow.cookies = cookies;
    flow.fail(RequestError::NotAdmitted)
}

/// Writes the profile into the session. Another subject is another user, whatever the provider says.
fn update(mut flow: TokenFlow, admitted: Admitted, now: UnixTime) -> Action {
    if admitted.user.sub != flow.session.user.sub {
        return flow.fail(RequestError::OtherUser);
    }
    let auth = flow.exchange.auth.clone();
    let policy = &auth.config().session;
    let mut session = Session { user: admitted.user, ..policy.updated(&flow.session, now) };
    // What the page may change stays as the page left it; every other claim is the application's to give and to take.
    session.claims.retain(|name, _| policy.editable.contains(name));
    session.claims.extend(admitted.claims);
    // The tokens live as long as the session, so they are set anew with it.
    let id = flow.provider.id.clone();
    if let Ok(cookies) = flow.exchange.provider_tokens_cookies(&id, &flow.tokens, &session) {
        flow.cookies = cookies;
    }
    match flow.exchange.session_cookies(&session) {
        Ok(cookies) => flow.cookies.extend(cookies),
        Err(reason) => return flow.fail(reason),
    }
    flow.events.push(Event::SessionUpdated { sub: session.user.sub.clone() });
    let body = json!({ "success": true, "session": session.to_json(policy) });
    flow.answer(&body)
}
