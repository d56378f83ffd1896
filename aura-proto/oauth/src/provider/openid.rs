//! Options of an OpenID Provider (OpenID Connect Core 1.0).

use super::Provider;
use super::options::{ClaimsSource, EndSession, IdTokenKey, PushedRequests, SignOutScope};
use super::profile::texts;
use crate::oauth::dpop::Dpop;
use crate::oidc::issuer::Tenants;
use aura_jose::SigningKey;
use aura_session::setters;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that are encoded in a path segment: all but the unreserved characters (RFC 3986 section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Provider {
    setters! {
        /// Sets the URL of the configuration, instead of one below the issuer (OpenID Connect Discovery 1.0 section 4). Its
        /// `issuer` and the `iss` of every token must still equal the configured issuer. For Azure AD B2C, Authentik with one
        /// issuer for all applications, and providers that redirect the request: a redirect is never followed.
        ///
        /// ```
        /// # use aura_proto::{Action, Auth, provider::Provider};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// let nextcloud = Provider::openid("nextcloud", "https://cloud.example.com", "client-id")
        ///     .discovery_url("https://cloud.example.com/index.php/.well-known/openid-configuration");
        /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(nextcloud).build()?;
        /// # let request = http::Request::get("/auth/signIn/nextcloud").body(bytes::Bytes::new())?;
        /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
        /// let Action::FetchDiscovery(fetch) = auth.handle(request, now, entropy) else { unreachable!() };
        /// assert_eq!(fetch.request.uri().path(), "/index.php/.well-known/openid-configuration");
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn discovery_url(url: impl Into<String>) { options.discovery_url = Some(url.into()) }

        /// Sets where the claims about the user are read, at an OpenID Provider.
        pub fn claims_source(source: ClaimsSource) { options.claims_source = source }

        /// Sets which key verifies the ID tokens of an OpenID Provider. `build()` refuses the client's secret if there is none,
        /// as [`ProviderProblem::IdTokenKey`](super::ProviderProblem::IdTokenKey).
        ///
        /// ```
        /// # use aura_proto::{ConfigError, provider::{IdTokenKey, ProviderProblem}};
        /// # use aura_providers::LINE;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let line = LINE.with_public_client("id").id_token_key(IdTokenKey::ClientSecret);
        /// let problem = ProviderProblem::IdTokenKey;
        /// assert_eq!(builder.provider(line).build().unwrap_err(), ConfigError::Provider { id: "line".into(), problem });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn id_token_key(key: IdTokenKey) { options.id_token_key = key }

        /// Lists the tenants whose users may sign in, at a provider with an issuer for each. By default, those of every tenant
        /// may.
        pub fn tenants(tenants: impl IntoIterator<Item: Into<String>>) {
            options.tenants = Some(Tenants::Listed(texts(tenants)))
        }

        /// Lists further audiences that ID tokens may have beside this client, such as an API of the same application. A token
        /// for several audiences of which one is not listed is refused, unless its `azp` is this client (OpenID Connect Core
        /// 1.0 section 3.1.3.7, steps 3 and 4).
        pub fn trusted_audiences(audiences: impl IntoIterator<Item: Into<String>>) {
            options.trusted_audiences = texts(audiences)
        }

        /// Sets which sessions a sign-out ends. With [`SignOutScope::Provider`], sign-out answers with the provider's
        /// end-session URL. The ID token is kept as `id_token_hint`, unless it is too long for cookies. `/auth/signedOut` of this
        /// site must be registered as `post_logout_redirect_uri` (OpenID Connect RP-Initiated Logout 1.0).
        pub fn sign_out(scope: SignOutScope) { options.sign_out = scope }

        /// Sets the form of the end-session request. With [`EndSession::LogoutUri`], `/auth/signedOut` of this
        /// site must be registered as a sign-out URL, and no ID token is kept.
        pub fn end_session(end_session: EndSession) { options.end_session = end_session }

        /// Sets whether authorization requests are pushed to an OpenID Provider (RFC 9126).
        pub fn pushed_requests(pushed_requests: PushedRequests) { options.pushed_requests = pushed_requests }

        /// Lists, in place of an earlier list, the parameters of the authorization request that the query of each sign-in may
        /// set: `/auth/signIn/google?login_hint=ada@example.com`. Names that are not listed are ignored, and the protocol's own
        /// are refused when the configuration is built.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, ConfigError, provider::ProviderProblem};
        /// # use aura_providers::GOOGLE;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let google = GOOGLE.with_client("id", ClientSecret::new("secret")).request_parameters(["prompt", "state"]);
        /// let problem = ProviderProblem::Parameter { name: "state".into() };
        /// assert_eq!(builder.provider(google).build().unwrap_err(), ConfigError::Provider { id: "google".into(), problem });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn request_parameters(names: impl IntoIterator<Item: Into<String>>) {
            options.request_parameters = texts(names)
        }

        /// Binds access tokens to a key of Ed25519 that is derived from the secret (RFC 9449). The provider must accept `EdDSA`.
        pub fn dpop() { options.dpop = Dpop::DerivedKey }

        /// Binds access tokens to a key of the application's own (RFC 9449).
        pub fn dpop_key(key: SigningKey) { options.dpop = Dpop::Key(key) }
    }

    /// Lists origins inside the deployment's own network where this server reaches the provider, by http if need be: its token,
    /// userinfo, key, pushed request and revocation endpoints may be there. The endpoints that browsers visit, the configuration
    /// and the issuer may not. For Keycloak behind a container network. Without the option such an endpoint is refused, or left
    /// out where the provider need not have it.
    pub fn backchannel_origins(mut self, origins: impl IntoIterator<Item: Into<String>>) -> Self {
        self.options.backchannel_origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// Sets a parameter of the issuer, such as `application_slug` of Authentik: a path segment.
    ///
    /// ```
    /// # use aura_proto::{Action, Auth};
    /// # use aura_providers::AUTHENTIK;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let authentik = AUTHENTIK
    ///     .with_public_client("id")
    ///     .issuer("https://id.example.com/application/o/:application_slug/")
    ///     .issuer_parameter("application_slug", "my-app");
    /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(authentik).build()?;
    /// # let request = http::Request::get("/auth/signIn/authentik").body(bytes::Bytes::new())?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let Action::FetchDiscovery(fetch) = auth.handle(request, now, entropy) else { unreachable!() };
    /// assert_eq!(fetch.request.uri().path(), "/application/o/my-app/.well-known/openid-configuration");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn issuer_parameter(mut self, name: &str, value: &str) -> Self {
        self.options.issuer = self.options.issuer.map(|issuer| fill(&issuer, name, value));
        self
    }

    /// Sets every parameter of the issuer that a function has a value for.
    pub fn issuer_parameters_by(self, value_of: impl Fn(&str) -> Option<String>) -> Self {
        let open = self.options.issuer.clone().unwrap_or_default();
        open_parameters(&open).fold(self, |provider, name| match value_of(name) {
            Some(value) => provider.issuer_parameter(name, &value),
            None => provider,
        })
    }
}

