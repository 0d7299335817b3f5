//! The board as constants, and the names that `firmware/src/board.rs` makes the wires from.

use boardfile::{Board, Key, Led, Level, Pin};
use core::fmt::Write;

/// The variants of `psram::Timing`, by their names in a board file.
const TIMINGS: [(&str, &str); 3] = [("datasheet", "Datasheet"), ("field", "Field"), ("safe", "Safe")];

/// The Rust text of a board.
pub fn constants(board: &Board, parts: &[String]) -> Result<String, String> {
    let mut code = figures(board, parts)?;
    code += &lamps_and_keys(board);
    code += &reserved(board);
    code += &ext_flash(board);
    code += &sd(board);
    code += &display(board);
    code += &camera(board);
    code += &wires(board)?;
    Ok(code)
}

fn figures(board: &Board, parts: &[String]) -> Result<String, String> {
    let Board {
        name,
        mcu,
        hse_hz,
        lse_hz,
        memory,
        ..
    } = board;
    let part = part_name(&memory.part, parts)?;
    let timing = timing_name(&memory.timing)?;
    let safe_hz = memory.safe_hz;
    Ok(format!(
        "/// What the board is called.
pub const NAME: &str = {name:?};
/// The chip on it.
pub const MCU: &str = {mcu:?};
/// The memory chip that is fitted.
pub static PART: &psram::Part = &psram::part::{part};
/// How its clock is chosen.
pub const TIMING: psram::Timing = psram::Timing::{timing};
/// No faster than this, if the timing is to be safe.
pub const SAFE_HZ: u32 = {safe_hz};
/// The crystal on PH0, PH1.
pub const HSE_HZ: u32 = {hse_hz};
/// The crystal on PC14, PC15.
pub const LSE_HZ: u32 = {lse_hz};
"
    ))
}

fn lamps_and_keys(board: &Board) -> String {
    let mut code = String::from("/// Lights.\npub const LEDS: &[Led] = &[\n");
    for Led { name, pin, active } in &board.leds {
        let (pin, high) = (pin_id(*pin), *active == Level::High);
        // Writing to a String does not fail.
        let _ = writeln!(
            code,
            "    Led {{ name: {name:?}, pin: {pin}, active_high: {high} }},"
        );
    }
    code += "];\n/// Keys.\npub const KEYS: &[Key] = &[\n";
    for Key {
        name,
        pin,
        pull,
        active,
    } in &board.keys
    {
        let (pin, high) = (pin_id(*pin), *active == Level::High);
        let _ = writeln!(
            code,
            "    Key {{ name: {name:?}, pin: {pin}, pull: Pull::{pull:?}, active_high: {high} }},"
        );
    }
    code += "];\n";
    code
}

/// Pins that a program cannot have, and why: without them there is no heap, or nobody to talk to.
fn reserved(board: &Board) -> String {
    let memory = &board.memory;
    let chip = "the memory chip, which holds Python's objects";
    let console = "the console";
    let rows = [
        (memory.clk, "clock", chip),
        (memory.ncs, "chip select", chip),
        (memory.io0, "IO0", chip),
        (memory.io1, "IO1", chip),
        (memory.io2, "IO2", chip),
        (memory.io3, "IO3", chip),
        (board.console.tx, "TX", console),
        (board.console.rx, "RX", console),
    ];
    let usb = board
        .usb
        .iter()
        .flat_map(|usb| [(usb.dm, "D-", console), (usb.dp, "D+", console)]);
    let rows = rows.into_iter().chain(usb);
    let mut code = String::from(
        "/// Pins that are taken: of what they are the wire, and of whom.\npub const RESERVED: &[Reserved] = &[\n",
    );
    for (pin, wire, owner) in rows {
        let pin = pin_id(pin);
        // Writing to a String does not fail.
        let _ = writeln!(
            code,
            "    Reserved {{ pin: {pin}, wire: {wire:?}, owner: {owner:?} }},"
        );
    }
    code += "];\n";
    code
}

/// The second flash. The numbers of its pins' functions are looked up in the chip's own table.
fn ext_flash(board: &Board) -> String {
    let known = board.flash.as_ref().and_then(|flash| {
        let unit = flash.peripheral.strip_prefix("SPI")?;
        let signals = [("SCK", flash.sck), ("MOSI", flash.mosi), ("MISO", flash.miso)];
        let bus = signals
            .map(|(signal, pin)| format!("function({:?}, {:?}, {})", flash.peripheral, signal, pin_id(pin)));
        let (cs, bus) = (pin_id(flash.cs), bus.join(", "));
        Some(format!(
            "match h7a3::spi::Unit::new({unit}) {{
    Some(unit) => Some(h7a3::nor_flash::Wires {{ unit, cs: {cs}, bus: [{bus}] }}),
    None => None,
}}"
        ))
    });
    let value = known.unwrap_or("None".to_owned());
    format!("/// The second flash.\npub const EXT_FLASH: Option<h7a3::nor_flash::Wires> = {value};\n")
}

