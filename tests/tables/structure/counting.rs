//! Counts of small sources.

use super::ceilings::{compare, parse};
use super::graph::draw;
use super::items::{Public, collect};
use super::lines::{Lines, count};
use super::modules::Modules;
use super::report::Report;
use super::source::Source;
use std::collections::BTreeMap;

#[test]
fn every_line_has_one_kind() {
    let text = r##"//! Documentation.
#![doc = "Documentation."]
/*! Documentation,
of two lines. */

// A comment.
/* A comment, /* and one within, */
   of two lines. */
/// Documentation.
#[doc(hidden)]
pub fn f() -> &'static str { // code

    let a = "// no comment"; /* code */
    let b = r#"
        /* no comment

        /// no documentation "
    "#;
    /* before code */ a
}
/** Documentation. */ pub struct Code;
"##;
    let counted = lines(text);
    assert_eq!(counted, Lines { all: 21, code: 10, docs: 5, comments: 3, tests: 0 });
}

#[test]
fn what_is_for_tests_is_counted_apart() {
    let text = "
pub struct A {
    pub a: u8,
    /// For tests.
    #[cfg(test)]
    pub b: u8,
}
impl A {
    #[cfg(all(test, feature = \"a\"))]
    fn only() {}
    #[cfg(not(test))]
    fn ships() {}
    #[cfg(any(test, feature = \"a\"))]
    fn may_ship() {}
}
#[cfg(test)]
use a::{b, c};
#[cfg(test)]
mod tests {
    // A comment.

    fn f() {}
}
mod more {
    #![cfg(test)]
    fn f() {}
}
";
    assert_eq!(lines(text), Lines { all: 27, code: 9, docs: 0, comments: 0, tests: 16 });
    assert_eq!(lines("#![cfg(test)]\n//! A.\n\nfn f() {}\n").tests, 3);
}

#[test]
fn a_file_that_a_test_module_declares_is_for_tests_with_all_below_it() {
    let sources = sources(&[
        ("lib.rs", "mod a;\n#[cfg(test)]\nmod b;\n"),
        ("a.rs", "fn f() {}\n#[cfg(test)]\n#[path = \"c.rs\"]\nmod tests;\n"),
        ("b.rs", "mod d;\nfn f() {}\n"),
        ("b/d.rs", "fn f() {}\n"),
        ("c.rs", "fn f() {}\n"),
    ]);
    let report = Report::new("a", &sources).figures();
    assert_eq!((report["files"], report["code"]), (2, 2));
}

#[test]
fn functions_are_measured_from_their_signature() {
    let text = "
impl A {
    /// Documentation.
    #[must_use]
    pub(crate) const fn f(
        self,
    ) -> u8 {
        0
    }
}
trait T {
    fn required();
    fn default() {
    }
}
#[cfg(test)]
mod tests { fn f() {} }
";
    let mut functions = Vec::new();
    collect(&Source::new("a.rs", text), &mut functions, &mut Public::default());
    let found: Vec<_> = functions.iter().map(|function| (function.name.as_str(), function.length)).collect();
    assert_eq!(found, [("a.rs: f", 5), ("a.rs: default", 2)]);
}

#[test]
fn public_items_are_documented_or_not_and_have_an_example_or_none() {
    let text = "
/// A.
///
/// ```
/// assert!(true);
/// ```
pub struct A;
impl A {
    /// B.
    pub fn b() {}
    pub fn c() {}
    fn d() {}
}
#[doc = include_str!(\"e.md\")]
pub const E: u8 = 0;
/// F.
pub(crate) fn f() {}
";
    let mut public = Public::default();
    collect(&Source::new("a.rs", text), &mut Vec::new(), &mut public);
    assert_eq!(public, Public { items: 4, documented: 3, examples: 2 });
}

