//! AP Memory APS6404L-3SQN.
//!
//! Source: none at hand. The maker's list puts it at 3.0 V and 133 MHz; its datasheet (rev. 2.6) could not be read. So
//! each time here is the stricter of its sibling 3SQR and of the ESP-PSRAM64H and LY68L6400, which carry AP Memory's
//! later dies. The real part may well be faster.

use super::Part;

/// AP Memory's 64 Mbit part for 3 V, rev. N.
pub static APS6404L_3SQN: Part = Part {
    name: "APS6404L-3SQN",
    key: "aps6404l-3sqn",
    source: "datasheet not at hand; the strictest of its siblings",
    size_bytes: 8 << 20,
    page_bytes: 1024,             // as all
    clock_max_hz: 109_000_000,    // 3SQR at 3.3 V
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
};
