//! The limits of the data sheet, checked frame by frame. A broken rule becomes a report with both numbers and the
//! source; the same rule is reported a few times and then only counted, because a wrong setting breaks it on
//! every access.

use super::part::{POWER_UP, Part};
use crate::{Kind, Picos, Report};

/// The rules, in the order of `Rule::ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// 150 us of quiet after power-up.
    PowerUp,
    /// 0x66 and 0x99 before the first use.
    InitialReset,
    /// tCPH.
    CeHigh,
    /// tCEM.
    CeLow,
    /// tCHD; only if asked for, see `Psram::strict_hold`.
    CeHold,
    /// Clock too fast for the command.
    Clock,
    /// Clock too fast for a burst that crosses a page.
    PageCrossing,
    /// "Linear burst is prohibited" after 0x02 in SPI mode.
    LinearSpiWrite,
    /// Rows lost data: what comes of a broken tCEM in the end.
    RowsLost,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 9] = [
        Rule::PowerUp,
        Rule::InitialReset,
        Rule::CeHigh,
        Rule::CeLow,
        Rule::CeHold,
        Rule::Clock,
        Rule::PageCrossing,
        Rule::LinearSpiWrite,
        Rule::RowsLost,
    ];

    /// A short name for statistics.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::PowerUp => "power_up",
            Rule::InitialReset => "initial_reset",
            Rule::CeHigh => "ce_high",
            Rule::CeLow => "ce_low",
            Rule::CeHold => "ce_hold",
            Rule::Clock => "clock",
            Rule::PageCrossing => "page_crossing",
            Rule::LinearSpiWrite => "linear_spi_write",
            Rule::RowsLost => "rows_lost",
        }
    }
}

/// A rule is reported this often; after that it is only counted.
const REPORTS_PER_RULE: u64 = 3;

/// What was broken how often.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    broken: [u64; Rule::ALL.len()],
}

impl RuleBook {
    /// How often `rule` was broken.
    pub fn count(&self, rule: Rule) -> u64 {
        self.broken[rule as usize]
    }

    fn broken(&mut self, rule: Rule, reports: &mut Vec<Report>, message: impl FnOnce() -> String) {
        let count = &mut self.broken[rule as usize];
        *count += 1;
        if *count <= REPORTS_PER_RULE {
            reports.push(Report {
                kind: Kind::Rule,
                address: None,
                message: message(),
            });
        }
    }

    /// CE# fell `since_power` after power-up.
    pub fn powered(&mut self, part: &Part, since_power: Picos, reports: &mut Vec<Report>) {
        if since_power < POWER_UP {
            self.broken(Rule::PowerUp, reports, || {
                format!(
                    "psram: selected {} after power-up, at least {} needed (tPU, {})",
                    span(since_power),
                    span(POWER_UP),
                    part.source
                )
            });
        }
    }

    /// A command other than reset came before the reset that ends the power-up.
    pub fn not_reset(&mut self, part: &Part, opcode: u8, reports: &mut Vec<Report>) {
        self.broken(Rule::InitialReset, reports, || {
            format!(
                "psram: command 0x{opcode:02x} before the first reset, 0x66 and 0x99 needed after power-up ({})",
                part.source
            )
        });
    }

    /// CE# was high for `found`.
    pub fn ce_high(&mut self, part: &Part, found: Picos, reports: &mut Vec<Report>) {
        if found < part.ce_high_min {
            self.broken(Rule::CeHigh, reports, || {
                format!(
                    "psram: CE# high for {}, at least {} needed (tCPH, {})",
                    span(found),
                    span(part.ce_high_min),
                    part.source
                )
            });
        }
    }

    /// CE# was low for `found`.
    pub fn ce_low(&mut self, part: &Part, found: Picos, reports: &mut Vec<Report>) {
        if found > part.ce_low_max {
            self.broken(Rule::CeLow, reports, || {
                format!(
                    "psram: CE# low for {}, at most {} allowed, refresh is blocked (tCEM, {})",
                    span(found),
                    span(part.ce_low_max),
                    part.source
                )
            });
        }
    }

    /// CE# rose `found` after the last rising edge of the clock.
    pub fn ce_hold(&mut self, part: &Part, found: Picos, reports: &mut Vec<Report>) {
        if found < part.ce_hold_min {
            self.broken(Rule::CeHold, reports, || {
                format!(
                    "psram: CE# rose {} after the last clock edge, at least {} needed (tCHD, {})",
                    span(found),
                    span(part.ce_hold_min),
                    part.source
                )
            });
        }
    }

    /// A frame with `opcode` ran with a clock of `period`, where `max_hz` is allowed.
    pub fn clock(&mut self, part: &Part, opcode: u8, period: Picos, max_hz: u32, reports: &mut Vec<Report>) {
        if too_fast(period, max_hz) {
            self.broken(Rule::Clock, reports, || {
                format!(
                    "psram: command 0x{opcode:02x} at {}, at most {} allowed ({})",
                    megahertz(period),
                    megahertz(Picos::of_cycles(1, max_hz)),
                    part.source
                )
            });
        }
    }

    /// A burst ran over the end of a page.
    pub fn page_crossing(&mut self, part: &Part, opcode: u8, period: Picos, reports: &mut Vec<Report>) {
        if too_fast(period, part.crossing_max_hz) {
            self.broken(Rule::PageCrossing, reports, || {
                format!(
                    "psram: burst of 0x{opcode:02x} crosses a 1 KB page at {}, at most {} allowed ({})",
                    megahertz(period),
                    megahertz(Picos::of_cycles(1, part.crossing_max_hz)),
                    part.source
                )
            });
        }
    }

    /// `rows` rows were found to have lost data.
    pub fn rows_lost(&mut self, part: &Part, rows: u64, reports: &mut Vec<Report>) {
        self.broken(Rule::RowsLost, reports, || {
            format!(
                "psram: {rows} rows of 1 KB lost data, because CE# was low for too long too often (tCEM, {}; that a \
                 row holds for 1 s is an assumption)",
                part.source
            )
        });
    }

    /// 0x02 in SPI mode was followed by `bytes` bytes in linear mode.
    pub fn linear_spi_write(&mut self, part: &Part, bytes: u64, reports: &mut Vec<Report>) {
        if part.no_linear_spi_write && bytes > 1 {
            self.broken(Rule::LinearSpiWrite, reports, || {
                format!(
                    "psram: {bytes} bytes after 0x02 in SPI mode, linear burst is prohibited, 1 byte allowed ({})",
                    part.source
                )
            });
        }
    }
}

/// Periods are rounded to picoseconds, so a clock that is right at its limit may look one picosecond too fast.
fn too_fast(period: Picos, max_hz: u32) -> bool {
    period.0 + 1 < Picos::of_cycles(1, max_hz).0
}

fn span(picos: Picos) -> String {
    let ns = picos.0 as f64 / 1e3;
    if ns < 1e3 {
        format!("{ns:.1} ns")
    } else if ns < 1e6 {
        format!("{:.2} us", ns / 1e3)
    } else {
        format!("{:.2} ms", ns / 1e6)
    }
}

fn megahertz(period: Picos) -> String {
    format!("{:.1} MHz", 1e6 / period.0 as f64)
}
