//! `aura providers`: the built-in providers, as their rows say.

use crate::report::{Report, Status, table};
use aura_providers::{
    EndSession, IdTokenKey, ProofKey, Protocol, ROWS, Row, RowProfile, SecretPlacement, UserInfoMethod,
};
use serde_json::{Value, json};

pub(crate) fn providers() -> Report {
    let head = ["ID", "NAME", "PROTOCOL", "SCOPE", "VARIABLES", "REMARKS"].map(str::to_owned).to_vec();
    let rows = ROWS.iter().map(|row| {
        let (variables, remarks) = (variables(row).join(" "), remarks(row).join("; "));
        vec![
            row.id.to_owned(),
            row.name.to_owned(),
            protocol(row).to_owned(),
            row.scope.to_owned(),
            variables,
            remarks,
        ]
    });
    Report {
        text: table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()),
        json: ROWS.iter().map(object).collect(),
        status: Status::Clean,
    }
}

fn object(row: &Row) -> Value {
    json!({
        "id": row.id, "name": row.name, "protocol": protocol(row), "scope": row.scope,
        "variables": variables(row), "remarks": remarks(row),
    })
}

fn protocol(row: &Row) -> &'static str {
    if row.protocol == Protocol::OpenId { "OpenID Connect" } else { "OAuth 2.0" }
}

/// Lists the variables that a provider needs: its client, and what its row leaves open of the issuer.
fn variables(row: &Row) -> Vec<String> {
    let id = row.id.replace('-', "_").to_ascii_uppercase();
    let mut keys = vec!["CLIENT_ID".to_owned(), "CLIENT_SECRET".to_owned()];
    match (row.protocol, row.issuer) {
        (Protocol::OpenId, None) => keys.push("ISSUER".to_owned()),
        (_, issuer) => {
            let parts = issuer.unwrap_or_default().split('/').filter_map(|segment| segment.strip_prefix(':'));
            keys.extend(parts.map(str::to_ascii_uppercase));
        }
    }
    keys.into_iter().map(|key| format!("{id}_{key}")).collect()
}

/// Says what of a row differs from the usual.
fn remarks(row: &Row) -> Vec<&'static str> {
    let has_parameter = |parameter| row.authorization_parameters.contains(&parameter);
    let has_no_email = matches!(row.profile, RowProfile::Pointers(pointers) if pointers.email.is_empty());
    [
        (matches!(row.client_secret, Some(SecretPlacement::Basic)), "the client authenticates by Basic"),
        (matches!(row.proof_key, ProofKey::Refused), "no proof key is sent"),
        (has_parameter(("response_mode", "form_post")), "the callback is a form post"),
        (has_no_email, "no e-mail address"),
        (row.emails_endpoint.is_some(), "e-mail addresses are a list of their own"),
        (row.per_tenant, "each tenant has an issuer"),
        (
            matches!(row.id_token_key, IdTokenKey::ClientSecret),
            "ID tokens are signed with the client's secret",
        ),
        (matches!(row.end_session, EndSession::LogoutUri), "sign-out by logout_uri"),
        (matches!(row.userinfo_method, UserInfoMethod::Post), "userinfo by POST"),
        (!row.unsolicited_parameters.is_empty(), "may send callbacks without a sign-in"),
    ]
    .into_iter()
    .filter_map(|(applies, remark)| applies.then_some(remark))
    .collect()
}
