//! From a part, a controller and a kernel clock to everything that has to be set: computed, never typed in.
//!
//! Every rule of the part that bounds the clock is turned into one upper limit, the divider follows from it, and the
//! cycle counts follow from the clock. [`Plan::check`] then re-checks the result the other way round, in time.
//!
//! Two rules are a matter of policy. **Page crossing:** above 84 MHz a burst may not leave its page of 1 KB, and the
//! datasheets ask for training of the sampling point; a plan does not go there unless [`Wish::clock_max_hz`] says so.
//! **CE# hold:** see [`Hold`].
//!
//! In the mapped window the controller keeps tCEM by itself, by a refresh counter and an idle time-out. The plan counts
//! on the refresh counter to run on, or the time-out to strike, while the clock is stopped in the middle of a burst.
//!
//! It does not do data training, double data rate, or wrapped bursts.

use crate::bus::{Frame, Setup};
use crate::command::{Mode, QPI_READ, QPI_WRITE, READ_ID, must};
use crate::part::Part;
use crate::size::ADDRESSED_BYTES;
use crate::timing::{Clock, fastest_hz};
use core::fmt;

/// What the planner has to know of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Fastest clock on the wire.
    pub clock_max_hz: u32,
    /// Largest divider of the kernel clock.
    pub divider_max: u16,
    /// Longest time between transfers that can be set, in wire clocks.
    pub cs_high_max_cycles: u8,
    /// Wire clocks from the falling edge of CE# to the first rising edge of the clock.
    pub lead_cycles: u32,
    /// Wire clocks from the last rising edge of the clock to the rising edge of CE#.
    pub trail_cycles: u32,
    /// How many wire clocks the controller goes on after its refresh counter has run out.
    pub refresh_overshoot_cycles: u32,
}

impl Controller {
    /// The OCTOSPI of STM32 (H7A3, L4+, U5): clock from AN5050 table 2 (single data rate), edges of NCS and the
    /// refresh counter from RM0456, OCTOSPI chapter (NCS, OCTOSPI_DCR4), field widths from the CMSIS header of the
    /// H7A3 (DCR1.CSHT 3 bits, DCR2.PRESCALER 8 bits).
    pub const OCTOSPI: Self = Self {
        clock_max_hz: 140_000_000,
        divider_max: 256,
        cs_high_max_cycles: 8,
        lead_cycles: 1,
        trail_cycles: 1,
        refresh_overshoot_cycles: 4,
    };
}

/// What to do about tCHD, the time that CE# has to stay low after the last rising edge of the clock.
///
/// A controller that raises CE# one clock after it can keep the 20 ns of ESP-PSRAM64H and LY68L6400 only up to 50 MHz.
/// Other firmware has driven the same chips at 80 and 105 MHz for years without reported harm (ESP-IDF, Teensy 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Keep tCHD, at the price of the clock.
    #[default]
    Datasheet,
    /// Do as others do: leave tCHD out of account.
    Field,
}

/// What is wanted, within what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Do not go faster than this, even if the part could.
    pub clock_max_hz: u32,
    /// Which practice to follow for tCHD.
    pub hold: Hold,
}

impl Default for Wish {
    /// As fast as the datasheet allows without training: 84 MHz, and tCHD kept.
    fn default() -> Self {
        Wish {
            clock_max_hz: 84_000_000,
            hold: Hold::Datasheet,
        }
    }
}

/// Read data are taken half a clock late unless they have been valid for this long at the rising edge: the way on the
/// board and the input's set-up time, guessed generously.
const SAMPLING_MARGIN_PS: u32 = 6_000;

/// An idle burst in the mapped window is closed after this share of tCEM: long enough for a loop to come back for the
/// next line, short enough to leave tCEM alone.
const IDLE_SHARE: u32 = 32;

/// One clock of tCEM stays unused in the mapped window. A crystal may run slow by 50 parts in a million, which is 0.4 ns
/// in 8 us, and a burst that has stopped goes on at a moment between two edges.
const SLACK_CYCLES: u32 = 1;

/// Everything that has to be set, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For whom.
    pub part: &'static Part,
    /// Bytes of the chip: the part's, until a chip has told its own.
    pub size_bytes: u32,
    /// The clock on the wire.
    pub clock: Clock,
    /// Practice followed for tCHD.
    pub hold: Hold,
    /// For the controller.
    pub setup: Setup,
    /// Longest read in QPI mode, a multiple of four bytes.
    pub read_max_bytes: u32,
    /// Longest write in QPI mode, a multiple of four bytes.
    pub write_max_bytes: u32,
    controller: Controller,
}

