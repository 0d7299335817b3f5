//! Which tier, and when to collect. Everything that is a matter of judgement, and nothing else, is in this file.
//!
//! # Where to put what
//! An object is *small* up to `small_bytes`, *medium* up to `medium_bytes`, else *large*. A leaf of more than `leaf_bytes` is
//! *payload* up to `small_bytes`, else large.
//! - Small: the fastest tier first, lowest address first; when that is full, the next one.
//! - Payload: the slowest tier first, lowest address first; when that is full, the next faster one.
//! - Medium: as small, but highest address first.
//! - Large: as payload, but highest address first.
//!
//! So small and large grow towards each other, and what is free lies between. In a tier holes come before the gap: the
//! lowest for what goes low, the highest for what goes high. Objects of up to 256 bytes get their places from stretches
//! of 4 KB: one for those of one block, of two, of three and four, and of more, and the same again for leaves. What dies
//! leaves a hole that the next of its size fits.
//!
//! Small objects die young, and what is allocated again and again should be where it costs nothing. Lists and tables are
//! read by every collection, so as long as they do not fill the fast tier alone they are worth its bytes as much as small
//! objects are. A large block would fill it; the collector does not read leaves, so they cost nothing where they are.
//!
//! # When the fast tier is full: collect, or spill?
//! Let `F` be the bytes of the fast tier that a collection makes free, `C` what the collection costs, and `s` what it
//! costs more to allocate a byte in slow memory than in fast. If we collect after every `X >= F` bytes, then `X - F` of
//! them are spilled, and the cost for each byte allocated is
//! ```text
//!   (C + (X - F) * s) / X   =   s + (C - F * s) / X
//! ```
//! which falls with `X` if `C > F * s` and grows with `X` otherwise. So there is no best growth factor in between:
//!
//! **collect at once if `C < F * s`; else spill until all memory is used up.**
//!
//! Wire and processor work at the same time. A new line of slow memory is filled and another one written back, while the
//! program goes on with what it needed the objects for, so
//! `s = max(2 * line_cycles - work_cycles, line_cycles / 4) / 32`. A collection reads one line while it marks what the
//! one before points to, so `C` is the larger of `slow_lines * line_cycles` and
//! `objects * object_cycles + leaves * leaf_cycles + table_words * table_word_cycles`. `C` and `F` are taken from the last
//! collection.
//!
//! With 0.8 MB of fast memory empty after a collection, `F * s` is 6 million cycles at 50 MHz: the price of reading 14,000
//! lines. A program with more than that alive in slow memory collects only when 8 MB are used up, as it would with one
//! tier; with less, its garbage never leaves the fast tier.
//!
//! # So that a slow tier stays whole
//! Objects are never moved. If what lives is scattered over all of a tier when the first collection comes, only small
//! holes are free ever after. So a side of a slow tier has a *budget* `B`: when so many bytes were handed out on it since
//! the last collection, holes are still filled, but before the side grows into the gap there is a collection. In steady
//! state, with `L` bytes alive on a side, it reaches about as far as `L + B`, and `B` is the most that can be lost in holes.
//!
//! With `free` bytes free in the tier after the last collection, and `paid` bytes that the program allocates while it works
//! for as long as that collection took,
//! ```text
//!   wide   = free / spread_share              narrow = free / narrow_share
//!   paid   = 32 * C / (work_cycles + 32 * s)
//!   B      = max(narrow.max(cheap_share * paid).min(wide), min(paid / 4, tier / scarce_share))
//! ```
//! `wide` keeps at least `1 - 1 / spread_share` of what is free in one piece. In proportion to what is free, and not
//! only to what lives: the fuller the tier, the more a hole matters. What few large objects fill costs next to nothing to
//! collect, and there every hole is lost to the next large one: as long as collections take less than `1 / cheap_share` of
//! the time, `narrow` is enough. The last term bounds the price: at most four fifths of the time go into collections, in a
//! tier that is nearly full of small objects.
//!
//! Not every program scatters. After a collection the part that a side gained is *clean* if survivors spoil less than
//! `1 / clean_share` of it, and it is an eighth of the tier at least. What is short-lived leaves it so, and then `B` is three
//! quarters of all the room between what stays and the other side: a quarter of it is still whole should the program begin
//! to keep things just now.
//!
//! What it costs and buys is measured by `cargo xtask bench fit`, and quickly by `cargo run --release -p tierheap --example
//! fit`.
//!
//! # After a refusal
//! The last `1 / 128` of the fast tier, 6 KB, is a *reserve*: closed until the heap has refused an object for want of room, and
//! closed again when a collection finds a quarter of all memory free. A program that catches a MemoryError has room for what
//! it does about it; and what it makes then, which may live for ever, does not go to a hole in the middle of the slow tier.
//! An object larger than the reserve is refused only after the reserve was searched, too.
//!
//! # So that collections are few, whatever the estimates
//! - A collection for speed needs at least `1 / min_share` of the fast tier allocated since the last one.
//! - A large object that does not fit the slow tier is put into a faster one, unless `1 / min_share` of all memory was
//!   allocated since the last collection; then collecting comes first.
//! - When no tier has room, there is one collection, and then `NoRoom`.
//!
//! So for `A` bytes allocated there are at most `A * min_share / fast + 1` collections, apart from those without which
//! there would be no room at all.
//!
//! # Slices
//! Marking in slices is begun when less than `1 / slice_share` of the memory is free, or of the fast tier if collecting
//! that beats spilling, or when a side of a slow tier has used up its budget. Each block allocated then pays
//! for `words_per_block` words of marking, so that marking ends when half of what was free is used up:
//! `words_per_block = 2 * words_to_scan / free_blocks`, rounded up, where `words_to_scan` is what the last collection
//! scanned plus what was allocated since, and `free_blocks` those of the tier, or of all, for which it was begun.
//!
//! When it is the budget, a side may grow by half as much again until marking ends.
//!
//! `gc.threshold` is not policy but an order: see [`Heap::allocated_blocks`](crate::Heap::allocated_blocks).

