//! One file a verb.

pub mod bench;
pub mod build;
pub mod clean;
pub mod doctor;
pub mod fuzz;
pub mod run;
pub mod setup;
pub mod test;
