//! The error table: its columns, and the macro that makes an error type of its rows.

use crate::severity::{NamedSeverity, Severity};
use http::StatusCode;

/// A row of the error table: everything that is known about an error apart from its documentation.
#[derive(Debug)]
pub(crate) struct Row {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// The family of the code, called `type` in answers.
    pub(crate) kind: &'static str,
    /// The code, shared with other implementations of the contract.
    pub(crate) code: &'static str,
    /// The cause, finer than the code.
    pub(crate) reason: &'static str,
    /// A sentence for people.
    pub(crate) message: &'static str,
    /// The event that reports the error.
    pub(crate) event: NamedSeverity,
    /// The event that reports it on a token route, where a user is signed in and tokens are renewed.
    pub(crate) token_route_event: NamedSeverity,
}

/// Events that the last column may name: they report an error on a token route alone.
pub(super) const NO_SESSION: NamedSeverity = ("STATELESS_GET_PROVIDER_TOKENS_NO_SESSION", Severity::Warning);
pub(super) const BAD_SESSION: NamedSeverity =
    ("STATELESS_GET_PROVIDER_TOKENS_SESSION_INVALID", Severity::Warning);
pub(super) const REFRESH: NamedSeverity = ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR", Severity::Error);
pub(super) const PROFILE: NamedSeverity = ("REFRESH_USER_INFO_ERROR", Severity::Error);

/// Declares an error type by its rows: `Variant = [status type code reason event severity "message"]`.
///
/// * `event severity / NAME` adds the event of token routes, a constant of this module.
/// * `Variant(error: FetchError) = [.. discovery + error ..]` takes the end of the reason and the message from the
///   [`FetchError`](super::FetchError): `discovery_unreachable`, or `discovery_too_large`.
/// * `Variant(error: Inner) = [error]` has the rows of `Inner`, another error type of the table.
/// * `error` is the source; `Variant(_: Data)` has none.
/// * `enum Name from Below` takes each variant from that of the same name in `Below`, completely.
macro_rules! errors {
    ($(#[$meta:meta])* pub enum $name:ident from $below:ident {
        $($(#[$doc:meta])* $variant:ident = $row:tt,)+
    }) => {
        errors! { $(#[$meta])* pub enum $name { $($(#[$doc])* $variant = $row,)+ } }

        impl From<$below> for $name {
            fn from(refused: $below) -> Self {
                match refused {
                    $($below::$variant => Self::$variant,)+
                }
            }
        }
    };
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident $(($field:tt: $type:ty))? = [$($row:tt)+],)+
    }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* $variant $(($type))?,)+
        }

        impl $name {
            /// Returns the row, and the error that caused this one.
            pub(super) fn entry(&self) -> $crate::error::table::Entry<'_> {
                match self {
                    $(Self::$variant $(($field))? => (errors!(@row $($row)+), errors!(@source $($field)?)),)+
                }
            }
        }

        impl $name {
            /// Lists the rows.
            pub(super) fn rows() -> Vec<&'static $crate::error::table::Row> {
                let mut rows = Vec::new();
                $(errors!(@rows rows ($($type)?) $($row)+);)+
                rows
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let (row, _) = self.entry();
                write!(f, "{} ({})", row.message, row.reason)
            }
        }

        impl std::error::Error for $name {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                self.entry().1
            }
        }
    };
    (@row $status:literal $kind:ident $code:ident $step:ident + $error:ident $($events:tt)+) => {
        match $error {
            // One reason for all three: else a provider could publish endpoints inside a network, and a browser could tell
            // open, closed and filtered ports apart. The event keeps the difference.
            FetchError::TimedOut | FetchError::Unreachable | FetchError::Untrusted => {
                errors!(@row $status $kind $code $step "_unreachable" $($events)+
                    "The provider could not be reached. Try again.")
            }
            FetchError::TooLarge => errors!(@row $status $kind $code $step "_too_large" $($events)+
                "The provider's answer was too long."),
            FetchError::Encoded => errors!(@row $status $kind $code $step "_encoded" $($events)+
                "The provider's answer is compressed, though the request forbids it. Check the proxy before the provider."),
        }
    };
    (@row $status:literal $kind:ident $code:ident $reason:ident $($end:literal)?
        $event:ident $severity:ident $(/ $token_route_event:ident)? $message:literal) => {
        const {
            let event = (stringify!($event), $crate::severity::Severity::$severity);
            &$crate::error::table::Row {
                status: $crate::error::table::status($status),
                kind: stringify!($kind),
                code: stringify!($code),
                reason: concat!(stringify!($reason) $(, $end)?),
                message: $message,
                event,
                token_route_event: errors!(@or event $($token_route_event)?),
            }
        }
    };
    (@row $error:ident) => {
        $error.entry().0
    };
    (@rows $rows:ident ($type:ty) $status:literal $kind:ident $code:ident $step:ident + $error:ident $($events:tt)+) => {
        for $error in [FetchError::Unreachable, FetchError::TooLarge, FetchError::Encoded] {
            $rows.push(errors!(@row $status $kind $code $step + $error $($events)+));
        }
    };
    (@rows $rows:ident ($type:ty) $error:ident) => { $rows.extend(<$type>::rows()) };
    (@rows $rows:ident ($($type:ty)?) $($row:tt)+) => { $rows.push(errors!(@row $($row)+)) };
    (@or $event:ident) => { $event };
    (@or $event:ident $token_route_event:ident) => { $crate::error::table::$token_route_event };
    (@source) => { None };
    (@source _) => { None };
    (@source $error:ident) => { Some($error) };
}

pub(super) use errors;

/// A row, and the error that caused the row's.
pub(super) type Entry<'a> = (&'static Row, Option<&'a (dyn std::error::Error + 'static)>);

/// Returns the status of a row.
#[expect(clippy::panic, reason = "it runs while this crate is compiled, and refuses a wrong row then")]
pub(super) const fn status(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => panic!("a status has three digits"),
    }
}
