//! upy-sys
#![no_std]
