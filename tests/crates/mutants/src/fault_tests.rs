//! Tests of faults: a fault changes one function, and one that does not fit its source is an error.

use super::*;

const SOURCE: &str = "\
struct A;
impl A {
    fn new() -> Self {
        A
    }
    async fn is_sound(&self, a: u8) -> Result<bool, u8> {
        let sound = self
            .check(a)
            .await?;
        Ok(sound && a > 1)
    }
}
impl B {
    fn new() -> Self { B }
}
fn is_sound(a: u8) -> bool { a > 1 && a > 2 }
fn nothing() {}
#[cfg(test)]
mod tests { fn nothing() { f() } }
";

fn parse(text: &str) -> Result<Fault, String> {
    Fault::parse("a_fault", text)
}

/// Changes a function of the source, and returns the body that it gets.
fn changed(function: &str, changes: &str) -> Result<String, String> {
    let fault = parse(&format!("# Why.\nfile: a.rs\nfn: {function}\n{changes}"))?;
    let mutant = fault.mutant(7, SOURCE)?;
    let woven = crate::weave::weave(SOURCE, &[&mutant]).unwrap();
    syn::parse_file(&woven.text).unwrap();
    assert!(woven.text.contains(&format!("if crate::switch::on(7) {{ return {}; }} ", mutant.replacement)));
    Ok(mutant.replacement.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn every_fault_fits_the_core() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mutants = mutants(&root, &[]).unwrap_or_else(|misfits| panic!("{misfits}"));
    for mutant in mutants {
        let source = std::fs::read_to_string(root.join(&mutant.file)).unwrap();
        let woven = crate::weave::weave(&source, &[&mutant]).unwrap();
        assert!(!woven.places.is_empty(), "{}: its function has no switch", mutant.name);
    }
}

#[test]
fn a_fault_changes_one_body() {
    for (function, changes, expected) in [
        ("A::new", "-A\n+A {}", "{ A {} }"),
        ("B::new", "-    B\n+    B::default()", "{ B::default() }"),
        ("is_sound", "-a > 2\n+true", "{ a > 1 && true }"),
        ("is_sound", "-&& a>2", "{ a > 1  }"),
        ("is_sound", "-a > 2\n+c\n-a > 1\n+b", "{ b && c }"),
        (
            "A::is_sound",
            "-let sound = self.check(a).await?;\n+let sound =\n+    true;",
            "{ let sound = true; Ok(sound && a > 1) }",
        ),
    ] {
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(changed(function, changes), Ok(expected));
    }
}

#[test]
fn a_fault_that_does_not_fit_says_why() {
    for (function, changes, why) in [
        ("is_sound", "-a > 3\n+true", "`a > 3` occurs 0 times in its body, not once"),
        ("is_sound", "-a >\n+a ==", "`a >` occurs 2 times in its body, not once"),
        ("is_sound", "-a > 1 && a\n+b\n-a > 2\n+c", "two of its changes overlap"),
        ("new", "-A\n+B", "0 functions of that name, not one"),
        ("nothing", "-f\n+g", "its body is empty"),
    ] {
        assert_eq!(changed(function, changes), Err(format!("a_fault: a.rs, fn {function}: {why}")));
    }
    let twice = SOURCE.replace("impl B", "impl A");
    let fault = parse("file: a.rs\nfn: A::new\n-A\n+B").unwrap();
    let why = "a_fault: a.rs, fn A::new: 2 functions of that name, not one";
    assert_eq!(fault.mutant(7, &twice).unwrap_err(), why);
}

#[test]
fn a_file_that_is_no_fault_is_refused() {
    for text in [
        "",
        "file: a\n-b\n+c",
        "fn: a\n-b\n+c",
        "file: a\nfn: b",
        "file: a\nfn: b\n+c\n-d",
        "file: a\nfn: b\n- \n+c",
        "a",
    ] {
        assert!(parse(text).unwrap_err().starts_with("a_fault: "), "{text}");
    }
}
