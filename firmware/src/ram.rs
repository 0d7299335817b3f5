//! The SPI RAM, from a chip in an unknown state to memory that a program may live in.
//!
//! Every way in which this can fail ends in one line that says what was seen and what to try, and in a board that works
//! on its internal memory. What was found is kept for whoever asks later.

use core::fmt::{self, Write};

use h7a3::caches;
use h7a3::clocks::{OCTOSPI_KERNELS, OctospiKernel};
use h7a3::configuration::Configuration;
use h7a3::console;
use h7a3::octospi::{self, Octospi};
use h7a3::time;
use h7a3::window::{PastCache, Window};
use once_cell::sync::OnceCell;
use psram::driver::{BusError, OpenError};
use psram::id::{Id, Unfit};
use psram::memtest::{self, Fault};
use psram::{Controller, Plan, PlanError, Psram, policy};

use crate::board;
use crate::diagnosis;
use crate::lab::{self, Bench, Wrong};
use crate::progress::Progress;

/// What is known about the SPI RAM.
pub struct State {
    /// Name of the part, as the board file says.
    pub part: &'static str,
    /// What READ ID gave; zeros if nothing fitting answered.
    pub id: [u8; 8],
    /// Bytes that a program may use; zero if there is no usable chip.
    pub size_bytes: u32,
    /// How the chip is spoken to.
    pub mode: &'static str,
    /// Clock on the wire.
    pub clock_hz: u32,
    /// How long a line of the cache takes on the wire.
    pub line_ns: u32,
    /// By which policy the clock was chosen: `[memory] timing` in the board file.
    pub timing: &'static str,
    /// How the core reaches it.
    pub configuration: &'static str,
    /// How long the memory test took.
    pub memtest_us: u32,
    /// Why it is so: what was tested, or what went wrong.
    pub why: heapless::String<160>,
}

/// Why there is no SPI RAM.
enum Failure {
    Plan(PlanError),
    Open(OpenError<octospi::Error>),
    Map(BusError<octospi::Error>),
    Unmap(octospi::Error),
    /// The MPU has no region of the part's size.
    Region,
    /// Stores were lost in every configuration.
    Torn(Id, Torn),
    Cells(Id, Fault),
}

/// How stores were lost.
enum Torn {
    /// A single one changed its neighbours.
    Lanes(Fault),
    /// One of many in a row, with interrupts between them.
    Stream(Wrong),
}

/// A chip that works, and how it is reached.
struct Good {
    window: Window,
    bench: Bench,
    id: Id,
    plan: Plan,
    memtest_us: u32,
    /// What went wrong in the fast configuration, if this is the other one.
    fallback: Option<Torn>,
}

/// A word that did not hold what it should.
pub struct TestFailure {
    /// Where, as the core sees it.
    pub address: u32,
    /// What was written.
    pub expected: u32,
    /// What was read.
    pub found: u32,
}

const NO_ID: Id = Id([0; 8]);

static STATE: OnceCell<State> = OnceCell::new();
static NOT_STARTED: State = State {
    part: "none",
    id: [0; 8],
    size_bytes: 0,
    mode: "none",
    clock_hz: 0,
    line_ns: 0,
    timing: board::TIMING.key(),
    configuration: "none",
    memtest_us: 0,
    why: heapless::String::new(),
};

/// What is known about the SPI RAM.
pub fn state() -> &'static State {
    STATE.get().unwrap_or(&NOT_STARTED)
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