use crate::frontier::Verdict;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, WORD_BYTES};
use crate::region::EXACT_BLOCKS;
use crate::stats::Work;

/// The numbers in the formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Objects with more bytes are put high.
    pub small_bytes: u32,
    /// Objects with more bytes begin in the slowest tier.
    pub medium_bytes: u32,
    /// Leaves with more bytes begin in the slowest tier.
    pub leaf_bytes: u32,
    /// CPU cycles to find an object, mark it and scan it, without waiting for slow memory.
    pub object_cycles: u32,
    /// CPU cycles to find a leaf and mark it.
    pub leaf_cycles: u32,
    /// CPU cycles that a line of slow memory takes to read, or to write back.
    pub line_cycles: u32,
    /// CPU cycles to sweep a word of the tables.
    pub table_word_cycles: u32,
    /// CPU cycles that a program takes, without waiting for memory, to make 32 bytes of small objects.
    pub work_cycles: u32,
    /// See the module's text: collections for speed are at least `1 / min_share` of a tier apart.
    pub min_share: u32,
    /// See the module's text: slices begin when less than `1 / slice_share` is free.
    pub slice_share: u32,
    /// See the module's text: a side of a slow tier may spread over `1 / spread_share` of what is free.
    pub spread_share: u32,
    /// See the module's text: or over `1 / narrow_share`, if a collection costs next to nothing.
    pub narrow_share: u32,
    /// See the module's text: that is, less than `1 / cheap_share` of the time.
    pub cheap_share: u32,
    /// See the module's text: or over `1 / scarce_share` of the tier, if a collection costs so much.
    pub scarce_share: u32,
    /// See the module's text: a side is clean if less than `1 / clean_share` of it is spoiled.
    pub clean_share: u32,
}

impl Params {
    /// For an STM32H7A3 with a quad PSRAM, of which a line of 32 bytes takes `line_cycles` CPU cycles to read. The other
    /// cycles are instructions, counted in an emulator: marking 100,000 tuples, or 200,000 leaves, sweeping 8192
    /// words, and making Python lists of two.
    pub const fn quad_psram(line_cycles: u32) -> Params {
        Params {
            small_bytes: 2048,
            medium_bytes: 64 * 1024,
            leaf_bytes: 512,
            object_cycles: 75,
            leaf_cycles: 50,
            line_cycles,
            table_word_cycles: 20,
            work_cycles: 630,
            min_share: 8,
            slice_share: 4,
            spread_share: 4,
            narrow_share: 24,
            cheap_share: 8,
            scarce_share: 12,
            clean_share: 64,
        }
    }

    /// With the CPU at 280 MHz and the memory at 50 MHz: 64 clocks of data and 14 of command, address and waiting.
    pub const QUAD_PSRAM: Params = Params::quad_psram(437);
}

/// What the last collection said about the program.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    cost_cycles: u64,
    fast_free_bytes: u32,
    scanned_words: u32,
}

/// Blocks handed out since the last collection began; the regions count them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Since {
    pub fast_blocks: u32,
    pub slow_blocks: u32,
}

impl Since {
    pub fn blocks(self) -> u32 {
        self.fast_blocks.saturating_add(self.slow_blocks)
    }
}

/// See the module's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Payload,
    Medium,
    Large,
}

pub(crate) struct Policy {
    pub params: Params,
    /// Up to so many bytes an object is small, leaf or not, and has a size class of its own.
    pub quick_bytes: u32,
    last: Option<Outcome>,
}