impl Plan {
    /// Plan for `part` behind `controller`, whose kernel clock runs at `kernel_hz`.
    pub fn new(
        part: &'static Part,
        controller: &Controller,
        kernel_hz: u32,
        wish: Wish,
    ) -> Result<Plan, PlanError> {
        let limit_hz = clock_limit_hz(part, controller, wish);
        let clock = divide(kernel_hz, limit_hz, controller.divider_max).ok_or(PlanError::TooFast {
            kernel_hz,
            divider_max: controller.divider_max,
            limit_hz,
        })?;

        let low_max = clock.cycles_for_at_most(part.t_cem_max_ps);
        let edges = controller.lead_cycles + controller.trail_cycles;
        // READ ID is the longest transfer that cannot be split.
        let id_cycles = must(&READ_ID, Mode::Spi).cycles(8) + edges;
        if low_max < id_cycles {
            return Err(PlanError::TooSlow {
                clock_hz: clock.hz(),
                needed_hz: (id_cycles as u64 * 1_000_000_000_000).div_ceil(part.t_cem_max_ps as u64) as u32,
            });
        }
        let burst = |frame: &Frame| ((low_max - edges - frame.overhead_cycles()) / frame.data.cycles(8)) & !3;
        let half_period_ps = clock.ps(1) as u32 / 2;
        let idle_cycles = clock.cycles_for_at_most(part.t_cem_max_ps / IDLE_SHARE).max(1);
        let setup = Setup {
            divider: clock.divider,
            cs_high_cycles: clock.cycles_for_at_least(part.t_cph_min_ps).max(1) as u8,
            refresh_cycles: low_max
                - controller.refresh_overshoot_cycles
                - edges
                - idle_cycles
                - SLACK_CYCLES,
            boundary_bytes: if clock.within(part.crossing_max_hz) {
                None
            } else {
                Some(part.page_bytes)
            },
            idle_cycles: idle_cycles as u16,
            late_sampling: half_period_ps < part.t_aclk_max_ps + SAMPLING_MARGIN_PS,
            device_bytes: 2 * ADDRESSED_BYTES,
        };
        let (read_max_bytes, write_max_bytes) = (burst(&QPI_READ), burst(&QPI_WRITE));
        let plan = Plan {
            part,
            size_bytes: part.size_bytes,
            clock,
            hold: wish.hold,
            setup,
            read_max_bytes,
            write_max_bytes,
            controller: *controller,
        };
        debug_assert_eq!(plan.check(), Ok(()));
        Ok(plan)
    }

    /// Does it keep every rule of the part? Says which one it breaks.
    pub fn check(&self) -> Result<(), Broken> {
        let (part, clock, setup) = (self.part, self.clock, &self.setup);
        let at_least = |symbol, found_ps: u64, limit_ps: u32| match found_ps < limit_ps as u64 {
            true => Err(Broken {
                symbol,
                found_ps,
                limit_ps,
            }),
            false => Ok(()),
        };
        let at_most = |symbol, found_ps: u64, limit_ps: u32| match found_ps > limit_ps as u64 {
            true => Err(Broken {
                symbol,
                found_ps,
                limit_ps,
            }),
            false => Ok(()),
        };
        let period = |hz: u32| (1_000_000_000_000u64 / hz as u64) as u32;
        at_least("tCLK", clock.ps(1), period(part.clock_max_hz))?;
        if setup.boundary_bytes != Some(part.page_bytes) {
            at_least("tCLK across pages", clock.ps(1), period(part.crossing_max_hz))?;
        }
        at_least("tCPH", clock.ps(setup.cs_high_cycles.into()), part.t_cph_min_ps)?;
        at_least("tCSP", clock.ps(self.controller.lead_cycles), part.t_csp_min_ps)?;
        if self.hold == Hold::Datasheet {
            at_least("tCHD", clock.ps(self.controller.trail_cycles), part.t_chd_min_ps)?;
        }
        at_most("tCEM", self.read_ps(self.read_max_bytes), part.t_cem_max_ps)?;
        at_most("tCEM", self.write_ps(self.write_max_bytes), part.t_cem_max_ps)?;
        // At worst the clock stops just before the counter runs out, and CE# waits for the idle time-out.
        let mapped = setup.refresh_cycles
            + self.controller.refresh_overshoot_cycles
            + u32::from(setup.idle_cycles)
            + self.edges()
            + SLACK_CYCLES;
        at_most("tCEM in the mapped window", clock.ps(mapped), part.t_cem_max_ps)
    }

