//! What hangs together: disjoint sets with union by size and path halving (R. Tarjan, 1975).

use super::threshold::NEITHER;
use crate::{Error, Scratch};

/// Disjoint sets of pixels.
pub(super) struct Sets<'a> {
    parents: &'a mut [u32],
    sizes: &'a mut [u32],
}

impl<'a> Sets<'a> {
    pub fn new(count: usize, scratch: &mut Scratch<'a>) -> Result<Self, Error> {
        let parents = scratch.take_dirty::<u32>(count)?;
        let sizes = scratch.take_dirty::<u32>(count)?;
        sizes.fill(1);
        for (index, parent) in parents.iter_mut().enumerate() {
            *parent = index as u32;
        }
        Ok(Sets { parents, sizes })
    }

    /// The set that a pixel belongs to.
    pub fn of(&mut self, pixel: usize) -> u32 {
        let mut at = pixel;
        while self.parents[at] as usize != at {
            self.parents[at] = self.parents[self.parents[at] as usize];
            at = self.parents[at] as usize;
        }
        at as u32
    }

    /// How many pixels a set has.
    pub fn size(&self, set: u32) -> u32 {
        self.sizes[set as usize]
    }

    fn join(&mut self, one: usize, other: usize) {
        let (mut one, mut other) = (self.of(one), self.of(other));
        if one == other {
            return;
        }
        if self.size(one) < self.size(other) {
            core::mem::swap(&mut one, &mut other);
        }
        self.parents[other as usize] = one;
        self.sizes[one as usize] += self.sizes[other as usize];
    }
}

/// Joins neighbours of one colour: four of them for black, eight for white.
pub(super) fn connect(binary: &[u8], width: usize, sets: &mut Sets) {
    for (at, colour) in binary.iter().enumerate() {
        if *colour == NEITHER {
            continue;
        }
        let x = at % width;
        let mut same = |other: usize| {
            if binary[other] == *colour {
                sets.join(at, other);
            }
        };
        if x > 0 {
            same(at - 1);
        }
        if at >= width {
            same(at - width);
            if *colour == 255 {
                if x > 0 {
                    same(at - width - 1);
                }
                if x + 1 < width {
                    same(at - width + 1);
                }
            }
        }
    }
}
