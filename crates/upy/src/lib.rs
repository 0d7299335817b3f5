//! upy
#![no_std]
