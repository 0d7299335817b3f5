//! The Python modules that this port adds, one folder each. Nothing in here is unsafe: hardware comes from `h7a3`, Python from
//! `upy`.
#![forbid(unsafe_code)]

mod camera;
mod crc;
mod csi;
mod display;
pub mod eye;
mod gif;
mod image;
pub mod machine;
mod mjpeg;
mod omv;
mod protocol;
mod sensor;
mod spiram;
mod umalloc;

upy::core_function!(upy_time_clock_obj = pyvision::clock::new);

/// At the start of each run.
pub fn start() {
    machine::start();
    pyvision::generation::choose(false);
    pyvision::camera::start();
    display::lcd::start();
    pyvision::interrupt::start();
    crate::protocol::channels::start();
    pyvision::hardware::provide(&eye::EYE);
}
