//! Sources of a core whose functions are recorded: each calls the recorder, its own body as a second function, and the
//! recorder again.

use crate::side::{DOORS, Side, Wrap};
use std::collections::BTreeMap;
use syn::spanned::Spanned;
use syn::{FnArg, ImplItem, Item, Pat, ReturnType, Signature, Type, Visibility};

/// A function of a source.
struct Function<'a> {
    /// The type that it belongs to; empty where it belongs to none.
    of: String,
    signature: &'a Signature,
    is_public: bool,
    /// Where its text begins.
    start: usize,
    /// Where its body begins, behind the brace.
    body: usize,
}

/// Weaves the recorder into the sources of a core, which are named as below its `src`.
///
/// # Errors
/// If a source does not parse, or a function or source of the side's tables is not there exactly once.
pub(crate) fn weave(side: &Side, sources: &mut BTreeMap<String, String>) -> Result<(), String> {
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (name, text) in sources.iter_mut() {
        let file = syn::parse_file(text).map_err(|error| format!("{name}: {error}"))?;
        let mut insertions = Vec::new();
        for function in file.items.iter().flat_map(functions) {
            if let Some(wrap) = side.wraps.iter().find(|wrap| function.is(wrap.function)) {
                let times = found.entry(wrap.function).or_default();
                *times = times.saturating_add(1);
                insertions.extend(function.wrapped(wrap, text));
            } else if name == DOORS && function.is_public && function.gives_a_value(text) {
                let begin =
                    format!("recorder::Call::numbered(\"{} {}\")", function.of, function.signature.ident);
                let wrap = Wrap { function: ("", ""), before: "", begin: &begin, end: "any" };
                insertions.extend(function.wrapped(&wrap, text));
            }
        }
        *text = insert(text, insertions);
    }
    for wrap in side.wraps {
        let (times, (of, name)) = (found.get(&wrap.function).copied().unwrap_or_default(), wrap.function);
        if times != 1 {
            return Err(format!("the core {} has {of}::{name} {times} times, not once", side.name));
        }
    }
    for (name, addition) in side.additions {
        let text = sources.get_mut(*name).ok_or(format!("the core {} has no {name}", side.name))?;
        text.push_str(addition);
    }
    Ok(())
}

/// The functions of an item, those of traits left out.
fn functions(item: &Item) -> Vec<Function<'_>> {
    let function = |of: &str, start, signature, visibility: &Visibility, block: &syn::Block| Function {
        of: of.to_owned(),
        start,
        signature,
        is_public: matches!(visibility, Visibility::Public(_)),
        body: block.brace_token.span.open().byte_range().end,
    };
    if let Item::Fn(own) = item {
        return vec![function("", own.span().byte_range().start, &own.sig, &own.vis, &own.block)];
    }
    let Item::Impl(block) = item else { return Vec::new() };
    let (Type::Path(of), None) = (block.self_ty.as_ref(), &block.trait_) else { return Vec::new() };
    let of = of.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let own = block.items.iter().filter_map(|item| {
        let ImplItem::Fn(own) = item else { return None };
        Some(function(&of, own.span().byte_range().start, &own.sig, &own.vis, &own.block))
    });
    own.collect()
}

impl Function<'_> {
    fn is(&self, (of, name): (&str, &str)) -> bool {
        self.of == of && self.signature.ident == name
    }

    fn gives_a_value(&self, text: &str) -> bool {
        let ReturnType::Type(_, output) = &self.signature.output else { return false };
        text.get(output.span().byte_range()) != Some("Self")
    }

    /// What stands before the function's own body: calls of the recorder around one of a second function, whose head is the
    /// first one's, and whose body follows.
    fn wrapped(&self, wrap: &Wrap<'_>, text: &str) -> [(usize, String); 2] {
        let name = &self.signature.ident;
        let head = text.get(name.span().byte_range().end..self.body).unwrap_or_default();
        let path = match self.signature.receiver() {
            Some(_) => "self.",
            None if self.of.is_empty() => "",
            None => "Self::",
        };
        let arguments: Vec<String> = self.signature.inputs.iter().filter_map(argument).collect();
        let Wrap { before, begin, end, .. } = wrap;
        let inserted = format!(
            "{before} let recorded_call = crate::{begin}; \
             let recorded_output = {path}{name}_recorded({}); \
             crate::shown::{end}(recorded_call, &recorded_output); recorded_output }} \
             #[allow(warnings)] fn {name}_recorded{head}",
            arguments.join(", ")
        );
        [(self.start, "#[allow(unused_mut)] ".to_owned()), (self.body, inserted)]
    }
}

/// The name of an argument, `self` left out.
fn argument(input: &FnArg) -> Option<String> {
    let FnArg::Typed(input) = input else { return None };
    let Pat::Ident(pattern) = input.pat.as_ref() else { return None };
    Some(pattern.ident.to_string())
}

fn insert(text: &str, mut insertions: Vec<(usize, String)>) -> String {
    insertions.sort_by_key(|(at, _)| *at);
    let (mut woven, mut copied) = (String::new(), 0);
    for (at, inserted) in insertions {
        woven.push_str(text.get(copied..at).unwrap_or_default());
        woven.push_str(&inserted);
        copied = at;
    }
    woven.push_str(text.get(copied..).unwrap_or_default());
    woven
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRAP: Wrap<'static> =
        Wrap { function: ("Auth", "handle"), before: "", begin: "begin(&request)", end: "action" };
    const SIDE: Side = Side { name: "before", wraps: &[WRAP], additions: &[], sources: &[] };

    fn woven(source: &str) -> Result<String, String> {
        let mut sources = BTreeMap::from([("auth.rs".to_owned(), source.to_owned())]);
        weave(&SIDE, &mut sources).map(|()| sources.remove("auth.rs").unwrap_or_default())
    }

    #[test]
    fn a_recorded_function_calls_its_own_body_as_a_second_one() {
        let woven =
            woven("impl Auth { pub fn handle(&self, mut request: R) -> A { body(request) } }").unwrap();
        assert!(woven.contains("let recorded_call = crate::begin(&request);"), "{woven}");
        assert!(woven.contains("let recorded_output = self.handle_recorded(request);"), "{woven}");
        assert!(
            woven.ends_with("fn handle_recorded(&self, mut request: R) -> A { body(request) } }"),
            "{woven}"
        );
    }

    #[test]
    fn a_core_that_lacks_a_recorded_function_or_has_two_is_refused() {
        let function = "impl Auth { fn handle(&self, request: R) -> A { a } }";
        for source in ["impl Auth {}", "fn handle(request: R) -> A { a }", &format!("{function} {function}")]
        {
            assert!(woven(source).is_err(), "{source}");
        }
    }
}
