//! h7a3
#![no_std]
