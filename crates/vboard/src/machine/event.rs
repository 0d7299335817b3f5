//! What went wrong during a run, and where: a model's [`Report`] with the processor's place added.

use chipmodel::{Kind, Report, Time};
use serde::{Serialize, Serializer};

/// What an event does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// It ends the run with [`Stop::Events`](crate::Stop::Events), and so does a warning.
    Pedantic,
    /// It ends the run, unless it is a warning.
    Strict,
    /// It is collected, and the firmware meets what silicon would do.
    Lenient,
}

/// One thing that a person should look at. In a strict run the first one that is no warning ends the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its sort.
    #[serde(serialize_with = "kind_name")]
    pub kind: Kind,
    /// Address of the instruction, exact for faults, else of the block of instructions it lies in.
    pub pc: u32,
    /// The function there and the offset into it, `main::boot+0x12`, if the ELF has symbols.
    pub symbol: Option<String>,
    /// The bus address that it concerns, if any.
    pub address: Option<u32>,
    /// One line for a person.
    pub message: String,
    /// When it happened first.
    #[serde(serialize_with = "time_ps")]
    pub time: Time,
    /// How often the same thing was seen at the same place.
    pub count: u64,
}

fn kind_name<S: Serializer>(kind: &Kind, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(name_of(*kind))
}

fn time_ps<S: Serializer>(time: &Time, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_u64(time.0)
}

/// The word for a kind in messages and in the statistics file.
pub fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Unmodelled => "unmodelled",
        Kind::Rule => "rule",
        Kind::BusError => "bus-error",
        Kind::Fault => "fault",
        Kind::Warning => "warning",
    }
}

impl core::fmt::Display for Event {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", name_of(self.kind), self.message)?;
        if let Some(address) = self.address {
            write!(f, " [address 0x{address:08x}]")?;
        }
        write!(f, " at pc 0x{:08x}", self.pc)?;
        if let Some(symbol) = &self.symbol {
            write!(f, " in {symbol}")?;
        }
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        Ok(())
    }
}

/// The events of a run, equal ones folded together so that a loop cannot fill the host's memory.
#[derive(Clone, Debug, Default)]
pub struct Log {
    events: Vec<Event>,
    dropped: u64,
    /// Each time that something was reported, and those that were no warnings.
    count: u64,
    serious: u64,
    /// So many of the serious ones a debugger's user has seen.
    overlooked: u64,
    /// Warnings are no less serious than the others.
    counts_warnings: bool,
}

/// More different events than this are only counted.
const MOST_EVENTS: usize = 1000;

impl Log {
    /// Nothing has been reported yet.
    pub fn new(strictness: Strictness) -> Self {
        Log {
            counts_warnings: strictness == Strictness::Pedantic,
            ..Log::default()
        }
    }

    /// Add `report`, seen at `pc`.
    pub fn add(&mut self, report: Report, pc: u32, time: Time) {
        self.count += 1;
        self.serious += u64::from(self.counts_warnings || report.kind != Kind::Warning);
        // Messages of one sort differ in their figures only.
        let sort = |message: &str| {
            message
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(message.len())
        };
        let same = |e: &&mut Event| {
            e.pc == pc
                && e.kind == report.kind
                && e.address == report.address
                && e.message[..sort(&e.message)] == report.message[..sort(&report.message)]
        };
        if let Some(known) = self.events.iter_mut().rev().take(64).find(same) {
            known.count += 1;
        } else if self.events.len() < MOST_EVENTS {
            let Report {
                kind,
                address,
                message,
            } = report;
            self.events.push(Event {
                kind,
                pc,
                symbol: None,
                address,
                message,
                time,
                count: 1,
            });
        } else {
            self.dropped += 1;
        }
    }

    /// Whether there is more than warnings, and more than [`Log::overlook`] was told of.
    pub fn is_serious(&self) -> bool {
        self.serious > self.overlooked
    }

    /// Whether there are warnings at most.
    pub fn is_clean(&self) -> bool {
        self.serious == 0
    }

    /// What is known so far is not serious any more.
    pub fn overlook(&mut self) {
        self.overlooked = self.serious;
    }

    /// How often something was reported.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All events, oldest first.
    pub fn all(&self) -> &[Event] {
        &self.events
    }

    /// The exact place of the last event has become known.
    pub(crate) fn locate_last(&mut self, pc: u32) {
        if let Some(event) = self.events.last_mut() {
            event.pc = pc;
        }
    }

    /// Events that did not fit.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(message: &str) -> Report {
        Report {
            kind: Kind::Rule,
            address: None,
            message: message.into(),
        }
    }

    #[test]
    fn equal_sorts_at_one_place_are_counted_and_others_listed() {
        let mut log = Log::new(Strictness::Strict);
        for message in ["CE# low for 9 us", "CE# high for 3 ns", "CE# low for 12 us"] {
            log.add(report(message), 0x0800_0000, Time(0));
        }
        log.add(report("CE# low for 9 us"), 0x0800_0004, Time(0));
        let counts: Vec<u64> = log.all().iter().map(|event| event.count).collect();
        assert_eq!(counts, [2, 1, 1]);
    }

    #[test]
    fn a_warning_is_not_serious_unless_asked_for() {
        let mut log = Log::default();
        let warning = || Report {
            kind: Kind::Warning,
            ..report("harmless")
        };
        log.add(warning(), 0x0800_0000, Time(0));
        assert!(!log.is_serious());
        log.add(report("rule"), 0x0800_0000, Time(0));
        assert!(log.is_serious());
        log.overlook();
        assert!(!log.is_serious());
        log.add(report("rule"), 0x0800_0000, Time(0));
        assert!(log.is_serious(), "once more");
        let mut log = Log::new(Strictness::Pedantic);
        log.add(warning(), 0x0800_0000, Time(0));
        assert!(log.is_serious() && !log.is_clean(), "unless it is asked for");
    }

    #[test]
    fn a_flood_of_different_events_is_cut_off_and_counted() {
        let mut log = Log::default();
        for pc in 0..2000 {
            log.add(report("rule"), pc, Time(0));
        }
        assert_eq!((log.all().len(), log.dropped()), (1000, 1000));
    }
}
