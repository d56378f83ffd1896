//! Purity of the core and of the crates around it.
//!
//! No path, import, macro or signature of their sources reaches a clock, a file or a socket.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// Modules of the standard library through which a program reads or changes the world, and whole crates likewise.
const MODULES: [&str; 17] = [
    "std::net",
    "std::fs",
    "std::env",
    "std::thread",
    "std::process",
    "std::os",
    "std::io",
    "std::random",
    "std::sync::atomic",
    "std::sync::mpsc",
    "std::backtrace",
    "tokio",
    "hyper",
    "reqwest",
    "rand",
    "getrandom",
    "ring::rand",
];

/// Names of clocks, random sources, locks and unordered collections, wherever they are imported from.
const NAMES: [&str; 17] = [
    "SystemTime",
    "Instant",
    "SystemRandom",
    "now_utc",
    "now_local",
    "RandomState",
    "HashMap",
    "HashSet",
    "Mutex",
    "RwLock",
    "OnceLock",
    "LazyLock",
    "Once",
    "Condvar",
    "Cell",
    "RefCell",
    "UnsafeCell",
];

/// Macros that print, or keep state of a thread.
const MACROS: [&str; 6] = ["print", "println", "eprint", "eprintln", "dbg", "thread_local"];

/// Names of the machinery behind `async`, from wherever they come. [`ENGINE`] alone may use them.
const MACHINERY: [&str; 10] =
    ["Future", "IntoFuture", "Poll", "Context", "Waker", "Wake", "RawWaker", "pin", "poll_fn", "futures"];

/// The file that runs the flows. It may use [`MACHINERY`], and the one lock of the core.
const ENGINE: &str = "flow/io.rs";
/// The file of aura-replay that has a `HashMap`, with a hasher of its own.
const HASHES: &str = "stand_ins.rs";
/// The folder whose functions may be `async`.
const FLOWS: &str = "flow/";

