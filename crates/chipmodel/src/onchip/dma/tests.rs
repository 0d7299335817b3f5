//! DMA1 against a flat memory and one register, with offsets and bits typed in a second time.

use super::*;
use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::bank::testing::Bench;
use crate::onchip::bdma::Bdma;
use proptest::prelude::*;
use std::collections::VecDeque;

const RAM: u32 = 0x2400_0000;
const REGISTER: u32 = 0x4000_4424;
const BEAT: u64 = 10_000;

/// Memory, and a register that takes and gives.
struct Around {
    ram: Vec<u8>,
    given: VecDeque<u32>,
    taken: Vec<(u32, u8)>,
}

impl Around {
    fn new() -> Self {
        Around {
            ram: (0..1024).map(|n| (n * 7 + n / 256) as u8).collect(),
            given: VecDeque::new(),
            taken: Vec::new(),
        }
    }

    fn place(&mut self, address: u32, size: usize) -> Result<&mut [u8], Refused> {
        let from = address.wrapping_sub(RAM) as usize;
        self.ram
            .get_mut(from..from.saturating_add(size))
            .ok_or_else(|| Refused::BusError("nothing there".into()))
    }
}

impl Buses for Around {
    fn read(
        &mut self,
        _bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        _fx: &mut Effects,
    ) -> Result<(), Refused> {
        assert_eq!((burst.beats, burst.addr % u32::from(burst.size)), (1, 0));
        let lane = (burst.addr & 7) as usize;
        let mut bytes = [0; 8];
        if burst.addr == REGISTER {
            let value = self.given.pop_front().expect("the stream reads what is there");
            bytes[lane..lane + 4].copy_from_slice(&value.to_le_bytes());
        } else {
            let size = usize::from(burst.size);
            bytes[lane..lane + size].copy_from_slice(self.place(burst.addr, size)?);
        }
        beats[0] = ReadBeat {
            data: u64::from_le_bytes(bytes),
            ready: Time(at.0 + BEAT),
        };
        Ok(())
    }

    fn write(
        &mut self,
        _bus: Bus,
        beats: &[WriteBeat],
        at: Time,
        _fx: &mut Effects,
    ) -> Result<Time, Refused> {
        for beat in beats {
            let lane = (beat.addr & 7) as usize;
            if beat.addr == REGISTER {
                self.taken.push(((beat.data >> (8 * lane)) as u32, beat.size));
            } else {
                let size = usize::from(beat.size);
                self.place(beat.addr, size)?
                    .copy_from_slice(&beat.data.to_le_bytes()[lane..lane + size]);
            }
        }
        Ok(Time(at.0 + BEAT))
    }
}

struct Rig {
    bench: Bench,
    dma: Dma,
    around: Around,
}

