//! Tests of `aura replay`.

use super::{NOW, SITE, aura, file};
use aura_proto::{Action, Entropy};
use aura_replay::Recorder;
use bytes::Bytes;
use http::Request;
use std::collections::BTreeMap;

/// Records a callback whose sign-in this browser did not begin.
fn transcript() -> String {
    let variables = BTreeMap::from(SITE);
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    let auth = aura_blocking::env::builder(&lookup).unwrap().build().unwrap();
    let request = Request::get("/auth/callback/github?code=c0de&state=s").header("host", "example.com");
    let request = request.body(Bytes::new()).unwrap();
    let mut recorder = Recorder::new(&auth, &request, NOW, [8; 32]);
    let action = auth.handle(request, NOW, Entropy::from_os_bytes([7; 32]));
    assert!(matches!(action, Action::Respond(_) | Action::Redirect(_)));
    recorder.action(&action);
    recorder.finish().to_string()
}

#[test]
fn a_transcript_runs_as_recorded_and_differs_under_another_configuration() {
    let path = file("transcript.json", &transcript());
    let path = path.to_str().unwrap();
    let same = aura(&["replay", path, "--json"], &[], "");
    assert_eq!((same.status, same.json()["same"].clone()), (0, true.into()), "{}", same.output);
    assert_eq!(same.json()["actions"].as_array().unwrap().len(), 1);
    let text = aura(&["replay", path], &[], "");
    assert!(text.output.ends_with("\n\nit runs as it was recorded\n"), "{}", text.output);
    let other = [("GITHUB_CLIENT_ID", ""), ("GITHUB_CLIENT_SECRET", "")];
    let differs = aura(&["replay", path, "--json"], &other, "");
    assert_eq!((differs.status, differs.json()["same"].clone()), (1, false.into()), "{}", differs.output);
    assert!(differs.json()["result"].as_str().unwrap().starts_with("recorded was: "));
}

#[test]
fn what_is_no_transcript_and_a_wrong_configuration_are_errors() {
    let path = file("none.json", "{}");
    assert_eq!(aura(&["replay", path.to_str().unwrap()], &[], "").status, 2);
    assert_eq!(aura(&["replay", "/no/such/file"], &[], "").status, 2);
    let path = file("unconfigured.json", &transcript());
    let ran = aura(&["replay", path.to_str().unwrap()], &[("AURA_AUTH_SECRET", "")], "");
    assert_eq!(ran.status, 2);
    assert!(ran.errors.contains("AURA_AUTH_SECRET"));
}
