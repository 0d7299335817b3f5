//! The block tables: three bits a block, kept in fast memory.
//!
//! | blk | mrk | the block is |
//! |---|---|---|
//! | 0 | 0 | the inside of whatever began before it |
//! | 0 | 1 | the head of a free run |
//! | 1 | 0 | the head of an object, not (yet) found alive: white |
//! | 1 | 1 | the head of an object found alive in this cycle: black |
//!
//! A thing ends where the next head is. With this encoding a sweep needs no loop over blocks: `blk & mrk` is what
//! lives, `blk ^ mrk` is what is free, 32 blocks at a time.
//!
//! The third bit means two things. On an object's head: the object is a *leaf*, it holds no pointers. On the block
//! after a head: the object has a *finaliser*; such objects get two blocks at least. (So no second table, however many
//! finalisers there are.) Elsewhere the bit is stale and means nothing.
//!
//! The three words of the same 32 blocks lie side by side: one look at an object costs one line of fast memory, or two.
//! The tables know no addresses and no regions: a block is a number, and limits are arguments.

/// A block's number. Numbers run through all regions; each region begins at a multiple of [`WORD_BLOCKS`].
pub(crate) type Block = u32;
/// Blocks in a word of the tables.
pub(crate) const WORD_BLOCKS: u32 = 32;
/// Words that the tables keep for [`WORD_BLOCKS`] blocks.
pub(crate) const WORD_TABLES: usize = 3;
/// These words.
pub(crate) type Group = [u32; WORD_TABLES];

const BLK: usize = 0;
const MRK: usize = 1;
const LEAF: usize = 2;

/// What the tables say of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Inside,
    Free,
    White,
    Black,
}

/// A white object that was just marked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub leaf: bool,
    /// Heads behind it in the same word of the tables, the nearest in the lowest bit.
    pub heads_above: u32,
}

impl Found {
    /// Blocks of the object, whose head is number `index` of the group before `behind`.
    #[inline(always)]
    pub fn blocks(self, index: u32, behind: &[Group]) -> u32 {
        match self.heads_above {
            0 => WORD_BLOCKS - index + blocks_before_head(behind),
            heads => 1 + heads.trailing_zeros(),
        }
    }
}

/// What sweeping one word of the tables freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Swept {
    pub objects: u32,
    pub blocks: u32,
    /// The last thing in the word was a dead object and goes on in the next word.
    pub dead_goes_on: bool,
}

/// Marks the object whose head is number `index` of a group; `None` if it was black, or no object begins there.
#[inline(always)]
pub(crate) fn mark(group: &mut Group, index: u32) -> Option<Found> {
    let [blk, mrk, leaf] = *group;
    let bit = 1 << index;
    if blk & !mrk & bit == 0 {
        return None;
    }
    group[MRK] = mrk | bit;
    Some(Found {
        leaf: leaf & bit != 0,
        heads_above: (blk | mrk) >> index >> 1,
    })
}

/// How many blocks of `groups` lie before the first head.
#[inline(never)]
fn blocks_before_head(groups: &[Group]) -> u32 {
    let mut blocks = 0;
    for group in groups {
        let heads = group[BLK] | group[MRK];
        if heads != 0 {
            return blocks + heads.trailing_zeros();
        }
        blocks += WORD_BLOCKS;
    }
    blocks
}

pub(crate) struct Tables<'m> {
    words: &'m mut [Group],
}

#[inline(always)]
fn at(block: Block) -> (usize, u32) {
    ((block / WORD_BLOCKS) as usize, 1 << (block % WORD_BLOCKS))
}

/// The word of a block, the bits in it from the block on and before `to`, and the first block of the next word.
#[inline]
fn within(block: Block, to: Block) -> (usize, u32, Block) {
    let (word, _) = at(block);
    let end = (word as u32 + 1) * WORD_BLOCKS;
    let mut mask = !0 << (block % WORD_BLOCKS);
    if to < end {
        mask &= !(!0 << (to % WORD_BLOCKS));
    }
    (word, mask, end)
}

impl<'m> Tables<'m> {
    pub fn new(words: &'m mut [Group]) -> Self {
        words.fill([0; WORD_TABLES]);
        Tables { words }
    }

