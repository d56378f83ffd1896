//! What a flow asks a store of sessions: five questions, each answered atomically, none over two of them.

use aura_types::UnixTime;
use bytes::Bytes;
use std::fmt;
use std::time::Duration;

/// How far apart the clocks of instances may be.
pub const CLOCKS: Duration = Duration::from_secs(60);

/// Declares a name of fixed length that a store compares, and that reveals nothing.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $len:literal),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            #[doc = concat!("Makes the name of its ", stringify!($len), " bytes, as a store kept them.")]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Returns the bytes, for a store to keep.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+ };
}

names! {
    /// The address of a stored session. It is derived from the ticket in the browser's cookie, and does not lead back to it.
    SessionKey: 32,
    /// A user: equal for all sessions of one, and meaningless without the server's secret.
    OwnerKey: 16,
    /// A session at the provider (claim `sid` of its ID tokens), or the user there whom the application names otherwise, meaningless
    /// without the server's secret.
    ProviderSessionKey: 16,
    /// What a limit counts, such as the sign-ins of one client: no address and no user can be read from it.
    CountKey: 16,
}

/// A stored session, as the core writes it and a store keeps it. Every column is written and compared as it is.
///
/// ```
/// use aura_proto::store::{OwnerKey, SessionKey, SessionRow};
/// use aura_proto::UnixTime;
///
/// let begun = UnixTime::from_secs(1_790_000_000);
/// let row = SessionRow::new(SessionKey::from_bytes([1; 32]), OwnerKey::from_bytes([2; 16]), begun, UnixTime::from_secs(1_790_003_600));
/// assert_eq!((row.version, row.generation, row.seen), (0, 0, begun));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionRow {
    /// The primary key.
    pub key: SessionKey,
    /// The user. To be indexed.
    pub owner: OwnerKey,
    /// The session at the provider, or the user there. To be indexed.
    pub elsewhere: Option<ProviderSessionKey>,
    /// How often the row was replaced: 0 at first.
    pub version: u64,
    /// The generation of the user when the session began. The store writes it when it inserts the row.
    pub generation: u64,
    /// When the session began, in whole seconds.
    pub begun: UnixTime,
    /// When it was last seen, in whole seconds, five minutes late at most.
    pub seen: UnixTime,
    /// When it ends, in whole seconds. To be indexed: rows that have ended may be deleted.
    pub ends: UnixTime,
    /// What a list of the user's devices shows, sealed: 512 bytes at most.
    pub face: Bytes,
    /// User, claims and provider tokens, sealed: 64 KiB at most.
    pub body: Bytes,
}

impl SessionRow {
    /// Makes the row of a session that begins, without contents, for the tests of a store.
    pub const fn new(key: SessionKey, owner: OwnerKey, begun: UnixTime, ends: UnixTime) -> Self {
        Self {
            key,
            owner,
            elsewhere: None,
            version: 0,
            generation: 0,
            begun,
            seen: begun,
            ends,
            face: Bytes::new(),
            body: Bytes::new(),
        }
    }
}

/// Read a session, and in the same round trip the generation of its user: the row first, where there are two reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadSession {
    /// The session.
    pub key: SessionKey,
    /// Its user.
    pub owner: OwnerKey,
}

/// What [`LoadSession`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers with one of these")]
pub enum Loaded {
    /// The row, and the generation of the user that was asked for: 0 if the user was never revoked.
    Found(SessionRow, u64),
    /// There is no such row.
    Absent,
}

/// Insert a session. Never overwrite one. The row's `generation` is ignored: the store writes the user's, read before the
/// insertion or atomically with it, so that a revocation under way ends this session, too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BeginSession {
    /// The session.
    pub row: SessionRow,
    /// A session of the same browser, to be deleted if it is there.
    pub replaces: Option<SessionKey>,
    /// How many sessions the user may have: those that began first are deleted beyond it.
    pub at_most: Option<u32>,
}

/// What [`BeginSession`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers with one of these")]
pub enum Begun {
    /// The session is there.
    Begun,
    /// The key is taken. Nothing was written.
    Taken,
}

