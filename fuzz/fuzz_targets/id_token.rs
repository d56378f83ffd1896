//! Invariant: an ID token is believed only if its claims name this issuer, this client, this nonce and a subject, and these
//! minutes, whatever else they say.
#![no_main]

use aura_proto::UnixTime;
use aura_proto::fuzzing::{id_token, sign_id_token as sign};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const NOW: u64 = 1_790_000_000;

// The input is a whole token, or the claims of one that is signed.
fuzz_target!(|input: &[u8]| {
    let validate =
        |token: &str| id_token(token, "https://idp.test", "client", "nonce", UnixTime::from_secs(NOW));
    if let Ok(token) = str::from_utf8(input) {
        assert_eq!(validate(token).filter(|_| !token.contains('.')), None);
    }
    let Some(subject) = validate(&sign(r#"{"alg":"HS256"}"#, input)) else { return };
    assert_eq!(validate(&sign(r#"{"alg":"none"}"#, input)), None);

    let claims: Value = serde_json::from_slice(input).expect("claims are JSON");
    assert_eq!(claims["iss"], "https://idp.test");
    assert_eq!(claims["nonce"], "nonce");
    assert_eq!(claims["sub"], subject.as_str());
    let audience = &claims["aud"];
    assert!(audience == "client" || audience.as_array().is_some_and(|all| all.contains(&"client".into())));
    let date = |name: &str| claims[name].as_f64().expect("a number");
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let now = NOW as f64;
    assert!(date("exp") > now - 60.0 && date("iat") < now + 61.0);
});
