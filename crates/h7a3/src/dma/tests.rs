//! The rules for all buffers, and leases against a cache that does what it may at the worst moment.

use super::*;
use core::cell::RefCell;
use core::ops::Range;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::vec::Vec;

const PLACES: [(Place, usize); 5] = [
    (Place::Tcm, 0x2001_0000),
    (Place::Flash, 0x0810_0000),
    (Place::AxiSram, 0x2400_4000),
    (Place::AhbSram, 0x3000_0800),
    (Place::Chip, 0x9003_0000),
];

fn places() -> impl Strategy<Value = (Place, usize)> {
    proptest::sample::select(PLACES.to_vec())
}

fn masters() -> impl Strategy<Value = Master> {
    proptest::sample::select(std::vec![MDMA, SDMMC1])
}

#[test]
fn memories_lie_where_the_manual_puts_them() {
    // RM0455 table 6: first and last address of each.
    for (place, first, last) in [
        (Place::Tcm, 0x0000_0000, 0x0000_FFFF),
        (Place::Flash, 0x0800_0000, 0x081F_FFFF),
        (Place::Tcm, 0x2000_0000, 0x2001_FFFF),
        (Place::AxiSram, 0x2400_0000, 0x240F_FFFF),
        (Place::AhbSram, 0x3000_0000, 0x3001_FFFF),
        (Place::Chip, 0x9000_0000, 0x9FFF_FFFF),
    ] {
        assert_eq!((Place::of(first), Place::of(last)), (place, place));
        assert_ne!(Place::of(last + 1), place);
    }
}

#[test]
fn a_master_of_32_bits_gets_nothing_of_the_chip_to_write_and_all_of_it_to_read() {
    let parts = SDMMC1.receive(Place::Chip, 0x9000_0000, 512);
    assert_eq!((parts.head, parts.direct, parts.tail), (512, 0, 0));
    let parts = SDMMC1.transmit(Place::Chip, 0x9000_0002, 512);
    assert_eq!((parts.head, parts.direct, parts.tail), (2, 508, 2));
}

#[test]
fn a_place_that_a_master_does_not_reach_is_bounced() {
    for place in [Place::Tcm, Place::AhbSram, Place::Elsewhere] {
        assert_eq!(SDMMC1.receive(place, 0x2000_0000, 512).direct, 0);
        assert_eq!(SDMMC1.transmit(place, 0x2000_0000, 512).direct, 0);
    }
}

proptest! {
    #[test]
    fn parts_are_the_whole_buffer_and_what_hardware_writes_is_on_its_grid(
        (place, base) in places(), offset in 0usize..64, bytes in 0usize..300, master in masters(),
    ) {
        let address = base + offset;
        for (parts, writes) in [
            (master.receive(place, address, bytes), true),
            (master.transmit(place, address, bytes), false),
        ] {
            prop_assert_eq!(parts.head + parts.direct + parts.tail, bytes);
            let first = address + parts.head;
            let grid = match place {
                Place::Chip | Place::AxiSram if writes => 32,
                _ => master.grain_bytes,
            };
            if parts.direct > 0 {
                prop_assert_eq!((first % grid, parts.direct % grid), (0, 0));
                // No more is left than the grid asks for.
                prop_assert!(parts.head < grid && parts.tail < grid);
                prop_assert!(!writes || place != Place::Chip || master.beat_bytes == 8);
            }
        }
    }
}

/// Lines that the cache holds behind a memory, by address: their content, and whether they are dirty.
type Lines = BTreeMap<usize, ([u8; 32], bool)>;

/// A memory of the host with a cache in front: what the core does to the memory is what it sees, so `memory` here is what
/// hardware sees.
struct World {
    base: usize,
    memory: Vec<u8>,
    lines: Lines,
    calls: Vec<(&'static str, usize, usize)>,
}

#[derive(Clone)]
struct Shared(Rc<RefCell<World>>, Place);

impl World {
    fn line(&self, address: usize) -> Option<[u8; 32]> {
        let at = address.checked_sub(self.base)?;
        self.memory.get(at..at + 32)?.try_into().ok()
    }

    fn covering(address: usize, bytes: usize) -> impl Iterator<Item = usize> {
        (address & !31..address + bytes).step_by(32)
    }

