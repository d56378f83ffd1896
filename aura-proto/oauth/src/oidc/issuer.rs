//! Issuers: one for all users, or one for each tenant (Entra ID), and how a published one differs.

use aura_jose::StrictObject;
use aura_session::internal::origin::{is_loopback, parse_http_url, to_uri};
use http::Uri;
use serde_json::Value;
use std::fmt;
use url::Url;

/// The placeholder of the tenant, in the issuer of a provider that has one for each.
pub const TENANT: &str = "{tenantid}";

/// The issuer that an application trusts, as it spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// This one, compared character for character.
    Exactly(String),
    /// One for each tenant (Microsoft Entra ID): the configuration is published at one place, and names the issuers by a
    /// template.
    PerTenant {
        /// Below what the configuration is published.
        published_at: String,
        /// Whose users may sign in.
        tenants: Tenants,
    },
}

/// Whose users may sign in at a provider that has an issuer for each tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// Users of every tenant.
    Any,
    /// Those of these, by their ids.
    Listed(Vec<String>),
}

/// Why an issuer is not the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherIssuer {
    /// It is another issuer.
    Issuer,
    /// It is a tenant that is not listed.
    Tenant,
}

impl Issuer {
    /// Returns the URL of the configuration (OpenID Connect Discovery 1.0 section 4): one slash at the end is left out.
    pub fn discovery_url(&self) -> Option<Uri> {
        let base = self.published_at();
        let base = base.strip_suffix('/').unwrap_or(base);
        to_uri(&parse_http_url(&format!("{base}/.well-known/openid-configuration"))?)
    }

    /// Returns what is configured: the issuer, and the tenants whose users may sign in.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let tenants = match self {
            Self::PerTenant { tenants: Tenants::Listed(listed), .. } => listed.as_slice(),
            Self::PerTenant { tenants: Tenants::Any, .. } | Self::Exactly(_) => &[],
        };
        std::iter::once(self.published_at()).chain(tenants.iter().map(String::as_str))
    }

    /// Returns the issuer as it is configured.
    pub fn published_at(&self) -> &str {
        match self {
            Self::Exactly(issuer) => issuer,
            Self::PerTenant { published_at, .. } => published_at,
        }
    }

    /// Tells whether a published configuration is this issuer's (OpenID Connect Discovery 1.0 section 4.3): exactly, or
    /// by a template on the same origin.
    pub fn publishes(&self, issuer: &str) -> bool {
        match self {
            Self::Exactly(own) => own == issuer,
            Self::PerTenant { published_at, .. } => {
                let origin = |text: &str| parse_http_url(text).map(|url| url.origin());
                issuer.matches(TENANT).count() <= 1 && origin(issuer) == origin(published_at)
            }
        }
    }

    /// Compares the issuer of a token with the published one; a template holds the tenant that the token names.
    pub fn check(&self, published: &str, iss: &str, tenant: Option<&str>) -> Result<(), OtherIssuer> {
        let Self::PerTenant { tenants, .. } = self else {
            return if iss == published { Ok(()) } else { Err(OtherIssuer::Issuer) };
        };
        let is_plain = |tenant: &&str| {
            !tenant.is_empty() && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let tenant = tenant.filter(is_plain).ok_or(OtherIssuer::Issuer)?;
        if published.replace(TENANT, tenant) != iss {
            return Err(OtherIssuer::Issuer);
        }
        match tenants {
            Tenants::Any => Ok(()),
            Tenants::Listed(listed) if listed.iter().any(|one| one == tenant) => Ok(()),
            Tenants::Listed(_) => Err(OtherIssuer::Tenant),
        }
    }

    /// Tells whether a key may have signed a token. Where each tenant has an issuer, a key may name its own, which is then to be
    /// that of the token: by a template, or as it is. Claims are not verified yet.
    pub fn takes_key_of(&self, key: Option<&str>, claims: &StrictObject) -> bool {
        let (Self::PerTenant { .. }, Some(key)) = (self, key) else { return true };
        let text = |name| claims.get(name).and_then(Value::as_str);
        text("iss").is_some_and(|iss| key.replace(TENANT, text("tid").unwrap_or_default()) == iss)
    }

    /// Tells whether an endpoint that this issuer publishes may be asked: https, and not an address inside a network. What
    /// is on this machine may name this machine.
    pub fn may_publish(&self, endpoint: &Url) -> bool {
        let Some(own) = parse_http_url(self.published_at()) else { return false };
        if endpoint.fragment().is_some() {
            return false;
        }
        if is_loopback(endpoint) {
            return is_loopback(&own);
        }
        endpoint.scheme() == "https" && (endpoint.domain().is_some() || endpoint.host() == own.host())
    }
}