/// The display's connector, and what is plugged in for good.
fn display(board: &Board) -> String {
    let known = board.display.as_ref().and_then(|display| {
        let spi = &display.peripheral;
        let unit = spi.strip_prefix("SPI")?;
        let wire = |signal, pin| format!("function({spi:?}, {signal:?}, {})", pin_id(pin));
        let (sck, mosi) = (wire("SCK", display.sck), wire("MOSI", display.mosi));
        let miso = display.miso.map(|pin| wire("MISO", pin));
        let output = miso.map_or("None".to_owned(), |miso| format!("Some({miso})"));
        let [cs, dc, backlight] = [display.cs, display.dc, display.backlight].map(pin_id);
        let lit_high = display.backlight_active == Level::High;
        Some(format!(
            "match h7a3::spi::Unit::new({unit}) {{
    Some(unit) => Some(h7a3::screen::Wires {{
        unit, bus: [{sck}, {mosi}], output: {output}, cs: {cs}, dc: {dc}, backlight: {backlight}, lit_high: {lit_high},
    }}),
    None => None,
}}"
        ))
    });
    let wires = known.unwrap_or("None".to_owned());
    let part = board.display.as_ref().and_then(|display| display.part.as_ref());
    format!(
        "/// The display's connector.
pub const DISPLAY: Option<h7a3::screen::Wires> = {wires};
/// The panel that the board carries.
pub const PANEL: Option<&str> = {part:?};
"
    )
}

/// The socket of the SD card, if it is SDMMC1's.
fn sd(board: &Board) -> String {
    let known = board
        .sd
        .as_ref()
        .filter(|sd| sd.peripheral == "SDMMC1")
        .map(|sd| {
            let wires = [
                ("CK", sd.ck),
                ("CMD", sd.cmd),
                ("D0", sd.d0),
                ("D1", sd.d1),
                ("D2", sd.d2),
                ("D3", sd.d3),
            ];
            let wires =
                wires.map(|(signal, pin)| format!("function(\"SDMMC1\", {signal:?}, {})", pin_id(pin)));
            format!("Some([{}])", wires.join(", "))
        });
    let wires = known.unwrap_or("None".to_owned());
    format!("/// The socket of the SD card.\npub const SD: Option<h7a3::sdmmc::Wires> = {wires};\n")
}

/// The camera connector, if it is on DCMI.
fn camera(board: &Board) -> String {
    let known = board.camera.as_ref().filter(|camera| camera.peripheral == "DCMI").map(|camera| {
        let unit = camera.control.trim_start_matches("I2C");
        let joint = |peripheral: &str, signal: &str, pin| format!("function({peripheral:?}, {signal:?}, {})", pin_id(pin));
        let data = camera.data.iter().enumerate().map(|(n, pin)| joint("DCMI", &format!("D{n}"), *pin));
        let lines: Vec<String> = [
            joint("DCMI", "PIXCLK", camera.pclk),
            joint("DCMI", "HSYNC", camera.href),
            joint("DCMI", "VSYNC", camera.vsync),
        ]
        .into_iter()
        .chain(data)
        .collect();
        format!(
            "Some(crate::python::eye::Wires {{ control: {unit}, scl: {}, sda: {}, reset: {}, pwdn: {}, xclk: {}, lines: [{}] }})",
            joint(&camera.control, "SCL", camera.scl),
            joint(&camera.control, "SDA", camera.sda),
            pin_id(camera.reset),
            pin_id(camera.pwdn),
            joint("RCC", "MCO_1", camera.xclk),
            lines.join(", ")
        )
    });
    let wires = known.unwrap_or("None".to_owned());
    format!("/// The camera connector.\npub const CAMERA: Option<crate::python::eye::Wires> = {wires};\n")
}

/// Names only: what is done with them is Rust that can be read, the macro `wires!`.
fn wires(board: &Board) -> Result<String, String> {
    let boardfile::Console {
        peripheral,
        tx,
        rx,
        baud,
    } = &board.console;
    let memory = &board.memory;
    let (clk, ncs) = (memory.clk, memory.ncs);
    let [io0, io1, io2, io3] = [memory.io0, memory.io1, memory.io2, memory.io3];
    let Some(boardfile::Usb { dp, dm, .. }) = &board.usb else {
        return Err("the firmware wants a [usb] connector".to_owned());
    };
    Ok(format!(
        "wires! {{
    console: {peripheral}, rx {rx}, tx {tx}, baud {baud};
    usb: dp {dp}, dm {dm};
    memory: clk {clk}, ncs {ncs}, io {io0} {io1} {io2} {io3};
}}
"
    ))
}

/// `esp-psram64h` as the name of its file's item in `psram::part`.
fn part_name(key: &str, known: &[String]) -> Result<String, String> {
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

/// `PA3` as the constructor of a pin's name.
fn pin_id(pin: Pin) -> String {
    format!("pin({:?}, {})", pin.letter(), pin.number)
}