    pub fn kind(&self, block: Block) -> Kind {
        let (word, bit) = at(block);
        match (self.words[word][BLK] & bit != 0, self.words[word][MRK] & bit != 0) {
            (false, false) => Kind::Inside,
            (false, true) => Kind::Free,
            (true, false) => Kind::White,
            (true, true) => Kind::Black,
        }
    }

    #[inline]
    pub fn is_used(&self, block: Block) -> bool {
        let (word, bit) = at(block);
        self.words[word][BLK] & bit != 0
    }

    #[inline]
    pub fn is_free(&self, block: Block) -> bool {
        self.kind(block) == Kind::Free
    }

    pub fn is_leaf(&self, head: Block) -> bool {
        let (word, bit) = at(head);
        self.words[word][LEAF] & bit != 0
    }

    /// Whether the object at `head` has a finaliser. `limit` is the end of its region.
    pub fn has_finaliser(&self, head: Block, limit: Block) -> bool {
        head + 1 < limit && self.kind(head + 1) == Kind::Inside && self.is_leaf(head + 1)
    }

    fn set_leaf_bit(&mut self, block: Block, on: bool) {
        let (word, bit) = at(block);
        let leaf = &mut self.words[word][LEAF];
        *leaf = if on { *leaf | bit } else { *leaf & !bit };
    }

    /// Writes the flags of the object of `blocks` blocks at `head`.
    #[inline]
    pub fn set_flags(&mut self, head: Block, blocks: u32, leaf: bool, finaliser: bool) {
        self.set_leaf_bit(head, leaf);
        if blocks > 1 {
            self.set_leaf_bit(head + 1, finaliser);
        }
    }

    /// Searches upward for a bit of `pick`'s words in `from..limit`; `limit` if there is none.
    #[inline(always)]
    fn up(&self, from: Block, limit: Block, pick: impl Fn(&Group) -> u32) -> Block {
        if from >= limit {
            return limit;
        }
        let first = from / WORD_BLOCKS;
        let groups = &self.words[first as usize..=((limit - 1) / WORD_BLOCKS) as usize];
        let mut mask = !0 << (from % WORD_BLOCKS);
        let mut block = first * WORD_BLOCKS;
        for group in groups {
            let bits = pick(group) & mask;
            if bits != 0 {
                return (block + bits.trailing_zeros()).min(limit);
            }
            mask = !0;
            block += WORD_BLOCKS;
        }
        limit
    }

    /// Searches downward for a bit of `pick`'s words in `floor..from`.
    #[inline(always)]
    fn down(&self, from: Block, floor: Block, pick: impl Fn(&Group) -> u32) -> Option<Block> {
        if from <= floor {
            return None;
        }
        let last = (from - 1) / WORD_BLOCKS;
        let groups = &self.words[(floor / WORD_BLOCKS) as usize..=last as usize];
        let mut mask = !0 >> (WORD_BLOCKS - 1 - (from - 1) % WORD_BLOCKS);
        let mut end = (last + 1) * WORD_BLOCKS;
        for group in groups.iter().rev() {
            let bits = pick(group) & mask;
            if bits != 0 {
                let block = end - 1 - bits.leading_zeros();
                return (block >= floor).then_some(block);
            }
            mask = !0;
            end -= WORD_BLOCKS;
        }
        None
    }

    /// The first head of anything in `from..limit`, or `limit`.
    #[inline]
    pub fn next_head(&self, from: Block, limit: Block) -> Block {
        self.up(from, limit, |w| w[BLK] | w[MRK])
    }

    /// The first free run that begins in `from..limit`, or `limit`.
    #[inline]
    pub fn next_free(&self, from: Block, limit: Block) -> Block {
        self.up(from, limit, |w| w[MRK] & !w[BLK])
    }

    /// The first object that begins in `from..limit`, or `limit`.
    #[inline]
    pub fn next_used(&self, from: Block, limit: Block) -> Block {
        self.up(from, limit, |w| w[BLK])
    }

    /// The last head of anything in `floor..from`.
    #[inline]
    pub fn previous_head(&self, from: Block, floor: Block) -> Option<Block> {
        self.down(from, floor, |w| w[BLK] | w[MRK])
    }

    /// The last free run that begins in `floor..from`.
    #[inline]
    pub fn previous_free(&self, from: Block, floor: Block) -> Option<Block> {
        self.down(from, floor, |w| w[MRK] & !w[BLK])
    }

