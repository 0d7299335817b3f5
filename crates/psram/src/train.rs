//! Link training: at which clocks, sampled when, is what comes back right? And which setting of those has room to spare?
//!
//! - [`measure`] reads a block that was written in a setting that is known to be good, and counts the bits that are wrong. It
//!   only reads, so that a setting that is bad harms nobody.
//! - [`Sweep`] is what was found; [`Sweep::best`] chooses.
//!
//! The margin. The memory answers so long after the falling edge of the clock, whatever the clock is; the controller samples
//! half a period after that edge, or a whole one. So each setting is a moment at which was looked, and the earliest moment of
//! all that gave good data tells when the answer is there. What lies between it and a setting's own moment is that setting's
//! margin, measured without ever leaving the limits of the part. What is sent has half a period, and less in its way, so what
//! is read fails first: that is why reading is enough to choose; the caller writes and reads by a setting before it relies on it.

use crate::bus::Bus;
use crate::command::QPI_READ;
use crate::part::Part;
use crate::plan::{Controller, Hold, Plan, Wish};
use core::fmt;

/// Less room is none: ten times what the edges of a good clock jitter.
pub const MARGIN_PS: u32 = 800;

/// A setting of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Clock on the wire, and what goes into the controller.
    pub clock_hz: u32,
    /// Sampled a whole period after the falling edge, not half a one.
    pub late: bool,
}

impl Setting {
    /// When is sampled, after the falling edge of the clock.
    pub const fn sample_ps(self) -> u32 {
        (1_000_000_000_000 / (self.clock_hz as u64 * if self.late { 1 } else { 2 })) as u32
    }

    /// The plan for it, as far as the part allows.
    pub fn plan(self, part: &'static Part) -> Option<Plan> {
        let wish = Wish {
            clock_max_hz: self.clock_hz,
            hold: Hold::Field,
        };
        let mut plan = Plan::new(part, &Controller::OCTOSPI, self.clock_hz, wish).ok()?;
        plan.setup.late_sampling = self.late;
        (plan.clock.divider == 1).then_some(plan)
    }
}

/// What came of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Which.
    pub setting: Setting,
    /// Bits that were wrong.
    pub errors: u32,
    /// Of so many.
    pub bits: u32,
}

/// Reads `block` at `offset` so many times and counts the bits that are not as they were written. The bus has this setting,
/// the chip is in QPI mode.
pub fn measure<B: Bus>(
    bus: &mut B,
    setting: Setting,
    (offset, block): (u32, &[u8]),
    times: u32,
) -> Result<Point, B::Error> {
    let mut point = Point {
        setting,
        errors: 0,
        bits: 0,
    };
    let mut found = [0; PIECE];
    for _ in 0..times {
        for (at, piece) in (offset..).step_by(PIECE).zip(block.chunks_exact(PIECE)) {
            bus.read(&QPI_READ, at, &mut found)?;
            let wrong = found.iter().zip(piece).map(|(a, b)| (a ^ b).count_ones());
            point.errors += wrong.sum::<u32>();
            point.bits += 8 * PIECE as u32;
        }
    }
    Ok(point)
}

/// Bytes of one transfer.
pub const PIECE: usize = 32;

/// Bytes in which each line changes at nearly each clock, and never in step with the others for long.
pub fn pattern(block: &mut [u8], seed: u32) {
    let mut noise = seed | 1;
    for (n, byte) in block.iter_mut().enumerate() {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        *byte = match n % 4 {
            0 => 0x0F,
            1 => 0x5A,
            2 => 0xF0,
            _ => noise as u8,
        };
    }
}

/// What was found, by clock and sample point.
#[derive(Clone, Debug)]
pub struct Sweep {
    points: [Point; MOST],
    found: usize,
}

/// Room for so many.
pub const MOST: usize = 48;

/// A setting that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// Which.
    pub setting: Setting,
    /// What it has to spare.
    pub margin_ps: u32,
}

