//! Places and bits once more, from RM0455 50.6.

use super::*;
use crate::Kernel;
use crate::bus::bank::testing::Bench;

const SECOND: u64 = 1_000_000_000_000;
const ICSR: u32 = 0x0C;
const CR: u32 = 0x18;
const RSF: u32 = 1 << 5;
const INITF: u32 = 1 << 6;
const INIT: u32 = 1 << 7;

/// On the crystal, unlocked, at 12:34:56 of Friday, 2026-11-27.
fn running() -> (Bench, Rtc) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Rtc, 32_768)]));
    let mut rtc = Rtc {
        backup_writable: true,
        ..Rtc::default()
    };
    bench.pass(&mut rtc, Picos(0));
    bench.write(&mut rtc, 0x24, 0xCA);
    bench.write(&mut rtc, 0x24, 0x53);
    bench.write(&mut rtc, ICSR, INIT);
    assert_eq!(
        bench.read(&mut rtc, ICSR) & INITF,
        0,
        "after two pulses of the clock"
    );
    bench.pass(&mut rtc, Picos(SECOND / 1000));
    assert_eq!(bench.read(&mut rtc, ICSR) & INITF, INITF);
    bench.write(&mut rtc, 0x00, 0x12_3456);
    bench.write(&mut rtc, 0x04, 0x26_1127 | 5 << 13);
    bench.write(&mut rtc, ICSR, 0);
    (bench, rtc)
}

fn wait_for_shadow(bench: &mut Bench, rtc: &mut Rtc) {
    bench.pass(rtc, Picos(62_000_000));
    assert_eq!(bench.read(rtc, ICSR) & RSF, RSF);
}

#[test]
fn it_counts_seconds_and_fractions() {
    let (mut bench, mut rtc) = running();
    bench.pass(&mut rtc, Picos(4 * SECOND + SECOND / 4));
    assert_eq!(bench.read(&mut rtc, 0x08), 255 - 64);
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3500);
    assert_eq!(bench.read(&mut rtc, 0x04), 0x26_1127 | 5 << 13);
    bench.pass(&mut rtc, Picos(86_400 * SECOND));
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3500);
    assert_eq!(bench.read(&mut rtc, 0x04), 0x26_1128 | 6 << 13);
    assert!(bench.complaints().is_empty());
}

#[test]
fn shadow_registers_stand_still_from_the_time_to_the_date() {
    let (mut bench, mut rtc) = running();
    wait_for_shadow(&mut bench, &mut rtc);
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3456);
    bench.pass(&mut rtc, Picos(3 * SECOND));
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3456);
    bench.read(&mut rtc, 0x04);
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3459);
    bench.read(&mut rtc, 0x04);
    bench.write(&mut rtc, ICSR, 0);
    bench.read(&mut rtc, 0x04);
    assert!(bench.complaints()[0].contains("ICSR.RSF is 0"));
}

#[test]
fn each_lock_loses_what_is_written_and_says_which() {
    let (mut bench, mut rtc) = running();
    bench.write(&mut rtc, 0x00, 0);
    bench.write(&mut rtc, 0x24, 0xFF);
    bench.write(&mut rtc, CR, 1 << 8);
    rtc.backup_writable = false;
    bench.write(&mut rtc, CR, 1 << 8);
    let complaints = bench.complaints();
    for (complaint, word) in complaints.iter().zip(["INITF", "WPR", "DBP"]) {
        assert!(complaint.contains(word), "{complaint}");
    }
    assert_eq!((complaints.len(), bench.read(&mut rtc, CR)), (3, 0));
}

#[test]
fn what_is_no_time_is_a_broken_rule() {
    let (mut bench, mut rtc) = running();
    bench.write(&mut rtc, ICSR, INIT);
    bench.pass(&mut rtc, Picos(SECOND / 1000));
    bench.write(&mut rtc, 0x00, 0x25_0000);
    bench.write(&mut rtc, ICSR, 0);
    assert!(bench.complaints()[0].contains("no time"));
}

#[test]
fn an_alarm_fires_in_its_tick_and_not_before() {
    let (mut bench, mut rtc) = running();
    // 12:34:58 of the 27th, and three quarters: 63 ticks of 256 are left.
    bench.write(&mut rtc, 0x40, 0x2712_3458);
    bench.write(&mut rtc, 0x44, 15 << 24 | 63);
    bench.write(&mut rtc, CR, 1 << 8 | 1 << 12);
    let mut moments = Vec::new();
    while rtc.lines() == 0 {
        let next = rtc.next_event(&bench.clocks).expect("an alarm is waited for");
        moments.push((next - Time(SECOND / 1000)).0 / (SECOND / 1000));
        let span = next - bench.now;
        bench.pass(&mut rtc, span);
    }
    assert_eq!(moments, [1000, 2000, 2750]);
    assert_eq!((rtc.lines(), bench.read(&mut rtc, 0x54)), (1, 1));
    bench.write(&mut rtc, 0x40, 0);
    assert!(bench.complaints()[0].contains("while it is enabled"));
    bench.write(&mut rtc, 0x5C, 1);
    assert_eq!(rtc.lines(), 0);
    // Alarm B, each minute.
    bench.write(&mut rtc, CR, 0);
    bench.write(&mut rtc, 0x48, 0x8080_8000);
    bench.write(&mut rtc, CR, 1 << 9 | 1 << 13);
    bench.pass(&mut rtc, Picos(SECOND * 124 / 100));
    assert_eq!(rtc.lines(), 0);
    bench.pass(&mut rtc, Picos(SECOND / 50));
    assert_eq!(bench.read(&mut rtc, 0x50), 2);
}

