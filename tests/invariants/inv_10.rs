//! Invariant 10: no text of a request or a provider enters a header without validation, or the markup of a page.

use crate::any::{MARK, Scene, any_scene, reached};
use crate::inv_05::{is_ours, location};
use crate::play::{Host, Run, listed};
use crate::site::{NOW, OWN, Which, error_page};
use http::{Request, header};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use url::{Url, form_urlencoded};

/// The members of an authorization request, and of a visit to end the provider's session.
const PROTOCOL: [&str; 14] = [
    "own",
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "nonce",
    "max_age",
    "request_uri",
    "id_token_hint",
    "post_logout_redirect_uri",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn marked_text_comes_back_in_no_header_but_a_parsed_location(scene in any_scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        for (name, value) in run.response.headers() {
            prop_assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
            let marked = value.to_str().unwrap().contains(MARK);
            prop_assert!(!marked || name == header::LOCATION, "{name}: {value:?}");
        }
        if let Some(location) = location(&run) {
            check_location(&scene, location)?;
        }
        check_page(&scene, &run)?;
    }
}

/// A location is what was parsed of the request, or nothing of it.
fn check_location(scene: &Scene, location: &str) -> Result<(), TestCaseError> {
    let url = reached(location);
    let failed = location.strip_prefix(&format!("{}error=", error_page(scene.which)));
    if let Some((code, again)) = failed.and_then(|failed| failed.split_once('&')) {
        prop_assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{location}");
        let again: Vec<_> = form_urlencoded::parse(again.as_bytes()).collect();
        for (name, value) in &again {
            let is_reason =
                name == "reason" && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let is_provider = name == "provider" && scene.which.ids().contains(&value.as_ref());
            let is_target = name == "redirectTo" && is_target(scene, value);
            prop_assert!(is_reason || is_provider || is_target, "{location}");
        }
    } else if scene.is_callback() {
        let target = scene.site().held.attempts.iter().any(|attempt| attempt.target == location);
        prop_assert!(target || location == "/", "{location}");
    } else if is_ours(&url) {
        // The last one counts where there are several, and none where it is not to be trusted.
        let asked = scene.query("redirectTo").pop().unwrap_or_default();
        let parsed = Url::parse(OWN).unwrap().join(&asked).ok();
        prop_assert!(parsed.as_ref() == Some(&url) || location == "/", "{location}");
    } else {
        for (name, value) in form_urlencoded::parse(url.query().unwrap_or_default().as_bytes()) {
            let hint = scene.query("login_hint").pop();
            let is_hint = name == "login_hint" && hint.as_deref() == Some(&value);
            let is_own = PROTOCOL.contains(&name.as_ref()) && !value.contains(MARK);
            prop_assert!(is_hint || is_own, "{name}={value}");
        }
    }
    Ok(())
}

/// Tells whether a page that lets people try again may name this target.
fn is_target(scene: &Scene, target: &str) -> bool {
    let is_of_attempt = scene.site().held.attempts.iter().any(|attempt| attempt.target == target);
    let asked = scene.query("redirectTo").pop().unwrap_or_default();
    let parsed = Url::parse(OWN).unwrap().join(&asked).ok();
    is_of_attempt || target == "/" || parsed == Some(reached(target))
}

/// A page is the one of a callback by a form: two times the same link, in which everything is encoded.
fn check_page(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let types: Vec<_> = run.response.headers().get_all(header::CONTENT_TYPE).iter().collect();
    if types.is_empty() || types == ["application/json"] {
        return Ok(());
    }
    prop_assert_eq!(types, ["text/html; charset=utf-8"]);
    let body = String::from_utf8(run.response.body().to_vec()).unwrap();
    if run.response.status().is_client_error() {
        // The page of a refusal is one for each error, whatever the request says.
        prop_assert!(!body.contains(MARK) && !body.contains("href"), "{body}");
        return Ok(());
    }
    prop_assert!(scene.method == "POST" && scene.path() == "/auth/callback/form", "{}", scene.target);
    let links: BTreeSet<_> =
        body.match_indices("/auth/callback/form?").map(|(at, _)| link(&body[at..])).collect();
    prop_assert_eq!(links.len(), 1, "{:?}", links);
    let link = links.first().copied().unwrap_or_default();
    let is_encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"/?=%+*-._".contains(&byte);
    prop_assert!(link.replace("&amp;", "").bytes().all(is_encoded), "{link}");
    prop_assert_eq!(body.replace(link, ""), MARKUP.as_str());
    Ok(())
}

/// The markup of the page except for its link, which does not depend on the posted form.
static MARKUP: LazyLock<String> = LazyLock::new(|| {
    let request = Request::post("/auth/callback/form").body("code=c&state=s".into()).unwrap();
    let run = Host::at(&Which::OpenId.site().auth, NOW, [0; 32]).answer(request, &mut listed(&[]));
    let body = String::from_utf8(run.response.body().to_vec()).unwrap();
    assert!(!body.contains("script"), "{body}");
    body.replace("/auth/callback/form?code=c&amp;state=s", "")
});

/// Text before the end of an attribute.
fn link(text: &str) -> &str {
    text.split('"').next().unwrap_or_default()
}
