//! What the D-cache may hold of internal memory, where other bus masters touch it too: who has seen what.
//!
//! Data of internal memory is not kept here, only the state of its lines. That is enough to tell the two mistakes of drivers:
//! a master reads what the core wrote and did not clean, or writes where the core may still have a line.
//! Only pages that matter are followed, so that all others cost nothing: a page is followed from its first maintenance by
//! address or its first access by a master until nothing has concerned it for a while. After the whole cache was cleaned or
//! invalidated all pages are followed, as long as masters keep working. Of a page that was not followed nothing is known: a
//! master's access to it is a mistake too, because the driver has to maintain the lines for each transfer.
//!
//! Stricter than a given run of silicon: a dirty line may have been evicted in time, and a line that was invalidated before a
//! transfer may not have been fetched again by speculation (DDI0489F 5.2). Not followed: lines of the TCMs (never cached).

use super::dcache::{Op, Policy};
use crate::{Effects, Kind, Picos, Time};
use std::collections::BTreeMap;

/// Bytes of a line.
pub const LINE: u32 = 32;
const PAGE: u32 = 4096;
const LINES: usize = (PAGE / LINE) as usize;
const SETS: usize = 128;
const WAYS: usize = 4;
/// A page that nothing has concerned for so long is let go.
const PATIENCE: Picos = Picos(10_000_000_000);
/// All pages are followed for so long after whole-cache maintenance or a master's last access.
const ALERT: Picos = Picos(1_000_000_000);

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Nothing.
    Unknown,
    /// The cache does not hold it.
    Absent,
    /// The cache may hold it, equal to memory.
    Clean,
    /// The cache holds a store that memory lacks.
    Dirty { pc: u32 },
    /// A master wrote it, and it was not invalidated since.
    Overwritten { by: &'static str, at: Time },
}

/// The lines of one page.
#[derive(Clone, Debug)]
struct Page {
    lines: [Line; LINES],
    /// When maintenance or a master last concerned it.
    concerned: Option<Time>,
}

impl Page {
    fn matters(&self, now: Time) -> bool {
        // What a master wrote and the core has not invalidated is a mistake that waits to be made.
        let waits = |line: &Line| matches!(line, Line::Overwritten { .. });
        self.concerned.is_some_and(|at| now - at < PATIENCE) || self.lines.iter().any(waits)
    }
}

/// The state of all lines that are followed.
#[derive(Clone, Debug, Default)]
pub struct Coherency {
    pages: BTreeMap<u32, Page>,
    /// All pages are followed until then.
    alert_until: Option<Time>,
    /// Sets and ways that a run of maintenance by set and way has done.
    swept: Vec<bool>,
    swept_count: usize,
    changed: bool,
}

impl Coherency {
    /// Reset of the core: the cache is off, and nothing is known.
    pub fn reset(&mut self) {
        *self = Coherency {
            changed: true,
            ..Coherency::default()
        };
    }

    /// Must the core's accesses to this address be told to [`Coherency::load`] and [`Coherency::store`]?
    pub fn follows(&self, address: u32) -> bool {
        self.alert_until.is_some() || self.pages.contains_key(&(address / PAGE))
    }

    /// Have the pages that are followed become others since the last call?
    pub fn take_changed(&mut self) -> bool {
        core::mem::take(&mut self.changed)
    }

    /// Let go of pages that nothing has concerned for a while.
    pub fn expire(&mut self, now: Time) {
        if self.alert_until.is_some_and(|end| end <= now) {
            self.alert_until = None;
            self.changed = true;
        }
        if self.pages.is_empty() || self.alert_until.is_some() {
            return;
        }
        let before = self.pages.len();
        self.pages.retain(|_, page| page.matters(now));
        self.changed |= self.pages.len() != before;
    }

    /// The state of a line for a page that begins to be followed.
    fn fresh(&self) -> Line {
        match self.alert_until {
            Some(_) => Line::Absent,
            None => Line::Unknown,
        }
    }

