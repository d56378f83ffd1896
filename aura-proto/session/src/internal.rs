//! Internals for `aura-proto`, which signs users in with them.
//!
//! Hidden, and no part of the API: items change without notice, so `aura-proto` depends on one exact version of this crate.

/// Opens modules: `name { inner, .. }` opens the items of a module and of modules in it, `name only { inner, .. }` the latter alone.
macro_rules! modules {
    ($($name:ident $(only { $($alone:ident),+ })? $({ $($inner:ident),+ })?;)+) => {$(
        modules! { @of $name $(only { $($alone),+ })? $({ $($inner),+ })? }
    )+};
    (@of $name:ident only { $($inner:ident),+ }) => {
        pub mod $name {
            $(pub mod $inner {
                pub use crate::$name::$inner::*;
            })+
        }
    };
    (@of $name:ident $({ $($inner:ident),+ })?) => {
        pub mod $name {
            pub use crate::$name::*;
            $($(pub mod $inner {
                pub use crate::$name::$inner::*;
            })+)?
        }
    };
}

modules! {
    app_tokens;
    config;
    connection;
    cookie { add, chunks, parse, set };
    counting;
    csrf;
    entropy;
    forwarded;
    http_sign;
    incoming;
    json;
    keyring { sealed };
    limits;
    origin;
    outgoing;
    parameters;
    provider_tokens;
    quoted;
    reader;
    secret;
    session { protection, token, update };
    severity;
    stored only { device, lease, presented, questions, row, snapshot, ticket };
}

#[cfg(feature = "replay-door")]
pub mod replayed {
    pub use crate::stored::replayed::*;
}