impl Policy {
    pub fn new(params: Params) -> Self {
        Policy {
            params,
            quick_bytes: (EXACT_BLOCKS * BLOCK_BYTES)
                .min(params.small_bytes)
                .min(params.leaf_bytes),
            last: None,
        }
    }

    pub fn size(&self, bytes: u32, leaf: bool) -> Size {
        let Params {
            small_bytes,
            medium_bytes,
            leaf_bytes,
            ..
        } = self.params;
        if leaf && bytes > leaf_bytes && bytes <= small_bytes {
            Size::Payload
        } else if leaf && bytes > leaf_bytes || bytes > medium_bytes {
            Size::Large
        } else if bytes > small_bytes {
            Size::Medium
        } else {
            Size::Small
        }
    }

    fn cost_cycles(&self, work: &Work) -> u64 {
        let cpu = u64::from(work.objects - work.leaves) * u64::from(self.params.object_cycles)
            + u64::from(work.leaves) * u64::from(self.params.leaf_cycles)
            + u64::from(work.table_words) * u64::from(self.params.table_word_cycles);
        cpu.max(u64::from(work.slow_lines) * u64::from(self.params.line_cycles))
    }

    fn spill_cycles(&self, bytes: u32) -> u64 {
        let Params {
            line_cycles,
            work_cycles,
            ..
        } = self.params;
        let line = (2 * line_cycles).saturating_sub(work_cycles).max(line_cycles / 4);
        u64::from(bytes) * u64::from(line) / u64::from(LINE_BYTES)
    }

    /// Takes note of a finished collection.
    pub fn collected(&mut self, work: &Work, fast_free_bytes: u32) {
        let cost_cycles = self.cost_cycles(work);
        let scanned_words = work.fast_words.saturating_add(work.slow_words);
        self.last = Some(Outcome {
            cost_cycles,
            fast_free_bytes,
            scanned_words,
        });
    }

    /// The fast tier of `tier_blocks` is full: is it better to collect than to spill?
    pub fn collecting_beats_spilling(&self, since: Since, tier_blocks: u32) -> bool {
        if u64::from(since.fast_blocks) * u64::from(self.params.min_share) < u64::from(tier_blocks) {
            return false;
        }
        let Some(last) = self.last else { return true };
        last.cost_cycles < self.spill_cycles(last.fast_free_bytes)
    }

    /// A large object does not fit the slow tier: collect before giving it room in a faster one?
    pub fn collect_before_large_in_fast(&self, since: Since, total_blocks: u32) -> bool {
        u64::from(since.blocks()) * u64::from(self.params.min_share) >= u64::from(total_blocks)
    }

    /// From a part of this size on it can be seen that nothing stays in it.
    pub fn telling_blocks(&self, tier_blocks: u32) -> u32 {
        tier_blocks / 8
    }

    /// What one side of a slow tier may be given until the next collection, with `room_blocks` between the solid part of
    /// this side and the other side.
    pub fn budget_blocks(
        &self,
        verdict: Verdict,
        room_blocks: u32,
        free_blocks: u32,
        tier_blocks: u32,
    ) -> u32 {
        if verdict == Verdict::Clean {
            return room_blocks - room_blocks / 4;
        }
        let (params, paid) = (&self.params, self.paid_blocks());
        let narrow = (free_blocks / params.narrow_share).max(paid.saturating_mul(params.cheap_share));
        let least = (paid / 4).min(tier_blocks / params.scarce_share);
        narrow.min(free_blocks / params.spread_share).max(least)
    }

    /// The end of the fast tier that is kept for what a program does about a refusal.
    pub fn reserve_blocks(&self, fast_blocks: u32) -> u32 {
        fast_blocks / 128
    }

    /// Whether there is enough room again to close the reserve.
    pub fn has_recovered(&self, free_blocks: u32, total_blocks: u32) -> bool {
        free_blocks > total_blocks / 4
    }

    /// While a program allocates so many blocks it works for as long as the last collection took.
    fn paid_blocks(&self) -> u32 {
        let cost_cycles = self.last.map_or(0, |last| last.cost_cycles);
        let line_cycles = (u64::from(self.params.work_cycles) + self.spill_cycles(LINE_BYTES)).max(1);
        let blocks = cost_cycles * u64::from(LINE_BYTES / BLOCK_BYTES) / line_cycles;
        blocks.try_into().unwrap_or(u32::MAX)
    }

    /// Is it time to begin marking in slices?
    pub fn slices_due(&self, free_blocks: u32, total_blocks: u32) -> bool {
        u64::from(free_blocks) * u64::from(self.params.slice_share) < u64::from(total_blocks)
    }

