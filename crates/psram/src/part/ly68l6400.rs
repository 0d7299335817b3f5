//! Lyontek LY68L6400.
//!
//! Source: "LY68L6400, 64M Bits Serial Pseudo-SRAM with SPI and QPI", rev. 0.7 (2017-11-21): table 9 and its notes,
//! section 9 for power-up, 10.2 for pages. Revisions before 0.5 gave shorter tCPH and tCHD; do not use them.
//! It gives no tRST; 50 ns is its tCPH, which has to pass after any command.

use super::Part;

/// Lyontek's 64 Mbit part.
pub static LY68L6400: Part = Part {
    name: "LY68L6400",
    key: "ly68l6400",
    source: "LY68L6400 datasheet rev. 0.7",
    size_bytes: 8 << 20,
    page_bytes: 1024,             // CA[9:0]
    clock_max_hz: 144_000_000,    // table 9 note 1
    crossing_max_hz: 84_000_000,  // table 9 note 1
    slow_read_max_hz: 33_000_000, // tCLK = 30.3 ns for 'h03
    t_ch_min_percent: 45,         // tCH/tCL = 0.45 .. 0.55
    t_cph_min_ps: 50_000,         // tCPH = 50 ns since rev. 0.5
    t_cem_max_ps: 8_000_000,      // tCEM = 8 us
    t_csp_min_ps: 2_500,          // tCSP = 2.5 ns
    t_chd_min_ps: 20_000,         // tCHD = 20 ns since rev. 0.5
    t_aclk_max_ps: 6_000,         // tACLK = 2 .. 6 ns
    t_pu_min_us: 150,             // tPU
    t_rst_min_ps: 50_000,         // see above
    single_line: false,           // note 2 of the truth table: no linear burst with 02
};
