//! Turns the wiring of the chosen board into Rust, and puts the memory layout where the linker looks.
//!
//! The board is named by `SPIRAM_BOARD` (a file in `board/` without its ending); `SPIRAM_PART` and `SPIRAM_TIMING` stand in
//! for what it says about the memory chip. Pins become embassy's types, so a pin that cannot serve the peripheral beside it
//! is a compile error and not a dead console.

use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

/// A board file: copper only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Board {
    name: String,
    mcu: String,
    hse_hz: u32,
    lse_hz: u32,
    memory: Memory,
    console: Console,
    #[serde(default)]
    led: Vec<Led>,
    #[serde(default)]
    key: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    part: String,
    timing: String,
    safe_hz: u32,
    clk: String,
    ncs: String,
    io0: String,
    io1: String,
    io2: String,
    io3: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Console {
    peripheral: String,
    tx: String,
    rx: String,
    baud: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Led {
    name: String,
    pin: String,
    active: Level,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    name: String,
    pin: String,
    pull: Pull,
    active: Level,
}

/// The variants of `psram::Timing`, by their names in a board file.
const TIMINGS: [(&str, &str); 3] = [("datasheet", "Datasheet"), ("field", "Field"), ("safe", "Safe")];
/// Where the driver has a file for each memory part.
const PARTS: &str = "../crates/psram/src/part";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Level {
    Low,
    High,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Pull {
    Up,
    Down,
    None,
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=../board");
    println!("cargo::rerun-if-changed={PARTS}");
    for variable in ["SPIRAM_BOARD", "SPIRAM_PART", "SPIRAM_TIMING"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if let Err(message) = generate() {
        println!("cargo::error={message}");
    }
}

fn generate() -> Result<(), String> {
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let out = Path::new(&out);
    let wanted = env::var("SPIRAM_BOARD").unwrap_or_else(|_| "devebox".to_owned());
    let text = read_board(&wanted)?;
    let mut board: Board = toml::from_str(&text).map_err(|e| format!("board/{wanted}.toml: {e}"))?;
    let memory = &mut board.memory;
    for (variable, value) in [
        ("SPIRAM_PART", &mut memory.part),
        ("SPIRAM_TIMING", &mut memory.timing),
    ] {
        if let Ok(other) = env::var(variable) {
            *value = other;
        }
    }
    let code = wiring(&board).map_err(|e| format!("board {wanted}: {e}"))?;
    let write = |name: &str, text: &str| fs::write(out.join(name), text).map_err(|e| format!("{name}: {e}"));
    write("board.rs", &code)?;
    write(
        "memory.x",
        &fs::read_to_string("memory.x").map_err(|e| format!("firmware/memory.x: {e}"))?,
    )?;
    println!("cargo::rustc-link-search={}", out.display());
    Ok(())
}

fn read_board(wanted: &str) -> Result<String, String> {
    let folder = Path::new("../board");
    let known = stems(folder, ".toml")?;
    if !known.iter().any(|name| name == wanted) {
        return Err(format!(
            "unknown board '{wanted}' in SPIRAM_BOARD; known boards: {}",
            known.join(", ")
        ));
    }
    fs::read_to_string(folder.join(format!("{wanted}.toml"))).map_err(|e| format!("board/{wanted}.toml: {e}"))
}

/// Names of the files in a folder that end so, without that, in order.
fn stems(folder: &Path, ending: &str) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(ending)?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// What the types below cannot say, and the compiler would say less clearly.
fn check(board: &Board) -> Result<(), String> {
    const UARTS: [&str; 10] = [
        "USART1", "USART2", "USART3", "UART4", "UART5", "USART6", "UART7", "UART8", "UART9", "USART10",
    ];
    let Board { mcu, console, .. } = board;
    if !mcu.starts_with("STM32H7A3V") {
        return Err(format!(
            "mcu is '{mcu}'; expected an STM32H7A3V, the chip that this firmware is for"
        ));
    }
    if !UARTS.contains(&console.peripheral.as_str()) {
        let (found, known) = (&console.peripheral, UARTS.join(", "));
        return Err(format!(
            "console on '{found}', which is no UART of the chip; expected one of {known}"
        ));
    }
    if !(2_400..=4_000_000).contains(&console.baud) {
        return Err(format!(
            "console at {} baud; expected 2,400 to 4,000,000",
            console.baud
        ));
    }
    Ok(())
}

/// The Rust text of a board.
fn wiring(board: &Board) -> Result<String, String> {
    check(board)?;
    let Board {
        name,
        mcu,
        hse_hz,
        lse_hz,
        memory,
        console,
        led,
        key,
    } = board;
    let part = part_name(&memory.part)?;
    let timing_name = timing_name(&memory.timing)?;
    let mut leds = String::new();
    for Led { name, pin, active } in led {
        let (pin, high) = (pin_id(pin)?, matches!(active, Level::High));
        leds += &format!("    Led {{ name: {name:?}, pin: {pin}, active_high: {high} }},\n");
    }
    let mut keys = String::new();
    for Key {
        name,
        pin,
        pull,
        active,
    } in key
    {
        let (pin, high) = (pin_id(pin)?, matches!(active, Level::High));
        keys += &format!(
            "    Key {{ name: {name:?}, pin: {pin}, pull: Pull::{pull:?}, active_high: {high} }},\n"
        );
    }
    let Console {
        peripheral,
        tx,
        rx,
        baud,
    } = console;
    let Memory {
        part: _,
        timing: _,
        safe_hz,
        clk,
        ncs,
        io0,
        io1,
        io2,
        io3,
    } = memory;
    for pin in [tx, rx, clk, ncs, io0, io1, io2, io3] {
        pin_id(pin)?;
    }
    Ok(format!(
        "/// What the board is called.
pub const NAME: &str = {name:?};
/// The chip on it.
pub const MCU: &str = {mcu:?};
/// The memory chip that is fitted.
pub static PART: &psram::Part = &psram::part::{part};
/// How its clock is chosen.
pub const TIMING: psram::Timing = psram::Timing::{timing_name};
/// No faster than this, if the timing is to be safe.
pub const SAFE_HZ: u32 = {safe_hz};
/// The crystal on PH0, PH1.
pub const HSE_HZ: u32 = {hse_hz};
/// The crystal on PC14, PC15.
pub const LSE_HZ: u32 = {lse_hz};
/// Lights.
pub const LEDS: &[Led] = &[
{leds}];
/// Keys.
pub const KEYS: &[Key] = &[
{keys}];

h7a3::bind_interrupts!(struct Irqs {{
    {peripheral} => h7a3::console::Interrupt<h7a3::peripherals::{peripheral}>;
}});

/// Opens the console, hands noise source and DMA channel to their drivers, and returns the way to the memory chip.
pub fn wire(chip: h7a3::Peripherals) -> h7a3::octospi::Octospi {{
    h7a3::console::open(chip.{peripheral}, chip.{rx}, chip.{tx}, Irqs, {baud});
    h7a3::rng::provide(chip.RNG);
    h7a3::mdma::provide(chip.MDMA_CH0);
    h7a3::octospi::Octospi::new(
        chip.OCTOSPI1, chip.{clk}, chip.{ncs}, chip.{io0}, chip.{io1}, chip.{io2}, chip.{io3},
    )
}}
"
    ))
}

/// `esp-psram64h` as the name of its file's item in `psram::part`. `unknown` has no file: it is the strictest of all.
fn part_name(key: &str) -> Result<String, String> {
    let files = stems(Path::new(PARTS), ".rs")?;
    let mut known: Vec<String> = files.iter().map(|file| file.replace('_', "-")).collect();
    known.push("unknown".to_owned());
    if known.iter().any(|part| part == key) {
        Ok(key.to_ascii_uppercase().replace('-', "_"))
    } else {
        let known = known.join(", ");
        Err(format!("unknown memory part '{key}'; known parts: {known}"))
    }
}

fn timing_name(key: &str) -> Result<&'static str, String> {
    let found = TIMINGS.into_iter().find(|(name, _)| *name == key);
    found.map(|(_, variant)| variant).ok_or_else(|| {
        let known = TIMINGS.map(|(name, _)| name).join(", ");
        format!("unknown timing '{key}' of the memory; known ones: {known}")
    })
}

/// `PA3` as the constructor of a pin's name. Ports A to E and H leave the LQFP100 package.
fn pin_id(text: &str) -> Result<String, String> {
    let mut letters = text.chars();
    let (p, port) = (letters.next(), letters.next());
    match (p, port, letters.as_str().parse::<u8>()) {
        (Some('P'), Some(port @ ('A'..='E' | 'H')), Ok(number @ 0..=15)) => {
            Ok(format!("pin({port:?}, {number})"))
        }
        _ => Err(format!("'{text}' is not a pin; expected PA0 to PE15, PH0 or PH1")),
    }
}
