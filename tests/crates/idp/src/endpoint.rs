//! Table of endpoints by path and method.

use http::Method;

/// The endpoints (RFC 6749 section 3, RFC 6750 section 1, RFC 9126 section 2, OpenID Connect).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Discovery,
    Jwks,
    PushedAuthorization,
    Authorize,
    Decision,
    Token,
    Userinfo,
    EndSession,
}

/// Where a request leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    To(Endpoint),
    WrongMethod { allow: &'static str },
    Nowhere,
}

impl Endpoint {
    const ALL: [Self; 8] = [
        Self::Discovery,
        Self::Jwks,
        Self::PushedAuthorization,
        Self::Authorize,
        Self::Decision,
        Self::Token,
        Self::Userinfo,
        Self::EndSession,
    ];

    /// The path below the base.
    pub(crate) const fn path(self) -> &'static str {
        self.row().0
    }

    /// The methods, as an `Allow` header lists them.
    const fn allow(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Discovery => ("/.well-known/openid-configuration", "GET, HEAD"),
            Self::Jwks => ("/jwks", "GET, HEAD"),
            Self::PushedAuthorization => ("/par", "POST"),
            Self::Authorize => ("/authorize", "GET, HEAD"),
            Self::Decision => ("/authorize/decision", "POST"),
            Self::Token => ("/token", "POST"),
            Self::Userinfo => ("/userinfo", "GET, HEAD, POST"),
            Self::EndSession => ("/end_session", "GET, HEAD, POST"),
        }
    }
}

/// Finds the endpoint for a path below the base.
pub(crate) fn route(path: &str, method: &Method) -> Route {
    let Some(endpoint) = Endpoint::ALL.into_iter().find(|endpoint| endpoint.path() == path) else {
        return Route::Nowhere;
    };
    let allow = endpoint.allow();
    if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        Route::To(endpoint)
    } else {
        Route::WrongMethod { allow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_method_lead_to_an_endpoint_or_nowhere() {
        assert_eq!(route("/authorize", &Method::HEAD), Route::To(Endpoint::Authorize));
        assert_eq!(route("/authorize", &Method::POST), Route::WrongMethod { allow: "GET, HEAD" });
        assert_eq!(route("/authorize/decision", &Method::GET), Route::WrongMethod { allow: "POST" });
        assert_eq!(route("/userinfo", &Method::POST), Route::To(Endpoint::Userinfo));
        assert_eq!(route("", &Method::GET), Route::Nowhere);
    }
}
