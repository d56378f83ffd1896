//! Authorization responses in a form (OAuth 2.0 Form Post Response Mode).

use aura_test_idp::{AuthorizationError, DecisionError};

use crate::common::{BASE, CALLBACK, Conversation, text};
use crate::relying_party::{OPENID, url};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

#[test]
fn pressing_a_button_leads_to_a_form_for_the_client() {
    let mut conversation = Conversation::new();
    let decision = [&OPENID[..], &[FORM_POST, ("account", "ada")]].concat();
    let response = conversation.post(&format!("{BASE}/authorize/decision"), &decision);
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("location"));
    let html = text(&response);
    assert!(html.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")));
    for field in ["name=\"code\" value=\"", "name=\"state\" value=\"af0ifjsldkj\"", "<button"] {
        assert!(html.contains(field), "{field}");
    }
    assert!(!html.contains("<script"));
}

#[test]
fn a_test_gets_the_form_as_values() {
    let mut conversation = Conversation::new();
    let url = url(&[&OPENID[..], &[FORM_POST]].concat());
    let form = conversation
        .idp
        .approve_form_post(&mut conversation.state, &url, "ada", conversation.now, [9; 32])
        .unwrap();
    assert_eq!(form.action(), CALLBACK);
    assert_eq!(form.field("state"), Some("af0ifjsldkj"));
    assert_eq!(form.field("iss"), Some(BASE));
    let names: Vec<_> = form.fields().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    let fields: Vec<_> = url::form_urlencoded::parse(form.body().as_bytes()).into_owned().collect();
    assert!(form.fields().eq(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
    assert_eq!(conversation.redeem(form.field("code").unwrap()).status(), 200);
}

#[test]
fn errors_travel_in_a_form_too() {
    let mut conversation = Conversation::new();
    let denied = conversation.idp.deny_form_post(&url(&[&OPENID[..], &[FORM_POST]].concat())).unwrap();
    assert_eq!(denied.field("error"), Some("access_denied"));

    let silent = url(&[&OPENID[..], &[FORM_POST, ("prompt", "none")]].concat());
    assert!(text(&conversation.get(&silent)).contains("name=\"error\" value=\"login_required\""));
    let error = AuthorizationError::LoginRequired;
    let refused = DecisionError::Refused { error, location: CALLBACK.to_owned() };
    assert_eq!(conversation.idp.deny_form_post(&silent), Err(refused));
}

#[test]
fn each_way_of_answering_has_its_own_call() {
    let mut conversation = Conversation::new();
    let (by_query, by_form) = (url(&OPENID), url(&[&OPENID[..], &[FORM_POST]].concat()));
    let other = DecisionError::OtherResponseMode;
    assert_eq!(conversation.idp.deny(&by_form), Err(other.clone()));
    assert_eq!(conversation.idp.deny_form_post(&by_query), Err(other.clone()));
    let approved = conversation.idp.approve(&mut conversation.state, &by_form, "ada", 0, [9; 32]);
    assert_eq!(approved, Err(other));
}

#[test]
fn markup_in_a_form_stays_text() {
    let mut conversation = Conversation::new();
    let evil = "\"><script>alert('1')</script>";
    let decision =
        [&crate::common::with(&OPENID, "state", evil)[..], &[FORM_POST, ("account", "ada")]].concat();
    let response = conversation.post(&format!("{BASE}/authorize/decision"), &decision);
    assert!(text(&response).contains("value=\"&quot;&gt;&lt;script&gt;"));
    assert!(!text(&response).contains("<script"));
}
