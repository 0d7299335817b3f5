//! A master behind the core's cache: what it reads and writes in the memory chip, and what cache and core see of it.

#[path = "rig/mod.rs"]
mod rig;

use chipmodel::bus::axi::{AxiPort, ReadBeat, ReadBurst, WriteBeat, joined};
use chipmodel::bus::master::{Bus, Buses, Master};
use chipmodel::core::dcache::{Op, Policy};
use chipmodel::onchip::mdma::Mdma;
use chipmodel::onchip::octospi::Octospi;
use chipmodel::{Clocks, Device, Effects, Kernel, Refused, Time, Width};
use rig::{GOOD, Rig, WINDOW};

const B: Policy = Policy::WriteBackAllocate;
const SRAM: u32 = 0x2400_0000;

/// A little internal memory beside the controller.
struct Around<'a> {
    sram: &'a mut [u8],
    octospi: &'a mut Octospi,
    joins: bool,
}

impl Buses for Around<'_> {
    fn read(
        &mut self,
        _bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        if burst.addr >= WINDOW {
            return AxiPort::read(self.octospi, burst, at, beats, fx)
                .map_err(|error| Refused::BusError(error.reason));
        }
        for index in 0..burst.beats {
            let offset = (burst.beat_addr(index) - SRAM) as usize;
            let (lane, size) = (offset & 7, usize::from(burst.size));
            let mut bytes = [0; 8];
            bytes[lane..lane + size].copy_from_slice(&self.sram[offset..offset + size]);
            beats[usize::from(index)] = ReadBeat {
                data: u64::from_le_bytes(bytes),
                ready: at,
            };
        }
        Ok(())
    }

    fn write(&mut self, _bus: Bus, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, Refused> {
        if beats[0].addr >= WINDOW {
            let wide = if self.joins { joined(beats) } else { beats.to_vec() };
            return AxiPort::write(self.octospi, &wide, at, fx)
                .map_err(|error| Refused::BusError(error.reason));
        }
        for beat in beats {
            let offset = (beat.addr - SRAM) as usize;
            let (lane, size) = (offset & 7, usize::from(beat.size));
            self.sram[offset..offset + size].copy_from_slice(&beat.data.to_le_bytes()[lane..lane + size]);
        }
        Ok(at)
    }
}

struct Bench {
    rig: Rig,
    mdma: Mdma,
    sram: Vec<u8>,
    joins: bool,
}

impl Bench {
    fn new() -> Self {
        Bench {
            rig: Rig::mapped("esp-psram64h", 70_000_000, GOOD),
            mdma: Mdma::new(),
            sram: (0..4096u32).map(|n| (n * 11 + 1) as u8).collect(),
            joins: false,
        }
    }

    fn fx<'a>(rig: &'a mut Rig) -> (Effects<'a>, &'a mut Octospi) {
        let clocks = Clocks::of(&[
            (Kernel::Octospi, rig.kernel_hz),
            (Kernel::Cpu, 280_000_000),
            (Kernel::Hclk, 280_000_000),
        ]);
        let fx = Effects::new(rig.now, clocks, &mut rig.reports);
        (fx, &mut rig.octospi)
    }

    /// Copies by channel 0 with data of 2^`size` bytes, in bursts of 2^`burst`, and returns its flags.
    fn copy(&mut self, source: u32, target: u32, bytes: u32, size: u32, burst: u32) -> u32 {
        self.start(source, target, bytes, size, burst);
        while let Some(due) = self.mdma.next_event(&Clocks::default()) {
            self.rig.now = self.rig.now.max(due);
            self.work();
        }
        self.flags()
    }

    fn start(&mut self, source: u32, target: u32, bytes: u32, size: u32, burst: u32) {
        let unit = size * 0x550;
        let ctcr = 0xA | unit | burst << 15 | 63 << 18 | 1 << 25 | 3 << 28 | 1 << 30;
        let (mut fx, _) = Self::fx(&mut self.rig);
        for (offset, value) in [
            (0x44, 0x1F),
            (0x50, ctcr),
            (0x54, bytes),
            (0x58, source),
            (0x5C, target),
            (0x4C, 1),
            (0x4C, 1 | 1 << 16),
        ] {
            self.mdma.write(offset, Width::Word, value, &mut fx).unwrap();
        }
    }

    /// Lets it do what is due.
    fn work(&mut self) {
        let (mut fx, octospi) = Self::fx(&mut self.rig);
        let mut around = Around {
            sram: &mut self.sram,
            octospi,
            joins: self.joins,
        };
        self.mdma.work(&mut around, &mut fx);
    }

    fn flags(&mut self) -> u32 {
        let (mut fx, _) = Self::fx(&mut self.rig);
        self.mdma.read(0x40, Width::Word, &mut fx).unwrap()
    }

    fn byte(&mut self, offset: u32) -> u8 {
        self.rig.load(WINDOW + offset, Width::Byte, B) as u8
    }
}

