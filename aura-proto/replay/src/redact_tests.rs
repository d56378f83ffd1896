//! The shapes of stand-ins, and what is shown of a text.

use super::*;
use aura_proto::{Salt, Secret};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn redactor_of(seed: u8) -> Redactor {
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let auth = Auth::builder(secret, salt).base_url("https://app.test").build().unwrap();
    Redactor::new(&[seed; 32], &auth)
}

fn redacted(text: &str) -> String {
    redactor_of(7).text(Space::Data, text)
}

#[test]
fn the_protocol_stays_and_everything_else_goes() {
    let url = redacted("/auth/callback/github?code=s3cret%2FA&state=x&error=Invalid_Grant");
    let (before, after) = url.split_once("?code=").unwrap();
    assert!(before.starts_with("/auth/callback/") && !before.contains("github"));
    assert!(after.ends_with("&error=Invalid_Grant") && after.contains("%2F") && !url.contains("s3cret"));
    let text = redacted(r#"{"access_token":"gho_Abc123","id":583231,"name":"Ad\u00e9a\n\"x","ok":true}"#);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert!(json["id"].is_u64() && json["access_token"].as_str().unwrap().len() == 10);
    assert!(!json.to_string().contains("583231") && !json.to_string().contains("Abc"));
}

#[test]
fn what_is_escaped_goes_and_stays_escaped() {
    let mut redactor = redactor_of(7);
    let mut of = |text: &str| redactor.text(Space::Data, text);
    let word = of("secret");
    let of_bytes: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(of("%73%65%63%72%65%74"), of_bytes, "the same word has the same stand-in");
    assert_eq!(of("/?redirectTo=%2F%252fsecret"), format!("/?redirectTo=%2F%252f{word}"));
    assert_eq!(redacted("%D0%98%D0%B2 %25E5%25BC%25A0"), "%C3%A9%C3%A9 %25E4%25B8%25AD");
    assert_eq!(redacted("\\u0418\\ud83d\\ude00\\n"), "\\u00e9\\ud835\\udc9c\\n");
    assert_eq!(redacted("\u{416}\u{43e}\u{301}\u{9b}"), "\u{e9}".repeat(4));
    assert_eq!(redacted("\u{5b57} \u{10330}\u{7f}"), "\u{4e2d} \u{1d49c}\u{7f}");
    for text in [
        "%25secret",
        "%secret",
        "\\usecret",
        "\\\u{e9}secret",
        "\\x41secret",
        "&#1048;secret",
        "=D0=98secret",
    ] {
        let redacted = redacted(text);
        assert!(
            !redacted.contains("se") && !redacted.contains("41") && !redacted.contains("98"),
            "{redacted}"
        );
    }
}

#[test]
fn letters_between_controls_are_no_words_of_their_own() {
    let wide = |text: &str| text.chars().flat_map(|c| [c, '\0']).collect::<String>();
    let mut redactor = redactor_of(7);
    let [first, second] =
        ["abcabcabcabc", "abcabcabcabd"].map(|text| redactor.text(Space::Data, &wide(text)));
    assert_eq!(first.matches('\0').count(), 12);
    let again = |text: &str| text.get(..6) == text.get(6..12);
    assert!(!again(&first) || !again(&second));
    assert_ne!(first.get(..6), second.get(..6));
    assert!(redacted("a%00b\\u0001c").contains("%00"));
}

#[test]
fn a_placeholder_is_never_what_a_text_says() {
    for text in ["$0$", "$123$", "$secret$", "$$1"] {
        assert!(!redacted(text).contains('$'), "{text}");
    }
}

#[test]
fn numbers_stay_numbers_and_every_digit_may_be_another() {
    let mut redactor = redactor_of(7);
    let mut of = |numbers: Vec<u32>| {
        numbers.iter().map(|n| redactor.text(Space::Data, &n.to_string())).collect::<Vec<_>>()
    };
    let nines = of((999_000..999_200).collect());
    assert!(nines.iter().all(|number| number.len() == 6 && !number.starts_with('0')));
    assert!(nines.iter().any(|number| number[1..].contains('0')));
    assert!(of((54_300..54_500).collect()).iter().all(|port| port.parse::<u16>().is_ok()));
    let zeros = of((1..10).map(|n| n * 100_000_000).collect());
    assert!(zeros.iter().all(|number| !number.ends_with("00000000")));
    assert!((100..200).all(|n| redacted(&format!("0{n}")).starts_with('0')));
    let short = of((1..100).collect());
    assert!((1..100).zip(&short).filter(|(n, number)| n.to_string() == **number).count() < 20, "{short:?}");
}

#[test]
fn this_machine_stays_with_its_port_and_nothing_like_it() {
    for text in [
        "localhost:54321",
        "http%3A%2F%2F127.0.0.1%3A3000%2F",
        "[::1]:8080",
        "LOCALHOST",
        "http://127.0.0.1/",
    ] {
        assert_eq!(redacted(text), text);
    }
    for (text, shown) in [
        ("localhost:123456", "123456"),
        ("localhostess", "ess"),
        ("127.0.0.99", "99"),
        ("10.0.0.1:3000", "3000"),
    ] {
        assert!(!redacted(text).contains(shown), "{text}: {}", redacted(text));
    }
}

#[test]
fn the_beginning_of_a_state_begins_its_stand_in() {
    let mut redactor = redactor_of(7);
    let states = ["Abcdefgh-ijkl_mnop", "Abcdefgh-ijkl_mnoq", "Abcdefgh"];
    let [whole, other, beginning] = states.map(|state| redactor.text(Space::State, state));
    assert_eq!(Some(beginning.as_str()), whole.get(..8));
    assert!(whole != other && whole.get(..8) == other.get(..8));
}

#[test]
fn a_stand_in_is_no_known_word() {
    let mut redactor = redactor_of(7);
    let before = redactor.text(Space::Data, "qiq");
    let mut redactor = redactor_of(7);
    redactor.know(&before.to_ascii_uppercase());
    let after = redactor.text(Space::Data, "qiq");
    assert!(after != before && after.len() == 3 && after != "qiq");
}

#[test]
fn a_word_stands_for_itself_within_its_space_alone() {
    let spaces = [Space::Target, Space::State, Space::Cookie, Space::Request, Space::Data];
    let mut redactor = redactor_of(7);
    let all: BTreeSet<_> = spaces.map(|space| redactor.text(space, "Lovelace")).into();
    assert_eq!(all.len(), spaces.len());
}

#[test]
fn json_keeps_its_kinds_and_the_times_that_decide() {
    let mut redactor = redactor_of(7);
    let value = json!({ "exp": 1_795_500_000, "seconds": 60, "in": { "exp": 7_777_777, "seconds": 8_888_888 }, "to": [-583_231, 1e300, null] });
    let mut of = |of| redactor.json(of, value.clone());
    let (attempt, claims, other) = (of(Json::Attempt), of(Json::Claims), of(Json::Other));
    let number = |json: &Value, name: &str| json[name].as_u64().unwrap();
    assert_eq!((number(&attempt, "exp"), number(&attempt, "seconds")), (1_795_500_000, 60));
    assert!(attempt.to_string().contains("7777777") && attempt.to_string().contains("8888888"));
    assert_eq!(number(&claims, "exp"), 1_795_500_000);
    assert!(number(&other, "exp") != 1_795_500_000 && number(&other, "exp").to_string().len() == 10);
    for json in [&claims, &other] {
        assert!(!json.to_string().contains("7777777") && !json.to_string().contains("8888888"), "{json}");
    }
    let list = other.as_object().unwrap().values().find_map(Value::as_array).unwrap();
    assert!(list[0].as_i64().unwrap() < -100_000 && list[1].is_f64() && list[2].is_null(), "{other}");
}

proptest! {
    #[test]
    fn equal_words_have_equal_stand_ins_of_their_shape(word in "[a-zA-Z0-9_-]{4,90}", other in "[a-zA-Z0-9_-]{4,90}") {
        let mut redactor = redactor_of(7);
        let stand_in = redactor.text(Space::Data, &word);
        prop_assert_eq!(&stand_in, &redactor.text(Space::Data, &word));
        prop_assert_eq!(stand_in.len(), word.len());
        let class = |c: char| (c.is_ascii_lowercase(), c.is_ascii_uppercase(), c.is_ascii_digit());
        prop_assert!(stand_in.chars().zip(word.chars()).all(|(new, old)| class(new) == class(old)));
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        prop_assert!(letters < 12 || redactor_of(8).text(Space::Data, &word) != stand_in);
        let long = other.bytes().filter(u8::is_ascii_alphabetic).count() >= 12;
        let other_stand_in = redactor.text(Space::Data, &other);
        prop_assert!(word.eq_ignore_ascii_case(&other) || !long || other_stand_in != stand_in);
    }

    #[test]
    fn any_text_keeps_its_punctuation_and_no_other_sign(text in "([^%\\\\]|\\p{Cf}|%(25)?[0-9a-f]{2}|\\\\u[0-9a-f]{4}|\\\\n){0,24}") {
        let redacted = redacted(&text);
        let punctuation = |text: &str| {
            let signs = written::read(text).filter(|written| !is_word(written.meant));
            signs.map(|written| written.text.replace('$', "!")).collect::<String>()
        };
        prop_assert_eq!(punctuation(&redacted), punctuation(&text));
        let stand_ins = ['\u{e9}', '\u{4e2d}', '\u{1d49c}'];
        prop_assert!(redacted.chars().all(|c| c.is_ascii() || stand_ins.contains(&c)), "{}", redacted);
    }
}
