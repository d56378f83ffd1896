//! Errors of the host that this crate runs on.

use super::table::errors;

errors! {
    /// An error of the host or of the application.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HostError {
        /// The operating system gave no random bytes.
        NoEntropy            = [500 SERVER_ERROR SERVER_ERROR                      no_entropy             SERVER_ERROR Error                "The server cannot answer now."],
        /// A sign-in's attempt does not fit into a cookie: the base URL is too long.
        AttemptTooLong       = [500 SERVER_ERROR SERVER_ERROR                      attempt_too_long       SERVER_ERROR Error                "The server cannot begin a sign-in here."],
        /// The provider is configured without a revocation endpoint.
        NoRevocationEndpoint = [500 VALIDATION   OAUTH_INVALID_REVOKE_TOKEN_CONFIG no_revocation_endpoint INVALID_OAUTH_CONFIGURATION Error "This provider is configured without a revocation endpoint."],
        /// The application admitted a user without an id.
        AdmittedWithoutId    = [500 SERVER_ERROR SERVER_ERROR                      admitted_without_id    SERVER_ERROR Error                "The application gave the user no id."],
        /// The host's signing key gave no signature: for a session token, a client assertion or a DPoP proof.
        NoSignature          = [500 SERVER_ERROR SERVER_ERROR                      no_signature           SERVER_ERROR Error                "The server cannot sign a token now."],
        /// The application admitted a user with claims that a session cannot hold: no JSON object, or a reserved name.
        ClaimsUnwritable     = [500 SERVER_ERROR SERVER_ERROR                      claims_unwritable      SERVER_ERROR Error                "The application gave claims that a session cannot hold."],
        /// The application admitted a user with claims that do not fit into a session, which without them would.
        ClaimsTooLarge       = [500 SERVER_ERROR SERVER_ERROR                      claims_too_large       SERVER_ERROR Error                "The claims that this site gives its users by admit are too large for a session. Give fewer, or raise max_size."],
        /// The application cannot decide at the moment whether it admits a user.
        AdmissionUnavailable = [503 SERVER_ERROR SERVER_ERROR                      admission_unavailable  SERVER_ERROR Error                "This site cannot check now who may sign in. Try again later."],
        /// The application cannot decide at the moment whether a session goes on.
        SessionCheckUnavailable = [503 SERVER_ERROR SERVER_ERROR                   session_check_unavailable SERVER_ERROR Error             "This site cannot check the session now. Try again later."],
        /// A session was read without the application's check, which the configuration asks for.
        SessionNeedsCheck    = [500 SERVER_ERROR SERVER_ERROR                      session_needs_check    SERVER_ERROR Error                "The server reads the session in a way that leaves a check out."],
        /// The store of sessions cannot answer.
        SessionStoreUnavailable = [503 SERVER_ERROR SERVER_ERROR                   session_store_unavailable SERVER_ERROR Error             "This site cannot look the session up now. Try again later."],
        /// A session was read without its store, in which the policy keeps it.
        SessionNeedsStore    = [500 SERVER_ERROR SERVER_ERROR                      session_needs_store    SERVER_ERROR Error                "The server reads the session in a way that leaves its store out."],
        /// Another request refreshes the tokens, and takes longer than this one waits.
        TokensBusy           = [503 SERVER_ERROR SERVER_ERROR                      tokens_busy            SERVER_ERROR Error / REFRESH      "The tokens are being refreshed. Try again later."],
        /// The code reached a branch that it must not reach: a defect of this crate.
        Unreachable          = [500 SERVER_ERROR SERVER_ERROR                      unreachable            SERVER_ERROR Error                "The server has a defect and cannot answer."],
    }
}
