//! One comparison: both trees built and run, and what differs told.

use crate::records::{Differences, Record, Records};
use crate::side::{AFTER, BEFORE, Side};
use crate::suites::{Program, build};
use crate::tree::{Change, tree};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where everything is that a comparison makes.
const FOLDER: &str = "target/net";
/// How many inputs are shown of a suite that differs.
const SAMPLES: usize = 3;
/// In a folder of records: they are complete.
const DONE: &str = "done";

/// What is compared.
#[derive(Debug)]
pub(crate) struct Net {
    /// Names of tests, and of fuzz targets behind `fuzz/`.
    pub(crate) suites: Vec<String>,
    /// The commit whose tests drive the frozen core, where those of the working tree no longer fit it.
    pub(crate) tests: Option<String>,
    /// What is exchanged in the core of the working tree.
    pub(crate) change: Option<Change>,
}

/// What came of one suite.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) suite: String,
    pub(crate) before: usize,
    pub(crate) after: usize,
    pub(crate) differing: usize,
    /// Why the two are not alike.
    pub(crate) told: String,
}

impl Compared {
    pub(crate) fn is_alike(&self) -> bool {
        self.told.is_empty()
    }
}

/// The programs of one side, and the suites that ended badly.
struct Ran {
    programs: BTreeMap<String, Program>,
    failed: BTreeSet<String>,
}

impl Net {
    /// Builds and runs both sides, and compares what they recorded.
    pub(crate) fn compare(&self) -> Result<Vec<Compared>, Box<dyn Error>> {
        let before = self.ran(&BEFORE)?;
        let after = self.ran(&AFTER)?;
        let mut rows = Vec::new();
        for suite in &self.suites {
            let [earlier, later] =
                [Records::read(&records(&BEFORE, suite))?, Records::read(&records(&AFTER, suite))?];
            let differences = Differences::between(&earlier, &later);
            // Tests that were written since drive the core of the working tree alone.
            let new = if self.tests.is_some() { differences.only_after.len() } else { 0 };
            let differing = differences.count().saturating_sub(new);
            let mut told = String::new();
            if earlier.all.is_empty() || later.all.is_empty() {
                told.push_str("nothing was recorded; ");
            }
            for (ran, side) in [(&before, &BEFORE), (&after, &AFTER)] {
                if ran.failed.contains(suite) {
                    let log = records(side, suite).join("log");
                    told.push_str(&format!("the program failed, see {}; ", log.display()));
                }
            }
            if differing > 0 {
                let shown = show(suite, &differences, [&before, &after])?;
                told.push_str(&format!("{differing} records differ, see {}", shown.display()));
            }
            let (before, after) = (earlier.all.len(), later.all.len());
            rows.push(Compared { suite: suite.clone(), before, after, differing, told });
        }
        Ok(rows)
    }

    fn ran(&self, side: &Side) -> Result<Ran, Box<dyn Error>> {
        let is_frozen = side.name == BEFORE.name;
        let tests = self.tests.as_deref().filter(|_| is_frozen);
        let change = self.change.filter(|_| !is_frozen);
        let begun = Instant::now();
        let tree = tree(&Path::new(FOLDER).join(side.name), side, tests, change)?;
        if tree.is_changed {
            // No record is of this tree.
            let earlier = Path::new(FOLDER).join("records").join(side.name);
            if earlier.exists() {
                std::fs::remove_dir_all(earlier)?;
            }
        }
        let target = Path::new(FOLDER).join("build").join(side.name);
        let programs = build(&tree, &target, &self.suites)?;
        let missing =
            self.suites.iter().find(|suite| !programs.iter().any(|program| program.suite == **suite));
        if let Some(missing) = missing {
            return Err(format!("no program of the tree {} is {missing}", side.name).into());
        }
        eprintln!("{}: built after {} s", side.name, begun.elapsed().as_secs());
        let mut failed = BTreeSet::new();
        for program in &programs {
            let (folder, begun) = (records(side, &program.suite), Instant::now());
            // What is frozen says the same each time.
            let is_done = std::fs::read_to_string(folder.join(DONE)).is_ok_and(|done| done == depth());
            if is_frozen && is_done {
                continue;
            }
            if program.run(&folder, None)? {
                std::fs::write(folder.join(DONE), depth())?;
            } else {
                failed.insert(program.suite.clone());
            }
            eprintln!("{}: {} ran for {} s", side.name, program.suite, begun.elapsed().as_secs());
        }
        let programs = programs.into_iter().map(|program| (program.suite.clone(), program)).collect();
        Ok(Ran { programs, failed })
    }
}

/// What makes a suite longer.
fn depth() -> String {
    std::env::var("AURA_EXPLORE_DEEPER").unwrap_or_default()
}

fn records(side: &Side, suite: &str) -> PathBuf {
    Path::new(FOLDER).join("records").join(side.name).join(suite)
}

/// Runs a suite once more on both sides for the texts of some records, and returns the folder of them.
fn show(suite: &str, differences: &Differences, sides: [&Ran; 2]) -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(FOLDER).join("differences").join(suite);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let wanted = folder.join("wanted");
    let samples: Vec<Record> = differences.samples(SAMPLES).into_iter().collect();
    std::fs::write(&wanted, samples.concat())?;
    for (ran, side) in sides.into_iter().zip([BEFORE, AFTER]) {
        let Some(program) = ran.programs.get(suite) else { continue };
        let notes = folder.join(format!("{}.notes", side.name));
        program.run(&notes, Some(&wanted))?;
        let mut text = Vec::new();
        for entry in std::fs::read_dir(&notes)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "texts") {
                text.extend(std::fs::read(path)?);
            }
        }
        std::fs::remove_dir_all(&notes)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        // In an order that is the same on both sides.
        let mut stories: Vec<&str> = text.split("== ").filter(|story| !story.is_empty()).collect();
        stories.sort_unstable();
        if stories.is_empty() && !samples.is_empty() {
            eprintln!("{}: {suite} made none of the calls a second time that differ", side.name);
        }
        std::fs::write(folder.join(side.name), stories.join("== "))?;
    }
    Ok(folder)
}
