//! The system's clock.

use aura_proto::UnixTime;
use std::time::SystemTime;

/// Reads the system's clock. A clock before 1970 reads as 1970.
///
/// ```
/// assert!(aura_host::now().as_secs() > 1_700_000_000);
/// ```
pub fn now() -> UnixTime {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let epoch = UnixTime::from_millis(0);
    since_epoch.map_or(epoch, |since| epoch.saturating_add(since))
}
