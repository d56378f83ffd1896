//! The secret types of `secret.rs`, none of which shows its value.

use syn::{File, Item, ItemImpl};

/// The types, each of which the unit tests of `secret.rs` hold to having no `Display` and to being overwritten.
const SECRETS: [&str; 12] = [
    "Secret",
    "Salt",
    "ClientSecret",
    "CodeVerifier",
    "State",
    "Nonce",
    "CsrfValue",
    "CsrfText",
    "AuthorizationCode",
    "AccessToken",
    "RefreshToken",
    "IdToken",
];

const SOURCE: &str = include_str!("../../aura-proto/src/secret.rs");

#[test]
fn every_secret_is_on_the_list_and_derives_nothing_that_shows_or_compares_it() {
    let file: File = syn::parse_file(SOURCE).unwrap();
    let mut found = Vec::new();
    for item in &file.items {
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
        let asserted = SOURCE.matches(name).count();
        assert!(asserted >= 3, "{name} is missing from the unit tests of secret.rs");
    }
}

#[test]
fn secrets_compare_in_constant_time_and_debug_writes_their_names_alone() {
    let file: File = syn::parse_file(SOURCE).unwrap();
    let templates =
        file.items.iter().filter_map(|item| if let Item::Macro(item) = item { Some(item) } else { None });
    let template = templates.filter(|item| item.ident.as_ref().is_some_and(|name| name == "secret_text"));
    let template: Vec<_> = template.map(|item| item.mac.tokens.to_string().replace(' ', "")).collect();
    let [template] = &template[..] else { panic!("one template of secret texts") };
    assert!(template.contains("#[derive(Clone)]$visibilitystruct$name(Zeroizing<String>);"), "{template}");
    assert!(template.contains("self.0.as_bytes().ct_eq(other.0.as_bytes()).into()"));
    assert!(template.contains("f.write_str(concat!(stringify!($name),\"(..)\"))"));
    assert_eq!(template.matches("impl").count(), 5, "its own with one `impl Into`, Debug, PartialEq, Eq");

    let impls =
        file.items.iter().filter_map(|item| if let Item::Impl(item) = item { Some(item) } else { None });
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
