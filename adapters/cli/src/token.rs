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
    let presented = Presented::read(text);
    let variables = Variables::read(options, process)?;
    let mut refused = None;
    for stored in [false, true] {
        for scheme in [Scheme::Https, Scheme::Http] {
            let auth = site(&variables, options, scheme, stored)?;
            let cookie = presented.cookie(auth.session_cookie(scheme))?;
            let token = token_of(&cookie, auth.session_cookie(scheme));
            match open(&auth, &cookie, scheme, now) {
                Ok(session) => return Ok(accepted(token, session.as_ref())),
                // A name that is not there says nothing, and nor does reading one kind as the other.
                Err(SessionError::Missing) => {}
                Err(_) if is_ticket(token) != stored => {}
                Err(error) => refused = Some(refused.unwrap_or((token.map(str::to_owned), error))),
            }
        }
    }
    let (token, error) = refused.unwrap_or((None, SessionError::Missing));
    Ok(refusal(token.as_deref(), error))
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
        Reading::Check(_) => Err(SessionError::NeedsCheck),
    }
}

/// What the input is.
enum Presented<'a> {
    Token(&'a str),
    Header(&'a str),
}

impl<'a> Presented<'a> {
    /// Tells a `Cookie` header by its `=`, which no token has.
    fn read(text: &'a str) -> Self {
        let (name, value) = text.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("cookie") {
            return Self::Header(value.trim());
        }
        if text.contains('=') { Self::Header(text) } else { Self::Token(text) }
    }

    /// Returns the `Cookie` header for the name of the session's cookie.
    fn cookie(&self, name: &str) -> Result<HeaderValue, Failure> {
        let header = match self {
            Self::Token(token) => format!("{name}={token}"),
            Self::Header(header) => (*header).to_owned(),
        };
        let wrong = |_| Failure("the input is neither a token nor a Cookie header".to_owned());
        HeaderValue::from_str(&header).map_err(wrong)
    }
}

/// Finds the session's token in a header: its first part, where it is in several cookies.
fn token_of<'a>(cookie: &'a HeaderValue, name: &str) -> Option<&'a str> {
    let cookies = cookie.to_str().ok()?.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    let first = format!("{name}.0");
    cookies.filter(|(found, _)| *found == name || *found == first).map(|(_, value)| value).next()
}

fn is_ticket(token: Option<&str>) -> bool {
    token.is_some_and(|token| token.len() == TICKET && !token.contains('.'))
}

/// Reads a token's header, which says how it is protected (RFC 7515 section 4, RFC 7516 section 4).
fn header(token: Option<&str>) -> Value {
    let header = token.and_then(|token| token.split_once('.')).map(|(header, _)| header);
    let json = header.and_then(|header| base64url::decode(header).ok());
    json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}

fn accepted(token: Option<&str>, session: Option<&Session>) -> Report {
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

fn refusal(token: Option<&str>, error: SessionError) -> Report {
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
