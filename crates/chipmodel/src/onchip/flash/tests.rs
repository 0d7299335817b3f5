//! Bits and keys once more, from the manual's own tables.

use super::*;
use crate::bus::bank::testing::Bench;

const US: u64 = 1_000_000;
/// First address of bank 2.
const SECOND: u32 = 0x0810_0000;

fn unlocked() -> (Bench, Flash) {
    let mut bench = Bench::new(Clocks::default());
    let mut flash = Flash::default();
    bench.write(&mut flash, 0x104, 0x4567_0123);
    bench.write(&mut flash, 0x104, 0xCDEF_89AB);
    assert_eq!(bench.read(&mut flash, 0x10C), 0);
    (bench, flash)
}

fn store(bench: &mut Bench, flash: &mut Flash, address: u32, word: u32) {
    let mut fx = bench.fx();
    flash.store(address, Width::Word, word, &mut fx).unwrap();
}

fn program(bench: &mut Bench, flash: &mut Flash, address: u32) {
    bench.write(flash, 0x10C, 1 << 1);
    for n in 0..4 {
        store(bench, flash, address + 4 * n, 0x1111_1111 * (n + 1));
    }
    assert_eq!(bench.read(flash, 0x110), 0b101);
    bench.pass(flash, Picos(30 * US));
    assert_eq!(bench.read(flash, 0x110), 1 << 16);
    bench.write(flash, 0x114, 1 << 16);
}

fn load(bench: &mut Bench, flash: &mut Flash, address: u32) -> Option<u32> {
    flash.load(address, Width::Word, &mut bench.fx()).ok()
}

#[test]
fn wait_states_read_back() {
    let mut bench = Bench::new(Clocks::default());
    let mut flash = Flash::default();
    assert_eq!(bench.read(&mut flash, 0), 0x13);
    bench.write(&mut flash, 0, 0x36);
    assert_eq!((flash.latency(), flash.wrhighfreq()), (6, 3));
}

#[test]
fn the_lock_cannot_be_cleared_by_writing_it_and_a_wrong_key_shuts_it() {
    let mut bench = Bench::new(Clocks::default());
    let mut flash = Flash::default();
    bench.write(&mut flash, 0x0C, 0);
    assert_eq!(bench.read(&mut flash, 0x0C), 1);
    let wrong = flash.write(0x04, Width::Word, 0x1234_5678, &mut bench.fx());
    assert!(matches!(wrong, Err(Refused::BusError(_))));
    let right = flash.write(0x04, Width::Word, 0x4567_0123, &mut bench.fx());
    assert!(matches!(right, Err(Refused::BusError(_))));
    flash.reset();
    bench.write(&mut flash, 0x04, 0x4567_0123);
    bench.write(&mut flash, 0x04, 0xCDEF_89AB);
    // The other bank is still locked.
    assert_eq!(
        (bench.read(&mut flash, 0x0C), bench.read(&mut flash, 0x10C)),
        (0, 1)
    );
}

#[test]
fn a_word_is_programmed_by_four_stores_and_takes_its_time() {
    let (mut bench, mut flash) = unlocked();
    program(&mut bench, &mut flash, SECOND + 0x40);
    assert_eq!(load(&mut bench, &mut flash, SECOND + 0x48), Some(0x3333_3333));
    assert_eq!(
        flash.counts(),
        Counts {
            programs: 1,
            erases: 0
        }
    );
    assert!(bench.complaints().is_empty());
    // Once more is a mistake, and the word is lost.
    program(&mut bench, &mut flash, SECOND + 0x40);
    assert!(bench.complaints()[0].contains("without an erase"));
    assert_eq!(load(&mut bench, &mut flash, SECOND + 0x40), None);
    assert_eq!(bench.read(&mut flash, 0x110), 1 << 26);
    assert_eq!(bench.read(&mut flash, 0x160), 4);
}

#[test]
fn an_erase_takes_the_sector_of_its_number_and_no_other() {
    let (mut bench, mut flash) = unlocked();
    for address in [SECOND, SECOND + 0x2000, SECOND + 0x4000] {
        program(&mut bench, &mut flash, address);
    }
    // SER, START, SNB = 1; EOPIE.
    bench.write(&mut flash, 0x10C, 1 << 16 | 1 << 6 | 1 << 5 | 1 << 2);
    assert_eq!((bench.read(&mut flash, 0x110), flash.lines()), (0b101, 0));
    bench.pass(&mut flash, Picos(2000 * US));
    assert_eq!((bench.read(&mut flash, 0x110), flash.lines()), (1 << 16, 1));
    let words: Vec<_> = [0, 0x2000, 0x4000]
        .map(|at| load(&mut bench, &mut flash, SECOND + at))
        .to_vec();
    assert_eq!(words, [Some(0x1111_1111), Some(u32::MAX), Some(0x1111_1111)]);
}