#[test]
fn the_wake_up_timer_comes_again_and_again() {
    let (mut bench, mut rtc) = running();
    let start = bench.now;
    for (select, counts, ms) in [
        (0, 2048, 1000),
        (3, 16_384, 1000),
        (4, 5, 5000),
        (6, 1, 65_537_000),
    ] {
        bench.write(&mut rtc, CR, 0);
        bench.write(&mut rtc, 0x14, counts - 1);
        bench.write(&mut rtc, CR, select | 1 << 10 | 1 << 14);
        let start = bench.now;
        for n in 1..3 {
            let next = rtc.next_event(&bench.clocks).unwrap();
            assert_eq!((next - start).0, n * ms * (SECOND / 1000), "{select}");
            let span = next - bench.now;
            bench.pass(&mut rtc, span);
            assert_eq!(rtc.lines(), 2);
            bench.write(&mut rtc, 0x5C, 4);
        }
    }
    assert!(bench.now > start && bench.complaints().is_empty());
}

#[test]
fn calibration_and_shift_move_the_clock() {
    let (mut bench, mut rtc) = running();
    // 512 pulses more in 2^20 are 488.28 ppm: 42.2 s a day.
    bench.write(&mut rtc, 0x28, 1 << 15);
    bench.write(&mut rtc, 0x28, 0);
    assert!(bench.complaints()[0].contains("RECALPF"));
    bench.pass(&mut rtc, Picos(86_400 * SECOND));
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3538);
    bench.read(&mut rtc, 0x04);
    bench.write(&mut rtc, 0x28, 511);
    bench.pass(&mut rtc, Picos(86_400 * SECOND));
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3456);
    bench.read(&mut rtc, 0x04);
    let (mut bench, mut rtc) = running();
    // A second more, less a quarter of one: the sub-seconds run down from beyond their end.
    bench.write(&mut rtc, 0x2C, 1 << 31 | 64);
    wait_for_shadow(&mut bench, &mut rtc);
    let registers =
        |bench: &mut Bench, rtc: &mut Rtc| [0x08, 0x00, 0x04].map(|offset| bench.read(rtc, offset));
    assert_eq!(registers(&mut bench, &mut rtc)[..2], [255 + 64, 0x12_3457]);
    bench.pass(&mut rtc, Picos(SECOND / 4));
    assert_eq!(registers(&mut bench, &mut rtc)[..2], [255, 0x12_3457]);
    bench.pass(&mut rtc, Picos(SECOND));
    assert_eq!(registers(&mut bench, &mut rtc)[..2], [255, 0x12_3458]);
    assert!(bench.complaints().is_empty());
    bench.write(&mut rtc, ICSR, INIT);
    bench.pass(&mut rtc, Picos(SECOND / 1000));
    bench.write(&mut rtc, 0x10, 32_767);
    bench.write(&mut rtc, ICSR, 0);
    bench.write(&mut rtc, 0x28, 1 << 15);
    assert!(bench.complaints()[0].contains("PREDIV_A"));
}

#[test]
fn it_goes_on_over_a_system_reset_and_not_over_one_of_its_domain() {
    let (mut bench, mut rtc) = running();
    rtc.reset();
    wait_for_shadow(&mut bench, &mut rtc);
    bench.pass(&mut rtc, Picos(SECOND));
    assert_eq!(bench.read(&mut rtc, 0x00), 0x12_3457);
    rtc.backup_reset();
    bench.pass(&mut rtc, Picos(SECOND / 2));
    assert_eq!(
        (bench.read(&mut rtc, 0x00), bench.read(&mut rtc, 0x04)),
        (0, 0x2101)
    );
}

#[test]
fn backup_registers_outlive_a_reset_and_want_dbp() {
    let mut bench = Bench::new(Clocks::default());
    let mut tamp = Tamp::default();
    bench.write(&mut tamp, 0x100, 1);
    assert!(bench.complaints()[0].contains("DBP"));
    tamp.backup_writable = true;
    for n in 0..32 {
        bench.write(&mut tamp, 0x100 + 4 * n, n + 7);
    }
    tamp.reset();
    assert!((0..32).all(|n| bench.read(&mut tamp, 0x100 + 4 * n) == n + 7));
    tamp.backup_reset();
    assert_eq!(bench.read(&mut tamp, 0x17C), 0);
    for offset in [0x00, 0x180] {
        assert!(matches!(
            tamp.read(offset, Width::Word, &mut bench.fx()),
            Err(Refused::Unmodelled(_))
        ));
    }
}
