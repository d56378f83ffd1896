//! A stand-in for the runtime of libFuzzer: a target becomes a program that reads each file of the folders it is given.
#![forbid(unsafe_code)]

pub use arbitrary;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

/// Makes `main` of a target's body, as the macro of the same name in libfuzzer-sys reads its input.
#[macro_export]
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:expr) => {
        fn main() -> std::process::ExitCode {
            $crate::run(|$bytes: &[u8]| $body)
        }
    };
    (|$input:ident: $type:ty| $body:expr) => {
        fn main() -> std::process::ExitCode {
            $crate::run(|bytes: &[u8]| {
                if bytes.len() < <$type as $crate::arbitrary::Arbitrary>::size_hint(0).0 {
                    return;
                }
                let read = <$type as $crate::arbitrary::Arbitrary>::arbitrary_take_rest(
                    $crate::arbitrary::Unstructured::new(bytes),
                );
                let Ok($input) = read else { return };
                $body
            })
        }
    };
}

/// Runs a target over every file of the folders in the arguments, in the order of their names. Each file has a thread of its
/// own, whose name is the file's.
pub fn run(target: fn(&[u8])) -> ExitCode {
    let mut files: Vec<PathBuf> =
        std::env::args_os().skip(1).flat_map(|folder| files(folder.as_ref())).collect();
    files.sort();
    let failed = files.iter().filter(|file| !passes(target, file)).count();
    println!("{} files, {failed} failed", files.len());
    if files.is_empty() || failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

fn passes(target: fn(&[u8]), file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(bytes) = std::fs::read(file) else { return false };
    let run = thread::Builder::new().name(name).spawn(move || target(&bytes));
    run.is_ok_and(|run| run.join().is_ok())
}
