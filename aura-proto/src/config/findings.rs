//! Rules that find settings which are allowed, but probably mistakes.

use super::{Config, Finding};
use crate::cookie::set::SameSite;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::oauth::authorization::ExpectedIssuer;
use crate::oidc::issuer::Issuer;
use crate::origin::{Origin, Scheme, is_loopback};
use crate::provider::{CheckedProvider, Kept, ResponseMode, Row};
use crate::secret::ClientSecret;
use crate::session::PolicyFacts;
use std::time::Duration;
use url::Url;

/// Session lifetime above which a finding is reported: thirty days.
const LONG_SESSION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Length of a `Cookie` header above which a finding is reported: 8 KiB, less what other cookies and fields need.
const COOKIE_BUDGET: usize = 7 * 1024;

impl Finding {
    /// Lists the settings of a configuration that are allowed, but probably mistakes.
    pub(crate) fn of(config: &Config, rows: &[Row]) -> Vec<Self> {
        let mut found = Vec::new();
        for rule in [salt, proxy, plain_http, loopback, broad_patterns, providers, cookies, frames, session] {
            rule(config, &mut found);
        }
        for provider in config.providers.values() {
            blanks(provider, &mut found);
            issuer(provider, rows, &mut found);
        }
        found
    }
}

fn salt(config: &Config, found: &mut Vec<Finding>) {
    if !config.is_salt_apart {
        found.push(Finding::SaltIsSecret);
    }
}

/// Reports a public origin that a request can choose.
fn proxy(config: &Config, found: &mut Vec<Finding>) {
    match (&config.base_url, config.proxy_headers) {
        (Some(_), _) => {}
        (None, ProxyHeaders::Ignored) => found.push(Finding::NoBaseUrl),
        (None, ProxyHeaders::Trusted) => found.push(Finding::ProxyHeadersWithoutBaseUrl),
    }
    // A client could speak for the proxy.
    if config.proxy_headers == ProxyHeaders::Trusted && config.forwarded_fields == ForwardedFields::Either {
        found.push(Finding::EitherForwarded);
    }
    // On this machine there is no proxy, as a rule.
    let is_public = config.base_url.as_ref().is_some_and(|own| !own.is_loopback());
    if config.proxy_headers == ProxyHeaders::Ignored && is_public && config.limits.needs_addresses() {
        found.push(Finding::LimitsWithoutProxy);
    }
}

fn plain_http(config: &Config, found: &mut Vec<Finding>) {
    let is_plain = |url: &Url| url.scheme() == "http" && !is_loopback(url);
    for origin in config.base_url.iter().filter(|origin| is_plain(origin.url())) {
        found.push(Finding::PlainHttp { option: "base_url", origin: origin.to_string() });
    }
    for pattern in &config.trusted_origins.0 {
        if is_plain(pattern.url()) {
            found.push(Finding::PlainHttp { option: "trusted_origins", origin: pattern.to_string() });
        }
    }
}

/// Only what the browser sees counts: a server may reach itself under any name.
fn loopback(config: &Config, found: &mut Vec<Finding>) {
    let Some(own) = config.base_url.as_ref().filter(|origin| origin.is_loopback()) else { return };
    let differs = |url: &Url| is_loopback(url) && url.host() != own.url().host();
    let mut add = |option: String, origin: String| {
        found.push(Finding::LoopbackMixed { option, origin, base_url: own.to_string() });
    };
    for pattern in &config.trusted_origins.0 {
        if differs(pattern.url()) {
            add("trusted_origins".to_owned(), pattern.to_string());
        }
    }
    for provider in config.providers.values() {
        let url = provider.configured().map(|endpoints| &endpoints.authorization);
        if let Some(url) = url.filter(|url| differs(url)) {
            add(format!("authorize_url of {}", provider.id), url.origin().ascii_serialization());
        }
    }
}

fn broad_patterns(config: &Config, found: &mut Vec<Finding>) {
    for pattern in config.trusted_origins.0.iter().filter(|pattern| pattern.is_broad()) {
        found.push(Finding::BroadTrustedOrigin { pattern: pattern.to_string() });
    }
}

fn providers(config: &Config, found: &mut Vec<Finding>) {
    if config.providers.is_empty() {
        found.push(Finding::NoProvider);
    }
}

