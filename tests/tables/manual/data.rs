//! Parser of the texts that the sources of the manual lack: a part of TOML.
//!
//! `[section]`, `key = "text"`, and `key = [`, a text a line, `]`. A text is in `"` or in `'`, without that quote and without escapes.

use std::collections::BTreeMap;

/// The texts of a key.
pub(super) type Texts = BTreeMap<String, Vec<String>>;

/// Reads sections, in the order of their names.
pub(super) fn parse(text: &str) -> BTreeMap<String, Texts> {
    let mut sections: BTreeMap<String, Texts> = BTreeMap::new();
    let (mut section, mut list) = (String::new(), None::<(String, Vec<String>)>);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        list = match (list, line) {
            (Some((key, texts)), "]") => {
                insert(&mut sections, &section, &key, texts);
                None
            }
            (Some((key, mut texts)), line) => {
                texts.push(quoted(line.trim_end_matches(',')));
                Some((key, texts))
            }
            (None, line) if line.starts_with('[') => {
                section = line.trim_matches(['[', ']']).trim_matches('"').to_owned();
                let before = sections.insert(section.clone(), Texts::new());
                assert!(before.is_none(), "[{section}] is there twice");
                None
            }
            (None, line) => {
                let (key, value) =
                    line.split_once(" = ").unwrap_or_else(|| panic!("neither key nor section: {line}"));
                if value == "[" {
                    Some((key.to_owned(), Vec::new()))
                } else {
                    insert(&mut sections, &section, key, vec![quoted(value)]);
                    None
                }
            }
        };
    }
    assert!(list.is_none(), "a list of [{section}] has no end");
    sections
}

fn insert(sections: &mut BTreeMap<String, Texts>, section: &str, key: &str, texts: Vec<String>) {
    let before = sections.entry(section.to_owned()).or_default().insert(key.to_owned(), texts);
    assert!(before.is_none(), "{key} is there twice in [{section}]");
}

fn quoted(value: &str) -> String {
    let inner = |quote| Some((value.strip_prefix(quote)?.strip_suffix(quote)?, quote));
    let (text, quote) = inner('"').or_else(|| inner('\'')).unwrap_or_else(|| panic!("no text: {value}"));
    assert!(!text.contains([quote, '\\']), "a quote or an escape: {value}");
    text.to_owned()
}

#[test]
fn sections_keys_and_lists_are_read() {
    let sections =
        parse("# remark\n[a]\nkey = \"text = 1\"\nlist = [\n  \"one\",\n  'tw\"o',\n]\n[\"b c\"]\n");
    assert_eq!(sections["a"]["key"], ["text = 1"]);
    assert_eq!(sections["a"]["list"], ["one", "tw\"o"]);
    assert!(sections["b c"].is_empty());
}

#[test]
#[should_panic = "key is there twice in [a]"]
fn a_key_that_is_there_twice_is_a_mistake() {
    parse("[a]\nkey = \"1\"\nkey = \"2\"\n");
}
