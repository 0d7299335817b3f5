//! Edges one pixel wide: C. Topal and C. Akinlar, "Edge Drawing: A combined real-time edge and segment detector", 2012.
//! From anchors, where strength has a crest, an edge goes on to the strongest of the three pixels before it.

use crate::find::sobel::sobel;
use crate::{Area, Error, Found, View};

/// An edge that runs along the row, in the lowest bit of a strength.
const ALONG: u16 = 1;
/// How much an anchor is above both neighbours across the edge.
const CREST: u16 = 4;

/// Strengths with their direction, 0 where they are below `least`.
pub(super) fn strengths(smooth: &View, area: Area, strengths: &mut [u16], least: u16) -> Result<(), Error> {
    let all = Area { x: 0, y: 0, ..area };
    sobel(smooth, all, (1, 1), |x, y, gx, gy| {
        let strength = ((gx.abs() + gy.abs()) / 2) as u16;
        if strength >= least {
            strengths[y * area.w + x] = strength << 1 | if gy.abs() >= gx.abs() { ALONG } else { 0 };
        }
    })
}

/// Strengths, and which pixels belong to edges.
pub(super) struct Drawing<'a> {
    pub strengths: &'a [u16],
    pub marks: &'a mut [u8],
    pub width: usize,
}

impl Drawing<'_> {
    /// A crest that belongs to no edge yet.
    pub fn is_anchor(&self, x: usize, y: usize) -> bool {
        let at = y * self.width + x;
        let own = self.strengths[at];
        if own == 0 || self.marks[at] != 0 {
            return false;
        }
        let across = if own & ALONG != 0 { self.width } else { 1 };
        [at - across, at + across]
            .iter()
            .all(|beside| own >> 1 >= (self.strengths[*beside] >> 1) + CREST)
    }

    /// The edge through an anchor, from end to end.
    pub fn edge(&mut self, x: usize, y: usize, chain: &mut Found<[u16; 2]>) {
        chain.clear();
        let along = self.strengths[y * self.width + x] & ALONG != 0;
        let (dx, dy) = if along { (-1, 0) } else { (0, -1) };
        self.walk((x, y), (dx, dy), chain);
        chain.reverse();
        // The anchor itself is there once.
        let one_way = chain.len();
        self.marks[y * self.width + x] = 0;
        if chain.pop().is_some() {
            self.walk((x, y), (-dx, -dy), chain);
        }
        debug_assert!(chain.len() >= one_way);
    }

    /// Goes on from a pixel in a direction until the edge ends, or another begins.
    fn walk(
        &mut self,
        (mut x, mut y): (usize, usize),
        (mut dx, mut dy): (isize, isize),
        chain: &mut Found<[u16; 2]>,
    ) {
        loop {
            let at = y * self.width + x;
            let own = self.strengths[at];
            if own == 0 || self.marks[at] != 0 || chain.push([x as u16, y as u16]).is_err() {
                return;
            }
            self.marks[at] = 1;
            let along = own & ALONG != 0;
            let (ahead, strength) = if along && dx == 0 {
                self.stronger(at, (-1, 0), (1, 0))
            } else if !along && dy == 0 {
                self.stronger(at, (0, -1), (0, 1))
            } else {
                let forward = if along { (dx, 0) } else { (0, dy) };
                self.ahead(at, forward)
            };
            if strength == 0 {
                return;
            }
            // The border has strength 0, so that this stays inside.
            let next = at.wrapping_add_signed(ahead);
            let (new_x, new_y) = (next % self.width, next / self.width);
            (dx, dy) = (new_x as isize - x as isize, new_y as isize - y as isize);
            (x, y) = (new_x, new_y);
        }
    }

    /// The strongest of three pixels before one, as a step in memory, and its strength.
    fn ahead(&self, at: usize, (dx, dy): (isize, isize)) -> (isize, u16) {
        let width = self.width as isize;
        let forward = dx + dy * width;
        let across = if dx != 0 { width } else { 1 };
        let strength = |step: isize| {
            self.strengths
                .get(at.wrapping_add_signed(step))
                .map_or(0, |strength| strength >> 1)
        };
        let mut best = (forward, strength(forward));
        for step in [forward - across, forward + across] {
            if strength(step) > best.1 {
                best = (step, strength(step));
            }
        }
        best
    }

    /// Where an edge turns: the side that is stronger, of those that are not drawn yet.
    fn stronger(&self, at: usize, one: (isize, isize), other: (isize, isize)) -> (isize, u16) {
        let fresh = |(step, strength): (isize, u16)| {
            let drawn = self
                .marks
                .get(at.wrapping_add_signed(step))
                .is_none_or(|mark| *mark != 0);
            (step, if drawn { 0 } else { strength })
        };
        let (one, other) = (fresh(self.ahead(at, one)), fresh(self.ahead(at, other)));
        if other.1 > one.1 { other } else { one }
    }
}
