//! Packages: what a published crate needs is published too, and what its package contains is complete.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

#[test]
fn every_crate_that_a_published_crate_depends_on_is_published() {
    let published = published();
    assert!(published.contains_key("aura-axum") && !published.contains_key("aura-tests"));
    let mut wrong = Vec::new();
    for (name, package) in &published {
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            let has_version = dependency["req"] != "*";
            let is_left_out = dependency["kind"] == "dev" && !has_version;
            if dependency["path"].is_null() || is_left_out {
                continue;
            }
            if !has_version {
                wrong.push(format!("{name}: {other} has a path without a version"));
            }
            if !published.contains_key(other) {
                wrong.push(format!("{name}: {other} is not published"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    // A circle of dependencies with versions has no order.
    assert_eq!(order(&published).len(), published.len(), "{:?}", order(&published));
}

#[test]
fn every_published_crate_says_what_it_is() {
    for (name, package) in &published() {
        assert_eq!(package["license"], "MIT OR Apache-2.0", "{name}");
        assert_eq!(package["readme"], "README.md", "{name}");
        assert!(package["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        // Else the documentation on docs.rs lacks what is behind a feature.
        assert_eq!(package["metadata"]["docs"]["rs"]["all-features"], true, "{name}");
        for (list, least) in [("keywords", 3), ("categories", 1)] {
            // The registry takes five of each.
            assert!((least..=5).contains(&package[list].as_array().unwrap().len()), "{name}: {list}");
        }
    }
}

#[test]
fn every_package_has_the_texts_of_the_licences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, package) in &published() {
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            // A checkout without symbolic links has files with the path of the target.
            let text = std::fs::read_to_string(folder(package).join(file)).unwrap();
            assert!(text == std::fs::read_to_string(root.join(file)).unwrap(), "{name}: {file}");
        }
    }
}

#[test]
fn no_file_of_a_package_points_outside_it() {
    let mut wrong = Vec::new();
    for (name, package) in &published() {
        let folder = folder(package);
        let files = files(name);
        for file in ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            assert!(files.contains(Path::new(file)), "{name} has no {file}");
        }
        let sources =
            files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs" || end == "md"));
        for file in sources {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            for target in targets(file, &text) {
                let inside = joined(file, target).is_some_and(|path| is_in(&path, &files));
                if !inside {
                    wrong.push(format!("{name}: {} has {target}", file.display()));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn what_a_file_points_to_is_found() {
    let code = "//! [a](../b.md#c) [d](https://e.test) [f](crate::F) [g](fn@g) [h]( h)\n//! [`I`]: super::I\n\
                //! [j]: j/k.md\nconst X: &str = include_str!(\"../x.json\");\nx[0](1);\n// include!(\"no\")\n\
                include_bytes!(concat!(\"../keys/\", $name))";
    assert_eq!(targets(Path::new("a.rs"), code), ["../b.md", "j/k.md", "../x.json", "../keys/"]);
    let text = "[a](LICENSE) [b](#c) [d](mailto:e@f.test) [g](h.md \"title\")\n[i]: <../j>\n[k]: //l.test\n\
                [^m]: a note, not a link";
    assert_eq!(targets(Path::new("a.md"), text), ["LICENSE", "h.md", "../j", "//l.test"]);
    assert_eq!(joined(Path::new("src/a/b.rs"), "../../x"), Some("x".into()));
    assert_eq!(joined(Path::new("src/a.rs"), "../../x"), None);
    assert_eq!(joined(Path::new("src/a.rs"), "/x"), None);
}

/// The crates that are published, by name, as `cargo metadata` describes them.
fn published() -> BTreeMap<String, Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap().drain(..);
    let published = packages.filter(|package| package["publish"].is_null());
    published.map(|package| (package["name"].as_str().unwrap().to_owned(), package)).collect()
}

/// The folder of a crate.
fn folder(package: &Value) -> &Path {
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap()
}

/// Names each crate after those that it depends on, with a version; without those of a circle.
fn order(published: &BTreeMap<String, Value>) -> BTreeSet<&str> {
    let mut named = BTreeSet::new();
    while let Some((name, _)) = published.iter().find(|(name, package)| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let mut ours = dependencies.filter(|other| !other["path"].is_null() && other["req"] != "*");
        !named.contains(name.as_str()) && ours.all(|other| named.contains(other["name"].as_str().unwrap()))
    }) {
        named.insert(name.as_str());
    }
    named
}

/// The files of a crate's package.
fn files(name: &str) -> BTreeSet<PathBuf> {
    let list = cargo(&["package", "--list", "--allow-dirty", "--offline", "--package", name]);
    list.lines().map(PathBuf::from).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the files that a file includes, and the links of its Markdown to files.
fn targets<'a>(file: &Path, text: &'a str) -> Vec<&'a str> {
    let is_code = file.extension().is_some_and(|end| end == "rs");
    let of_line = |line: &'a str| match line.trim_start().strip_prefix("//") {
        _ if !is_code => links(line),
        Some(comment) => links(comment).into_iter().filter(|link| !is_item(link)).collect(),
        None => included(line),
    };
    text.lines().flat_map(of_line).collect()
}

/// Returns the files that a line of code includes.
fn included(line: &str) -> Vec<&str> {
    // A module whose file is missing does not compile; `.ci/package` compiles each package.
    let macros = ["include_str!(", "include_bytes!(", "include!("];
    let after = macros.iter().flat_map(|before| line.split(before).skip(1));
    after.filter_map(|after| after.split('"').nth(1)).collect()
}

/// Returns the links of a line of Markdown, inline and in definitions of references, without their fragments, as long as they have
/// no scheme.
fn links(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1);
    let definition =
        line.trim_start_matches(['!', '/', ' ']).strip_prefix('[').filter(|rest| !rest.starts_with('^'));
    let defined = definition
        .and_then(|rest| rest.split_once("]: "))
        .map(|(_, target)| target)
        .filter(|target| !target.starts_with('['));
    let links = inline
        .chain(defined)
        .filter_map(|after| after.trim_start_matches('<').split([')', '#', ' ', '>']).next());
    links.filter(|link| !link.is_empty() && !has_scheme(link)).collect()
}

/// Tells whether a link has a scheme (RFC 3986 section 3.1), which the path of an item has not.
fn has_scheme(link: &str) -> bool {
    let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let scheme = link.split_once(':').filter(|(_, rest)| !rest.starts_with(':'));
    scheme.is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.chars().all(is_of_scheme)
    })
}

/// Tells whether a link of a documentation is the path of an item: rustdoc checks those.
fn is_item(link: &str) -> bool {
    link.chars().all(|letter| letter.is_alphanumeric() || "_:@!(".contains(letter))
}

/// Joins a path to the folder of a file of a package; `None` if it leads out of the package.
fn joined(file: &Path, target: &str) -> Option<PathBuf> {
    let mut path = file.parent()?.to_owned();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => path.pop().then_some(())?,
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(path)
}

/// Tells whether a package has a file, or a folder that a macro names the files of.
fn is_in(path: &Path, files: &BTreeSet<PathBuf>) -> bool {
    files.iter().any(|file| file.starts_with(path))
}
