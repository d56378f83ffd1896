//! Methods of builders that set one member each.

/// Declares such methods: `pub fn name(argument: Type) { member = value }` sets the member and returns the builder.
macro_rules! setters {
    ($($(#[$doc:meta])* pub fn $method:ident($($argument:ident: $type:ty)?) { $member:ident = $value:expr })+) => {$(
        $(#[$doc])*
        pub fn $method(mut self $(, $argument: $type)?) -> Self {
            self.$member = $value;
            self
        }
    )+};
    ($($(#[$doc:meta])* pub const fn $method:ident($($argument:ident: $type:ty)?) { $member:ident = $value:expr })+) => {$(
        $(#[$doc])*
        pub const fn $method(mut self $(, $argument: $type)?) -> Self {
            self.$member = $value;
            self
        }
    )+};
}

pub(crate) use setters;
