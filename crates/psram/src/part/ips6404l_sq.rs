//! IPUS IPS6404L-SQ, the 3.3 V part. (IPS6404L-SQL is a 1.8 V part and must not be fitted.)
//!
//! Source: "64Mbit SQPI PSRAM Data Sheet, IPS6404L-SQ", version 1.1 (2018-07-12): table 8, column "3.3V-104Mhz", and
//! its notes; section 7 for power-up, 8.2 for pages. It gives no tRST; 50 ns is that of the APS6404L, whose design
//! it says to follow.

use super::Part;

/// IPUS' 64 Mbit part for 3.3 V.
pub static IPS6404L_SQ: Part = Part {
    name: "IPS6404L-SQ",
    key: "ips6404l-sq",
    source: "IPS6404L-SQ datasheet v1.1",
    size_bytes: 8 << 20,
    page_bytes: 1024,
    clock_max_hz: 104_000_000,    // table 8 note 1, at 3.3 V
    crossing_max_hz: 84_000_000,  // table 8 note 1
    slow_read_max_hz: 33_000_000, // tCLK = 30.3 ns for 0x03
    t_ch_min_percent: 45,         // tCH/tCL = 0.45 .. 0.55
    t_cph_min_ps: 18_000,         // tCPH = 18 ns
    t_cem_max_ps: 8_000_000,      // tCEM = 8 us
    t_csp_min_ps: 3_000,          // tCSP = 3 ns
    t_chd_min_ps: 3_000,          // tCHD = 3 ns
    t_aclk_max_ps: 7_000,         // tACLK = 2 .. 7 ns
    t_pu_min_us: 150,             // tPU
    t_rst_min_ps: 50_000,         // see above
    single_line: true,
};
