//! The PSRAM, from a chip in an unknown state to memory that a program may live in.
//!
//! Every way in which this can fail ends in one line that says what was seen and what to try, and in a board that works
//! on its internal memory. What was found is kept for Python.

use core::fmt::{self, Write};

use h7a3::caches;
use h7a3::clocks::{OCTOSPI_KERNELS, OctospiKernel};
use h7a3::console;
use h7a3::memory_policy::MemoryPolicy;
use h7a3::octospi::{self, Octospi};
use h7a3::time;
use h7a3::window::{PastCache, Window};
use psram::driver::{BusError, OpenError, Step};
use psram::id::Id;
use psram::memory::{Sparse, sparse_place};
use psram::memtest::{self, Fault};
use psram::{Bus, Controller, Hold, Memory, Plan, Psram, Wish, policy};

mod failure;
mod known;

use crate::board;
use crate::diagnosis::{self, Diagnosis};
use crate::lab::{self, Bench, Lines, link};
use crate::progress::Progress;
use crate::wires;
pub use failure::TestFailure;
use failure::{Failure, NO_ID, Torn};
pub use known::state;
use known::{NOT_STARTED, State};

/// A chip that works, and how it is reached.
struct Good {
    window: Window,
    bench: Bench,
    id: Id,
    how: How,
    memtest_us: u32,
    /// What went wrong in the fast configuration, if this is the other one.
    fallback: Option<Torn>,
}

/// The kernel clock that makes the memory fastest, within what its part and the board's policy allow. If none fits, the
/// slowest: [`start`] will say why there is no plan.
pub fn kernel() -> OctospiKernel {
    let offer = OCTOSPI_KERNELS.map(OctospiKernel::hz);
    let plan = policy::fastest(
        board::PART,
        &Controller::OCTOSPI,
        offer,
        board::TIMING.wish(board::SAFE_HZ),
    );
    plan.and_then(Result::ok)
        .and_then(|plan| {
            OCTOSPI_KERNELS
                .into_iter()
                .find(|kernel| kernel.hz() == plan.clock.kernel_hz)
        })
        .unwrap_or(OCTOSPI_KERNELS[0])
}

/// A line of the boot on the console.
pub fn say(words: fmt::Arguments) {
    // The console's writer has no way to fail.
    let _ = write!(console::Writer, "spiram {words}\r\n");
}

/// Brings the chip up, tests it, and says on the console how that went.
pub fn start(bus: Octospi) -> Option<Window> {
    let mut out = console::Writer;
    let again = bus.again();
    let wish = board::TIMING.wish(board::SAFE_HZ);
    let planned = Plan::new(board::PART, &Controller::OCTOSPI, bus.kernel_hz(), wish);
    let brought_up = planned.map_err(Failure::Plan).and_then(|plan| {
        let how = How {
            plan,
            lines: Lines::Four,
            is_degraded: false,
        };
        bring_up(bus, how)
    });
    // The console's writer has no way to fail, and what does not fit into the other text is cut off.
    let mut why = heapless::String::new();
    let (window, state) = match brought_up {
        Ok(good) => in_use(good, why),
        Err(failure) => {
            let diagnosis = failure
                .may_be_a_joint()
                .then(|| diagnosis::start(again.again(), failure.word()))
                .flatten();
            let is_link = matches!(failure, Failure::Open(_)) && diagnosis.is_some_and(Diagnosis::is_bad);
            let rescued = is_link.then(|| rescue(&again)).flatten();
            let end = if rescued.is_none() {
                "; heap is internal SRAM only"
            } else {
                ""
            };
            let _ = write!(out, "spiram {failure}{end}\r\n");
            if let Some(diagnosis) = diagnosis {
                let _ = write!(out, "spiram diagnosis: {}\r\n", diagnosis.told());
            }
            match rescued {
                Some(good) => {
                    let _ = write!(why, "slower, because of a bad joint: spiram.diagnose(); ");
                    let _ = write!(out, "spiram goes on with what is left, slower\r\n");
                    in_use(good, why)
                }
                None => {
                    let _ = write!(why, "{failure}");
                    let id = failure.id().0;
                    (
                        None,
                        State {
                            id,
                            why,
                            ..NOT_STARTED
                        },
                    )
                }
            }
        }
    };
    known::keep(state);
    window
}