#[test]
fn an_arrow_goes_to_the_file_that_defines_what_is_named() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\npub use a::Deep;\npub use b::*;\n"),
        ("a/mod.rs", "mod c;\nmod d;\npub(crate) use c::{Deep, Deep as Renamed};\npub(crate) use d as e;\n"),
        ("a/c.rs", "pub struct Deep;\n"),
        ("a/d.rs", "pub fn f() {}\n"),
        ("b.rs", "use http::Method;\nmake!(Made);\n"),
    ];
    for (user, defines) in [
        ("use crate::a::Deep;", "a/c.rs"),
        ("use crate::{a::{Renamed as R}};", "a/c.rs"),
        ("use super::Deep;", "a/c.rs"),
        ("use crate::a::e::f;", "a/d.rs"),
        ("use crate::a::e::{self};", "a/d.rs"),
        ("use crate::b::Made;", "b.rs"),
        ("use crate::Made;", "lib.rs"),
        ("use crate::a; struct S(a::Deep);", "a/c.rs"),
        ("fn f() { crate::a::e::f(); }", "a/d.rs"),
        ("fn f() { use crate::a::e; }", "a/d.rs"),
        ("fn f() { assert!(matches!(x, crate::a::Deep { .. })); }", "a/c.rs"),
        ("fn f() -> Vec<crate::a::Deep> {}", "a/c.rs"),
        ("macro_rules! m { () => { $crate::a::e::f() } }", "a/d.rs"),
    ] {
        assert!(arrows(&files, user).contains(&format!("user.rs -> {defines}")), "{user}");
    }
    for user in [
        "use http::Method;",
        "use a::Deep;",
        "#[cfg(test)] mod tests { use crate::a::Deep; }",
        "/// See [`crate::a::Deep`].\nfn f() {} // crate::a::Deep",
        "pub(in crate::user) fn f() {}",
        "fn f() { self::g(); \"crate::a::Deep\"; }",
    ] {
        assert_eq!(arrows(&files, user), [""; 0], "{user}");
    }
}

#[test]
fn a_reexport_is_an_arrow_of_facades_alone() {
    let sources = sources(&[
        ("lib.rs", "mod a;\n"),
        ("a/mod.rs", "mod b;\npub use b::B;\npub struct A;\n"),
        ("a/b.rs", "use super::A;\npub struct B(A);\n"),
    ]);
    let graphs = draw(&sources, &Modules::new(&sources));
    assert_eq!(graphs.imports.circles(), Vec::<Vec<usize>>::new());
    assert_eq!(graphs.paths.circles(), Vec::<Vec<usize>>::new());
    assert_eq!(graphs.facades.circles(), [[0, 1]]);
}

#[test]
fn circles_are_found_by_imports_and_by_paths_and_the_upward_ones_are_named() {
    let sources = sources(&[
        ("lib.rs", "mod auth;\nmod flow;\nmod a;\nmod b;\n"),
        ("auth.rs", "use crate::flow::begin;\npub struct Auth;\n"),
        ("flow/mod.rs", "mod c;\npub fn begin() { c::go(); }\npub fn refuse() {}\n"),
        ("flow/c.rs", "use super::refuse;\nuse crate::a::A;\npub fn go() {}\n"),
        ("a.rs", "use crate::b::B;\npub struct A;\nfn f(_: crate::auth::Auth) {}\n"),
        ("b.rs", "use crate::a::A;\npub struct B;\n"),
    ]);
    let figures = Report::new("a", &sources).figures();
    assert_eq!((figures["import_circle"], figures["import_circles_of_flow"]), (2, 0));
    assert_eq!((figures["path_circle"], figures["path_circles_of_flow"]), (5, 1));
    assert_eq!(figures["upward_imports"], 1);
}

#[test]
fn a_ceiling_is_above_its_figure_and_not_far_above() {
    let ceilings = parse("# A.\n[a]\ncode = 105 # B.\n\nlongest_file = 400\n[b]\n");
    let with = |code, longest_file| {
        let figures = BTreeMap::from([("code", code), ("longest_file", longest_file)]);
        compare("a", &ceilings["a"], &figures).len()
    };
    assert_eq!(
        [with(105, 400), with(100, 1), with(106, 400), with(99, 400), with(105, 401)],
        [0, 0, 1, 1, 1]
    );
    assert_eq!(compare("a", &ceilings["a"], &BTreeMap::new()).len(), 2);
}

fn lines(text: &str) -> Lines {
    count(&Source::new("a.rs", text), false)
}

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let mut sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Adds `user.rs` to a crate, and returns its arrows.
fn arrows(files: &[(&str, &str)], user: &str) -> Vec<String> {
    let mut files = files.to_vec();
    let root = format!("{}mod user;\n", files[0].1);
    files[0].1 = &root;
    files.push(("user.rs", user));
    let sources = sources(&files);
    let graph = draw(&sources, &Modules::new(&sources)).paths;
    let from = sources.iter().position(|source| source.path == "user.rs").unwrap();
    let name = |to: &usize| format!("user.rs -> {}", sources[*to].path);
    graph.arrows[from].iter().map(name).collect()
}
