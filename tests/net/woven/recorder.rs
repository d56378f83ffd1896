//! Notes of each call of the core what went in and what came out, as two hashes, for tests/net.

use ring::digest;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

/// A hash of what went in, then one of what came out.
type Record = [u8; 32];

/// A file a process, and what is in it.
struct Notes {
    file: File,
    seen: HashSet<Record>,
}

/// Where records go, if anywhere.
static NOTES: LazyLock<Option<Mutex<Notes>>> = LazyLock::new(|| {
    let file = own_file("AURA_NET_RECORDS", "records")?;
    Some(Mutex::new(Notes { file, seen: HashSet::new() }))
});

/// The records whose texts are wanted, and where these go.
static TEXTS: LazyLock<Option<(HashSet<Record>, Mutex<File>)>> = LazyLock::new(|| {
    let wanted = std::fs::read(std::env::var_os("AURA_NET_WANTED")?).ok()?;
    let wanted = wanted.as_chunks::<32>().0.iter().copied().collect();
    Some((wanted, Mutex::new(own_file("AURA_NET_RECORDS", "texts")?)))
});

thread_local! {
    /// How many recorded calls are under way: what one of them calls itself is no record of its own.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What went into the request that this thread answers, up to here.
    static HISTORY: Cell<[u8; 16]> = const { Cell::new([0; 16]) };
    /// The same as text, where texts are wanted.
    static STORY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// How often this thread came by a door.
    static NUMBERS: RefCell<HashMap<&'static str, u32>> = RefCell::new(HashMap::new());
}

fn own_file(folder: &str, extension: &str) -> Option<File> {
    let name = format!("{}.{extension}", std::process::id());
    let path = Path::new(&std::env::var_os(folder)?).join(name);
    OpenOptions::new().create(true).append(true).open(path).ok()
}

/// What a call has to do with the calls before it on its thread.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// It begins a request.
    First,
    /// It continues the request.
    Next,
    /// It asks something of the request.
    Aside,
    /// Nothing.
    Alone,
}

/// A call that is under way.
pub(crate) struct Call {
    part: Part,
    input: Option<Vec<u8>>,
}

impl Call {
    /// Begins a call; what goes in is told only where it is recorded. It does not tell whose thread it is, for what several
    /// tests share is made by whichever comes first.
    pub(crate) fn begin(part: Part, name: &'static str, input: impl FnOnce(&mut Vec<u8>)) -> Self {
        let is_recorded = NOTES.is_some() && DEPTH.get() == 0;
        DEPTH.set(DEPTH.get() + 1);
        let input = is_recorded.then(|| {
            let mut text = name.as_bytes().to_vec();
            text.push(b'\n');
            input(&mut text);
            text
        });
        Self { part, input }
    }

    /// Begins a call whose input cannot be told. Where a corpus is run, the file and how often the call was made for it say
    /// which it is; elsewhere nothing does, and its outputs are compared as a set.
    pub(crate) fn numbered(name: &'static str) -> Self {
        Self::begin(Part::Alone, name, |text| {
            if std::env::var_os("AURA_NET_NUMBERED").is_none() {
                return;
            }
            let number = NUMBERS.with_borrow_mut(|numbers| {
                let number = numbers.entry(name).or_default();
                *number += 1;
                *number
            });
            text.extend_from_slice(format!("{:?} {number}", thread::current().name()).as_bytes());
        })
    }

    /// Ends it.
    pub(crate) fn end(mut self, output: impl FnOnce(&mut Vec<u8>)) {
        let Some(input) = self.input.take() else { return };
        let mut text = Vec::new();
        output(&mut text);
        let before = match self.part {
            Part::First | Part::Alone => [0; 16],
            Part::Next | Part::Aside => HISTORY.get(),
        };
        let key = hash(&[&before, &input]);
        if matches!(self.part, Part::First | Part::Next) {
            HISTORY.set(key);
        }
        let mut record = [0; 32];
        record[..16].copy_from_slice(&key);
        record[16..].copy_from_slice(&hash(&[&text]));
        note(record);
        if let Some((wanted, file)) = &*TEXTS {
            tell(self.part, [&input, &text], wanted.contains(&record).then_some((record, file)));
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut short = [0; 16];
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    short
}

/// Writes a record at once: what a process holds back is lost when it ends.
fn note(record: Record) {
    let Some(notes) = &*NOTES else { return };
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if notes.seen.insert(record) {
        notes.file.write_all(&record).expect("the record is written");
    }
}

/// Keeps the story of a request, and writes it where its last call is wanted.
fn tell(part: Part, [input, output]: [&[u8]; 2], wanted: Option<(Record, &Mutex<File>)>) {
    let place = format!("-- {}\n", thread::current().name().unwrap_or("a thread"));
    let own = [place.as_bytes(), b"-> ", input, b"\n<- ", output, b"\n"].concat();
    STORY.with_borrow_mut(|story| {
        let before = match part {
            Part::First => {
                story.clear();
                &[]
            }
            Part::Next | Part::Aside => story.as_slice(),
            Part::Alone => &[],
        };
        if let Some((record, file)) = wanted {
            let name: String = record.iter().map(|byte| format!("{byte:02x}")).collect();
            let told = [b"== ", name.as_bytes(), b"\n", before, &own].concat();
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(&told).expect("the text is written");
        }
        if matches!(part, Part::First | Part::Next) {
            story.extend_from_slice(&own);
        }
    });
}