    /// The last object that begins in `floor..from`.
    #[inline]
    pub fn previous_used(&self, from: Block, floor: Block) -> Option<Block> {
        self.down(from, floor, |w| w[BLK])
    }

    /// Makes `block` the head of a free run. It was a free head, an inside block, or an object's head.
    #[inline]
    pub fn set_free(&mut self, block: Block) {
        let (word, bit) = at(block);
        self.words[word][BLK] &= !bit;
        self.words[word][MRK] |= bit;
    }

    /// Joins the free run at `block` to what lies before it.
    #[inline]
    pub fn join(&mut self, block: Block) {
        let (word, bit) = at(block);
        self.words[word][MRK] &= !bit;
    }

    /// Joins every free run that begins in `from..to` to what lies before. No object may begin there.
    pub fn join_all(&mut self, from: Block, to: Block) {
        let mut block = self.next_free(from, to);
        while block < to {
            let (word, mask, end) = within(block, to);
            self.words[word][MRK] &= !mask;
            block = self.next_free(end, to);
        }
    }

    /// Makes an object out of `blocks` free blocks at `block`, without heads inside. What remains behind stays free.
    #[inline]
    pub fn claim(&mut self, block: Block, blocks: u32, black: bool, limit: Block) {
        let (word, bit) = at(block);
        let w = &mut self.words[word];
        w[BLK] |= bit;
        w[MRK] = if black { w[MRK] | bit } else { w[MRK] & !bit };
        let rest = block + blocks;
        if rest < limit {
            let (word, bit) = at(rest);
            let w = &mut self.words[word];
            if w[BLK] & bit == 0 {
                w[MRK] |= bit;
            }
        }
    }

    /// Forgets stale flags in `from..to`, where nothing but free runs begins.
    pub fn clear_flags(&mut self, from: Block, to: Block) {
        let mut block = from;
        while block < to {
            let (word, mask, end) = within(block, to);
            self.words[word][LEAF] &= !mask;
            block = end;
        }
    }

    /// `claim` and `set_flags` for a white object without finaliser, where flags have been cleared; quicker if all
    /// happens in one group.
    #[inline(always)]
    pub fn claim_clear(&mut self, block: Block, blocks: u32, leaf: bool, limit: Block) {
        let (word, bit) = at(block);
        match self.words.get_mut(word) {
            Some(group) if block % WORD_BLOCKS + blocks < WORD_BLOCKS => {
                let [blk, mrk, _] = *group;
                group[BLK] = blk | bit;
                group[MRK] = mrk & !bit | (bit << blocks) & !blk;
                if leaf {
                    group[LEAF] |= bit;
                }
            }
            _ => {
                self.claim(block, blocks, false, limit);
                self.set_flags(block, blocks, leaf, false);
            }
        }
    }

    /// All groups, for the inner loop of marking.
    pub fn groups(&mut self) -> &mut [Group] {
        self.words
    }

    /// Makes all objects of a word white again.
    pub fn unmark_word(&mut self, word: u32) {
        let w = &mut self.words[word as usize];
        w[MRK] &= !w[BLK];
    }

    /// Frees the white objects that begin in a word and makes the black ones white. `dead_before` says that a dead
    /// object reaches into the word.
    #[inline]
    pub fn sweep_word(&mut self, word: u32, dead_before: bool) -> Swept {
        let w = &mut self.words[word as usize];
        let (blk, mrk) = (w[BLK], w[MRK]);
        w[BLK] = blk & mrk;
        w[MRK] = blk ^ mrk;
        let dead = blk & !mrk;
        if dead == 0 && !dead_before {
            return Swept {
                objects: 0,
                blocks: 0,
                dead_goes_on: false,
            };
        }
        // Adding a one behind each dead head runs through its inside blocks, as a carry does, up to the next head:
        // what was one and became zero is the inside of dead objects.
        let inside = !(blk | mrk);
        let (sum, ran_out) = inside.overflowing_add((dead << 1) | u32::from(dead_before));
        let dead_inside = inside & !sum;
        Swept {
            objects: dead.count_ones(),
            blocks: (dead | dead_inside).count_ones(),
            dead_goes_on: ran_out || dead >> 31 != 0,
        }
    }

    /// The dead objects with a finaliser that begin in a word, as bits of the block after their heads. `head_before`
    /// says that the last block of the word before is the head of a white object.
    pub fn doomed_finalisers(&self, word: u32, head_before: bool) -> u32 {
        let w = &self.words[word as usize];
        let white = w[BLK] & !w[MRK];
        w[LEAF] & !(w[BLK] | w[MRK]) & ((white << 1) | u32::from(head_before))
    }

