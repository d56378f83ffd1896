//! Configurable behaviour: the choices that the specifications leave, and the lies.

use crate::algorithm::SigningAlgorithm;
use crate::lie::{Lie, Lies};

/// The switches of the provider's behaviour, each a named value; the default is the honest, plain server.
///
/// Each behaviour that a test may change is one setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    pub(crate) issuer_parameter: IssuerParameter,
    pub(crate) signing_algorithm: SigningAlgorithm,
    pub(crate) published_keys: PublishedKeys,
    pub(crate) audience: Audience,
    pub(crate) userinfo_format: UserinfoFormat,
    pub(crate) pushed_authorization_requests: PushedAuthorizationRequests,
    pub(crate) dpop_nonce: DpopNonce,
    pub(crate) authentication_age: u64,
    pub(crate) amr: &'static [&'static str],
    pub(crate) session_lifetime: Option<u64>,
    pub(crate) names_no_session: bool,
    lies: Lies,
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

    /// Sets the algorithm that signs ID tokens, logout tokens and signed userinfo (RFC 7518 section 3.1).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, SigningAlgorithm};
    ///
    /// let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn signing_algorithm(mut self, signing_algorithm: SigningAlgorithm) -> Self {
        self.signing_algorithm = signing_algorithm;
        self
    }

    /// Sets how many good keys the key set has (RFC 7517 section 5).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, PublishedKeys};
    ///
    /// let behaviour = Behaviour::default().published_keys(PublishedKeys::Two);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn published_keys(mut self, published_keys: PublishedKeys) -> Self {
        self.published_keys = published_keys;
        self
    }

    /// Sets whom ID tokens are for (OpenID Connect Core section 2).
    ///
    /// ```
    /// use aura_test_idp::{Audience, Behaviour};
    ///
    /// let behaviour = Behaviour::default().audience(Audience::Several);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Sets how the userinfo endpoint answers (OpenID Connect Core section 5.3.2).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, UserinfoFormat};
    ///
    /// let behaviour = Behaviour::default().userinfo_format(UserinfoFormat::SignedJwt);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn userinfo_format(mut self, userinfo_format: UserinfoFormat) -> Self {
        self.userinfo_format = userinfo_format;
        self
    }

    /// Sets whether authorization requests have to be pushed (RFC 9126 section 5).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, PushedAuthorizationRequests};
    ///
    /// let required = PushedAuthorizationRequests::Required;
    /// let behaviour = Behaviour::default().pushed_authorization_requests(required);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn pushed_authorization_requests(mut self, requests: PushedAuthorizationRequests) -> Self {
        self.pushed_authorization_requests = requests;
        self
    }

    /// Sets whether DPoP proofs need a nonce of the server (RFC 9449 section 8).
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, DpopNonce};
    ///
    /// let behaviour = Behaviour::default().dpop_nonce(DpopNonce::Required);
    /// assert_ne!(behaviour, Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn dpop_nonce(mut self, dpop_nonce: DpopNonce) -> Self {
        self.dpop_nonce = dpop_nonce;
        self
    }

    /// Sets how many seconds ago each person was authenticated who signs in. A lower `max_age` has the person authenticated again
    /// (OpenID Connect Core section 3.1.2.1); [`Lie::IdTokenOldAuthTime`] ignores it.
    ///
    /// ```
    /// use aura_test_idp::Behaviour;
    ///
    /// assert_ne!(Behaviour::default().authentication_age(3600), Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn authentication_age(mut self, seconds: u64) -> Self {
        self.authentication_age = seconds;
        self
    }

    /// Sets the `amr` of ID tokens (RFC 8176). By default, there is none.
    ///
    /// ```
    /// use aura_test_idp::Behaviour;
    ///
    /// assert_ne!(Behaviour::default().amr(&["pwd"]), Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn amr(mut self, methods: &'static [&'static str]) -> Self {
        self.amr = methods;
        self
    }

    /// Sets how many seconds after the sign-in the session at the provider ends (`session_expiry`, OpenID IPSIE SL1). By default,
    /// ID tokens do not state it.
    ///
    /// ```
    /// use aura_test_idp::Behaviour;
    ///
    /// assert_ne!(Behaviour::default().session_lifetime(3600), Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn session_lifetime(mut self, seconds: u64) -> Self {
        self.session_lifetime = Some(seconds);
        self
    }

    /// Has ID tokens name no session at the provider (`sid`), as where logout tokens name the user alone.
    ///
    /// ```
    /// use aura_test_idp::Behaviour;
    ///
    /// assert_ne!(Behaviour::default().without_session_id(), Behaviour::default());
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn without_session_id(mut self) -> Self {
        self.names_no_session = true;
        self
    }

    /// Has the provider tell a lie, besides those it tells already.
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, Lie};
    ///
    /// let behaviour = Behaviour::default().lie(Lie::IdTokenExpired).lie(Lie::JwksEmpty);
    /// assert!(behaviour.tells(Lie::IdTokenExpired) && behaviour.tells(Lie::JwksEmpty));
    /// ```
    #[must_use = "pass the behaviour to Idp::behaviour"]
    pub const fn lie(mut self, lie: Lie) -> Self {
        self.lies = self.lies.with(lie);
        self
    }

    /// Tells whether the provider tells a lie.
    ///
    /// ```
    /// use aura_test_idp::{Behaviour, Lie};
    ///
    /// assert!(!Behaviour::default().tells(Lie::IdTokenExpired));
    /// ```
    #[must_use]
    pub const fn tells(self, lie: Lie) -> bool {
        self.lies.contain(lie)
    }
}

