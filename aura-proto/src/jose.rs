//! The names by which the core imports tokens, keys and sealed values.

pub(crate) use crate::keyring::{self as keys, sealed};
pub(crate) use aura_jose::*;

pub(crate) mod claims {
    pub(crate) use aura_jose::StrictObject;
}
pub(crate) mod foreign {
    pub(crate) use aura_jose::{JwsError as Distrust, UnverifiedJws as ForeignToken};
}
