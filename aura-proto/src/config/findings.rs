//! Findings: what a configuration allows, and probably does not mean.

use super::provider_findings::issuers;
use super::{Config, surroundings};
use crate::cookie::set::SameSite;
use crate::forwarded::ProxyHeaders;
use crate::origin::{Origin, Scheme, is_loopback};
use crate::provider::{CheckedProvider, Kept, Row};
use crate::session::{Expiration, SessionPolicy};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long sessions may live before it is worth a word: thirty days.
const LONG_SESSION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many bytes of cookies are worth a word: 8 KiB less what other cookies and fields need.
const COOKIE_BUDGET: usize = 7 * 1024;

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

impl Finding {
    /// Lists what is allowed in a configuration and yet probably not meant.
    pub(crate) fn of(config: &Config, rows: &[Row]) -> Vec<Self> {
        let rules = [
            base_url,
            surroundings::forwarded_fields,
            plain_http,
            loopback,
            broad_patterns,
            providers,
            cookies,
            surroundings::frames,
            session,
        ];
        rules.into_iter().flat_map(|rule| rule(config)).chain(issuers(config, rows)).collect()
    }
}

fn base_url(config: &Config) -> Vec<Finding> {
    match (&config.base_url, config.proxy_headers) {
        (Some(_), _) => Vec::new(),
        (None, ProxyHeaders::Ignored) => vec![Finding::NoBaseUrl],
        (None, ProxyHeaders::Trusted) => vec![Finding::ProxyHeadersWithoutBaseUrl],
    }
}

fn plain_http(config: &Config) -> Vec<Finding> {
    let plain = |option, origin: &dyn fmt::Display| Finding::PlainHttp { option, origin: origin.to_string() };
    let is_plain = |origin: &&Origin| origin.scheme() == Scheme::Http && !origin.is_loopback();
    let base_url = config.base_url.iter().filter(is_plain).map(|origin| plain("base_url", origin));
    let is_plain_url = |url: Url| url.scheme() == "http" && !is_loopback(&url);
    let patterns = config.trusted_origins.0.iter();
    let patterns = patterns.filter(|pattern| pattern.host_url().is_some_and(is_plain_url));
    base_url.chain(patterns.map(|pattern| plain("trusted_origins", pattern))).collect()
}

/// Only what the browser sees counts: a server may reach itself under any name.
fn loopback(config: &Config) -> Vec<Finding> {
    let Some(base_url) = config.base_url.as_ref().filter(|origin| origin.is_loopback()) else {
        return Vec::new();
    };
    let ours = base_url.url().host_str().unwrap_or_default();
    let differs = |url: &Url| is_loopback(url) && url.host_str().is_some_and(|host| host != ours);
    let found = |option: String, origin: String| Finding::LoopbackMixed {
        option,
        origin,
        base_url: base_url.to_string(),
    };
    let patterns = config.trusted_origins.0.iter();
    let patterns = patterns.filter(|pattern| pattern.host_url().is_some_and(|url| differs(&url)));
    let patterns = patterns.map(|pattern| found("trusted_origins".to_owned(), pattern.to_string()));
    let providers = config
        .providers
        .values()
        .filter_map(|provider| Some((&provider.id, &provider.configured()?.authorization)));
    let providers = providers.filter(|(_, url)| differs(url));
    let providers = providers
        .map(|(id, url)| found(format!("authorize_url of {id}"), url.origin().ascii_serialization()));
    patterns.chain(providers).collect()
}

fn broad_patterns(config: &Config) -> Vec<Finding> {
    let patterns = config.trusted_origins.0.iter().filter(|pattern| pattern.is_broad());
    patterns.map(|pattern| Finding::BroadTrustedOrigin { pattern: pattern.to_string() }).collect()
}

fn providers(config: &Config) -> Vec<Finding> {
    if config.providers.is_empty() { vec![Finding::NoProvider] } else { Vec::new() }
}

fn cookies(config: &Config) -> Vec<Finding> {
    // What a session and the tokens of a provider weigh where the user has a picture and the tokens are JWTs.
    const SESSION: usize = 900;
    const TOKENS: usize = 2000;
    let table = config.cookies(config.base_url.as_ref().map_or(Scheme::Https, Origin::scheme));
    let mut findings = Vec::new();
    if table.session.attributes.same_site == SameSite::Strict {
        findings.push(Finding::StrictSession);
    }
    let keeps = |provider: &Arc<CheckedProvider>| provider.kept() != Kept::Nothing;
    let tokens = if config.providers.values().any(keeps) { TOKENS } else { 0 };
    let bytes = table.budget(SESSION).saturating_add(tokens);
    if bytes > COOKIE_BUDGET {
        findings.push(Finding::CookieBudget { bytes });
    }
    findings
}

