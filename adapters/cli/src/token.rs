//! `aura token`: what a session token holds, or why it is refused.

use crate::arguments::Options;
use crate::environment::Variables;
use crate::report::{Failure, Report, Status, table};
use aura_blocking::env::{Lookup, variable};
use aura_blocking::{Auth, Connection, Scheme, Session, SessionError, UnixTime};
use aura_jose::base64url;
use aura_proto::Reading;
use http::{HeaderValue, Request};
use serde_json::{Map, Value, json};
use std::io::Read;

/// Longest input that is read, in bytes.
const MAX_INPUT: u64 = 64 * 1024;
/// Length of a ticket.
const TICKET: usize = 86;
/// How the name of a session's cookie begins, by the site's scheme and settings. A site reads the one of its own.
const MARKERS: [&str; 3] = ["__Host-", "__Secure-", ""];
/// The prefix that an application does not have to set.
const PREFIX: &str = "aura-auth";

/// Returns the text of the argument, or of standard input where it is `-`.
pub(crate) fn read(argument: &str, input: &mut dyn Read) -> Result<String, Failure> {
    let mut text = argument.to_owned();
    if argument == "-" {
        text.clear();
        let read = input.take(MAX_INPUT).read_to_string(&mut text);
        read.map_err(|_| Failure("standard input cannot be read, or is no text".to_owned()))?;
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure("there is no token; write one to standard input".to_owned()));
    }
    Ok(text.to_owned())
}

pub(crate) fn token(
    options: &Options,
    text: &str,
    now: UnixTime,
    process: Lookup<'_>,
) -> Result<Report, Failure> {
    let variables = Variables::read(options, process)?;
    let names = MARKERS.map(|marker| {
        format!("{marker}{}.session_token", options.cookie_prefix.as_deref().unwrap_or(PREFIX))
    });
    let cookie = cookie(text, &names)?;
    let token = token_of(&cookie, &names).unwrap_or_default();
    let mut refused = SessionError::Missing;
    for stored in [false, true] {
        for scheme in [Scheme::Https, Scheme::Http] {
            let auth = site(&variables, options, scheme, stored)?;
            match open(&auth, &cookie, scheme, now) {
                Ok(session) => return Ok(accepted(token, session.as_ref())),
                // A cookie of the other scheme says nothing, and nor does reading one kind of token as the other.
                Err(SessionError::Missing) => {}
                Err(_) if is_ticket(token) != stored => {}
                Err(error) => refused = error,
            }
        }
    }
    Ok(refusal(token, refused))
}

/// Makes the site that reads a session of this scheme.
fn site(variables: &Variables<'_>, options: &Options, scheme: Scheme, stored: bool) -> Result<Auth, Failure> {
    let configured = variables.auth(options, |builder| {
        let builder = match (variable(&|name| variables.get(name), "BASE_URL"), scheme) {
            (Some((_, value)), _) if !matches!(value.as_str(), "" | "/") => builder,
            (_, Scheme::Https) => builder.base_url("https://localhost"),
            (_, Scheme::Http) => builder.base_url("http://localhost"),
        };
        if stored { builder.change_session(|policy| policy.stored()) } else { builder }
    })?;
    Ok(configured.auth)
}

/// Opens the session in a `Cookie` header. There is none where the header has a ticket of this site, which a store would be asked
/// about.
fn open(
    auth: &Auth,
    cookie: &HeaderValue,
    scheme: Scheme,
    now: UnixTime,
) -> Result<Option<Session>, SessionError> {
    let mut request = Request::new(());
    request.headers_mut().insert(http::header::COOKIE, cookie.clone());
    request.extensions_mut().insert(Connection::new(scheme));
    match auth.begin_session(&request, now) {
        Reading::Done(found) => found.map(Some).map_err(|none| none.error),
        Reading::Store(_) => Ok(None),
        // A session is read without a provider.
        Reading::Fetch(..) | Reading::Pause(..) | Reading::RunToEnd(_) => Err(SessionError::NeedsStore),
        Reading::Check(_) => Err(SessionError::NeedsCheck),
    }
}

/// Returns the `Cookie` header that the input is, or has the token in. No token has a `=`.
fn cookie(text: &str, names: &[String]) -> Result<HeaderValue, Failure> {
    let header = match text.split_once(':') {
        Some((name, header)) if name.eq_ignore_ascii_case("cookie") => header.trim().to_owned(),
        _ if text.contains('=') => text.to_owned(),
        _ => names.iter().map(|name| format!("{name}={text}")).collect::<Vec<_>>().join("; "),
    };
    let wrong = |_| Failure("the input is neither a token nor a Cookie header".to_owned());
    HeaderValue::from_str(&header).map_err(wrong)
}

/// Finds the session's token in a header: its first part, where it is in several cookies.
fn token_of<'a>(cookie: &'a HeaderValue, names: &[String]) -> Option<&'a str> {
    let cookies = cookie.to_str().ok()?.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    let value = |name: &String| cookies.clone().find(|(found, _)| found == name).map(|(_, value)| value);
    names.iter().find_map(value)
}

fn is_ticket(token: &str) -> bool {
    token.len() == TICKET && !token.contains('.')
}

/// Reads a token's header, which says how it is protected (RFC 7515 section 4, RFC 7516 section 4).
fn header(token: &str) -> Value {
    let json = token.split('.').next().and_then(|header| base64url::decode(header).ok());
    json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}

fn accepted(token: &str, session: Option<&Session>) -> Report {
    let Some(session) = session else {
        return Report {
            text: "the ticket of a stored session: its authentication code is right; a store has the session, and was not asked\n"
                .to_owned(),
            json: json!({ "kind": "ticket", "authentic": true, "reason": null }),
            status: Status::Clean,
        };
    };
    let (header, claims) = (header(token), claims(session));
    let mut rows = vec![vec!["header".to_owned(), header.to_string()]];
    rows.extend(claims.iter().map(|(name, claim)| vec![name.clone(), claim.to_string()]));
    let expires = session.expires_at().to_iso8601();
    Report {
        text: format!(
            "a session, which ends at {}\n{}",
            expires.as_deref().unwrap_or("no date"),
            table(&rows)
        ),
        json: json!({ "kind": "session", "authentic": true, "reason": null, "header": header, "claims": claims, "expires": expires }),
        status: Status::Clean,
    }
}

fn refusal(token: &str, error: SessionError) -> Report {
    // The token was authentic where its times alone are wrong.
    let authentic = matches!(error, SessionError::Expired | SessionError::NotYet);
    let kind = if is_ticket(token) { "ticket" } else { "session" };
    let header = header(token);
    let shown = if header.is_null() { String::new() } else { format!("header  {header}\n") };
    Report {
        text: format!("refused, as a {kind}: {error}\n{shown}"),
        json: json!({ "kind": kind, "authentic": authentic, "reason": error.to_string(), "header": header }),
        status: Status::Warned,
    }
}

/// Lists the claims that a site reads.
fn claims(session: &Session) -> Map<String, Value> {
    let user = session.user();
    let texts = [
        ("sub", Some(user.sub())),
        ("name", user.name()),
        ("image", user.image()),
        ("email", user.email()),
        ("provider", session.provider()),
    ];
    let times = [
        ("began", session.began_at()),
        ("iat", Some(session.issued_at())),
        ("exp", Some(session.expires_at())),
        ("mexp", session.latest()),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    let times = times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), time?.as_secs().into())));
    texts.chain(session.claims().into_owned()).chain(times).collect()
}