    /// Whether the last block of a word is the head of a white object.
    pub fn ends_in_white_head(&self, word: u32) -> bool {
        let w = &self.words[word as usize];
        (w[BLK] & !w[MRK]) >> 31 != 0
    }

    /// Forgets that the object at `head` has a finaliser.
    pub fn clear_finaliser(&mut self, head: Block) {
        self.set_leaf_bit(head + 1, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::{vec, vec::Vec};

    /// Tables from a picture: `.` free head, `o` white, `#` black, `-` inside.
    fn draw<'m>(store: &'m mut Vec<[u32; 3]>, picture: &str) -> Tables<'m> {
        *store = vec![[0; 3]; picture.len().div_ceil(32)];
        let tables = Tables::new(store);
        for (block, c) in picture.chars().enumerate() {
            let (word, bit) = at(block as u32);
            let w = &mut tables.words[word];
            w[BLK] |= if "o#".contains(c) { bit } else { 0 };
            w[MRK] |= if ".#".contains(c) { bit } else { 0 };
        }
        tables
    }

    fn picture(tables: &Tables) -> std::string::String {
        (0..tables.words.len() as u32 * WORD_BLOCKS)
            .map(|b| match tables.kind(b) {
                Kind::Inside => '-',
                Kind::Free => '.',
                Kind::White => 'o',
                Kind::Black => '#',
            })
            .collect()
    }

    #[test]
    fn sweeping_a_word_frees_white_and_whitens_black() {
        let mut store = Vec::new();
        let mut tables = draw(&mut store, "o--#-o.--o#---o-----------------");
        let swept = tables.sweep_word(0, false);
        assert_eq!(picture(&tables), ".--o-..--.o---.-----------------");
        assert_eq!(
            swept,
            Swept {
                objects: 4,
                blocks: 3 + 1 + 1 + 18,
                dead_goes_on: true
            }
        );
    }

    #[test]
    fn a_dead_object_is_counted_over_word_borders() {
        let mut store = Vec::new();
        let mut tables = draw(&mut store, &["o", &"-".repeat(69), "#", &"-".repeat(25)].concat());
        let mut carry = false;
        let mut blocks = 0;
        for word in 0..3 {
            let swept = tables.sweep_word(word, carry);
            carry = swept.dead_goes_on;
            blocks += swept.blocks;
        }
        assert_eq!((blocks, carry), (70, false));
    }

    #[test]
    fn a_dead_head_in_the_last_bit_goes_on_in_the_next_word() {
        let mut store = Vec::new();
        let mut tables = draw(&mut store, &[&"o".repeat(32), "--#", &"-".repeat(29)].concat());
        let first = tables.sweep_word(0, false);
        assert_eq!(
            first,
            Swept {
                objects: 32,
                blocks: 32,
                dead_goes_on: true
            }
        );
        let second = tables.sweep_word(1, true);
        assert_eq!(
            second,
            Swept {
                objects: 0,
                blocks: 2,
                dead_goes_on: false
            }
        );
    }

    #[test]
    fn searches_stop_at_their_limits() {
        let mut store = Vec::new();
        let tables = draw(&mut store, &["o", &"-".repeat(62), ".", &"#".repeat(32)].concat());
        assert_eq!(tables.next_head(1, 96), 63);
        assert_eq!(tables.next_head(1, 63), 63);
        assert_eq!(tables.next_head(1, 40), 40);
        assert_eq!(tables.next_free(64, 96), 96);
        assert_eq!(tables.next_used(1, 96), 64);
        assert_eq!(tables.previous_head(63, 0), Some(0));
        assert_eq!(tables.previous_head(63, 1), None);
        assert_eq!(tables.previous_free(96, 0), Some(63));
        assert_eq!(tables.previous_used(64, 0), Some(0));
    }

    #[test]
    fn joining_a_range_leaves_the_runs_outside_alone() {
        let mut store = Vec::new();
        let mut tables = draw(&mut store, &["o", &".".repeat(94), "."].concat());
        tables.join_all(2, 70);
        assert_eq!(
            picture(&tables),
            ["o.", &"-".repeat(68), &".".repeat(26)].concat()
        );
    }
}
