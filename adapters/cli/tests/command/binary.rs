//! Tests of the process: what its environment, its standard input and its exit status are.

use super::{SITE, file};
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn aura(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aura"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn the_processs_environment_is_checked_and_the_exit_status_is_the_commands() {
    assert_eq!(aura(&["check"], &SITE, "").status.code(), Some(0));
    let one = [SITE[0], SITE[1], SITE[2]];
    assert_eq!(aura(&["check"], &one, "").status.code(), Some(1));
    let none = aura(&["check"], &[], "");
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stdout).unwrap().contains("AURA_AUTH_SECRET"));
}

#[test]
fn two_secrets_of_the_systems_random_source_differ_and_make_a_site() {
    let [one, other] = [(); 2].map(|()| aura(&["secret"], &[], ""));
    assert_eq!((one.status.code(), one.stdout == other.stdout), (Some(0), false));
    let path = file(
        "fresh.env",
        &format!("{}BASE_URL=https://example.com\n", String::from_utf8(one.stdout).unwrap()),
    );
    // There is no provider.
    assert_eq!(aura(&["check", "--env", path.to_str().unwrap()], &[], "").status.code(), Some(1));
}

#[test]
fn a_token_is_read_from_standard_input() {
    let refused = aura(&["token", "--json"], &SITE, "a.b.c\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stdout).unwrap().contains("does not hold a session of this site"));
}

#[test]
fn help_and_version_are_output_and_a_wrong_argument_is_an_error() {
    for (arguments, status) in
        [(&["--help"][..], 0), (&["--version"], 0), (&["check", "--no-such-option"], 2), (&[], 2)]
    {
        let ran = aura(arguments, &[], "");
        assert_eq!((ran.status.code(), ran.stdout.is_empty()), (Some(status), status == 2), "{arguments:?}");
    }
}
