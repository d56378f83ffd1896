//! Walk of one sign-in as it runs: the core files it needs, and the number of changes from file to file for a reader.
//!
//! `walk.sh` records it by callgrind, in an unoptimised build, with a dump for each leg. The walk begins where the host
//! calls the core. Each function is read once, at its first call, and calls are followed in the order of their lines.
//!
//! It is counted twice: over the files of the core, and over those of aura-oauth and aura-session, too.
//!
//! Each change of file is a jump. A jump back to a file already left is a return. There is no return to a caller in
//! which nothing is left to read. Code of other crates is skipped, except for the closures that it calls.
//! Implementations of std's and serde's traits are not read.
//!
//! An `async fn` is two functions in an unoptimised build: one that only makes the future, and `{{closure}}`, its body, which runs
//! when the future is polled. The body alone is read.
//!
//! A later leg passes through functions of earlier ones again. Its reader goes to where it differs: such a function is returned to
//! only for what itself newly calls, not for what a function below it does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where a host enters the core, as parts of the names that the linker knows.
const ENTRIES: [&str; 3] = ["4auth4Auth6handle17", "16PendingAdmission6resume17", "6action7Pending6resume17"];
/// The folder of the core and the crates in it.
const ROOT: &str = "aura-proto/";

/// `{{closure}}`, as the linker knows it.
const CLOSURE: &str = "28_$u7b$$u7b$closure$u7d$$u7d$";

/// Folders whose files are read, below [`ROOT`].
pub(crate) type Folders = &'static [&'static str];
/// Those of the core.
pub(crate) const CORE: Folders = &["src/"];
/// Those of the core and of the crates beneath it that signing in is divided into.
pub(crate) const WITH_CRATES: Folders = &["src/", "oauth/src/", "session/src/"];

/// Calls and files of one leg, by functions.
#[derive(Debug, Default)]
pub(crate) struct Leg {
    /// For each, those it calls: the line, then the name without the hash at its end, which depends on where it was built.
    calls: BTreeMap<String, BTreeSet<(usize, String, String)>>,
    files: BTreeMap<String, String>,
}

impl Leg {
    /// Reads a dump of callgrind whose names and positions are not compressed.
    pub(crate) fn parse(dump: &str) -> Self {
        let mut leg = Self::default();
        let (mut file, mut function) = ("", "");
        let (mut called_file, mut called) = (None, None);
        for line in dump.lines() {
            let (key, value) = line.split_once('=').unwrap_or_default();
            match key {
                "fl" => file = value,
                "fn" => {
                    function = value;
                    leg.files.insert(function.to_owned(), file.to_owned());
                }
                "cfi" | "cfl" => called_file = Some(value),
                "cfn" => {
                    let file = called_file.take().unwrap_or(file);
                    leg.files.entry(value.to_owned()).or_insert_with(|| file.to_owned());
                    called = Some(value.to_owned());
                }
                "" if called.is_some() => {
                    let number = line.split(' ').next().and_then(|number| number.parse().ok());
                    if let (Some(number), Some(called)) = (number, called.take()) {
                        let stem =
                            called.rsplit_once("17h").map_or(called.as_str(), |(stem, _)| stem).to_owned();
                        leg.calls.entry(function.to_owned()).or_default().insert((number, stem, called));
                    }
                }
                _ => {}
            }
        }
        leg
    }

    /// Returns the file of the folders that a function is in. A repository may be below a folder of the same name.
    fn file(&self, folders: Folders, function: &str) -> Option<&str> {
        let (_, path) = self.files.get(function)?.rsplit_once(ROOT)?;
        folders.iter().any(|folder| path.starts_with(folder)).then_some(path)
    }

    /// Tells whether a function only makes the future of an `async fn`: its body runs, and it calls nothing itself but copies
    /// of its arguments.
    fn is_made_future(&self, function: &str) -> bool {
        let calls = self.calls.get(function).into_iter().flatten();
        let copies = calls.map(|(_, _, called)| called).all(|called| called.contains("memcpy"));
        let Some((stem, _)) = function.rsplit_once("17h") else { return false };
        let body = format!("{stem}{CLOSURE}17h");
        let mut from_there = self.files.range(body.clone()..);
        copies && from_there.next().is_some_and(|(name, _)| name.starts_with(&body))
    }

