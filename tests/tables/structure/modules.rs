//! Modules of a crate, and the file that defines a path's item.

use super::source::Source;
use std::collections::BTreeMap;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta, UseTree};

/// Longer chains of re-exports than this are circles.
const MOST_REEXPORTS: usize = 16;

/// A module: a file, or an inline module of one.
pub(crate) struct Module<'a> {
    /// Index of its file.
    pub(crate) source: usize,
    /// Its items.
    pub(crate) items: &'a [Item],
    /// Whether it is compiled for tests alone.
    pub(crate) is_test: bool,
    parent: Option<usize>,
    names: BTreeMap<String, Vec<Target>>,
    globs: Vec<Vec<String>>,
}

/// Meaning of a name in a module.
#[derive(Clone, Debug)]
enum Target {
    Module(usize),
    Item,
    Import(Vec<String>),
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// File that defines what the path names.
    pub(crate) defines: usize,
    /// File of the module that the path names it in, which may re-export it.
    pub(crate) facade: usize,
    module: Option<usize>,
}

impl Reached {
    /// Tells whether the path names a module and nothing of it.
    pub(crate) fn is_module(&self) -> bool {
        self.module.is_some()
    }
}

/// Every module of a crate, the root first.
pub(crate) struct Modules<'a> {
    /// The modules.
    pub(crate) all: Vec<Module<'a>>,
}

impl<'a> Modules<'a> {
    /// Follows the declarations from `lib.rs`, or `main.rs`. The process of a crate that has both declares no modules.
    pub(crate) fn new(sources: &'a [Source]) -> Self {
        let mut modules = Self { all: Vec::new() };
        let root = find(sources, &["lib.rs", "main.rs"].map(str::to_owned));
        modules.declare(sources, (root, ""), &sources[root].syntax.items, None, false);
        let main = sources.iter().position(|source| source.path == "main.rs");
        if let Some(main) = main.filter(|main| *main != root) {
            modules.declare(sources, (main, ""), &sources[main].syntax.items, None, false);
        }
        modules
    }

    fn declare(
        &mut self,
        sources: &'a [Source],
        (source, folder): (usize, &str),
        items: &'a [Item],
        parent: Option<usize>,
        is_test: bool,
    ) -> usize {
        let id = self.all.len();
        let (names, globs) = (BTreeMap::new(), Vec::new());
        self.all.push(Module { source, items, is_test, parent, names, globs });
        for item in items {
            let is_test = is_test || sources[source].is_test(item.span());
            if let Item::Use(import) = item {
                imports(&import.tree).into_iter().for_each(|import| self.import(id, import));
                continue;
            }
            let Some(name) = name(item) else { continue };
            let mut target = Target::Item;
            if let Item::Mod(module) = item {
                let below = format!("{folder}{name}/");
                let child = match &module.content {
                    Some((_, items)) => self.declare(sources, (source, &below), items, Some(id), is_test),
                    None => self.declare_file(sources, (source, folder), module, id, is_test),
                };
                target = Target::Module(child);
            }
            self.all[id].names.entry(name).or_default().push(target);
        }
        id
    }

    /// Declares a module that is a file of its own.
    fn declare_file(
        &mut self,
        sources: &'a [Source],
        (source, folder): (usize, &str),
        module: &'a ItemMod,
        parent: usize,
        is_test: bool,
    ) -> usize {
        let name = module.ident.unraw().to_string();
        let file = match module.attrs.iter().find_map(path_attribute) {
            Some(path) => {
                let beside = sources[source].path.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
                find(sources, &[beside.unwrap_or_default() + &path])
            }
            None => find(sources, &[format!("{folder}{name}.rs"), format!("{folder}{name}/mod.rs")]),
        };
        // One file may be declared twice, under conditions that exclude each other.
        let declared = self.all.iter().position(|module| module.source == file);
        declared.unwrap_or_else(|| {
            let below = format!("{folder}{name}/");
            self.declare(sources, (file, &below), &sources[file].syntax.items, Some(parent), is_test)
        })
    }

