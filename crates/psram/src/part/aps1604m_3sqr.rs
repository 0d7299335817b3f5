//! AP Memory APS1604M-3SQR, 16 Mbit for 3.3 V. Its own data sheet was not at hand: the numbers are those of its sister of 64 Mbit,
//! APS6404L-3SQR.

use super::{APS6404L_3SQR, Part};

/// AP Memory's 16 Mbit part for 3.3 V.
pub static APS1604M_3SQR: Part = Part {
    name: "APS1604M-3SQR",
    key: "aps1604m-3sqr",
    source: "as APS6404L-3SQR; its own data sheet not seen",
    size_bytes: 2 << 20,
    ..APS6404L_3SQR
};