    /// Lists the files of the folders whose functions run.
    pub(crate) fn files(&self, folders: Folders) -> BTreeSet<&str> {
        self.files.keys().filter_map(|function| self.file(folders, function)).collect()
    }

    /// Reads along, without what was read in the legs before, and returns the files in that order.
    pub(crate) fn read(&self, folders: Folders, known: &mut BTreeSet<String>) -> Vec<&str> {
        let mut reader = Reader { leg: self, folders, known, passed: BTreeSet::new(), files: Vec::new() };
        for entry in ENTRIES {
            let entries = self.files.keys().filter(|function| function.contains(entry));
            entries.for_each(|function| _ = reader.read(function));
        }
        let Reader { passed, mut files, .. } = reader;
        known.extend(passed.into_iter().map(str::to_owned));
        files.dedup();
        files
    }
}

struct Reader<'a, 'k> {
    leg: &'a Leg,
    folders: Folders,
    known: &'k BTreeSet<String>,
    passed: BTreeSet<&'a str>,
    files: Vec<&'a str>,
}

impl<'a> Reader<'a, '_> {
    /// Reads a function, and tells whether something is new where it is called: the function, or, if it is skipped, one that it
    /// leads to.
    fn read(&mut self, function: &'a str) -> bool {
        if !self.passed.insert(function) {
            return false;
        }
        let is_read = !is_of_a_trait(function) && !self.leg.is_made_future(function);
        let file = self.leg.file(self.folders, function).filter(|_| is_read);
        let is_known = self.known.contains(function);
        if !is_known {
            self.files.extend(file);
        }
        let mut is_new = false;
        for (_, _, called) in self.leg.calls.get(function).into_iter().flatten() {
            let before = self.files.len();
            let is_new_here = self.read(called);
            is_new |= is_new_here;
            if let Some(file) = file
                && self.files.len() > before
                && (is_new_here || !is_known)
            {
                self.files.insert(before, file);
            }
        }
        if file.is_some() { !is_known } else { is_new }
    }
}

/// Tells whether a function is of `impl Trait for ..` where the trait is not the core's.
fn is_of_a_trait(function: &str) -> bool {
    ["core", "alloc", "std", "serde", "zeroize", "http"]
        .iter()
        .any(|origin| function.contains(&format!("$u20$as$u20${origin}")))
}

/// Counts jumps, and those of them that are returns.
pub(crate) fn jumps(files: &[&str]) -> (usize, usize) {
    let distinct: BTreeSet<_> = files.iter().collect();
    (files.len().saturating_sub(1), files.len() - distinct.len())
}

/// Lists the entries that no leg has: what hosts call was moved, and this file and `walk.sh` have to follow.
pub(crate) fn missing(legs: &[Leg]) -> Vec<&'static str> {
    let is_called = |entry: &str| legs.iter().any(|leg| leg.files.keys().any(|name| name.contains(entry)));
    ENTRIES.into_iter().filter(|entry| !is_called(entry)).collect()
}

