//! The kinds of programs, and what a run of one says.

use crate::BLOCK_BYTES;
use crate::heap::cost::{Cost, program};
use anyhow::{Context, Result, bail};
use xtask::project::Project;
use xtask::variant::Variant;

const PROGRAMS: &str = include_str!("programs.py");

/// A program that fills memory.
pub struct Kind {
    /// Its function in `programs.py`.
    pub name: &'static str,
    /// In words.
    pub what: &'static str,
    /// Steps between two looks at the heap.
    every: u32,
    /// Steps at most.
    steps: u32,
}

const fn filling(name: &'static str, what: &'static str, every: u32) -> Kind {
    Kind {
        name,
        what,
        every,
        steps: 10_000_000,
    }
}

pub const KINDS: &[Kind] = &[
    filling(
        "records",
        "records: dicts of a number, a name, tags, a float",
        1500,
    ),
    filling("words", "words: short strings, made by a generator", 6000),
    filling(
        "documents",
        "JSON documents: the text, and what was read from it",
        20,
    ),
    filling("matrices", "matrices of floats, 12 by 12", 40),
    filling("bytearrays", "bytearrays that grow to 0.5 to 33 KB", 15),
    filling("doubling", "lists and dicts of 4 to 512 items that double", 30),
    filling("frames", "frames of 150 KB with junk between", 2),
    filling("ring", "a ring of 8 frames beside growing small objects", 12),
    filling("pipeline", "an image pipeline that keeps thumbnails", 10),
    filling(
        "cache",
        "a cache of 0.1 to 16 KB values that evicts at random",
        25,
    ),
    filling("strings", "strings built by adding to them", 200),
    filling("classes", "instances of a class with attributes", 1500),
];

/// 1 MB of small objects that live and are replaced, for ten minutes of virtual time.
/// What says where cycles come from (`spiram run --model`): a day and more of virtual time takes the better one too long.
pub const MODEL: &str = "fast";

pub const CHURN: Kind = Kind {
    name: "churn",
    what: "1 MB of small objects, replaced at random for ten minutes",
    every: 20,
    steps: 600,
};

/// The heap at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// `fresh`, `filling`, `full`, `dropped`.
    pub at: String,
    pub steps: u32,
    pub ms: u64,
    pub free_bytes: u64,
    pub largest_bytes: u64,
}

/// What one heap made of a kind.
pub struct Filled {
    pub looks: Vec<Look>,
    /// The MemoryError, if there was one.
    pub refusal: Option<String>,
    pub collections: Vec<Cost>,
}

impl Kind {
    /// Runs it on a freshly booted board.
    pub fn run(&self, project: &Project, variant: &Variant) -> Result<Filled> {
        let Kind {
            name, every, steps, ..
        } = self;
        let script = format!("KIND, EVERY, STEPS = {name:?}, {every}, {steps}\n{PROGRAMS}");
        let run = program(project, variant, &script, MODEL).with_context(|| format!("kind {name}"))?;
        let looks = looks(&run.console)?;
        let [first, .., full, last] = &looks[..] else {
            bail!("kind {name}: expected four looks at least\n{}", run.console);
        };
        for (look, at) in [(first, "fresh"), (full, "full"), (last, "dropped")] {
            if look.at != at {
                bail!("kind {name}: expected the look {at:?}, found {look:?}");
            }
        }
        let refusal = run.console.lines().find_map(|line| line.strip_prefix("full "));
        Ok(Filled {
            refusal: refusal.map(str::to_owned),
            looks,
            collections: run.collections,
        })
    }
}

impl Filled {
    fn at(&self, name: &str) -> &Look {
        let look = self.looks.iter().find(|look| look.at == name);
        look.expect("`run` saw to it that there is one")
    }

    pub fn fresh(&self) -> &Look {
        self.at("fresh")
    }

    pub fn full(&self) -> &Look {
        self.at("full")
    }

    pub fn dropped(&self) -> &Look {
        self.at("dropped")
    }

    /// What was free at the end, of what was free at the beginning.
    pub fn free_share(&self) -> f64 {
        self.full().free_bytes as f64 / self.fresh().free_bytes as f64
    }

    /// The least that the largest free block was of what was free on the way, while a tenth of all was.
    pub fn least_whole_share(&self) -> f64 {
        let enough = self.fresh().free_bytes / 10;
        self.looks
            .iter()
            .filter(|look| look.at == "filling" && look.free_bytes > enough)
            .map(|look| look.largest_bytes as f64 / look.free_bytes as f64)
            .fold(1.0, f64::min)
    }

    pub fn collecting_ms(&self) -> f64 {
        self.collections.iter().sum::<Cost>().ms()
    }
}

/// `look <at> <steps> <ms> <free bytes>`, and below it `... max free sz: <blocks>`.
fn looks(console: &str) -> Result<Vec<Look>> {
    let mut looks = Vec::new();
    let mut lines = console.lines();
    while let Some(line) = lines.next() {
        let Some(line) = line.strip_prefix("look ") else {
            continue;
        };
        let words: Vec<&str> = line.split(' ').collect();
        let [at, steps, ms, free] = words[..] else {
            bail!("expected a place, steps, ms and free bytes, found {line:?}");
        };
        let blocks = lines
            .find_map(|line| line.split_once("max free sz: "))
            .with_context(|| format!("no largest free block at {at}"))?;
        looks.push(Look {
            at: at.to_owned(),
            steps: steps.parse()?,
            ms: ms.parse()?,
            free_bytes: free.parse()?,
            largest_bytes: BLOCK_BYTES * blocks.1.trim().parse::<u64>()?,
        });
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "look fresh 0 5 9000\nmem: total=1\n No. of 1-blocks: 1, max free sz: 500\n\
        look filling 9 50 4000\n No. of 1-blocks: 1, max free sz: 100\n\
        look filling 10 60 800\n No. of 1-blocks: 1, max free sz: 1\nfull memory allocation failed\n\
        look full 10 70 450\n No. of 1-blocks: 1, max free sz: 10\nlook dropped 10 90 9000\n max free sz: 499\n";

    #[test]
    fn a_run_is_read_and_says_what_was_left() {
        let filled = Filled {
            looks: looks(CONSOLE).unwrap(),
            refusal: None,
            collections: Vec::new(),
        };
        assert_eq!(filled.looks.len(), 5);
        assert_eq!(filled.free_share(), 0.05);
        assert_eq!(filled.least_whole_share(), 0.4, "the second had too little free");
        assert_eq!(filled.dropped().largest_bytes, 499 * 16);
        assert!(looks("look fresh 0 5\n").is_err());
        assert!(looks("look fresh 0 5 6\n").is_err(), "without a largest block");
    }

    #[test]
    fn each_kind_is_a_function_of_the_programs() {
        for kind in KINDS.iter().chain([&CHURN]) {
            let head = format!("def {}(keep, n):", kind.name);
            assert!(PROGRAMS.contains(&head), "{head}");
        }
    }
}
