//! The stored figures of `figures.toml`: instructions and allocations of each scenario, counted, compared, stored and shown.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "what was counted is what it is for")]

mod plot;

use aura_benches::scenarios::{SCENARIOS, Scenario};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, thread};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const USAGE: &str = "figures check|store|table|plot";
/// Repetitions whose cost is subtracted from that of the most.
const FEW: usize = 10;
/// What a figure may be above the stored one, in hundredths.
const ALLOWED: u64 = 105;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The cost of one piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
}

/// What was stored, and the machine on which instructions are comparable with it.
#[derive(Debug, Default)]
struct Stored {
    machine: BTreeMap<String, String>,
    figures: BTreeMap<String, Figures>,
}

fn main() -> ExitCode {
    let outcome = match env::args().nth(1).as_deref() {
        Some("check") => check(),
        Some("store") => store(),
        Some("table") => stored().map(|stored| print!("{}", table(&stored))),
        Some("plot") => stored().and_then(|stored| plot(&stored)),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Counts what this process allocates. An enlarged allocation counts as one more.
fn allocated(scenario: &Scenario) -> Figures {
    let count = |times: usize| {
        let mut work = scenario.prepare();
        let region = Region::new(ALLOCATOR);
        (0..times).for_each(|_| work());
        let change = region.change();
        let allocations = change.allocations.saturating_add(change.reallocations);
        let grown = u64::try_from(change.bytes_reallocated).unwrap_or_default();
        (allocations as u64, (change.bytes_allocated as u64).saturating_add(grown))
    };
    let (few, many) = (count(FEW), count(scenario.most));
    let [allocations, bytes] = [(few.0, many.0), (few.1, many.1)].map(|cost| of_one(scenario, cost));
    Figures { instructions: 0, allocations, bytes }
}

/// Counts instructions by valgrind, in the command `cost`, which has the system's allocator.
fn instructions(scenario: &Scenario) -> Result<u64, Error> {
    let cost = env::current_exe()?.with_file_name("cost");
    let count = |times: usize| -> Result<u64, Error> {
        let output = Command::new("valgrind")
            .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
            .arg(&cost)
            .args([scenario.name, &times.to_string()])
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().find_map(|line| line.split_once("refs:")).filter(|_| output.status.success());
        let (_, number) =
            line.ok_or_else(|| format!("{}: valgrind counted nothing: {text}", scenario.name))?;
        Ok(number.trim().replace(',', "").parse()?)
    };
    Ok(of_one(scenario, (count(FEW)?, count(scenario.most)?)))
}

/// The cost of one repetition, of the cost of few and of the most.
fn of_one(scenario: &Scenario, (few, most): (u64, u64)) -> u64 {
    most.saturating_sub(few).div_euclid(scenario.most.saturating_sub(FEW) as u64)
}

/// Counts every scenario's instructions, as many at a time as there are processors.
fn all_instructions() -> Result<BTreeMap<&'static str, u64>, Error> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let share = SCENARIOS.len().div_ceil(workers);
    thread::scope(|scope| {
        let begin = |share: &'static [Scenario]| {
            scope.spawn(|| share.iter().map(|one| Ok((one.name, instructions(one)?))).collect::<Vec<_>>())
        };
        let counting: Vec<_> = SCENARIOS.chunks(share).map(begin).collect();
        let counted = counting.into_iter().map(|thread| thread.join().map_err(|_| "a count panicked"));
        counted.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
    })
}

/// The compiler and the family of the processor, by which instructions differ.
fn machine() -> Result<BTreeMap<String, String>, Error> {
    let rustc = Command::new("rustc").arg("-V").output()?;
    let valgrind = Command::new("valgrind").arg("--version").output()?;
    let text = |output: Vec<u8>| String::from_utf8_lossy(&output).trim().to_owned();
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let field = |name: &str| {
        let line = cpu.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value.trim()).to_owned()
    };
    Ok(BTreeMap::from([
        ("rustc".to_owned(), text(rustc.stdout)),
        ("valgrind".to_owned(), text(valgrind.stdout)),
        ("processor".to_owned(), format!("{} family {}", field("vendor_id"), field("cpu family"))),
    ]))
}

fn stored() -> Result<Stored, Error> {
    let mut stored = Stored::default();
    let mut section = String::new();
    for line in fs::read_to_string(file("figures.toml"))?.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            continue;
        }
        let Some((name, value)) = line.split_once(" = ") else { continue };
        if section == "machine" {
            stored.machine.insert(name.to_owned(), value.trim_matches('"').to_owned());
            continue;
        }
        let figures = stored.figures.entry(section.clone()).or_default();
        let number = value.parse()?;
        match name {
            "instructions" => figures.instructions = number,
            "allocations" => figures.allocations = number,
            "bytes" => figures.bytes = number,
            _ => return Err(format!("figures.toml: {name} is unknown").into()),
        }
    }
    Ok(stored)
}

