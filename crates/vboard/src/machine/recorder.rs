//! A recording of the board as a value change dump (IEEE 1364), for GTKWave and PulseView: the level on the net of each pin,
//! the exception that runs, whether the processor sleeps, and, if asked for, the frames on the memory's wires.
//!
//! Numbers are written bit by bit, each a wire of its own with an index: libsigrok 0.5.2 reads no vectors, and GTKWave puts
//! them together again.

use crate::board::{Pin, package};
use crate::chip::trace::Change;
use chipmodel::Time;
use chipmodel::onchip::octospi::Edge;
use std::collections::BTreeMap;
use std::io::{self, Write};
use vcd::{IdCode, ReferenceIndex, TimescaleUnit, Value, VarType, Writer};

const EXCEPTION_BITS: i32 = 9;
const INSTRUCTION_BITS: i32 = 8;
const ADDRESS_BITS: i32 = 24;

/// A file that grows while the machine runs.
pub struct Recorder {
    writer: Writer<Box<dyn Write>>,
    pins: BTreeMap<Pin, IdCode>,
    exception: Vec<IdCode>,
    asleep: IdCode,
    memory: Option<MemoryWires>,
    waiting: Vec<(Time, Change)>,
    written_ns: Option<u64>,
    broken: Option<io::Error>,
}

/// What is known of the memory's bus.
struct MemoryWires {
    ce: IdCode,
    instruction: Vec<IdCode>,
    address: Vec<IdCode>,
}

impl Recorder {
    /// With its header.
    pub fn new(file: Box<dyn Write>, has_memory: bool) -> io::Result<Self> {
        let mut writer = Writer::new(file);
        writer.version("spiram, the virtual board")?;
        writer.timescale(1, TimescaleUnit::NS)?;
        writer.add_module("board")?;
        let mut pins = BTreeMap::new();
        for pin in package() {
            pins.insert(pin, writer.add_wire(1, &pin.to_string())?);
        }
        let exception = add_number(&mut writer, "exception", EXCEPTION_BITS)?;
        let asleep = writer.add_wire(1, "asleep")?;
        let memory = match has_memory {
            true => Some(MemoryWires {
                ce: writer.add_wire(1, "memory_ce")?,
                instruction: add_number(&mut writer, "memory_instruction", INSTRUCTION_BITS)?,
                address: add_number(&mut writer, "memory_address", ADDRESS_BITS)?,
            }),
            false => None,
        };
        writer.upscope()?;
        writer.enddefinitions()?;
        Ok(Recorder {
            writer,
            pins,
            exception,
            asleep,
            memory,
            waiting: Vec::new(),
            written_ns: None,
            broken: None,
        })
    }

    /// Write what is certain to be complete.
    pub fn record(&mut self, changes: Vec<(Time, Change)>, until: Time) {
        self.waiting.extend(changes);
        self.waiting.sort_by_key(|(time, _)| *time);
        let complete = self.waiting.partition_point(|(time, _)| *time <= until);
        let changes: Vec<_> = self.waiting.drain(..complete).collect();
        for (time, change) in changes {
            if self.broken.is_none()
                && let Err(error) = self.write(time, change)
            {
                self.broken = Some(error);
            }
        }
    }

    fn write(&mut self, time: Time, change: Change) -> io::Result<()> {
        self.stamp(time)?;
        match change {
            Change::Net(pin, level) => match self.pins.get(&pin) {
                Some(id) => self
                    .writer
                    .change_scalar(*id, level.map_or(Value::Z, Value::from)),
                None => Ok(()),
            },
            Change::Exception(number) => {
                change_number(&mut self.writer, &self.exception, Some(u32::from(number)))
            }
            Change::Asleep(asleep) => self.writer.change_scalar(self.asleep, asleep),
            Change::Memory(edge) => self.write_frame(&edge),
        }
    }

    fn write_frame(&mut self, edge: &Edge) -> io::Result<()> {
        let Some(wires) = &self.memory else {
            return Ok(());
        };
        self.writer.change_scalar(wires.ce, edge.frame.is_none())?;
        if let Some(frame) = edge.frame {
            change_number(&mut self.writer, &wires.instruction, frame.instruction)?;
            change_number(&mut self.writer, &wires.address, frame.address)?;
        }
        Ok(())
    }

    /// Time goes forward only.
    fn stamp(&mut self, time: Time) -> io::Result<()> {
        let ns = time.0 / 1000;
        if self.written_ns.is_none_or(|written| ns > written) {
            self.written_ns = Some(ns);
            self.writer.timestamp(ns)?;
        }
        Ok(())
    }

    /// All of it is in the file.
    pub fn end(mut self, now: Time) -> io::Result<()> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        self.stamp(now)?;
        self.writer.flush()
    }
}

/// One wire for each bit, the highest first.
fn add_number(writer: &mut Writer<Box<dyn Write>>, name: &str, bits: i32) -> io::Result<Vec<IdCode>> {
    let bits = (0..bits).rev();
    bits.map(|bit| writer.add_var(VarType::Wire, 1, name, Some(ReferenceIndex::BitSelect(bit))))
        .collect()
}

/// `x` if there is no number.
fn change_number(
    writer: &mut Writer<Box<dyn Write>>,
    wires: &[IdCode],
    number: Option<u32>,
) -> io::Result<()> {
    for (bit, wire) in wires.iter().rev().enumerate() {
        let value = number.map_or(Value::X, |number| Value::from(number >> bit & 1 != 0));
        writer.change_scalar(*wire, value)?;
    }
    Ok(())
}
