//! Secrecy of transcripts: no secret can be read back, in whatever encoding it occurred.

use super::{NOW, TOKENS, USER, Visit, first, openid, record};
use aura_replay::Transcript;
use aura_tests::{Outcome, answer, forge, json_answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names, numbers and addresses of people.
const MARKS: [&str; 12] = [
    "Lovelace",
    "\u{418}\u{432}\u{430}\u{43d}\u{43e}\u{432}",
    "\u{5f20}\u{4f1f}\u{660e}",
    "Za\u{17c}\u{f3}\u{142}\u{107}",
    "\u{627}\u{644}\u{62e}\u{648}\u{627}\u{631}",
    "\u{1f600}\u{1f601}\u{1f602}",
    "\u{2801}\u{2803}\u{2809}",
    "81.2.69.14",
    "+33 6 12 34 56 78",
    "85/03/07 94",
    "9 8 7 6 9 8 7 6",
    "583231",
];

fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Each way in which a mark may be written.
const FORMS: [fn(&str) -> String; 9] = [
    str::to_owned,
    encoded,
    |mark| mark.bytes().map(|byte| format!("%{byte:02x}")).collect(),
    |mark| encoded(&encoded(mark)),
    |mark| mark.bytes().map(|byte| format!("%2525{byte:02X}")).collect(),
    escaped,
    |mark| encoded(&format!(r#"{{"name":"{}"}}"#, escaped(mark))),
    |mark| encoded(&format!(r#"{{"name":"{mark}"}}"#)),
    |mark| URL_SAFE_NO_PAD.encode(format!(r#"{{"name":"{mark}"}}"#)),
];

/// Everything that a patient reader makes of a text: itself, unescaped, and its words as base64url, again and again.
pub(super) fn readings(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([text.to_owned()]);
    for _ in 0..4 {
        for text in all.clone() {
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let words = text.split(|c| !is_word(c)).filter(|word| word.len() > 7);
            let decoded = words.filter_map(|word| URL_SAFE_NO_PAD.decode(word).ok());
            all.extend(decoded.filter_map(|bytes| String::from_utf8(bytes).ok()));
            all.insert(percent_decode_str(&text).decode_utf8_lossy().into_owned());
            all.insert(unescaped(&text));
        }
    }
    all
}

fn unescaped(text: &str) -> String {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let unit = rest.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        let slash = rest.starts_with("\\\\");
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend(first.encode_utf16(&mut [0; 2]).iter()),
        }
        rest = &rest[if unit.is_some() {
            6
        } else if slash {
            2
        } else {
            first.len_utf8()
        }..];
    }
    String::from_utf16_lossy(&units)
}

/// A request of a page or a provider that holds a text in every place that a transcript has, and answers that do.
fn request(place: usize, text: &str) -> (Request<Bytes>, Vec<Outcome>) {
    let mut visit = Visit::new();
    let state = visit.begin();
    let mut cookies = visit.cookies.header();
    let in_url = if text.is_ascii() { text.replace(' ', "+") } else { encoded(text) };
    let mut target = format!("/auth/callback/dev?code=c&state={state}");
    let (mut headers, mut body) = (Vec::new(), String::new());
    let mut answers = vec![Ok(json_answer(200, TOKENS)), Ok(json_answer(200, USER))];
    match place {
        0 => target = format!("/auth/callback/dev?error=x&error_description={in_url}&state={state}"),
        1 => target = format!("/auth/callback/{in_url}?user={in_url}"),
        2 => target = format!("/auth/signIn/dev?redirectTo=/{in_url},{in_url}&login_hint={in_url}"),
        3 => cookies = format!("{cookies}; user={text}; __Host-aura-auth.session_token={text}"),
        4 => cookies = format!("{cookies}; {in_url}=1; __Host-aura-auth.state.{in_url}=1"),
        5 => headers = vec![("referer", format!("https://app.test/{text}")), ("host", text.to_owned())],
        6 => headers = vec![("forwarded", format!("for={text}")), ("accept", text.to_owned())],
        7 => (target, body) = ("/auth/callback/dev".to_owned(), format!("state={in_url}&user={text}")),
        8 => answers[0] = Ok(json_answer(200, format!(r#"<b>Notice</b>{{"name":"{text}"}}"#))),
        9 => {
            answers[0] = Ok(json_answer(200, format!(r#"{{"access_token" : "{text}", "name" : "{text}"}}"#)))
        }
        10 => {
            answers[0] =
                Ok(answer(200, text.trim_start_matches('\\'), format!("access_token={text}&x={text}")))
        }
        11 => {
            answers[1] =
                Ok(json_answer(200, format!(r#"{{"id":1,"name":"{text}","{text}":["{text}"],"id":2}}"#)))
        }
        12 => {
            let id_token =
                forge::sign(r#"{"alg":"EdDSA"}"#, &format!(r#"{{"name":"{text}","exp" : 1,"exp":2}}"#));
            answers[0] = Ok(json_answer(200, format!(r#"{{"access_token":"t","id_token":"{id_token}"}}"#)));
        }
        13 => {
            let id_token = forge::sign(r#"{"alg":"EdDSA"}"#, &format!(r#"{{"name":"{text}","exp":1}}"#));
            answers[0] = Ok(answer(200, "application/x-www-form-urlencoded", format!("id_token={id_token}")));
        }
        _ => answers[1] = Ok(json_answer(200, format!(r#"{{"id":"{text}","name":["{text}"]}}"#))),
    }
    let mut request = Request::builder().method(if body.is_empty() { "GET" } else { "POST" }).uri(target);
    headers.push(("cookie", cookies));
    for (name, value) in headers {
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    (request.body(Bytes::from(body)).unwrap(), answers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_mark_is_read_back_from_any_place(
        mark in select(&MARKS[..]),
        form in select(&FORMS[..]),
        place in 0..15_usize,
        seed: [u8; 32],
    ) {
        let (request, answers) = request(place, &form(mark));
        let (_, transcript) = record(&first(), request, seed, &answers, true);
        let text = transcript.to_string();
        for reading in readings(&text) {
            prop_assert!(!reading.contains(mark), "{} in {}: {}", mark, place, text);
        }
        prop_assert_eq!(text.parse::<Transcript>(), Ok(transcript.clone()));
        prop_assert!(text.chars().all(|c| c.is_ascii() || "\u{e9}\u{4e2d}\u{1d49c}".contains(c)), "{}", text);
    }
}

/// Whoever makes somebody's sign-in fail, and reads of it later, does not find their guesses in what was sealed.
#[test]
fn a_word_of_a_link_is_not_told_to_be_one_of_the_session() {
    let mut visit = Visit::new();
    let state = visit.begin();
    visit.call_back(&format!("code=c&state={state}"));
    visit.cookies.insert("greeted".to_owned(), "countess".to_owned());
    let guesses = ["Lovelace", "583231", "countess"];
    let link = format!("error_description={}&user=x", guesses.join("+"));
    let transcript = visit.call_back(&link);
    let shown: Value = serde_json::from_str(&transcript.to_string()).unwrap();
    let target = shown["target"].as_str().unwrap();
    let stand_ins = target.split_once("error_description=").unwrap().1.split('&').next().unwrap();
    let elsewhere = format!("{}{}", shown["sealed"], shown["headers"]);
    for stand_in in stand_ins.split('+') {
        assert!(!elsewhere.contains(stand_in), "{stand_in}: {transcript}");
    }
}

/// A provider's metadata may contain more than addresses.
#[test]
fn a_published_address_is_shown_without_user_and_query() {
    let auth = openid();
    let mut published = json!({
        "issuer": "https://id.corp.test",
        "authorization_endpoint": "https://id.corp.test/authorize",
        "token_endpoint": "https://svc:Passw0rd@id.corp.test/token?key=Key1234#Frag1234",
        "jwks_uri": "https://id.corp.test/keys",
        "revocation_endpoint": { "of": ["Nested1234"] },
        "id_token_signing_alg_values_supported": ["EdDSA", "Listed1234"],
    });
    for reason in ["discovery_endpoint", "discovery_malformed"] {
        let request = Request::get("/auth/signIn/dev").body(Bytes::new()).unwrap();
        let answers = [Ok(json_answer(200, published.to_string()))];
        let (_, transcript) = record(&auth, request, [7; 32], &answers, true);
        let text = transcript.to_string();
        assert!(text.contains("discovery"), "{reason}: {text}");
        assert!(text.contains("id.corp.test/token") || text.contains("@id.corp.test/token"), "{text}");
        for secret in ["Passw0rd", "svc", "Key1234", "Frag1234", "Nested1234", "Listed1234"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert_eq!(transcript.replay(&auth), Ok(()), "{text}");
        published["issuer"] = 7.into();
    }
}

/// A provider can publish any URL. Those that nobody reads name nothing that the transcript needs.
#[test]
fn words_of_published_members_that_are_not_read_are_not_shown() {
    let auth = openid();
    let published = json!({
        "issuer": "https://id.corp.test",
        "authorization_endpoint": "https://id.corp.test/authorize",
        "token_endpoint": "https://id.corp.test/token",
        "jwks_uri": "https://id.corp.test/keys",
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "service_documentation": "https://lovelace.test/countess",
        "op_policy_uri": "https://id.corp.test/583231",
    });
    let target = "/auth/signIn/dev?login_hint=Lovelace&ui_locales=countess&x=583231";
    let request = Request::get(target).body(Bytes::new()).unwrap();
    let (_, transcript) =
        record(&auth, request, [7; 32], &[Ok(json_answer(200, published.to_string()))], true);
    let text = transcript.to_string();
    assert!(text.contains("https://id.corp.test/authorize"), "{text}");
    for word in ["ovelace", "countess", "583231"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert_eq!(transcript.replay(&auth), Ok(()), "{text}");
}

#[test]
fn a_method_of_nobody_and_numbers_by_the_name_of_a_time_are_not_shown() {
    let request = Request::builder().method("ADA-1815").uri("/auth/signIn/dev").body(Bytes::new()).unwrap();
    let (_, transcript) = record(&first(), request, [7; 32], &[], true);
    assert!(!transcript.to_string().contains("ADA") && !transcript.to_string().contains("1815"));
    assert_eq!(transcript.replay(&first()), Ok(()));
    let mut visit = Visit::new();
    visit.answers[1] = Ok((200, r#"{"id":1,"seconds":15551234567,"exp":15551234567,"name":[]}"#.to_owned()));
    let state = visit.begin();
    let transcript = visit.call_back(&format!("code=c&state={state}"));
    assert!(!transcript.to_string().contains("15551234567"), "{transcript}");
    assert!(transcript.to_string().contains(&NOW.as_secs().to_string()));
}

#[test]
fn what_follows_a_comma_of_a_target_is_not_shown() {
    let mut visit = Visit::new();
    let target = "/auth/signIn/dev?redirectTo=/share/x,s3cret-invite";
    let (response, _) = visit.send(http::Method::GET, target, &[], "");
    let state = super::state_of(&response);
    visit.private.push("s3cret".to_owned());
    let transcript = visit.call_back(&format!("code=c&state={state}"));
    assert!(transcript.actions().last().unwrap().starts_with("Redirect 302 to /"), "{transcript}");
}
