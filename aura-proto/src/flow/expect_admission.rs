//! Expects the application's decision; completes the sign-in or ends it.

use super::complete::complete;
use super::expect_token::SignIn;
use crate::action::Action;
use crate::admission::{Admission, AdmitUser, Candidate};
use crate::error::RequestError;
use crate::session::User;
use crate::time::UnixTime;
use serde_json::Value;

/// The user is known, and the application has been asked.
#[derive(Debug)]
pub(crate) struct ExpectAdmission {
    flow: Box<SignIn>,
}

impl ExpectAdmission {
    /// Asks the application.
    pub(super) fn begin(flow: SignIn, user: User, userinfo: Value) -> Action {
        let candidate = Candidate { provider: flow.provider.id.clone(), user, userinfo };
        Action::AdmitUser(AdmitUser::new(candidate, Self { flow: Box::new(flow) }))
    }

    pub(crate) fn resume(self, admission: Admission, now: UnixTime) -> Action {
        match admission {
            Admission::Admit(admitted) => complete(*self.flow, admitted, now),
            Admission::Refuse => self.flow.fail(RequestError::NotAdmitted),
        }
    }
}
