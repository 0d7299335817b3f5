//! AP Memory APS6404L-3SQN.
//!
//! Source: none at hand. Makers' lists give 133 MHz at 3.0 V, probably in wrapped bursts; the datasheet (rev. 2.6) could
//! not be read. So each number is the strictest of its siblings' that a datasheet confirms. The part may well be faster.

use super::Part;

/// AP Memory's 64 Mbit part for 3 V, rev. N.
pub static APS6404L_3SQN: Part = Part {
    name: "APS6404L-3SQN",
    key: "aps6404l-3sqn",
    source: "datasheet not at hand; the strictest of its siblings",
    size_bytes: 8 << 20,
    page_bytes: 1024,             // as all
    clock_max_hz: 84_000_000,     // 3SQR
    crossing_max_hz: 84_000_000,  // as all
    slow_read_max_hz: 33_000_000, // as all
    t_ch_min_percent: 45,         // as all
    t_cph_min_ps: 50_000,         // ESP-PSRAM64H
    t_cem_max_ps: 8_000_000,      // as all
    t_csp_min_ps: 2_500,          // ESP-PSRAM64H
    t_chd_min_ps: 20_000,         // ESP-PSRAM64H
    t_aclk_max_ps: 6_000,         // ESP-PSRAM64H
    t_pu_min_us: 150,             // as all
    t_rst_min_ps: 50_000,         // 3SQR
    single_line: true,
};