/// Replace a session where key and version match: every column but `generation` and `begun`. Never insert one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplaceSession {
    /// The version that is replaced. The row's own is one higher.
    pub version: u64,
    /// The session as it is to be.
    pub row: SessionRow,
    /// The generation to write, where the session is to outlive a revocation of its user's others.
    pub generation: Option<u64>,
}

/// What [`ReplaceSession`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers with one of these")]
pub enum Replaced {
    /// The row is replaced.
    Replaced,
    /// The row has another version. Nothing was written.
    Changed,
    /// There is no such row. Nothing was written.
    Gone,
}

/// End sessions. To end what has ended is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must carry out every one")]
pub enum EndSessions {
    /// Delete one session.
    One(SessionKey),
    /// Delete the sessions that began with one of these sessions at the provider, and those of these users that name none.
    Elsewhere {
        /// The session at the provider, and its user there, named under each key of the ring.
        sessions: Vec<ProviderSessionKey>,
        /// Its user, named under each key of the ring; empty if unknown.
        owners: Vec<OwnerKey>,
    },
    /// First raise the generation of the user, under all names to the same value: to `generation`, or by one where it is not
    /// below that. Then delete the user's sessions of a lower generation. The raised generation ends also those that the
    /// deletion does not find.
    Owner {
        /// The user, named under each key of the ring.
        owners: Vec<OwnerKey>,
        /// The least generation afterwards: milliseconds since 1970, as a rule.
        generation: u64,
    },
    /// The same for the others of a session that was lifted to a generation before: the user's generation is raised to it, and stays
    /// where it is not below that. So the session outlives the same question of another request under way.
    Others {
        /// The user, named under each key of the ring.
        owners: Vec<OwnerKey>,
        /// The generation of the session that stays.
        generation: u64,
    },
}

/// List the sessions of a user that have not been deleted, those that began last first, at most [`ListSessions::MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSessions {
    /// The user, named under each key of the ring.
    pub owners: Vec<OwnerKey>,
}

impl EndSessions {
    /// Returns by how much a user's generation rises at least.
    ///
    /// ```
    /// use aura_proto::store::EndSessions;
    /// let owner = EndSessions::Owner { owners: vec![], generation: 5 };
    /// let others = EndSessions::Others { owners: vec![], generation: 5 };
    /// assert_eq!((owner.least_rise(), others.least_rise()), (1, 0));
    /// ```
    pub const fn least_rise(&self) -> u64 {
        match self {
            Self::Owner { .. } => 1,
            Self::One(_) | Self::Elsewhere { .. } | Self::Others { .. } => 0,
        }
    }

    /// Returns the least generation that a revocation gives a user: a minute ahead of the clock. A request under way that lifts its
    /// own session above the user's others, on an instance whose clock is ahead, does not outlive the revocation so.
    #[doc(hidden)]
    pub fn generation(now: UnixTime) -> u64 {
        now.saturating_add(CLOCKS).as_millis()
    }
}

impl ListSessions {
    /// Most sessions of a list.
    pub const MAX: usize = 100;
}

/// What [`ListSessions`] found: the rows, whose `body` may be left empty, and the generation of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a store makes it")]
pub struct Listed {
    /// The rows.
    pub rows: Vec<SessionRow>,
    /// The highest generation of the user's names.
    pub generation: u64,
}

/// The store cannot answer. The host logs why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the session store cannot answer")]
#[expect(clippy::exhaustive_structs, reason = "a host makes it")]
pub struct StoreFailed;

/// Constructors, for tests of a store.
impl LoadSession {
    /// Asks for a session of a user.
    pub const fn new(key: SessionKey, owner: OwnerKey) -> Self {
        Self { key, owner }
    }
}

impl BeginSession {
    /// Inserts a session.
    pub const fn new(row: SessionRow) -> Self {
        Self { row, replaces: None, at_most: None }
    }
}

impl ReplaceSession {
    /// Replaces the version before the row's own.
    pub const fn new(row: SessionRow) -> Self {
        Self { version: row.version.saturating_sub(1), row, generation: None }
    }
}

impl ListSessions {
    /// Lists the sessions of a user.
    pub const fn new(owners: Vec<OwnerKey>) -> Self {
        Self { owners }
    }
}
