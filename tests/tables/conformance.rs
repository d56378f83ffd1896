//! The conformance suite's modules: each has a lie, a test or a reason in `conformance.md`.

use aura_test_idp::Lie;
use std::collections::BTreeSet;
use std::path::Path;

const PREFIX: &str = "oidcc-client-test";

/// The modules of the suite's plans for relying parties with the code flow, without their common beginning.
const MODULES: [&str; 47] = [
    "",
    "-invalid-iss",
    "-missing-sub",
    "-invalid-aud",
    "-missing-iat",
    "-kid-absent-single-jwks",
    "-kid-absent-multiple-jwks",
    "-idtoken-sig-rs256",
    "-idtoken-sig-none",
    "-invalid-sig-rs256",
    "-userinfo-bearer-header",
    "-userinfo-bearer-body",
    "-userinfo-invalid-sub",
    "-nonce-invalid",
    "-scope-userinfo-claims",
    "-client-secret-basic",
    "-discovery-openid-config",
    "-discovery-jwks-uri-keys",
    "-discovery-issuer-mismatch",
    "-signing-key-rotation-just-before-signing",
    "-signing-key-rotation",
    "-form-post-error",
    "-rp-init-logout",
    "-rp-init-logout-other-state",
    "-rp-init-logout-no-state",
    "-rp-backchannel-rpinitlogout",
    "-rp-backchannel-rpinitlogout-alg-none",
    "-rp-backchannel-rpinitlogout-no-event",
    "-rp-backchannel-rpinitlogout-with-nonce",
    "-rp-backchannel-rpinitlogout-wrong-alg",
    "-rp-backchannel-rpinitlogout-wrong-aud",
    "-rp-backchannel-rpinitlogout-wrong-event",
    "-rp-backchannel-rpinitlogout-wrong-iss",
    "-refresh-token",
    "-refresh-token-invalid-issuer",
    "-refresh-token-invalid-sub",
    "-invalid-sig-hs256",
    "-invalid-sig-es256",
    "-missing-aud",
    "-invalid-athash",
    "-missing-athash",
    "-invalid-chash",
    "-missing-chash",
    "-nonce-unless-code-flow",
    "-aggregated-claims",
    "-distributed-claims",
    "-mtls-endpoint-aliases",
];

/// Plans that are left out as a whole.
const PLANS: [&str; 4] =
    ["front-channel logout", "session management", "third-party-initiated login", "dynamic registration"];

#[test]
fn every_module_and_plan_has_one_row_and_every_row_is_one_of_them() {
    let found: Vec<_> = rows().into_iter().map(|row| row.module).collect();
    let expected = MODULES.map(|module| if module.is_empty() { "(base)" } else { module });
    let expected: BTreeSet<_> = expected.into_iter().chain(PLANS).collect();
    assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected);
    assert_eq!(found.len(), expected.len(), "each stands there once");
}

#[test]
fn every_lie_that_stands_for_a_module_is_named_in_its_row() {
    for lie in Lie::ALL {
        let Some(module) = lie.conformance_module() else { continue };
        let module = module.strip_prefix(PREFIX).unwrap();
        let row = rows().into_iter().find(|row| row.module == module).expect(module);
        assert_eq!(row.case, format!("`Lie::{lie:?}`"), "{module}");
    }
    let named = rows().into_iter().filter(|row| row.case.starts_with("`Lie::")).count();
    assert_eq!(named, Lie::ALL.iter().filter(|lie| lie.conformance_module().is_some()).count());
}

#[test]
fn every_named_test_is_there_and_every_other_row_has_a_reason() {
    for row in rows().into_iter().filter(|row| !row.case.starts_with("`Lie::")) {
        if row.case.is_empty() {
            let reasons = ["not offered: ", "not applicable: "];
            assert!(reasons.iter().any(|reason| row.remark.starts_with(reason)), "{}", row.module);
            continue;
        }
        let (file, name) = row.case.trim_matches('`').split_once("::").expect("a file and a name");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let source = std::fs::read_to_string(source).unwrap_or_default();
        assert!(source.contains(&format!("#[test]\nfn {name}(")), "{}: {file} has no {name}", row.module);
    }
}

/// A row of the tables.
struct Row {
    module: &'static str,
    case: &'static str,
    remark: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("../conformance.md").lines().filter(|line| line.starts_with("| "));
    let heads = ["| module", "| plan", "| ---"];
    let lines = lines.filter(|line| !heads.iter().any(|head| line.starts_with(head)));
    let cells = |line: &'static str| -> Vec<_> { line.trim_matches('|').split('|').map(str::trim).collect() };
    lines
        .map(|line| match cells(line)[..] {
            [module, case, remark] => Row { module, case, remark },
            _ => unreachable!("three cells: {line}"),
        })
        .collect()
}
