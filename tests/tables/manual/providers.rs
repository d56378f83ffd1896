//! The pages of the providers: the rows of `aura-proto/providers/src/lib.rs`, and the facts of `providers.toml`.

use super::data::{self, Texts};
use super::environment::of_row;
use super::source::{cell, items, path, plain, read};
use super::{PAGES, compare, compare_part};
use aura_host::provider::{ProofKey, Protocol, ROWS, Row, RowPointers, RowProfile, SecretPlacement};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The keys of a section.
const KEYS: [&str; 11] = [
    "register",
    "callback",
    "development",
    "sign_out",
    "backchannel",
    "issuer",
    "profile",
    "email",
    "quirks",
    "code",
    "sources",
];

/// What the source says beside the row: the constant, the URL of the documentation, and the remark.
struct Written {
    constant: String,
    documentation: String,
    remark: String,
}

#[test]
fn every_provider_has_its_page_of_its_row_and_its_facts() {
    let mut facts = data::parse(include_str!("providers.toml"));
    let written = written();
    let mut table =
        "| Provider | Protocol | E-mail address | Callback URL for development |\n|---|---|---|---|\n"
            .to_owned();
    for row in ROWS {
        let of_row = facts.remove(row.id).unwrap_or_else(|| panic!("providers.toml has no [{}]", row.id));
        assert!(of_row.keys().all(|key| KEYS.contains(&key.as_str())), "[{}] has an unknown key", row.id);
        assert!(
            of_row.contains_key("register") && of_row.contains_key("sources"),
            "[{}] lacks a key",
            row.id
        );
        compare(&format!("providers/{}.md", row.id), &page(row, &written[row.id], &of_row));
        table.push_str(&line(row, &of_row));
    }
    assert_eq!(facts, BTreeMap::new(), "providers.toml has providers that do not exist");
    compare_part("providers.md", "providers", &(table + &definitions()));
}

#[test]
fn providers_with_a_page_to_sign_out_are_those_whose_recorded_configuration_has_its_endpoint() {
    let facts = data::parse(include_str!("providers.toml"));
    for row in ROWS {
        let of_row = &facts[row.id];
        if row.protocol == Protocol::OAuth {
            assert!(!of_row.contains_key("sign_out") && !of_row.contains_key("backchannel"), "[{}]", row.id);
            continue;
        }
        let recorded = read(&format!("tests/golden/providers/{}.json", row.id));
        let is_published = recorded.contains("\"end_session_endpoint\"");
        assert_eq!(fact(row, of_row, "sign_out") != "none", is_published, "[{}]", row.id);
    }
}

