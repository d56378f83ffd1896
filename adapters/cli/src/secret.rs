//! `aura secret`: a fresh secret and salt.

use crate::report::{Failure, Report, Status};
use aura_blocking::{Salt, Secret};
use aura_jose::base64url;
use serde_json::json;

/// How often it is drawn again, where the characters of a value repeat too much: one value in many millions.
const DRAWS: usize = 8;

pub(crate) fn secret(random: &dyn Fn(&mut [u8]) -> bool) -> Result<Report, Failure> {
    let secret = draw(random, |text| Secret::new(text).is_ok())?;
    let salt = draw(random, |text| Salt::new(text).is_ok())?;
    Ok(Report {
        text: format!("AURA_AUTH_SECRET={secret}\nAURA_AUTH_SALT={salt}\n"),
        json: json!({ "AURA_AUTH_SECRET": secret, "AURA_AUTH_SALT": salt }),
        status: Status::Clean,
    })
}

/// Draws 256 bits, as text of 43 characters.
fn draw(random: &dyn Fn(&mut [u8]) -> bool, is_good: impl Fn(&str) -> bool) -> Result<String, Failure> {
    for _ in 0..DRAWS {
        let mut bytes = [0; 32];
        if !random(&mut bytes) {
            break;
        }
        let text = base64url::encode(bytes);
        if is_good(&text) {
            return Ok(text);
        }
    }
    Err(Failure("the system's random source gives no random bytes".to_owned()))
}
