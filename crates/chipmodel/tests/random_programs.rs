//! Random programs against a flat memory: cache, store buffer, OCTOSPI and chip together must look like RAM.
//!
//! Configurations A (strongly-ordered) and B (write-back, write-allocate, DISRAMODE) have to hold with a chip that
//! has no mask pin. All other policies have to hold once the gaps in beats are masked (`Unstrobed::Keep`): what
//! goes wrong with them on the real chip is the missing mask and nothing else.

mod rig;

use chipmodel::Width;
use chipmodel::core::dcache::{Op as Maintenance, Policy};
use chipmodel::onchip::octospi::{Quirks, Unstrobed};
use rig::{GOOD, Rig, WINDOW};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Load(u32, Width),
    Store(u32, Width, u32),
    /// Words one after the other.
    Fill(u32, u8, Width),
    Drain,
    Clean(u32),
    CleanInvalidate(u32),
    Pause(u32),
}

#[derive(Clone, Copy, Debug)]
struct Config {
    name: &'static str,
    policy: Policy,
    disramode: bool,
    masked: bool,
}

const A: Config = Config {
    name: "A",
    policy: Policy::StronglyOrdered,
    disramode: false,
    masked: false,
};
const B: Config = Config {
    name: "B",
    policy: Policy::WriteBackAllocate,
    disramode: true,
    masked: false,
};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    fn below(&mut self, limit: u32) -> u32 {
        (self.roll() % u64::from(limit)) as u32
    }

    fn width(&mut self) -> Width {
        [Width::Byte, Width::Half, Width::Word][self.below(3) as usize]
    }

    /// Lines that fight for the same sets, ends of pages, both ends of the chip, and anywhere.
    fn addr(&mut self, width: Width) -> u32 {
        let offset = match self.below(8) {
            0..=3 => self.below(12) * 4096 + self.below(96),
            4 => 1024 * self.below(64) + 1000 + self.below(48),
            5 => 0x7f_ffc0 + self.below(64),
            6 => self.below(256),
            _ => self.below(8 << 20),
        };
        WINDOW + (offset & !(width.bytes() - 1))
    }

    fn op(&mut self) -> Op {
        let width = self.width();
        let addr = self.addr(width);
        match self.below(64) {
            0..=27 => Op::Load(addr, width),
            28..=56 => Op::Store(addr, width, self.roll() as u32),
            57 => {
                let bytes = 4 * (1 + self.below(60));
                let start = (addr & !3).min(WINDOW + (8 << 20) - bytes);
                Op::Fill(start, (bytes / 4) as u8, width)
            }
            58 | 59 => Op::Drain,
            60 | 61 => Op::Clean(addr),
            62 => Op::CleanInvalidate(addr),
            _ => Op::Pause(self.below(20_000)),
        }
    }
}

fn flat_read(flat: &[u8], addr: u32, width: Width) -> u32 {
    let at = (addr - WINDOW) as usize;
    (0..width.bytes() as usize).fold(0, |value, index| {
        value | u32::from(flat[at + index]) << (8 * index)
    })
}

fn flat_write(flat: &mut [u8], addr: u32, width: Width, value: u32) {
    let at = (addr - WINDOW) as usize;
    let bytes = width.bytes() as usize;
    flat[at..at + bytes].copy_from_slice(&value.to_le_bytes()[..bytes]);
}

fn booted(config: Config) -> Rig {
    prepared(Rig::mapped("esp-psram64h", 70_000_000, GOOD), config)
}

fn prepared(mut rig: Rig, config: Config) -> Rig {
    if config.masked {
        rig.octospi.set_quirks(Quirks {
            unstrobed: Unstrobed::Keep,
            ..Quirks::default()
        });
    }
    rig.dcache.set_disramode(config.disramode);
    rig.dcache.set_enabled(true);
    rig
}

fn memory_of(rig: &Rig) -> Vec<u8> {
    (0..8 << 20)
        .map(|offset| rig.octospi.chip().peek(offset))
        .collect()
}

/// Run a program; what went wrong first, if anything did. Counts the accesses.
fn run(config: Config, rig: &Rig, flat: &[u8], program: &[Op], accesses: &mut u64) -> Result<(), String> {
    let mut rig = rig.clone();
    let mut flat = flat.to_vec();
    let mut touched = Vec::new();
    for (index, op) in program.iter().enumerate() {
        match *op {
            Op::Load(addr, width) => {
                *accesses += 1;
                let found = rig.load(addr, width, config.policy);
                let expected = flat_read(&flat, addr, width);
                if found != expected {
                    return Err(format!(
                        "op {index} {op:x?}: found 0x{found:x}, expected 0x{expected:x}"
                    ));
                }
            }
            Op::Store(addr, width, value) => {
                *accesses += 1;
                rig.store(addr, width, value, config.policy);
                flat_write(&mut flat, addr, width, value);
                touched.push((addr, width.bytes()));
            }
            Op::Fill(addr, words, width) => {
                for step in 0..u32::from(words) * 4 / width.bytes() {
                    *accesses += 1;
                    let (at, value) = (
                        addr + step * width.bytes(),
                        step.wrapping_mul(0x0101_0101) ^ 0xa5a5_5a5a,
                    );
                    rig.store(at, width, value, config.policy);
                    flat_write(&mut flat, at, width, value);
                }
                touched.push((addr, u32::from(words) * 4));
            }
            Op::Drain => rig.drain(),
            Op::Clean(addr) => rig.maintain(Maintenance::CleanByAddress(addr)),
            Op::CleanInvalidate(addr) => rig.maintain(Maintenance::CleanInvalidateByAddress(addr)),
            Op::Pause(ns) => rig.now = rig.now + chipmodel::Picos::from_ns(ns.into()),
        }
    }
    rig.clean_all();
    for (addr, bytes) in touched {
        // The neighbours, too: a beat is 8 bytes.
        for at in (addr & !7).max(WINDOW)..((addr + bytes + 7) & !7).min(WINDOW + (8 << 20)) {
            let (found, expected) = (rig.chip_byte(at), flat[(at - WINDOW) as usize]);
            if found != expected {
                return Err(format!(
                    "after cleaning, 0x{at:08x}: found 0x{found:02x}, expected 0x{expected:02x}"
                ));
            }
        }
    }
    if let Some(report) = rig.reports.first() {
        return Err(report.message.clone());
    }
    let partial = rig.octospi.stats().partial_beats;
    if !config.masked && partial > 0 {
        return Err(format!("{partial} partial beats"));
    }
    Ok(())
}

