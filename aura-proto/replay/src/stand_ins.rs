//! Stand-ins of words: drawn at random when a word is first met, and the same whenever it is met again.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// How many stand-ins are drawn at most for one that is no known word: `dev` must not become the id of a provider.
const MAX_DRAWN: usize = 8;

/// Where equal words have equal stand-ins, since the flow compares them. In two of these they have not, so that a link
/// of an attacker does not reveal which of its words are those of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Space {
    /// Where a request arrived and where a redirect leads: hosts, paths, targets.
    Target,
    /// States, and their beginnings in the names of cookies.
    State,
    /// Cookies that do not open.
    Cookie,
    /// The rest of a request.
    Request,
    /// Sealed values, and answers of providers.
    Data,
}

/// A map whose keys are hashes already.
type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Identity>>;

/// The known words, which are kept, and the stand-ins of all others. Case does not count.
///
/// Words are found by their hashes. The hasher has a secret beginning, so that a sender of words cannot choose them to
/// collide; two that do all the same have one stand-in.
pub(crate) struct StandIns {
    known: ByHash<String>,
    /// Where the bytes of each word begin.
    met: BTreeMap<Space, ByHash<usize>>,
    bytes: Vec<u8>,
    stream: Stream,
    hasher: DefaultHasher,
    /// Room for a stand-in.
    tried: String,
}

impl StandIns {
    /// Draws from a seed, which is fresh for each transcript.
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        let mut stream = Stream::new(seed);
        let mut hasher = DefaultHasher::new();
        (0..16).for_each(|_| hasher.write_u8(stream.next()));
        Self {
            known: HashMap::default(),
            met: BTreeMap::new(),
            bytes: Vec::new(),
            stream,
            hasher,
            tried: String::new(),
        }
    }

    /// Registers a word as known.
    pub(crate) fn know(&mut self, word: &str) {
        self.known.insert(self.hash(word), word.to_owned());
    }

    /// Calls a function with each character of what stands for a word; returns false, and does not, if it is known. Words
    /// with the same beginning, of that many characters, have stand-ins with the same beginning.
    pub(crate) fn write(
        &mut self,
        space: Space,
        word: &str,
        beginning: usize,
        mut write: impl FnMut(char),
    ) -> bool {
        let hash = self.hash(word);
        if self.is_known(hash, word) {
            return false;
        }
        let whole = self.begin(space, hash, word);
        let end = word.char_indices().nth(beginning).map_or(0, |(end, _)| end);
        let first = word.get(..end).filter(|first| !first.is_empty());
        let first = first.map(|first| self.begin(space, self.hash(first), first));
        for (at, of) in word.chars().enumerate() {
            let begin = first.filter(|_| at < beginning).unwrap_or(whole);
            let byte = self.bytes.get(begin.saturating_add(at)).copied().unwrap_or_default();
            write(shaped_as(at, of, byte));
        }
        true
    }

    /// Returns where the bytes begin that a word's stand-in is shaped by, one a character.
    fn begin(&mut self, space: Space, hash: u64, word: &str) -> usize {
        if let Some(begin) = self.met.entry(space).or_default().get(&hash) {
            return *begin;
        }
        let begin = self.bytes.len();
        for _ in 0..MAX_DRAWN {
            self.bytes.truncate(begin);
            self.tried.clear();
            for (at, of) in word.chars().enumerate() {
                let byte = self.stream.next();
                self.bytes.push(byte);
                self.tried.push(shaped_as(at, of, byte));
            }
            if !self.is_known(self.hash(&self.tried), &self.tried) {
                break;
            }
        }
        self.met.entry(space).or_default().insert(hash, begin);
        begin
    }

    fn is_known(&self, hash: u64, word: &str) -> bool {
        self.known.get(&hash).is_some_and(|known| known.eq_ignore_ascii_case(word))
    }

    /// Hashes a word in lower case.
    fn hash(&self, word: &str) -> u64 {
        let mut hasher = self.hasher.clone();
        for chunk in word.as_bytes().chunks(32) {
            let mut lower = [0; 32];
            lower.iter_mut().zip(chunk).for_each(|(to, from)| *to = from.to_ascii_lowercase());
            hasher.write(lower.get(..chunk.len()).unwrap_or_default());
        }
        hasher.finish()
    }
}

/// Returns a character of the same kind. Case is kept, and words that differ in case alone still do.
fn shaped_as(at: usize, of: char, byte: u8) -> char {
    let among = |first: u8, count: u8| char::from(first.saturating_add(byte.checked_rem(count).unwrap_or(0)));
    match of {
        'a'..='z' => among(b'a', 26),
        'A'..='Z' => among(b'A', 26),
        // A number keeps its length and is no octal one, and a port stays one.
        '0' if at == 0 => '0',
        '1'..='9' if at == 0 => among(b'1', 5),
        '0'..='9' => among(b'0', 10),
        of => match of.len_utf8() {
            1 => of,
            2 => '\u{e9}',
            3 => '\u{4e2d}',
            _ => '\u{1d49c}',
        },
    }
}

/// The hash of a hash: itself.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The key stream of ChaCha20. It costs a nanosecond a byte, an HMAC for each word more than all the rest.
struct Stream {
    key: Option<LessSafeKey>,
    block: [u8; 512],
    blocks: u32,
    at: usize,
}

impl Stream {
    fn new(seed: &[u8; 32]) -> Self {
        // Cannot fail: the seed is as long as the cipher's key.
        let key = UnboundKey::new(&CHACHA20_POLY1305, seed).ok().map(LessSafeKey::new);
        Self { key, block: [0; 512], blocks: 0, at: 512 }
    }

    fn next(&mut self) -> u8 {
        if self.at == self.block.len() {
            self.refill();
        }
        let byte = self.block.get(self.at).copied().unwrap_or_default();
        self.at = self.at.saturating_add(1);
        byte
    }

    fn refill(&mut self) {
        self.block = [0; 512];
        self.at = 0;
        self.blocks = self.blocks.saturating_add(1);
        let mut nonce = [0; 12];
        nonce.iter_mut().zip(self.blocks.to_be_bytes()).for_each(|(to, from)| *to = from);
        if let Some(key) = &self.key {
            // Cannot fail: a block is far below the cipher's limit. One of zeros would make stand-ins of one letter.
            let _ = key.seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut self.block,
            );
        }
    }
}