    fn page(&mut self, address: u32) -> &mut Page {
        let fresh = self.fresh();
        let changed = &mut self.changed;
        self.pages.entry(address / PAGE).or_insert_with(|| {
            *changed = true;
            Page {
                lines: [fresh; LINES],
                concerned: None,
            }
        })
    }

    fn line(&mut self, address: u32) -> &mut Line {
        let index = (address % PAGE / LINE) as usize;
        &mut self.page(address).lines[index]
    }

    /// The core loads from cacheable memory that is followed.
    pub fn load(&mut self, address: u32, pc: u32, fx: &mut Effects) {
        let line = self.line(address);
        match *line {
            Line::Absent => *line = Line::Clean,
            Line::Overwritten { by, at } => {
                *line = Line::Clean;
                fx.report_at(Kind::Rule, address, stale("reads", address, pc, by, at));
            }
            Line::Unknown | Line::Clean | Line::Dirty { .. } => {}
        }
    }

    /// The core stores to cacheable memory that is followed.
    pub fn store(&mut self, address: u32, policy: Policy, pc: u32, fx: &mut Effects) {
        let line = self.line(address);
        if let Line::Overwritten { by, at } = *line {
            fx.report_at(Kind::Rule, address, stale("writes", address, pc, by, at));
            *line = Line::Clean;
        }
        match policy {
            // Without the line in the cache the store goes to memory.
            Policy::WriteBack if *line == Line::Absent => {}
            Policy::WriteBack | Policy::WriteBackAllocate => *line = Line::Dirty { pc },
            // Memory has the store too.
            _ => {}
        }
    }

    /// The master `by` reads `bytes` of cacheable memory.
    pub fn master_reads(&mut self, by: &'static str, address: u32, bytes: u32, fx: &mut Effects) {
        self.each_line(address, bytes, fx, |line, address, fx| match *line {
            Line::Unknown => {
                *line = Line::Clean;
                let message = format!(
                    "{by} reads the line at {address:#010x}, which was not cleaned for it: what the processor \
                     wrote may still be in its cache"
                );
                fx.report_at(Kind::Rule, address, message);
            }
            Line::Dirty { pc } => {
                *line = Line::Clean;
                let message = format!(
                    "{by} reads the line at {address:#010x}, which the processor wrote at pc {pc:#010x} and did \
                     not clean: memory still has what was there before"
                );
                fx.report_at(Kind::Rule, address, message);
            }
            Line::Absent | Line::Clean | Line::Overwritten { .. } => {}
        });
    }

    /// The master `by` writes `bytes` of cacheable memory.
    pub fn master_writes(&mut self, by: &'static str, address: u32, bytes: u32, fx: &mut Effects) {
        self.each_line(address, bytes, fx, |line, address, fx| {
            let message = match *line {
                Line::Unknown => Some(format!(
                    "{by} writes the line at {address:#010x}, which was neither cleaned nor invalidated for it: a \
                     dirty line of the processor's cache may overwrite it later"
                )),
                Line::Dirty { pc } => Some(format!(
                    "{by} writes the line at {address:#010x} under a dirty line that the processor wrote at pc \
                     {pc:#010x}: its eviction overwrites what {by} wrote"
                )),
                _ => None,
            };
            if let Some(message) = message {
                fx.report_at(Kind::Rule, address, message);
            }
            *line = Line::Overwritten { by, at: fx.now };
        });
    }

    fn each_line(
        &mut self,
        address: u32,
        bytes: u32,
        fx: &mut Effects,
        mut action: impl FnMut(&mut Line, u32, &mut Effects),
    ) {
        if self.alert_until.is_some() {
            self.alert_until = Some(fx.now + ALERT);
        }
        let first = address & !(LINE - 1);
        let last = address.wrapping_add(bytes.max(1) - 1) & !(LINE - 1);
        for start in (first..=last).step_by(LINE as usize) {
            let page = self.page(start);
            page.concerned = Some(fx.now);
            let line = &mut page.lines[(start % PAGE / LINE) as usize];
            action(line, start, fx);
        }
    }

