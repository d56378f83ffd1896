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
        for (list, least) in [("keywords", 3), ("categories", 1)] {
            // The registry takes five of each.
            assert!((least..=5).contains(&package[list].as_array().unwrap().len()), "{name}: {list}");
        }
    }
}

#[test]
fn no_file_of_a_package_points_outside_it() {
    let mut wrong = Vec::new();
    for (name, package) in &published() {
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        let files = files(name);
        for file in ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            assert!(files.contains(Path::new(file)), "{name} has no {file}");
        }
        let sources =
            files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs" || end == "md"));
        for file in sources {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            for target in targets(&text) {
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
    let text = "//! [a](../b.md#c) [d](https://e.test)\nconst X: &str = include_str!(\"../x.json\");\n\
                include_bytes!(concat!(\"../keys/\", $name))";
    assert_eq!(targets(text), ["../b.md", "../x.json", "../keys/"]);
    assert_eq!(joined(Path::new("src/a/b.rs"), "../../x"), Some("x".into()));
    assert_eq!(joined(Path::new("src/a.rs"), "../../x"), None);
}

/// The crates that are published, by name, as `cargo metadata` describes them.
fn published() -> BTreeMap<String, Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap().drain(..);
    let published = packages.filter(|package| package["publish"].is_null());
    published.map(|package| (package["name"].as_str().unwrap().to_owned(), package)).collect()
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

/// Returns the files that a text includes, and the relative links of its Markdown.
fn targets(text: &str) -> Vec<&str> {
    // A module whose file is missing does not compile; `.ci/package` compiles each package.
    const BEFORE: [&str; 4] = ["](", "include_str!(", "include_bytes!(", "include!("];
    let mut found = Vec::new();
    for line in text.lines() {
        for before in BEFORE {
            for after in line.split(before).skip(1) {
                let target = match before {
                    "](" => after.split([')', '#', ' ']).next().filter(|link| link.starts_with("../")),
                    _ => after.split('"').nth(1).filter(|_| !line.trim_start().starts_with("//")),
                };
                found.extend(target);
            }
        }
    }
    found
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