impl Default for Sweep {
    fn default() -> Self {
        const NOTHING: Point = Point {
            setting: Setting {
                clock_hz: 0,
                late: false,
            },
            errors: 0,
            bits: 0,
        };
        Sweep {
            points: [NOTHING; MOST],
            found: 0,
        }
    }
}

impl Sweep {
    /// Adds what was found; what finds no room is left out.
    pub fn add(&mut self, point: Point) {
        if let Some(place) = self.points.get_mut(self.found) {
            *place = point;
            self.found += 1;
        }
    }

    /// Whether the last clock failed at both sample points. Then a faster one is not worth a try, and might be misheard.
    pub fn is_over(&self) -> bool {
        match self.points() {
            [.., first, last] => {
                first.setting.clock_hz == last.setting.clock_hz && first.errors > 0 && last.errors > 0
            }
            _ => false,
        }
    }

    /// All of it, in the order in which it was found.
    pub fn points(&self) -> &[Point] {
        &self.points[..self.found]
    }

    /// When the answer of the memory is there: the earliest moment that gave good data.
    pub fn answer_ps(&self) -> Option<u32> {
        let good = self.points().iter().filter(|point| point.errors == 0);
        good.map(|point| point.setting.sample_ps()).min()
    }

    /// What a setting that passed has to spare.
    pub fn margin_ps(&self, setting: Setting) -> Option<u32> {
        let mut points = self.points().iter();
        let point = points.find(|point| point.setting == setting)?;
        let answer_ps = self.answer_ps()?;
        (point.errors == 0).then(|| setting.sample_ps() - answer_ps)
    }

    /// The fastest setting that has room to spare, and of two with one clock the later one. Nothing above a clock at which
    /// both sample points failed is trusted: there something else than the answer is late.
    pub fn best(&self) -> Option<Best> {
        let fails = |hz: u32| {
            let mut of = self.points().iter().filter(|point| point.setting.clock_hz == hz);
            of.all(|point| point.errors > 0)
        };
        let limit_hz = self.points().iter().map(|point| point.setting.clock_hz);
        let limit_hz = limit_hz.filter(|hz| fails(*hz)).min().unwrap_or(u32::MAX);
        let roomy = self.points().iter().filter_map(|point| {
            let margin_ps = self.margin_ps(point.setting)?;
            let is_good = margin_ps >= MARGIN_PS && point.setting.clock_hz < limit_hz;
            is_good.then_some(Best {
                setting: point.setting,
                margin_ps,
            })
        });
        roomy.max_by_key(|best| (best.setting.clock_hz, best.setting.late))
    }
}

/// A sweep as text, with the setting in force marked.
pub struct Plot<'a> {
    /// What was found.
    pub sweep: &'a Sweep,
    /// In force.
    pub now: Setting,
}

