//! Invariant: an accepted target leads to the own origin or to a trusted one.
//!
//! The `url` crate resolves it as a browser would on any page of the site. The target is visible ASCII, and is accepted
//! again unchanged.
#![no_main]

use aura_proto::OriginPattern;
use aura_proto::internals::{RedirectTo, TrustedOrigins};
use libfuzzer_sys::fuzz_target;
use url::{Host, Origin, Url};

const TRUSTED: [&str; 3] = ["https://*.friend.test", "http://localhost:*", "https://exact.test:8443"];

fuzz_target!(|value: &str| {
    for own in ["https://app.test", "http://127.0.0.1:3000", "https://xn--bcher-kva.test"] {
        let Some(target) = redirect_target(value, own) else { continue };
        assert!(target.len() <= 2048 && target.bytes().all(|byte| byte.is_ascii_graphic()), "{target:?}");
        for page in ["/", "/auth/callback/github?code=c", "/a/b/../c;d?e#f", "/a//"] {
            let page = Url::parse(own).and_then(|own| own.join(page)).expect("a page");
            let reached = page.join(&target).expect("a URL");
            assert!(is_allowed(&reached, own), "{value:?} leads to {reached}");
        }
        assert_eq!(redirect_target(&target, own).as_deref(), Some(target.as_str()));
    }
});

fn redirect_target(value: &str, own: &str) -> Option<String> {
    let trusted = TRUSTED.iter().filter_map(|pattern| OriginPattern::parse(pattern)).collect();
    let target = RedirectTo::parse(value, &aura_proto::Origin::parse(own)?, &TrustedOrigins(trusted))?;
    Some(target.as_str().to_owned())
}

fn is_allowed(reached: &Url, own: &str) -> bool {
    let Origin::Tuple(scheme, Host::Domain(host), port) = reached.origin() else {
        return reached.origin() == Url::parse(own).expect("an origin").origin();
    };
    reached.origin() == Url::parse(own).expect("an origin").origin()
        || (scheme == "https"
            && port == 443
            && host.matches('.').count() == 2
            && host.ends_with(".friend.test"))
        || (scheme == "http" && port != 80 && host == "localhost")
        || (scheme == "https" && port == 8443 && host == "exact.test")
}
