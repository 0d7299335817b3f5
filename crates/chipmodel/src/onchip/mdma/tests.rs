//! MDMA against a flat memory, with register offsets and bits typed in a second time from RM0399 15.5.

use super::*;
use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::bank::testing::Bench;
use crate::bus::master::Bus;
use proptest::prelude::*;

const AXI: u32 = 0x2400_0000;
const DTCM: u32 = 0x2000_0000;
const BYTES: usize = 4096;

const CISR: u32 = 0x40;
const CIFCR: u32 = 0x44;
const CESR: u32 = 0x48;
const CCR: u32 = 0x4C;
const CTCR: u32 = 0x50;
const CBNDTR: u32 = 0x54;
const CSAR: u32 = 0x58;
const CDAR: u32 = 0x5C;
const CBRUR: u32 = 0x60;
const CLAR: u32 = 0x64;
const CTBR: u32 = 0x68;

/// One beat takes so long.
const BEAT: u64 = 10_000;

/// Two memories, one behind each bus.
struct Flat {
    axi: Vec<u8>,
    dtcm: Vec<u8>,
    bursts: Vec<Vec<WriteBeat>>,
}

impl Flat {
    fn new() -> Self {
        let fill = |seed: usize| (0..BYTES).map(|n| (n * 7 + n / 256 + seed) as u8).collect();
        Flat {
            axi: fill(0),
            dtcm: fill(3),
            bursts: Vec::new(),
        }
    }

    fn place(&mut self, bus: Bus, addr: u32, bytes: usize) -> Result<&mut [u8], Refused> {
        let (base, memory) = match bus {
            Bus::Axi => (AXI, &mut self.axi),
            Bus::Tcm => (DTCM, &mut self.dtcm),
            Bus::Srd => return Err(Refused::BusError("not MDMA's".into())),
        };
        let from = addr.wrapping_sub(base) as usize;
        memory
            .get_mut(from..from.saturating_add(bytes))
            .ok_or_else(|| Refused::BusError("nothing there".into()))
    }
}

impl Buses for Flat {
    fn read(
        &mut self,
        bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        _fx: &mut Effects,
    ) -> Result<(), Refused> {
        assert!((1..=4).contains(&burst.beats) && burst.addr % u32::from(burst.size) == 0);
        for index in 0..burst.beats {
            let addr = burst.beat_addr(index);
            let mut bytes = [0; 8];
            let lane = (addr & 7) as usize;
            let size = usize::from(burst.size);
            bytes[lane..lane + size].copy_from_slice(self.place(bus, addr, size)?);
            beats[usize::from(index)] = ReadBeat {
                data: u64::from_le_bytes(bytes),
                ready: Time(at.0 + BEAT * (u64::from(index) + 1)),
            };
        }
        Ok(())
    }

    fn write(&mut self, bus: Bus, beats: &[WriteBeat], at: Time, _fx: &mut Effects) -> Result<Time, Refused> {
        for beat in beats {
            let lane = (beat.addr & 7) as usize;
            let size = usize::from(beat.size);
            self.place(bus, beat.addr, size)?
                .copy_from_slice(&beat.data.to_le_bytes()[lane..lane + size]);
        }
        self.bursts.push(beats.to_vec());
        Ok(Time(at.0 + BEAT * beats.len() as u64))
    }
}

struct Rig {
    bench: Bench,
    mdma: Mdma,
    memory: Flat,
}

/// SINC = DINC = increment, both sizes and increments as given in powers of two, PKE, SWRM, TRGM = whole channel.
fn plain(source: u32, target: u32, tlen: u32) -> u32 {
    2 | 2 << 2
        | source << 4
        | target << 6
        | source << 8
        | target << 10
        | (tlen - 1) << 18
        | 1 << 25
        | 3 << 28
        | 1 << 30
}

