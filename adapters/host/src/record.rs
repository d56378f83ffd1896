//! Events of the core as `tracing` events with stable names and fields.

use aura_proto::{
    DisplayClaim, Error, ErrorWord, Event, FetchError, Finding, HttpSign, IssuerDifference, PublishedIssuer,
    Purpose, Quoted, RefusalCode, Severity,
};

/// The fields of a record: `None` where the event has none. Text from outside is recorded as `Debug`, which escapes
/// line breaks and terminal sequences.
#[derive(Default)]
struct Fields<'a> {
    provider: Option<&'a str>,
    sub: Option<&'a str>,
    error: Option<&'a Error>,
    /// A member of a configuration.
    member: Option<&'a str>,
    /// The purpose of a refused request, the status of the answer, and its error code.
    refusal: Option<(Purpose, u16, Option<ErrorWord>)>,
    /// The issuer that is configured, the one that is published, and how they differ.
    issuers: Option<(&'a str, &'a PublishedIssuer, IssuerDifference)>,
    claim: Option<DisplayClaim>,
    /// A host, and the id of a provider, as a browser gave them.
    host: Option<&'a Quoted>,
    id: Option<&'a Quoted>,
    /// What shows that a browser came over http.
    sign: Option<HttpSign>,
    /// The rule of a limit.
    rule: Option<&'a str>,
    /// The code that the application gave with its decision.
    decision: Option<&'a RefusalCode>,
}

/// Records an event under the target `aura`.
pub(crate) fn record(event: &Event) {
    let fields = fields(event);
    let (name, provider, sub) = (event.name(), fields.provider, fields.sub.map(tracing::field::debug));
    let (code, reason) = (fields.error.map(Error::code), fields.error.map(Error::reason));
    let issuer = fields.issuers.map(|(configured, ..)| tracing::field::debug(configured));
    let published = fields.issuers.map(|(_, published, _)| tracing::field::display(published));
    let difference = fields.issuers.map(|(_, _, difference)| tracing::field::display(difference));
    let member = fields.member;
    let endpoint = fields.refusal.map(|(endpoint, ..)| tracing::field::debug(endpoint));
    let status = fields.refusal.map(|(_, status, _)| status);
    let error = fields.refusal.and_then(|(.., word)| word).map(tracing::field::display);
    let source = fields.error.and_then(std::error::Error::source);
    let cause = source.and_then(|source| source.downcast_ref::<FetchError>()).map(tracing::field::display);
    let claim = fields.claim.map(tracing::field::display);
    let (host, id) = (fields.host.map(tracing::field::display), fields.id.map(tracing::field::display));
    let rule = fields.rule.map(tracing::field::debug);
    let sign = fields.sign.map(tracing::field::display);
    let explanation = fields.error.map(Error::message);
    let refusal =
        fields.decision.or_else(|| fields.error.and_then(Error::refusal_code)).map(RefusalCode::as_str);
    let answered = fields.error.map(|error| error.status().as_u16());
    macro_rules! at {
        ($level:ident) => {
            tracing::event!(
                target: "aura", tracing::Level::$level, severity = ?event.severity(), provider, sub, code, reason, refusal, explanation, answered, cause, claim, host, id, sign,
                member, rule, endpoint, status, error, issuer, published, difference, "{name}"
            )
        };
    }
    match event.severity() {
        Severity::Debug => at!(DEBUG),
        // `tracing` has nothing between these two; the field `severity` tells them apart.
        Severity::Info | Severity::Notice => at!(INFO),
        Severity::Warning => at!(WARN),
        // Nor anything above an error.
        Severity::Error | Severity::Critical | _ => at!(ERROR),
    }
}

/// Records a finding about the configuration.
pub(crate) fn record_finding(finding: &Finding) {
    let (severity, option) = (finding.severity(), finding.option());
    macro_rules! at {
        ($level:ident) => {
            tracing::event!(
                target: "aura", tracing::Level::$level, ?severity, option, explanation = %finding, "CONFIGURATION_FINDING"
            )
        };
    }
    match severity {
        Severity::Debug | Severity::Info | Severity::Notice => at!(INFO),
        Severity::Warning => at!(WARN),
        Severity::Error | Severity::Critical | _ => at!(ERROR),
    }
}

/// Records that a driver has a store of sessions which its policy does not use.
pub(crate) fn record_unused_store() {
    let (severity, option) = (Severity::Warning, "session");
    let explanation = "session: the driver has a store, and the policy keeps sessions in cookies, where end_sessions ends none; \
                       configure SessionPolicy::stored, or make the driver without the store";
    tracing::warn!(target: "aura", ?severity, option, explanation, "CONFIGURATION_FINDING");
}

fn fields(event: &Event) -> Fields<'_> {
    match event {
        Event::SignInInitiated { provider }
        | Event::TokenGranted { provider }
        | Event::UserInfoReceived { provider }
        | Event::SealedRedirectRefused { provider }
        | Event::CallbackRepeated { provider }
        | Event::IssuerIgnored { provider }
        | Event::TokensRefreshed { provider }
        | Event::TokensRevoked { provider }
        | Event::IdTokenDropped { provider }
        | Event::ProviderDisconnected { provider } => of_provider(provider),
        Event::ClaimIgnored { provider, claim } => Fields { claim: Some(*claim), ..of_provider(provider) },
        Event::SignedIn { provider, sub } => Fields { sub: Some(sub), ..of_provider(provider) },
        Event::LoggedOutByProvider { provider, sub, .. } => {
            Fields { sub: sub.as_deref(), ..of_provider(provider) }
        }
        Event::SignInFailed { provider, error }
        | Event::LogoutRefused { provider, error }
        | Event::RefreshFailed { provider, error }
        | Event::EmailUnread { provider, error }
        | Event::ProviderRequestFailed { provider, error } => {
            Fields { error: Some(error), ..of_provider(provider) }
        }
        Event::ProviderRefused { provider, endpoint, status, word } => {
            Fields { refusal: Some((*endpoint, *status, *word)), ..of_provider(provider) }
        }
        Event::EndpointIgnored { provider, member } | Event::EndpointRefused { provider, member } => {
            Fields { member: Some(member), ..of_provider(provider) }
        }
        Event::IssuerDiffers { provider, configured, published, difference } => {
            Fields { issuers: Some((configured, published, *difference)), ..of_provider(provider) }
        }
        Event::HostUnknown { host } | Event::HostDiffers { host } => {
            Fields { host: Some(host), ..Fields::default() }
        }
        Event::OverHttp { host, sign } => Fields { host: Some(host), sign: Some(*sign), ..Fields::default() },
        Event::LimitUnchecked { rule } => Fields { rule: Some(rule), ..Fields::default() },
        Event::ProviderUnknown { id } => Fields { id: Some(id), ..Fields::default() },
        Event::SessionRenewed { sub } | Event::SessionUpdated { sub } => of_user(sub),
        Event::SessionEnded { sub, refusal } => Fields { decision: refusal.as_ref(), ..of_user(sub) },
        Event::SignedOut { sub } => Fields { sub: sub.as_deref(), ..Fields::default() },
        Event::SessionRejected { error } | Event::RequestRefused { error } => {
            Fields { error: Some(error), ..Fields::default() }
        }
        // Events of a later core have their name, at least.
        Event::RedirectRefused | Event::CsrfTokenIssued | _ => Fields::default(),
    }
}

fn of_provider(provider: &str) -> Fields<'_> {
    Fields { provider: Some(provider), ..Fields::default() }
}

fn of_user(sub: &str) -> Fields<'_> {
    Fields { sub: Some(sub), ..Fields::default() }
}
