//! Problems of a provider's configuration, each with its remedy.

use aura_session::{meaning, problems};

problems! {
    /// An error in a configured provider: the option, and the remedy.
    ///
    /// ```
    /// use aura_proto::provider::ProviderProblem;
    /// let problem = ProviderProblem::Scope;
    /// assert_eq!(problem.to_string(), "scope must have openid, as in: openid profile email");
    /// ```
    #[non_exhaustive]
    pub enum ProviderProblem {
        /// The id is not a plain word.
        Id = ["must have 1 to 64 letters, digits, '-' and '_'"],

        /// Another provider has the same id.
        Duplicate = ["is configured twice; give one of them another id"],

        /// The client id is missing, the secret is empty, or a secret that the provider needs is missing.
        Credentials = ["client_id or client_secret is empty; copy both from the provider's console"],

        /// ID tokens are signed with the client's secret, and there is none.
        IdTokenKey =
            ["its ID tokens are signed with the client's secret, and there is none; give it one, or say id_token_key(IdTokenKey::Published)"],

        /// An endpoint is not an https URL, nor http on this machine.
        Endpoint { option: &'static str } =
            ["{option} must be an https URL (http only for localhost), and none where the issuer publishes it"],

        /// The list of e-mail addresses is at another origin than userinfo, and the access token is not sent there; or the provider
        /// is an OpenID Provider, whose claims have the address.
        EmailsElsewhere =
            ["emails_url must be at the origin of userinfo_url, and is for OAuth providers"],

        /// A parameter of the authorization request belongs to the sign-in, or is set twice.
        Parameter { name: String } =
            ["authorization parameter {name:?} is set already, by the sign-in itself or by authorize_url, or has a value that is not understood; remove it (a scope belongs into the option scope)"],

        /// A parameter of token requests, or the name of the client's id, is the protocol's own, or is set twice.
        TokenParameter { name: String } =
            ["token parameter {name:?} is set by the sign-in itself, or twice; remove it (client_id_parameter is for OAuth providers)"],

        /// An origin of the back channel is no origin.
        BackchannelOrigin { origin: String } =
            ["backchannel_origins has {origin:?}; give scheme, host and port, as in http://keycloak:8080"],

        /// A header of the userinfo request is malformed, or belongs to the sign-in.
        Header { name: String } =
            ["userinfo header {name:?} is malformed, or set by the sign-in itself; correct or remove it"],

        /// The issuer is not a URL as RFC 9207 defines it, or is missing: of an OpenID Provider, or though `iss` is `always`.
        Issuer =
            ["issuer is missing, or is no https URL without query, fragment and /.well-known/; set it, in the environment by <ID>_ISSUER, as in https://id.example.com/realms/main of Keycloak"],

        /// The place of the configuration is not an https URL, nor http on this machine.
        DiscoveryUrl = ["discovery_url must be an https URL (http only for localhost) without a fragment"],

        /// A part of an OpenID Provider's issuer is left open.
        IssuerParameter { name: String } =
            ["the issuer leaves {name} open; set <ID>_{} in the environment, or call issuer_parameter({name:?}, ..)", .name.to_ascii_uppercase()],

        /// The scope of an OpenID Provider lacks `openid` (OpenID Connect Core 1.0 section 3.1.2.1).
        Scope = ["scope must have openid, as in: openid profile email"],

        /// The profile has a text that is no JSON pointer (RFC 6901 section 3).
        Pointer { pointer: String } =
            ["profile has {pointer:?}; a JSON pointer begins with '/', as in /user/id"],
    }
}

impl ProviderProblem {
    /// Returns the subject of the sentence that the problem completes.
    #[doc(hidden)]
    pub fn subject(&self, id: &str) -> String {
        match self {
            Self::Id => format!("provider id {id:?}"),
            Self::Duplicate => format!("provider {id}"),
            Self::Credentials
            | Self::IdTokenKey
            | Self::Endpoint { .. }
            | Self::Parameter { .. }
            | Self::TokenParameter { .. }
            | Self::BackchannelOrigin { .. }
            | Self::Header { .. }
            | Self::Issuer
            | Self::DiscoveryUrl
            | Self::IssuerParameter { .. }
            | Self::Scope
            | Self::EmailsElsewhere
            | Self::Pointer { .. } => format!("provider {id}:"),
        }
    }
}