    /// How long CE# is low for a read of `bytes` in QPI mode, with all clocks counted in full (the last one is not).
    pub const fn read_ps(&self, bytes: u32) -> u64 {
        self.clock.ps(QPI_READ.cycles(bytes) + self.edges())
    }

    /// How long CE# is low for a write of `bytes` in QPI mode, counted in the same way.
    pub const fn write_ps(&self, bytes: u32) -> u64 {
        self.clock.ps(QPI_WRITE.cycles(bytes) + self.edges())
    }

    /// Cut the range of `len` bytes at `address` into bursts of at most `max_bytes` that stay in their page if need be.
    pub fn bursts(&self, address: u32, len: u32, max_bytes: u32) -> Bursts {
        Bursts {
            address,
            left: len,
            max_bytes,
            boundary_bytes: self.setup.boundary_bytes,
        }
    }

    const fn edges(&self) -> u32 {
        self.controller.lead_cycles + self.controller.trail_cycles
    }
}

/// The lowest of all limits that bound the clock from above.
fn clock_limit_hz(part: &Part, controller: &Controller, wish: Wish) -> u32 {
    let mut limit = part
        .clock_max_hz
        .min(controller.clock_max_hz)
        .min(wish.clock_max_hz);
    limit = limit.min(fastest_hz(
        controller.cs_high_max_cycles.into(),
        part.t_cph_min_ps,
    ));
    limit = limit.min(fastest_hz(controller.lead_cycles, part.t_csp_min_ps));
    if wish.hold == Hold::Datasheet {
        limit = limit.min(fastest_hz(controller.trail_cycles, part.t_chd_min_ps));
    }
    limit
}

/// The fastest clock within `limit_hz`. Only 1 and even dividers: an odd one makes the two halves of the period
/// unequal, further than tCH and tCL allow.
fn divide(kernel_hz: u32, limit_hz: u32, divider_max: u16) -> Option<Clock> {
    if limit_hz == 0 {
        return None;
    }
    let smallest = kernel_hz.div_ceil(limit_hz).max(1);
    let divider = if smallest == 1 {
        1
    } else {
        smallest.next_multiple_of(2)
    };
    (divider <= divider_max.into()).then_some(Clock {
        kernel_hz,
        divider: divider as u16,
    })
}

/// Iterator over `(address, bytes)`; see [`Plan::bursts`].
#[derive(Clone, Debug)]
pub struct Bursts {
    address: u32,
    left: u32,
    max_bytes: u32,
    boundary_bytes: Option<u32>,
}

impl Iterator for Bursts {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        if self.left == 0 {
            return None;
        }
        let mut bytes = self.left.min(self.max_bytes);
        if let Some(boundary) = self.boundary_bytes {
            bytes = bytes.min(boundary - self.address % boundary);
        }
        let burst = (self.address, bytes);
        self.address += bytes;
        self.left -= bytes;
        Some(burst)
    }
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Even the largest divider leaves the clock above what the part allows.
    TooFast {
        /// What goes into the controller.
        kernel_hz: u32,
        /// The largest divider.
        divider_max: u16,
        /// What the part, the controller and the wish allow together.
        limit_hz: u32,
    },
    /// A transfer of READ ID would keep CE# low for longer than tCEM.
    TooSlow {
        /// The clock on the wire.
        clock_hz: u32,
        /// The slowest clock that would do.
        needed_hz: u32,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            PlanError::TooFast {
                kernel_hz,
                divider_max,
                limit_hz,
            } => {
                write!(
                    f,
                    "psram: {kernel_hz} Hz / {divider_max} is above the limit of {limit_hz} Hz; lower the kernel clock"
                )
            }
            PlanError::TooSlow { clock_hz, needed_hz } => {
                write!(
                    f,
                    "psram: {clock_hz} Hz is too slow for READ ID within tCEM, {needed_hz} Hz needed; raise the kernel clock"
                )
            }
        }
    }
}

impl core::error::Error for PlanError {}

/// A rule of the part that a plan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The datasheet's symbol.
    pub symbol: &'static str,
    /// What the plan gives.
    pub found_ps: u64,
    /// What the part asks for.
    pub limit_ps: u32,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "psram: {} is {} ps, the limit is {} ps",
            self.symbol, self.found_ps, self.limit_ps
        )
    }
}

impl core::error::Error for Broken {}

#[cfg(test)]
mod tests;