    /// How many words to mark for each block allocated, with `free_blocks` left when marking began.
    pub fn words_per_block(&self, since: Since, free_blocks: u32) -> u32 {
        let scanned = self.last.map_or(0, |last| u64::from(last.scanned_words));
        let words = scanned + u64::from(since.blocks()) * u64::from(BLOCK_BYTES / WORD_BYTES);
        (2 * words)
            .div_ceil(u64::from(free_blocks.max(1)))
            .try_into()
            .unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: u32 = 800_000;
    const FAST_BLOCKS: u32 = FAST / BLOCK_BYTES;

    fn after(objects: u32, slow_lines: u32, fast_free_bytes: u32) -> Policy {
        let mut policy = Policy::new(Params::QUAD_PSRAM);
        let work = Work {
            objects,
            slow_lines,
            ..Work::default()
        };
        policy.collected(&work, fast_free_bytes);
        policy
    }

    fn since(fast_blocks: u32, slow_blocks: u32) -> Since {
        Since {
            fast_blocks,
            slow_blocks,
        }
    }

    fn collects(policy: Policy) -> bool {
        policy.collecting_beats_spilling(since(FAST_BLOCKS, 0), FAST_BLOCKS)
    }

    #[test]
    fn few_live_objects_are_worth_a_collection_and_many_are_not() {
        let table = [
            // live objects, lines of them in slow memory, bytes free in fast memory, collect?
            (0, 0, FAST, true),
            (10_000, 0, FAST / 2, true),
            (10_000, 10_000, FAST, true),
            (30_000, 0, FAST / 2, true),
            (30_000, 20_000, FAST, false),
            (100_000, 0, FAST, false),
            (100_000, 40_000, FAST, false),
            (25_000, 0, FAST / 4, false),
            (25_000, 0, 0, false),
        ];
        for (objects, lines, free, expected) in table {
            assert_eq!(
                collects(after(objects, lines, free)),
                expected,
                "{objects} objects, {lines} lines, {free} free"
            );
        }
    }

    #[test]
    fn spilling_costs_what_the_wire_takes_beyond_the_work_of_the_program() {
        let spilling = |line_cycles| Policy::new(Params::quad_psram(line_cycles)).spill_cycles(32_000);
        assert_eq!(spilling(437), 1000 * (2 * 437 - 630));
        assert_eq!(spilling(312), 1000 * 312 / 4);
    }

    #[test]
    fn the_first_time_the_fast_tier_is_full_it_is_collected() {
        assert!(collects(Policy::new(Params::QUAD_PSRAM)));
    }

    #[test]
    fn nothing_is_collected_twice_without_an_eighth_of_the_tier_in_between() {
        let policy = after(0, 0, FAST);
        let eighth = FAST_BLOCKS / 8;
        assert!(!policy.collecting_beats_spilling(since(eighth - 1, FAST_BLOCKS), FAST_BLOCKS));
        assert!(policy.collecting_beats_spilling(since(eighth, FAST_BLOCKS), FAST_BLOCKS));
    }

    #[test]
    fn a_side_may_spread_as_far_as_pays_for_a_collection_but_not_over_more_than_a_quarter_of_what_is_free() {
        const TIER: u32 = 524_288;
        let cheap = after(100, 0, 0);
        let dear = after(300_000, 0, 0);
        // Blocks allocated in as many cycles: 437 each.
        assert_eq!(dear.paid_blocks(), 300_000 * 75 * 2 / 874);
        let table = [
            (&cheap, Verdict::Solid, TIER, TIER / 24),
            (&cheap, Verdict::Unknown, 8000, 8000 / 24),
            (&cheap, Verdict::Unknown, 800, cheap.paid_blocks() * 8),
            (&after(2500, 0, 0), Verdict::Solid, 8000, 2000),
            (&cheap, Verdict::Solid, 0, cheap.paid_blocks() / 4),
            (&dear, Verdict::Solid, TIER, TIER / 4),
            (&dear, Verdict::Solid, 8000, dear.paid_blocks() / 4),
            (&after(5_000_000, 0, 0), Verdict::Solid, 8000, TIER / 12),
            (&dear, Verdict::Clean, 8000, 300_000),
        ];
        for (policy, verdict, free, expected) in table {
            let budget = policy.budget_blocks(verdict, 400_000, free, TIER);
            assert_eq!(budget, expected, "{verdict:?}, {free} free");
        }
    }

    #[test]
    fn slices_keep_ahead_of_the_mutator() {
        let mut policy = Policy::new(Params::QUAD_PSRAM);
        policy.collected(
            &Work {
                slow_words: 90_000,
                ..Work::default()
            },
            0,
        );
        let since = since(0, 2_500);
        // 100,000 words in half of 10,000 blocks.
        assert_eq!(policy.words_per_block(since, 10_000), 20);
        assert_eq!(policy.words_per_block(since, 0), 200_000);
    }
}
