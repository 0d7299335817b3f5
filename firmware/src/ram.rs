//! The SPI RAM, from a chip in an unknown state to memory that a program may live in.
//!
//! Every way in which this can fail ends in one line that says what was seen and what to try, and in a board that works
//! on its internal memory. What was found is kept for whoever asks later.

use core::fmt::{self, Write};

use h7a3::console;
use h7a3::octospi::{self, Octospi};
use h7a3::window::{self, Window};
use once_cell::sync::OnceCell;
use psram::driver::{BusError, OpenError};
use psram::id::Id;
use psram::memtest::{self, Fault, Polarity};
use psram::{Controller, Hold, Plan, PlanError, Psram, Wish};

use crate::board;

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
    /// How the core reaches it.
    pub configuration: &'static str,
    /// Why it is so: what was tested, or what went wrong.
    pub why: heapless::String<160>,
}

/// Why there is no SPI RAM.
enum Failure {
    Plan(PlanError),
    Open(OpenError<octospi::Error>),
    Map(BusError<octospi::Error>),
    /// The MPU has no region of the part's size.
    Region,
    /// A store changed its neighbours.
    Torn(Id, Fault),
    Cells(Id, Fault),
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
    configuration: "none",
    why: heapless::String::new(),
};

/// What is known about the SPI RAM.
pub fn state() -> &'static State {
    STATE.get().unwrap_or(&NOT_STARTED)
}

/// Tests the SPI RAM while a program lives in it; returns the bytes tested.
pub fn memtest() -> Result<u32, TestFailure> {
    window::retest().map_err(TestFailure::from)
}

/// Brings the chip up, tests it, and says on the console how that went.
pub fn start(bus: Octospi) -> Option<Window> {
    let mut out = console::Writer;
    let mut why = heapless::String::new();
    let (window, state) = match bring_up(bus) {
        Ok((window, id, plan)) => {
            // The console's writer has no way to fail.
            let _ = write!(out, "{}\r\nspiram memtest pass\r\n", Found { id, plan: &plan });
            // The text fits: it is shorter than the string.
            let _ = why.push_str(
                "memory test passed: every word, both polarities; single stores leave neighbours alone",
            );
            let state = State {
                part: plan.part.name,
                id: id.0,
                size_bytes: plan.part.size_bytes,
                mode: "QPI",
                clock_hz: plan.clock.hz(),
                configuration: "memory-mapped, write-back",
                why,
            };
            (Some(window), state)
        }
        Err(failure) => {
            let _ = write!(out, "spiram {failure}; heap is internal SRAM only\r\n");
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

fn bring_up(bus: Octospi) -> Result<(Window, Id, Plan), Failure> {
    // tCHD, 20 ns after the last clock edge, cannot be kept above 50 MHz by a controller that raises CE# one clock after
    // it; the same chips run at 80 and 105 MHz elsewhere.
    let wish = Wish {
        hold: Hold::Field,
        ..Wish::default()
    };
    let plan = Plan::new(board::PART, &Controller::OCTOSPI, bus.kernel_hz(), wish).map_err(Failure::Plan)?;
    let chip = Psram::open(bus, plan).map_err(Failure::Open)?;
    let id = chip.id().unwrap_or(NO_ID);
    let chip = chip.map().map_err(Failure::Map)?;
    // From here on the core may come in; not before (RM0455 OCTOSPI: an access outside mapped mode is a bus error).
    let mut window = Window::open(plan.part.size_bytes).ok_or(Failure::Region)?;
    let tested = match window.find_torn_line() {
        Some(fault) => Err(Failure::Torn(id, fault)),
        None => match memtest::run(&mut window, memtest::BOTH, Polarity::Plain).first {
            Some(fault) => Err(Failure::Cells(id, fault)),
            None => Ok(()),
        },
    };
    match tested {
        Ok(()) => Ok((window, id, plan)),
        Err(failure) => {
            window.close();
            chip.unmap().map_err(Failure::Map)?;
            Err(failure)
        }
    }
}

impl Failure {
    /// The ID of a chip that answered and failed later.
    fn id(&self) -> Id {
        match self {
            Failure::Torn(id, _) | Failure::Cells(id, _) => *id,
            Failure::Plan(_) | Failure::Open(_) | Failure::Map(_) | Failure::Region => NO_ID,
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
            Failure::Torn(_, fault) => write!(f, "store test fail, {}", TestFailure::from(*fault)),
            Failure::Cells(_, fault) => write!(f, "memtest fail, {}", TestFailure::from(*fault)),
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
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.plan.part;
        let (mb, mhz) = (part.size_bytes >> 20, self.plan.clock.hz() / 1_000_000);
        write!(
            f,
            "spiram eid: {}  {} {mb} MB, QPI {mhz} MHz, memory-mapped, write-back",
            self.id, part.name
        )
    }
}