/// The `iss` of authorization responses (RFC 9207 section 2).
///
/// ```
/// use aura_test_idp::IssuerParameter;
///
/// assert_eq!(IssuerParameter::default(), IssuerParameter::Omitted);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerParameter {
    /// There is no `iss`, as in plain RFC 6749, but for forms, which always have one.
    #[default]
    Omitted,
    /// Every response, successful or not, carries the provider's issuer, and discovery promises it.
    Sent,
}

/// Number of usable keys in the key set (RFC 7517 section 5).
///
/// ```
/// use aura_test_idp::PublishedKeys;
///
/// assert_eq!(PublishedKeys::default(), PublishedKeys::One);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishedKeys {
    /// The key that signs, among unusable ones.
    #[default]
    One,
    /// A second key of the same kind, too.
    Two,
}

/// Audience of ID tokens (OpenID Connect Core section 2).
///
/// ```
/// use aura_test_idp::Audience;
///
/// assert_eq!(Audience::default(), Audience::ClientAlone);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// The `aud` is the client, as a string.
    #[default]
    ClientAlone,
    /// The `aud` is an array of the client and another, and the `azp` is the client.
    Several,
}

/// Form of userinfo answers (OpenID Connect Core section 5.3.2).
///
/// ```
/// use aura_test_idp::UserinfoFormat;
///
/// assert_eq!(UserinfoFormat::default(), UserinfoFormat::Json);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserinfoFormat {
    /// As `application/json`.
    #[default]
    Json,
    /// As `application/jwt`, signed like an ID token, with `iss` and `aud`.
    SignedJwt,
}

/// Whether authorization requests have to be pushed (RFC 9126 section 5).
///
/// ```
/// use aura_test_idp::PushedAuthorizationRequests;
///
/// assert_eq!(PushedAuthorizationRequests::default(), PushedAuthorizationRequests::Optional);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushedAuthorizationRequests {
    /// A request may come in the URL.
    #[default]
    Optional,
    /// A request in the URL is refused.
    Required,
}

/// Whether DPoP proofs need a nonce of the server (RFC 9449 section 8).
///
/// ```
/// use aura_test_idp::DpopNonce;
///
/// assert_eq!(DpopNonce::default(), DpopNonce::NotRequired);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DpopNonce {
    /// A proof may do without.
    #[default]
    NotRequired,
    /// A proof without a fresh nonce is answered with one.
    Required,
}
