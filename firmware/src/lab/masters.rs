//! T8: memory that another master than the core writes and reads: MDMA.
//!
//! [`run`] moves through the leases of `h7a3::dma`, as programs do, with neighbours that are dirty in the cache; nothing may
//! be lost. The others leave the leases away, to show what they are for, or what the hardware does: they tell about the
//! board, not about the firmware.

use h7a3::caches;
use h7a3::dma::{self, Bounce, Master, Place};
use h7a3::mdma::{self, End, RealCore, Transfer, Unit};
use h7a3::memory_policy::MemoryPolicy;
use upy::interpreter;

use super::access::{Region, Width};
use super::bench::Bench;
use super::outcome::Tally;

const LINE: u32 = caches::LINE_BYTES as u32;
/// What is watched on either side of a target.
const MARGIN: u32 = 2 * LINE;
const MOST_BYTES: usize = 1500;
/// Where in a line a target begins, and how long it is.
const OFFSETS: [u32; 8] = [0, 1, 3, 4, 8, 20, 28, 31];
const LENGTHS: [u32; 8] = [1, 31, 32, 33, 64, 95, 200, MOST_BYTES as u32];
/// Where things lie in the region.
const TARGET: u32 = MARGIN;
const SOURCE: u32 = 8 << 10;

/// On the grid of any access.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

const BEFORE: u8 = 0x3C;
/// What a neighbour holds that the core has just written.
const NEIGHBOUR: u8 = 0x99;

/// What is moved: no two bytes near each other are alike.
fn fresh(n: u32) -> u8 {
    (n * 7 + n / 251 + 1) as u8 | 1
}

/// Fast memory to chip, chip to chip, chip to fast memory, at all places of a line; a rectangle of whole lines; and blocks.
pub fn run(bench: &mut Bench, region: Region) -> Tally {
    let mut tally = Tally::default();
    let mut fast = [0; MOST_BYTES];
    for offset in OFFSETS {
        if interpreter::interrupted() {
            break;
        }
        for bytes in LENGTHS {
            for (n, byte) in (0..).zip(&mut fast) {
                *byte = fresh(n);
            }
            let area = Area::new(bench, region, TARGET + offset, bytes);
            let source = &fast[..bytes as usize];
            area.note(area.slice(|target| mdma::copy(target, source)), &mut tally);
            area.look(bench, &mut tally);

            // What the core has written and not cleaned has to arrive too.
            let area = Area::new(bench, region, TARGET + offset, bytes);
            let from = region.part(SOURCE + 3, bytes);
            (0..bytes).for_each(|n| from.store(n, Width::Byte, fresh(n).into()));
            let source = slice(from);
            area.note(area.slice(|target| mdma::copy(target, source)), &mut tally);
            area.look(bench, &mut tally);

            fast.fill(BEFORE);
            let back = &mut fast[..bytes as usize];
            area.note(mdma::copy(back, source), &mut tally);
            for (n, &byte) in (0..).zip(back.iter()) {
                let values = [fresh(n), byte, BEFORE].map(u64::from);
                tally.look(from, n, Width::Byte, values);
            }
        }
    }
    rectangle(bench, region, &mut tally);
    blocks(bench, region, &mut tally);
    tally
}

/// Eight rows of two lines, four lines apart, from rows that lie side by side.
fn rectangle(bench: &mut Bench, region: Region, tally: &mut Tally) {
    const ROWS: u32 = 8;
    const ROW: u32 = 2 * LINE;
    const PITCH: u32 = 4 * LINE;
    let area = Area::new(bench, region, TARGET, ROWS * PITCH);
    let from = region.part(SOURCE, ROWS * ROW);
    (0..ROWS * ROW).for_each(|n| from.store(n, Width::Byte, fresh(n).into()));
    bench.settle();
    let transfer = Transfer {
        source: End::widest(from.address(0) as usize, ROW as usize),
        target: End {
            gap_bytes: (PITCH - ROW) as u16,
            ..End::widest(area.region.address(area.at) as usize, ROW as usize)
        },
        row_bytes: ROW,
        rows: ROWS as u16,
    };
    // SAFETY: both lie in the region, which is the lab's, and the cache is empty.
    area.note(unsafe { mdma::run(&transfer) }, tally);
    bench.settle();
    for n in 0..ROWS * PITCH {
        let (row, column) = (n / PITCH, n % PITCH);
        let expected = if column < ROW {
            fresh(row * ROW + column)
        } else {
            BEFORE
        };
        area.look_at(area.at + n, expected, tally);
    }
}

