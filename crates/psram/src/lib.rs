//! psram
#![no_std]
