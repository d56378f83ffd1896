//! Findings: what a configuration allows, and probably does not mean, each with the option and the remedy.

use std::time::Duration;

/// Something that works, and that probably was not meant: the option, and the remedy. It is an error to a site that
/// tolerates none.
///
/// ```
/// use aura_providers::ROWS;
/// # fn warn(auth: &aura_proto::Auth) {
/// for finding in auth.findings(ROWS) {
///     eprintln!("{}: {finding}", finding.option());
/// }
/// # }
/// fn strict(auth: &aura_proto::Auth) -> Result<(), aura_proto::Finding> {
///     auth.findings(ROWS).into_iter().next().map_or(Ok(()), Err)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// There is no base URL, so the request's `Host` decides where sign-ins return to.
    #[error(
        "base_url is not set: the request's Host decides, if it is this machine or trusted; set it for every other deployment"
    )]
    NoBaseUrl,
    /// There is no base URL, so the proxy's headers decide where sign-ins return to.
    #[error(
        "base_url is not set: the proxy's headers decide, within trusted_origins; set it if this site has one origin"
    )]
    ProxyHeadersWithoutBaseUrl,
    /// Both families of a proxy's headers are believed, so that a client writes the one that the proxy leaves alone.
    #[error(
        "forwarded_fields is not set: where the proxy does not write Forwarded, a client's own wins over X-Forwarded-*; say which it writes"
    )]
    EitherForwarded,
    /// Nobody can sign in.
    #[error("no provider is configured, so nobody can sign in; add one")]
    NoProvider,
    /// An origin of ours is plain http beyond this machine, where cookies have neither `Secure` nor `__Host-`.
    #[error("{option} has {origin}: cookies go over the network readable and without Secure; use https")]
    PlainHttp {
        /// The option.
        option: &'static str,
        /// The origin or pattern.
        origin: String,
    },
    /// This machine has two names, and browsers keep the cookies of one from the other.
    #[error(
        "{option} has {origin} and base_url is {base_url}: browsers keep their cookies apart; use one name for this machine"
    )]
    LoopbackMixed {
        /// The option: `trusted_origins`, or a provider.
        option: String,
        /// The origin in this option.
        origin: String,
        /// The base URL.
        base_url: String,
    },
    /// A wildcard trusts names that anyone can register.
    #[error("trusted_origins has {pattern}: anyone can register such a name; list your own origins")]
    BroadTrustedOrigin {
        /// The pattern.
        pattern: String,
    },
    /// The session cookie is `SameSite=Strict`, so a user who comes by a link from elsewhere looks signed out.
    #[error(
        "cookies: the session is SameSite=Strict, so whoever comes by a link from another site looks signed out at first; use Lax"
    )]
    StrictSession,
    /// The session is for frames of other sites, and something keeps it from working there.
    #[error("cookies: the session is for frames of other sites, where {obstacle}; {remedy}")]
    Frames {
        /// What keeps it from working.
        obstacle: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// With everything of ours, a browser's `Cookie` header comes near what servers take: often 8 KiB.
    #[error(
        "cookies: a browser may send {bytes} bytes of them, and servers often take 8 KiB; keep fewer provider tokens, or shorter names"
    )]
    CookieBudget {
        /// What a browser sends then, in bytes, where user and tokens are of usual size.
        bytes: usize,
    },
    /// A provider that answers by a form where it is asked for more than an id is not asked to.
    #[error(
        "provider {provider} refuses this scope unless it answers by a form; set authorization_parameter response_mode to form_post"
    )]
    FormPost {
        /// The provider.
        provider: String,
    },
    /// A provider that may name itself in its callbacks (RFC 9207) is set up without an issuer to compare.
    #[error(
        "provider {provider} may name itself in its callbacks, and there is no issuer to compare; set issuer"
    )]
    IssuerUnchecked {
        /// The provider.
        provider: String,
    },
    /// Sessions are renewed without end, so a copied one lives for ever.
    #[error("session: it is renewed without end, a copied one too; set max_duration, thirty days for one")]
    EndlessSession,
    /// Cookies have a prefix of their own, as where two sites are at one host, and tokens name no audience: sites that share
    /// secret and salt take each other's sessions, whatever their prefixes and providers.
    #[error(
        "session: a site with the same secret takes these sessions under its own prefix, of providers that it does not know, too; set audience, or give each site a salt"
    )]
    SharedSessions,
    /// Sessions live longer than thirty days, and nothing ends a copied one before.
    #[error(
        "session_max_age is {} days: a copied session lives as long; thirty days or fewer are usual",
        .max_age.as_secs().div_euclid(24 * 60 * 60)
    )]
    LongSession {
        /// How long.
        max_age: Duration,
    },
}

impl Finding {
    /// Returns the option to look at.
    ///
    /// ```
    /// assert_eq!(aura_proto::Finding::NoBaseUrl.option(), "base_url");
    /// ```
    pub fn option(&self) -> &str {
        match self {
            Self::NoBaseUrl | Self::ProxyHeadersWithoutBaseUrl => "base_url",
            Self::EitherForwarded => "forwarded_fields",
            Self::NoProvider => "provider",
            Self::PlainHttp { option, .. } => option,
            Self::LoopbackMixed { option, .. } => option,
            Self::BroadTrustedOrigin { .. } => "trusted_origins",
            Self::StrictSession | Self::Frames { .. } | Self::CookieBudget { .. } => "cookies",
            Self::FormPost { .. } | Self::IssuerUnchecked { .. } => "provider",
            Self::LongSession { .. } => "session_max_age",
            Self::EndlessSession | Self::SharedSessions => "session",
        }
    }
}
