//! Trials of mutants: each test first lists the mutants that it reaches, then each mutant runs with those tests.

use crate::build::Built;
use crate::tree::{PACKAGES, Program, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long the tests of one program may take with a mutant. A mutant that never ends takes that long, so it is no more
/// than a slow machine needs.
const LIMIT: Duration = Duration::from_secs(120);
/// A test that takes longer without a mutant is not tried with any: it would be run a thousand times.
const SLOW: Duration = Duration::from_secs(5);
/// How long one test may take without a mutant.
const PATIENCE: Duration = Duration::from_secs(600);
/// Cases of a property; the suite has more.
const CASES: &str = "16";
/// A number that no mutant has.
const NONE: u32 = 8191;

/// Modules of tests that read the source of the core, or that are about texts alone.
const LEFT_OUT: [&str; 5] = ["conformance::", "functions::", "purity::", "structure::", "threats::"];

/// Results of the mutants that could be tried.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) caught: BTreeSet<u32>,
    pub(crate) missed: BTreeSet<u32>,
    pub(crate) timeout: BTreeSet<u32>,
}

/// Tests of one program, with the mutants that each reaches.
struct Reach<'a> {
    program: &'a Path,
    folder: &'a Path,
    tests: BTreeMap<String, BTreeSet<u32>>,
    /// A test fails on purpose in it, so that the first failure is no verdict.
    patient: bool,
}

pub(crate) fn trial(built: &Built) -> Result<Outcome, Box<dyn Error>> {
    let reaches = parallel(&built.programs, reach);
    let reaches = reaches.into_iter().collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<u32> = built.viable.iter().copied().collect();
    let done = AtomicUsize::new(0);
    let verdicts = parallel(&numbers, |&number| {
        let verdict = verdict(number, &reaches);
        if !matches!(verdict, Ok(Verdict::Caught)) {
            eprintln!("{number} is not caught");
        }
        let done = done.fetch_add(1, Ordering::Relaxed);
        if done.is_multiple_of(100) {
            eprintln!("{done} of {} tried", numbers.len());
        }
        verdict
    });
    let mut outcome = Outcome::default();
    let mut doubtful = Vec::new();
    for (number, verdict) in numbers.iter().zip(verdicts) {
        match verdict? {
            Verdict::Caught => drop(outcome.caught.insert(*number)),
            Verdict::Timeout => drop(outcome.timeout.insert(*number)),
            Verdict::Missed => doubtful.push(*number),
        }
    }
    eprintln!("{} left for the examples of the documentation", doubtful.len());
    if !examples_pass(&built.tree, NONE)? {
        return Err("the examples fail without a mutant".into());
    }
    for (number, passes) in
        doubtful.iter().zip(parallel(&doubtful, |&number| examples_pass(&built.tree, number)))
    {
        let set = if passes? { &mut outcome.missed } else { &mut outcome.caught };
        set.insert(*number);
    }
    Ok(outcome)
}

/// Whether the examples of the documentation pass with a mutant switched on. They are compiled for each mutant.
fn examples_pass(tree: &Tree, number: u32) -> Result<bool, String> {
    let mut command = tree.cargo(&[&["test", "--quiet", "--doc"], &PACKAGES[..]].concat());
    let output =
        command.env("AURA_MUTANT", number.to_string()).output().map_err(|error| error.to_string())?;
    Ok(output.status.success())
}

enum Verdict {
    Caught,
    Missed,
    Timeout,
}

fn verdict(number: u32, reaches: &[Reach<'_>]) -> Result<Verdict, String> {
    for reach in reaches {
        let tests: Vec<&str> = reach
            .tests
            .iter()
            .filter(|(_, reached)| reached.contains(&number))
            .map(|(test, _)| test.as_str())
            .collect();
        if tests.is_empty() {
            continue;
        }
        match run(reach, number, &tests)? {
            Some(status) if status.success() => {}
            Some(_) => return Ok(Verdict::Caught),
            None => return Ok(Verdict::Timeout),
        }
    }
    Ok(Verdict::Missed)
}

/// Runs some tests with a mutant switched on; none if they took too long.
fn run(reach: &Reach<'_>, number: u32, tests: &[&str]) -> Result<Option<ExitStatus>, String> {
    let mut command = Command::new(reach.program);
    command.arg("--exact").args(tests).current_dir(reach.folder).env("AURA_MUTANT", number.to_string());
    if reach.patient {
        command.env("AURA_MUTANT_PATIENT", "1");
    }
    finish(property(&mut command), LIMIT)
}

/// Configures property tests. A failure with a mutant is not stored, because it would be retried with every other mutant.
fn property(command: &mut Command) -> &mut Command {
    command.env("PROPTEST_CASES", CASES).env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
}

fn finish(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>, String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)?;
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().and_then(|()| child.wait()).map_err(failed)?;
    Ok(None)
}

/// Runs each test of a program by itself, and reads which mutants it came by.
fn reach(program: &Program) -> Result<Reach<'_>, String> {
    let Program { file: program, folder, .. } = program;
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let listed = Command::new(program)
        .args(["--list", "--format=terse"])
        .current_dir(folder)
        .output()
        .map_err(failed)?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut reach = Reach { program, folder, tests: BTreeMap::new(), patient: false };
    let notes = PathBuf::from(format!("{}.reached", program.display()));
    let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    for test in tests.filter(|test| !LEFT_OUT.iter().any(|module| test.starts_with(module))) {
        std::fs::write(&notes, "").map_err(failed)?;
        let mut command = Command::new(program);
        command.args(["--exact", test]).current_dir(folder).env("AURA_MUTANTS_REACHED", &notes);
        let begun = Instant::now();
        match finish(property(&mut command), PATIENCE)? {
            Some(status) if status.success() => {}
            _ => return Err(format!("{test} fails without a mutant: {}", program.display())),
        }
        if begun.elapsed() > SLOW {
            eprintln!("{test} takes {} s, and is left out", begun.elapsed().as_secs());
            continue;
        }
        let reached = std::fs::read_to_string(&notes).map_err(failed)?;
        reach.tests.insert(test.to_owned(), reached.lines().filter_map(|line| line.parse().ok()).collect());
    }
    let tests: Vec<&str> = reach.tests.keys().map(String::as_str).collect();
    if !tests.is_empty() && !run(&reach, NONE, &tests)?.is_some_and(|status| status.success()) {
        reach.patient = true;
        if !run(&reach, NONE, &tests)?.is_some_and(|status| status.success()) {
            return Err(format!("the tests fail without a mutant: {}", program.display()));
        }
    }
    Ok(reach)
}

/// Does something for each, on a thread a core, and returns the results in order.
pub(crate) fn parallel<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some((at, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                {
                    let result = work(item);
                    if let Ok(mut results) = results.lock() {
                        results.insert(at, result);
                    }
                }
            });
        }
    });
    results.into_inner().map(BTreeMap::into_values).map(Iterator::collect).unwrap_or_default()
}
