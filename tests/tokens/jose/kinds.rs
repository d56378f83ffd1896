//! Tokens of each kind in the place of every other kind.

use super::session;
use aura_proto::{Entropy, SessionTokenFormat, UnixTime};
use aura_tests::Pair;
use http::{Request, header};
use serde_json::{Value, json};

#[test]
fn ck_05_ck_16_no_token_opens_in_the_slot_of_another_kind() {
    let modes = [SessionTokenFormat::sealed, SessionTokenFormat::signed, SessionTokenFormat::encrypted];
    let names = ["sealed", "signed", "encrypted", "csrf", "attempt", "verify", "decrypt", "decode"];
    let mut pairs =
        modes.map(|mode| Pair::at("https://app.test", move |builder| builder.session_token_format(mode())));
    let mut tokens: Vec<String> = pairs
        .iter_mut()
        .map(|pair| {
            pair.sign_in("dev", "ada");
            pair.session_token()
        })
        .collect();

    let [pair, ..] = &mut pairs;
    let session_cookie = cookie(pair, "session_token");
    tokens.push(pair.csrf_token());
    let csrf_name = cookie(pair, "csrf_token").0;
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (attempt_name, attempt) = cookie(pair, ".state.");
    tokens.push(attempt);
    let now = UnixTime::from_secs(pair.browser.now);
    // Claims that satisfy every reader, so that the keys alone tell the kinds apart.
    let application = json!({ "sub": "ada", "provider": "dev", "token": "t" });
    let entropy = || Entropy::from_os_bytes([9; 32]);
    let jose = pair.app.auth.jose();
    tokens.push(jose.sign(&application, now, entropy()).unwrap());
    tokens.push(jose.encrypt(&application, now, entropy()).unwrap());
    tokens.push(jose.encode(&application, now, entropy()).unwrap());

    let sites = pairs.each_ref().map(|pair| pair.app.auth.clone());
    let [pair, ..] = &mut pairs;
    for (kind, token) in tokens.iter().enumerate() {
        for (slot, name) in names.iter().enumerate() {
            let jose = sites[0].jose();
            let accepted = match *name {
                "csrf" => {
                    let cookies = format!("{}={}; {csrf_name}={token}", session_cookie.0, session_cookie.1);
                    let request = Request::post("/auth/signOut?token_type_hint=session_token");
                    let request = request.header(header::COOKIE, cookies).header("x-csrf-token", token);
                    pair.send(request).status.is_success()
                }
                "attempt" => {
                    let fetched = pair.app.fetches.len();
                    let cookies = format!("{attempt_name}={token}");
                    pair.send(Request::get(&callback).header(header::COOKIE, cookies));
                    pair.app.fetches.len() > fetched
                }
                "verify" => jose.verify::<Value>(token, now).is_ok(),
                "decrypt" => jose.decrypt::<Value>(token, now).is_ok(),
                "decode" => jose.decode::<Value>(token, now).is_ok(),
                _ => session(&sites[slot], token).is_ok(),
            };
            assert_eq!(accepted, kind == slot, "{} in the slot of {name}", names[kind]);
        }
    }
}

fn cookie(pair: &Pair, part: &str) -> (String, String) {
    pair.cookies().into_iter().find(|(name, _)| name.contains(part)).unwrap()
}
