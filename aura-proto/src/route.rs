//! Which route does a path name, and which methods does it take?

use http::Method;
use std::borrow::Cow;

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
}

impl Route {
    /// Reads a path without the base path. Names match byte for byte; only the parameter is percent-decoded.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        match path {
            "/session" => return Some(Self::Session),
            "/csrfToken" => return Some(Self::CsrfToken),
            "/signOut" => return Some(Self::SignOut),
            _ => {}
        }
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let (name, oauth) = (segments.next()?, segments.next()?);
        if segments.next().is_some() {
            return None;
        }
        let oauth = || percent_decoded(oauth).into_owned();
        match name {
            "signIn" => Some(Self::SignIn { oauth: oauth() }),
            "callback" => Some(Self::Callback { oauth: oauth() }),
            _ => None,
        }
    }

    /// The value of `Allow`. `HEAD` is absent where a link preview must not begin or end a sign-in.
    pub(crate) fn allow(&self) -> &'static str {
        match self {
            Self::SignIn { .. } | Self::Callback { .. } => "GET",
            Self::Session => "GET, HEAD, PATCH",
            Self::CsrfToken => "GET, HEAD",
            Self::SignOut => "POST",
        }
    }

    pub(crate) fn takes(&self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method.as_str())
    }
}

/// Decodes a segment. What is not UTF-8 afterwards matches no provider's id.
fn percent_decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    // A plus is a plus in a path.
    let segment = segment.replace('+', "%2B");
    let decoded = url::form_urlencoded::parse(segment.as_bytes()).next();
    Cow::Owned(decoded.map(|(name, _)| name.into_owned()).unwrap_or_default())
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
            "/callback",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }
}
