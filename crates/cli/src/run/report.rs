//! What is told about a run when it is over.

use std::fs;
use std::path::Path;

use vboard::Machine;

use crate::failure::Failure;

/// Exit code when the script raised.
pub const RAISED: u8 = 1;
/// Exit code when events ended the run.
pub const EVENTS: u8 = 2;

/// The figures, as JSON.
pub fn write_stats(machine: &Machine, path: &Path) -> Result<(), Failure> {
    let fail =
        |cause: String| Failure::new(format!("cannot write the figures to {}: {cause}", path.display()));
    let mut json = serde_json::to_string_pretty(&machine.stats()).map_err(|error| fail(error.to_string()))?;
    json.push('\n');
    fs::write(path, json).map_err(|error| fail(error.to_string()))
}

/// The events, one a line, on stderr.
pub fn events(machine: &Machine, lenient: bool) {
    let events = machine.events();
    if events.is_empty() {
        return;
    }
    let many = if events.len() == 1 { "event" } else { "events" };
    eprintln!("spiram: the virtual board reported {} {many}:", events.len());
    for event in &events {
        eprintln!("  {event}");
    }
    if !lenient {
        eprintln!(
            "hint: `--lenient` goes on after an event and lists all at the end; `--stats FILE` has them as data"
        );
    }
}
