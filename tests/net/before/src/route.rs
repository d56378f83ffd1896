//! Which route does a path name, and which methods does it take?

use percent_encoding::percent_decode_str;

/// One of the routes under the base path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/signIn/:oauth`
    SignIn { oauth: String },
    /// `/callback/:oauth`
    Callback { oauth: String },
    /// `/session`
    Session,
    /// `/csrfToken`
    CsrfToken,
    /// `/signOut`
    SignOut,
    /// `/signedOut`
    SignedOut,
    /// `/backchannelLogout/:oauth`
    BackchannelLogout { oauth: String },
    /// `/providers/:oauth`
    Provider { oauth: String },
    /// `/providers/:oauth/tokens`
    Tokens { oauth: String },
    /// `/providers/:oauth/tokens/revoke`
    Revoke { oauth: String },
    /// `/providers/:oauth/user/refresh`
    RefreshUser { oauth: String },
}

impl Route {
    /// Reads a path without the base path. Names match byte for byte; only the parameter is percent-decoded.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        match path {
            "/session" => return Some(Self::Session),
            "/csrfToken" => return Some(Self::CsrfToken),
            "/signOut" => return Some(Self::SignOut),
            "/signedOut" => return Some(Self::SignedOut),
            _ => {}
        }
        let path = path.strip_prefix('/')?;
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).take(5).collect();
        let (name, oauth, rest) = match segments.as_slice() {
            [name, oauth, rest @ ..] => (*name, *oauth, rest),
            [] | [_] => return None,
        };
        // What is not UTF-8 afterwards matches no provider's id.
        let oauth = percent_decode_str(oauth).decode_utf8_lossy().into_owned();
        match (name, rest) {
            ("signIn", []) => Some(Self::SignIn { oauth }),
            ("callback", []) => Some(Self::Callback { oauth }),
            ("backchannelLogout", []) => Some(Self::BackchannelLogout { oauth }),
            ("providers", []) => Some(Self::Provider { oauth }),
            ("providers", ["tokens"]) => Some(Self::Tokens { oauth }),
            ("providers", ["tokens", "revoke"]) => Some(Self::Revoke { oauth }),
            ("providers", ["user", "refresh"]) => Some(Self::RefreshUser { oauth }),
            _ => None,
        }
    }

    /// The value of `Allow`. `HEAD` is absent where a link preview must not begin or end a sign-in.
    pub(crate) fn allow(&self) -> &'static str {
        match self {
            Self::SignIn { .. } | Self::Callback { .. } | Self::Tokens { .. } | Self::SignedOut => "GET",
            Self::Provider { .. } => "GET, DELETE",
            Self::Session => "GET, HEAD, PATCH",
            Self::CsrfToken => "GET, HEAD",
            Self::SignOut
            | Self::BackchannelLogout { .. }
            | Self::Revoke { .. }
            | Self::RefreshUser { .. } => "POST",
        }
    }

    /// Returns the id of the provider that the path names.
    pub(crate) fn provider(&self) -> Option<&str> {
        match self {
            Self::SignIn { oauth }
            | Self::Callback { oauth }
            | Self::BackchannelLogout { oauth }
            | Self::Provider { oauth }
            | Self::Tokens { oauth }
            | Self::Revoke { oauth }
            | Self::RefreshUser { oauth } => Some(oauth),
            Self::Session | Self::CsrfToken | Self::SignOut | Self::SignedOut => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mo_03_paths_match_exactly_or_not_at_all() {
        let sign_in = |oauth: &str| Some(Route::SignIn { oauth: oauth.to_owned() });
        assert_eq!(Route::parse("/session"), Some(Route::Session));
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
            "/signIn",
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
