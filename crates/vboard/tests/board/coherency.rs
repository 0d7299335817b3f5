//! Drivers that maintain the D-cache for a DMA, and drivers that forget to, by small programs in internal memory.

#[path = "../programs/cached.rs"]
mod cached;

use crate::common::{finished, machine, results};
use cached::{CLEAN, INVALIDATE, LATER, LOAD, START, STORE, TRANSFER};
use vboard::{Event, Kind, Stop, Strictness, Time, Until};

const SOURCE: u32 = 0x2400_1000;
const TARGET: u32 = 0x2400_2000;

/// Forgets to invalidate the target after MDMA has written it.
const FORGETS_INVALIDATE: &[&[u16]] = &[START, STORE, CLEAN, INVALIDATE, TRANSFER, LOAD];

/// The event that ends a strict run.
fn ended_by(pieces: &[&[u16]]) -> Event {
    let mut machine = machine(&pieces.concat(), Strictness::Strict);
    let stop = machine.run(Until::time(Time(1_000_000_000_000)));
    assert_eq!(stop, Stop::Events, "{:?}", machine.events());
    machine.events().remove(0)
}

#[test]
fn a_driver_that_maintains_its_lines_gets_its_data_and_no_event() {
    let maintains = [START, STORE, CLEAN, INVALIDATE, TRANSFER, INVALIDATE, LOAD].concat();
    let machine = finished(&maintains, Strictness::Strict);
    assert_eq!(results(&machine), [0x600D_CAFE]);
    assert!(machine.events().is_empty());
}

#[test]
fn a_forgotten_clean_is_an_event_with_both_places() {
    let event = ended_by(&[START, STORE, INVALIDATE, TRANSFER, INVALIDATE, LOAD]);
    assert_eq!((event.kind, event.address), (Kind::Rule, Some(SOURCE)), "{event}");
    let words = [
        "MDMA reads the line at 0x24001000",
        "the processor wrote at pc 0x080000",
        "not clean",
    ];
    assert!(words.iter().all(|word| event.message.contains(word)), "{event}");
}

#[test]
fn a_forgotten_clean_is_found_in_memory_that_was_not_followed_when_it_was_written() {
    let event = ended_by(&[START, LATER, STORE, INVALIDATE, TRANSFER, INVALIDATE, LOAD]);
    assert_eq!((event.kind, event.address), (Kind::Rule, Some(SOURCE)), "{event}");
    assert!(event.message.contains("was not cleaned for it"), "{event}");
}

#[test]
fn a_forgotten_invalidate_is_an_event_with_both_places() {
    let event = ended_by(FORGETS_INVALIDATE);
    assert_eq!((event.kind, event.address), (Kind::Rule, Some(TARGET)), "{event}");
    let words = [
        "the processor reads 0x24002000 at pc 0x080000",
        "MDMA has written",
        "not invalidated",
    ];
    assert!(words.iter().all(|word| event.message.contains(word)), "{event}");
}

#[test]
fn a_master_that_writes_where_a_dirty_line_may_lie_is_an_event() {
    let event = ended_by(&[START, LATER, STORE, CLEAN, TRANSFER, INVALIDATE, LOAD]);
    assert_eq!((event.kind, event.address), (Kind::Rule, Some(TARGET)), "{event}");
    assert!(
        event.message.contains("neither cleaned nor invalidated"),
        "{event}"
    );
}

/// A lenient run goes on with what memory holds, and a snapshot in the middle changes nothing.
#[test]
fn states_of_lines_are_part_of_a_snapshot() {
    let code = &FORGETS_INVALIDATE.concat();
    let end = Until::time(Time(1_000_000_000_000));
    let mut through = machine(code, Strictness::Lenient);
    through.run(end);
    let mut early = machine(code, Strictness::Lenient);
    early.run(Until::time(Time(20_000_000)));
    let snapshot = early.snapshot();
    let mut other = machine(code, Strictness::Lenient);
    other.restore(&snapshot);
    other.run(end);
    assert_eq!(other.events(), through.events());
    assert_eq!(other.stats().virtual_cycles, through.stats().virtual_cycles);
    assert_eq!(through.events().len(), 1);
}