fn session(config: &Config) -> Vec<Finding> {
    let SessionPolicy { max_age, max_duration, expiration, ref audience, .. } = config.session;
    let is_endless = match expiration {
        Expiration::Rolling | Expiration::Sliding { .. } => max_duration.is_none(),
        Expiration::Fixed | Expiration::Absolute => false,
    };
    let is_shared = !config.has_usual_prefix && audience.is_none();
    let long = (max_age > LONG_SESSION).then_some(Finding::LongSession { max_age });
    let endless = is_endless.then_some(Finding::EndlessSession);
    long.into_iter().chain(endless).chain(is_shared.then_some(Finding::SharedSessions)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Builder, CookieOverride, Cookies};
    use crate::provider::test_rows::GITHUB;
    use crate::provider::{Provider, TokenRetention};
    use crate::secret::{ClientSecret, Salt, Secret};

    fn findings(configure: impl FnOnce(Builder) -> Builder) -> Vec<Finding> {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let builder = Builder::new(secret, salt)
            .base_url("https://app.test")
            .provider(GITHUB.with_client("id", ClientSecret::new("secret")));
        configure(builder).build().unwrap().findings(&[GITHUB])
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_usual_configuration_has_none() {
        assert_eq!(findings(|builder| builder), []);
        let origins = [
            "https://*.app.test",
            "https://app.test:*",
            "http://localhost:3000",
            "https://*.a.co.uk",
            "https://*.app.de",
            "https://*.com.test",
        ];
        assert_eq!(findings(|builder| builder.trusted_origins(origins)), []);
        assert_eq!(findings(|builder| builder.base_url("http://localhost:3000")), []);
        assert_eq!(findings(|builder| builder.session(SessionPolicy::default().max_age(LONG_SESSION))), []);
    }

    #[test]
    fn plain_http_beyond_this_machine_is_found() {
        let plain = |option, origin| Finding::PlainHttp { option, origin: text(origin) };
        let base_url = findings(|builder| builder.base_url("http://app.test:8080"));
        assert_eq!(base_url, [plain("base_url", "http://app.test:8080")]);
        let origins = ["http://*.app.test", "http://192.168.1.1:*", "http://*.localhost"];
        assert_eq!(
            findings(|builder| builder.trusted_origins(origins)),
            [plain("trusted_origins", "http://*.app.test"), plain("trusted_origins", "http://192.168.1.1:*")]
        );
    }

    #[test]
    fn two_names_of_this_machine_are_found() {
        let data = r#"{"id":"m","name":"M","kind":"oauth","authorize_url":"http://127.0.0.1:9/authorize",
            "token_url":"http://[::1]:9/token","userinfo_url":"http://[::1]:9/userinfo","client_id":"id"}"#;
        let provider: Provider = serde_json::from_str(data).unwrap();
        let found = findings(|builder| {
            let builder = builder.base_url("http://localhost:3000").provider(provider);
            builder.trusted_origins(["http://localhost:4000", "http://127.0.0.1:3000", "http://127.0.0.1:*"])
        });
        let mixed = |option, origin| Finding::LoopbackMixed {
            option: text(option),
            origin: text(origin),
            base_url: text("http://localhost:3000"),
        };
        assert_eq!(
            found,
            [
                mixed("trusted_origins", "http://127.0.0.1:3000"),
                mixed("trusted_origins", "http://127.0.0.1:*"),
                mixed("authorize_url of m", "http://127.0.0.1:9"),
            ]
        );
    }

    #[test]
    fn or_7_wildcards_over_names_that_anyone_can_register_are_found() {
        for pattern in ["https://*.com", "https://*.co.uk", "https://*.github.io", "https://*.com:*"] {
            let found = findings(|builder| builder.trusted_origins([pattern]));
            assert_eq!(found, [Finding::BroadTrustedOrigin { pattern: text(pattern) }]);
        }
    }

    #[test]
    fn what_is_missing_and_what_is_long_is_found() {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let builder = Builder::new(secret, salt);
        assert_eq!(builder.build().unwrap().findings(&[GITHUB]), [Finding::NoBaseUrl, Finding::NoProvider]);
        let max_age = LONG_SESSION + Duration::from_secs(1);
        assert_eq!(
            findings(|builder| builder.session(SessionPolicy::default().max_age(max_age))),
            [Finding::LongSession { max_age }]
        );
        let session = |policy: SessionPolicy| findings(|builder| builder.session(policy));
        for expiration in [Expiration::Rolling, Expiration::Sliding { threshold_percent: 50 }] {
            let policy = SessionPolicy::default().expiration(expiration);
            assert_eq!(session(policy.clone()), [Finding::EndlessSession]);
            assert_eq!(session(policy.max_duration(LONG_SESSION)), []);
        }
        let prefixed = |builder: Builder| builder.cookies(Cookies::default().prefix("staff"));
        assert_eq!(findings(prefixed), [Finding::SharedSessions]);
        let audience = SessionPolicy::default().audience("staff");
        assert_eq!(findings(|builder| prefixed(builder).session(audience)), []);
    }

    #[test]
    fn cookies_that_hide_from_links_or_fill_the_header_are_worth_a_word() {
        let strict = Cookies::default().session(CookieOverride::default().same_site(SameSite::Strict));
        assert_eq!(findings(|builder| builder.cookies(strict)), [Finding::StrictSession]);
        let keeping = GITHUB.with_client("id", ClientSecret::new("secret")).with_id("kept");
        let found = findings(|builder| builder.provider(keeping.tokens(TokenRetention::Kept)));
        assert!(
            matches!(found.as_slice(), [Finding::CookieBudget { bytes }] if *bytes > COOKIE_BUDGET),
            "{found:?}"
        );
    }
}
