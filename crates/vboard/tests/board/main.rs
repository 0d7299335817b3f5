//! The machine with programs of a few instructions (`programs/`), and with the product's own ELFs.
//!
//! One test binary: each would link the whole virtual board once more.

mod boot;
mod boot_checks;
mod boot_cuts;
mod coherency;
mod common;
mod ctrl_c;
mod debugging;
mod display;
mod exceptions;
mod files;
mod firmware;
mod frames;
mod hal;
mod images;
mod joints;
mod link;
mod loader;
mod machine;
mod masters;
mod memory_tests;
mod mux;
mod openmv;
mod power_cuts;
mod probe;
mod prompt;
mod recording;
mod repeat;
mod reported_faults;
mod sd_card;
mod session;
mod times;
mod update;
mod usb;

/// An ELF of the firmware's builds, by its name (`devebox`, `devebox-boot`): where `SPIRAM_ELF_<NAME>` says, else
/// `target/firmware/<name>.elf`.
fn elf(name: &str) -> Vec<u8> {
    let path = std::env::var(format!("SPIRAM_ELF_{}", name.to_uppercase()))
        .unwrap_or_else(|_| format!("{}/../../target/firmware/{name}.elf", env!("CARGO_MANIFEST_DIR")));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}; run `cargo xtask build` first"))
}
