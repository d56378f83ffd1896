//! The application's decision on a user who signs in, and the claims of their session.

use crate::error::{Error, HostError, RefusalCode, RequestError};
use crate::provider_tokens::ProviderTokens;
use crate::session::{User, is_reserved_claim};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// A user who signs in, and what the provider reports about them.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The provider's id; together with `user.sub` the identity.
    pub provider: String,
    /// The issuer, of an OpenID Provider: where each tenant has one, the tenant's.
    pub issuer: Option<String>,
    /// The user, as the provider's row reads them.
    pub user: User,
    /// All claims about the user: userinfo, merged with the ID token's claims.
    pub userinfo: Value,
    /// The tokens that the provider granted, whether or not they are kept: to ask it what the user is a member of, for one. `None`
    /// where it granted an ID token alone. Where a profile is read again they are those that are kept, refreshed if that was due.
    ///
    /// ```
    /// use aura_proto::{Admission, Candidate};
    /// fn members_only(candidate: Candidate, is_member: impl Fn(&str) -> bool) -> Admission {
    ///     match &candidate.tokens {
    ///         Some(tokens) if is_member(tokens.access_token.expose()) => candidate.admit(),
    ///         _ => Admission::refuse("members_only"),
    ///     }
    /// }
    /// ```
    pub tokens: Option<ProviderTokens>,
}

/// The application's decision.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Admission {
    /// Begin a session for the user.
    Admit(Admitted),
    /// Begin none; the browser gets 403.
    Refuse,
    /// Begin none, with a code of the application's, which its error page and the event get.
    RefuseWith(RefusalCode),
    /// Begin none, because the application cannot decide at the moment: its database does not answer, for example (503). An
    /// existing session stays as it is.
    Unavailable,
}

/// The user and the claims of a session.
#[derive(Clone, PartialEq)]
pub struct Admitted {
    pub(crate) user: User,
    pub(crate) claims: Result<Map<String, Value>, Unwritable>,
}

/// Claims that cannot be written: this one has a name that session tokens need for themselves, or they are no JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unwritable {
    name: Option<String>,
}

impl Candidate {
    /// Returns the domain of the user's e-mail address, in lower case, where the provider says that it has verified the address.
    /// Keep it as a claim for a rule that lets the users of a domain in.
    ///
    /// ```
    /// # use aura_proto::{Admission, Candidate};
    /// fn of_a_domain(candidate: Candidate) -> Admission {
    ///     match candidate.verified_domain() {
    ///         Some(domain) => candidate.admit_with(&std::collections::BTreeMap::from([("domain", domain)])),
    ///         None => candidate.admit(),
    ///     }
    /// }
    /// // Later: guard.when(|session| session.claim_is("domain", "example.com"))
    /// ```
    pub fn verified_domain(&self) -> Option<String> {
        // Apple writes it as text.
        let is_verified = |verified: &&Value| **verified == true || **verified == "true";
        self.userinfo.get("email_verified").filter(is_verified)?;
        let address = self.userinfo.get("email").and_then(Value::as_str)?;
        let (name, domain) = address.rsplit_once('@')?;
        let is_plain = !name.is_empty() && !domain.is_empty() && !domain.contains(char::is_whitespace);
        is_plain.then(|| domain.to_ascii_lowercase())
    }

    /// Decides to admit the user as the provider describes them.
    #[must_use]
    pub fn admit(self) -> Admission {
        Admission::Admit(Admitted::new(self.user))
    }

    /// Decides to admit the user, with the members of a struct or map as claims; see [`Admission::claims`].
    #[must_use]
    pub fn admit_with(self, claims: &impl Serialize) -> Admission {
        self.admit().claims(claims)
    }
}

impl Admission {
    /// Refuses a user with a code. The error page gets it as the parameter `refusal`, and the event in
    /// [`RequestError::Refused`](crate::RequestError::Refused). A text that is no [`RefusalCode`] refuses without one.
    ///
    /// ```
    /// use aura_proto::{Admission, RefusalCode};
    /// let code = RefusalCode::new("invite_only").unwrap();
    /// assert_eq!(Admission::refuse("invite_only"), Admission::RefuseWith(code));
    /// assert_eq!(Admission::refuse("not a code"), Admission::Refuse);
    /// ```
    #[must_use]
    pub fn refuse(code: impl Into<Cow<'static, str>>) -> Self {
        RefusalCode::new(code).map_or(Self::Refuse, Self::RefuseWith)
    }

    /// Adds the members of a struct or map as claims of the application's own, to be read back by
    /// [`Session::claims_as`](crate::Session::claims_as). Every other decision stays as it is.
    ///
    /// Claims that cannot be written, because they are no JSON object or have a reserved
    /// name, end the sign-in with [`HostError::ClaimsUnwritable`](crate::HostError::ClaimsUnwritable). Where a profile
    /// is read again, that request fails, and the session stays as it was.
    ///
    /// ```
    /// use aura_proto::{Admission, Admitted, User};
    /// let editor = serde_json::json!({ "role": "editor" });
    /// let admitted = Admitted::new(User::new("583231"));
    /// assert_eq!(Admission::Admit(admitted.clone()).claims(&editor), Admission::Admit(admitted.claims(&editor)));
    /// assert_eq!(Admission::Refuse.claims(&editor), Admission::Refuse);
    /// ```
    #[must_use]
    pub fn claims(self, claims: &impl Serialize) -> Self {
        match self {
            Self::Admit(admitted) => Self::Admit(admitted.claims(claims)),
            refused @ (Self::Refuse | Self::RefuseWith(_) | Self::Unavailable) => refused,
        }
    }

    /// Returns whom the application admits, or the error of a sign-in that it does not admit.
    pub(crate) fn decided(self) -> Result<Admitted, Error> {
        match self {
            // Without an id the session could not be read again.
            Self::Admit(admitted) if admitted.user.sub().is_empty() => {
                Err(HostError::AdmittedWithoutId.into())
            }
            Self::Admit(admitted) => Ok(admitted),
            Self::Refuse => Err(RequestError::NotAdmitted.into()),
            Self::RefuseWith(code) => Err(RequestError::Refused(code).into()),
            Self::Unavailable => Err(HostError::AdmissionUnavailable.into()),
        }
    }
}

impl Admitted {
    /// Admits a user, without claims of the application's own.
    pub fn new(user: User) -> Self {
        Self { user, claims: Ok(Map::new()) }
    }

    /// Adds the members of a struct or map as claims; see [`Admission::claims`].
    #[must_use]
    pub fn claims(mut self, claims: &impl Serialize) -> Self {
        self.claims = self.claims.and_then(|mut own| {
            let Ok(Value::Object(added)) = serde_json::to_value(claims) else {
                return Err(Unwritable { name: None });
            };
            if let Some(name) = added.keys().find(|name| is_reserved_claim(name)) {
                return Err(Unwritable { name: Some(name.clone()) });
            }
            own.extend(added);
            Ok(own)
        });
        self
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims: &dyn fmt::Debug = match &self.claims {
            Ok(claims) => claims,
            Err(error) => error,
        };
        f.debug_struct("Admitted").field("user", &self.user).field("claims", claims).finish()
    }
}

impl fmt::Debug for Candidate {
    /// Omits the provider's texts: some repeat the access token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("provider", &self.provider)
            .field("issuer", &self.issuer)
            .field("user", &self.user)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}
