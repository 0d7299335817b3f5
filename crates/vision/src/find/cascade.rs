//! The file of a cascade: little-endian numbers, which `spiram cascade` makes of OpenCV's XML.
//!
//! Width, height and stages as 32-bit words; the nodes of each stage as bytes; in 16 bits each stage's threshold, each node's
//! threshold, its value below it, its value from it on; as bytes the rectangles of each node, each rectangle's weight, each
//! rectangle's x, y, w, h.

use crate::Error;
use crate::codec::Reader;

/// A cascade in the bytes of its file.
#[derive(Clone, Copy, Debug)]
pub struct Cascade<'a> {
    /// Width and height of the window.
    pub window: (usize, usize),
    /// Stages that are used.
    pub stages: usize,
    pub(super) nodes_of_stages: &'a [u8],
    pub(super) stage_limits: &'a [u8],
    pub(super) node_limits: &'a [u8],
    pub(super) left: &'a [u8],
    pub(super) right: &'a [u8],
    pub(super) rectangles_of_nodes: &'a [u8],
    weights: &'a [u8],
    places: &'a [u8],
}

fn total(counts: &[u8]) -> usize {
    counts.iter().map(|count| usize::from(*count)).sum()
}

impl<'a> Cascade<'a> {
    /// A cascade in a file's bytes; `stages` uses only the first ones.
    ///
    /// # Errors
    /// [`Error::Damaged`] if lengths do not fit together, or a rectangle leaves the window.
    pub fn new(data: &'a [u8], stages: Option<usize>) -> Result<Self, Error> {
        let reader = Reader {
            data,
            file: "cascade",
        };
        let word = |at: usize| reader.le32(at).map(|value| value as usize);
        let (width, height, count) = (word(0)?, word(4)?, word(8)?);
        if !(1..=255).contains(&width) || !(1..=255).contains(&height) || !(1..=1024).contains(&count) {
            return Err(reader.damaged(0, "a window of 1 to 255 pixels and 1 to 1024 stages"));
        }
        let nodes_of_stages = reader.bytes(12, count)?;
        // Some files have bytes here that let the numbers begin at a multiple of four.
        let behind = 12 + count;
        let mut starts = [behind, behind.next_multiple_of(4), behind.next_multiple_of(2)].into_iter();
        let cascade = starts.find_map(|at| Cascade::at(&reader, at, nodes_of_stages));
        let mut cascade =
            cascade.ok_or(reader.damaged(behind, "as many bytes as stages and features need"))?;
        cascade.window = (width, height);
        cascade.stages = stages.unwrap_or(count).min(count);
        cascade.check(&reader)?;
        Ok(cascade)
    }

    /// The rest of it, if it begins at this place and fills the file.
    fn at(reader: &Reader<'a>, mut at: usize, nodes_of_stages: &'a [u8]) -> Option<Self> {
        let nodes = total(nodes_of_stages);
        let mut next = |count: usize| {
            let bytes = reader.bytes(at, count).ok();
            at += count;
            bytes
        };
        let stage_limits = next(2 * nodes_of_stages.len())?;
        let [node_limits, left, right] = [next(2 * nodes)?, next(2 * nodes)?, next(2 * nodes)?];
        let rectangles_of_nodes = next(nodes)?;
        if rectangles_of_nodes.contains(&0) {
            return None;
        }
        let rectangles = total(rectangles_of_nodes);
        let (weights, places) = (next(rectangles)?, next(4 * rectangles)?);
        (at == reader.data.len()).then_some(Cascade {
            window: (0, 0),
            stages: 0,
            nodes_of_stages,
            stage_limits,
            node_limits,
            left,
            right,
            rectangles_of_nodes,
            weights,
            places,
        })
    }

    /// Rectangles lie in the window.
    fn check(&self, reader: &Reader) -> Result<(), Error> {
        for index in 0..self.weights.len() {
            let ([x, y, w, h], _) = self.rectangle(index);
            if x + w > self.window.0 || y + h > self.window.1 {
                let first = reader.data.len() - self.places.len();
                return Err(reader.damaged(first + 4 * index, "rectangles in the window"));
            }
        }
        Ok(())
    }

    /// How many features it has, and how many rectangles these have together.
    pub fn counts(&self) -> (usize, usize) {
        (self.rectangles_of_nodes.len(), self.weights.len())
    }

    /// The place and the weight of a rectangle.
    pub(super) fn rectangle(&self, index: usize) -> ([usize; 4], i32) {
        let place = &self.places[4 * index..][..4];
        let weight = i32::from(self.weights[index] as i8);
        ([place[0], place[1], place[2], place[3]].map(usize::from), weight)
    }

    /// One of the numbers of 16 bits.
    pub(super) fn short(numbers: &[u8], index: usize) -> i32 {
        i32::from(i16::from_le_bytes([numbers[2 * index], numbers[2 * index + 1]]))
    }
}