/// Reads the dumps in a folder, in their order: `out.1`, `out.2`, .., `out`.
pub(crate) fn legs(folder: &Path) -> Vec<Leg> {
    let numbered = (1..).map(|number| folder.join(format!("out.{number}")));
    let dumps = numbered.take_while(|path| path.is_file()).chain([folder.join("out")]);
    dumps.map(|path| Leg::parse(&std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn a_reader_reads_each_function_once_in_the_order_of_calls() {
    let dump = "\
fl=/aura-proto/x/aura-proto/src/auth.rs
fn=_4auth4Auth6handle17h
1 5
cfi=/x/aura-proto/src/b.rs
cfn=b
calls=1 0
9 5
cfi=/rust/option.rs
cfn=map
calls=2 0
4 5

fl=/rust/option.rs
fn=map
cfi=/x/aura-proto/src/c.rs
cfn=c
calls=2 0
700 5

fl=/x/aura-proto/src/b.rs
fn=b
cfi=/x/aura-proto/src/c.rs
cfn=c
calls=1 0
2 5
cfi=/x/aura-proto/session/src/d.rs
cfn=<d$u20$as$u20$core..fmt..Debug>
calls=1 0
3 5
cfi=/x/aura-proto/session/src/e.rs
cfn=e
calls=1 0
4 5
";
    let leg = Leg::parse(dump);
    let (core, sessions) =
        (["src/auth.rs", "src/b.rs", "src/c.rs"], ["session/src/d.rs", "session/src/e.rs"]);
    assert_eq!(leg.files(CORE), BTreeSet::from(core));
    assert_eq!(leg.files(WITH_CRATES), [&core[..], &sessions].concat().into_iter().collect());
    let mut known = BTreeSet::new();
    let files = leg.read(CORE, &mut known);
    assert_eq!(files, ["src/auth.rs", "src/c.rs", "src/auth.rs", "src/b.rs"]);
    assert_eq!(jumps(&files), (3, 1));
    assert_eq!(leg.read(CORE, &mut known), [""; 0]);
    let with_sessions = leg.read(WITH_CRATES, &mut BTreeSet::new());
    assert_eq!(with_sessions, [&files[..], &["session/src/e.rs"]].concat());
}

/// A function of a dump: its file, its name, and the line, file and name of each that it calls.
type Dumped<'a> = (&'a str, &'a str, &'a [(u32, &'a str, &'a str)]);

/// Writes a dump of functions.
fn dump(functions: &[Dumped<'_>]) -> String {
    let call =
        |(line, file, called): &(u32, &str, &str)| format!("cfi={file}\ncfn={called}\ncalls=1 0\n{line} 5\n");
    let function = |(file, name, calls): &Dumped<'_>| {
        format!("fl={file}\nfn={name}\n{}\n", calls.iter().map(call).collect::<String>())
    };
    functions.iter().map(function).collect()
}

#[test]
fn an_async_function_is_read_where_it_runs_and_not_where_its_future_is_made() {
    let [auth, b, c, d] = ["auth", "b", "c", "d"].map(|file| format!("/x/aura-proto/src/{file}.rs"));
    let (push, push_body) = ("_ZN1b4push17h0E", "_ZN1b4push28_$u7b$$u7b$closure$u7d$$u7d$17h1E");
    let (maps, maps_closure) = ("_ZN1c8maps_all17h2E", "_ZN1c8maps_all28_$u7b$$u7b$closure$u7d$$u7d$17h3E");
    let (std_map, plain) = ("_ZN3map17h0E", "_ZN1d5plain17h4E");
    let leg = Leg::parse(&dump(&[
        (&auth, "_4auth4Auth6handle17h", &[(1, &b, push), (1, &b, push_body), (2, &c, maps), (3, &d, plain)]),
        (&b, push, &[(1, "/libc/memmove-vec-unaligned-erms.S", "__memcpy_avx_unaligned_erms")]),
        (&c, maps, &[(1, "/rust/option.rs", std_map)]),
        ("/rust/option.rs", std_map, &[(1, &c, maps_closure)]),
    ]));
    let files = leg.read(CORE, &mut BTreeSet::new());
    assert_eq!(files, ["src/auth.rs", "src/b.rs", "src/auth.rs", "src/c.rs", "src/auth.rs", "src/d.rs"]);
}

#[test]
fn a_later_leg_is_read_from_where_it_differs() {
    let [auth, b, c, d, e, f] =
        ["auth", "b", "c", "d", "e", "f"].map(|file| format!("/x/aura-proto/src/{file}.rs"));
    let handle = "_4auth4Auth6handle17h";
    let first = Leg::parse(&dump(&[(&auth, handle, &[(1, &b, "b")]), (&b, "b", &[(1, &c, "c")])]));
    let second = Leg::parse(&dump(&[
        (&auth, handle, &[(1, &b, "b"), (2, &f, "f")]),
        (&b, "b", &[(1, &c, "c")]),
        (&c, "c", &[(1, "/rust/future.rs", "poll"), (2, &e, "e")]),
        ("/rust/future.rs", "poll", &[(1, &d, "d")]),
    ]));
    let mut known = BTreeSet::new();
    assert_eq!(first.read(CORE, &mut known), ["src/auth.rs", "src/b.rs", "src/c.rs"]);
    let files = second.read(CORE, &mut known);
    assert_eq!(
        files,
        ["src/c.rs", "src/d.rs", "src/c.rs", "src/e.rs", "src/auth.rs", "src/f.rs"],
        "nothing is new of `b`, which leads to `c`"
    );
}
