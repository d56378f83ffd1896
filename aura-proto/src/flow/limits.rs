//! Limits of the routes, where the configuration has them: asked of the host's store of counts.

use super::io::{Io, boxed};
use crate::context::RequestContext;
use crate::counting;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::limits::{Cost, CountRequest, Counted, LimitRule, Throttled};
use crate::session::Session;

/// Counts a request by its client's address. The name tells counts of one rule apart.
///
/// # Errors
/// [`RequestError::TooManyRequests`].
pub(super) async fn count(
    cx: &mut RequestContext,
    io: &Io,
    rule: LimitRule,
    name: &str,
) -> Result<(), Error> {
    let Some(question) = counting::of_client(&cx.config, rule, name, cx.head()) else { return Ok(()) };
    boxed(ask(cx, io, rule, question)).await
}

/// Counts a request by its session.
///
/// # Errors
/// As [`count`].
pub(super) async fn count_of_session(
    cx: &mut RequestContext,
    io: &Io,
    name: &str,
    session: &Session,
) -> Result<(), Error> {
    let rule = LimitRule::Tokens;
    let Some(question) = counting::of_session(&cx.config, rule, name, session) else { return Ok(()) };
    boxed(ask(cx, io, rule, question)).await
}

/// Refuses a callback whose client had too many that failed, and returns the question that counts this one if it fails, too.
///
/// # Errors
/// As [`count`].
pub(super) async fn look_at_callback(
    cx: &mut RequestContext,
    io: &Io,
) -> Result<Option<CountRequest>, Error> {
    let rule = LimitRule::Callback;
    let Some(question) = counting::of_client(&cx.config, rule, "", cx.head()) else { return Ok(None) };
    let mut look = question;
    look.cost = Cost::Zero;
    boxed(ask(cx, io, rule, look)).await?;
    Ok(Some(question))
}

/// Counts a callback that failed, by whoever's fault but this site's own. The answer is that of the failure in any case.
pub(super) async fn count_failure(
    cx: &mut RequestContext,
    io: &Io,
    question: Option<CountRequest>,
    error: &Error,
) {
    let Some(question) = question else { return };
    if !matches!(error, Error::Host(_) | Error::Request(RequestError::TooManyRequests(_))) {
        // It may be one too many, which refuses the next one.
        let _ = boxed(ask(cx, io, LimitRule::Callback, question)).await;
    }
}

/// A store that cannot answer lets the request pass, and is reported.
async fn ask(cx: &mut RequestContext, io: &Io, rule: LimitRule, question: CountRequest) -> Result<(), Error> {
    match io.ask(question).await? {
        Ok(Counted::Allowed) => Ok(()),
        Ok(Counted::Refused { retry_after }) => {
            let throttled = Throttled::new(question.quota, retry_after, io.now());
            Err(RequestError::TooManyRequests(throttled).into())
        }
        Err(_) => {
            cx.events.push(Event::LimitUnchecked { rule: rule.name().to_owned() });
            Ok(())
        }
    }
}
