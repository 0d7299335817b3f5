//! Espressif ESP-PSRAM64H, the 3.3 V part. (The ESP-PSRAM64 without H is a 1.8 V part and must not be fitted.)
//!
//! Source: "ESP-PSRAM64 & ESP-PSRAM64H Datasheet", version 1.1 (2020.10): table 10-5 and its note for times and
//! clocks, section 3 for power-up, sections 4 and 5.2 for pages. It gives no tRST; 50 ns is its tCPH, which has to
//! pass after any command.

use super::Part;

/// Espressif's 64 Mbit part for 3.3 V.
pub static ESP_PSRAM64H: Part = Part {
    name: "ESP-PSRAM64H",
    key: "esp-psram64h",
    source: "ESP-PSRAM64H datasheet v1.1",
    size_bytes: 8 << 20,
    page_bytes: 1024,             // CA[9:0]
    clock_max_hz: 133_000_000,    // 3.3 V column
    crossing_max_hz: 84_000_000,  // table 10-5 note 1
    slow_read_max_hz: 33_000_000, // tCLK = 30.3 ns for 'h03
    t_ch_min_percent: 45,         // tCH/tCL = 0.45 .. 0.55
    t_cph_min_ps: 50_000,         // tCPH = 50 ns
    t_cem_max_ps: 8_000_000,      // tCEM = 8 us
    t_csp_min_ps: 2_500,          // tCSP = 2.5 ns
    t_chd_min_ps: 20_000,         // tCHD = 20 ns
    t_aclk_max_ps: 6_000,         // tACLK = 2 .. 6 ns
    t_pu_min_us: 150,             // tPU
    t_rst_min_ps: 50_000,         // see above
    single_line: true,
};
