//! The chip on the bench: the same memory, reached in whichever way a test wants.

use h7a3::gpio::PinId;
use h7a3::memory_policy::MemoryPolicy;
use h7a3::octospi::{Error, Octospi};
use h7a3::window::Window;
use h7a3::{caches, mpu, time};
use psram::command::{QPI_READ, QPI_WRITE, SPI_READ, SPI_WRITE};
use psram::{Bus, Frame, Plan, Setup};

use super::access::{Region, Width};
use crate::wires;

/// Longest indirect transfer that tests make: well below tCEM at any clock.
pub const INDIRECT_BYTES: usize = 64;

/// A mapped chip, its controller, and the way in which the core reaches it now.
pub struct Bench {
    bus: Octospi,
    plan: Plan,
    lines: Lines,
    configuration: MemoryPolicy,
}

/// On how many lines the chip is spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    Four,
    One,
}

impl Lines {
    /// How it is read and written.
    pub const fn frames(self) -> [&'static Frame; 2] {
        match self {
            Lines::Four => [&QPI_READ, &QPI_WRITE],
            Lines::One => [&SPI_READ, &SPI_WRITE],
        }
    }
}

impl Bench {
    /// From a controller in mapped mode, and an open window.
    pub fn new(bus: Octospi, plan: Plan, lines: Lines, configuration: MemoryPolicy) -> Self {
        Bench {
            bus,
            plan,
            lines,
            configuration,
        }
    }

    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// Another plan from now on; the controller has its setting already.
    pub fn follow(&mut self, plan: Plan) {
        self.plan = plan;
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn configuration(&self) -> MemoryPolicy {
        self.configuration
    }

    /// All of the chip.
    pub fn chip(&self) -> Region {
        // SAFETY: the caller has promised that nothing else touches the chip (`lab::run`).
        unsafe { Region::new(mpu::WINDOW_BASE, self.plan.size_bytes) }
    }

    /// Another way to reach it. What was written stays.
    pub fn configure(&mut self, configuration: MemoryPolicy) {
        if let Some(mut window) = window() {
            window.configure(configuration);
            self.configuration = configuration;
        }
    }

    /// Everything stored is in the chip, and what is loaded next comes from there.
    pub fn settle(&self) {
        caches::clean_invalidate_all();
    }

    /// Whether chip select rises within this time after a write, and nothing else, has gone out. Overwrites the first word.
    pub fn select_rises(&self, within_us: u64) -> bool {
        self.settle();
        self.chip().store(0, Width::Word, 0);
        self.settle();
        let select = wires::pin("chip select");
        let until_us = time::ticks_us() + within_us;
        loop {
            // The time first: if something comes between, the pin is looked at once more.
            let is_over = time::ticks_us() > until_us;
            // A port shows the level of a pin that a peripheral has.
            if select.is_none_or(PinId::is_high) {
                return true;
            }
            if is_over {
                return false;
            }
        }
    }

    /// Reads by the controller's registers, past core, cache and window.
    pub fn read(&mut self, offset: u32, data: &mut [u8; INDIRECT_BYTES]) -> Result<(), Error> {
        let [read, _] = self.lines.frames();
        self.unmapped(|bus| bus.read(read, offset, data))
    }

    /// Writes by the controller's registers.
    pub fn write(&mut self, offset: u32, data: &[u8; INDIRECT_BYTES]) -> Result<(), Error> {
        let [_, write] = self.lines.frames();
        self.unmapped(|bus| bus.write(write, offset, data))
    }

    /// Other timing of the controller, until the next call. `None`: as planned.
    pub fn retime(&mut self, setup: Option<&Setup>) -> Result<(), Error> {
        let setup = *setup.unwrap_or(&self.plan.setup);
        self.unmapped(|bus| bus.apply(&setup))
    }

    /// Leaves mapped mode for good. The window is closed.
    pub fn unmap(mut self) -> Result<(), Error> {
        self.bus.leave_mapped()
    }

    /// Something with the controller out of mapped mode.
    pub fn unmapped<T>(&mut self, action: impl FnOnce(&mut Octospi) -> Result<T, Error>) -> Result<T, Error> {
        if let Some(window) = window() {
            window.close();
        }
        self.bus.leave_mapped()?;
        let done = action(&mut self.bus);
        // Whatever came of it: a program lives behind the window.
        let [read, write] = self.lines.frames();
        self.bus.enter_mapped(read, write)?;
        Window::open(self.plan.size_bytes, self.configuration);
        done
    }
}

fn window() -> Option<Window> {
    // SAFETY: as in `Bench::chip`; the window is dropped or closed at once.
    unsafe { Window::borrow() }
}
