//! Switch of the active mutant. This file is copied into each woven crate, which reads the switch at every mutated place.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ACTIVE: OnceLock<u32> = OnceLock::new();
static REACHED: [AtomicBool; 8192] = [const { AtomicBool::new(false) }; 8192];

/// Whether the mutant of this number is the one to try; notes that it was reached where a file for that is named.
pub(crate) fn on(number: u32) -> bool {
    let active = *ACTIVE.get_or_init(start);
    if active == 0 && !REACHED[number as usize].swap(true, Ordering::Relaxed) {
        note(number);
    }
    active == number
}

/// The first failed test ends the program: one is enough.
fn start() -> u32 {
    let active = std::env::var("AURA_MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0);
    if active != 0 && std::env::var_os("AURA_MUTANT_PATIENT").is_none() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            before(info);
            std::process::exit(101);
        }));
    }
    active
}

fn note(number: u32) {
    use std::io::Write;
    let Some(path) = std::env::var_os("AURA_MUTANTS_REACHED") else { return };
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(format!("{number}\n").as_bytes()).unwrap();
}
