//! What lies between the controller's pins and the memory's: how late edges are, and how often one is missed.
//!
//! The model, stated: an edge passes the trace at 6 ps a millimetre, and charges what hangs on it through the driver's 50 ohms.
//! A stub to a pin header takes a part of the edge and gives it back after a round trip: the level is only good after so many
//! round trips that what is missing stays below the 30 % that an input leaves ([`Trace::settle`]). The memory answers tACLK
//! after the falling edge of the clock, the controller samples half a period later, or a whole one with SSHIFT. What is left
//! of that time is the margin; edges jitter by [`JITTER_PS`], and a sampler of an edge that is not there yet takes the
//! level of before. So only a line that changes can be read wrong.
//!
//! Not modelled: lines that disturb each other, temperature, ringing beyond the supply.

use crate::Picos;
use crate::bus::qspi::Copper;

/// A microstrip on FR4.
const PS_PER_MM: u64 = 6;
/// 50 ohms of the driver into the 21 pF of pads, trace and pin: 0.7 RC.
const CHARGE_PS: u64 = 700;
/// The controller wants data so long before it samples: assumed (DS13195's table was not at hand).
const SETUP_PS: u64 = 2500;
/// The memory wants data so long before the rising edge (ESP-PSRAM64H v1.1, tSP), and edges of one clock are that far apart.
const MEMORY_SETUP_PS: u64 = 2000 + 300;
/// CE# low before the first rising edge (ESP-PSRAM64H v1.1, tCSP).
const SELECT_PS: u64 = 2500;
/// Standard deviation of an edge: assumed.
pub const JITTER_PS: u64 = 100;
/// An input leaves so much undecided, as a share of the supply (DS13195, I/O static characteristics).
const UNDECIDED: f64 = 0.3;

/// The copper of a line from pad to pad, and what branches off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// From the controller to the memory.
    pub length_mm: u32,
    /// The branch to a pin header, and what is plugged in there.
    pub stub_mm: u32,
    /// Impedance of the trace.
    pub line_ohms: u32,
    /// Impedance of the branch.
    pub stub_ohms: u32,
    /// How much of an edge comes back from the end of the branch: 100 where it is open.
    pub reflection_percent: u32,
}

impl Trace {
    /// One way.
    pub fn flight(self) -> Picos {
        Picos(u64::from(self.length_mm) * PS_PER_MM)
    }

    /// From the first part of an edge until its level is good: whole round trips through the stub.
    pub fn settle(self) -> Picos {
        /// What has not settled by then never does.
        const MOST_TRIPS: u64 = 50;
        let (line, stub) = (f64::from(self.line_ohms.max(1)), f64::from(self.stub_ohms.max(1)));
        let all = line + 2.0 * stub;
        let (passes, returns, stays) = (2.0 * stub / all, 2.0 * line / all, (line - 2.0 * stub) / all);
        let end = f64::from(self.reflection_percent.min(100)) / 100.0;
        let (mut level, mut step) = (passes, passes * returns * end);
        let last = passes + step / (1.0 - end * stays);
        let mut trips = 0;
        for trip in 1..=MOST_TRIPS {
            if (level / last - 1.0).abs() > UNDECIDED {
                trips = trip;
            }
            level += step;
            step *= end * stays;
        }
        Picos(trips * 2 * u64::from(self.stub_mm) * PS_PER_MM)
    }
}

/// How often a joint that is loose has no contact for one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loose {
    /// Once in so many clocks, on the average.
    pub one_in: u32,
    /// Which ones.
    pub seed: u32,
}

/// Which pins of the port really lead to the chip, and what is wrong with those that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// CLK and NCS.
    pub clk_and_ncs: bool,
    /// IO0 to IO3.
    pub copper: Copper,
    /// What the lines are made of; `None`: edges arrive at once.
    pub trace: Option<Trace>,
    /// How late bad contacts make an edge on IO0 to IO3.
    pub io_delay: [Picos; 4],
    /// The same on CLK.
    pub clock_delay: Picos,
    /// And on NCS.
    pub select_delay: Picos,
    /// Joints that are loose: IO0 to IO3, CLK, NCS.
    pub loose: [Option<Loose>; 6],
}

impl Pins {
    /// All of them, as they should be.
    pub const ALL: Pins = Pins {
        clk_and_ncs: true,
        copper: Copper::SOUND,
        trace: None,
        io_delay: [Picos(0); 4],
        clock_delay: Picos(0),
        select_delay: Picos(0),
        loose: [None; 6],
    };

    /// Does the clock get through?
    pub fn is_clocked(&self, period: Picos) -> bool {
        self.clk_and_ncs && 2 * self.clock_delay.0 <= period.0
    }

    /// Clocks that are over before the memory is selected.
    pub fn clocks_missed(&self, period: Picos) -> u64 {
        if self.select_delay.0 == 0 {
            return 0;
        }
        let late = (self.select_delay.0 + SELECT_PS).saturating_sub(period.0);
        late.div_ceil(period.0.max(1))
    }

