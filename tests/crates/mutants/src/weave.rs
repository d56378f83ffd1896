//! Weaving of many mutants into one source.
//!
//! Each mutant is a branch that a number switches on. Operators, guards, arms, fields and bodies are wrapped in place,
//! so the text between them does not change.

use proc_macro2::Span;
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, BinOp, Expr, ExprBinary, ExprStruct, ExprUnary, Member, Pat, PatGuard, UnOp};

/// A change of one place, as cargo-mutants lists it.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    /// From 1: what switches it on.
    pub(crate) number: u32,
    /// Path of the source, from the root of the workspace.
    pub(crate) file: String,
    /// Its name in cargo-mutants.
    pub(crate) name: String,
    /// Its kind: `FnValue`, `BinaryOperator`, `UnaryOperator`, `MatchArm`, `MatchArmGuard` or `StructField`.
    pub(crate) genre: String,
    /// The replacement.
    pub(crate) replacement: String,
    /// Line from 1, column from 1, of the first character of what is replaced.
    pub(crate) start: (usize, usize),
}

/// A source with its mutants, and where in it each one's own text is.
#[derive(Debug, Default)]
pub(crate) struct Woven {
    /// The source.
    pub(crate) text: String,
    /// Byte ranges of the inserted text, with the mutants that it belongs to.
    pub(crate) places: Vec<(Range<usize>, Vec<u32>)>,
}

/// Text that goes in at an offset. Of those at one offset, ends come first, inner ones before outer ones; then beginnings,
/// outer ones before inner ones.
struct Insertion {
    at: usize,
    rank: (u8, isize, isize),
    over: usize,
    text: String,
    numbers: Vec<u32>,
}

/// Weaves the mutants of one file into its source; those it has no way for (constants, opaque types) are left out.
///
/// # Errors
/// If the source does not parse.
pub(crate) fn weave(source: &str, mutants: &[&Mutant]) -> Result<Woven, syn::Error> {
    let file = syn::parse_file(source)?;
    let mut weaver = Weaver { source, by_start: BTreeMap::new(), insertions: Vec::new(), constant: 0 };
    for mutant in mutants {
        weaver.by_start.entry((mutant.genre.as_str(), mutant.start)).or_default().push(mutant);
    }
    weaver.visit_file(&file);
    let mut insertions = weaver.insertions;
    insertions.sort_by_key(|insertion| (insertion.at, insertion.rank));
    let mut woven = Woven::default();
    let mut copied = 0;
    for insertion in insertions {
        woven.text.push_str(source.get(copied..insertion.at).unwrap_or_default());
        let begin = woven.text.len();
        woven.text.push_str(&insertion.text);
        woven.places.push((begin..woven.text.len(), insertion.numbers));
        copied = insertion.at.saturating_add(insertion.over);
    }
    woven.text.push_str(source.get(copied..).unwrap_or_default());
    Ok(woven)
}

struct Weaver<'a> {
    source: &'a str,
    by_start: BTreeMap<(&'a str, (usize, usize)), Vec<&'a Mutant>>,
    insertions: Vec<Insertion>,
    constant: usize,
}

fn on(mutant: &Mutant) -> String {
    format!("crate::switch::on({})", mutant.number)
}

fn numbers(mutants: &[&Mutant]) -> Vec<u32> {
    mutants.iter().map(|mutant| mutant.number).collect()
}

fn place(span: Span) -> (usize, usize) {
    let start = span.start();
    (start.line, start.column.saturating_add(1))
}

