//! Turns the wiring of the chosen board into constants, and puts the memory layout where the linker looks.
//!
//! The board is named by `SPIRAM_BOARD` (a file in `board/` without its ending); `SPIRAM_PART` and `SPIRAM_TIMING` stand in
//! for what it says about the memory chip. What the pins can do is the chip's metadata (`functions.rs`): a part on a pin
//! that cannot serve it ends the build here, with the pins that could.

mod functions;
mod wiring;

use std::path::Path;
use std::{env, fs};

/// Code in the first bank, files in the second.
const BANKS_KB: [u32; 2] = [1024, 1024];
/// Where the driver has a file for each memory part.
const PARTS: &str = "../crates/psram/src/part";

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed={PARTS}");
    for variable in ["SPIRAM_BOARD", "SPIRAM_PART", "SPIRAM_TIMING", "SPIRAM_BOOT"] {
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
    let mut board = boardfile::Board::named(&wanted).map_err(|e| format!("SPIRAM_BOARD: {e}"))?;
    for (variable, value) in [
        ("SPIRAM_PART", &mut board.memory.part),
        ("SPIRAM_TIMING", &mut board.memory.timing),
    ] {
        if let Ok(other) = env::var(variable) {
            *value = other;
        }
    }
    if board.flash_banks_kb() != Some(BANKS_KB) {
        return Err(format!(
            "board/{wanted}.toml: its {} has less than 2 MB of flash, which the firmware and its files need",
            board.mcu
        ));
    }
    let functions = functions::all();
    functions::check(&board, &functions).map_err(|e| format!("board/{wanted}.toml: {e}"))?;
    let parts = part_files().map_err(|e| format!("{PARTS}: {e}"))?;
    let code = wiring::constants(&board, &parts).map_err(|e| format!("board {wanted}: {e}"))?;
    let write = |name: &str, text: &str| fs::write(out.join(name), text).map_err(|e| format!("{name}: {e}"));
    let file = format!("/// The board file.\npub const FILE: &str = {wanted:?};\n");
    write("board.rs", &(code + &file))?;
    write("boot.rs", &loader()?)?;
    write("functions.rs", &functions::table(&functions))?;
    let layout = fs::read_to_string("memory.x").map_err(|e| format!("firmware/memory.x: {e}"))?;
    write("memory.x", &layout)?;
    println!("cargo::rustc-link-search={}", out.display());
    Ok(())
}

/// The boot loader's bytes, which `cargo xtask` builds first and names by `SPIRAM_BOOT`. Without them, as for clippy, there is none.
fn loader() -> Result<String, String> {
    let Ok(path) = env::var("SPIRAM_BOOT") else {
        return Ok(String::new());
    };
    println!("cargo::rerun-if-changed={path}");
    let bytes = fs::metadata(&path)
        .map_err(|e| format!("SPIRAM_BOOT: {path}: {e}"))?
        .len();
    Ok(format!(
        "in_flash!(\".boot\", static LOADER: [u8; {bytes}] = *include_bytes!({path:?}););\n"
    ))
}

/// Names of the driver's memory parts, as a board file writes them. `unknown` has no file: it is the strictest of all.
fn part_files() -> std::io::Result<Vec<String>> {
    let mut names = vec!["unknown".to_owned()];
    for entry in fs::read_dir(PARTS)? {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".rs"));
        names.extend(stem.map(|stem| stem.replace('_', "-")));
    }
    names.sort();
    Ok(names)
}
