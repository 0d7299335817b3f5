//! gdb's `monitor` commands: what a debugger does not know of, and this board does.

use crate::Machine;
use std::fmt::Write;

/// The command, and what it does.
const COMMANDS: [(&str, &str); 5] = [
    ("help", "these lines"),
    (
        "reset",
        "press the reset key; then `maintenance flush register-cache`",
    ),
    ("events", "what the board has reported so far"),
    ("time", "virtual time, cycles and instructions"),
    ("place ADDRESS", "the function there"),
];

/// Do it, and say what there is to say.
pub fn answer(machine: &mut Machine, command: &str) -> String {
    let mut words = command.split_whitespace();
    match (words.next().unwrap_or("help"), words.next()) {
        ("help", None) => help(),
        // As OpenOCD has it.
        ("reset", None | Some("halt" | "init")) => {
            machine.reset();
            "the board was reset, and stands\n".to_owned()
        }
        ("events", None) => events(machine),
        ("time", None) => {
            let stats = machine.stats();
            format!(
                "{}.{:06} ms, {} cycles, {} instructions, model {}\n",
                stats.virtual_time_ps / 1_000_000_000,
                stats.virtual_time_ps / 1000 % 1_000_000,
                stats.virtual_cycles,
                stats.instructions,
                stats.model
            )
        }
        ("place", Some(address)) => place(machine, address),
        _ => format!("no command `{command}`; there are:\n{}", help()),
    }
}

fn help() -> String {
    COMMANDS.iter().fold(String::new(), |mut text, (command, what)| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{command:<14} {what}");
        text
    })
}

fn events(machine: &Machine) -> String {
    let events = machine.events();
    if events.is_empty() {
        return "none\n".to_owned();
    }
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn place(machine: &Machine, address: &str) -> String {
    let digits = address.strip_prefix("0x").unwrap_or(address);
    match u32::from_str_radix(digits, 16) {
        Ok(at) => machine.place(at).map_or_else(
            || format!("no function is known at {at:#010x}\n"),
            |name| format!("{name}\n"),
        ),
        Err(_) => format!("`{address}` is no address; expected hexadecimal digits\n"),
    }
}
