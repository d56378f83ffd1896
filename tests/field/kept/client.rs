//! Tokens that the client of the routes reads.

use super::{read, signed_in};
use aura_client::Client;
use bytes::Bytes;
use http::{Response, header};

#[test]
fn au_16_the_client_reads_the_token_types_that_the_server_writes() {
    let mut pair = signed_in(r#"{"access_token":"at-1","token_type":"Bearer","expires_in":300}"#);
    let own = read(&mut pair).json.to_string();
    let tokens = |token_type: &str| {
        let body = own.replace("Bearer", token_type);
        let answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
        let client = Client::new("https://app.test/auth").unwrap();
        client.provider("dev").unwrap().tokens().read(answer.body(Bytes::from(body)).unwrap()).outcome
    };
    for known in ["Bearer", "bearer", "DPoP", "dpop"] {
        assert_eq!(tokens(known).unwrap().access_token.expose(), "at-1", "{known}");
    }
    for unknown in ["MAC", "N_A", ""] {
        assert!(tokens(unknown).is_err(), "{unknown}");
    }
}