    fn import(&mut self, id: usize, Import { path, name }: Import) {
        match name.as_deref() {
            None => self.all[id].globs.push(path),
            // A name does not come from itself, so this is of a crate of the same name.
            Some(name) if path.first().is_some_and(|first| first == name) => {}
            Some("_") => {}
            Some(name) => {
                self.all[id].names.entry(name.to_owned()).or_default().push(Target::Import(path));
            }
        }
    }

    /// Resolves a path from a module. `None` where it names another crate, or what is local to a function.
    pub(crate) fn resolve(&self, module: usize, path: &[String]) -> Option<Reached> {
        self.follow(module, path, 0)
    }

    fn follow(&self, module: usize, path: &[String], depth: usize) -> Option<Reached> {
        let mut path = path.iter().peekable();
        let mut current = module;
        let mut is_inside = false;
        while let Some(first) = path.peek() {
            current = match first.as_str() {
                "crate" | "$crate" => 0,
                "self" => current,
                "super" => self.all[current].parent?,
                _ => break,
            };
            is_inside = true;
            path.next();
        }
        while let Some(segment) = path.next() {
            let here = self.all[current].source;
            let Some(target) = self.lookup(current, segment, path.peek().is_none(), depth) else {
                // A name that no item declares is one that a macro makes.
                return is_inside.then_some(Reached { defines: here, facade: here, module: None });
            };
            is_inside = true;
            match target {
                Target::Module(child) => current = child,
                Target::Item => return Some(Reached { defines: here, facade: here, module: None }),
                Target::Import(path) if depth == MOST_REEXPORTS => panic!("{path:?} re-exports itself"),
                Target::Import(imported) => {
                    let reached = self.follow(current, &imported, depth + 1)?;
                    match reached.module {
                        Some(module) => current = module,
                        None => return Some(Reached { facade: here, ..reached }),
                    }
                }
            }
        }
        let here = self.all[current].source;
        is_inside.then_some(Reached { defines: here, facade: here, module: Some(current) })
    }

    /// Resolves a name: to a module inside a path, and to an item at its end.
    fn lookup(&self, module: usize, name: &str, is_last: bool, depth: usize) -> Option<Target> {
        let rank = |target: &&Target| match (target, is_last) {
            (Target::Module(_), false) | (Target::Item, true) => 0,
            (Target::Import(_), _) => 1,
            (Target::Module(_), true) | (Target::Item, false) => 2,
        };
        if let Some(targets) = self.all[module].names.get(name) {
            return targets.iter().min_by_key(rank).cloned();
        }
        self.all[module].globs.iter().filter(|_| depth < MOST_REEXPORTS).find_map(|glob| {
            let inside = self.follow(module, glob, depth + 1)?.module?;
            self.lookup(inside, name, is_last, depth + 1)?;
            Some(Target::Import([glob.clone(), vec![name.to_owned()]].concat()))
        })
    }
}

/// One name that an import brings in; none for `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// The path as it is written.
    pub(crate) path: Vec<String>,
    name: Option<String>,
}

/// Lists what an import brings in.
pub(crate) fn imports(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    flatten(tree, Vec::new(), &mut found);
    found
}

fn flatten(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<Import>) {
    let (last, name) = match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.unraw().to_string());
            return flatten(&inner.tree, path, found);
        }
        UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| flatten(tree, path.clone(), found));
        }
        UseTree::Glob(_) => return found.push(Import { path, name: None }),
        UseTree::Name(name) => (&name.ident, &name.ident),
        UseTree::Rename(rename) => (&rename.ident, &rename.rename),
    };
    let mut name = name.unraw().to_string();
    if last != "self" {
        path.push(last.unraw().to_string());
    } else if name == "self" {
        name = path.last().cloned().unwrap_or_default();
    }
    found.push(Import { path, name: Some(name) });
}

/// Returns the name that an item declares.
fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

/// Returns the text of `#[path = ".."]`.
fn path_attribute(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    pair.path.is_ident("path").then(|| text.value())
}

fn find(sources: &[Source], paths: &[String]) -> usize {
    let found = sources.iter().position(|source| paths.contains(&source.path));
    found.unwrap_or_else(|| panic!("no file {}", paths.join(" or ")))
}
