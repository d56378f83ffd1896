//! Graph of imports between files, and its circles.

use super::modules::{Modules, Reached, imports};
use super::source::Source;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::Visibility;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// An arrow from a file to each one that it names something of, by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Graph {
    /// For each file, those it points to.
    pub(crate) arrows: Vec<BTreeSet<usize>>,
}

impl Graph {
    fn add(&mut self, from: usize, to: usize) {
        if from != to {
            self.arrows[from].insert(to);
        }
    }

    /// Returns the circles: the largest sets of files of which each leads to each, the largest set first.
    pub(crate) fn circles(&self) -> Vec<Vec<usize>> {
        let reached: Vec<_> = (0..self.arrows.len()).map(|file| self.reached(file)).collect();
        let mut circles = BTreeSet::new();
        for file in 0..self.arrows.len() {
            let circle: Vec<_> =
                reached[file].iter().copied().filter(|other| reached[*other].contains(&file)).collect();
            circles.insert((std::cmp::Reverse(circle.len()), circle));
        }
        circles.into_iter().map(|(_, circle)| circle).filter(|circle| circle.len() > 1).collect()
    }

    fn reached(&self, file: usize) -> BTreeSet<usize> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(file) = open.pop() {
            open.extend(self.arrows[file].iter().filter(|next| reached.insert(**next)));
        }
        reached
    }
}

/// The arrows of a crate, drawn in three ways.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Graphs {
    /// To the file that defines what an import names; re-exports are followed, and are no imports.
    pub(crate) imports: Graph,
    /// The same, and to what a path in an item or a macro names.
    pub(crate) paths: Graph,
    /// To the module that an import or a path takes a name from, which may re-export it; re-exports are imports.
    pub(crate) facades: Graph,
}

/// Draws the graphs of what ships.
pub(crate) fn draw(sources: &[Source], modules: &Modules<'_>) -> Graphs {
    let empty = || Graph { arrows: vec![BTreeSet::new(); sources.len()] };
    let graphs = Graphs { imports: empty(), paths: empty(), facades: empty() };
    let mut collector = Collector { sources, modules, module: 0, graphs };
    for (id, module) in modules.all.iter().enumerate().filter(|(_, module)| !module.is_test) {
        collector.module = id;
        module.items.iter().for_each(|item| collector.visit_item(item));
    }
    collector.graphs
}

struct Collector<'a> {
    sources: &'a [Source],
    modules: &'a Modules<'a>,
    module: usize,
    graphs: Graphs,
}

impl Collector<'_> {
    /// Adds what a path names. One name alone is as often a variable as a module, so it counts as an item only.
    fn add(&mut self, path: &[String]) {
        if let Some(reached) = self.modules.resolve(self.module, path)
            && (path.len() > 1 || !reached.is_module())
        {
            let from = self.modules.all[self.module].source;
            self.graphs.paths.add(from, reached.defines);
            self.graphs.facades.add(from, reached.facade);
        }
    }

    fn import(&mut self, path: &[String], is_reexport: bool) {
        if let Some(Reached { defines, facade, .. }) = self.modules.resolve(self.module, path) {
            let from = self.modules.all[self.module].source;
            self.graphs.facades.add(from, facade);
            if !is_reexport {
                self.graphs.imports.add(from, defines);
                self.graphs.paths.add(from, defines);
            }
        }
    }

    fn is_test(&self, span: proc_macro2::Span) -> bool {
        self.sources[self.modules.all[self.module].source].is_test(span)
    }

    /// Reads paths out of the tokens of a macro.
    fn tokens(&mut self, stream: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for tree in stream {
            match tree {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        self.add(&path);
                        path.clear();
                    }
                    path.push(ident.unraw().to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(_) | TokenTree::Literal(_) => colons = 0,
                TokenTree::Group(group) => {
                    colons = 0;
                    self.tokens(group.stream());
                }
            }
        }
        self.add(&path);
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        // A module's items are visited as that module's.
        if !self.is_test(item.span()) && !matches!(item, syn::Item::Mod(_)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        if !self.is_test(item.span()) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if !self.is_test(statement.span()) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        imports(&item.tree).iter().for_each(|import| self.import(&import.path, is_reexport));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        if path.leading_colon.is_none() {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }

    /// `pub(in path)` and attributes name nothing that is used.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