#[test]
fn every_page_and_every_module_is_of_a_provider() {
    let files = std::fs::read_dir(path(PAGES).join("providers")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let mut expected: Vec<_> = ROWS.iter().map(|row| format!("{}.md", row.id)).collect();
    files.sort();
    expected.sort();
    assert_eq!(files, expected);
    let modules = read("manual/src/lib.rs");
    for row in ROWS {
        let module = format!("{} = \"{}\",", row.id.replace('-', "_"), row.id);
        assert!(modules.contains(&module), "manual/src/lib.rs lacks {module}");
    }
}

/// The definitions of links to the pages. `links.md` has the same for rustdoc.
pub(super) fn definitions() -> String {
    let lines = ROWS.iter().map(|row| format!("[provider {0}]: providers/{0}.md\n", row.id));
    format!("\n{}", lines.collect::<String>())
}

/// The line of the list.
fn line(row: &Row, facts: &Texts) -> String {
    let email = match profile(row, facts)[2].as_str() {
        "none" => "none",
        _ => "yes",
    };
    let development = development(row, facts);
    format!("| [{}][provider {}] | {} | {email} | {development} |\n", row.name, row.id, protocol(row))
}

fn page(row: &Row, written: &Written, facts: &Texts) -> String {
    let text = |key: &str| facts.get(key).map(|texts| texts.concat());
    let id = row.id;
    let mut page = format!(
        "# {}\n\n{}, {}. [Its documentation]({}).\n\n## Register\n\n{}\n\n",
        row.name,
        protocol(row),
        proof_key(row),
        written.documentation,
        text("register").unwrap_or_default()
    );
    page.push_str(&urls(row, facts));
    if let Some(rule) = text("callback") {
        write!(page, "\nThe callback URL: {rule}\n").unwrap();
    }
    let variables: Vec<_> =
        of_row(id, row.protocol, row.issuer).iter().map(|name| format!("`{name}`")).collect();
    write!(page, "\n## Configure\n\nVariables: {}.", variables.join(", ")).unwrap();
    if let (Protocol::OpenId, Some(issuer)) = (row.protocol, row.issuer) {
        let own = facts.contains_key("issuer");
        let remark =
            if own { "a placeholder: set the issuer" } else { "set the issuer where it is another one" };
        write!(page, " The issuer of the row is `{issuer}`; {remark}.").unwrap();
    }
    let code = facts.get("code").map_or_else(|| example(row, written, facts), |lines| lines.join("\n"));
    write!(page, "\n\n```rust\n{code}\n```\n\n## What comes back\n\n").unwrap();
    let [sub, name, email, picture] = profile(row, facts);
    write!(page, "| id | name | e-mail address | picture |\n|---|---|---|---|\n| {sub} | {name} | {email} | {picture} |\n\n").unwrap();
    page.push_str(&scope(row));
    if let Some(email) = text("email") {
        write!(page, " The e-mail address: {email}").unwrap();
    }
    page.push_str("\n\n## Quirks\n\n");
    let quirks: Vec<_> = [written.remark.clone()]
        .into_iter()
        .chain(facts.get("quirks").into_iter().flatten().cloned())
        .collect();
    for quirk in quirks.iter().filter(|quirk| !quirk.is_empty()) {
        writeln!(page, "* {quirk}").unwrap();
    }
    if !written.remark.contains("authenticate") {
        writeln!(page, "* The client authenticates {}.", authentication(row)).unwrap();
    }
    let sources: Vec<_> = facts["sources"].iter().map(|url| format!("<{url}>")).collect();
    write!(page, "\nSources, beside its documentation: {}.\n", sources.join(", ")).unwrap();
    page
}

/// The URLs to register, and what the provider lacks to call the others.
fn urls(row: &Row, facts: &Texts) -> String {
    let id = row.id;
    let mut rows = vec![
        format!("callback | `https://example.com/auth/callback/{id}`"),
        format!("callback, for development | {}", development(row, facts)),
    ];
    let mut lacks = Vec::new();
    if row.protocol == Protocol::OpenId {
        match fact(row, facts, "sign_out") {
            "published" => rows.push("after a sign-out at the provider | `https://example.com/auth/signedOut`".to_owned()),
            "elsewhere" => lacks.push(
                "`SignOutScope::Provider` ends the session there, but the browser does not come back to `/auth/signedOut`.",
            ),
            "none" => lacks.push(
                "Its configuration has no `end_session_endpoint`: `SignOutScope::Provider` ends no session there.",
            ),
            other => panic!("[{id}] sign_out is {other}"),
        }
        match fact(row, facts, "backchannel") {
            "supported" => {
                rows.push(format!("back-channel logout | `https://example.com/auth/backchannelLogout/{id}`"))
            }
            "none" => lacks
                .push("No document says that it sends logout tokens: a sign-out there ends no session here."),
            other => panic!("[{id}] backchannel is {other}"),
        }
    }
    let rows: String = rows.iter().map(|row| format!("| {row} |\n")).collect();
    let lacks = if lacks.is_empty() { String::new() } else { format!("\n{}\n", lacks.join(" ")) };
    format!("| URL | of the site `https://example.com` |\n|---|---|\n{rows}{lacks}")
}

/// A fact that each OpenID Provider has.
fn fact<'a>(row: &Row, facts: &'a Texts, key: &str) -> &'a str {
    let texts = facts.get(key).unwrap_or_else(|| panic!("[{}] lacks {key}", row.id));
    texts.first().map_or("", String::as_str)
}

/// The example: the provider with its credentials, and with what the row leaves open.
fn example(row: &Row, written: &Written, facts: &Texts) -> String {
    let constant = &written.constant;
    let mut calls = vec![".with_client(\"client-id\", ClientSecret::new(\"client-secret\"))".to_owned()];
    let issuer = facts.get("issuer").map(|texts| texts.concat());
    assert!(
        row.protocol == Protocol::OAuth || row.issuer.is_some() || issuer.is_some(),
        "[{}] needs an issuer",
        row.id
    );
    calls.extend(issuer.iter().map(|issuer| format!(".issuer(\"{issuer}\")")));
    let issuer = issuer.unwrap_or_else(|| row.issuer.unwrap_or_default().to_owned());
    let open = issuer.split('/').filter_map(|part| part.strip_prefix(':'));
    calls.extend(open.map(|part| {
        format!(
            ".issuer_parameter(\"{part}\", \"{}\")",
            if part == "tenant" { "11111111-2222-3333-4444-555555555555" } else { "my-app" }
        )
    }));
    format!(
        "use aura_axum::provider::{constant};\nuse aura_proto::ClientSecret;\n\nlet provider = {constant}{};\nassert_eq!((provider.id(), provider.name()), (\"{}\", \"{}\"));",
        if calls.len() > 1 { format!("\n    {}", calls.join("\n    ")) } else { calls.concat() },
        row.id,
        row.name
    )
}

