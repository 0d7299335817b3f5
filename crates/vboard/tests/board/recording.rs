//! A recording is read back by the crate's own parser: what changed, and when.

use crate::common::machine;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use vboard::{Machine, Stop, Strictness, Time, Until};
use vcd::{Command, Header, IdCode, Parser, ReferenceIndex, ScopeItem, Value};

/// A file in memory that the test keeps a hold of.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Header and commands with their times.
fn recorded(mut machine: Machine, memory: bool) -> (Machine, Header, Vec<(u64, Command)>) {
    let file = File::default();
    machine.attach_probe();
    machine.record(Box::new(file.clone()), memory).unwrap();
    // In pieces, as the ends of a console run it.
    let mut end = Time(0);
    while machine.run(Until::time(end)) == Stop::Limit {
        end = Time(end.0 + 300_000_000);
    }
    machine.end_recording().unwrap();
    let bytes = file.0.lock().unwrap().clone();
    let mut parser = Parser::new(&*bytes);
    let header = parser.parse_header().unwrap();
    let (mut now, mut commands) = (0, Vec::new());
    for command in parser {
        match command.unwrap() {
            Command::Timestamp(time) => {
                assert!(time >= now, "{time} after {now}");
                now = time;
            }
            command => commands.push((now, command)),
        }
    }
    (machine, header, commands)
}

fn id(header: &Header, name: &str) -> IdCode {
    let found = header.find_var(&["board", name]);
    found.unwrap_or_else(|| panic!("no variable {name}")).code
}

fn levels(commands: &[(u64, Command)], of: IdCode) -> Vec<(u64, Value)> {
    let levels = commands.iter().filter_map(|(time, command)| match command {
        Command::ChangeScalar(id, value) if *id == of => Some((*time, *value)),
        _ => None,
    });
    let mut levels: Vec<_> = levels.collect();
    levels.dedup_by_key(|(_, value)| *value);
    levels
}

/// The number that wires with an index make, each time that all of them were written.
fn numbers(header: &Header, commands: &[(u64, Command)], name: &str) -> Vec<u32> {
    let board = header.find_scope(&["board"]).unwrap();
    let wires = board.items.iter().filter_map(|item| match item {
        ScopeItem::Var(var) if var.reference == name => match var.index {
            Some(ReferenceIndex::BitSelect(bit)) => Some((var.code, bit as u32)),
            _ => None,
        },
        _ => None,
    });
    let wires: Vec<(IdCode, u32)> = wires.collect();
    let bits = commands.iter().filter_map(|(_, command)| match command {
        Command::ChangeScalar(id, value) => {
            let (_, bit) = wires.iter().find(|(wire, _)| wire == id)?;
            Some(u32::from(*value == Value::V1) << bit)
        }
        _ => None,
    });
    let bits: Vec<u32> = bits.collect();
    bits.chunks(wires.len()).map(|bits| bits.iter().sum()).collect()
}

#[test]
fn pins_interrupts_and_sleep_are_recorded_with_their_times() {
    let machine = machine(include!("../programs/blink.rs"), Strictness::Strict);
    let (machine, header, commands) = recorded(machine, false);
    assert!(machine.is_clean(), "{:?}", machine.events());
    assert_eq!(
        header.timescale.map(|(n, unit)| format!("{n} {unit}")).as_deref(),
        Some("1 ns")
    );
    // At 64 MHz a tick is a millisecond, and the handler follows within a microsecond.
    let led = levels(&commands, id(&header, "PA1"));
    let edges: Vec<u64> = led.iter().skip(2).map(|(time, _)| *time).collect();
    let values: Vec<Value> = led.iter().map(|(_, value)| *value).collect();
    assert_eq!(
        values,
        [
            Value::Z,
            Value::V0,
            Value::V1,
            Value::V0,
            Value::V1,
            Value::V0,
            Value::V1,
            Value::V0
        ]
    );
    for pair in edges.windows(2) {
        assert_eq!((pair[1] - pair[0]) / 1000, 1000, "{edges:?}");
    }
    let pulled = levels(&commands, id(&header, "PA5"));
    assert_eq!(pulled.last().map(|(_, value)| *value), Some(Value::V1));
    let exceptions = numbers(&header, &commands, "exception");
    assert_eq!(exceptions, [[0, 15].repeat(6), vec![0]].concat(), "SysTick is 15");
    let asleep = levels(&commands, id(&header, "asleep"));
    assert_eq!(
        asleep.len(),
        13,
        "awake, and six times asleep and awake: {asleep:?}"
    );
    let slept: u64 = asleep.chunks_exact(2).map(|pair| pair[1].0 - pair[0].0).sum();
    assert!(slept > 0);
}

#[test]
fn a_recording_changes_nothing() {
    let run = |record: bool| {
        let mut machine = machine(include!("../programs/blink.rs"), Strictness::Strict);
        machine.attach_probe();
        if record {
            machine.record(Box::new(io::sink()), true).unwrap();
        }
        assert_eq!(machine.run(Until::time(Time(1_000_000_000_000))), Stop::Exit(0));
        (machine.stats().virtual_cycles, machine.stats().instructions)
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn a_file_that_breaks_is_told_at_the_end() {
    struct Full(Arc<AtomicBool>);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.load(Ordering::Relaxed) {
                return Err(io::Error::other("full"));
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let is_full = Arc::new(AtomicBool::new(false));
    let mut machine = machine(include!("../programs/blink.rs"), Strictness::Strict);
    machine.attach_probe();
    machine.record(Box::new(Full(is_full.clone())), false).unwrap();
    is_full.store(true, Ordering::Relaxed);
    machine.run(Until::time(Time(1_000_000_000_000)));
    assert_eq!(machine.end_recording().unwrap_err().to_string(), "full");
}
