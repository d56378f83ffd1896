//! 128-bit fingerprints of worlds, by two multiplications for each word of input.
//!
//! Worlds are not chosen by an attacker, so deliberate collisions are no concern. Accidental ones are negligible among
//! a few million worlds.

use std::hash::{Hash, Hasher};

/// A 128-bit fingerprint.
pub type Fingerprint = (u64, u64);

/// Computes the fingerprint of a value.
pub fn fingerprint<T: Hash + ?Sized>(thing: &T) -> Fingerprint {
    let mut mixer = Mixer(0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344);
    thing.hash(&mut mixer);
    // Once more, so that the last words count as much as the first ones.
    mixer.write_u64(0xa409_3822_299f_31d0);
    (mixer.0, mixer.1)
}

struct Mixer(u64, u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_usize(bytes.len());
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = folded(self.0 ^ word, 0x9e37_79b9_7f4a_7c15);
        self.1 = folded(self.1.rotate_left(23) ^ word, 0xd6e8_feb8_6659_fd93);
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Multiplies, and folds the two halves of the product into one.
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn things_that_differ_in_little_have_fingerprints_that_share_nothing() {
        let things = (0..1000_u64).flat_map(|a| (0..50_u8).map(move |b| (a, b, "x".repeat(b.into()))));
        let prints: Vec<_> = things.map(|thing| fingerprint(&thing)).collect();
        for half in [|print: &Fingerprint| print.0, |print: &Fingerprint| print.1] {
            assert_eq!(prints.iter().map(half).collect::<BTreeSet<_>>().len(), prints.len());
        }
        let bits: u32 = prints.windows(2).map(|two| (two[0].0 ^ two[1].0).count_ones()).sum();
        assert!(
            (31..=33).contains(&(bits / u32::try_from(prints.len()).unwrap())),
            "half of the bits change"
        );
    }

    #[test]
    fn the_bounds_between_texts_count() {
        assert_ne!(fingerprint(&("ab", "c")), fingerprint(&("a", "bc")));
        assert_ne!(fingerprint(""), fingerprint("\0"));
    }
}
