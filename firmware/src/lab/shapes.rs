//! T5: accesses of every shape that programs make: unaligned ones where the memory allows them, LDM and STM, LDRD and
//! STRD off the 64-bit grid, heads and tails of memcpy and memset, a misaligned store read back at once.

use super::access::{Region, Width, barrier};
use super::bench::Bench;
use super::outcome::Tally;

/// Each shape has a cell of its own; the first one is the source of copies.
const CELL: u32 = 64;

#[derive(Clone, Copy)]
enum Shape {
    Store(Width, u32),
    StoreLoad(u32),
    Multiple(u32),
    Set(u32, u32),
    Copy(u32, u32, u32),
}

const WORDS: [u32; 4] = [0x0102_0304, 0x1112_1314, 0x2122_2324, 0x3132_3334];
const DOUBLE: u64 = 0xC1C2_C3C4_C5C6_C7C8;
const SET: u8 = 0x5C;

/// Shapes that any memory takes.
fn aligned() -> impl Iterator<Item = Shape> {
    let stores = [Width::Byte, Width::Half, Width::Word]
        .into_iter()
        .flat_map(|width| {
            (0..8)
                .step_by(width.bytes() as usize)
                .map(move |at| Shape::Store(width, 24 + at))
        });
    let doubles = [0, 4, 24, 28]
        .into_iter()
        .map(|at| Shape::Store(Width::Double, at));
    let multiples = (16..36).step_by(4).map(Shape::Multiple);
    let sets = (24..32).flat_map(|at| {
        [1, 3, 7, 8, 9, 15, 31]
            .into_iter()
            .map(move |bytes| Shape::Set(at, bytes))
    });
    let copies = (0..4).flat_map(|from| {
        (27..32).flat_map(move |to| {
            [1, 5, 16, 29]
                .into_iter()
                .map(move |bytes| Shape::Copy(from, to, bytes))
        })
    });
    stores.chain(doubles).chain(multiples).chain(sets).chain(copies)
}

/// Shapes for Normal memory only.
fn unaligned() -> impl Iterator<Item = Shape> {
    let halves = (1..32).step_by(2).map(|at| Shape::Store(Width::Half, at));
    let words = (1..32)
        .filter(|at| at % 4 != 0)
        .flat_map(|at| [Shape::Store(Width::Word, at), Shape::StoreLoad(at)]);
    halves.chain(words)
}

impl Shape {
    /// On the chip.
    fn act(self, region: Region, index: u32, tally: &mut Tally) {
        let base = index * CELL;
        let cell = region.part(base, CELL);
        match self {
            Shape::Store(width, at) => cell.store(at, width, DOUBLE),
            Shape::StoreLoad(at) => {
                let back = cell.store_load_word(at, DOUBLE as u32);
                let values = [u64::from(DOUBLE as u32), back.into(), 0];
                tally.look(cell, at, Width::Word, values);
            }
            Shape::Multiple(at) => {
                cell.store_multiple(at, WORDS);
                for (n, (wrote, read)) in (0..).zip(WORDS.into_iter().zip(cell.load_multiple(at))) {
                    tally.look(cell, at + 4 * n, Width::Word, [wrote.into(), read.into(), 0]);
                }
            }
            Shape::Set(at, bytes) => cell.set(at, SET, bytes),
            Shape::Copy(from, to, bytes) => region.copy(from, base + to, bytes),
        }
    }

    /// On paper: the byte at `offset` of the cell, if the shape changes it.
    fn byte(self, offset: u32) -> Option<u8> {
        let inside = |at: u32, bytes: u32| offset.checked_sub(at).filter(|n| *n < bytes);
        match self {
            Shape::Store(width, at) => inside(at, width.bytes()).map(|n| DOUBLE.to_le_bytes()[n as usize]),
            Shape::StoreLoad(at) => inside(at, 4).map(|n| DOUBLE.to_le_bytes()[n as usize]),
            Shape::Multiple(at) => {
                inside(at, 16).map(|n| WORDS[n as usize / 4].to_le_bytes()[n as usize % 4])
            }
            Shape::Set(at, bytes) => inside(at, bytes).map(|_| SET),
            Shape::Copy(from, to, bytes) => inside(to, bytes).map(|n| before(from + n)),
        }
    }
}

/// What a byte of the region holds at first. The cells are alike.
fn before(offset: u32) -> u8 {
    (offset % CELL) as u8 | 0x80
}

/// All shapes that the configuration allows.
pub fn run(bench: &mut Bench, region: Region) -> Tally {
    let mut tally = Tally::default();
    let configuration = bench.configuration();
    let shapes = || {
        let extra = configuration.allows_unaligned().then(unaligned);
        (1..).zip(aligned().chain(extra.into_iter().flatten()))
    };
    let cells = shapes().last().map_or(0, |(index, _)| index + 1);
    bench.configure(h7a3::memory_policy::MemoryPolicy::StronglyOrdered);
    for offset in 0..cells * CELL {
        region.store(offset, Width::Byte, before(offset).into());
    }
    bench.configure(configuration);
    for (index, shape) in shapes() {
        shape.act(region, index, &mut tally);
        barrier();
    }
    bench.settle();
    for (index, shape) in shapes() {
        let cell = region.part(index * CELL, CELL);
        for offset in 0..CELL {
            let old = before(offset);
            let expected = shape.byte(offset).unwrap_or(old);
            let values = [expected.into(), cell.load(offset, Width::Byte), old.into()];
            tally.look(cell, offset, Width::Byte, values);
        }
    }
    tally
}