#[test]
fn a_dirty_line_is_not_seen_by_dma_until_it_is_cleaned() {
    let mut bench = Bench::new();
    bench.rig.dcache.set_enabled(true);
    bench.copy(SRAM, WINDOW, 32, 3, 2);
    let old = bench.sram[..32].to_vec();
    bench.rig.store(WINDOW, Width::Word, 0xDEAD_BEEF, B);
    bench.copy(WINDOW, SRAM + 0x100, 32, 3, 2);
    assert_eq!(bench.sram[0x100..0x120], old);
    bench.rig.maintain(Op::CleanByAddress(WINDOW));
    bench.copy(WINDOW, SRAM + 0x100, 32, 3, 2);
    assert_eq!(bench.sram[0x100..0x104], 0xDEAD_BEEF_u32.to_le_bytes());
    assert_eq!(bench.sram[0x104..0x120], old[4..]);
}

#[test]
fn what_dma_writes_is_not_seen_in_a_line_that_the_cache_holds() {
    let mut bench = Bench::new();
    bench.rig.dcache.set_enabled(true);
    let old = bench.byte(64);
    bench.sram[0] = !old;
    bench.copy(SRAM, WINDOW + 64, 32, 3, 2);
    assert_eq!((bench.byte(64), bench.rig.chip_byte(WINDOW + 64)), (old, !old));
    bench.rig.maintain(Op::InvalidateByAddress(WINDOW + 64));
    assert_eq!(bench.byte(64), !old);
}

#[test]
fn a_dirty_line_that_goes_out_later_overwrites_what_dma_wrote() {
    let mut bench = Bench::new();
    bench.rig.dcache.set_enabled(true);
    bench.rig.store(WINDOW + 31, Width::Byte, 0x55, B);
    bench.copy(SRAM, WINDOW, 32, 3, 2);
    assert_eq!(bench.rig.chip_byte(WINDOW + 3), bench.sram[3]);
    bench.rig.clean_all();
    assert_ne!(bench.rig.chip_byte(WINDOW + 3), bench.sram[3]);
    assert_eq!(bench.rig.chip_byte(WINDOW + 31), 0x55);
}

#[test]
fn beats_of_every_size_write_their_own_bytes_and_no_others() {
    for size in 0..4 {
        let mut bench = Bench::new();
        let (target, bytes) = (WINDOW + 0x200 + (1 << size), 5 << size);
        let before: Vec<u8> = (0x1F0..0x260).map(|n| bench.rig.chip_byte(WINDOW + n)).collect();
        assert_eq!(bench.copy(SRAM, target, bytes, size, 2), 0x1E);
        for (n, old) in (0x1F0..0x260).zip(before) {
            let place = (WINDOW + n).wrapping_sub(target);
            let expected = if place < bytes {
                bench.sram[place as usize]
            } else {
                old
            };
            assert_eq!(
                bench.rig.chip_byte(WINDOW + n),
                expected,
                "size {size}, offset {n:#x}"
            );
        }
        assert_eq!(bench.rig.octospi.stats().partial_beats, 0);
        assert!(bench.rig.complaints().is_empty(), "{:?}", bench.rig.complaints());
    }
}

#[test]
fn an_interconnect_that_joins_narrow_beats_would_zero_the_neighbours_and_spare_whole_lines() {
    let mut bench = Bench::new();
    bench.joins = true;
    bench.copy(SRAM, WINDOW, 64, 3, 2);
    assert_eq!(bench.rig.octospi.stats().partial_beats, 0);
    // Four words from the middle of a beat to the middle of another.
    bench.copy(SRAM + 0x100, WINDOW + 20, 16, 2, 2);
    assert_eq!(bench.rig.octospi.stats().partial_beats, 2);
    let seen: Vec<u8> = (16..40).map(|n| bench.rig.chip_byte(WINDOW + n)).collect();
    assert_eq!(seen[..4], [0; 4]);
    assert_eq!(seen[4..20], bench.sram[0x100..0x110]);
    assert_eq!(seen[20..], [0; 4]);
}

#[test]
fn whole_lines_go_over_the_wire_as_one_write_without_a_read_before() {
    let mut bench = Bench::new();
    bench.copy(SRAM, WINDOW + 0x400, 128, 3, 2);
    let stats = bench.rig.octospi.stats();
    assert_eq!((stats.write_frames, stats.read_frames), (1, 0));
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ x >> 31) >> 32) as u32 % limit
    }
}

