//! All counted figures of one crate, and their printed form.

use super::graph::{Graph, draw};
use super::items::{Function, Public, collect};
use super::lines::{Lines, count};
use super::modules::Modules;
use super::source::{Source, read};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A function above this is named in the report; a file above [`LONG_FILE`] is counted.
const LONG_FUNCTION: usize = 60;
const LONG_FILE: usize = 400;
/// Circles of more files than this are counted and named.
const SMALL_CIRCLE: usize = 3;
/// Files on top of a core.
const TOP: [&str; 3] = ["flow", "auth", "action"];
/// Files that may import those of [`TOP`]: the root re-exports them, the doors open them to fuzz targets and transcripts.
const SEES_ALL: [&str; 6] = ["flow", "auth", "action", "lib", "internals", "replay_door"];

/// Figures of a crate.
pub(crate) struct Report {
    name: String,
    files: usize,
    test_files: usize,
    lines: Lines,
    longest_file: (usize, String),
    long_files: usize,
    functions: Vec<Function>,
    public: Public,
    import_circles: Circles,
    path_circles: Circles,
    facade_circles: Circles,
    upward: Vec<(String, String)>,
}

impl Report {
    /// Counts a crate, given its name and its folder `src`.
    pub(crate) fn of_folder(name: &str, folder: &Path) -> Self {
        Self::new(name, &read(folder))
    }

    /// Counts a crate of these files.
    pub(crate) fn new(name: &str, sources: &[Source]) -> Self {
        let modules = Modules::new(sources);
        let is_test = |index: usize| {
            let declared = modules.all.iter().find(|module| module.source == index);
            declared.unwrap_or_else(|| panic!("no module is {}", sources[index].path)).is_test
        };
        let is_test: Vec<_> = (0..sources.len()).map(is_test).collect();
        let (mut lines, mut functions, mut public) = (Lines::default(), Vec::new(), Public::default());
        for (source, is_test) in sources.iter().zip(&is_test) {
            lines += count(source, *is_test);
            if !is_test {
                collect(source, &mut functions, &mut public);
            }
        }
        functions.sort_by(|a, b| (b.length, &a.name).cmp(&(a.length, &b.name)));
        let lengths = || sources.iter().map(|source| (source.text.lines().count(), source.path.clone()));
        let graphs = draw(sources, &modules);
        let test_files = is_test.iter().filter(|is_test| **is_test).count();
        Self {
            name: name.to_owned(),
            files: sources.len() - test_files,
            test_files,
            lines,
            longest_file: lengths().max().unwrap_or_default(),
            long_files: lengths().filter(|(length, _)| *length > LONG_FILE).count(),
            functions,
            public,
            import_circles: Circles::new(sources, &graphs.imports),
            path_circles: Circles::new(sources, &graphs.paths),
            facade_circles: Circles::new(sources, &graphs.facades),
            upward: upward(sources, &graphs.paths),
        }
    }

    /// Returns the figures that ceilings are for, by their names.
    pub(crate) fn figures(&self) -> BTreeMap<&'static str, usize> {
        BTreeMap::from([
            ("code", self.lines.code),
            ("files", self.files),
            ("longest_file", self.longest_file.0),
            ("longest_function", self.functions.first().map_or(0, |longest| longest.length)),
            ("import_circle", self.import_circles.largest()),
            ("import_circles", self.import_circles.large().count()),
            ("import_circles_of_flow", self.import_circles.large_of_flow()),
            ("path_circle", self.path_circles.largest()),
            ("path_circles", self.path_circles.large().count()),
            ("path_circles_of_flow", self.path_circles.large_of_flow()),
            ("facade_circle", self.facade_circles.largest()),
            ("upward_imports", self.upward.len()),
        ])
    }

    fn percentile(&self, percent: usize) -> usize {
        let from_longest = self.functions.len() * (100 - percent) / 100;
        self.functions.get(from_longest).map_or(0, |function| function.length)
    }
}

/// The circles of a graph, as paths of files, the largest first.
struct Circles(Vec<Vec<String>>);

impl Circles {
    fn new(sources: &[Source], graph: &Graph) -> Self {
        let named = |circle: Vec<usize>| circle.iter().map(|file| sources[*file].path.clone()).collect();
        Self(graph.circles().into_iter().map(named).collect())
    }

    fn largest(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// The circles that are more than a file and a neighbour or two.
    fn large(&self) -> impl Iterator<Item = &Vec<String>> {
        self.0.iter().filter(|circle| circle.len() > SMALL_CIRCLE)
    }

    fn large_of_flow(&self) -> usize {
        self.large().filter(|circle| circle.iter().any(|file| file.starts_with("flow/"))).count()
    }
}

impl fmt::Display for Circles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<_> = self.0.iter().map(|circle| circle.len().to_string()).collect();
        f.write_str(if sizes.is_empty() { "none" } else { "" })?;
        f.write_str(&sizes.join(", "))?;
        self.large().try_for_each(|circle| write!(f, "\n    {}: {}", circle.len(), circle.join(" ")))
    }
}

/// Lists pairs of a file that may not see what is on top, and a file there that it names something of.
fn upward(sources: &[Source], graph: &Graph) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (from, arrows) in graph.arrows.iter().enumerate() {
        for to in arrows {
            let (from, to) = (&sources[from].path, &sources[*to].path);
            if !SEES_ALL.contains(&module(from)) && TOP.contains(&module(to)) {
                found.push((from.clone(), to.clone()));
            }
        }
    }
    found
}

/// Returns the first name of a path, without `.rs`.
fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lines { all, code, docs, comments, tests } = self.lines;
        writeln!(f, "{}", self.name)?;
        writeln!(
            f,
            "  files: {} and {} for tests; {} above {LONG_FILE} lines, the longest {} ({})",
            self.files, self.test_files, self.long_files, self.longest_file.0, self.longest_file.1
        )?;
        writeln!(f, "  lines: {all}; code {code}, documentation {docs}, comments {comments}, tests {tests}")?;
        let longest = self.functions.first();
        writeln!(
            f,
            "  functions: {}; median {}, 95 of 100 to {}, longest {} ({})",
            self.functions.len(),
            self.percentile(50),
            self.percentile(95),
            longest.map_or(0, |longest| longest.length),
            longest.map_or("none", |longest| &longest.name)
        )?;
        for function in self.functions.iter().take_while(|function| function.length > LONG_FUNCTION) {
            writeln!(f, "    {} lines: {}", function.length, function.name)?;
        }
        let Public { items, documented, examples } = self.public;
        writeln!(f, "  public items: {items}; {documented} documented, {examples} with an example")?;
        writeln!(f, "  circles of imports: {}", self.import_circles)?;
        writeln!(f, "  circles of imports and paths: {}", self.path_circles)?;
        writeln!(f, "  circles through facades: the largest has {} files", self.facade_circles.largest())?;
        for (from, to) in &self.upward {
            writeln!(f, "    upward: {from} -> {to}")?;
        }
        Ok(())
    }
}