fn cookies(config: &Config, found: &mut Vec<Finding>) {
    // What a session and the tokens of a provider weigh where the user has a picture and the tokens are JWTs.
    const SESSION: usize = 900;
    const TICKET: usize = 86;
    const TOKENS: usize = 2000;
    let table = config.cookies(config.base_url.as_ref().map_or(Scheme::Https, Origin::scheme));
    if table.session.attributes.same_site == SameSite::Strict {
        found.push(Finding::StrictSession);
    }
    let is_under_a_path = !config.public_path.is_empty() || config.forwarded_prefix == ProxyHeaders::Trusted;
    if is_under_a_path && config.has_usual_prefix && table.session.attributes.path == "/" {
        found.push(Finding::SharedCookieNames);
    }
    let keeps_tokens = config.providers.values().any(|provider| provider.kept() != Kept::Nothing);
    // A store keeps them behind a ticket.
    let (session, tokens) = match (config.session.is_stored(), config.session.recheck_interval()) {
        (true, None) => (TICKET, 0),
        (true, Some(_)) => (TICKET.saturating_add(SESSION), 0),
        (false, _) => (SESSION, TOKENS),
    };
    let bytes = table.budget(session).saturating_add(if keeps_tokens { tokens } else { 0 });
    if bytes > COOKIE_BUDGET {
        found.push(Finding::CookieBudget { bytes });
    }
}

/// Reports what breaks a session in frames.
fn frames(config: &Config, found: &mut Vec<Finding>) {
    let session = &config.cookies(Scheme::Https).session.attributes;
    let mut add = |obstacle, remedy| found.push(Finding::Frames { obstacle, remedy });
    if session.same_site != SameSite::None {
        if session.partitioned {
            add("no cookie is sent that is not SameSite=None", "use Cookies::in_frames");
        }
        return;
    }
    if config.base_url.as_ref().map(Origin::scheme) == Some(Scheme::Http) {
        add("no cookie is sent without https", "give base_url an https origin");
    }
    if !session.partitioned {
        add("browsers drop cookies that are not partitioned", "use Cookies::in_frames");
    }
    if config.providers.values().any(|provider| provider.response_mode() == ResponseMode::FormPost) {
        add(
            "the page of a callback by form_post is not shown",
            "set authorization_parameter response_mode to query",
        );
    }
}

fn session(config: &Config, found: &mut Vec<Finding>) {
    let PolicyFacts { max_age, max_duration, renews, has_audience } = config.session.facts();
    if max_age > LONG_SESSION {
        found.push(Finding::LongSession { max_age });
    }
    match max_duration.filter(|_| renews) {
        None if renews => found.push(Finding::EndlessSession),
        Some(longest) if longest < max_age => found.push(Finding::ShortDuration),
        Some(_) | None => {}
    }
    if !config.has_usual_prefix && !has_audience {
        found.push(Finding::SharedSessions);
    }
    if config.session.ends().is_some() {
        let others = config.providers.keys().filter(|id| !config.is_openid(id));
        found.extend(others.map(|id| Finding::NeverFresh { provider: id.clone() }));
    }
}

/// Reports credentials that were copied with more than themselves.
fn blanks(provider: &CheckedProvider, found: &mut Vec<Finding>) {
    let secret = provider.client_secret.as_ref().map(ClientSecret::expose);
    for (option, text) in [("client_id", Some(provider.client_id.as_str())), ("client_secret", secret)] {
        if text.is_some_and(|text| text.trim() != text) {
            found.push(Finding::Blanks { provider: provider.id.clone(), option });
        }
    }
}

/// Reports a provider that answers by a form and is not asked to, or whose issuer is not compared.
fn issuer(provider: &CheckedProvider, rows: &[Row], found: &mut Vec<Finding>) {
    if provider.response_mode() != ResponseMode::FormPost && answers_by_form(provider, rows) {
        found.push(Finding::FormPost { provider: provider.id.clone() });
    }
    let Some(endpoints) = provider.configured() else { return };
    let is_known = |row: &Row| row.issuer.is_some() && row.is_at(&endpoints.authorization);
    if endpoints.issuer == ExpectedIssuer::Unknown && rows.iter().any(is_known) {
        found.push(Finding::IssuerUnchecked { provider: provider.id.clone() });
    }
}

/// Tells whether a provider is one whose row answers by a form, and is asked for more than an id.
fn answers_by_form(provider: &CheckedProvider, rows: &[Row]) -> bool {
    let asks = |row: &&Row| row.authorization_parameters.contains(&("response_mode", "form_post"));
    let is_its = |row: &Row| match (provider.openid(), provider.configured()) {
        (Some(openid), _) => {
            row.issuer.is_some_and(|known| openid.issuer == Issuer::Exactly(known.to_owned()))
        }
        (None, Some(endpoints)) => row.is_at(&endpoints.authorization),
        (None, None) => false,
    };
    rows.iter().filter(asks).any(is_its) && !matches!(provider.scope.as_str(), "" | "openid")
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
