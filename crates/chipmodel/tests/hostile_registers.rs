//! Whatever a program writes into the registers, in whatever order and between whatever accesses: no panic, no endless
//! loop, and an answer to everything.

mod rig;

use chipmodel::core::dcache::{Op, Policy};
use chipmodel::{Device, Picos, Width};
use rig::*;

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as u32
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.roll() % limit
    }
}

const OFFSETS: [u32; 18] = [
    CR, DCR1, DCR2, DCR3, DCR4, SR, FCR, DLR, AR, DR, CCR, TCR, IR, LPTR, WCCR, WTCR, WIR, 0x200,
];
const POLICIES: [Policy; 6] = [
    Policy::StronglyOrdered,
    Policy::Device,
    Policy::NonCacheable,
    Policy::WriteThrough,
    Policy::WriteBack,
    Policy::WriteBackAllocate,
];

#[test]
fn no_order_of_writes_and_accesses_can_hang_or_break_the_models() {
    for seed in 1..=40u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let chip = ["esp-psram64h", "none", "w25q64", "stuck-low"][dice.below(4) as usize];
        let mut rig = Rig::mapped(chip, 70_000_000, GOOD);
        rig.dcache.set_enabled(true);
        let mut answers = 0u32;
        for _ in 0..2_000 {
            let offset = OFFSETS[dice.below(18) as usize];
            let width = [Width::Byte, Width::Half, Width::Word][dice.below(3) as usize];
            let policy = POLICIES[dice.below(6) as usize];
            let addr = WINDOW + (dice.roll() >> dice.below(20) & 0x0fff_ffff & !3);
            let value = match dice.below(4) {
                0 => dice.roll(),
                1 => dice.roll() & dice.roll() & dice.roll(),
                2 => 1 << dice.below(32),
                _ => dice.below(4) << 28 | 1,
            };
            match dice.below(16) {
                0..=3 => answers += u32::from(rig.try_write(offset, value).is_ok()),
                4 => rig.map(GOOD),
                5 => {
                    let read = rig.with(|octospi, _, fx| Device::read(octospi, offset, width, fx));
                    answers += u32::from(read.is_ok());
                }
                6 => {
                    let write = rig.with(|octospi, _, fx| Device::write(octospi, DR, width, value, fx));
                    answers += u32::from(write.is_ok());
                }
                7 => rig.now = rig.now + Picos(u64::from(dice.roll() >> dice.below(32)) * 1_000),
                8 => rig.kernel_hz = [0, 1, 70_000_000, 280_000_000][dice.below(4) as usize],
                9 => {
                    let op = Op::of_register(0x25c + 4 * dice.below(7), addr);
                    let done = op.map(|op| rig.with(|octospi, dcache, fx| dcache.maintain(op, octospi, fx)));
                    answers += u32::from(matches!(done, Some(Ok(()))));
                }
                10 => answers += u32::from(rig.with(|octospi, dcache, fx| dcache.drain(octospi, fx)).is_ok()),
                11 => rig.with(|octospi, _, fx| Device::advance(octospi, fx)),
                12 if dice.below(50) == 0 => rig.with(|octospi, _, _| Device::reset(octospi)),
                12 | 13 => answers += u32::from(rig.try_load(addr, width, policy).is_ok()),
                _ => answers += u32::from(rig.try_store(addr, width, value, policy).is_ok()),
            }
            // A clock of 1 Hz would carry the time far away.
            if rig.now.0 > 1 << 60 {
                break;
            }
            rig.reports.clear();
        }
        assert!(answers > 0, "seed {seed}");
    }
}
