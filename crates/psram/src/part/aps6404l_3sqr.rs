//! AP Memory APS6404L-3SQR.
//!
//! Source: "APS6404L-3SQR datasheet", rev. 2.3 (2020-04-30). Only its first page was at hand (109 MHz at
//! 3.3 V +-10 %, 133 MHz at 3.0 V +-10 %, in 32-byte wrap; 84 MHz linear). The times are those which several
//! published drivers and controllers quote from its AC table; whoever has the sheet should compare them.

use super::Part;

/// AP Memory's 64 Mbit part for 3 V, rev. R.
pub static APS6404L_3SQR: Part = Part {
    name: "APS6404L-3SQR",
    key: "aps6404l-3sqr",
    source: "APS6404L-3SQR datasheet rev. 2.3, first page; times quoted by third parties",
    size_bytes: 8 << 20,
    page_bytes: 1024,
    clock_max_hz: 109_000_000,    // VDD 3.3 V +-10 %
    crossing_max_hz: 84_000_000,  // linear burst
    slow_read_max_hz: 33_000_000, // tCLK = 30.3 ns for 'h03, quoted
    t_ch_min_percent: 45,         // tCH/tCL = 0.45 .. 0.55, quoted
    t_cph_min_ps: 18_000,         // tCPH = 18 ns, quoted
    t_cem_max_ps: 8_000_000, // tCEM = 8 us; 4 us for the extended temperature grade, which is not supported
    t_csp_min_ps: 2_500,     // tCSP = 2.5 ns, quoted
    t_chd_min_ps: 3_000,     // tCHD = 3 ns, quoted
    t_aclk_max_ps: 5_500,    // tACLK = 2 .. 5.5 ns, quoted
    t_pu_min_us: 150,        // tPU
    t_rst_min_ps: 50_000,    // tRST = 50 ns, quoted
};
