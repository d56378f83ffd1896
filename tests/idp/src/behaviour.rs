//! How does the provider behave where the specifications leave a choice?

/// The switches of the provider's behaviour, each a named value; the default is the plain RFC 6749 server.
///
/// Every question that a test may want answered in another way is one setting here.
///
/// ```
/// use aura_test_idp::{Behaviour, Idp, IssuerParameter};
///
/// let behaviour = Behaviour::default().issuer_parameter(IssuerParameter::Sent);
/// let idp = Idp::new("http://localhost:3000/dev")?.behaviour(behaviour);
/// # Ok::<(), aura_test_idp::BaseUrlError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    pub(crate) issuer_parameter: IssuerParameter,
}

impl Behaviour {
    /// Sets whether authorization responses name their issuer (RFC 9207 section 2).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, IssuerParameter};
    ///
    /// let behaviour = Behaviour::default().issuer_parameter(IssuerParameter::Sent);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn issuer_parameter(mut self, issuer_parameter: IssuerParameter) -> Self {
        self.issuer_parameter = issuer_parameter;
        self
    }
}

/// Says what authorization responses carry as `iss` (RFC 9207 section 2).
///
/// ```
/// use aura_test_idp::IssuerParameter;
///
/// assert_eq!(IssuerParameter::default(), IssuerParameter::Omitted);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerParameter {
    /// There is no `iss`, as in plain RFC 6749.
    #[default]
    Omitted,
    /// Every response, successful or not, carries the provider's issuer.
    Sent,
}