/// The constant, the documentation and the remark of each row, by its id.
fn written() -> BTreeMap<String, Written> {
    let source = read("aura-proto/providers/src/lib.rs");
    let remarks: Vec<_> = items(&source).into_iter().collect();
    let mut found = BTreeMap::new();
    for line in source.lines().map(str::trim) {
        let Some((constant, rest)) = line.split_once(" = oauth ").or_else(|| line.split_once(" = openid "))
        else {
            continue;
        };
        let quoted: Vec<_> = rest.split('"').collect();
        let [_, id, _, _, _, documentation, ..] = quoted[..] else { continue };
        let remark =
            remarks.iter().find(|item| item.code.starts_with(line)).map(|item| plain(&item.docs.join(" ")));
        found.insert(
            id.to_owned(),
            Written {
                constant: constant.to_owned(),
                documentation: documentation.to_owned(),
                remark: remark.unwrap_or_default(),
            },
        );
    }
    assert_eq!(found.len(), ROWS.len(), "every row is read");
    found
}

/// Where id, name, e-mail address and picture are.
fn profile(row: &Row, facts: &Texts) -> [String; 4] {
    let listed = |pointers: &[&str]| {
        let pointers: Vec<_> = pointers.iter().map(|pointer| format!("`{}`", cell(pointer))).collect();
        if pointers.is_empty() { "none".to_owned() } else { pointers.join(", else ") }
    };
    match (row.profile, facts.get("profile")) {
        (RowProfile::Pointers(RowPointers { sub, name, email, image, .. }), None) => {
            [sub, name, if row.emails_endpoint.is_some() { &["/email"] } else { email }, image].map(listed)
        }
        (RowProfile::Function(_), Some(texts)) => {
            texts.clone().try_into().unwrap_or_else(|_| panic!("[{}] profile has four texts", row.id))
        }
        _ => panic!("[{}]: profile is for rows whose profile is code", row.id),
    }
}

/// The callback URL for development, or why there is none.
fn development(row: &Row, facts: &Texts) -> String {
    match facts.get("development").map(|texts| texts.concat()).as_deref() {
        None => format!("`http://localhost:3000/auth/callback/{}`", row.id),
        Some("none") => "none: https at a domain".to_owned(),
        Some("unknown") => "not known".to_owned(),
        Some(origin) => format!("`{origin}/auth/callback/{}`", row.id),
    }
}

fn protocol(row: &Row) -> &'static str {
    match row.protocol {
        Protocol::OAuth => "OAuth 2.0",
        Protocol::OpenId => "OpenID Connect",
        _ => panic!("a protocol that the page does not know"),
    }
}

fn proof_key(row: &Row) -> &'static str {
    match row.proof_key {
        ProofKey::S256 => "with PKCE (S256)",
        ProofKey::Refused => "without PKCE, which it refuses of clients that have a secret",
        _ => panic!("a proof key that the page does not know"),
    }
}

fn authentication(row: &Row) -> &'static str {
    match (row.client_secret, row.protocol) {
        (Some(SecretPlacement::Basic), _) => "by HTTP Basic (`client_secret_basic`)",
        (Some(SecretPlacement::Post), _) | (None, Protocol::OAuth) => "by form fields (`client_secret_post`)",
        (None, Protocol::OpenId) => "as the provider's configuration says",
        _ => panic!("a client authentication that the page does not know"),
    }
}

/// What is asked for.
fn scope(row: &Row) -> String {
    let parameters: Vec<_> =
        row.authorization_parameters.iter().map(|(name, value)| format!("`{name}={value}`")).collect();
    let parameters = if parameters.is_empty() {
        String::new()
    } else {
        format!(" Further parameters: {}.", parameters.join(", "))
    };
    match row.scope {
        "" => format!("No scope is asked for.{parameters}"),
        scope => format!("The scope is `{scope}`.{parameters}"),
    }
}
