//! Which lines a cache holds, without their contents: for time only. The oldest line of a set makes room.

/// Bytes in a line (Armv7-M ARM B2.2, CCSIDR of the Cortex-M7).
pub const LINE_BYTES: u32 = 32;

/// A cache of 32-byte lines.
#[derive(Clone, Debug)]
pub struct Cache {
    ways: usize,
    sets: u32,
    /// Set by set, the youngest first.
    lines: Vec<Option<Line>>,
    /// Accesses that found their line.
    pub hits: u64,
    /// Those that did not.
    pub misses: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    number: u32,
    dirty: bool,
}

/// What an access met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// The line was there.
    Hit,
    /// It was not; the address of a line that had to be written back for it.
    Miss {
        /// The first byte of that line.
        written_back: Option<u32>,
    },
}

impl Cache {
    /// One of so many bytes and ways, empty.
    ///
    /// # Panics
    /// If they do not make whole sets.
    pub fn new(bytes: u32, ways: usize) -> Cache {
        let lines = bytes / LINE_BYTES;
        let sets = lines / ways as u32;
        assert!(
            sets.is_power_of_two() && sets * ways as u32 * LINE_BYTES == bytes,
            "{bytes} bytes in {ways} ways"
        );
        Cache {
            ways,
            sets,
            lines: vec![None; lines as usize],
            hits: 0,
            misses: 0,
        }
    }

    /// The instruction cache of the H7A3: 16 KB, 2 ways (RM0455 2.1).
    pub fn instructions() -> Cache {
        Cache::new(16 * 1024, 2)
    }

    /// Its data cache: 16 KB, 4 ways.
    pub fn data() -> Cache {
        Cache::new(16 * 1024, 4)
    }

    /// An access; `writes` makes the line dirty.
    pub fn access(&mut self, address: u32, writes: bool) -> Met {
        let number = address / LINE_BYTES;
        let start = (number % self.sets) as usize * self.ways;
        let set = &mut self.lines[start..start + self.ways];
        let found = set
            .iter()
            .position(|line| line.is_some_and(|line| line.number == number));
        let at = found.unwrap_or(self.ways - 1);
        let old = set[at];
        set[..=at].rotate_right(1);
        let was_dirty = found.is_some() && old.is_some_and(|line| line.dirty);
        set[0] = Some(Line {
            number,
            dirty: writes || was_dirty,
        });
        if found.is_some() {
            self.hits += 1;
            return Met::Hit;
        }
        self.misses += 1;
        let written_back = old.filter(|line| line.dirty).map(|line| line.number * LINE_BYTES);
        Met::Miss { written_back }
    }

    /// Empties it; what was dirty is forgotten.
    pub fn clear(&mut self) {
        self.lines.fill(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: Met = Met::Miss { written_back: None };

    #[test]
    fn a_line_is_fetched_once() {
        let mut cache = Cache::data();
        assert_eq!(cache.access(0x100, false), CLEAN);
        assert_eq!(cache.access(0x11F, false), Met::Hit);
        assert_eq!(cache.access(0x120, false), CLEAN);
        assert_eq!((cache.hits, cache.misses), (1, 2));
    }

    #[test]
    fn the_line_used_longest_ago_makes_room() {
        let mut cache = Cache::data();
        // One set: 4 KB apart.
        for n in 0..4 {
            cache.access(n * 4096, false);
        }
        cache.access(0, false);
        cache.access(4 * 4096, false);
        assert_eq!(cache.access(0, false), Met::Hit);
        assert_eq!(cache.access(4096, false), CLEAN);
    }

    #[test]
    fn what_was_written_goes_back_before_its_line_is_used() {
        let mut cache = Cache::data();
        cache.access(0x40, true);
        for n in 1..4 {
            cache.access(0x40 + n * 4096, false);
        }
        assert_eq!(
            cache.access(0x40 + 4 * 4096, false),
            Met::Miss {
                written_back: Some(0x40)
            }
        );
    }

    #[test]
    fn the_instruction_cache_holds_two_lines_of_a_set() {
        let mut cache = Cache::instructions();
        for n in [0, 1, 0, 1] {
            cache.access(n * 8192, false);
        }
        assert_eq!(cache.misses, 2);
        cache.access(2 * 8192, false);
        assert_eq!(cache.access(0, false), CLEAN);
    }
}
