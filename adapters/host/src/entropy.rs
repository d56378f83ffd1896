//! The randomness of requests, which each thread reads from the operating system in blocks.
//!
//! One system call serves 64 requests of a thread. The first one of a thread asks for itself alone: a server with a thread for
//! each request would throw the rest away. Threads share nothing, so no request waits for another.

use crate::threads::thread_local;
use aura_proto::{Entropy, HostError};
use getrandom::Error;
use std::cell::RefCell;
use std::time::SystemTime;
use zeroize::{Zeroize, Zeroizing};

/// How many bytes a request needs.
const BLOCK: usize = 32;
/// How many requests one system call serves.
const BLOCKS: usize = 64;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
}

/// Takes the randomness of one request.
pub(crate) fn entropy() -> Result<Entropy, HostError> {
    let mut block = block().map_err(|_| HostError::NoEntropy)?;
    set_apart(&mut block, SystemTime::now());
    Ok(Entropy::from_os_bytes(*block))
}

/// Takes a block of this thread.
pub(crate) fn block() -> Result<Zeroizing<[u8; BLOCK]>, Error> {
    let mut block = Zeroizing::new([0; BLOCK]);
    // A thread that is ending has no pool.
    let filled = POOL.try_with(|pool| pool.try_borrow_mut().map(|mut pool| pool.fill(&mut block)));
    filled.ok().and_then(Result::ok).unwrap_or_else(|| getrandom::fill(&mut *block))?;
    Ok(block)
}

/// Mixes the time into a block. A process that is forked after a request, and a virtual machine that is copied while it runs,
/// find the same blocks twice, but not in the same nanosecond. Bytes that were random before are random after it.
fn set_apart(block: &mut [u8; BLOCK], now: SystemTime) {
    let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    for (byte, tick) in block.iter_mut().zip(since_epoch.as_nanos().to_le_bytes()) {
        *byte ^= tick;
    }
}

/// The blocks that a thread has bought. Spent ones are zero.
struct Pool {
    is_used: bool,
    left: usize,
    blocks: [[u8; BLOCK]; BLOCKS],
}

impl Pool {
    const fn new() -> Self {
        Self { is_used: false, left: 0, blocks: [[0; BLOCK]; BLOCKS] }
    }

    /// Moves the last block that is left out of the pool.
    fn fill(&mut self, block: &mut [u8; BLOCK]) -> Result<(), Error> {
        if !self.is_used {
            self.is_used = true;
            return getrandom::fill(block);
        }
        if self.left == 0 {
            getrandom::fill(self.blocks.as_flattened_mut())?;
            self.left = BLOCKS;
        }
        self.left = self.left.saturating_sub(1);
        // Cannot fail: fewer than 64 are left.
        let spent = self.blocks.get_mut(self.left).ok_or(Error::UNEXPECTED)?;
        block.copy_from_slice(spent);
        spent.zeroize();
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.blocks.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn block(pool: &mut Pool) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        pool.fill(&mut block).unwrap();
        block
    }

    #[test]
    fn no_block_serves_twice() {
        let mut pool = Pool::new();
        let blocks: BTreeSet<_> = (0..1_000).map(|_| block(&mut pool)).collect();
        assert_eq!(blocks.len(), 1_000);
        assert!(!blocks.contains(&[0; BLOCK]));
    }

    #[test]
    fn a_thread_buys_one_block_first_and_then_64_at_once() {
        let mut pool = Pool::new();
        let left: Vec<_> = (0..131).map(|_| (block(&mut pool), pool.left).1).collect();
        let expected = [0].into_iter().chain((0..64).rev()).chain((0..64).rev()).chain([63, 62]);
        assert_eq!(left, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_spent_block_is_overwritten() {
        let mut pool = Pool::new();
        for _ in 0..=BLOCKS {
            let spent = block(&mut pool);
            assert!(!pool.blocks.contains(&spent));
            assert!(pool.blocks.iter().skip(pool.left).all(|block| *block == [0; BLOCK]));
        }
    }

    #[test]
    fn equal_blocks_at_two_times_give_two_seeds_and_no_random_bit_is_lost() {
        let at = |nanos| {
            let mut block = [7; BLOCK];
            let now = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
            set_apart(&mut block, now);
            (block, now)
        };
        let (mut one, now) = at(1_790_000_000_000_000_000);
        assert_ne!(one, at(1_790_000_000_000_000_001).0);
        set_apart(&mut one, now);
        assert_eq!(one, [7; BLOCK]);
    }
}