#[test]
fn the_core_reads_no_clock_no_environment_no_file_and_no_socket() {
    let (files, found) = read("aura-proto/src", Place::of);
    assert!(files > 55, "the core has many files");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_crates_around_the_core_read_none_of_them_either() {
    for (folder, least) in [
        ("aura-proto/oauth/src", 25),
        ("aura-proto/session/src", 45),
        ("aura-proto/jose/src", 10),
        ("aura-proto/types/src", 5),
        ("aura-proto/client/src", 8),
    ] {
        let (files, found) = read(folder, |_| Place::Elsewhere);
        assert!(files > least, "{folder} has several files");
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn aura_replay_reads_none_of_them_either() {
    let (files, found) = read("aura-proto/replay/src", |path| {
        if path == Path::new(HASHES) { Place::Hashes } else { Place::Elsewhere }
    });
    assert!(files > 8, "it has several files");
    assert!(found.is_empty(), "{found:#?}");
}

/// The tests of races see no lock, atomic or channel from elsewhere.
#[test]
fn aura_host_has_its_locks_and_atomics_from_one_file() {
    let (_, found) = read("adapters/host/src", |_| Place::Elsewhere);
    let is_lock = |line: &&String| {
        let what = line.rsplit_once(": ").map(|(_, what)| what).unwrap_or_default();
        ["std", "std::*"].contains(&what) || what.starts_with("std::sync")
    };
    let (own, others): (Vec<_>, Vec<_>) =
        found.iter().filter(is_lock).partition(|line| line.contains("/src/threads.rs: "));
    assert!(!own.is_empty(), "{found:#?}");
    let others: Vec<_> = others.iter().filter(|line| !line.contains("/src/races/")).collect();
    assert!(others.is_empty(), "{others:#?}");
}

/// Counts the files of a folder of sources, and lists what they have that the core may not.
fn read(folder: &str, place: impl Fn(&Path) -> Place) -> (usize, Vec<String>) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let files = files(&source);
    let mut found = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let place = place(file.strip_prefix(&source).unwrap());
        found.extend(impurities(&text, place).into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    (files.len(), found)
}

#[test]
fn every_way_to_reach_the_world_is_seen() {
    for text in [
        "use std::net::TcpStream;",
        "use std::{fmt, fs::File};",
        "use std::{time::{Duration, SystemTime}};",
        "use std::time as t; fn f() { t::Instant::now(); }",
        "use std::*;",
        "use std;",
        "use std as s;",
        "use core::*;",
        "fn f() { ::std::env::var(\"A\"); }",
        "fn f() -> std::fs::File { todo!() }",
        "async fn f() {}",
        "fn f() { async {}; }",
        "fn f() { g(async || ()); }",
        "async fn f() { g().await }",
        "fn f() { std::thread::spawn(g); }",
        "fn f(m: &std::sync::Mutex<u8>) {}",
        "fn f() { assert!(std::env::args().count() > 1); }",
        "fn f() { println!(\"a\"); }",
        "static COUNT: AtomicU8 = AtomicU8::new(0);",
        "fn f() { OffsetDateTime::now_utc(); }",
        "extern crate std as world;",
        "use ring::rand::SystemRandom;",
        "unsafe extern \"C\" { fn time(); }",
    ] {
        assert!(!impurities(text, Place::Elsewhere).is_empty(), "{text}");
    }
    for text in [
        "use std::{fmt, sync::Arc, time::Duration, collections::BTreeMap};",
        "use core::net::IpAddr;",
        "const VERSION: &str = env!(\"CARGO_PKG_VERSION\");",
        "#[cfg(test)] mod tests { use std::fs; }",
        "/// Never std::fs::read.\nfn f() {} // nor SystemTime::now()",
        "fn now(now: u64) -> u64 { now }",
    ] {
        assert_eq!(impurities(text, Place::Elsewhere), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn flows_may_await_and_the_engine_alone_may_poll_and_lock() {
    let flow = "async fn f(io: &Io) { io.ask(Question).await; let g = async move || (); async {}.await }";
    assert_eq!(impurities(flow, Place::Flow), Vec::<String>::new());
    for text in [
        "use std::future::Future;",
        "use std::task::{Context, Poll};",
        "use core::pin::pin;",
        "fn f() { std::future::poll_fn(g); }",
        "use futures::join;",
        "use std::sync::Mutex;",
        "use std::thread;",
    ] {
        assert!(!impurities(text, Place::Flow).is_empty(), "{text}");
        assert!(!impurities(text, Place::Elsewhere).is_empty(), "{text}");
    }
    let engine = "use std::task::{Context, Poll, Waker}; use std::sync::Mutex; use std::future::poll_fn;";
    assert_eq!(impurities(engine, Place::Engine), Vec::<String>::new());
    for text in
        ["use std::thread;", "use std::sync::OnceLock;", "use tokio::spawn;", "use std::time::Instant;"]
    {
        assert!(!impurities(text, Place::Engine).is_empty(), "{text}");
    }
}

/// Kind of a file of the core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The engine of the flows.
    Engine,
    /// A flow.
    Flow,
    /// A file with a hasher of its own.
    Hashes,
    /// Anything else.
    #[default]
    Elsewhere,
}

impl Place {
    fn of(path: &Path) -> Self {
        match path.to_str().unwrap() {
            ENGINE => Self::Engine,
            path if path.starts_with(FLOWS) => Self::Flow,
            _ => Self::Elsewhere,
        }
    }
}

/// Returns what a source has that the core may not.
fn impurities(text: &str, place: Place) -> Vec<String> {
    let mut finder = Finder { place, ..Finder::default() };
    finder.visit_file(&syn::parse_file(text).expect("Rust"));
    finder.found
}

#[derive(Default)]
struct Finder {
    place: Place,
    found: Vec<String>,
}

impl Finder {
    fn check(&mut self, path: &[String]) {
        let joined = path.join("::");
        let within = |module: &&str| joined == *module || joined.starts_with(&format!("{module}::"));
        let all_of_it = matches!(
            joined.as_str(),
            "std" | "std::*" | "core::*" | "std::time" | "std::time::*" | "std::sync" | "std::sync::*"
        );
        let is_engine = self.place == Place::Engine;
        let is_hashes = self.place == Place::Hashes;
        let is_hash = joined.starts_with("digest::Context::") || joined.starts_with("hmac::Context::");
        let named = path.iter().map(String::as_str).any(|segment| {
            (NAMES.contains(&segment)
                && !(is_engine && segment == "Mutex")
                && !(is_hashes && segment == "HashMap"))
                || (MACHINERY.contains(&segment) && !is_engine && !is_hash)
                || segment.starts_with("Atomic")
        });
        if all_of_it || named || MODULES.iter().any(within) {
            self.found.push(joined);
        }
    }

    fn imports(&mut self, tree: &UseTree, mut path: Vec<String>) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.imports(&inner.tree, path);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.imports(tree, path.clone())),
            UseTree::Name(name) if name.ident == "self" => self.check(&path),
            UseTree::Name(name) => self.check(&[path, vec![name.ident.to_string()]].concat()),
            UseTree::Rename(rename) => self.check(&[path, vec![rename.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.check(&[path, vec!["*".to_owned()]].concat()),
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let is_for_tests = if let Item::Mod(module) = item {
            is_test(&module.attrs)
        } else if let Item::Fn(function) = item {
            is_test(&function.attrs)
        } else {
            false
        };
        if !is_for_tests {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.imports(&import.tree, Vec::new());
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.found.push(format!("static {}", item.ident));
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.found.push(format!("extern crate {}", item.ident));
    }

    fn visit_item_foreign_mod(&mut self, _: &'ast syn::ItemForeignMod) {
        self.found.push("extern functions".to_owned());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.check(&segments);
        visit::visit_path(self, path);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if signature.asyncness.is_some() && matches!(self.place, Place::Elsewhere | Place::Hashes) {
            self.found.push(format!("async fn {}", signature.ident));
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        if matches!(self.place, Place::Elsewhere | Place::Hashes) {
            self.found.push("async block".to_owned());
        }
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if closure.asyncness.is_some() && matches!(self.place, Place::Elsewhere | Place::Hashes) {
            self.found.push("async closure".to_owned());
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_await(&mut self, waits: &'ast syn::ExprAwait) {
        if matches!(self.place, Place::Elsewhere | Place::Hashes) {
            self.found.push("await".to_owned());
        }
        visit::visit_expr_await(self, waits);
    }

    /// A macro's tokens are no syntax, so they are read as text.
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if MACROS.contains(&name.as_str()) {
            self.found.push(format!("{name}!"));
        }
        let tokens = mac.tokens.to_string().replace(' ', "");
        let words = tokens.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        for word in words.filter(|word| word.contains("::")) {
            let segments: Vec<_> = word.trim_matches(':').split("::").map(str::to_owned).collect();
            self.check(&segments);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

/// The value of `#[path = ".."]`.
fn named_path(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Expr::Lit(literal) = &attribute.meta.require_name_value().ok()?.value else { return None };
    let syn::Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}

/// Every source file that is not for tests alone.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut tests = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
            continue;
        }
        let parsed = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for item in parsed.items {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && is_test(&module.attrs)
            {
                tests
                    .insert(folder.join(named_path(&module.attrs).unwrap_or(format!("{}.rs", module.ident))));
            }
        }
        files.insert(path);
    }
    files.retain(|file| !tests.contains(file));
    files
}