/// Says that a chip works, and how.
fn in_use(good: Good, mut why: heapless::String<160>) -> (Option<Window>, State) {
    let mut out = console::Writer;
    let (id, plan, lines) = (good.id, good.how.plan, good.how.lines);
    let reached = good.bench.configuration().words();
    let mode = match lines {
        Lines::Four => "QPI",
        Lines::One => "SPI",
    };
    let found = Found {
        id,
        plan: &plan,
        mode,
        reached,
    };
    let _ = write!(out, "{found}\r\n");
    match &good.fallback {
        None => {
            let which = if good.how.is_degraded {
                "one page of eight"
            } else {
                "every word"
            };
            let _ = write!(
                why,
                "memory test passed: {which}, in one polarity by turns; stores leave neighbours alone"
            );
        }
        Some(torn) => {
            let _ = write!(
                why,
                "write-back loses stores here ({torn}); {reached} does not, but is slow"
            );
            let _ = write!(out, "spiram {why}\r\n");
        }
    }
    let _ = write!(out, "spiram memtest pass\r\n");
    lab::provide(good.bench);
    let [read, _] = lines.frames();
    let edges = 2;
    let state = State {
        part: plan.part.name,
        id: id.0,
        size_bytes: plan.size_bytes,
        mode,
        clock_hz: plan.clock.hz(),
        line_ns: (plan.clock.ps(read.cycles(caches::LINE_BYTES as u32) + edges) / 1000) as u32,
        timing: board::TIMING.key(),
        configuration: reached,
        memtest_us: good.memtest_us,
        why,
    };
    (Some(good.window), state)
}

/// Kernel clock and clock on the wire, each a quarter slower than the one before, down to what READ ID needs.
const SLOWER_HZ: [(u32, u32); 5] = [
    (40_000_000, 40_000_000),
    (60_000_000, 30_000_000),
    (50_000_000, 25_000_000),
    (40_000_000, 20_000_000),
    (50_000_000, 12_500_000),
];

fn slower(kernel_hz: u32, clock_max_hz: u32) -> Option<Plan> {
    let wish = Wish {
        clock_max_hz,
        hold: Hold::Datasheet,
    };
    let mut plan = Plan::new(board::PART, &Controller::OCTOSPI, kernel_hz, wish).ok()?;
    // What comes over a bad contact is late.
    plan.setup.late_sampling = true;
    Some(plan)
}

/// The fastest way to speak to a chip with a bad joint that passes with room to spare: four lines at a lower clock, else one; and
/// if there is no room, four lines at the lowest.
fn rescue(bus: &Octospi) -> Option<Good> {
    let (home_hz, wish) = (bus.kernel_hz(), board::TIMING.wish(board::SAFE_HZ));
    let slowest = SLOWER_HZ
        .last()
        .and_then(|(kernel_hz, hz)| slower(*kernel_hz, *hz))?;
    for lines in [Lines::Four, Lines::One] {
        if lines == Lines::One {
            if !board::PART.single_line {
                break;
            }
            // Where commands on four lines get through, before two of them are let go.
            let mut bus = bus.again();
            link::change(&mut bus, &slowest).ok()?;
            Psram::reset(bus, slowest).ok()?;
            wires::let_go_of_two();
        }
        // One that passes has the next one as its room; a chip with two dead lines has it at home.
        let mut has_room = lines == Lines::One;
        for (kernel_hz, clock_max_hz) in [(home_hz, wish.clock_max_hz)].into_iter().chain(SLOWER_HZ) {
            let Some(plan) = slower(kernel_hz, clock_max_hz) else {
                continue;
            };
            let how = How {
                plan,
                lines,
                is_degraded: true,
            };
            let is_open = can_open(bus, how);
            if is_open && has_room {
                if let Ok(good) = bring_up(bus.again(), how) {
                    return Some(good);
                }
            }
            has_room = is_open;
        }
    }
    wires::take_two_again();
    let how = How {
        plan: slowest,
        lines: Lines::Four,
        is_degraded: true,
    };
    can_open(bus, how)
        .then(|| bring_up(bus.again(), how).ok())
        .flatten()
}

fn can_open(bus: &Octospi, how: How) -> bool {
    let mut bus = bus.again();
    link::change(&mut bus, &how.plan).is_ok() && open(&mut bus, how).is_ok()
}

/// How the chip is to be spoken to.
#[derive(Clone, Copy)]
struct How {
    plan: Plan,
    lines: Lines,
    /// After a failure: there is less time for tests.
    is_degraded: bool,
}

/// A chip that can be mapped.
struct Opened {
    id: Id,
    /// With the size that the chip has.
    plan: Plan,
    repeats_after_bytes: u32,
}

impl<'a, S> From<Psram<&'a mut Octospi, S>> for Opened {
    fn from(chip: Psram<&'a mut Octospi, S>) -> Self {
        Opened {
            id: chip.id().unwrap_or(NO_ID),
            plan: *chip.plan(),
            repeats_after_bytes: chip.repeats_after_bytes(),
        }
    }
}

