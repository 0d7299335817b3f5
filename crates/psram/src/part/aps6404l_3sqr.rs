//! AP Memory APS6404L-3SQR.
//!
//! Source: "APS6404L-3SQR datasheet", rev. 2.3 (2020-04-30), of which only the first page was at hand: 84 MHz for linear
//! bursts, 109 MHz (3.3 V +-10 %) only for 32-byte wrapped ones, which this driver does not use. Its AC table was not
//! read. Other projects quote from it tCPH 18 ns, tCHD 3 ns, tACLK 5.5 ns; a number at second hand is believed only
//! where it is the stricter one, so the times here are those of the ESP-PSRAM64H. tRST is quoted (50 ns).

use super::Part;

/// AP Memory's 64 Mbit part for 3 V, rev. R.
pub static APS6404L_3SQR: Part = Part {
    name: "APS6404L-3SQR",
    key: "aps6404l-3sqr",
    source: "APS6404L-3SQR datasheet rev. 2.3 p. 1, times as ESP-PSRAM64H",
    size_bytes: 8 << 20,
    page_bytes: 1024,
    clock_max_hz: 84_000_000,     // linear bursts
    crossing_max_hz: 84_000_000,  // linear bursts
    slow_read_max_hz: 33_000_000, // ESP-PSRAM64H
    t_ch_min_percent: 45,         // ESP-PSRAM64H
    t_cph_min_ps: 50_000,         // ESP-PSRAM64H
    t_cem_max_ps: 8_000_000,      // as all; 4 us in the extended temperature grade, which is not supported
    t_csp_min_ps: 2_500,          // ESP-PSRAM64H
    t_chd_min_ps: 20_000,         // ESP-PSRAM64H
    t_aclk_max_ps: 6_000,         // ESP-PSRAM64H
    t_pu_min_us: 150,             // as all
    t_rst_min_ps: 50_000,         // quoted
    single_line: true,
};