impl Rig {
    fn new() -> Self {
        Rig {
            bench: Bench::new(Clocks::default()),
            mdma: Mdma::new(),
            memory: Flat::new(),
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.bench.write(&mut self.mdma, offset, value);
    }

    fn read(&mut self, offset: u32) -> u32 {
        self.bench.read(&mut self.mdma, offset)
    }

    fn set_up(&mut self, ctcr: u32, cbndtr: u32, source: u32, target: u32) {
        self.write(CTCR, ctcr);
        self.write(CBNDTR, cbndtr);
        self.write(CSAR, source);
        self.write(CDAR, target);
        let tcm = |addr: u32| u32::from(addr >> 24 == 0x20);
        self.write(CTBR, tcm(source) << 16 | tcm(target) << 17);
    }

    fn start(&mut self) {
        self.write(CCR, 1);
        self.write(CCR, 1 | 1 << 16);
    }

    /// Let it work until nothing is left to do.
    fn finish(&mut self) {
        while let Some(due) = self.mdma.next_event(&Clocks::default()) {
            self.bench.now = self.bench.now.max(due);
            self.mdma.work(&mut self.memory, &mut self.bench.fx());
        }
    }

    fn run(&mut self, ctcr: u32, cbndtr: u32, source: u32, target: u32) -> u32 {
        self.set_up(ctcr, cbndtr, source, target);
        self.start();
        self.finish();
        self.read(CISR)
    }
}

#[test]
fn a_block_is_copied_and_all_flags_of_its_end_are_up() {
    let mut rig = Rig::new();
    let expected = rig.memory.axi[0x100..0x1C8].to_vec();
    assert_eq!(rig.run(plain(3, 3, 64), 200, AXI + 0x100, AXI + 0x800), 0x1E);
    assert_eq!(rig.memory.axi[0x800..0x8C8], expected);
    // EN has fallen, nothing is left, and the addresses stand behind the last byte.
    assert_eq!((rig.read(CCR), rig.read(CBNDTR)), (0, 0));
    assert_eq!((rig.read(CSAR), rig.read(CDAR)), (AXI + 0x1C8, AXI + 0x8C8));
    rig.write(CIFCR, 0x1F);
    assert_eq!(rig.read(CISR), 0);
    assert!(rig.bench.complaints().is_empty());
}

#[test]
fn every_size_writes_beats_of_that_size_with_all_their_strobes() {
    for (size, bytes) in [(0, 1u8), (1, 2), (2, 4), (3, 8)] {
        let mut rig = Rig::new();
        rig.run(plain(size, size, 32), 32, AXI, AXI + 0x808);
        let beats: Vec<WriteBeat> = rig.memory.bursts.concat();
        assert_eq!(beats.len(), 32 / usize::from(bytes));
        for beat in &beats {
            assert_eq!((beat.size, beat.strobes.count_ones()), (bytes, u32::from(bytes)));
            assert!(!beat.is_partial());
        }
    }
}

#[test]
fn completion_takes_the_time_of_the_beats() {
    let mut rig = Rig::new();
    rig.set_up(plain(3, 3, 64), 128, AXI, AXI + 0x800);
    rig.start();
    assert_eq!(rig.read(CISR), 1 << 16);
    // Two buffers of 8 beats read and 8 written.
    for (beats, flags) in [(16, 1 << 16 | 0x10), (32, 0x1E)] {
        rig.bench.now = Time(beats * BEAT - 1);
        rig.mdma.work(&mut rig.memory, &mut rig.bench.fx());
        assert_ne!(rig.read(CISR), flags);
        rig.bench.now = Time(beats * BEAT);
        rig.mdma.work(&mut rig.memory, &mut rig.bench.fx());
        assert_eq!(rig.read(CISR), flags);
    }
}

#[test]
fn a_request_moves_a_buffer_a_block_or_all_by_trgm() {
    // (TRGM, requests until CTCIF) for two blocks of two buffers.
    for (trgm, requests) in [(0, 4), (1, 2), (2, 1), (3, 1)] {
        let mut rig = Rig::new();
        let ctcr = plain(2, 2, 16) & !(3 << 28) | trgm << 28;
        rig.set_up(ctcr, 1 << 20 | 32, AXI, AXI + 0x800);
        rig.write(CCR, 1);
        let mut count = 0;
        while rig.read(CISR) & 2 == 0 {
            rig.write(CCR, 1 | 1 << 16);
            rig.finish();
            count += 1;
        }
        assert_eq!(count, requests, "TRGM = {trgm}");
        assert_eq!(rig.memory.axi[..64], rig.memory.axi[0x800..0x840]);
    }
}

#[test]
fn repeated_blocks_make_a_rectangle() {
    let mut rig = Rig::new();
    // 4 rows of 16 bytes, 64 apart at the source, 32 apart at the target and upwards: DUV is subtracted.
    rig.set_up(plain(3, 3, 16), 3 << 20 | 1 << 19 | 16, AXI + 0x40, AXI + 0x8C0);
    rig.write(CBRUR, (16 + 32) << 16 | 48);
    rig.start();
    rig.finish();
    assert_eq!(rig.read(CISR), 0x1E);
    for row in 0..4 {
        let (from, to) = (0x40 + 64 * row, 0x8C0 - 32 * row);
        assert_eq!(
            rig.memory.axi[to..to + 16],
            rig.memory.axi[from..from + 16],
            "row {row}"
        );
    }
    assert_eq!(rig.read(CBNDTR) >> 20, 0);
}

#[test]
fn an_address_off_its_grid_is_an_error_and_nothing_moves() {
    // (SAR, DAR, CESR): ASE in bit 10, TED in bit 7 for the target, TEA in bits 6:0.
    for (source, target, esr) in [(4, 0x800, 1 << 10 | 4), (0, 0x80C, 1 << 10 | 1 << 7 | 0x0C)] {
        let mut rig = Rig::new();
        let before = rig.memory.axi.clone();
        assert_eq!(rig.run(plain(3, 3, 64), 64, AXI + source, AXI + target), 1);
        assert_eq!((rig.read(CESR), rig.read(CCR)), (esr, 0));
        assert_eq!(rig.memory.axi, before);
        rig.write(CIFCR, 1);
        assert_eq!((rig.read(CISR), rig.read(CESR)), (0, 0));
    }
}

#[test]
fn a_tail_smaller_than_the_data_is_an_error_of_the_last_buffer() {
    let mut rig = Rig::new();
    let before = rig.memory.axi.clone();
    // 64 + 36 bytes in units of 8: the first buffer arrives, the second does not, BSE in bit 11 names its last 4 bytes.
    assert_eq!(rig.run(plain(3, 3, 64), 100, AXI, AXI + 0x800), 0x11);
    assert_eq!(rig.read(CESR), 1 << 11 | 0x60);
    assert_eq!(rig.memory.axi[0x800..0x840], before[..0x40]);
    assert_eq!(rig.memory.axi[0x840..], before[0x840..]);
}

#[test]
fn a_bus_error_stops_the_channel_and_is_reported() {
    let mut rig = Rig::new();
    let outside = AXI + BYTES as u32 - 32;
    assert_eq!(rig.run(plain(3, 3, 64), 64, AXI, outside), 1);
    // The 33rd byte is the first that nothing takes.
    assert_eq!(rig.read(CESR), 1 << 7 | (outside + 32) & 0x7F);
    let complaints = rig.bench.complaints();
    assert_eq!(complaints, ["MDMA: write: nothing there"]);
}

#[test]
fn tightly_coupled_memory_is_reached_by_its_own_bus_up_to_32_bits() {
    let mut rig = Rig::new();
    assert_eq!(rig.run(plain(2, 3, 64), 64, DTCM, AXI), 0x1E);
    assert_eq!(rig.memory.axi[..64], rig.memory.dtcm[..64]);
    assert_eq!(rig.run(plain(3, 3, 64), 64, AXI, DTCM), 0x1E | 1);
    assert_eq!(rig.read(CESR), 1 << 7);
}

#[test]
fn items_are_padded_or_cut_when_they_are_not_packed() {
    // (SSIZE, DSIZE, PAM, source, target)
    type Case = (u32, u32, u32, &'static [u8], &'static [u8]);
    let cases: [Case; 6] = [
        (0, 2, 0, &[0x81, 0x7F], &[0x81, 0, 0, 0, 0x7F, 0, 0, 0]),
        (0, 2, 1, &[0x81, 0x7F], &[0x81, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0]),
        (0, 2, 2, &[0x81, 0x7F], &[0, 0, 0, 0x81, 0, 0, 0, 0x7F]),
        (2, 0, 0, &[1, 2, 3, 4, 5, 6, 7, 8], &[1, 5]),
        (2, 0, 2, &[1, 2, 3, 4, 5, 6, 7, 8], &[4, 8]),
        (2, 1, 1, &[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 5, 6]),
    ];
    for (ssize, dsize, pam, from, to) in cases {
        let mut rig = Rig::new();
        rig.memory.axi[..from.len()].copy_from_slice(from);
        let ctcr = plain(ssize, dsize, from.len() as u32) & !(1 << 25) | pam << 26;
        let flags = rig.run(ctcr, from.len() as u32, AXI, AXI + 0x800);
        assert_eq!(flags, 0x1E, "{ssize} {dsize} {pam}");
        assert_eq!(
            rig.memory.axi[0x800..0x800 + to.len()],
            *to,
            "{ssize} {dsize} {pam}"
        );
    }
}

#[test]
fn descending_and_fixed_addresses_are_followed() {
    let mut rig = Rig::new();
    let ctcr = plain(0, 0, 8) & !(3 << 2) | 3 << 2;
    rig.run(ctcr, 8, AXI, AXI + 0x807);
    let mut mirrored = rig.memory.axi[..8].to_vec();
    mirrored.reverse();
    assert_eq!(rig.memory.axi[0x800..0x808], mirrored);
    let mut rig = Rig::new();
    rig.run(plain(2, 2, 16) & !3, 16, AXI + 0x10, AXI + 0x800);
    for n in 0..4 {
        assert_eq!(
            rig.memory.axi[0x800 + 4 * n..][..4],
            rig.memory.axi[0x10..0x14],
            "{n}"
        );
    }
}

#[test]
fn the_channel_with_the_higher_priority_goes_first() {
    let mut rig = Rig::new();
    rig.set_up(plain(0, 0, 16), 32, AXI, AXI + 0x800);
    for (register, value) in [
        (CTCR, plain(0, 0, 16)),
        (CBNDTR, 32),
        (CSAR, AXI),
        (CDAR, AXI + 0x900),
        (CCR, 2 << 6 | 1),
    ] {
        rig.write(0x40 + register, value);
    }
    rig.write(CCR, 1);
    rig.write(CCR, 1 | 1 << 16);
    rig.write(0x40 + CCR, 2 << 6 | 1 | 1 << 16);
    rig.finish();
    let order: Vec<u32> = rig
        .memory
        .bursts
        .iter()
        .map(|burst| burst[0].addr)
        .filter(|addr| addr % 16 == 0)
        .collect();
    assert_eq!(order, [AXI + 0x900, AXI + 0x910, AXI + 0x800, AXI + 0x810]);
}

#[test]
fn interrupts_follow_flags_and_enables() {
    let mut rig = Rig::new();
    rig.set_up(plain(3, 3, 64), 64, AXI, AXI + 0x800);
    rig.write(CCR, 1 | 1 << 2);
    rig.write(CCR, 1 | 1 << 2 | 1 << 16);
    assert_eq!(rig.mdma.lines(), 0);
    rig.finish();
    assert_eq!(rig.mdma.lines(), 1);
    assert_eq!(rig.read(0), 1);
    rig.write(CIFCR, 1 << 1);
    assert_eq!(rig.mdma.lines(), 0);
    assert_eq!(rig.read(0), 0);
}

#[test]
fn a_channel_switched_off_ends_its_buffer_first() {
    let mut rig = Rig::new();
    rig.set_up(plain(3, 3, 64), 128, AXI, AXI + 0x800);
    rig.start();
    rig.mdma.work(&mut rig.memory, &mut rig.bench.fx());
    rig.write(CCR, 0);
    assert_eq!(rig.read(CISR) & 2, 0);
    rig.finish();
    assert_eq!((rig.read(CISR), rig.read(CBNDTR)), (0x12, 64));
    // And goes on where it stood.
    rig.write(CIFCR, 0x1F);
    rig.start();
    rig.finish();
    assert_eq!(rig.read(CISR), 0x1E);
    assert_eq!(rig.memory.axi[..128], rig.memory.axi[0x800..0x880]);
}

#[test]
fn what_the_manual_calls_unpredictable_is_refused_by_name() {
    let good = plain(3, 3, 64);
    let fields = |clear: u32, set: u32| good & !clear | set;
    let cases = [
        (fields(3, 1), "SINC = 1 is reserved"),
        (
            fields(3 << 10, 1 << 10),
            "DINCOS of 2 bytes is less than DSIZE of 8",
        ),
        (
            fields(0x7F << 18, 60 << 18),
            "TLEN + 1 = 61 is no multiple of SSIZE of 8",
        ),
        (
            fields(0, 4 << 15),
            "DBURST of 16 x 8 bytes is longer than the 64 of a buffer",
        ),
        (fields(1 << 30, 0), "requests of peripherals"),
        (fields(3 << 4 | 1 << 25, 3 << 26), "PAM = 3 is reserved"),
    ];
    for (ctcr, why) in cases {
        let mut rig = Rig::new();
        rig.set_up(ctcr, 64, AXI, AXI + 0x800);
        rig.write(CCR, 1);
        assert_eq!(rig.read(CCR), 0, "{why}");
        let complaints = rig.bench.complaints();
        assert!(
            complaints.iter().any(|complaint| complaint.contains(why)),
            "{why}: {complaints:?}"
        );
    }
    let mut rig = Rig::new();
    rig.set_up(good, 64, AXI, AXI + 0x800);
    rig.write(CLAR, AXI);
    rig.write(CCR, 1);
    assert!(rig.bench.complaints()[0].contains("linked lists"));
}

#[test]
fn mistakes_at_the_registers_are_reported_and_have_no_effect() {
    let mut rig = Rig::new();
    rig.write(CCR, 1 << 16);
    assert!(rig.bench.complaints()[0].contains("not switched on"));
    rig.set_up(plain(3, 3, 64), 64, AXI, AXI + 0x800);
    // EN and SWRQ at once: the channel is not on yet.
    rig.write(CCR, 1 | 1 << 16);
    assert!(rig.bench.complaints()[0].contains("not switched on"));
    rig.write(CDAR, AXI);
    assert!(rig.bench.complaints()[0].contains("written while the channel is on"));
    assert_eq!(rig.read(CDAR), AXI + 0x800);
    let mut fx = rig.bench.fx();
    assert_eq!(
        rig.mdma.read(0x6C, Width::Word, &mut fx),
        Err(Refused::Unmodelled("MDMA: no such register"))
    );
    assert!(rig.mdma.write(0x440, Width::Word, 0, &mut fx).is_err());
}

#[test]
fn bursts_that_cross_4_kb_are_reported() {
    let mut rig = Rig::new();
    let ctcr = plain(3, 3, 64) | 3 << 15;
    rig.memory.axi.resize(3 * BYTES, 0);
    assert_eq!(rig.run(ctcr, 64, AXI, AXI + 0x1000 - 0x20), 0x1E);
    assert!(rig.bench.complaints()[0].contains("crosses 4 KB"));
}

proptest! {
    /// Whatever is written to the registers, there is an answer, and an end.
    #[test]
    fn no_order_of_writes_can_hang_or_break_it(writes in proptest::collection::vec((0u32..0x100, any::<u32>(), 0u8..6), 1..200)) {
        let mut rig = Rig::new();
        for (offset, value, form) in writes {
            let value = match form {
                0 => value,
                1 => value & 0x1_001F,
                2 => value & 0x70 | AXI,
                3 => plain(value & 3, value >> 2 & 3, 64),
                4 => 1 << 16 | 1,
                _ => value & 0xFF,
            };
            let width = [Width::Word, Width::Word, Width::Half, Width::Byte][(value >> 8 & 3) as usize];
            let _ = rig.mdma.write(0x40 + (offset & !3), width, value, &mut rig.bench.fx());
            rig.bench.now = Time(rig.bench.now.0 + u64::from(value & 0xFFFF));
            rig.mdma.work(&mut rig.memory, &mut rig.bench.fx());
        }
        for number in 0..16 {
            // Whatever still runs is not endless: 4096 blocks of 64 KB at the most, here cut short.
            let _ = rig.mdma.write(0x40 + 0x40 * number + 0x0C, Width::Word, 0, &mut rig.bench.fx());
        }
        rig.finish();
        prop_assert_eq!(rig.mdma.next_event(&Clocks::default()), None);
    }

    /// Any packed transfer that obeys the rules is a copy, and changes nothing else.
    #[test]
    fn random_transfers_agree_with_a_flat_memory(
        ssize in 0u32..4, dsize in 0u32..4, sburst in 0u32..5, dburst in 0u32..5,
        units in 1u32..40, buffer in 1u32..=16, from in 0u32..64, to in 0u32..64,
    ) {
        let largest = 1 << ssize.max(dsize);
        let (bytes, tlen) = (units * largest, (buffer * largest).min(128));
        let (source, target) = (from << ssize, 0x800 + (to << dsize));
        let fits = |burst: u32, size: u32| (1 << burst << size) <= tlen;
        prop_assume!(fits(sburst, ssize) && fits(dburst, dsize));
        let mut rig = Rig::new();
        let mut expected = rig.memory.axi.clone();
        let (a, b) = (source as usize, target as usize);
        expected.copy_within(a..a + bytes as usize, b);
        let ctcr = plain(ssize, dsize, tlen) | sburst << 12 | dburst << 15;
        prop_assert_eq!(rig.run(ctcr, bytes, AXI + source, AXI + target), 0x1E);
        prop_assert!(rig.memory.axi == expected);
        prop_assert!(rig.memory.bursts.concat().iter().all(|beat| !beat.is_partial()));
        prop_assert!(rig.bench.complaints().is_empty());
    }
}
