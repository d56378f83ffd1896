//! `aura check`: errors and findings of a configuration, and the URLs to register at each provider.

use crate::arguments::Options;
use crate::environment::{Configured, Variables};
use crate::report::{Failure, Report, Status, table};
use aura_blocking::env::{Lookup, variable};
use aura_blocking::{Auth, Client, Finding};
use aura_proto::{Origin, Severity};
use aura_providers::{Protocol, ROWS};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Makes the client that asks providers.
type MakeClient<'a> = &'a dyn Fn() -> Box<dyn Client>;

pub(crate) fn check(
    options: &Options,
    online: Option<MakeClient<'_>>,
    process: Lookup<'_>,
) -> Result<Report, Failure> {
    let variables = Variables::read(options, process)?;
    let configured = match variables.auth(options, |builder| builder) {
        Ok(configured) => configured,
        Err(wrong) => {
            let problem = Problem { status: Status::Failed, option: wrong.option, message: wrong.message };
            return Ok(report(&[problem], &[]));
        }
    };
    let mut problems: Vec<_> = configured.auth.findings(ROWS).iter().map(Problem::from).collect();
    if configured.needs_reader {
        problems.push(Problem::reader());
    }
    let urls = Urls::of(&configured, &|name| variables.get(name));
    let mut online = online.map(|client| ask(&configured.auth, &*client())).unwrap_or_default();
    let providers: Vec<_> = configured
        .auth
        .providers()
        .map(|(id, name)| Registered {
            id: id.to_owned(),
            name: name.to_owned(),
            callback: urls.route("callback", id),
            logout: has_logout(id).then(|| urls.route("backchannelLogout", id)),
            online: online.remove(id),
        })
        .collect();
    let failures = providers.iter().filter_map(|provider| match &provider.online {
        Some(Err(message)) => Some(Problem {
            status: Status::Failed,
            option: Some(provider.id.clone()),
            message: format!("provider {} cannot be used: {message}", provider.id),
        }),
        Some(Ok(())) | None => None,
    });
    problems.extend(failures);
    Ok(report(&problems, &providers))
}

/// Asks each OpenID Provider for its configuration, as the first sign-in does.
fn ask(auth: &Auth, client: &dyn Client) -> BTreeMap<String, Result<(), String>> {
    let answers = auth.provider_checks().map(|check| {
        let outcome = client.call(check.request.clone(), check.timeout, check.max_response);
        (check.provider.clone(), check.read(outcome).map_err(|error| error.to_string()))
    });
    answers.collect()
}

/// Tells whether a provider has a back-channel logout (OpenID Connect Back-Channel Logout 1.0). Those without a row are OpenID
/// Providers.
fn has_logout(id: &str) -> bool {
    let row = ROWS.iter().find(|row| row.id == id);
    row.is_none_or(|row| row.protocol == Protocol::OpenId)
}

/// Where the site is, as providers see it.
struct Urls {
    /// The origin, empty where requests decide it, the public path and the base path.
    base: String,
}

impl Urls {
    fn of(configured: &Configured, lookup: Lookup<'_>) -> Self {
        let base_url = variable(lookup, "BASE_URL").and_then(|(_, value)| Origin::parse(&value));
        let origin = base_url.map(|origin| origin.to_string()).unwrap_or_default();
        let public_path = configured.auth.public_path(&http::Request::new(()));
        Self { base: format!("{origin}{public_path}{}", configured.auth.base_path()) }
    }

    fn route(&self, route: &str, provider: &str) -> String {
        format!("{}/{route}/{provider}", self.base)
    }
}

/// An error or a finding.
struct Problem {
    status: Status,
    option: Option<String>,
    message: String,
}

impl Problem {
    /// Says that the key pair needs a reader, which the environment cannot give.
    fn reader() -> Self {
        Self {
            status: Status::Warned,
            option: Some("SIGNING_PRIVATE_KEY".to_owned()),
            message: "the key pair is not of Ed25519: a server starts with it only where it reads the environment by \
                      Environment::keys_by(&signing_key)"
                .to_owned(),
        }
    }

    fn severity(&self) -> &'static str {
        match self.status {
            Status::Clean => "notice",
            Status::Warned => "warning",
            Status::Failed => "error",
        }
    }
}

impl From<&Finding> for Problem {
    fn from(finding: &Finding) -> Self {
        // A finding is a warning at most: what a server would not start with is an error of the configuration.
        let status = if finding.severity() >= Severity::Warning { Status::Warned } else { Status::Clean };
        Self { status, option: Some(finding.option().to_owned()), message: finding.to_string() }
    }
}

/// A configured provider, and what to register there.
struct Registered {
    id: String,
    name: String,
    callback: String,
    logout: Option<String>,
    /// Whether its configuration can be used, where it was asked.
    online: Option<Result<(), String>>,
}

impl Registered {
    fn rows(&self) -> Vec<Vec<String>> {
        let line = |what: &str, value: &str| vec![self.id.clone(), what.to_owned(), value.to_owned()];
        let mut rows = vec![line("callback", &self.callback)];
        rows.extend(self.logout.iter().map(|logout| line("back-channel logout", logout)));
        if let Some(Ok(())) = self.online {
            rows.push(line("configuration", "can be used"));
        }
        rows
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "callback": self.callback, "backchannelLogout": self.logout,
            "usable": self.online.as_ref().map(Result::is_ok),
        })
    }
}

fn report(problems: &[Problem], providers: &[Registered]) -> Report {
    let mut text: String =
        problems.iter().map(|problem| format!("{:8} {}\n", problem.severity(), problem.message)).collect();
    if !text.is_empty() && !providers.is_empty() {
        text.push('\n');
    }
    text.push_str(&table(&providers.iter().flat_map(Registered::rows).collect::<Vec<_>>()));
    let problem = |problem: &Problem| json!({ "severity": problem.severity(), "option": problem.option, "message": problem.message });
    Report {
        text,
        json: json!({
            "problems": problems.iter().map(problem).collect::<Vec<_>>(),
            "providers": providers.iter().map(Registered::json).collect::<Vec<_>>(),
        }),
        status: problems.iter().map(|problem| problem.status).max().unwrap_or(Status::Clean),
    }
}
