//! Invariant 5: the final `Location` is a local path or a trusted origin.
//!
//! Before that, a `Location` is the provider's authorization or end-session endpoint.

use crate::any::{Scene, any_scene, reached};
use crate::inv_04::published;
use crate::play::Run;
use crate::site::{OWN, Which};
use http::header;
use proptest::prelude::*;
use url::{Position, Url};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_location_is_ours_or_trusted_or_of_the_provider(scene in any_scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        let Some(location) = location(&run) else { return Ok(()) };
        let url = reached(location);
        prop_assert!(is_ours(&url) || Some(place(&url)) == of_provider(&scene, &run), "{} leads to {location}", scene.target);
        prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

pub(crate) fn location(run: &Run) -> Option<&str> {
    run.response.headers().get(header::LOCATION).map(|location| location.to_str().unwrap())
}

/// Tells whether a URL is of this site, or of a trusted origin.
pub(crate) fn is_ours(url: &Url) -> bool {
    let label = url.host_str().unwrap_or_default().strip_suffix(".friend.test").unwrap_or(".");
    let is_trusted =
        url.scheme() == "https" && url.port().is_none() && !label.contains('.') && !label.is_empty();
    url.origin() == Url::parse(OWN).unwrap().origin() || is_trusted
}

fn place(url: &Url) -> String {
    url[..Position::AfterPath].to_owned()
}

/// Where the provider has browsers sent in a scene.
fn of_provider(scene: &Scene, run: &Run) -> Option<String> {
    let signs_in = scene.path().starts_with("/auth/signIn/");
    if scene.which == Which::Plain {
        return signs_in
            .then(|| format!("https://{}.idp.test/authorize", scene.provider().unwrap_or_default()));
    }
    let member = match (signs_in, scene.path()) {
        (true, _) => "authorization_endpoint",
        (false, "/auth/signOut") => "end_session_endpoint",
        (false, _) => return None,
    };
    Url::parse(published(run)?[member].as_str()?).ok().map(|url| place(&url))
}