    fn write_back(&mut self, line: usize) {
        if let Some((content, dirty)) = self.lines.get_mut(&line) {
            if core::mem::take(dirty) {
                let at = line - self.base;
                self.memory[at..at + 32].copy_from_slice(content);
            }
        }
    }

    fn read(&mut self, address: usize) -> u8 {
        let line = address & !31;
        let content = self.line(line).unwrap_or([0; 32]);
        self.lines.entry(line).or_insert((content, false)).0[address & 31]
    }

    fn write(&mut self, address: usize, value: u8) {
        self.read(address);
        if let Some((content, dirty)) = self.lines.get_mut(&(address & !31)) {
            content[address & 31] = value;
            *dirty = true;
        }
    }
}

impl Core for Shared {
    fn place(&self, _address: usize) -> Place {
        self.1
    }

    fn clean(&mut self, address: usize, bytes: usize) {
        let mut world = self.0.borrow_mut();
        world.calls.push(("clean", address, bytes));
        World::covering(address, bytes).for_each(|line| world.write_back(line));
    }

    fn clean_invalidate(&mut self, address: usize, bytes: usize) {
        let mut world = self.0.borrow_mut();
        world.calls.push(("forget", address, bytes));
        for line in World::covering(address, bytes) {
            world.write_back(line);
            world.lines.remove(&line);
        }
    }
}

/// Lines on their grid, wherever the host puts them.
#[repr(align(32))]
struct Aligned<const N: usize>([u8; N]);

proptest! {
    /// Every line is dirty before, hardware writes memory only, the core fetches lines on speculation in the middle and
    /// evicts all of them at the end: neighbours keep their content, the buffer has the new one.
    #[test]
    fn a_received_buffer_is_right_and_its_neighbours_too(
        from in 0usize..100, bytes in 0usize..150, chip in any::<bool>(), master in masters(), peeks in any::<u8>(),
    ) {
        let mut ground = Aligned([0u8; 256]);
        let base = ground.0.as_ptr() as usize;
        let place = if chip { Place::Chip } else { Place::AxiSram };
        let world = Shared(
            Rc::new(RefCell::new(World { base, memory: std::vec![0xEE; 256], lines: Lines::new(), calls: Vec::new() })),
            place,
        );
        for n in 0..256 {
            world.0.borrow_mut().write(base + n, n as u8);
        }
        let new = |n: usize| !(n as u8);
        let mut lease = Receive::new(&master, &mut ground.0[from..from + bytes], world.clone());
        let range = lease.range();
        let direct = lease.direct().as_ptr() as usize - base;
        {
            let mut world = world.0.borrow_mut();
            for line in (0..8).filter(|line| peeks >> line & 1 != 0) {
                world.read(base + 32 * line);
            }
            for n in range.clone() {
                world.memory[direct + n - range.start] = new(n);
            }
        }
        // Head and tail are written by the core, through its cache.
        lease.finish(|head, tail| {
            let mut world = world.0.borrow_mut();
            for n in (0..head.len()).chain(bytes - tail.len()..bytes) {
                world.write(base + from + n, new(n));
            }
        });
        let mut world = world.0.borrow_mut();
        for n in 0..256 {
            let expected = if (from..from + bytes).contains(&n) { new(n - from) } else { n as u8 };
            prop_assert_eq!(world.read(base + n), expected, "the core sees offset {}", n);
        }
        for line in (0..8).map(|line| base + 32 * line) {
            world.write_back(line);
        }
        for n in 0..256 {
            let expected = if (from..from + bytes).contains(&n) { new(n - from) } else { n as u8 };
            prop_assert_eq!(world.memory[n], expected, "memory holds at offset {}", n);
        }
    }

    #[test]
    fn a_transmitted_buffer_is_in_memory_when_hardware_reads_it(
        from in 0usize..100, bytes in 0usize..150, master in masters(),
    ) {
        let ground = Aligned([0; 256]);
        let base = ground.0.as_ptr() as usize;
        let world = Shared(
            Rc::new(RefCell::new(World { base, memory: std::vec![0; 256], lines: Lines::new(), calls: Vec::new() })),
            Place::Chip,
        );
        for n in 0..256 {
            world.0.borrow_mut().write(base + n, n as u8);
        }
        let lease = Transmit::new(&master, &ground.0[from..from + bytes], world.clone());
        let (head, tail) = lease.bounced();
        prop_assert_eq!(head.len() + lease.direct().len() + tail.len(), bytes);
        if !lease.direct().is_empty() {
            let first = lease.direct().as_ptr() as usize - base;
            for n in first..first + lease.direct().len() {
                prop_assert_eq!(world.0.borrow().memory[n], n as u8);
            }
        }
    }
}

const BLOCK: usize = 64;

/// A buffer in one place, the driver's memory in another, told apart by address.
#[derive(Clone)]
struct Split {
    buffer: Range<usize>,
    place: Place,
}

impl Core for Split {
    fn place(&self, address: usize) -> Place {
        if self.buffer.contains(&address) {
            self.place
        } else {
            Place::AxiSram
        }
    }

