//! The part of a request's body that is kept: no more than the core reads.

use aura_proto::{Auth, RequestError};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::ops::ControlFlow;

/// Longest request body whose rest is received only to be dropped, in bytes.
const MAX_DROPPED: usize = 8 * 1024 * 1024;

/// A request's body as it arrives: kept up to 64 KiB. What is beyond is dropped as it comes, up to 8 MiB: a client that is
/// still sending does not read the answer.
///
/// ```
/// use aura_host::Received;
/// use aura_proto::RequestError;
///
/// let mut received = Received::default();
/// assert!(received.push(&b"csrfToken="[..]).is_continue());
/// assert!(received.push(&b"x"[..]).is_continue());
/// assert_eq!(received.finish().unwrap(), "csrfToken=x");
///
/// let mut received = Received::default();
/// while received.push(&[0; 64 * 1024][..]).is_continue() {}
/// assert_eq!(received.finish(), Err(RequestError::BodyTooLarge));
/// ```
#[derive(Debug, Default)]
pub struct Received {
    kept: BytesMut,
    length: usize,
}

impl Received {
    /// Adds the next piece, and returns whether to read on.
    ///
    /// ```
    /// assert!(aura_host::Received::default().push(&b"piece"[..]).is_continue());
    /// ```
    pub fn push(&mut self, mut piece: impl Buf) -> ControlFlow<()> {
        self.length = self.length.saturating_add(piece.remaining());
        if self.length > MAX_DROPPED {
            return ControlFlow::Break(());
        }
        if self.length <= Auth::MAX_BODY {
            self.kept.put(&mut piece);
        }
        ControlFlow::Continue(())
    }

    /// Returns the whole body.
    ///
    /// # Errors
    /// [`RequestError::BodyTooLarge`] if there was more than is kept.
    ///
    /// ```
    /// assert!(aura_host::Received::default().finish().unwrap().is_empty());
    /// ```
    pub fn finish(self) -> Result<Bytes, RequestError> {
        if self.length > Auth::MAX_BODY { Err(RequestError::BodyTooLarge) } else { Ok(self.kept.freeze()) }
    }
}