#[test]
fn a_read_of_the_busy_bank_waits_and_one_of_the_other_does_not() {
    let (mut bench, mut flash) = unlocked();
    bench.write(&mut flash, 0x10C, 1 << 5 | 1 << 2);
    let mut fx = bench.fx();
    assert!(flash.load(BASE, Width::Word, &mut fx).is_ok());
    assert_eq!(fx.stall, Picos(0));
    assert!(flash.load(SECOND, Width::Word, &mut fx).is_ok());
    assert_eq!(fx.stall, Picos(2000 * US));
}

#[test]
fn stores_to_a_locked_bank_and_to_two_words_at_once_are_refused() {
    let (mut bench, mut flash) = unlocked();
    let refused = flash.store(BASE, Width::Word, 0, &mut bench.fx());
    assert!(matches!(refused, Err(Refused::BusError(_))));
    assert_eq!(bench.read(&mut flash, 0x010), 1 << 18);
    bench.write(&mut flash, 0x10C, 1 << 1);
    store(&mut bench, &mut flash, SECOND, 1);
    assert_eq!(bench.read(&mut flash, 0x110), 0b010);
    store(&mut bench, &mut flash, SECOND + 16, 1);
    assert_eq!(bench.read(&mut flash, 0x110), 1 << 21 | 0b010);
    assert!(bench.complaints()[0].contains("incomplete"));
    // FW: what is there is programmed, the rest is left erased.
    bench.write(&mut flash, 0x10C, 1 << 4 | 1 << 1);
    bench.pass(&mut flash, Picos(30 * US));
    assert_eq!(load(&mut bench, &mut flash, SECOND), Some(1));
    assert_eq!(load(&mut bench, &mut flash, SECOND + 4), Some(u32::MAX));
}

#[test]
fn a_reset_cuts_what_is_under_way() {
    let mut torn = 0;
    for before in 0..16 {
        let (mut bench, mut flash) = unlocked();
        for n in 0..before {
            program(&mut bench, &mut flash, SECOND + 16 * n);
        }
        bench.write(&mut flash, 0x10C, 1 << 1);
        for n in 0..4 {
            store(&mut bench, &mut flash, SECOND + 0x1000 + 4 * n, 0);
        }
        flash.reset();
        assert_eq!(bench.read(&mut flash, 0x10C), 1);
        torn += u32::from(load(&mut bench, &mut flash, SECOND + 0x1000).is_none());
    }
    assert!(torn > 0, "no word was torn");
}

#[test]
fn registers_of_option_bytes_are_an_unmodelled_event() {
    let mut bench = Bench::new(Clocks::default());
    let mut flash = Flash::default();
    let refused = flash.write(0x008, Width::Word, 0x0819_2A3B, &mut bench.fx());
    assert!(matches!(refused, Err(Refused::Unmodelled(name)) if name.contains("option")));
}

#[test]
fn a_part_with_less_flash_refuses_what_it_has_not() {
    let mut bench = Bench::new(Clocks::default());
    let mut flash = Flash::with_banks_kb([128, 0]);
    for key in [0x4567_0123, 0xCDEF_89AB] {
        bench.write(&mut flash, 0x004, key);
    }
    assert_eq!(load(&mut bench, &mut flash, BASE + 0x1_FFFC), Some(u32::MAX));
    for beyond in [BASE + 0x2_0000, SECOND] {
        let refused = flash.load(beyond, Width::Word, &mut bench.fx());
        assert!(matches!(refused, Err(Refused::BusError(why)) if why.contains("128 KB")));
        assert!(flash.is_special(beyond));
    }
    // Sectors 15 and 16 of 8 KB.
    bench.write(&mut flash, 0x00C, 15 << 6 | 1 << 5 | 1 << 2);
    assert_eq!(flash.counts().erases, 1);
    bench.pass(&mut flash, Picos(3000 * US));
    bench.write(&mut flash, 0x00C, 16 << 6 | 1 << 5 | 1 << 2);
    assert_eq!(flash.counts().erases, 1);
    assert!(
        bench.complaints()[0].contains("sector 16"),
        "{:?}",
        bench.complaints()
    );
}
