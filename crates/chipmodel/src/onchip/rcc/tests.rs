//! The bits are declared a second time, from RM0455 8.7, so that a wrong constant in the model cannot hide.

use super::*;
use crate::Kernel;
use crate::bus::bank::testing::Bench;

const CR: u32 = 0x00;
const CFGR: u32 = 0x10;
const CDCFGR2: u32 = 0x1C;
const SRDCFGR: u32 = 0x20;
const PLLCKSELR: u32 = 0x28;
const PLLCFGR: u32 = 0x2C;
const PLL1DIVR: u32 = 0x30;
const PLL2DIVR: u32 = 0x38;
const CDCCIPR: u32 = 0x4C;
const BDCR: u32 = 0x70;
const APB1LRSTR: u32 = 0x90;
const APB1LENR: u32 = 0x148;

const HSEON: u32 = 1 << 16;
const HSERDY: u32 = 1 << 17;
const PLL1ON: u32 = 1 << 24;
const PLL2ON: u32 = 1 << 26;
const SRC_HSE: u32 = 2;
const MHZ: u32 = 1_000_000;

fn divr(n: u32, p: u32, q: u32, r: u32) -> u32 {
    (n - 1) | (p - 1) << 9 | (q - 1) << 16 | (r - 1) << 24
}

/// 25 MHz / 5 x 112 / 2 = 280 MHz, and 25 MHz / 5 x 84 / 6 = 70 MHz for OCTOSPI.
fn full_speed(bench: &mut Bench) -> Rcc {
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    bench.write(&mut rcc, CR, 0x25 | HSEON);
    bench.write(&mut rcc, PLLCKSELR, SRC_HSE | 5 << 4 | 5 << 12);
    // Both inputs are 5 MHz (RGE 2); VCO of PLL1 wide, of PLL2 medium; outputs P1 and R2.
    bench.write(&mut rcc, PLLCFGR, 2 << 2 | 2 << 6 | 1 << 5 | 1 << 16 | 1 << 21);
    bench.write(&mut rcc, PLL1DIVR, divr(112, 2, 2, 2));
    bench.write(&mut rcc, PLL2DIVR, divr(84, 2, 2, 6));
    bench.write(&mut rcc, CR, 0x25 | HSEON | PLL1ON | PLL2ON);
    bench.write(&mut rcc, CDCFGR2, 4 << 4 | 4 << 8);
    bench.write(&mut rcc, SRDCFGR, 4 << 4);
    bench.write(&mut rcc, CFGR, 3);
    bench.write(&mut rcc, CDCCIPR, 2 << 4);
    rcc
}

#[test]
fn the_chip_starts_on_the_64_mhz_oscillator() {
    let clocks = Rcc::new(25 * MHZ, 32_768).clocks();
    assert_eq!(
        (
            clocks.hz(Kernel::Cpu),
            clocks.hz(Kernel::Hclk),
            clocks.hz(Kernel::Octospi)
        ),
        (64 * MHZ, 64 * MHZ, 64 * MHZ)
    );
}

#[test]
fn the_tree_of_the_boards_gives_280_140_and_70_mhz() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = full_speed(&mut bench);
    assert_eq!(bench.complaints(), Vec::<String>::new());
    let clocks = rcc.clocks();
    assert_eq!(
        (clocks.hz(Kernel::Cpu), clocks.hz(Kernel::Hclk)),
        (280 * MHZ, 280 * MHZ)
    );
    assert_eq!(
        (
            clocks.hz(Kernel::Pclk1),
            clocks.hz(Kernel::Pclk2),
            clocks.hz(Kernel::Pclk4)
        ),
        (140 * MHZ, 140 * MHZ, 140 * MHZ)
    );
    assert_eq!(
        (clocks.hz(Kernel::Timers1), clocks.hz(Kernel::Timers2)),
        (280 * MHZ, 280 * MHZ)
    );
    assert_eq!(
        (clocks.hz(Kernel::Octospi), clocks.hz(Kernel::Usart234578)),
        (70 * MHZ, 140 * MHZ)
    );
    assert_eq!(bench.read(&mut rcc, CFGR) >> 3 & 7, 3, "SWS follows SW");
}

#[test]
fn a_switch_to_a_clock_that_is_off_does_not_happen() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    bench.write(&mut rcc, CFGR, 2);
    assert_eq!(bench.read(&mut rcc, CFGR) >> 3 & 7, 0);
    assert!(bench.complaints()[0].contains("HSE, which is not ready"));
}

#[test]
fn a_board_without_crystal_never_gets_hserdy() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(0, 0);
    bench.write(&mut rcc, CR, 0x25 | HSEON);
    assert_eq!(bench.read(&mut rcc, CR) & HSERDY, 0);
}

#[test]
fn the_oscillator_in_use_cannot_be_switched_off() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    bench.write(&mut rcc, CR, 0x24);
    assert_eq!(bench.read(&mut rcc, CR) & 1, 1);
    let mut rcc = full_speed(&mut bench);
    bench.write(&mut rcc, CR, 1);
    assert_eq!(rcc.clocks().hz(Kernel::Cpu), 280 * MHZ);
}