    fn clean(&mut self, _address: usize, _bytes: usize) {}

    fn clean_invalidate(&mut self, _address: usize, _bytes: usize) {}
}

proptest! {
    /// What hardware is given of the buffer itself are whole lines where it may write; all else goes by the bounce.
    #[test]
    fn blocks_arrive_in_order_and_directly_only_where_they_may(
        offset in 0usize..40, blocks in 0usize..9, space in 1usize..5, master in masters(), (place, _) in places(),
    ) {
        let mut ground = Aligned([0xEE; 1024]);
        let mut memory = Aligned([0; 1024]);
        let base = ground.0.as_ptr() as usize;
        let core = Split { buffer: base..base + 1024, place };
        let mut bounce = Bounce::new(&master, &mut memory.0[5..5 + 32 + space * BLOCK], BLOCK, &core).expect("room");
        let range = offset..offset + blocks * BLOCK;
        let mut next = 0;
        let done: Result<(), ()> = bounce.receive(&mut ground.0[range.clone()], core.clone(), |first, piece| {
            assert_eq!(first * BLOCK, next);
            if core.buffer.contains(&(piece.as_ptr() as usize)) && !piece.is_empty() {
                let parts = master.receive(place, piece.as_ptr() as usize, piece.len());
                assert_eq!(parts.direct, piece.len(), "hardware must not write this itself");
            }
            for byte in piece {
                *byte = (next % 251) as u8;
                next += 1;
            }
            Ok(())
        });
        prop_assert_eq!((done, next), (Ok(()), range.len()));
        for (n, &byte) in ground.0.iter().enumerate() {
            let expected = n.checked_sub(offset).filter(|n| *n < range.len()).map_or(0xEE, |n| (n % 251) as u8);
            prop_assert_eq!(byte, expected, "offset {}", n);
        }
        let mut seen = Vec::new();
        let done: Result<(), ()> = bounce.transmit(&ground.0[range.clone()], core.clone(), |first, piece| {
            assert_eq!(first * BLOCK, seen.len());
            seen.extend_from_slice(piece);
            Ok(())
        });
        prop_assert!(done.is_ok() && seen == ground.0[range]);
    }
}

#[test]
fn a_bounce_that_the_master_cannot_have_is_refused() {
    let mut memory = Aligned([0; 1024]);
    let base = memory.0.as_ptr() as usize;
    for (place, block, bytes) in [
        (Place::Chip, 64, 1024),
        (Place::Tcm, 64, 1024),
        (Place::AxiSram, 48, 1024),
        (Place::AxiSram, 64, 63),
    ] {
        let core = Split {
            buffer: base..base + 1024,
            place,
        };
        assert!(
            Bounce::new(&SDMMC1, &mut memory.0[..bytes], block, &core).is_none(),
            "{place:?} {block} {bytes}"
        );
    }
}

#[test]
fn memory_that_is_not_cached_needs_no_maintenance() {
    let mut ground = Aligned([0u8; 256]);
    for place in [Place::Tcm, Place::AhbSram] {
        let world = Shared(
            Rc::new(RefCell::new(World {
                base: 0,
                memory: Vec::new(),
                lines: Lines::new(),
                calls: Vec::new(),
            })),
            place,
        );
        let mut lease = Receive::new(&MDMA, &mut ground.0[3..100], world.clone());
        assert_eq!(lease.direct().len(), 97);
        drop(lease);
        assert_eq!(
            Transmit::new(&MDMA, &ground.0[3..100], world.clone())
                .direct()
                .len(),
            97
        );
        assert!(world.0.borrow().calls.is_empty());
    }
}
