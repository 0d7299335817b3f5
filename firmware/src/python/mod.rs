//! The Python modules that this port adds, one folder each. Nothing in here is unsafe: hardware comes from `h7a3`, Python from
//! `upy`.
#![forbid(unsafe_code)]

pub mod machine;
mod spiram;