/// A program whose core and MDMA work at the same time on one memory, more than the cache holds, with the rules for whole
/// lines: sources are cleaned and not written meanwhile, targets are cleaned and forgotten before and forgotten after, and
/// only read ahead in between, as a core does on speculation.
fn together(policy: Policy, seed: u64, steps: u32) -> u32 {
    const BYTES: u32 = 32 << 10;
    const LINE: u32 = 32;
    let mut bench = Bench::new();
    bench.rig.dcache.set_disramode(true);
    bench.rig.dcache.set_enabled(true);
    let mut flat: Vec<u8> = (0..BYTES).map(|n| bench.rig.chip_byte(WINDOW + n)).collect();
    let mut dice = Dice(seed);
    // Source, target, bytes.
    let mut running: Option<(u32, u32, u32)> = None;
    let mut moved = 0;
    let lines = |(start, bytes): (u32, u32)| (start..start + bytes).step_by(LINE as usize);
    for _ in 0..steps {
        bench.work();
        if let Some((source, target, bytes)) = running.filter(|_| bench.flags() & 2 != 0) {
            assert_eq!(bench.flags(), 0x1E);
            for line in lines((target, bytes)) {
                bench.rig.maintain(Op::CleanInvalidateByAddress(WINDOW + line));
            }
            flat.copy_within(source as usize..(source + bytes) as usize, target as usize);
            running = None;
            moved += bytes;
        }
        let width = [Width::Byte, Width::Half, Width::Word][dice.below(3) as usize];
        let at = dice.below(BYTES) & !(width.bytes() - 1);
        let inside = |start: u32| running.is_some_and(|(_, _, bytes)| at >= start && at < start + bytes);
        let (in_source, in_target) = running.map_or((false, false), |(s, t, _)| (inside(s), inside(t)));
        match dice.below(64) {
            0 if running.is_none() => {
                let bytes = LINE * (1 + dice.below(12));
                let source = dice.below(BYTES / 2 / LINE - 12) * LINE;
                let target = BYTES / 2 + dice.below(BYTES / 2 / LINE - 12) * LINE;
                let (source, target) = if dice.below(2) == 0 {
                    (source, target)
                } else {
                    (target, source)
                };
                for line in lines((source, bytes)) {
                    bench.rig.maintain(Op::CleanByAddress(WINDOW + line));
                }
                for line in lines((target, bytes)) {
                    bench.rig.maintain(Op::CleanInvalidateByAddress(WINDOW + line));
                }
                bench.rig.drain();
                bench.start(WINDOW + source, WINDOW + target, bytes, 3, 2);
                running = Some((source, target, bytes));
            }
            1..=30 if !in_source && !in_target => {
                let value = dice.below(u32::MAX);
                bench.rig.store(WINDOW + at, width, value, policy);
                let (at, bytes) = (at as usize, width.bytes() as usize);
                flat[at..at + bytes].copy_from_slice(&value.to_le_bytes()[..bytes]);
            }
            _ => {
                let found = bench.rig.load(WINDOW + at, width, policy);
                let mut expected = [0; 4];
                let (at, bytes) = (at as usize, width.bytes() as usize);
                expected[..bytes].copy_from_slice(&flat[at..at + bytes]);
                assert!(
                    in_target || found == u32::from_le_bytes(expected),
                    "seed {seed}, offset {at:#x}: found {found:#x}, expected {expected:x?}"
                );
            }
        }
    }
    while let Some(due) = bench.mdma.next_event(&Clocks::default()) {
        bench.rig.now = bench.rig.now.max(due);
        bench.work();
    }
    bench.rig.clean_all();
    let untouched = |n: u32| running.is_none_or(|(_, target, bytes)| n < target || n >= target + bytes);
    for n in (0..BYTES).filter(|n| untouched(*n)) {
        assert_eq!(
            bench.rig.chip_byte(WINDOW + n),
            flat[n as usize],
            "seed {seed}, offset {n:#x}"
        );
    }
    assert_eq!(bench.rig.octospi.stats().partial_beats, 0);
    assert!(bench.rig.complaints().is_empty(), "{:?}", bench.rig.complaints());
    moved
}

#[test]
fn core_and_dma_at_the_same_time_agree_with_a_flat_memory() {
    for policy in [Policy::WriteBackAllocate, Policy::StronglyOrdered] {
        for seed in 0..8 {
            assert!(
                together(policy, seed, 20_000) > 1_000,
                "{policy:?}: too little was moved"
            );
        }
    }
}
