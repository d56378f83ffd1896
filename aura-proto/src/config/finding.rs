//! Findings: settings that are allowed, but probably mistakes, each with the option and the remedy.

use crate::severity::Severity;
use aura_session::{meaning, problems};
use std::time::Duration;

problems! {
    /// A setting that works, but is probably a mistake: the option, and the remedy. A site may treat it as an error.
    ///
    /// ```
    /// # use aura_proto::Finding;
    /// use aura_providers::ROWS;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// fn strict(auth: &aura_proto::Auth) -> Result<(), Finding> {
    ///     auth.findings(ROWS).into_iter().next().map_or(Ok(()), Err)
    /// }
    /// assert_eq!(strict(&auth), Err(Finding::NoProvider));
    /// assert_eq!(Finding::NoProvider.option(), "provider");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[non_exhaustive]
    pub enum Finding {
        /// There is no base URL, so the request's `Host` decides where sign-ins return to.
        NoBaseUrl =
            ["base_url is not set: the request's Host decides, if it is this machine or trusted; set it for every other deployment"],

        /// There is no base URL, so the proxy's headers decide where sign-ins return to.
        ProxyHeadersWithoutBaseUrl =
            ["base_url is not set: the proxy's headers decide, within trusted_origins; set it if this site has one origin"],

        /// Both families of forwarding headers are read, so a client can write the one that the proxy does not.
        EitherForwarded =
            ["forwarded_fields is not set: where the proxy does not write Forwarded, a client's own wins over X-Forwarded-*; say which it writes"],

        /// The salt is the secret again, so it adds nothing.
        SaltIsSecret =
            ["the salt is the secret: it then separates no deployment that shares the secret; make another with: openssl rand -base64 32"],

        /// No provider is configured.
        NoProvider = ["no provider is configured, so nobody can sign in; add one"],

        /// An origin of this site is plain http on another machine, where cookies have neither `Secure` nor `__Host-`.
        PlainHttp { option: &'static str, origin: String } =
            ["{option} has {origin}: cookies go over the network readable and without Secure; use https"],

        /// This machine has two names, and browsers keep the cookies of one from the other.
        LoopbackMixed { option: String, origin: String, base_url: String } =
            ["{option} has {origin} and base_url is {base_url}: browsers keep their cookies apart; use one name for this machine"],

        /// A wildcard trusts names that anyone can register.
        BroadTrustedOrigin { pattern: String } =
            ["trusted_origins has {pattern}: anyone can register such a name; list your own origins"],

        /// The session cookie is `SameSite=Strict`, so a user who follows a link of another site appears signed out.
        StrictSession =
            ["cookies: the session is SameSite=Strict, so whoever comes by a link from another site looks signed out at first; use Lax"],

        /// The session is for frames of other sites, and something keeps it from working there.
        Frames { obstacle: &'static str, remedy: &'static str } =
            ["cookies: the session is for frames of other sites, where {obstacle}; {remedy}"],

        /// With every cookie of this site, a browser's `Cookie` header is near the limit of servers: often 8 KiB.
        CookieBudget { bytes: usize } =
            ["cookies: a browser may send {bytes} bytes of them, and servers often take 8 KiB; keep fewer provider tokens, or shorter names"],

        /// A provider that answers by a form where it is asked for more than an id is not asked to.
        FormPost { provider: String } =
            ["provider {provider} refuses this scope unless it answers by a form; set authorization_parameter response_mode to form_post"],

        /// A provider that may name itself in its callbacks (RFC 9207) is set up without an issuer to compare.
        IssuerUnchecked { provider: String } =
            ["provider {provider} may name itself in its callbacks, and there is no issuer to compare; set issuer"],

        /// A client's id or secret begins or ends with a blank or a line break, as one that was read from a file does.
        Blanks { provider: String, option: &'static str } =
            ["provider {provider}: {option} begins or ends with a blank or a line break; remove it, unless the provider gave it so"],

        /// Renewed sessions may not live as long as one that is not renewed.
        ShortDuration =
            ["session: max_duration is shorter than max_age, so that no renewal moves a session's end; set it longer"],

        /// Sessions are renewed without end, so a copied one lives for ever.
        EndlessSession =
            ["session: it is renewed without end, a copied one too; set max_duration, thirty days for one"],

        /// Cookies have a prefix of their own, as where two sites are at one host, and tokens name no audience: sites that share
        /// secret and salt take each other's sessions, whatever their prefixes and providers.
        SharedSessions =
            ["session: a site with the same secret takes these sessions under its own prefix, of providers that it does not know, too; set audience, or give each site a salt"],

        /// The site is under a path of its host, where another site may be, and its cookies have the usual names for all paths: each
        /// signs the users of the other out.
        SharedCookieNames =
            ["cookies: the site is under a path of its host, and its cookies have the usual names for every path; where another site like this one is at the host, give each a prefix of its own"],

        /// Who ends sessions has to be authenticated recently, and the provider cannot state when it authenticates a user: its users end
        /// none.
        NeverFresh { provider: String } =
            ["session: fresh_to_end_sessions needs an OpenID Provider, and {provider} is none: whoever signs in with it ends no other session; leave one of the two out"],
        /// Requests are limited by client address, and no proxy is trusted: behind one, all clients have its address.
        LimitsWithoutProxy =
            ["limits: clients are told apart by the peer's address; behind a proxy all have one, so call trusted_proxy_headers there, and see that the server passes peers on"],

        /// Sessions live longer than thirty days, and nothing ends a copied one before.
        LongSession { max_age: Duration } =
            ["session_max_age is {} days: a copied session lives as long; thirty days or fewer are usual", .max_age.as_secs().div_euclid(24 * 60 * 60)],
    }
}

impl Finding {
    /// Returns how serious it is: what lets others in or locks users out is [`Severity::Warning`], what may well be meant is
    /// [`Severity::Notice`].
    ///
    /// ```
    /// use aura_proto::{Finding, Severity};
    /// assert_eq!(Finding::NoProvider.severity(), Severity::Warning);
    /// assert_eq!(Finding::StrictSession.severity(), Severity::Notice);
    /// ```
    pub fn severity(&self) -> Severity {
        match self {
            Self::NoBaseUrl
            | Self::ProxyHeadersWithoutBaseUrl
            | Self::StrictSession
            | Self::LongSession { .. }
            | Self::LimitsWithoutProxy
            | Self::SharedCookieNames => Severity::Notice,
            Self::EitherForwarded
            | Self::SaltIsSecret
            | Self::NoProvider
            | Self::PlainHttp { .. }
            | Self::LoopbackMixed { .. }
            | Self::BroadTrustedOrigin { .. }
            | Self::Frames { .. }
            | Self::CookieBudget { .. }
            | Self::FormPost { .. }
            | Self::IssuerUnchecked { .. }
            | Self::Blanks { .. }
            | Self::ShortDuration
            | Self::EndlessSession
            | Self::SharedSessions
            | Self::NeverFresh { .. } => Severity::Warning,
        }
    }

    /// Returns the option to look at.
    ///
    /// ```
    /// assert_eq!(aura_proto::Finding::NoBaseUrl.option(), "base_url");
    /// ```
    pub fn option(&self) -> &str {
        match self {
            Self::NoBaseUrl | Self::ProxyHeadersWithoutBaseUrl => "base_url",
            Self::EitherForwarded => "forwarded_fields",
            Self::SaltIsSecret => "salt",
            Self::NoProvider => "provider",
            Self::LimitsWithoutProxy => "limits",
            Self::PlainHttp { option, .. } => option,
            Self::LoopbackMixed { option, .. } => option,
            Self::BroadTrustedOrigin { .. } => "trusted_origins",
            Self::StrictSession
            | Self::Frames { .. }
            | Self::CookieBudget { .. }
            | Self::SharedCookieNames => "cookies",
            Self::FormPost { .. } | Self::IssuerUnchecked { .. } => "provider",
            Self::Blanks { option, .. } => option,
            Self::LongSession { .. } => "session_max_age",
            Self::ShortDuration | Self::EndlessSession | Self::SharedSessions | Self::NeverFresh { .. } => {
                "session"
            }
        }
    }
}
