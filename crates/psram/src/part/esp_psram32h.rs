//! Espressif ESP-PSRAM32H, 32 Mbit for 3.3 V. Its own data sheet was not at hand: the numbers are those of its sister of 64 Mbit,
//! "ESP-PSRAM64 & ESP-PSRAM64H Datasheet" version 1.1.

use super::{ESP_PSRAM64H, Part};

/// Espressif's 32 Mbit part for 3.3 V.
pub static ESP_PSRAM32H: Part = Part {
    name: "ESP-PSRAM32H",
    key: "esp-psram32h",
    source: "as ESP-PSRAM64H v1.1; its own data sheet not seen",
    size_bytes: 4 << 20,
    ..ESP_PSRAM64H
};
