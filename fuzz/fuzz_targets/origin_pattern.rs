//! Invariant: a pattern without a star matches exactly the URLs of its own origin, as the `url` crate defines origins.
//!
//! A leading star matches exactly one label. A trailing star matches an explicit port. A pattern that is written reads back.
#![no_main]

use aura_proto::OriginPattern;
use aura_proto::internals::TrustedOrigins;
use libfuzzer_sys::fuzz_target;
use url::Url;

// The input is a pattern, a line end, and a URL.
fuzz_target!(|input: &str| {
    let (text, url) = input.split_once('\n').unwrap_or((input, "https://a.b.test"));
    let Some(pattern) = OriginPattern::parse(text) else { return };
    let written = pattern.to_string();
    let trusted = TrustedOrigins(vec![pattern.clone()]);
    assert_eq!(OriginPattern::parse(&written).as_ref(), Some(&pattern), "{written}");

    let host = written.split_once("://").expect("a scheme").1;
    let any_label = host.starts_with("*.");
    let any_port = host.ends_with(":*");
    for candidate in [url, &written.replace("*.", "label.").replace(":*", ":8080")] {
        let Ok(url) = Url::parse(candidate) else { continue };
        let label = first_label(&url);
        let spelled = written.replacen("*.", &label, usize::from(any_label));
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let spelled = if any_port { spelled.replace(":*", &port) } else { spelled };
        let same = Url::parse(&spelled).is_ok_and(|spelled| spelled.origin() == url.origin());
        let stands_for_nothing = any_port && port.is_empty() || any_label && label.is_empty();
        let matches = trusted.contains(&url);
        assert_eq!(matches, same && url.has_host() && !stands_for_nothing, "{text} and {url}");
    }
    if !any_label && !any_port {
        assert!(Url::parse(&written).is_ok_and(|url| trusted.contains(&url)));
    }
});

/// The first label of a host with its dot, where there is one that is not empty.
fn first_label(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.split_once('.')
        .filter(|(label, _)| !label.is_empty())
        .map(|(label, _)| format!("{label}."))
        .unwrap_or_default()
}