/// Replaces the path segment `:name` by a value, percent-encoded.
fn fill(issuer: &str, name: &str, value: &str) -> String {
    let segment = format!(":{name}");
    let value = utf8_percent_encode(value, SEGMENT).to_string();
    let segments = issuer.split('/').map(|one| if one == segment { value.as_str() } else { one });
    segments.collect::<Vec<_>>().join("/")
}

/// Iterates over the names of the path segments that are left open: a colon, a letter or an underscore, and more.
pub(super) fn open_parameters(issuer: &str) -> impl Iterator<Item = &str> {
    let named =
        |segment: &&str| segment.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    issuer.split('/').filter_map(|segment| segment.strip_prefix(':')).filter(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::TokenRetention;
    use crate::provider::check::Kept;

    #[test]
    fn a_part_that_is_left_open_is_filled_in_as_one_segment() {
        let issuer = "https://app.com/issuer/:teamId/apps/:appId";
        assert_eq!(open_parameters(issuer).collect::<Vec<_>>(), ["teamId", "appId"]);
        let half = fill(issuer, "teamId", "1");
        assert_eq!(open_parameters(&half).collect::<Vec<_>>(), ["appId"]);
        assert_eq!(fill(&half, "appId", "2"), "https://app.com/issuer/1/apps/2");
        assert_eq!(fill(&half, "appId", "../x?y"), "https://app.com/issuer/1/apps/..%2Fx%3Fy");
        assert_eq!(open_parameters("https://app.com:8443/a").next(), None);
        assert_eq!(open_parameters("https://app.com/:8443").next(), None);
    }

    #[test]
    fn fr_33_a_sign_out_at_the_provider_keeps_the_token_it_needs_and_no_choice_is_lost() {
        let of = |kept: TokenRetention, scope| {
            let provider = || Provider::openid("work", "https://id.test", "client");
            let retention = |provider: Provider| provider.validate().unwrap().kept();
            let either = [provider().tokens(kept).sign_out(scope), provider().sign_out(scope).tokens(kept)];
            let [retention, other] = either.map(retention);
            assert_eq!(retention, other, "the order does not matter");
            retention
        };
        assert_eq!(of(TokenRetention::Dropped, SignOutScope::Provider), Kept::IdToken);
        assert_eq!(of(TokenRetention::Readable, SignOutScope::Provider), Kept::Everything);
        assert_eq!(of(TokenRetention::Dropped, SignOutScope::Site), Kept::Nothing);
    }
}
