//! Macros that declare tables: options, problems, and the meanings of fields.

/// Declares methods that set one member each: `pub fn name(argument: Type) { member = value }` sets the member and returns the
/// builder.
#[doc(hidden)]
#[macro_export]
macro_rules! setters {
    ($($(#[$doc:meta])* pub fn $method:ident($($argument:ident: $type:ty)?) { $($member:ident).+ = $value:expr })+) => {$(
        $(#[$doc])*
        pub fn $method(mut self $(, $argument: $type)?) -> Self {
            self.$($member).+ = $value;
            self
        }
    )+};
    ($($(#[$doc:meta])* pub const fn $method:ident($($argument:ident: $type:ty)?) { $($member:ident).+ = $value:expr })+) => {$(
        $(#[$doc])*
        pub const fn $method(mut self $(, $argument: $type)?) -> Self {
            self.$($member).+ = $value;
            self
        }
    )+};
}

/// Declares an error type: `Variant { field: Type } = [message]`, with the message as `thiserror` takes it. `Debug` writes the
/// message, too: a `main` that returns the error prints it by `Debug`, and the remedy must be seen.
#[doc(hidden)]
#[macro_export]
macro_rules! problems {
    ($(#[$meta:meta])* pub enum $name:ident {$(
        $(#[$doc:meta])*
        $variant:ident $({ $($field:ident: $type:ty),+ })? $(($($source:tt)+))? = [$($message:tt)+],
    )+}) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, thiserror::Error)]
        pub enum $name {$(
            $(#[$doc])*
            #[error($($message)+)]
            $variant $({ $(#[doc = meaning!($field)] $field: $type),+ })? $(($($source)+))?,
        )+}

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

/// Declares an error type as `problems!` does, which may get more variants, and a hidden one that `aura-proto` matches completely.
macro_rules! open_problems {
    ($(#[$meta:meta])* pub enum $name:ident, complete $complete:ident {$(
        $(#[$doc:meta])*
        $variant:ident $({ $($field:ident: $type:ty),+ })? = [$($message:tt)+],
    )+}) => {
        problems! {
            $(#[$meta])*
            #[non_exhaustive]
            pub enum $name {$(
                $(#[$doc])*
                $variant $({ $($field: $type),+ })? = [$($message)+],
            )+}
        }

        /// The same error with all its variants, each of which `aura-proto` makes an error of its own.
        #[doc(hidden)]
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(clippy::exhaustive_enums, reason = "aura-proto must not compile before it has an error for a new one")]
        pub enum $complete {$(
            $(#[$doc])*
            $variant $({ $(#[doc = meaning!($field)] $field: $type),+ })?,
        )+}

        impl $name {
            /// Returns the error with all its variants.
            #[doc(hidden)]
            pub fn complete(self) -> $complete {
                match self {$(
                    Self::$variant $({ $($field),+ })? => $complete::$variant $({ $($field),+ })?,
                )+}
            }
        }
    };
}

/// Documents a field of an event or a problem: a name has one meaning.
#[doc(hidden)]
#[rustfmt::skip]
#[macro_export]
macro_rules! meaning {
    (provider) => { "The provider's id." };
    (sub) => { "The user's id at the provider, where it is known." };
    (error) => { "Why." };
    (configured) => { "The issuer that is configured." };
    (published) => { "The issuer that is published." };
    (difference) => { "How they differ, with the remedy." };
    (endpoint) => { "What the request was for." };
    (status) => { "The status of the answer." };
    (refusal) => { "The code that the application gave, if any." };
    (word) => { "The registered error code of the answer." };
    (member) => { "The member of its configuration." };
    (claim) => { "Which." };
    (issuer) => { "The issuer." };
    (sid) => { "The session's id at the provider, where it was said." };
    (jti) => { "The id of the token: one that was seen before is a repetition." };
    (ended) => { "How many rows the store deleted." };
    (value) => { "The value given." };
    (cookie) => { "The cookie, as the contract calls it." };
    (id) => { "The provider's id." };
    (host) => { "The host, with the port if one was given." };
    (sign) => { "What shows it." };
    (problem) => { "What is wrong with it." };
    (algorithm) => { "Its registered name." };
    (remedy) => { "What to do instead." };
    (option) => { "The option." };
    (name) => { "The name." };
    (origin) => { "The origin, or the pattern of some." };
    (pointer) => { "The text." };
    (pattern) => { "The pattern." };
    (base_url) => { "The base URL." };
    (obstacle) => { "What keeps it from working." };
    (bytes) => { "What a browser sends then, in bytes, where user and tokens are of usual size." };
    (rule) => { "The name of the limit's rule." };
    (max_age) => { "How long." };
}

pub(crate) use {meaning, open_problems, problems, setters};
