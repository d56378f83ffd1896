//! Functions with their lengths, and public items with their documentation.

use super::source::Source;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ImplItem, Item, Lit, Meta, Signature, Visibility};

/// A function that ships: free, of an `impl`, or the default of a trait. Those that a macro makes are not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its file and name.
    pub(crate) name: String,
    /// Lines from its signature to its last brace.
    pub(crate) length: usize,
}

/// How many public items there are, and what their documentation has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Public {
    /// Items and methods that are `pub`.
    pub(crate) items: usize,
    /// Those with documentation.
    pub(crate) documented: usize,
    /// Those whose documentation has a block of code.
    pub(crate) examples: usize,
}

/// Adds what a file has.
pub(crate) fn collect(source: &Source, functions: &mut Vec<Function>, public: &mut Public) {
    Collector { source, functions, public }.visit_file(&source.syntax);
}

struct Collector<'a> {
    source: &'a Source,
    functions: &'a mut Vec<Function>,
    public: &'a mut Public,
}

impl Collector<'_> {
    fn function(&mut self, signature: &Signature, block: &Block) {
        let length = block.span().end().line + 1 - signature.span().start().line;
        self.functions.push(Function { name: format!("{}: {}", self.source.path, signature.ident), length });
    }

    fn public(&mut self, visibility: &Visibility, attributes: &[Attribute]) {
        if !matches!(visibility, Visibility::Public(_)) {
            return;
        }
        let docs: String = attributes.iter().filter_map(documentation).collect();
        self.public.items += 1;
        self.public.documented += usize::from(!docs.is_empty());
        self.public.examples += usize::from(docs.contains("```"));
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if self.source.is_test(item.span()) {
            return;
        }
        match item {
            Item::Fn(item) => {
                self.function(&item.sig, &item.block);
                self.public(&item.vis, &item.attrs);
            }
            Item::Const(item) => self.public(&item.vis, &item.attrs),
            Item::Enum(item) => self.public(&item.vis, &item.attrs),
            Item::Static(item) => self.public(&item.vis, &item.attrs),
            Item::Struct(item) => self.public(&item.vis, &item.attrs),
            Item::Trait(item) => self.public(&item.vis, &item.attrs),
            Item::Type(item) => self.public(&item.vis, &item.attrs),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if self.source.is_test(item.span()) {
            return;
        }
        match item {
            ImplItem::Fn(item) => {
                self.function(&item.sig, &item.block);
                self.public(&item.vis, &item.attrs);
            }
            ImplItem::Const(item) => self.public(&item.vis, &item.attrs),
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

/// Returns the text of an attribute that is documentation; `include_str!` counts as an example.
fn documentation(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => Some("```".to_owned()),
    }
}
