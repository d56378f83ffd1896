//! The routes: their paths, their methods, and the members of their failures.

use crate::error::Error;
use crate::provider::{CheckedProvider, ResponseMode};
use crate::reader::Reader;
use crate::response::Respond;
use crate::session::SessionPolicy;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// One of the routes under the base path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A route of the site.
    Site(SiteRoute),
    /// A route of the provider of this id.
    Provider(ProviderRoute, String),
}

/// A route that names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SiteRoute {
    /// `/session`
    Session,
    /// `/csrfToken`
    CsrfToken,
    /// `/signOut`
    SignOut,
    /// `/signedOut`
    SignedOut,
    /// `/error`
    ErrorPage,
    /// `/signIn`
    SignInPage,
    /// `/sessions`
    Sessions,
    /// `/sessions/:id`
    OneSession,
}

/// A route that names a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderRoute {
    /// `/signIn/:provider`
    SignIn,
    /// `/callback/:provider`
    Callback,
    /// `/backchannelLogout/:provider`
    BackchannelLogout,
    /// A route about the tokens that the provider granted.
    Tokens(TokensRoute),
}

/// A route about the tokens that a provider granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokensRoute {
    /// `/providers/:provider`
    Connection,
    /// `DELETE` at the same path
    Disconnect,
    /// `/providers/:provider/tokens`
    Tokens,
    /// `/providers/:provider/tokens/revoke`
    Revoke,
    /// `/providers/:provider/user/refresh`
    RefreshUser,
}

impl Route {
    /// Reads the path of a request. There is a list of sessions only where the policy keeps them in a store.
    pub(crate) fn of_request(base_path: &str, path: &str, policy: &SessionPolicy) -> Option<Self> {
        let route = Self::of(base_path, path)?;
        let needs_store = matches!(route, Self::Site(SiteRoute::Sessions | SiteRoute::OneSession));
        (policy.is_stored() || !needs_store).then_some(route)
    }

    /// Reads a path under the base path.
    pub(crate) fn of(base_path: &str, path: &str) -> Option<Self> {
        path.strip_prefix(base_path).and_then(Self::parse)
    }

