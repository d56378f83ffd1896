//! What a program recorded, and how that of the two sides differs.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// A hash of what went into a call and before it, then one of what came out.
pub(crate) type Record = [u8; 32];

/// The records of one side, each once, in the order in which they were made first.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) inputs: HashSet<[u8; 16]>,
    pub(crate) all: Vec<Record>,
}

/// How two sides differ.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Differences {
    /// Records of which the input is on both sides, the output on the first alone.
    pub(crate) answered_before: Vec<Record>,
    /// The same of the second.
    pub(crate) answered_after: Vec<Record>,
    /// Records whose input the second side does not have.
    pub(crate) only_before: Vec<Record>,
    /// Records whose input the first side does not have.
    pub(crate) only_after: Vec<Record>,
}

impl Records {
    /// Reads what the processes of one program wrote.
    pub(crate) fn read(folder: &Path) -> std::io::Result<Self> {
        let mut records = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "records") {
                records.extend_from_slice(std::fs::read(path)?.as_chunks().0);
            }
        }
        Ok(Self::of(records))
    }

    pub(crate) fn of(all: Vec<Record>) -> Self {
        Self { inputs: all.iter().map(input).collect(), all }
    }
}

impl Differences {
    pub(crate) fn between(before: &Records, after: &Records) -> Self {
        let [earlier, later]: [HashSet<&Record>; 2] =
            [before, after].map(|records| records.all.iter().collect());
        let mut differences = Self::default();
        for record in before.all.iter().filter(|record| !later.contains(record)) {
            let is_shared = after.inputs.contains(&input(record));
            let list =
                if is_shared { &mut differences.answered_before } else { &mut differences.only_before };
            list.push(*record);
        }
        for record in after.all.iter().filter(|record| !earlier.contains(record)) {
            let is_shared = before.inputs.contains(&input(record));
            let list = if is_shared { &mut differences.answered_after } else { &mut differences.only_after };
            list.push(*record);
        }
        differences
    }

    pub(crate) fn count(&self) -> usize {
        let counts = [&self.answered_before, &self.answered_after, &self.only_before, &self.only_after];
        counts.iter().map(|list| list.len()).sum()
    }

    /// A few records to look at: of one input where there are such, of the first ones otherwise.
    pub(crate) fn samples(&self, most: usize) -> BTreeSet<Record> {
        let shared: BTreeSet<[u8; 16]> = self.answered_before.iter().map(input).take(most).collect();
        let both = self.answered_before.iter().chain(&self.answered_after);
        let mut samples: BTreeSet<Record> =
            both.filter(|record| shared.contains(&input(record))).copied().collect();
        if samples.is_empty() {
            samples.extend(self.only_before.iter().take(most));
            samples.extend(self.only_after.iter().take(most));
        }
        samples
    }
}

fn input(record: &Record) -> [u8; 16] {
    let mut input = [0; 16];
    input.iter_mut().zip(record).for_each(|(to, from)| *to = *from);
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(all: &[(u8, u8)]) -> Records {
        let record = |(input, output): &(u8, u8)| {
            let mut record = [*output; 32];
            record[..16].fill(*input);
            record
        };
        Records::of(all.iter().map(record).collect())
    }

    #[test]
    fn records_in_another_order_are_alike() {
        let differences = Differences::between(&records(&[(1, 1), (2, 2)]), &records(&[(2, 2), (1, 1)]));
        assert_eq!(differences, Differences::default());
    }

    #[test]
    fn another_output_of_one_input_differs_on_both_sides() {
        let differences = Differences::between(&records(&[(1, 1), (2, 2)]), &records(&[(1, 1), (2, 3)]));
        assert_eq!((differences.answered_before.len(), differences.answered_after.len()), (1, 1));
        assert_eq!((differences.count(), differences.samples(9).len()), (2, 2));
    }

    #[test]
    fn an_input_that_one_side_does_not_have_differs() {
        let differences = Differences::between(&records(&[(1, 1), (2, 2)]), &records(&[(2, 2), (3, 3)]));
        assert_eq!((differences.only_before.len(), differences.only_after.len()), (1, 1));
        assert_eq!(differences.samples(9).len(), 2);
    }
}