impl<'a> Weaver<'a> {
    fn take(&mut self, genre: &'static str, span: Span) -> Vec<&'a Mutant> {
        if self.constant > 0 {
            Vec::new()
        } else {
            self.by_start.remove(&(genre, place(span))).unwrap_or_default()
        }
    }

    /// Text before and after a range.
    fn wrap(&mut self, range: Range<usize>, before: String, after: String, numbers: &[u32]) {
        let (outward, inward) = (isize::try_from(range.end), isize::try_from(range.start));
        let (Ok(outward), Ok(inward)) = (outward, inward) else { return };
        // Of two around one range, the one that is made first is the outer one.
        let order = self.insertions.len().try_into().unwrap_or(isize::MAX);
        self.insert(range.start, (1, outward.saturating_neg(), order), before, numbers);
        self.insert(range.end, (0, inward.saturating_neg(), order.saturating_neg()), after, numbers);
    }

    fn insert(&mut self, at: usize, rank: (u8, isize, isize), text: String, numbers: &[u32]) {
        self.insertions.push(Insertion { at, rank, over: 0, text, numbers: numbers.to_vec() });
    }

    fn replace(&mut self, range: Range<usize>, text: String, numbers: &[u32]) {
        let over = range.len();
        self.insertions.push(Insertion {
            at: range.start,
            rank: (2, 0, 0),
            over,
            text,
            numbers: numbers.to_vec(),
        });
    }

    fn text(&self, span: Span) -> &'a str {
        self.source.get(span.byte_range()).unwrap_or_default()
    }

    fn body(&mut self, block: &syn::Block, opaque: bool) {
        let Some(first) = block.stmts.first() else { return };
        let span = first.span();
        for mutant in self.take("FnValue", span) {
            if opaque {
                continue;
            }
            let text = format!("if {} {{ return {}; }} ", on(mutant), mutant.replacement);
            self.insert(span.byte_range().start, (1, isize::MIN, 0), text, &[mutant.number]);
        }
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block, inner: impl FnOnce(&mut Self)) {
        let constant = usize::from(signature.constness.is_some());
        self.constant = self.constant.saturating_add(constant);
        let opaque = self.text(signature.output.span()).contains("impl ");
        self.body(block, opaque);
        inner(self);
        self.constant = self.constant.saturating_sub(constant);
    }

    fn constant(&mut self, inner: impl FnOnce(&mut Self)) {
        self.constant = self.constant.saturating_add(1);
        inner(self);
        self.constant = self.constant.saturating_sub(1);
    }
}

/// Where the first statement of a body begins, which is where its `FnValue` mutants are.
pub(crate) fn first_statement(block: &syn::Block) -> Option<(usize, usize)> {
    block.stmts.first().map(|first| place(first.span()))
}