impl Rig {
    fn new() -> Self {
        Rig {
            bench: Bench::new(Clocks::default()),
            dma: Dma::new("DMA1"),
            around: Around::new(),
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.bench.write(&mut self.dma, offset, value);
    }

    fn read(&mut self, offset: u32) -> u32 {
        self.bench.read(&mut self.dma, offset)
    }

    /// Stream 1 (at 0x28): NDTR, PAR, M0AR, FCR, CR.
    fn start(&mut self, cr: u32, items: u32, memory: u32, fcr: u32) {
        for (offset, value) in [
            (0x2C, items),
            (0x30, REGISTER),
            (0x34, memory),
            (0x3C, fcr),
            (0x28, cr),
            (0x28, cr | 1),
        ] {
            self.write(offset, value);
        }
    }

    fn serve(&mut self, requests: u32) {
        for _ in 0..requests {
            self.dma.hear(1 << 1);
            self.bench.now = self
                .bench
                .now
                .max(self.dma.next_event(&Clocks::default()).expect("due"));
            assert!(self.dma.is_due(self.bench.now));
            self.dma.work(&mut self.around, &mut self.bench.fx());
            self.dma.hear(0);
        }
    }

    /// Without requests.
    fn finish(&mut self) {
        while let Some(due) = self.dma.next_event(&Clocks::default()) {
            self.bench.now = self.bench.now.max(due);
            self.dma.work(&mut self.around, &mut self.bench.fx());
        }
    }
}

/// MINC; direction to the peripheral is 1 << 6.
const MINC: u32 = 1 << 10;
const TO_PERIPHERAL: u32 = 1 << 6;
const TC1: u32 = 1 << 11;
const HT1: u32 = 1 << 10;
const TE1: u32 = 1 << 9;

#[test]
fn each_request_moves_one_item_and_half_and_end_are_told() {
    let mut rig = Rig::new();
    rig.around.given.extend([0x11, 0x22, 0x33, 0x144]);
    rig.start(MINC | 0x18, 4, RAM + 16, 0);
    assert_eq!(rig.dma.next_event(&Clocks::default()), None, "nobody asks");
    rig.serve(1);
    assert_eq!((rig.read(0x00), rig.read(0x2C), rig.dma.lines()), (0, 3, 0));
    rig.serve(1);
    assert_eq!((rig.read(0x00), rig.dma.lines()), (HT1, 2));
    rig.write(0x08, HT1);
    assert_eq!((rig.read(0x00), rig.dma.lines()), (0, 0));
    rig.serve(2);
    assert_eq!((rig.read(0x00), rig.read(0x2C)), (TC1, 0));
    assert_eq!(rig.read(0x28) & 1, 0, "EN has fallen");
    assert_eq!(rig.around.ram[16..20], [0x11, 0x22, 0x33, 0x44]);
    rig.dma.hear(2);
    assert_eq!(rig.dma.next_event(&Clocks::default()), None);
    assert!(rig.bench.complaints().is_empty());
}

#[test]
fn the_fifo_packs_bytes_into_words_and_words_into_bytes() {
    let mut rig = Rig::new();
    rig.around.given.extend(1..=6);
    // PSIZE 8, MSIZE 32, threshold half.
    rig.start(MINC | 2 << 13, 6, RAM + 32, 4 | 1);
    rig.serve(5);
    assert_eq!(rig.around.ram[32], (32u32 * 7) as u8, "it waits for eight");
    assert_eq!(rig.read(0x3C), 4 | 1 | 1 << 3, "a quarter and more");
    rig.serve(1);
    assert_eq!(rig.around.ram[32..38], [1, 2, 3, 4, 5, 6]);
    let words = u32::from_le_bytes(rig.around.ram[..4].try_into().unwrap());
    rig.write(0x08, 0x3D << 6);
    rig.start(MINC | TO_PERIPHERAL | 2 << 13, 4, RAM, 4);
    rig.serve(4);
    let sent: Vec<(u32, u8)> = words.to_le_bytes().map(|byte| (byte.into(), 1)).to_vec();
    assert_eq!(rig.around.taken, sent);
}

#[test]
fn a_stream_that_is_switched_off_writes_what_it_holds_and_keeps_the_rest_of_its_count() {
    let mut rig = Rig::new();
    rig.around.given.extend(1..=3);
    rig.start(MINC | 2 << 13, 9, RAM + 64, 4 | 3);
    rig.serve(3);
    rig.write(0x28, 0x14);
    assert_eq!(rig.read(0x28) & 1, 1, "not before the FIFO is empty");
    rig.finish();
    assert_eq!((rig.read(0x28), rig.read(0x2C), rig.read(0x00)), (0x14, 6, TC1));
    assert_eq!(rig.around.ram[64..67], [1, 2, 3]);
}

#[test]
fn circular_mode_begins_again_and_double_buffers_take_turns() {
    let mut rig = Rig::new();
    rig.around.given.extend(1..=6);
    rig.start(MINC | 1 << 8, 2, RAM + 128, 0);
    rig.serve(3);
    assert_eq!((rig.read(0x2C), rig.read(0x28) & 1), (1, 1));
    assert_eq!(rig.around.ram[128..130], [3, 2]);
    rig.write(0x28, 0);
    rig.write(0x08, 0x3D << 6);
    rig.write(0x38, RAM + 256);
    rig.start(MINC | 1 << 18, 1, RAM + 192, 0);
    rig.serve(1);
    assert_eq!(rig.read(0x28) & 1 << 19, 1 << 19, "CT: the second one");
    rig.serve(1);
    assert_eq!((rig.around.ram[192], rig.around.ram[256]), (4, 5));
    // The one that is not in use may move.
    rig.write(0x38, RAM + 257);
    rig.serve(2 - 1);
    assert_eq!(rig.around.ram[192], 6);
    assert!(rig.bench.complaints().is_empty());
}

#[test]
fn a_copy_wants_no_requests_and_takes_time() {
    let mut rig = Rig::new();
    let wanted = rig.around.ram[..100].to_vec();
    rig.write(0x30, RAM);
    rig.write(0x2C, 100);
    rig.write(0x34, RAM + 512);
    // DIR = 2, PINC.
    rig.write(0x28, MINC | 2 << 6 | 1 << 9 | 1);
    assert_eq!(rig.read(0x00), 0);
    rig.finish();
    assert_eq!(rig.around.ram[512..612], wanted);
    assert_eq!(rig.read(0x00), HT1 | TC1);
    assert!(rig.bench.now.0 >= 84 * 2 * BEAT, "{:?}", rig.bench.now);
}

#[test]
fn the_higher_priority_goes_first_and_then_the_lower_number() {
    let mut rig = Rig::new();
    for (stream, priority, byte) in [(0, 1, 0xA0), (1, 3, 0xA1), (2, 1, 0xA2)] {
        let at = 0x10 + 0x18 * stream;
        rig.around.ram[900 + stream as usize] = byte;
        rig.write(at + 4, 1);
        rig.write(at + 8, REGISTER);
        rig.write(at + 12, RAM + 900 + stream);
        rig.write(at, TO_PERIPHERAL | priority << 16 | 1);
    }
    rig.dma.hear(7);
    rig.finish();
    let order: Vec<u32> = rig.around.taken.iter().map(|(value, _)| *value).collect();
    assert_eq!(order, [0xA1, 0xA0, 0xA2]);
}

#[test]
fn an_error_ends_the_stream_and_tells_where() {
    let mut rig = Rig::new();
    rig.start(MINC | TO_PERIPHERAL | 4, 2, RAM + 1023, 0);
    rig.serve(2);
    assert_eq!(
        (rig.read(0x00), rig.read(0x28) & 1, rig.dma.lines()),
        (TE1 | HT1, 0, 2)
    );
    assert_eq!(rig.read(0x2C), 1);
    assert_eq!(rig.bench.reports[0].address, Some(RAM + 1024));
}

#[test]
fn what_would_be_undefined_is_told_and_stays_off() {
    let mut rig = Rig::new();
    rig.start(MINC, 0, RAM, 0);
    assert!(rig.bench.complaints()[0].contains("NDTR is 0"));
    rig.start(MINC | 1 << 11, 1, RAM + 1, 0);
    assert!(rig.bench.complaints()[0].contains("no multiples"));
    assert_eq!(rig.read(0x28) & 1, 0);
    let refused = rig.dma.write(0x28, Width::Word, 1 << 5 | 1, &mut rig.bench.fx());
    assert!(matches!(refused, Err(Refused::Unmodelled(what)) if what.contains("PFCTRL")));
    rig.around.given.extend([1, 2]);
    rig.start(MINC, 2, RAM, 0);
    rig.write(0x34, RAM + 4);
    assert!(rig.bench.complaints()[0].contains("ignored"));
}

#[test]
fn the_basic_controller_has_its_own_flags_and_stays_on_at_the_end() {
    let mut bench = Bench::new(Clocks::default());
    let mut around = Around::new();
    let mut bdma = Bdma::new("BDMA2");
    // Channel 1 (at 0x1C): NDTR, PAR, M0AR, CR with MSIZE 16, PSIZE 8, MINC, DIR, TCIE.
    bench.write(&mut bdma, 0x20, 2);
    bench.write(&mut bdma, 0x24, REGISTER);
    bench.write(&mut bdma, 0x28, RAM);
    bench.write(&mut bdma, 0x1C, 1 << 10 | 1 << 7 | 1 << 4 | 1 << 1 | 1);
    bdma.hear(2);
    for flags in [0x50, 0x70] {
        bench.now = bench.now.max(bdma.next_event(&bench.clocks).unwrap());
        bdma.work(&mut around, &mut bench.fx());
        assert_eq!(bench.read(&mut bdma, 0), flags);
    }
    assert_eq!((bdma.next_event(&bench.clocks), bdma.lines()), (None, 2));
    assert_eq!(bench.read(&mut bdma, 0x1C) & 1, 1);
    // Half-words from memory are cut to the register's bytes.
    assert_eq!(around.taken, [(0, 1), (14, 1)]);
    bench.write(&mut bdma, 4, 1 << 4);
    assert_eq!((bench.read(&mut bdma, 0), bdma.lines()), (0, 0));
    assert!(bench.complaints().is_empty());
}

proptest! {
    #[test]
    fn packing_keeps_every_byte_in_order(psize in 0u32..3, msize in 0u32..3, items in 1u32..20, fth in 0u32..4) {
        let mut rig = Rig::new();
        // Whole items of memory, as the manual asks for.
        let items = (items << psize).next_multiple_of(1 << msize).max(1 << psize) >> psize << msize.saturating_sub(psize);
        rig.around.given.extend((0..items).map(|n| n.wrapping_mul(0x0123_4567)));
        let wanted: Vec<u8> = (0..items)
            .flat_map(|n| n.wrapping_mul(0x0123_4567).to_le_bytes()[..1 << psize].to_vec())
            .collect();
        rig.start(MINC | psize << 11 | msize << 13, items, RAM, 4 | fth);
        rig.serve(items);
        prop_assert_eq!(&rig.around.ram[..wanted.len()], &wanted[..]);
        prop_assert_eq!(rig.read(0x28) & 1, 0);
    }
}
