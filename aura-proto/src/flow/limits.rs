//! Limits of the routes, where the configuration has them: asked of the host's store of counts.

use super::io::{Io, boxed};
use crate::context::RequestContext;
use crate::counting;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::limits::{CountRequest, Counted, LimitRule, Throttled};
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

/// Asks the store. If it cannot answer, the request passes, and that is reported.
pub(super) async fn ask(
    cx: &mut RequestContext,
    io: &Io,
    rule: LimitRule,
    question: CountRequest,
) -> Result<(), Error> {
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
