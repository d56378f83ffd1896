//! The examples of the RFCs (RFC 7515 A, 7516 A, 7518 B and C, 7520 4 and 5, 8037 A).
//!
//! Not here: RFC 7516 A.2 to A.4 and RFC 7518 B (AES-CBC with HMAC), RFC 7518 C (ECDH-ES), RFC 7515 A.4 (ES512), and
//! all of RFC 7520 section 5, where no example is `dir` with A256GCM (5.6 is `dir` with A128GCM): these algorithms are
//! not implemented, and Wycheproof's file of JWEs holds those examples, each of which is refused.

use crate::header::Header;
use crate::{
    CompactJws, ContentKey, MacAlgorithm, MacKey, Refused, SigningAlgorithm, SigningKey, VerificationKey,
    base64url,
};
use ring::aead;
use serde_json::{Value, json};

/// RFC 7515 A.1 to A.3 and A.5 sign this text: `iss`, `exp` and one more claim, with line ends.
const JOE: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// The key of RFC 7515 A.2.1, private parts left out.
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

/// The key of RFC 7515 A.3.1, private part left out.
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

/// Reads a JWS of a key pair without the two demands of our own: that it is typed, and a JWT.
fn verify(key: &VerificationKey, token: &str) -> Result<Vec<u8>, Refused> {
    let jws = CompactJws::split(token)?;
    key.verify_under(&Header::parse_of_any_type(jws.header)?, &jws)
}

fn key(algorithm: SigningAlgorithm, jwk: &Value) -> VerificationKey {
    VerificationKey::from_jwk(algorithm, &jwk.to_string()).unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    base64url::decode(text).unwrap()
}

#[test]
fn rfc_7515_a_1_verifies_in_full() {
    let key =
        decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    let key = MacKey::new(MacAlgorithm::Hs256, &key);
    let token =
        format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(key.verify_jwt(&token), Ok(decode(JOE)));
    assert_eq!(key.verify_jwt(format!("{token}A")), Err(Refused));
}

#[test]
fn rfc_7515_a_2_verifies_and_lacks_the_type_that_we_ask_for() {
    let rsa = json!({ "kty": "RSA", "n": N, "e": "AQAB" });
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{JOE}.{signature}");
    assert_eq!(verify(&key(SigningAlgorithm::Rs256, &rsa), &token), Ok(decode(JOE)));
    assert_eq!(verify(&key(SigningAlgorithm::Rs384, &rsa), &token), Err(Refused));
    assert_eq!(key(SigningAlgorithm::Rs256, &rsa).verify_jwt(&token), Err(Refused));
}

#[test]
fn rfc_7515_a_3_verifies_and_lacks_the_type_that_we_ask_for() {
    let ec = key(SigningAlgorithm::Es256, &json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y }));
    let token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    assert_eq!(verify(&ec, &token), Ok(decode(JOE)));
    assert_eq!(ec.verify_jwt(&token), Err(Refused));
}

#[test]
fn rfc_7515_a_5_is_refused_by_every_reader() {
    let token = format!("eyJhbGciOiJub25lIn0.{JOE}.");
    let typed = format!("{}.{JOE}.", base64url::encode(r#"{"alg":"none","typ":"JWT"}"#));
    for token in [token.as_str(), typed.as_str()] {
        assert_eq!(MacKey::new(MacAlgorithm::Hs256, &[1; 32]).verify_jwt(token), Err(Refused));
        for (algorithm, jwk) in [
            (SigningAlgorithm::Rs256, json!({ "kty": "RSA", "n": N, "e": "AQAB" })),
            (SigningAlgorithm::Es256, json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y })),
        ] {
            assert_eq!(verify(&key(algorithm, &jwk), token), Err(Refused));
            assert_eq!(key(algorithm, &jwk).verify_jwt(token), Err(Refused));
        }
        assert_eq!(ContentKey::new(&[1; 32]).unwrap().decrypt(token), Err(Refused));
    }
}

#[test]
fn rfc_7515_a_6_and_a_7_are_refused_for_there_is_no_json_serialization() {
    let ec = key(SigningAlgorithm::Es256, &json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y }));
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let signed =
        json!({ "protected": "eyJhbGciOiJFUzI1NiJ9", "header": { "kid": "a" }, "signature": signature });
    let general = json!({ "payload": JOE, "signatures": [signed] });
    let mut flattened = signed;
    flattened["payload"] = JOE.into();
    for token in [general, flattened] {
        assert_eq!(verify(&ec, &token.to_string()), Err(Refused));
        assert_eq!(ec.verify_jwt(&token.to_string()), Err(Refused));
    }
}

/// Figures 13 and 35 (sections 4.1 and 4.4) are judged with Wycheproof's tokens, where the key of figure 20 (section 4.2)
/// names another algorithm than its token. Figure 27 is ES512; sections 4.5 to 4.8 are no compact serializations.
#[test]
fn rfc_7520_4_2_verifies_under_a_key_that_names_its_algorithm() {
    let file: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/wycheproof_jws.json")).unwrap();
    let groups = file["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["tests"][0]["c"] == "Figure20").unwrap();
    let mut jwk = group["key"].clone();
    jwk["alg"] = "PS384".into();
    let token = group["tests"][0]["jws"].as_str().unwrap();
    let payload = verify(&key(SigningAlgorithm::Ps384, &jwk), token).unwrap();
    assert!(str::from_utf8(&payload).unwrap().starts_with("It\u{2019}s a dangerous business, Frodo"));
}

#[test]
fn rfc_8037_a_4_and_a_5_sign_and_verify() {
    let (d, x) =
        ("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let mut private = public.clone();
    private["d"] = d.into();
    let signing = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &private.to_string()).unwrap();
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(base64url::encode(signing.sign(signed.as_bytes()).unwrap()), signature);
    let key = key(SigningAlgorithm::EdDsa, &public);
    let token = format!("{signed}.{signature}");
    assert_eq!(verify(&key, &token), Ok(b"Example of Ed25519 signing".to_vec()));
    assert_eq!(key.verify_jwt(&token), Err(Refused), "it is not typed");
}

fn aes(bytes: &[u8]) -> aead::LessSafeKey {
    aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, bytes).unwrap())
}

/// The content of A.1 is encrypted with A256GCM; its key is wrapped with RSA-OAEP, which is not implemented.
#[test]
fn rfc_7516_a_1_decrypts_from_its_content_key_and_is_refused_as_a_token() {
    let cek = [
        177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46,
        34, 105, 47, 130, 203, 46, 122, 234, 64, 252,
    ];
    let header = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
    let (iv, tag) = ("48V1_ALb6US04U3b", "XFBoMYUZodetZdvTiFvSkQ");
    let ciphertext = "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A";
    let mut sealed = [decode(ciphertext), decode(tag)].concat();
    let nonce = aead::Nonce::try_assume_unique_for_key(&decode(iv)).unwrap();
    let opened = aes(&cek).open_in_place(nonce, aead::Aad::from(header), &mut sealed).unwrap();
    assert_eq!(opened, b"The true sign of intelligence is not knowledge but imagination.");
    for encrypted_key in ["", "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe"] {
        let token = format!("{header}.{encrypted_key}.{iv}.{ciphertext}.{tag}");
        assert_eq!(ContentKey::new(&cek).unwrap().decrypt(&token), Err(Refused));
    }
}