impl fmt::Display for Plot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = self.sweep.best();
        f.write_str("  MHz  sampled half a period after the edge, or a whole one; wrong bits\r\n")?;
        for pair in self.sweep.points().chunks(2) {
            write!(f, "{:5}", pair[0].setting.clock_hz / 1_000_000)?;
            for point in pair {
                let ps = point.setting.sample_ps();
                write!(f, "  {:2}.{} ns ", ps / 1000, ps % 1000 / 100)?;
                match point.errors {
                    0 => f.write_str("    ok")?,
                    errors => write!(f, "{errors:6}")?,
                }
                f.write_str(match point.setting {
                    setting if setting == self.now => " <- now",
                    setting if best.is_some_and(|best| best.setting == setting) => " <- best",
                    _ => "       ",
                })?;
            }
            f.write_str("\r\n")?;
        }
        let spare = |ps: u32| (ps / 1000, ps % 1000 / 100);
        if let Some((ns, tenths)) = self.sweep.margin_ps(self.now).map(spare) {
            let mhz = self.now.clock_hz / 1_000_000;
            write!(f, "now: {mhz} MHz, {ns}.{tenths} ns to spare\r\n")?;
        }
        match best {
            None => f.write_str("no setting has room to spare\r\n"),
            Some(Best { setting, margin_ps }) => {
                let (mhz, (ns, tenths)) = (setting.clock_hz / 1_000_000, spare(margin_ps));
                write!(f, "best: {mhz} MHz, {ns}.{tenths} ns to spare\r\n")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::part::{APS6404L_3SQR, ESP_PSRAM64H};
    use std::string::ToString;

    const MHZ: u32 = 1_000_000;
    const CLOCKS: [u32; 8] = [40, 44, 46, 50, 60, 70, 84, 100];

    /// A memory whose answer is there after so long, and which hears up to this clock.
    fn swept(answer_ps: u32, hears_hz: u32) -> Sweep {
        let mut sweep = Sweep::default();
        for clock in CLOCKS {
            for late in [false, true] {
                let setting = Setting {
                    clock_hz: clock * MHZ,
                    late,
                };
                let good = setting.sample_ps() >= answer_ps && setting.clock_hz <= hears_hz;
                sweep.add(Point {
                    setting,
                    errors: u32::from(!good) * 77,
                    bits: 1000,
                });
            }
        }
        sweep
    }

    fn best(answer_ps: u32, hears_hz: u32) -> Option<(u32, bool, u32)> {
        let best = swept(answer_ps, hears_hz).best()?;
        Some((best.setting.clock_hz / MHZ, best.setting.late, best.margin_ps))
    }

    #[test]
    fn the_fastest_clock_with_room_is_chosen() {
        // Answers seen at 10.0 (50 MHz halved, and 100), 10.8 (46), 11.3 (44), 11.9 (84).
        assert_eq!(best(9_900, u32::MAX), Some((84, true, 1904)));
        assert_eq!(best(10_500, u32::MAX), Some((84, true, 1035)));
        // 11.3 leaves 84 MHz half a nanosecond.
        assert_eq!(best(11_000, u32::MAX), Some((70, true, 2922)));
        assert_eq!(best(8_300, u32::MAX), Some((100, true, 1667)));
        assert_eq!(best(30_000, u32::MAX), None);
    }

    #[test]
    fn nothing_above_a_clock_that_fails_altogether_is_trusted() {
        assert_eq!(best(8_000, 60 * MHZ), Some((60, true, 8333)));
        let mut sweep = swept(8_000, 60 * MHZ);
        sweep.points[15].errors = 0;
        assert_eq!(sweep.best().map(|best| best.setting.clock_hz), Some(60 * MHZ));
        assert!(!sweep.is_over() && swept(8_000, 60 * MHZ).is_over() && !Sweep::default().is_over());
    }

    #[test]
    fn no_setting_leaves_the_limits_of_its_part() {
        let plan = |part, clock_hz| Setting { clock_hz, late: true }.plan(part);
        assert!(plan(&APS6404L_3SQR, 84 * MHZ).is_some());
        assert!(plan(&APS6404L_3SQR, 90 * MHZ).is_none());
        let fast = plan(&ESP_PSRAM64H, 130 * MHZ).unwrap();
        assert_eq!(
            (fast.setup.boundary_bytes, fast.setup.late_sampling),
            (Some(1024), true)
        );
        assert_eq!(fast.check(), Ok(()));
    }

    #[test]
    fn the_plot_marks_what_is_in_force_and_what_is_best() {
        let sweep = swept(9_900, u32::MAX);
        let now = Setting {
            clock_hz: 50 * MHZ,
            late: true,
        };
        let text = Plot { sweep: &sweep, now }.to_string();
        assert!(
            text.contains("\r\n   50  10.0 ns     ok         20.0 ns     ok <- now\r\n"),
            "{text}"
        );
        assert!(
            text.contains("   84   5.9 ns     77         11.9 ns     ok <- best\r\n"),
            "{text}"
        );
        assert!(
            text.ends_with("now: 50 MHz, 10.0 ns to spare\r\nbest: 84 MHz, 1.9 ns to spare\r\n"),
            "{text}"
        );
    }
}
