//! Files that are torn at every byte, and changed at a few: compiled Python, JSON, compressed data, images of file systems.
//!
//! What is sent is the number of the file, its length, and which bytes are changed; the file is made where it is read.

use crate::ground::{End, Ground};
use fastrand::Rng;

/// Python that makes the files and reads them.
pub const SOURCE: &str = include_str!("files.py");

/// Files in one program; what they change has to fit into the board's room.
pub const BATCH: usize = 400;

/// A kind of file.
pub struct Kind {
    /// As in `files.py`.
    pub name: String,
    number: u8,
    bytes: Vec<u8>,
    /// Where the bytes are that are none of a gap.
    places: Vec<usize>,
}

/// A file: how much is left of it, and what is changed.
#[derive(Clone, Debug)]
pub struct File {
    kind: u8,
    bytes: usize,
    changes: Vec<(usize, u8)>,
}

impl Kind {
    /// Asks for all that there are.
    pub fn all(ground: &mut dyn Ground) -> Result<Vec<Kind>, String> {
        let said =
            ground.ask("for i, k in enumerate(KINDS): print(k[0], str(binascii.hexlify(B_[i]), 'utf8'))")?;
        let mut kinds = Vec::new();
        for (number, line) in said.lines().enumerate() {
            let (name, digits) = line.split_once(' ').ok_or("no name of a kind of files")?;
            let bytes = unhex(digits)?;
            let places = (0..bytes.len())
                .filter(|&at| ![0, 0xFF, 0xF6].contains(&bytes[at]))
                .collect();
            kinds.push(Kind {
                name: name.to_owned(),
                number: number as u8,
                bytes,
                places,
            });
        }
        Ok(kinds)
    }

    /// The `number`th file: first those that end too early, then changed ones.
    pub fn draw(&self, number: u64) -> File {
        let len = self.bytes.len();
        let whole = File {
            kind: self.number,
            bytes: len,
            changes: Vec::new(),
        };
        if number < len as u64 {
            return File {
                bytes: number as usize,
                ..whole
            };
        }
        let mut rng = Rng::with_seed(number ^ u64::from(self.number) << 56);
        let changes = (0..=rng.usize(..4)).map(|_| self.change(&mut rng)).collect();
        File { changes, ..whole }
    }

    fn change(&self, rng: &mut Rng) -> (usize, u8) {
        // Gaps are large, and seldom looked at.
        let at = match rng.usize(..10) {
            0 => rng.usize(..self.bytes.len()),
            _ => self.places[rng.usize(..self.places.len())],
        };
        let old = self.bytes[at];
        let new = match rng.u8(..8) {
            0 | 1 => old ^ 1 << rng.u8(..8),
            2 => old.wrapping_add(1),
            3 => old.wrapping_sub(1),
            4 => [0, 0x7F, 0x80, 0xFF][rng.usize(..4)],
            // What stands elsewhere has a meaning.
            5 => self.bytes[self.places[rng.usize(..self.places.len())]],
            _ => rng.u8(..),
        };
        (at, new)
    }

    /// As Python, for a person.
    pub fn script(&self, file: &File) -> String {
        let changes: String = file
            .changes
            .iter()
            .map(|(at, new)| format!("b[{at}] = {new}\n"))
            .collect();
        format!(
            "b = bytearray(B_[{}][:{}])\n{changes}U_[{}](b)\n",
            file.kind, file.bytes, file.kind
        )
    }
}

/// As Python takes them apart.
pub fn bytes(files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in files {
        out.push(file.kind);
        out.extend(&(file.bytes as u32).to_le_bytes()[..3]);
        out.push(file.changes.len() as u8);
        for (at, new) in &file.changes {
            out.extend(&(*at as u32).to_le_bytes()[..3]);
            out.push(*new);
        }
    }
    out
}

/// The file that does the harm alone, with as few changes as do it.
pub fn shrink(ground: &mut dyn Ground, kind: &str, files: &[File], begun: usize) -> Option<File> {
    let mut harms = |file: &File| matches!(ground.run_files(&bytes(std::slice::from_ref(file))).end, End::Lost(loss) if loss.kind == kind);
    let last = files.get(begun.checked_sub(1)?)?.clone();
    if !harms(&last) {
        return None;
    }
    let mut best = last;
    let mut at = 0;
    while at < best.changes.len() {
        let mut trial = best.clone();
        trial.changes.remove(at);
        if harms(&trial) {
            best = trial;
        } else {
            at += 1;
        }
    }
    Some(best)
}

fn unhex(digits: &str) -> Result<Vec<u8>, String> {
    let pairs = digits.trim().as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .map(byte)
        .collect::<Option<_>>()
        .ok_or_else(|| format!("no hexadecimal digits: {digits}"))
}
