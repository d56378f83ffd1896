//! Judgement of HKDF by the examples of RFC 5869 and by Wycheproof's vectors (see `tests/vectors/README.md`).

use super::derive;
use ring::hkdf;
use serde_json::Value;

fn bytes(digits: &str) -> Vec<u8> {
    let digits = digits.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn extract(salt: &[u8], ikm: &[u8]) -> hkdf::Prk {
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(ikm)
}

/// A.4 to A.7 are of SHA-1, which nothing here derives with.
#[test]
fn rfc_5869_a_1_to_a_3_derive_the_expected_keys() {
    let salt: Vec<u8> = (0..=0x0c).collect();
    let info: Vec<u8> = (0xf0..=0xf9).collect();
    assert_eq!(
        derive::<42>(&extract(&salt, &[0x0b; 22]), &[&info]).to_vec(),
        bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    );
    let [ikm, salt, info] = [0..=0x4f, 0x60..=0xaf, 0xb0..=0xff].map(|bytes| bytes.collect::<Vec<u8>>());
    // What is cut into pieces is one info all the same.
    let (first, rest) = info.split_at(7);
    assert_eq!(
        derive::<82>(&extract(&salt, &ikm), &[first, rest]).to_vec(),
        bytes(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        )
    );
    assert_eq!(
        derive::<42>(&extract(&[], &[0x0b; 22]), &[]).to_vec(),
        bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    );
}

#[test]
fn jo_31_hkdf_derives_the_expected_keys() {
    let file: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/raw_hkdf_sha256.json")).unwrap();
    let groups = file["groups"].as_array().unwrap().iter();
    let tests: Vec<_> = groups.flat_map(|group| group["tests"].as_array().unwrap()).collect();
    let judge = |result: &str| {
        let judged = tests.iter().filter(|test| test["r"] == result);
        judged.inspect(|test| assert_eq!(derives(test), test["r"] == "valid", "{test}")).count()
    };
    let [valid, invalid] = ["valid", "invalid"].map(judge);
    println!("HKDF-SHA-256: {valid} Passed, {invalid} Refused, 0 acceptable to pass or refuse");
    assert_eq!((valid + invalid, file["count"].as_u64()), (86, Some(86)));
}

/// Tells whether a test's key is derived; one that is longer than HKDF can give is not.
fn derives(test: &Value) -> bool {
    let field = |name: &str| bytes(test[name].as_str().unwrap());
    let prk = extract(&field("salt"), &field("ikm"));
    let info = field("info");
    let info: &[&[u8]] = &[&info];
    let derived = match test["size"].as_u64().unwrap() {
        20 => derive::<20>(&prk, info).to_vec(),
        32 => derive::<32>(&prk, info).to_vec(),
        42 => derive::<42>(&prk, info).to_vec(),
        56 => derive::<56>(&prk, info).to_vec(),
        64 => derive::<64>(&prk, info).to_vec(),
        80 => derive::<80>(&prk, info).to_vec(),
        82 => derive::<82>(&prk, info).to_vec(),
        128 => derive::<128>(&prk, info).to_vec(),
        8160 => derive::<8160>(&prk, info).to_vec(),
        // `derive` does not compile for such a size.
        8161 => return false,
        size => panic!("{size}"),
    };
    derived == field("okm")
}
