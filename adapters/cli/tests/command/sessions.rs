//! Tests of `aura sessions`.

use super::{aura, sign_in};
use aura_store::SqliteStore;
use std::path::PathBuf;

/// Makes a store in a file of this name, and returns its URL.
fn store(name: &str) -> (SqliteStore, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let store = SqliteStore::open(&path).unwrap();
    store.create_schema().unwrap();
    (store, format!("sqlite:{}", path.display()))
}

#[test]
fn a_users_sessions_are_listed_and_ended_and_no_one_elses() {
    let (store, url) = store("sessions.sqlite");
    for _ in 0..2 {
        sign_in(Some(store.clone()));
    }
    let run = |arguments: &[&str]| aura(arguments, &[("DATABASE_URL", &url)], "");
    let listed = run(&["sessions", "list", "github", "583231", "--json"]);
    assert_eq!((listed.status, listed.json().as_array().unwrap().len()), (0, 2), "{}", listed.output);
    assert_eq!(listed.json()[0]["provider"], "github");
    assert_eq!(run(&["sessions", "list", "github", "583231"]).output.lines().count(), 3);
    let others = run(&["sessions", "end", "gitlab", "583231", "--json"]);
    assert_eq!((others.status, others.json()["ended"].clone()), (1, 0.into()));
    let ended = run(&["sessions", "end", "github", "583231"]);
    assert_eq!((ended.status, ended.output.as_str()), (0, "ended: 2\n"));
    assert_eq!(run(&["sessions", "list", "github", "583231"]).output, "no session\n");
}

#[test]
fn a_store_that_cannot_answer_is_an_error_that_shows_no_url() {
    let (_, url) = store("other.sqlite");
    let empty = super::file("empty.sqlite", "");
    let empty = format!("sqlite:{}", empty.display());
    let cases = [
        (&[][..], "must be set"),
        (&[("DATABASE_URL", "sqlite:/no/such/planted.sqlite")], "DATABASE_URL"),
        (&[("DATABASE_URL", empty.as_str())], "cannot answer"),
        (&[("DATABASE_URL", "mysql://planted:planted@localhost/x")], "DATABASE_URL"),
        (&[("DATABASE_URL", "planted")], "DATABASE_URL"),
        (&[("DATABASE_URL", url.as_str()), ("REDIS_URL", "redis://planted@localhost")], "--store"),
    ];
    for (variables, why) in cases {
        for action in ["list", "end"] {
            let ran = aura(&["sessions", action, "github", "583231"], variables, "");
            assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{variables:?}");
            assert!(ran.errors.contains(why) && !ran.errors.contains("planted"), "{}", ran.errors);
        }
    }
}

#[test]
fn a_variable_is_chosen_where_two_have_a_store() {
    let (_, url) = store("chosen.sqlite");
    let variables = [("DATABASE_URL", "sqlite:/no/such/file"), ("SESSIONS_URL", url.as_str())];
    let ran = aura(&["sessions", "list", "github", "1", "--store", "SESSIONS_URL"], &variables, "");
    assert_eq!((ran.status, ran.output.as_str()), (0, "no session\n"), "{}", ran.errors);
    assert_eq!(aura(&["sessions", "list", "github", "1", "--store", "NO_URL"], &variables, "").status, 2);
    // A URL in the place of a name may have a password.
    for url in ["postgres://aura:s3cret@db/app", "redis://:s3cret@db", "s3cret-name"] {
        for json in [&[][..], &["--json"]] {
            let arguments = [&["sessions", "list", "github", "1", "--store", url], json].concat();
            let ran = aura(&arguments, &variables, "");
            assert_eq!(ran.status, 2);
            let shown = format!("{} {}", ran.output, ran.errors);
            assert!(!shown.contains("s3cret") && shown.contains("name of a variable"), "{shown}");
        }
    }
}