/// A device that moves whole blocks, played by MDMA: once with all of its 64 bits, once with 32 as SDMMC has. The driver's
/// memory is too small for all of them.
fn blocks(bench: &mut Bench, region: Region, tally: &mut Tally) {
    const BLOCK: usize = 128;
    const BYTES: usize = 7 * BLOCK;
    const NARROW: Master = Master::new("32 bits", 4, 4, &[Place::Tcm, Place::Chip]);
    let mut memory = Aligned([0; 3 * BLOCK]);
    let mut device = Aligned([0; BYTES]);
    for (n, byte) in (0..).zip(&mut device.0) {
        *byte = fresh(n);
    }
    for (master, unit) in [(&dma::MDMA, Unit::Double), (&NARROW, Unit::Word)] {
        // The stack lies in DTCM, which both reach.
        let Some(mut bounce) = Bounce::new(master, &mut memory.0, BLOCK, &RealCore) else {
            tally.look(region, TARGET, Width::Word, [1, 0, 0]);
            continue;
        };
        for offset in [0, 4, 13, 32] {
            let area = Area::new(bench, region, TARGET + offset, BYTES as u32);
            let done = area.slice(|target| {
                bounce.receive(target, RealCore, |first, piece| {
                    let (from, bytes) = (&device.0[first * BLOCK..][..piece.len()], piece.len());
                    let narrow = |end: End| End {
                        unit: end.unit.min(unit),
                        ..end
                    };
                    let transfer = Transfer {
                        source: End::widest(from.as_ptr() as usize, bytes),
                        target: narrow(End::widest(piece.as_mut_ptr() as usize, bytes)),
                        row_bytes: bytes as u32,
                        rows: 1,
                    };
                    // SAFETY: the piece is leased, and the device's bytes are nobody else's.
                    unsafe { mdma::run(&transfer) }
                })
            });
            area.note(done, tally);
            area.look(bench, tally);
        }
    }
}

/// What MDMA is told without a lease.
#[derive(Clone, Copy)]
pub enum Raw {
    /// Accesses of one size, on their own grid, over lines that nobody else touches.
    Narrow(Unit),
    /// 64 bits at a time, and a length that is no multiple of it.
    Tail,
    /// Whole lines, and nothing done about the cache.
    Uncleaned,
}

/// One kind of it, in the configuration that is set.
pub fn raw(bench: &mut Bench, region: Region, raw: Raw) -> Tally {
    let mut tally = Tally::default();
    let mut fast = Aligned([0; 256]);
    for (n, byte) in (0..).zip(&mut fast.0) {
        *byte = fresh(n);
    }
    let (unit, offset, bytes) = match raw {
        // Two bursts and one access, from the middle of a beat if the unit allows it.
        Raw::Narrow(unit) => {
            let unit_bytes = unit.bytes() as u32;
            (unit, unit_bytes % 8, 2 * LINE + unit_bytes)
        }
        Raw::Tail => (Unit::Double, 0, 100),
        Raw::Uncleaned => (Unit::Double, 0, 4 * LINE),
    };
    let area = Area::new(bench, region, TARGET + offset, bytes);
    if matches!(raw, Raw::Uncleaned) {
        // Lines that the cache holds: those before, to be read back, and dirty ones that will go out.
        for n in 0..bytes {
            area.region.load(area.at + n, Width::Byte);
        }
        area.region.store(area.at, Width::Byte, NEIGHBOUR.into());
    } else {
        bench.settle();
    }
    let target = area.region.address(area.at) as usize;
    let transfer = Transfer {
        source: End {
            address: fast.0.as_ptr() as usize,
            unit: unit.min(Unit::Word),
            gap_bytes: 0,
            bursts: false,
        },
        // A narrow burst is what an interconnect might join, so it is asked for where it is allowed.
        target: End {
            address: target,
            unit,
            gap_bytes: 0,
            bursts: true,
        },
        row_bytes: bytes,
        rows: 1,
    };
    // SAFETY: the target lies in the region; source and what surrounds the target are the lab's to lose.
    area.note(unsafe { mdma::run(&transfer) }, &mut tally);
    if !matches!(raw, Raw::Uncleaned) {
        bench.settle();
    }
    area.look_now(&mut tally);
    tally
}