/// Longest issuer that is reported, in characters.
const MAX_ISSUER: usize = 256;

/// The issuer that a configuration names, as far as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishedIssuer {
    /// An https URL of at most 256 characters, as the URL standard writes it, but for a slash at the end that is not published.
    Url(String),
    /// Anything else.
    Malformed,
}

/// How a published issuer differs from the configured one. `Display` has the remedy.
///
/// ```
/// assert!(aura_proto::IssuerDifference::TrailingSlash.to_string().contains("slash"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerDifference {
    /// By the slash at the end alone.
    #[error("they differ by the slash at the end alone; configure the issuer as it is published")]
    TrailingSlash,
    /// By a tenant that is configured by its domain, and published by its id.
    #[error("the tenant is configured by its domain; configure its id, as in the published issuer")]
    TenantDomain,
    /// In another way.
    #[error(
        "configure the issuer that the provider publishes, or discovery_url where its own configuration is"
    )]
    Other,
}

impl PublishedIssuer {
    /// Reads what a configuration has as its issuer.
    #[doc(hidden)]
    pub fn read(text: &str) -> Self {
        let plain = |url: &Url| url.scheme() == "https" && url.query().is_none() && url.fragment().is_none();
        let Some(url) = parse_http_url(text).filter(plain) else { return Self::Malformed };
        let written = url.as_str();
        let written =
            if text.ends_with('/') { written } else { written.strip_suffix('/').unwrap_or(written) };
        let is_short = text.len() <= MAX_ISSUER && written.len() <= MAX_ISSUER;
        if is_short { Self::Url(written.to_owned()) } else { Self::Malformed }
    }
}

impl fmt::Display for PublishedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Malformed => f.write_str("malformed"),
        }
    }
}

impl IssuerDifference {
    /// Compares the configured issuer and the published one, which is not the same.
    #[doc(hidden)]
    pub fn between(configured: &str, published: &str) -> Self {
        if configured.strip_suffix('/') == Some(published) || published.strip_suffix('/') == Some(configured)
        {
            return Self::TrailingSlash;
        }
        match (parse_http_url(configured), parse_http_url(published)) {
            (Some(own), Some(other)) if is_tenant_by_domain(&own, &other) => Self::TenantDomain,
            _ => Self::Other,
        }
    }
}

