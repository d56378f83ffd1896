//! The body of a request, read within the host's limits.

use aura_host::Received;
use aura_proto::RequestError;
use bytes::Bytes;
use std::io::{ErrorKind, Read};

/// Reads a request's body.
pub(crate) fn read(mut body: impl Read) -> Result<Bytes, RequestError> {
    let mut received = Received::default();
    let mut buffer = [0; 8 * 1024];
    loop {
        let length = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                return Err(RequestError::BodyTimedOut);
            }
            Err(_) => return Err(RequestError::MalformedBody),
        };
        if received.push(buffer.get(..length).unwrap_or_default()).is_break() {
            break;
        }
    }
    received.finish()
}