    /// The core maintains its cache. `is_cacheable` is asked for operations by address.
    pub fn maintain(&mut self, op: Op, now: Time, is_cacheable: impl FnOnce(u32) -> bool) {
        match op {
            Op::InvalidateByAddress(at) | Op::CleanInvalidateByAddress(at) => {
                self.maintain_line(at, now, Line::Absent, is_cacheable);
            }
            Op::CleanByAddress(at) => self.maintain_line(at, now, Line::Clean, is_cacheable),
            Op::InvalidateBySetWay(operand) | Op::CleanInvalidateBySetWay(operand) => {
                self.sweep(operand, now, true);
            }
            Op::CleanBySetWay(operand) => self.sweep(operand, now, false),
        }
    }

    fn maintain_line(&mut self, at: u32, now: Time, after: Line, is_cacheable: impl FnOnce(u32) -> bool) {
        if !is_cacheable(at) {
            return;
        }
        self.page(at).concerned = Some(now);
        let line = self.line(at);
        *line = match (*line, after) {
            // To clean a line does not fetch what a master wrote, and is no news of one that is not there.
            (Line::Overwritten { .. } | Line::Absent, Line::Clean) => *line,
            (_, after) => after,
        };
    }

    /// Operations by set and way say nothing of a given line until all of the cache was done.
    fn sweep(&mut self, operand: u32, now: Time, invalidate: bool) {
        let slot = (operand >> 5) as usize % SETS * WAYS + (operand >> 30) as usize;
        self.swept.resize(SETS * WAYS, false);
        if !core::mem::replace(&mut self.swept[slot], true) {
            self.swept_count += 1;
        }
        if self.swept_count < SETS * WAYS {
            return;
        }
        self.swept.clear();
        self.swept_count = 0;
        for line in self.pages.values_mut().flat_map(|page| &mut page.lines) {
            *line = match *line {
                _ if invalidate => Line::Absent,
                Line::Dirty { .. } | Line::Unknown => Line::Clean,
                other => other,
            };
        }
        self.alert_until = Some(now + ALERT);
        self.changed = true;
    }
}

