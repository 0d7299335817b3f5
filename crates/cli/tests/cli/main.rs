//! The tool as its user sees it: what goes in, what comes out, and the exit code.

mod bad_input;
mod cascade;
mod common;
mod corrupt_writes;
mod doctor;
mod documented;
mod examples;
mod firmware;
mod first_power_up;
mod foreign;
mod gdb;
mod hardware;
mod heap;
mod help;
mod models;
mod pictures;
mod port;
mod pty;
mod slices;
mod terminal;
mod tiers;
mod tool;
mod usb;
mod view;
