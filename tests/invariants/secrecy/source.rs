//! The secret types of the three files `secret.rs`, none of which shows its value.

use syn::{Item, ItemImpl};

/// The secret types. Unit tests of the `secret.rs` of aura-oauth check that none of them has `Display`, and unit tests of each file
/// check that they are overwritten.
const SECRETS: [&str; 12] = [
    "Secret",
    "Salt",
    "CsrfValue",
    "ClientSecret",
    "CodeVerifier",
    "State",
    "Nonce",
    "AuthorizationCode",
    "AccessToken",
    "RefreshToken",
    "IdToken",
    "CsrfText",
];

const SOURCES: [&str; 4] = [
    include_str!("../../../aura-proto/session/src/secret.rs"),
    include_str!("../../../aura-proto/oauth/src/secret.rs"),
    include_str!("../../../aura-proto/types/src/secret.rs"),
    include_str!("../../../aura-proto/client/src/secret.rs"),
];

fn items() -> Vec<Item> {
    SOURCES.iter().flat_map(|source| syn::parse_file(source).unwrap().items).collect()
}

#[test]
fn every_secret_is_on_the_list_and_derives_nothing_that_shows_or_compares_it() {
    let mut found = Vec::new();
    for item in &items() {
        if let Item::Struct(item) = item {
            assert_eq!(derives(&item.attrs), ["Clone"], "{}", item.ident);
            found.push(item.ident.to_string());
        } else if let Item::Macro(item) = item
            && item.mac.path.is_ident("secret_text")
        {
            let tokens = item.mac.tokens.to_string();
            found.push(tokens.rsplit(' ').next().unwrap().to_owned());
        }
    }
    assert_eq!(found, SECRETS);
    for name in SECRETS {
        let asserted: usize = SOURCES.iter().map(|source| source.matches(name).count()).sum();
        assert!(asserted >= 3, "{name} is missing from the unit tests of secret.rs");
    }
}

#[test]
fn secrets_compare_in_constant_time_and_debug_writes_their_names_alone() {
    let items = items();
    let templates =
        items.iter().filter_map(|item| if let Item::Macro(item) = item { Some(item) } else { None });
    let template = templates.filter(|item| item.ident.as_ref().is_some_and(|name| name == "secret_text"));
    let template: Vec<_> = template.map(|item| item.mac.tokens.to_string().replace(' ', "")).collect();
    let [template] = &template[..] else { panic!("one template of secret texts") };
    assert!(
        template.contains("#[derive(Clone)]$visibilitystruct$name($crate::Zeroizing<String>);"),
        "{template}"
    );
    assert!(template.contains("$crate::ConstantTimeEq::ct_eq(self.0.as_bytes(),other.0.as_bytes()).into()"));
    assert!(template.contains("f.write_str(concat!(stringify!($name),\"(..)\"))"));
    assert_eq!(template.matches("impl").count(), 5, "its own with one `impl Into`, Debug, PartialEq, Eq");

    let impls = items.iter().filter_map(|item| if let Item::Impl(item) = item { Some(item) } else { None });
    let traits: Vec<_> = impls.filter_map(named).collect();
    let expected = [("Debug", "Secret"), ("Debug", "Salt"), ("Deserialize", "ClientSecret")];
    assert_eq!(traits, expected.map(|(name, of)| (name.to_owned(), of.to_owned())));
}

fn derives(attributes: &[syn::Attribute]) -> Vec<String> {
    let mut derived = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        attribute
            .parse_nested_meta(|meta| {
                derived.push(meta.path.segments.last().unwrap().ident.to_string());
                Ok(())
            })
            .unwrap();
    }
    derived
}

/// The names of a trait and of the type that has it.
fn named(item: &ItemImpl) -> Option<(String, String)> {
    let (path, _) = item.trait_.as_ref()?;
    let syn::Type::Path(of) = &*item.self_ty else { return None };
    let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.to_string());
    Some((last(path)?, last(&of.path)?))
}
