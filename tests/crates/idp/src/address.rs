//! URLs of the endpoints, relative to the issuer.

use crate::endpoint::Endpoint;
use crate::idp::Idp;

impl Idp {
    /// Returns the URL of the metadata (OpenID Connect Discovery section 4).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.discovery_endpoint(), "http://localhost:3000/dev/.well-known/openid-configuration");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn discovery_endpoint(&self) -> String {
        self.url_of(Endpoint::Discovery)
    }

    /// Returns the URL of the key set (RFC 7517 section 5).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.jwks_uri(), "http://localhost:3000/dev/jwks");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn jwks_uri(&self) -> String {
        self.url_of(Endpoint::Jwks)
    }

    /// Returns the URL that takes pushed authorization requests (RFC 9126 section 2).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.pushed_authorization_request_endpoint(), "http://localhost:3000/dev/par");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn pushed_authorization_request_endpoint(&self) -> String {
        self.url_of(Endpoint::PushedAuthorization)
    }

    /// Returns the URL to send browsers to (RFC 6749 section 3.1).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.authorization_endpoint(), "http://localhost:3000/dev/authorize");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn authorization_endpoint(&self) -> String {
        self.url_of(Endpoint::Authorize)
    }

    /// Returns the URL that redeems codes (RFC 6749 section 3.2).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.token_endpoint(), "http://localhost:3000/dev/token");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn token_endpoint(&self) -> String {
        self.url_of(Endpoint::Token)
    }

    /// Returns the URL of the userinfo endpoint, a resource behind a bearer token (RFC 6750 section 2.1).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.userinfo_endpoint(), "http://localhost:3000/dev/userinfo");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn userinfo_endpoint(&self) -> String {
        self.url_of(Endpoint::Userinfo)
    }

    /// Returns the URL to sign out at (OpenID Connect RP-Initiated Logout section 2).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// assert_eq!(idp.end_session_endpoint(), "http://localhost:3000/dev/end_session");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn end_session_endpoint(&self) -> String {
        self.url_of(Endpoint::EndSession)
    }
}