fn stale(verb: &str, address: u32, pc: u32, by: &str, at: Time) -> String {
    format!(
        "the processor {verb} {address:#010x} at pc {pc:#010x}, in a line that {by} has written {} ns after power-up and \
         that was not invalidated since: it may still have the line from before",
        at.0 / 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    const AT: u32 = 0x2400_1000;
    const PC: u32 = 0x0800_0100;
    const POLICY: Policy = Policy::WriteBackAllocate;

    struct Rig {
        model: Coherency,
        bench: Bench,
    }

    impl Rig {
        fn new() -> Self {
            Rig {
                model: Coherency::default(),
                bench: Bench::new(Clocks::default()),
            }
        }

        fn maintain(&mut self, op: Op) -> &mut Self {
            self.model.maintain(op, self.bench.now, |_| true);
            self
        }

        fn store(&mut self) -> &mut Self {
            self.model.store(AT + 4, POLICY, PC, &mut self.bench.fx());
            self
        }

        fn load(&mut self) -> &mut Self {
            self.model.load(AT + 4, PC, &mut self.bench.fx());
            self
        }

        fn reads(&mut self) -> &mut Self {
            self.model.master_reads("MDMA", AT, 32, &mut self.bench.fx());
            self
        }

        fn writes(&mut self) -> &mut Self {
            self.model.master_writes("MDMA", AT, 32, &mut self.bench.fx());
            self
        }

        fn told(&mut self) -> Vec<String> {
            self.bench.complaints()
        }
    }

    #[test]
    fn a_driver_that_cleans_before_and_invalidates_after_is_right() {
        let mut rig = Rig::new();
        rig.maintain(Op::CleanByAddress(AT)).reads();
        rig.store().maintain(Op::CleanInvalidateByAddress(AT)).writes();
        rig.maintain(Op::InvalidateByAddress(AT)).load();
        assert_eq!(rig.told(), Vec::<String>::new());
    }

    #[test]
    fn a_forgotten_clean_is_told_with_both_places() {
        let mut rig = Rig::new();
        rig.maintain(Op::CleanByAddress(AT)).store().reads();
        let told = rig.told();
        assert!(
            told.len() == 1
                && told[0].contains("MDMA reads the line at 0x24001000")
                && told[0].contains("pc 0x08000100"),
            "{told:?}"
        );
        rig.reads();
        assert!(rig.told().is_empty(), "told once");
    }

    #[test]
    fn a_forgotten_invalidate_is_told_with_both_places() {
        for touch in [Rig::load as fn(&mut Rig) -> &mut Rig, Rig::store] {
            let mut rig = Rig::new();
            rig.maintain(Op::CleanInvalidateByAddress(AT)).writes();
            touch(&mut rig);
            let told = rig.told();
            assert!(
                told.len() == 1
                    && told[0].contains("0x24001004 at pc 0x08000100")
                    && told[0].contains("MDMA has written"),
                "{told:?}"
            );
        }
    }

    #[test]
    fn a_master_that_writes_under_a_dirty_line_is_told() {
        let mut rig = Rig::new();
        rig.maintain(Op::CleanInvalidateByAddress(AT)).store().writes();
        let told = rig.told();
        assert!(
            told.len() == 1 && told[0].contains("under a dirty line"),
            "{told:?}"
        );
    }

    #[test]
    fn lines_of_which_nothing_is_known_must_be_maintained() {
        let mut rig = Rig::new();
        rig.reads();
        assert!(rig.told()[0].contains("was not cleaned for it"));
        let mut rig = Rig::new();
        rig.writes();
        assert!(rig.told()[0].contains("neither cleaned nor invalidated"));
    }

    #[test]
    fn maintenance_of_the_whole_cache_is_as_good_as_line_by_line() {
        let all = || (0..WAYS as u32).flat_map(|way| (0..SETS as u32).map(move |set| way << 30 | set << 5));
        let mut rig = Rig::new();
        for operand in all() {
            rig.maintain(Op::CleanInvalidateBySetWay(operand));
        }
        assert!(rig.model.follows(0x3000_0000) && rig.model.take_changed());
        rig.reads().store().reads();
        assert_eq!(rig.told().len(), 1, "the store came after it");
        let mut rig = Rig::new();
        for operand in all().skip(1) {
            rig.maintain(Op::CleanInvalidateBySetWay(operand));
        }
        rig.reads();
        assert_eq!(rig.told().len(), 1, "a line is missing");
    }

    #[test]
    fn write_through_memory_is_never_dirty() {
        let mut rig = Rig::new();
        rig.maintain(Op::CleanByAddress(AT));
        rig.model.store(AT, Policy::WriteThrough, PC, &mut rig.bench.fx());
        rig.reads();
        assert!(rig.told().is_empty());
    }

    #[test]
    fn a_page_is_let_go_when_nothing_concerns_it_but_not_with_a_mistake_in_it() {
        let mut rig = Rig::new();
        rig.maintain(Op::CleanByAddress(AT)).reads();
        assert!(rig.model.follows(AT) && !rig.model.follows(AT + PAGE));
        rig.model.expire(Time(PATIENCE.0));
        assert!(!rig.model.follows(AT));
        rig.maintain(Op::CleanInvalidateByAddress(AT)).writes();
        rig.model.expire(Time(2 * PATIENCE.0));
        assert!(rig.model.follows(AT));
    }
}