/// Fails where a figure is more than a twentieth above the stored one.
fn check() -> Result<(), Error> {
    let stored = stored()?;
    let is_comparable = machine().is_ok_and(|machine| machine == stored.machine);
    let counted = if is_comparable { all_instructions()? } else { BTreeMap::new() };
    if !is_comparable {
        println!("SKIPPED: instructions, which were stored under {:?}", stored.machine);
    }
    let mut above = Vec::new();
    for scenario in SCENARIOS {
        let before = stored.figures.get(scenario.name).copied();
        let before = before.ok_or_else(|| format!("{} is not stored", scenario.name))?;
        let now = allocated(scenario);
        let instructions = counted.get(scenario.name).copied().unwrap_or_default();
        for (what, now, before) in [
            ("allocations", now.allocations, before.allocations),
            ("bytes", now.bytes, before.bytes),
            ("instructions", instructions, before.instructions),
        ] {
            if now.saturating_mul(100) > before.saturating_mul(ALLOWED) {
                above.push(format!("{}: {now} {what}, {before} are stored", scenario.name));
            }
        }
    }
    if above.is_empty() {
        println!("{} pieces of work cost what is stored", SCENARIOS.len());
        return Ok(());
    }
    above.push("If the cost is worth it, store the figures anew: benches/cost.sh store".to_owned());
    Err(above.join("\n").into())
}

fn store() -> Result<(), Error> {
    let mut text =
        "# Stored by `benches/cost.sh store`, compared by `benches/cost.sh check`.\n\n[machine]\n".to_owned();
    for (name, value) in machine()? {
        writeln!(text, "{name} = \"{value}\"")?;
    }
    let counted = all_instructions()?;
    for scenario in SCENARIOS {
        let Figures { allocations, bytes, .. } = allocated(scenario);
        let instructions = counted.get(scenario.name).copied().unwrap_or_default();
        writeln!(
            text,
            "\n[{}]\ninstructions = {instructions}\nallocations = {allocations}\nbytes = {bytes}",
            scenario.name
        )?;
    }
    fs::write(file("figures.toml"), text)?;
    plot(&stored()?)?;
    let path = file("README.md");
    let readme = fs::read_to_string(&path)?;
    fs::write(path, with_table(&readme, &table(&stored()?)).ok_or("README.md has no place for the table")?)?;
    Ok(())
}

/// Puts the table in the place of the one there is: from its head to the next empty line.
fn with_table(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_at(readme.find(HEAD)?);
    let behind = rest.split_at(rest.find("\n\n")?).1;
    Some(format!("{before}{}{behind}", table.trim_end()))
}

const HEAD: &str = "| name | one piece of work |";

fn table(stored: &Stored) -> String {
    let mut text = format!("{HEAD} instructions | allocations | bytes |\n|---|---|---:|---:|---:|\n");
    for scenario in SCENARIOS {
        let figures = stored.figures.get(scenario.name).copied().unwrap_or_default();
        let Figures { instructions, allocations, bytes } = figures;
        let (name, description) = (scenario.name, scenario.description);
        let (instructions, bytes) = (plot::grouped(instructions), plot::grouped(bytes));
        // Cannot fail: a String takes everything.
        let _ = writeln!(text, "| `{name}` | {description} | {instructions} | {allocations} | {bytes} |");
    }
    text
}

fn plot(stored: &Stored) -> Result<(), Error> {
    let points = |names: &[&str]| {
        let point = |name: &&str| {
            let size = SCENARIOS.iter().find(|scenario| scenario.name == *name)?.size;
            Some((size, stored.figures.get(*name)?.instructions))
        };
        names.iter().filter_map(point).collect::<Vec<_>>()
    };
    let mut keys = points(&["session", "keys-2", "keys-4", "keys-8"]);
    if let Some((size, _)) = keys.first_mut() {
        *size = 1;
    }
    let svg = plot::svg(&[
        ("bytes of claims", points(&["claims-0", "claims-1000", "claims-2000", "claims-3800"])),
        ("further cookies", points(&["session", "cookies-10", "cookies-20", "cookies-40"])),
        ("keys, the oldest one's", keys),
    ]);
    Ok(fs::write(file("growth.svg"), svg)?)
}
