//! When the memory chip cannot be used: which joint is it? Looked for once, at start; told on the console, and kept for
//! `spiram.diagnose()`.

use core::fmt::Write;

use h7a3::octospi::Octospi;
use once_cell::sync::OnceCell;
use psram::diagnose::{self, LINES, PADS, Seen, Told, Verdict, talk, words::Processor};
use psram::{Controller, Plan, Wish};

use crate::board;
use crate::output::Output;
use crate::wires::Wires;

/// Slow enough for a contact of some kOhm, fast enough for a chip that may be selected for 8 us.
const SLOW_HZ: u32 = 20_000_000;

/// What was found.
pub struct Diagnosis {
    /// The evidence.
    pub seen: Seen,
    verdict: Verdict,
    wiring: [Processor; LINES],
}

static DIAGNOSIS: OnceCell<Diagnosis> = OnceCell::new();

/// Looks for the bad joint. `word`: what a test expected and found, if it was one that failed.
pub fn start(mut bus: Octospi, word: Option<[u32; 2]>) -> Option<&'static Diagnosis> {
    let wires = Wires::take()?;
    let wiring = wires.processor();
    let mut seen = Seen {
        word,
        ..Seen::default()
    };
    wires.look(&mut seen);
    drop(wires);
    // A controller that fails leaves zeros, which is no answer.
    seen.slow = at(&mut bus, SLOW_HZ).unwrap_or_default();
    seen.fast = at(&mut bus, board::TIMING.wish(board::SAFE_HZ).clock_max_hz).unwrap_or_default();
    let verdict = diagnose::judge(&seen);
    let diagnosis = Diagnosis {
        seen,
        verdict,
        wiring,
    };
    Some(DIAGNOSIS.get_or_init(|| diagnosis))
}

fn at(bus: &mut Octospi, clock_max_hz: u32) -> Option<talk::Talk> {
    let wish = Wish {
        clock_max_hz,
        ..board::TIMING.wish(board::SAFE_HZ)
    };
    let plan = Plan::new(board::PART, &Controller::OCTOSPI, bus.kernel_hz(), wish).ok()?;
    talk::talk(bus, &plan).ok()
}

/// What was found at start, if there was a reason to look.
pub fn of_start() -> Option<&'static Diagnosis> {
    DIAGNOSIS.get()
}

impl Diagnosis {
    /// Whether a joint was found to be bad.
    pub fn is_bad(&self) -> bool {
        self.verdict.kind != diagnose::Kind::Healthy
    }

    /// The verdict in words.
    pub fn told(&self) -> Told<'_> {
        Told {
            verdict: &self.verdict,
            wiring: Some(&self.wiring),
        }
    }

    /// The evidence, a line for each wire.
    pub fn print(&self) {
        // Fails for Ctrl-C alone.
        let mut out = Output;
        let Seen { slow, fast, .. } = &self.seen;
        for (n, pad) in PADS.iter().enumerate() {
            let processor = self.wiring[n];
            let bit = |bits: u8| bits >> n & 1 != 0;
            let level = match (bit(self.seen.held_low), bit(self.seen.held_high)) {
                (false, false) => "follows its pull",
                (true, false) => "held low",
                (false, true) => "held high",
                (true, true) => "follows no pull",
            };
            let _ = write!(
                out,
                "pin {} {:8} {processor} (pin {:2}): {level}, charged in {} cycles",
                pad.number, pad.name, processor.number, self.seen.charge[n]
            );
            if n < 4 {
                for talk in [slow, fast] {
                    let lost = talk.read.ones_lost[n].max(talk.write.ones_lost[n]);
                    let gained = talk.read.zeros_gained[n].max(talk.write.zeros_gained[n]);
                    let _ = write!(
                        out,
                        "; at {} MHz {lost} ones lost, {gained} gained",
                        talk.clock_hz / 1_000_000
                    );
                }
            }
            let _ = write!(out, "\r\n");
        }
        let id = psram::id::Id(slow.id);
        let _ = write!(out, "READ ID at {} MHz: {id}\r\n", slow.clock_hz / 1_000_000);
    }
}