#[test]
fn a_pll_outside_its_ranges_is_reported_when_it_is_switched_on() {
    for (ckselr, cfgr, dividers, word) in [
        (
            SRC_HSE | 1 << 4,
            3 << 2,
            divr(10, 2, 2, 2),
            "input is 25000000 Hz",
        ),
        (
            SRC_HSE | 5 << 4,
            2 << 2,
            divr(120, 2, 2, 2),
            "VCO would run at 600000000 Hz",
        ),
        (
            SRC_HSE | 5 << 4,
            2 << 2 | 2,
            divr(112, 2, 2, 2),
            "150000000 to 420000000",
        ),
        (SRC_HSE | 5 << 4, 2 << 2, divr(90, 3, 2, 2), "even number"),
        (SRC_HSE, 2 << 2, divr(90, 2, 2, 2), "without a clock at its input"),
    ] {
        let mut bench = Bench::new(Clocks::default());
        let mut rcc = Rcc::new(25 * MHZ, 32_768);
        bench.write(&mut rcc, CR, 0x25 | HSEON);
        bench.write(&mut rcc, PLLCKSELR, ckselr);
        bench.write(&mut rcc, PLLCFGR, cfgr | 1 << 16);
        bench.write(&mut rcc, PLL1DIVR, dividers);
        bench.write(&mut rcc, CR, 0x25 | HSEON | PLL1ON);
        let complaints = bench.complaints();
        assert!(
            complaints.iter().any(|c| c.contains(word)),
            "{word}: {complaints:?}"
        );
    }
}

#[test]
fn dividers_of_a_running_pll_do_not_change() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = full_speed(&mut bench);
    bench.write(&mut rcc, PLLCKSELR, 0);
    bench.write(&mut rcc, PLL1DIVR, divr(10, 2, 2, 2));
    assert_eq!(rcc.clocks().hz(Kernel::Cpu), 280 * MHZ);
    assert_eq!(bench.read(&mut rcc, PLLCKSELR), SRC_HSE | 5 << 4 | 5 << 12);
}

#[test]
fn a_reset_pulse_is_seen_once_and_gates_read_back() {
    let tim12 = Gate {
        enable: APB1LENR,
        bit: 6,
    };
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    assert!(!rcc.is_on(tim12));
    bench.write(&mut rcc, APB1LRSTR, 1 << 6);
    assert!(rcc.is_held(tim12) && rcc.has_resets());
    bench.write(&mut rcc, APB1LENR, 1 << 6);
    bench.write(&mut rcc, APB1LRSTR, 0);
    assert!(rcc.is_on(tim12) && !rcc.is_held(tim12));
    assert!(rcc.take_reset(tim12));
    assert!(!rcc.take_reset(tim12));
}

#[test]
fn the_backup_domain_is_locked_until_dbp_is_set_and_survives_a_reset() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    bench.write(&mut rcc, BDCR, 1);
    assert_eq!(bench.read(&mut rcc, BDCR), 0);
    assert!(bench.complaints()[0].contains("DBP"));
    rcc.backup_writable = true;
    bench.write(&mut rcc, BDCR, 1);
    assert_eq!(bench.read(&mut rcc, BDCR), 0b11, "LSERDY follows LSEON");
    rcc.system_reset(ResetCause::Software);
    assert_eq!(bench.read(&mut rcc, BDCR), 0b11);
    assert_eq!(
        bench.read(&mut rcc, 0x130),
        0x00E8_0000 | 1 << 24 | 1 << 17,
        "RSR tells a software reset"
    );
}

#[test]
fn the_clock_of_the_calendar_is_chosen_once_and_outlives_a_reset() {
    const BDCR_BDRST: u32 = 1 << 16;
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    rcc.backup_writable = true;
    bench.write(&mut rcc, BDCR, 1 << 15 | 1 << 8);
    assert_eq!(rcc.clocks().hz(Kernel::Rtc), 0, "the crystal is off");
    bench.write(&mut rcc, BDCR, 1 << 15 | 1 << 8 | 1);
    assert_eq!(rcc.clocks().hz(Kernel::Rtc), 32_768);
    rcc.system_reset(ResetCause::Software);
    assert_eq!(rcc.clocks().hz(Kernel::Rtc), 32_768);
    rcc.backup_writable = true;
    bench.write(&mut rcc, BDCR, 1 << 15 | 2 << 8 | 1);
    assert!(bench.complaints()[0].contains("RTCSEL changes only"));
    assert_eq!(rcc.clocks().hz(Kernel::Rtc), 32_768);
    bench.write(&mut rcc, BDCR, BDCR_BDRST);
    assert!(rcc.take_backup_reset() && !rcc.take_backup_reset());
    bench.write(&mut rcc, BDCR, 1 << 15 | 2 << 8);
    bench.write(&mut rcc, 0x74, 1);
    assert_eq!(rcc.clocks().hz(Kernel::Rtc), 32_000);
}

#[test]
fn stop_leaves_the_calendars_clock_alone_and_the_system_on_hsi() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = full_speed(&mut bench);
    rcc.backup_writable = true;
    bench.write(&mut rcc, BDCR, 1 << 15 | 1 << 8 | 1);
    rcc.stop();
    let clocks = rcc.clocks();
    assert_eq!(
        (
            clocks.hz(Kernel::Rtc),
            clocks.hz(Kernel::Hclk),
            clocks.hz(Kernel::Timers1),
            clocks.hz(Kernel::Octospi)
        ),
        (32_768, 0, 0, 0)
    );
    rcc.wake();
    let clocks = rcc.clocks();
    assert_eq!(
        (clocks.hz(Kernel::Cpu), clocks.hz(Kernel::Octospi)),
        (64 * MHZ, 0),
        "no PLL runs"
    );
    assert_eq!(bench.read(&mut rcc, CR) & (HSEON | HSERDY | PLL1ON | PLL2ON), 0);
}

#[test]
fn an_offset_that_the_manual_leaves_empty_is_refused() {
    let mut bench = Bench::new(Clocks::default());
    let mut rcc = Rcc::new(25 * MHZ, 32_768);
    assert!(matches!(
        rcc.read(0x14, Width::Word, &mut bench.fx()),
        Err(Refused::Unmodelled(_))
    ));
}