    /// Reads a path without the base path. Names match byte for byte; only the parameter is percent-decoded.
    fn parse(path: &str) -> Option<Self> {
        match path {
            "/session" => return Some(Self::Site(SiteRoute::Session)),
            "/csrfToken" => return Some(Self::Site(SiteRoute::CsrfToken)),
            "/signOut" => return Some(Self::Site(SiteRoute::SignOut)),
            "/signedOut" => return Some(Self::Site(SiteRoute::SignedOut)),
            "/error" => return Some(Self::Site(SiteRoute::ErrorPage)),
            "/signIn" => return Some(Self::Site(SiteRoute::SignInPage)),
            "/sessions" => return Some(Self::Site(SiteRoute::Sessions)),
            _ => {}
        }
        let path = path.strip_prefix('/')?;
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).take(5).collect();
        let (route, id) = match segments.as_slice() {
            ["sessions", _] => return Some(Self::Site(SiteRoute::OneSession)),
            ["signIn", id] => (ProviderRoute::SignIn, id),
            ["callback", id] => (ProviderRoute::Callback, id),
            ["backchannelLogout", id] => (ProviderRoute::BackchannelLogout, id),
            ["providers", id] => (ProviderRoute::Tokens(TokensRoute::Connection), id),
            ["providers", id, "tokens"] => (ProviderRoute::Tokens(TokensRoute::Tokens), id),
            ["providers", id, "tokens", "revoke"] => (ProviderRoute::Tokens(TokensRoute::Revoke), id),
            ["providers", id, "user", "refresh"] => (ProviderRoute::Tokens(TokensRoute::RefreshUser), id),
            _ => return None,
        };
        // What is not UTF-8 afterwards matches no provider's id.
        Some(Self::Provider(route, percent_decode_str(id).decode_utf8_lossy().into_owned()))
    }

    /// Returns the name, stable across versions: the route's path without its parameter.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Site(SiteRoute::Session) => "session",
            Self::Site(SiteRoute::CsrfToken) => "csrfToken",
            Self::Site(SiteRoute::SignOut) => "signOut",
            Self::Site(SiteRoute::SignedOut) => "signedOut",
            Self::Site(SiteRoute::ErrorPage) => "error",
            Self::Site(SiteRoute::SignInPage) => "signInPage",
            Self::Site(SiteRoute::Sessions | SiteRoute::OneSession) => "sessions",
            Self::Provider(ProviderRoute::SignIn, _) => "signIn",
            Self::Provider(ProviderRoute::Callback, _) => "callback",
            Self::Provider(ProviderRoute::BackchannelLogout, _) => "backchannelLogout",
            Self::Provider(ProviderRoute::Tokens(route), _) => match route {
                TokensRoute::Connection | TokensRoute::Disconnect => "providers",
                TokensRoute::Tokens => "providers/tokens",
                TokensRoute::Revoke => "providers/tokens/revoke",
                TokensRoute::RefreshUser => "providers/user/refresh",
            },
        }
    }

    /// Returns the value of `Allow`. `HEAD` is absent where a link preview must not begin or end a sign-in, and a callback
    /// takes `POST` where its provider answers by a form.
    pub(crate) fn allow(&self, provider: Option<&CheckedProvider>) -> &'static str {
        match self {
            Self::Site(SiteRoute::Session) => "GET, HEAD, PATCH",
            Self::Site(SiteRoute::CsrfToken) => "GET, HEAD",
            Self::Site(SiteRoute::SignOut) => "POST",
            Self::Site(SiteRoute::Sessions) => "GET, DELETE",
            Self::Site(SiteRoute::OneSession) => "DELETE",
            Self::Site(SiteRoute::SignedOut | SiteRoute::ErrorPage | SiteRoute::SignInPage) => "GET",
            Self::Provider(route, _) => match route {
                ProviderRoute::Callback => {
                    match provider.map_or(ResponseMode::Query, CheckedProvider::response_mode) {
                        ResponseMode::Query => "GET",
                        ResponseMode::FormPost => "GET, POST",
                    }
                }
                ProviderRoute::SignIn => "GET",
                ProviderRoute::BackchannelLogout => "POST",
                ProviderRoute::Tokens(TokensRoute::Connection | TokensRoute::Disconnect) => "GET, DELETE",
                ProviderRoute::Tokens(TokensRoute::Tokens) => "GET",
                ProviderRoute::Tokens(TokensRoute::Revoke | TokensRoute::RefreshUser) => "POST",
            },
        }
    }

    /// Makes the answer to a request that this route refuses.
    pub(crate) fn refusal(&self, error: impl Into<Error>) -> Respond {
        let error = error.into();
        let members = self.failure_members(&error);
        Respond::refusal_with(error, members)
    }

    /// Makes the answer for its reader: where browsers show the answer of this route, a page for people.
    pub(crate) fn refusal_to(&self, reader: Reader, error: impl Into<Error>) -> Respond {
        let error = error.into();
        if reader == Reader::Person && self.is_for_people() {
            return Respond::refusal_page(error);
        }
        self.refusal(error)
    }

    /// Tells whether browsers show the answers of this route as pages.
    fn is_for_people(&self) -> bool {
        match self {
            Self::Site(route) => {
                let for_programs =
                    [SiteRoute::Session, SiteRoute::CsrfToken, SiteRoute::Sessions, SiteRoute::OneSession];
                !for_programs.contains(route)
            }
            Self::Provider(route, _) => matches!(route, ProviderRoute::SignIn | ProviderRoute::Callback),
        }
    }

    /// Returns the members that this route's failures have beside those of every error.
    fn failure_members(&self, error: &Error) -> Map<String, Value> {
        let members = match self {
            Self::Site(SiteRoute::Session) => {
                json!({ "success": false, "session": null, "redirect": false, "redirectURL": null })
            }
            Self::Site(SiteRoute::SignOut) => {
                json!({ "success": false, "redirect": false, "redirectURL": null })
            }
            Self::Site(SiteRoute::Sessions | SiteRoute::OneSession) => json!({ "success": false }),
            Self::Site(
                SiteRoute::CsrfToken | SiteRoute::SignedOut | SiteRoute::ErrorPage | SiteRoute::SignInPage,
            ) => Value::Null,
            Self::Provider(route, _) => match route {
                ProviderRoute::SignIn => json!({
                    "success": false, "redirect": false, "signInURL": null,
                    "error": { "code": error.code(), "message": error.message() },
                }),
                ProviderRoute::Callback | ProviderRoute::BackchannelLogout => Value::Null,
                ProviderRoute::Tokens(TokensRoute::Connection) => {
                    json!({ "success": false, "connected": false })
                }
                ProviderRoute::Tokens(TokensRoute::Tokens) => json!({ "success": false, "tokens": null }),
                ProviderRoute::Tokens(TokensRoute::RefreshUser) => {
                    json!({ "success": false, "session": null })
                }
                ProviderRoute::Tokens(TokensRoute::Disconnect | TokensRoute::Revoke) => {
                    json!({ "success": false })
                }
            },
        };
        match members {
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Map::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mo_03_paths_match_exactly_or_not_at_all() {
        let sign_in = |oauth: &str| Some(Route::Provider(ProviderRoute::SignIn, oauth.to_owned()));
        assert_eq!(Route::parse("/session"), Some(Route::Site(SiteRoute::Session)));
        assert_eq!(Route::parse("/signIn"), Some(Route::Site(SiteRoute::SignInPage)));
        assert_eq!(Route::parse("/signIn/github"), sign_in("github"));
        assert_eq!(Route::parse("//signIn/github/"), sign_in("github"));
        assert_eq!(Route::parse("/signIn/%67ithub"), sign_in("github"));
        assert_eq!(Route::parse("/signIn/a+b%2F"), sign_in("a+b/"));
        assert_eq!(Route::parse("/signIn/%67ithub&x=1"), sign_in("github&x=1"));
        for path in [
            "",
            "/",
            "/session/",
            "/Session",
            "/%73ession",
            "//session",
            "/session;x",
            "/session.json",
            "/./session",
            "/signIn/",
            "/signIn/github/x",
            "/signin/github",
            "signIn/github",
            "/providers",
            "/providers/github/token",
            "/providers/github/tokens/revoke/x",
            "/callback",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }
}