impl Opened {
    /// A word of it is not what it should be; of a degraded link only a part was tested.
    fn failed(&self, fault: Fault, is_degraded: bool) -> Failure {
        let offset = if is_degraded {
            sparse_place(fault.offset)
        } else {
            fault.offset
        };
        let repeats = self.repeats_after_bytes < self.plan.size_bytes;
        Failure::Cells {
            id: self.id,
            fault: Fault { offset, ..fault },
            repeats_after_bytes: repeats.then_some(self.repeats_after_bytes),
        }
    }
}

/// From a chip in an unknown state to one that the controller can map.
fn open(bus: &mut Octospi, how: How) -> Result<Opened, OpenError<octospi::Error>> {
    Ok(match how.lines {
        Lines::Four => Psram::open(bus, how.plan)?.into(),
        Lines::One => Psram::open_single(bus, how.plan)?.into(),
    })
}

fn bring_up(mut bus: Octospi, mut how: How) -> Result<Good, Failure> {
    let opened = open(&mut bus, how).map_err(Failure::Open)?;
    let Opened { id, plan, .. } = opened;
    how.plan = plan;
    let [read, write] = how.lines.frames();
    bus.enter_mapped(read, write).map_err(|cause| {
        Failure::Map(BusError {
            step: Step::Map,
            cause,
        })
    })?;
    // From here on the core may come in; not before (RM0455 OCTOSPI: an access outside mapped mode is a bus error).
    let fast = MemoryPolicy::WriteBack;
    let mut window = Window::open(plan.size_bytes, fast).ok_or(Failure::Region)?;
    let mut bench = Bench::new(bus, plan, how.lines, fast);
    // The lab overwrites the beginning, and the end tells whose turn it is.
    let polarity = memtest::turn(&mut window);
    watch_select(&bench);
    let mut memtest_us = 0;
    let tested = choose(&mut window, &mut bench)
        .map_err(|torn| Failure::Torn(id, torn))
        .and_then(|fallback| {
            let start_us = time::ticks_us();
            let mut progress = Progress::new();
            let mut all = PastCache::new(&mut window, bench.configuration(), |percent| {
                progress.say(|out| write!(out, "memtest: {percent} %"));
            });
            let mut sparse = Sparse(&mut all);
            let memory: &mut dyn Memory = if how.is_degraded { &mut sparse } else { sparse.0 };
            let report = memtest::run(memory, memtest::QUICK, polarity);
            memtest_us = (time::ticks_us() - start_us) as u32;
            match report.first {
                Some(fault) => Err(opened.failed(fault, how.is_degraded)),
                None => Ok(fallback),
            }
        });
    match tested {
        Ok(fallback) => Ok(Good {
            memtest_us,
            window,
            bench,
            id,
            how,
            fallback,
        }),
        Err(failure) => {
            window.close();
            bench.unmap().map_err(Failure::Unmap)?;
            Err(failure)
        }
    }
}

/// The fast configuration if it loses nothing; else the slow one, and what the fast one lost. The slow one needs no more
/// than aligned accesses, and everything in this firmware is compiled so (CONTRIBUTING.md).
fn choose(window: &mut Window, bench: &mut Bench) -> Result<Option<Torn>, Torn> {
    let Some(fast) = try_stores(window, bench) else {
        return Ok(None);
    };
    bench.configure(MemoryPolicy::StronglyOrdered);
    match try_stores(window, bench) {
        None => Ok(Some(fast)),
        Some(slow) => Err(slow),
    }
}

/// Longest time with chip select low (tCEM of all parts): longer, and the chip cannot refresh itself.
const SELECT_US: u64 = 8;

/// The controller's time-out is to end writes, too.
fn watch_select(bench: &Bench) {
    if !bench.select_rises(SELECT_US) {
        say(format_args!(
            "chip select stays low after a write: the memory cannot refresh itself (tCEM, {SELECT_US} us)"
        ));
    }
}

fn try_stores(window: &mut Window, bench: &mut Bench) -> Option<Torn> {
    let lanes = window.find_torn_line().map(Torn::Lanes);
    lanes.or_else(|| lab::at_boot(bench).map(Torn::Stream))
}

/// The line about a chip that works.
struct Found<'a> {
    id: Id,
    plan: &'a Plan,
    mode: &'a str,
    reached: &'a str,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.plan.part;
        let (mb, mhz) = (self.plan.size_bytes >> 20, self.plan.clock.hz() / 1_000_000);
        write!(f, "spiram eid: {}  {}", self.id, part.name)?;
        if self.plan.size_bytes != part.size_bytes {
            write!(f, " of another size,")?;
        }
        write!(
            f,
            " {mb} MB, {} {mhz} MHz, memory-mapped, {}",
            self.mode, self.reached
        )
    }
}
