//! Errors of the browser's side.

use super::refusal_code::RefusalCode;
use super::table::errors;
use crate::limits::Throttled;
use crate::parameters::{InvalidParameter, MemberName};

errors! {
    /// An error of the browser's side.
    ///
    /// ```
    /// use aura_proto::RequestError;
    /// let error: Box<dyn std::error::Error> = RequestError::AttemptExpired.into();
    /// let text = "The sign-in took too long. Begin again. (attempt_expired)";
    /// assert_eq!(error.to_string(), text);
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum RequestError {
        /// No route has this path.
        NotFound            = [404 ROUTER_FLOW NOT_FOUND                            not_found            INVALID_REQUEST Warning                           "There is no such route."],
        /// The route does not take this method.
        MethodNotAllowed    = [405 ROUTER_FLOW METHOD_NOT_ALLOWED                   method_not_allowed   INVALID_REQUEST Warning                           "This route does not take this method; see Allow."],
        /// No provider has this id.
        UnknownProvider     = [422 VALIDATION  UNPROCESSABLE_ENTITY                 unknown_provider     INVALID_REQUEST Warning                           "No provider with this id is configured."],
        /// Parameters are missing, repeated or malformed.
        InvalidParameters(_: Vec<InvalidParameter>) = [422 VALIDATION  UNPROCESSABLE_ENTITY                 invalid_parameters   INVALID_REQUEST Warning                           "Parameters are missing or malformed; see details."],
        /// The callback has no state, so no sign-in of this site can be found for it (RFC 6749 section 10.12).
        StateMissing        = [422 VALIDATION  UNPROCESSABLE_ENTITY                 state_missing        INVALID_REQUEST Warning                           "The callback has no state, so it belongs to no sign-in of this site. Begin the sign-in here; if the provider begins it, set unsolicited_callbacks."],
        /// A callback without state came moments after this browser began a sign-in at the provider, which therefore drops the state:
        /// to begin another would go round without end.
        StateDropped        = [422 VALIDATION  UNPROCESSABLE_ENTITY                 state_dropped        INVALID_REQUEST Warning                           "The provider answered the sign-in that was begun a moment ago without its state. Look for what drops it between the provider and this site."],
        /// The request's host is neither configured nor this machine.
        UntrustedHost       = [400 VALIDATION  INVALID_TRUSTED_ORIGIN               untrusted_host       UNTRUSTED_ORIGIN Error                            "This host is not known here. Configure the base URL, or list the origin as trusted."],
        /// The forwarding headers of the trusted proxy are malformed (RFC 7239 section 4).
        ForwardedMalformed  = [400 VALIDATION  INVALID_TRUSTED_ORIGIN               forwarded_malformed  UNTRUSTED_ORIGIN Error                            "The Forwarded or X-Forwarded-* fields cannot be read. Let the proxy overwrite what browsers send."],
        /// The body does not match its content type.
        MalformedBody       = [400 VALIDATION  UNPROCESSABLE_BODY_ENTITY            malformed_body       INVALID_REQUEST Warning                           "The body is not what its content type says."],
        /// The body is longer than the host takes.
        BodyTooLarge        = [413 VALIDATION  UNPROCESSABLE_BODY_ENTITY            body_too_large       INVALID_REQUEST Warning                           "The body is too long."],
        /// The body did not arrive within the time that the host gives it.
        BodyTimedOut        = [408 VALIDATION  UNPROCESSABLE_BODY_ENTITY            body_timed_out       INVALID_REQUEST Warning                           "The body did not arrive in time."],
        /// The client sent too many requests.
        TooManyRequests(_: Throttled) = [429 AUTH_FLOW RATE_LIMIT_EXCEEDED              too_many_requests    RATE_LIMIT_EXCEEDED Warning                       "Too many requests. Try again later."],
        /// The request has no CSRF cookie.
        CsrfCookieMissing   = [403 AUTH_FLOW   CSRF_TOKEN_MISSING                   csrf_cookie_missing  CSRF_TOKEN_MISSING Warning                        "The CSRF cookie is missing. Get a token from /csrfToken first."],
        /// The request has no `X-CSRF-Token` header and no `csrfToken` field.
        CsrfTokenMissing    = [403 AUTH_FLOW   CSRF_DOUBLE_SUBMIT_FAILED            csrf_token_missing   CSRF_HEADER_MISSING Warning                       "The CSRF token is missing. Send it as X-CSRF-Token, or as the form field csrfToken."],
        /// The CSRF token is not the cookie's, has expired, or belongs to another user.
        CsrfTokenMismatch   = [403 AUTH_FLOW   CSRF_TOKEN_MISMATCH                  csrf_token_mismatch  CSRF_TOKEN_INVALID Error                          "The CSRF token does not belong to this session. Get a new one from /csrfToken."],
        /// The request comes from another site.
        CrossSite           = [403 AUTH_FLOW   CSRF_ORIGIN_REJECTED                 cross_site           UNTRUSTED_ORIGIN Error                            "The request comes from another site. List its origin as trusted if it is yours."],
        /// The callback came without any cookie.
        NoCookie            = [401 AUTH_FLOW   COOKIE_NOT_FOUND                     no_cookie            OAUTH_PROTOCOL_ERROR Warning                      "The browser sent no cookie. Begin the sign-in at the site's own address, in this browser, with cookies allowed."],
        /// The callback came with cookies, but with none of an attempt.
        NoAttempt           = [401 AUTH_FLOW   COOKIE_INVALID_VALUE                 no_attempt           OAUTH_PROTOCOL_ERROR Warning                      "This browser has no sign-in under way. Begin again."],
        /// The callback's state belongs to no attempt of this browser (RFC 6749 section 10.12).
        StateUnknown        = [400 PROTOCOL    AUTH_MISMATCHING_STATE               state_unknown        MISMATCHING_STATE Critical                        "The callback belongs to no sign-in of this browser. Begin again."],
        /// The attempt's cookie was altered, or sealed under another secret.
        AttemptUnreadable   = [400 PROTOCOL    AUTH_MISMATCHING_STATE               attempt_unreadable   MISMATCHING_STATE Critical                        "The sign-in's cookie cannot be read. Begin again."],
        /// The attempt is older than `attempt_lifetime`: by default, ten minutes.
        AttemptExpired      = [400 PROTOCOL    AUTH_TRANSACTION_EXPIRED             attempt_expired      OAUTH_PROTOCOL_ERROR Warning                      "The sign-in took too long. Begin again."],
        /// The attempt was begun at another provider (RFC 9700 section 4.4).
        OtherProvider       = [400 PROTOCOL    AUTH_PROVIDER_MISMATCH               other_provider       MISMATCHING_PROVIDER Critical                     "The sign-in was begun at another provider. Begin again."],
        /// The callback names another issuer than the attempt's provider (RFC 9207 section 2.4).
        IssuerMismatch      = [400 PROTOCOL    AUTH_PROVIDER_MISMATCH               issuer_mismatch      MISMATCHING_PROVIDER Critical                     "The callback is from another provider than the one of the sign-in. Begin again."],
        /// The callback names no issuer though the attempt's provider always does (RFC 9207 section 2.4).
        IssuerMissing       = [400 PROTOCOL    AUTH_CALLBACK_MISSING_PARAMETERS     issuer_missing       OAUTH_PROTOCOL_ERROR Warning                      "The callback has no issuer. Begin again."],
        /// The user or the provider denied the request: `access_denied` (RFC 6749 section 4.1.2.1).
        AccessDenied        = [403 PROTOCOL    AUTH_PROVIDER_REJECTED               access_denied        OAUTH_AUTHORIZATION_DENIED Notice                 "The sign-in was cancelled, or the provider refused it."],
        /// The provider requires user interaction, which `prompt=none` forbids (OpenID Connect Core 1.0 section 3.1.2.6).
        InteractionRequired = [403 PROTOCOL    AUTH_PROVIDER_REJECTED               interaction_required OAUTH_AUTHORIZATION_DENIED Notice                 "The provider has to ask the user first. Sign in without prompt=none."],
        /// The application did not admit the user.
        NotAdmitted         = [403 AUTH_FLOW   AUTH_SIGN_IN_FAILED                  not_admitted         USER_NOT_ADMITTED Warning                         "This site does not admit this user."],
        /// The application does not admit this user, and gives a code of its own.
        Refused(_: RefusalCode) = [403 AUTH_FLOW   AUTH_SIGN_IN_FAILED                  not_admitted         USER_NOT_ADMITTED Warning                         "This site does not admit this user."],
        /// The request has no session cookie.
        SessionMissing      = [401 AUTH_FLOW   SESSION_NOT_FOUND                    session_missing      SESSION_TOKEN_MISSING Warning / NO_SESSION        "Unauthorized"],
        /// The session cookie does not hold a live session of this site.
        SessionInvalid      = [401 AUTH_FLOW   SESSION_INVALID                      session_invalid      AUTH_SESSION_INVALID Notice / BAD_SESSION         "Unauthorized"],
        /// The session cookie holds a session that begins later: the clocks of two instances differ.
        SessionNotYet       = [401 AUTH_FLOW   SESSION_INVALID                      session_not_yet      AUTH_SESSION_INVALID Notice / BAD_SESSION         "Unauthorized"],
        /// The application has ended the session.
        SessionEnded        = [401 AUTH_FLOW   SESSION_INVALID                      session_ended        AUTH_SESSION_INVALID Notice / BAD_SESSION         "Unauthorized"],
        /// The session is not one that the page is for.
        NotAllowed          = [403 AUTH_FLOW   NOT_ALLOWED                          not_allowed          SESSION_NOT_ALLOWED Notice                        "You are signed in, and this is not for you. Ask whoever runs the site, or sign in as somebody else."],
        /// The provider authenticated the user longer ago than the page or the route requires, or does not state when (RFC 9470
        /// section 3).
        AuthenticationTooOld = [401 AUTH_FLOW  INSUFFICIENT_USER_AUTHENTICATION     authentication_too_old SESSION_NOT_ALLOWED Notice                      "This needs a sign-in that is more recent. Sign in again."],
        /// The `acr` of the session is none of those that the page requires (RFC 9470 section 3).
        AcrNotMet           = [401 AUTH_FLOW   INSUFFICIENT_USER_AUTHENTICATION     acr_not_met          SESSION_NOT_ALLOWED Notice                        "This needs a stronger sign-in. Sign in again."],
        /// A page or a route requires a more recent or stronger authentication, and the session's provider is no OpenID Provider, so
        /// that no sign-in with it leads to one.
        StepUpUnsupported   = [403 AUTH_FLOW   INSUFFICIENT_USER_AUTHENTICATION     step_up_unsupported  SESSION_NOT_ALLOWED Notice                        "This needs a more recent or stronger sign-in, which the provider of this session cannot state. Sign in with another provider."],
        /// The page is behind several requirements of an `acr`, which no class meets: to be sent to sign in for one of them after the
        /// other would never end.
        AcrConflict         = [403 AUTH_FLOW   INSUFFICIENT_USER_AUTHENTICATION     acr_conflict         SESSION_NOT_ALLOWED Notice                        "This needs two kinds of a stronger sign-in at once, and a sign-in is of one kind. Ask whoever runs the site."],
        /// The session's own claims are not those that the page reads.
        ClaimsMismatch      = [403 AUTH_FLOW   NOT_ALLOWED                          claims_mismatch      SESSION_NOT_ALLOWED Notice                        "The session does not say what this needs. Sign in again."],
        /// A page tries to change a member of the session that is not editable.
        NotEditable(_: MemberName) = [422 VALIDATION UNPROCESSABLE_ENTITY           member_not_editable  INVALID_REQUEST Warning                           "A member of the session cannot be changed; see details. List it as editable if pages may change it."],
        /// The browser has no tokens of this provider.
        TokensMissing       = [401 AUTH_FLOW   COOKIE_INVALID_VALUE                 tokens_missing       STATELESS_GET_PROVIDER_TOKENS_NO_COOKIE Warning   "There are no tokens of this provider. Sign in with it."],
        /// The cookie does not hold tokens of this provider for this user.
        TokensInvalid       = [401 PROTOCOL    INVALID_ACCESS_TOKEN                 tokens_invalid       GET_PROVIDER_TOKENS_ERROR Error                   "The tokens are not this user's at this provider. Sign in with it again."],
        /// Pages may not read this provider's tokens.
        TokensNotReadable   = [403 AUTH_FLOW   PROVIDER_TOKENS_ERROR                tokens_not_readable  GET_PROVIDER_TOKENS_ERROR Error                   "Pages may not read this provider's tokens. Configure the tokens as readable if they may."],
        /// The provider refused the refresh token by `invalid_grant`; the user must sign in again (RFC 6749 section 5.2).
        RefreshRefused      = [401 PROTOCOL    OAUTH_INVALID_REFRESH_TOKEN_RESPONSE refresh_refused      STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR Error "The provider no longer refreshes the tokens. Sign in with it again."],
        /// The provider describes another user than the session's.
        OtherUser           = [409 AUTH_FLOW   OAUTH_ACCOUNT_USER_MISMATCH          other_user           OAUTH_ACCOUNT_USER_MISMATCH Error                 "The provider describes another user. Sign out, then in again."],
        /// The session would not fit into its cookie.
        SessionTooLarge     = [400 AUTH_FLOW   UPDATE_SESSION_INVALID               session_too_large    UPDATE_SESSION_INVALID Error                      "The session would be too large. Keep less in it."],
    }
}
