//! Source files of a crate: read, parsed, and divided into shipped code and tests.

use proc_macro2::Span;
use std::path::Path;
use syn::Attribute;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One file of a crate.
pub(crate) struct Source {
    /// Its path below `src`, with `/` between folders.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its syntax tree.
    pub(crate) syntax: syn::File,
    /// First and last line of each item, field, variant, arm or statement under `#[cfg(test)]`.
    tests: Vec<(usize, usize)>,
}

impl Source {
    /// Parses a file.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut finder = Finder { open: Vec::new(), found: Vec::new() };
        if syntax.attrs.iter().any(is_cfg_test) {
            finder.found.push((1, usize::MAX));
        }
        finder.visit_file(&syntax);
        Self { path: path.to_owned(), text: text.to_owned(), syntax, tests: finder.found }
    }

    /// Tells whether a line, counted from 1, belongs to an item for tests.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.tests.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// Tells whether syntax belongs to an item for tests.
    pub(crate) fn is_test(&self, span: Span) -> bool {
        self.is_test_line(span.start().line)
    }
}

/// Reads every Rust file below a folder, in the order of their paths.
pub(crate) fn read(folder: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    read_below(folder, "", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn read_below(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_below(&entry.path(), &format!("{path}/"), sources);
        } else if path.ends_with(".rs") {
            sources.push(Source::new(&path, &std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Finds the code under `#[cfg(test)]`. An attribute belongs to the innermost open piece of syntax.
struct Finder {
    open: Vec<Span>,
    found: Vec<(usize, usize)>,
}

impl Finder {
    fn within(&mut self, span: Span, visit: impl FnOnce(&mut Self)) {
        self.open.push(span);
        visit(self);
        self.open.pop();
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if is_cfg_test(attribute)
            && let Some(span) = self.open.last()
        {
            self.found.push((span.start().line, span.end().line));
        }
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.within(item.span(), |finder| visit::visit_item(finder, item));
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        self.within(item.span(), |finder| visit::visit_impl_item(finder, item));
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        self.within(item.span(), |finder| visit::visit_trait_item(finder, item));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.within(field.span(), |finder| visit::visit_field(finder, field));
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        self.within(field.span(), |finder| visit::visit_field_value(finder, field));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.within(variant.span(), |finder| visit::visit_variant(finder, variant));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.within(arm.span(), |finder| visit::visit_arm(finder, arm));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.within(statement.span(), |finder| visit::visit_stmt(finder, statement));
    }
}

/// Tells whether an attribute keeps code for tests: `cfg(test)`, or `cfg(all(test, ..))`.
fn is_cfg_test(attribute: &Attribute) -> bool {
    if !attribute.path().is_ident("cfg") {
        return false;
    }
    let mut is_test = false;
    // What is no list of names, such as `feature = "fuzzing"` and `not(..)`, ends the parsing and is no test.
    let _ = attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("test") {
            is_test = true;
        } else if meta.path.is_ident("all") {
            meta.parse_nested_meta(|inner| {
                is_test |= inner.path.is_ident("test");
                if inner.input.peek(syn::Token![=]) {
                    inner.value()?.parse::<syn::Expr>()?;
                }
                Ok(())
            })?;
        }
        Ok(())
    });
    is_test
}