/// Whether a module is compiled for tests alone.
pub(crate) fn is_for_tests(item: &syn::ItemMod) -> bool {
    item.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

/// Whether an expression is a chain of conditions that bind names, whose `&&` is no operator.
fn has_let(expression: &Expr) -> bool {
    if let Expr::Binary(binary) = expression {
        return matches!(binary.op, BinOp::And(_)) && (has_let(&binary.left) || has_let(&binary.right));
    }
    matches!(expression, Expr::Let(_))
}

/// `)) { (l, r) => if on(1) { l == r } else if on(2) { l > r } else { l < r } })`: the end of a match over both sides.
fn choice(mutants: &[&Mutant], left: &str, own: &str) -> String {
    let other = |mutant: &&Mutant| format!("if {} {{ {left} {} r }} else ", on(mutant), mutant.replacement);
    let others: String = mutants.iter().map(other).collect();
    format!(")) {{ (l, r) => {others}{{ {left} {own} r }} }})")
}

impl<'a> Visit<'a> for Weaver<'_> {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.sig, &item.block, |weaver| visit::visit_item_fn(weaver, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.function(&item.sig, &item.block, |weaver| visit::visit_impl_item_fn(weaver, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        match &item.default {
            Some(block) => self.function(&item.sig, block, |weaver| visit::visit_trait_item_fn(weaver, item)),
            None => visit::visit_trait_item_fn(self, item),
        }
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.constant(|weaver| visit::visit_item_const(weaver, item));
    }

    fn visit_impl_item_const(&mut self, item: &'a syn::ImplItemConst) {
        self.constant(|weaver| visit::visit_impl_item_const(weaver, item));
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        self.constant(|weaver| visit::visit_item_static(weaver, item));
    }

    fn visit_expr_const(&mut self, item: &'a syn::ExprConst) {
        self.constant(|weaver| visit::visit_expr_const(weaver, item));
    }

    fn visit_type(&mut self, item: &'a syn::Type) {
        self.constant(|weaver| visit::visit_type(weaver, item));
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if !is_for_tests(item) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'a ExprBinary) {
        let chained = has_let(&binary.left) || has_let(&binary.right);
        let mutants = if chained { Vec::new() } else { self.take("BinaryOperator", binary.op.span()) };
        if let [first, ..] = mutants.as_slice() {
            let (own, numbers, first) = (self.text(binary.op.span()), numbers(&mutants), on(first));
            let (before, between, after) = match own {
                "&&" => ("(if (".into(), format!(") ^ {first} {{"), format!("}} else {{ {first} }})")),
                "||" => ("(if (".into(), format!(") ^ {first} {{ !{first} }} else {{"), "})".into()),
                "==" | "!=" => ("((".into(), own.to_owned(), format!(") ^ {first})")),
                "<" | "<=" | ">" | ">=" => ("(match (&(".into(), "), &(".into(), choice(&mutants, "l", own)),
                assigns if assigns.ends_with('=') => {
                    ("(match (&mut (".into(), "), (".into(), choice(&mutants, "*l", own))
                }
                _ => ("(match ((".into(), "), (".into(), choice(&mutants, "l", own)),
            };
            self.wrap(binary.span().byte_range(), before, after, &numbers);
            self.replace(binary.op.span().byte_range(), between, &numbers);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a ExprUnary) {
        let span = unary.op.span();
        if matches!(unary.op, UnOp::Not(_)) {
            for mutant in self.take("UnaryOperator", span) {
                self.wrap(
                    unary.span().byte_range(),
                    "((".into(),
                    format!(") ^ {})", on(mutant)),
                    &[mutant.number],
                );
            }
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_arm(&mut self, arm: &'a Arm) {
        let deleted = self.take("MatchArm", arm.span());
        let Pat::Guard(PatGuard { guard, .. }) = &arm.pat else {
            for mutant in deleted {
                let text = format!(" if !{}", on(mutant));
                self.insert(arm.pat.span().byte_range().end, (0, 0, 0), text, &[mutant.number]);
            }
            return visit::visit_arm(self, arm);
        };
        for mutant in deleted {
            let before = format!("!{} && (", on(mutant));
            self.wrap(guard.span().byte_range(), before, ")".into(), &[mutant.number]);
        }
        for mutant in self.take("MatchArmGuard", guard.span()) {
            let before = if mutant.replacement == "true" {
                format!("({} || ", on(mutant))
            } else {
                format!("(!{} && ", on(mutant))
            };
            self.wrap(guard.span().byte_range(), before + "(", "))".into(), &[mutant.number]);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, item: &'a ExprStruct) {
        if let Some(rest) = &item.rest {
            let rest = self.text(rest.span());
            let path = self.text(item.path.span());
            for field in &item.fields {
                let (Member::Named(name), span) = (&field.member, field.span()) else { continue };
                for mutant in self.take("StructField", span) {
                    let default = if rest == "Default::default()" {
                        format!("<{path}>::default()")
                    } else {
                        format!("({rest})")
                    };
                    let label = if field.colon_token.is_none() { format!("{name}: ") } else { String::new() };
                    let before = format!("{label}if {} {{ {default}.{name} }} else {{ ", on(mutant));
                    self.wrap(field.expr.span().byte_range(), before, " }".into(), &[mutant.number]);
                }
            }
        }
        visit::visit_expr_struct(self, item);
    }
}

#[cfg(test)]
#[path = "weave_tests.rs"]
mod tests;