/// Tells whether two URLs differ by one segment, which is a domain in one and a GUID in the other. The host may have the
/// tenant as its first label, too.
fn is_tenant_by_domain(configured: &Url, published: &Url) -> bool {
    let domain =
        |url: &Url| url.domain().and_then(|name| name.split_once('.').map(|(_, rest)| rest.to_owned()));
    let same_site = configured.host() == published.host() || domain(configured) == domain(published);
    let segments =
        |url: &Url| url.path_segments().into_iter().flatten().map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (segments(configured), segments(published));
    let mut differing = own.iter().zip(&other).filter(|(own, other)| own != other);
    let named = |(own, other): (&String, &String)| own.contains('.') && is_guid(other);
    same_site && own.len() == other.len() && differing.next().is_some_and(named) && differing.next().is_none()
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(issuer: &str) -> Issuer {
        Issuer::Exactly(issuer.to_owned())
    }

    fn entra(tenants: Tenants) -> Issuer {
        Issuer::PerTenant { published_at: "https://login.test/common/v2.0".to_owned(), tenants }
    }

    #[test]
    fn the_configuration_is_below_the_issuer() {
        for (issuer, url) in [
            ("https://a.test", "https://a.test/.well-known/openid-configuration"),
            ("https://a.test/", "https://a.test/.well-known/openid-configuration"),
            ("https://a.test/o/app/", "https://a.test/o/app/.well-known/openid-configuration"),
        ] {
            assert_eq!(exactly(issuer).discovery_url().unwrap(), url);
        }
    }

    #[test]
    fn mx_04_mx_06_issuers_are_compared_character_for_character() {
        let issuer = exactly("https://a.test/");
        assert!(issuer.publishes("https://a.test/"));
        for other in ["https://a.test", "https://A.test/", "https://a.test//", "https://a.test/x", ""] {
            assert!(!issuer.publishes(other), "{other}");
            assert_eq!(issuer.check("https://a.test/", other, None), Err(OtherIssuer::Issuer), "{other}");
        }
    }

    #[test]
    fn mx_05_a_tenants_issuer_holds_the_tenant_that_the_token_names() {
        let template = "https://login.test/{tenantid}/v2.0";
        let any = entra(Tenants::Any);
        assert!(any.publishes(template));
        assert!(any.publishes("https://login.test/t-1/v2.0"), "consumers have one tenant");
        assert!(!any.publishes("https://evil.test/{tenantid}/v2.0"));
        let check = |issuer: &Issuer, iss: &str, tenant| issuer.check(template, iss, tenant);
        assert_eq!(check(&any, "https://login.test/t-1/v2.0", Some("t-1")), Ok(()));
        for (iss, tenant) in [
            ("https://login.test/t-1/v2.0", Some("t-2")),
            ("https://login.test/t-1/v2.0", None),
            ("https://login.test/a/b/v2.0", Some("a/b")),
            ("https://login.test//v2.0", Some("")),
            (template, Some(TENANT)),
        ] {
            assert_eq!(check(&any, iss, tenant), Err(OtherIssuer::Issuer), "{iss}");
        }
        let listed = entra(Tenants::Listed(vec!["t-1".to_owned()]));
        assert_eq!(check(&listed, "https://login.test/t-1/v2.0", Some("t-1")), Ok(()));
        assert_eq!(check(&listed, "https://login.test/t-2/v2.0", Some("t-2")), Err(OtherIssuer::Tenant));
    }

    #[test]
    fn ts_03_ts_04_published_endpoints_are_https_and_lead_into_no_network() {
        let may = |issuer: &str, endpoint: &str| {
            Url::parse(endpoint).is_ok_and(|endpoint| exactly(issuer).may_publish(&endpoint))
        };
        for endpoint in ["https://a.test/token", "https://oauth.other.test/token", "https://a.test:8443/t"] {
            assert!(may("https://a.test", endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://a.test/token",
            "http://127.0.0.1/token",
            "https://127.0.0.1/token",
            "https://localhost/token",
            "https://localhost./token",
            "https://idp.localhost./token",
            "https://[::1]/token",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/token",
            "https://0x7f000001/token",
            "https://[fd00::1]/token",
            "file:///etc/passwd",
            "gopher://a.test/",
            "https://a.test/token#x",
        ] {
            assert!(!may("https://a.test", endpoint), "{endpoint}");
        }
        assert!(may("https://10.0.0.1", "https://10.0.0.1/token"));
        assert!(may("http://127.0.0.1:1", "http://localhost:2/token"));
        assert!(!may("http://127.0.0.1:1", "http://a.test/token"));
    }

    #[test]
    fn what_is_reported_is_a_short_https_url_or_nothing() {
        let long = |what: &str, times: usize| format!("https://a.test/{}", what.repeat(times));
        // One is too long as it came, one as it is written, and one is both.
        let [came, written, both] =
            [long("\n", MAX_ISSUER), long("<", MAX_ISSUER / 2), long("a", MAX_ISSUER)];
        for text in [
            "",
            "x",
            "a.test",
            "https://",
            "http://a.test",
            "https://u:p@a.test",
            "https://a.test?q",
            "https://a.test/?q",
            "https://a.test#f",
            "https://a.test/#f",
            &came,
            &written,
            &both,
        ] {
            assert_eq!(PublishedIssuer::read(text), PublishedIssuer::Malformed, "{text}");
        }
        for (text, url) in [
            ("https://a.test", "https://a.test"),
            ("https://a.test/", "https://a.test/"),
            ("HTTPS://A.test:443/x", "https://a.test/x"),
            ("https://a.test/a\nb\u{1b}[31m", "https://a.test/ab%1B[31m"),
        ] {
            assert_eq!(PublishedIssuer::read(text), PublishedIssuer::Url(url.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn a_tenant_is_named_by_a_guid() {
        assert!(is_guid("9188040d-6c67-4c5b-b112-36a304b66dad"));
        for other in [
            "9188040d-6c67-4c5b-b112-36a304b66daz",
            "9188040d-6c67-4c5b-b112-36a304b66da",
            "9188040d6c674c5bb11236a304b66dad",
            "9188040d-6c67-4c5b-b112-36a304b66dad-",
        ] {
            assert!(!is_guid(other), "{other}");
        }
    }
}