/// Brings the chip up, tests it, and says on the console how that went.
pub fn start(bus: Octospi) -> Option<Window> {
    let mut out = console::Writer;
    let mut why = heapless::String::new();
    let again = bus.again();
    let (window, state) = match bring_up(bus) {
        Ok(good) => {
            let (id, plan, reached) = (good.id, good.plan, good.bench.configuration().words());
            let found = Found {
                id,
                plan: &plan,
                reached,
            };
            // The console's writer has no way to fail, and what does not fit into the other text is cut off.
            let _ = write!(out, "{found}\r\n");
            match &good.fallback {
                None => {
                    let _ = write!(
                        why,
                        "memory test passed: every word, in one polarity by turns; stores leave neighbours alone"
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
            let state = State {
                part: plan.part.name,
                id: id.0,
                size_bytes: plan.part.size_bytes,
                mode: "QPI",
                clock_hz: plan.clock.hz(),
                line_ns: (plan.read_ps(caches::LINE_BYTES as u32) / 1000) as u32,
                timing: board::TIMING.key(),
                configuration: reached,
                memtest_us: good.memtest_us,
                why,
            };
            (Some(good.window), state)
        }
        Err(failure) => {
            let _ = write!(out, "spiram {failure}; heap is internal SRAM only\r\n");
            if failure.may_be_a_joint() {
                diagnosis::start(again);
            }
            // What does not fit is cut off.
            let _ = write!(why, "{failure}");
            (
                None,
                State {
                    id: failure.id().0,
                    why,
                    ..NOT_STARTED
                },
            )
        }
    };
    // Only the first call can set it, and there is only one.
    let _ = STATE.set(state);
    window
}

fn bring_up(bus: Octospi) -> Result<Good, Failure> {
    let wish = board::TIMING.wish(board::SAFE_HZ);
    let plan = Plan::new(board::PART, &Controller::OCTOSPI, bus.kernel_hz(), wish).map_err(Failure::Plan)?;
    let chip = Psram::open(bus, plan).map_err(Failure::Open)?;
    let id = chip.id().unwrap_or(NO_ID);
    let chip = chip.map().map_err(Failure::Map)?;
    // From here on the core may come in; not before (RM0455 OCTOSPI: an access outside mapped mode is a bus error).
    let fast = Configuration::WriteBack;
    let mut window = Window::open(plan.part.size_bytes, fast).ok_or(Failure::Region)?;
    let mut bench = Bench::new(chip.release(), plan, fast);
    // The lab overwrites the beginning, and the end tells whose turn it is.
    let polarity = memtest::turn(&mut window);
    let mut memtest_us = 0;
    let tested = choose(&mut window, &mut bench)
        .map_err(|torn| Failure::Torn(id, torn))
        .and_then(|fallback| {
            let start_us = time::ticks_us();
            let mut progress = Progress::new();
            let mut memory = PastCache::new(&mut window, bench.configuration(), |percent| {
                progress.say(|out| write!(out, "memtest: {percent} %"));
            });
            let report = memtest::run(&mut memory, memtest::QUICK, polarity);
            memtest_us = (time::ticks_us() - start_us) as u32;
            match report.first {
                Some(fault) => Err(Failure::Cells(id, fault)),
                None => Ok(fallback),
            }
        });
    match tested {
        Ok(fallback) => Ok(Good {
            memtest_us,
            window,
            bench,
            id,
            plan,
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
    bench.configure(Configuration::StronglyOrdered);
    match try_stores(window, bench) {
        None => Ok(Some(fast)),
        Some(slow) => Err(slow),
    }
}

fn try_stores(window: &mut Window, bench: &mut Bench) -> Option<Torn> {
    let lanes = window.find_torn_line().map(Torn::Lanes);
    lanes.or_else(|| lab::at_boot(bench).map(Torn::Stream))
}

impl Failure {
    /// A chip that says what it is, and is not what was ordered, has good joints.
    fn may_be_a_joint(&self) -> bool {
        match self {
            Failure::Open(OpenError::Unfit(unfit)) => !matches!(
                unfit,
                Unfit::Flash { .. } | Unfit::BadDie { .. } | Unfit::Density { .. }
            ),
            Failure::Open(_) | Failure::Torn(..) | Failure::Cells(..) => true,
            Failure::Plan(_) | Failure::Map(_) | Failure::Unmap(_) | Failure::Region => false,
        }
    }

    /// The ID of a chip that answered and failed later.
    fn id(&self) -> Id {
        match self {
            Failure::Torn(id, _) | Failure::Cells(id, _) => *id,
            Failure::Plan(_) | Failure::Open(_) | Failure::Map(_) | Failure::Unmap(_) | Failure::Region => {
                NO_ID
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Plan(error) => error.fmt(f),
            Failure::Open(error @ OpenError::Unfit(unfit)) => {
                write!(f, "not found: {error}; {}", unfit.hint())
            }
            Failure::Open(error) => write!(f, "not usable: {error}"),
            Failure::Map(error) => write!(f, "not usable: {error}"),
            Failure::Region => write!(
                f,
                "not usable: no MPU region has the size of {}",
                board::PART.name
            ),
            Failure::Unmap(error) => write!(f, "not usable: leaving mapped mode failed: {error:?}"),
            Failure::Torn(_, torn) => write!(f, "store test fail, {torn}"),
            Failure::Cells(_, fault) => write!(f, "memtest fail, {}", TestFailure::from(*fault)),
        }
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Torn::Lanes(fault) => TestFailure::from(*fault).fmt(f),
            Torn::Stream(Wrong {
                address,
                expected,
                found,
                ..
            }) => write!(
                f,
                "address {address:#010x} expected {expected:#x} found {found:#x}"
            ),
        }
    }
}

impl From<Fault> for TestFailure {
    fn from(fault: Fault) -> Self {
        let Fault {
            offset,
            expected,
            found,
            ..
        } = fault;
        TestFailure {
            address: h7a3::mpu::WINDOW_BASE + offset,
            expected,
            found,
        }
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TestFailure {
            address,
            expected,
            found,
        } = self;
        write!(
            f,
            "address {address:#010x} expected {expected:#010x} found {found:#010x}"
        )
    }
}

/// The line about a chip that works.
struct Found<'a> {
    id: Id,
    plan: &'a Plan,
    reached: &'a str,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.plan.part;
        let (mb, mhz) = (part.size_bytes >> 20, self.plan.clock.hz() / 1_000_000);
        write!(
            f,
            "spiram eid: {}  {} {mb} MB, QPI {mhz} MHz, memory-mapped, {}",
            self.id, part.name, self.reached
        )
    }
}