/// Memory as bytes.
fn slice(region: Region) -> &'static [u8] {
    // SAFETY: inside the region, which is the lab's while it runs; no caller keeps it longer or writes beneath it.
    unsafe { core::slice::from_raw_parts(region.address(0) as *const u8, region.bytes() as usize) }
}

/// A target with what surrounds it.
struct Area {
    region: Region,
    /// Offset of the target.
    at: u32,
    bytes: u32,
}

impl Area {
    /// The old content, laid down in the way that cannot fail; around the target dirty neighbours.
    fn new(bench: &mut Bench, region: Region, at: u32, bytes: u32) -> Self {
        let home = bench.configuration();
        bench.configure(MemoryPolicy::StronglyOrdered);
        for n in at - MARGIN..at + bytes + MARGIN {
            region.store(n, Width::Byte, BEFORE.into());
        }
        bench.configure(home);
        let area = Area { region, at, bytes };
        for n in area.neighbours() {
            region.store(n, Width::Byte, NEIGHBOUR.into());
        }
        area
    }

    /// The nearest bytes that are not the target's.
    fn neighbours(&self) -> [u32; 2] {
        [self.at - 1, self.at + self.bytes]
    }

    fn slice<T>(&self, action: impl FnOnce(&mut [u8]) -> T) -> T {
        let address = self.region.address(self.at) as *mut u8;
        // SAFETY: inside the region (`new` has written it), which is the lab's, and gone when `action` is over.
        action(unsafe { core::slice::from_raw_parts_mut(address, self.bytes as usize) })
    }

    /// An error counts as a wrong place: MDMA's status, where there should be none.
    fn note(&self, done: Result<(), mdma::Error>, tally: &mut Tally) {
        let status = match done {
            Ok(()) => return,
            Err(mdma::Error::Transfer { status } | mdma::Error::TimeOut { status }) => status,
            Err(mdma::Error::NotReady | mdma::Error::Lengths) => u32::MAX,
        };
        tally.look(self.region, self.at, Width::Word, [0, status.into(), 0]);
    }

    /// After everything has arrived: target, neighbours, and all around.
    fn look(&self, bench: &Bench, tally: &mut Tally) {
        // As the core sees it, and as the chip holds it.
        self.look_now(tally);
        bench.settle();
        self.look_now(tally);
    }

    fn look_now(&self, tally: &mut Tally) {
        for n in self.at - MARGIN..self.at + self.bytes + MARGIN {
            let expected = if (self.at..self.at + self.bytes).contains(&n) {
                fresh(n - self.at)
            } else if self.neighbours().contains(&n) {
                NEIGHBOUR
            } else {
                BEFORE
            };
            self.look_at(n, expected, tally);
        }
    }

    fn look_at(&self, offset: u32, expected: u8, tally: &mut Tally) {
        let found = self.region.load(offset, Width::Byte);
        let values = [expected.into(), found, BEFORE.into()];
        tally.look(self.region, offset, Width::Byte, values);
    }
}
