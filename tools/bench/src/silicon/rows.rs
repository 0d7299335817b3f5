//! MicroPython on other boards with a Cortex-M7, beside ours: cycles for one pass of a loop.

use crate::run_script;
use anyhow::{Context, Result};
use xtask::project::Project;
use xtask::variant::Variant;

/// One figure of somebody else's board.
pub struct Row {
    pub what: &'static str,
    pub silicon_cycles: f64,
    /// What of it takes memory: there the heaps differ.
    pub allocates: bool,
    /// Defines `run(n)`.
    script: &'static str,
}

/// Core clock of the firmware, cycles in a microsecond.
const CORE_MHZ: f64 = 280.0;
/// Two numbers of passes; the slope counts.
const PASSES: [u32; 2] = [500, 2500];

pub const ROWS: &[Row] = &[
    Row {
        what: "`12345678 + 56781234`",
        silicon_cycles: 713.0,
        allocates: false,
        script: "p = [0, 12345678, 56781234]\ndef run(n, p=p):\n    for i in range(n): C = p[1] + p[2]\n",
    },
    Row {
        what: "`12345678 * 56781234`, a long integer",
        silicon_cycles: 2347.0,
        allocates: true,
        script: "p = [0, 12345678, 56781234]\ndef run(n, p=p):\n    for i in range(n): C = p[1] * p[2]\n",
    },
    Row {
        what: "`99999991 / 45481`, a float",
        silicon_cycles: 986.0,
        allocates: true,
        script: "p = [0, 99999991, 45481]\ndef run(n, p=p):\n    for i in range(n): C = p[1] / p[2]\n",
    },
];

/// Virtual cycles.
pub fn measure(project: &Project, variant: &Variant, row: &Row, model: &str) -> Result<f64> {
    let [few, many] = PASSES;
    let script = format!(
        "import time\n{}def us(n):\n    t = time.ticks_us()\n    run(n)\n    return time.ticks_diff(time.ticks_us(), t)\n\
         a = us({few})\nprint(us({many}) - a)\n",
        row.script
    );
    let console = run_script(project, variant, &script, &["--psram", "none", "--model", model])?.console;
    let us: f64 = console
        .trim()
        .parse()
        .with_context(|| format!("expected microseconds, found {console:?}"))?;
    Ok(us * CORE_MHZ / f64::from(many - few))
}