    /// What is left of the time, in picoseconds, until the memory samples what is sent, and until the controller samples the
    /// answer of a memory that needs `access`; less than none if it comes too late.
    pub fn margins(&self, period: Picos, access: Picos, late: bool) -> [[i64; 4]; 2] {
        let half = (period.0 / 2) as i64;
        let sampled = if late { period.0 as i64 } else { half };
        let (write, read) = match self.trace {
            None => (half, half),
            Some(trace) => {
                let settle = trace.settle().0;
                let answer =
                    2 * trace.flight().0 + self.clock_delay.0 + access.0 + CHARGE_PS + settle + SETUP_PS;
                (half - (MEMORY_SETUP_PS + settle) as i64, sampled - answer as i64)
            }
        };
        [write, read].map(|margin| self.io_delay.map(|delay| margin - delay.0 as i64))
    }
}

/// How often an edge with this margin is missed, as a share of 2^64: the tail of a normal distribution (Sampford's bound,
/// within 1 % from half a standard deviation on).
pub fn odds(margin_ps: i64) -> u64 {
    let x = margin_ps as f64 / JITTER_PS as f64;
    let tail = |x: f64| {
        let density = (-x * x / 2.0).exp() / (2.0 * core::f64::consts::PI).sqrt();
        (4.0 / (3.0 * x + (x * x + 8.0).sqrt()) * density).min(0.5)
    };
    let share = if x >= 0.0 { tail(x) } else { 1.0 - tail(-x) };
    // 2^64 saturates to the largest number.
    (share * 2f64.powi(64)) as u64
}

/// Clocks until the next one without contact.
pub fn clocks_until(loose: Loose, noise: &mut crate::noise::Noise) -> u64 {
    // From 0, which is left out, to 1.
    let share = ((noise.next() >> 11) + 1) as f64 / (1u64 << 53) as f64;
    (-share.ln() * f64::from(loose.one_in)) as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: Trace = Trace {
        length_mm: 35,
        stub_mm: 40,
        line_ohms: 60,
        stub_ohms: 60,
        reflection_percent: 100,
    };
    const NS: u64 = 1000;

    #[test]
    fn a_stub_of_the_lines_own_impedance_costs_one_round_trip() {
        // Two thirds arrive at once, ten ninths after the first trip, 26/27 after the second.
        assert_eq!(BOARD.settle(), Picos(2 * 40 * 6));
        let high = Trace {
            stub_ohms: 120,
            ..BOARD
        };
        assert_eq!(high.settle(), Picos(0), "four fifths are a level");
        let low = Trace {
            stub_ohms: 10,
            ..BOARD
        };
        assert_eq!(low.settle(), Picos(4 * 40 * 6), "a quarter, five eighths, 13/16");
        assert_eq!(Trace { stub_mm: 0, ..BOARD }.settle(), Picos(0));
    }

    #[test]
    fn the_margin_is_what_is_left_until_the_sample() {
        let pins = Pins {
            trace: Some(BOARD),
            ..Pins::ALL
        };
        // 2 x 210 of flight, 6000 of tACLK, 700 of edge, 480 of stub, 2500 of set-up.
        let answer = 420 + 6000 + 700 + 480 + 2500;
        let [write, read] = pins.margins(Picos(20 * NS), Picos(6 * NS), true);
        assert_eq!(read[0], 20_000 - answer);
        assert_eq!(write[0], 10_000 - 2300 - 480);
        assert_eq!(
            pins.margins(Picos(20 * NS), Picos(6 * NS), false)[1][3],
            10_000 - answer
        );
        let slow = Pins {
            io_delay: [Picos(0), Picos(5600), Picos(0), Picos(0)],
            ..pins
        };
        assert_eq!(
            slow.margins(Picos(20 * NS), Picos(6 * NS), true)[1],
            [9900, 4300, 9900, 9900]
        );
    }

    #[test]
    fn edges_are_missed_by_the_tail_of_a_normal_distribution() {
        let share = |margin| odds(margin) as f64 / 2f64.powi(64);
        // Standard table: Q(1) = 0.1587, Q(3) = 0.00135, Q(6) = 9.87e-10.
        for (margin, expected) in [(100, 0.1587), (300, 0.00135), (600, 9.87e-10), (-100, 0.8413)] {
            assert!(
                (share(margin) / expected - 1.0).abs() < 0.02,
                "{margin}: {}",
                share(margin)
            );
        }
        assert_eq!((odds(1000), odds(-5000)), (0, u64::MAX));
    }

    #[test]
    fn a_late_select_loses_the_first_clocks() {
        let late = |ns: u64| Pins {
            select_delay: Picos(ns * NS),
            ..Pins::ALL
        };
        let missed = |ns, period_ns| late(ns).clocks_missed(Picos(period_ns * NS));
        assert_eq!(
            [missed(0, 1), missed(14, 20), missed(28, 20), missed(50, 20)],
            [0, 0, 1, 2]
        );
    }
}
