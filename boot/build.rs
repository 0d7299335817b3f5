//! Turns what the loader needs of the board's wiring into constants: console, USB, the first light, and the key that enters it. That is
//! the last one of the board file: where there are two, the first one is MicroPython's.

use std::path::Path;
use std::{env, fs};

use boardfile::{Board, Level, Pin, Usb};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-env-changed=SPIRAM_BOARD");
    if let Err(message) = generate() {
        println!("cargo::error={message}");
    }
}

fn generate() -> Result<(), String> {
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let wanted = env::var("SPIRAM_BOARD").unwrap_or_else(|_| "devebox".to_owned());
    let board = Board::named(&wanted).map_err(|e| format!("SPIRAM_BOARD: {e}"))?;
    let write = |name: &str, text: &str| {
        fs::write(Path::new(&out).join(name), text).map_err(|e| format!("{name}: {e}"))
    };
    write("board.rs", &constants(&wanted, &board)?)?;
    let layout = fs::read_to_string("memory.x").map_err(|e| format!("boot/memory.x: {e}"))?;
    write("memory.x", &layout)?;
    println!("cargo::rustc-link-search={out}");
    Ok(())
}

fn constants(file: &str, board: &Board) -> Result<String, String> {
    let Some(Usb { dp, dm, .. }) = &board.usb else {
        return Err("the boot loader wants a [usb] connector".to_owned());
    };
    let (console, name) = (&board.console, &board.name);
    let led = board.leds.first().map(|led| {
        let high = led.active == Level::High;
        format!(
            "Led {{ name: {:?}, pin: {}, active_high: {high} }}",
            led.name,
            pin(led.pin)
        )
    });
    let key = board.keys.last().map(|key| {
        let high = key.active == Level::High;
        format!(
            "Key {{ name: {:?}, pin: {}, pull: Pull::{:?}, active_high: {high} }}",
            key.name,
            pin(key.pin),
            key.pull
        )
    });
    let option = |item: Option<String>| item.map_or("None".to_owned(), |item| format!("Some({item})"));
    Ok(format!(
        "/// The board file.
pub const FILE: &str = {file:?};
/// What the board is called.
pub const NAME: &str = {name:?};
/// The light.
pub const LED: Option<Led> = {};
/// The key that enters the loader.
pub const KEY: Option<Key> = {};
wires! {{
    console: {}, tx {} at {}, baud {};
    usb: dp {dp}, dm {dm};
}}
",
        option(led),
        option(key),
        console.peripheral,
        console.tx,
        pin(console.tx),
        console.baud
    ))
}

/// `PA3` as the constructor of a pin's name.
fn pin(pin: Pin) -> String {
    format!("pin({:?}, {})", pin.letter(), pin.number)
}
