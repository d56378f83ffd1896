//! Errors of the host that this crate runs on.

use super::table::errors;

errors! {
    /// What the host got wrong.
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
        AdmittedWithoutId    = [500 SERVER_ERROR SERVER_ERROR                      admitted_without_id    SERVER_ERROR Error                "The server cannot say who signed in."],
        /// A token could not be signed, which the host does: the session's, or one that proves the client to a provider.
        NoSignature          = [500 SERVER_ERROR SERVER_ERROR                      no_signature           SERVER_ERROR Error                "The server cannot sign what this needs now."],
        /// The application admitted a user with claims that a session cannot hold: no JSON object, or a reserved name.
        ClaimsUnwritable     = [500 SERVER_ERROR SERVER_ERROR                      claims_unwritable      SERVER_ERROR Error                "The server cannot write what it knows of who signed in."],
        /// The application cannot decide at the moment whether it admits a user.
        AdmissionUnavailable = [503 SERVER_ERROR SERVER_ERROR                      admission_unavailable  SERVER_ERROR Error                "This site cannot check now who may sign in. Try again later."],
        /// The application cannot decide at the moment whether a session goes on.
        SessionCheckUnavailable = [503 SERVER_ERROR SERVER_ERROR                   session_check_unavailable SERVER_ERROR Error             "This site cannot check the session now. Try again later."],
        /// A session was read without the application's check, which the configuration asks for.
        SessionNeedsCheck    = [500 SERVER_ERROR SERVER_ERROR                      session_needs_check    SERVER_ERROR Error                "The server reads the session in a way that leaves a check out."],
        /// The code reached a place that it never reaches: a defect of this crate.
        Unreachable          = [500 SERVER_ERROR SERVER_ERROR                      unreachable            SERVER_ERROR Error                "The server has a defect and cannot answer."],
    }
}
