//! The program on the chip.
#![no_std]