/// Leave out as much as possible while it still fails.
fn shrink(config: Config, rig: &Rig, flat: &[u8], mut program: Vec<Op>) -> Vec<Op> {
    let mut chunk = program.len() / 2;
    while chunk > 0 {
        let mut start = 0;
        while start < program.len() {
            let mut shorter = program.clone();
            shorter.drain(start..(start + chunk).min(program.len()));
            if run(config, rig, flat, &shorter, &mut 0).is_err() {
                program = shorter;
            } else {
                start += chunk;
            }
        }
        chunk /= 2;
    }
    program
}

fn hunt(config: Config, programs: u64, length: usize) -> u64 {
    hunt_on(&booted(config), config, programs, length)
}

fn hunt_on(rig: &Rig, config: Config, programs: u64, length: usize) -> u64 {
    let flat = memory_of(rig);
    let mut accesses = 0;
    for seed in 0..programs {
        let mut dice = Dice(seed);
        let program: Vec<Op> = (0..length).map(|_| dice.op()).collect();
        if run(config, rig, &flat, &program, &mut accesses).is_err() {
            let program = shrink(config, rig, &flat, program);
            let what = run(config, rig, &flat, &program, &mut 0).expect_err("it still fails");
            panic!(
                "configuration {}, seed {seed}: {what}\n{} ops: {program:x?}",
                config.name,
                program.len()
            );
        }
    }
    accesses
}

#[test]
fn configuration_a_looks_like_ram() {
    assert!(hunt(A, 260, 20_000) > 10_000_000);
}

#[test]
fn configuration_b_looks_like_ram() {
    assert!(hunt(B, 260, 20_000) > 10_000_000);
}

#[test]
fn every_policy_looks_like_ram_once_the_chip_has_a_mask() {
    let policies = [
        ("device", Policy::Device),
        ("non-cacheable", Policy::NonCacheable),
        ("write-through", Policy::WriteThrough),
        ("write-back", Policy::WriteBack),
        (
            "write-back write-allocate with read-allocate mode",
            Policy::WriteBackAllocate,
        ),
    ];
    for (name, policy) in policies {
        let config = Config {
            name,
            policy,
            disramode: false,
            masked: true,
        };
        assert!(hunt(config, 12, 20_000) > 100_000);
    }
}

#[test]
fn without_a_mask_the_other_policies_lose_data() {
    for policy in [Policy::NonCacheable, Policy::WriteThrough, Policy::WriteBack] {
        let config = Config {
            name: "unsafe",
            policy,
            disramode: false,
            masked: false,
        };
        let rig = booted(config);
        let flat = memory_of(&rig);
        let lone_byte = [Op::Store(WINDOW + 0x101, Width::Byte, 0xee)];
        let error = run(config, &rig, &flat, &lone_byte, &mut 0).expect_err("seven bytes are overwritten");
        assert!(error.contains("found 0x00"), "{error}");
    }
}

#[test]
fn other_parts_and_clocks_look_like_ram_with_limits_to_suit_them() {
    // Part, MHz, prescaler, CSHT field, CSBOUND, REFRESH: CE# high for tCPH, low for less than 8 us, no page
    // crossing above 84 MHz.
    let table = [
        ("ly68l6400", 40, 0, 1, 0, 310),
        ("aps6404l-3sqr", 84, 0, 4, 0, 660),
        ("ips6404l-sq", 104, 0, 1, 10, 820),
        ("ly68l6400", 140, 0, 6, 10, 1_100),
        ("esp-psram64h", 140, 1, 3, 0, 550),
        ("esp-psram64h", 280, 5, 2, 5, 360),
    ];
    for (part, mhz, prescaler, csht, csbound, refresh) in table {
        let mut setup = GOOD;
        setup.dcr1 = 2 << 24 | 23 << 16 | csht << 8 | 1 << 3;
        setup.dcr2 = prescaler;
        setup.dcr3 = csbound << 16;
        setup.dcr4 = refresh;
        for config in [A, B] {
            let rig = prepared(Rig::mapped(part, mhz * 1_000_000, setup), config);
            assert!(hunt_on(&rig, config, 2, 10_000) > 10_000, "{part} at {mhz} MHz");
        }
    }
}
