//! The user, as the provider describes them, with the e-mail address of providers that list addresses apart from the profile.

use super::exchanges::Server;
use super::io::Io;
use crate::context::RequestContext;
use crate::error::{Error, HostError};
use crate::event::Event;
use crate::oauth::userinfo;
use crate::provider::UserInfoMethod;
use crate::purpose::Purpose;
use crate::refused::UserInfoRefused;
use crate::secret::AccessToken;
use crate::session::User;
use aura_types::UnixTime;
use serde_json::Value;

/// Reads the user from the claims, and reports the claims that were left out. If there is no e-mail address among them, the provider
/// is asked for its list of addresses, if it has one. A list that cannot be read leaves the user without an address: it ends no sign-in.
pub(super) async fn user(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    token: Option<&AccessToken>,
    said: &Value,
) -> Result<User, Error> {
    let (user, ignored) = server.profile.user(said).map_err(UserInfoRefused::from)?;
    let event = |claim| Event::ClaimIgnored { provider: server.id.clone(), claim };
    cx.events.extend(ignored.into_iter().map(event));
    let (None, Some(token), true) = (user.email(), token, server.endpoints.emails.is_some()) else {
        return Ok(user);
    };
    match primary(cx, io, server, token).await {
        Ok(Some(email)) => Ok(user.with_email(email)),
        Ok(None) => Ok(user),
        Err(error) => {
            cx.events.push(Event::EmailUnread { provider: server.id.clone(), error });
            Ok(user)
        }
    }
}

/// Asks for the list, as userinfo is asked, and returns the address in it that is primary and verified.
async fn primary(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    token: &AccessToken,
) -> Result<Option<String>, Error> {
    let request = |server: &Server, _: &mut RequestContext, _: UnixTime| {
        let endpoint = server.endpoints.emails.as_ref().ok_or(HostError::Unreachable)?;
        let (headers, token_type) = (&server.userinfo_headers, server.token_type());
        Ok(userinfo::request(UserInfoMethod::Get, endpoint, headers, token, token_type)?)
    };
    let response = server.fetch_bound(cx, io, Purpose::UserInfo, Some(token), request).await?;
    Ok(userinfo::parse_emails(&response)?)
}
