//! What `Debug` shows of values that hold secrets: their names, so that a log tells what was there.

use aura_proto::{Admitted, Auth, Entropy, Respond, Salt, Secret, Session, SessionError, UnixTime, User};
use aura_tests::{SALT, SECRET};
use http::Request;

#[test]
fn an_answer_a_session_and_whoever_waits_are_shown_by_their_names() {
    let (secret, salt) = (Secret::new(SECRET).unwrap(), Salt::new(SALT).unwrap());
    assert_eq!((format!("{secret:?}").as_str(), format!("{salt:?}").as_str()), ("Secret(..)", "Salt(..)"));
    let auth = Auth::builder(secret, salt);
    let auth = auth.base_url("https://app.test").build().unwrap();
    let now = UnixTime::from_secs(1_790_000_000);
    let session =
        Session::builder(User::new("1").with_name("Ada")).provider("dev").claim("role", "x").build();
    let shown = format!("{session:?}");
    assert!(shown.starts_with("Session { user: User { sub: \"1\"") && shown.contains("\"dev\""), "{shown}");
    let admitted = format!("{:?}", Admitted::new(User::new("1")));
    assert!(admitted.starts_with("Admitted { user: User { sub: \"1\""), "{admitted}");
    let refused = format!("{:?}", Respond::refusal(SessionError::Missing));
    assert!(refused.contains("body: Json(") && refused.contains(" bytes)"), "{refused}");
    let request = Request::get("/").body(()).unwrap();
    let form = auth.form_token(&request, now, Entropy::from_os_bytes([7; 32])).unwrap();
    assert_eq!(format!("{form:?}"), "FormToken(..)");
}
