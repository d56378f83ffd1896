//! Lines of a file by kind.

use super::source::Source;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// How many lines of a file are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// All of them, blank ones included.
    pub(crate) all: usize,
    /// Lines with a token that belongs neither to documentation nor to tests.
    pub(crate) code: usize,
    /// Lines of documentation: `///`, `//!`, `/** */` and `#[doc = ..]`.
    pub(crate) docs: usize,
    /// Lines with a comment and nothing else.
    pub(crate) comments: usize,
    /// Non-blank lines of items and files for tests, comments included.
    pub(crate) tests: usize,
}

impl std::ops::AddAssign for Lines {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.code += other.code;
        self.docs += other.docs;
        self.comments += other.comments;
        self.tests += other.tests;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Docs,
    Code,
}

/// Counts the lines of a file that ships, or of one that is for tests.
pub(crate) fn count(source: &Source, is_test_file: bool) -> Lines {
    let text: Vec<_> = source.text.lines().collect();
    let mut kinds = vec![Kind::Other; text.len() + 1];
    mark(source.text.parse().expect("Rust"), &mut kinds);
    let mut lines = Lines { all: text.len(), ..Lines::default() };
    for (index, line) in text.iter().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() {
            continue;
        }
        if is_test_file || source.is_test_line(number) {
            lines.tests += 1;
            continue;
        }
        match kinds[number] {
            Kind::Other => lines.comments += 1,
            Kind::Docs => lines.docs += 1,
            Kind::Code => lines.code += 1,
        }
    }
    lines
}

/// Marks the lines of every token. A comment is no token, so its lines keep [`Kind::Other`].
fn mark(stream: TokenStream, kinds: &mut [Kind]) {
    let trees: Vec<_> = stream.into_iter().collect();
    let mut index = 0;
    while let Some(tree) = trees.get(index) {
        index += 1;
        if is_punct(tree, '#') {
            let inner = usize::from(trees.get(index).is_some_and(|tree| is_punct(tree, '!')));
            if let Some(attribute) = trees.get(index + inner).filter(|tree| is_doc(tree)) {
                set(kinds, attribute.span(), Kind::Docs);
                index += inner + 1;
                continue;
            }
        }
        match tree {
            TokenTree::Group(group) => {
                set(kinds, group.span_open(), Kind::Code);
                mark(group.stream(), kinds);
                set(kinds, group.span_close(), Kind::Code);
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                set(kinds, tree.span(), Kind::Code);
            }
        }
    }
}

fn set(kinds: &mut [Kind], span: Span, kind: Kind) {
    for line in &mut kinds[span.start().line..=span.end().line] {
        if *line != Kind::Code {
            *line = kind;
        }
    }
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Tells whether a tree is `[doc = ..]`, which is what every form of documentation is read as.
fn is_doc(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let mut inside = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(inside.next(), Some(TokenTree::Ident(ident)) if ident == "doc")
        && inside.next().is_some_and(|tree| is_punct(&tree, '='))
}
