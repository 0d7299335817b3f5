//! The Python module `mjpeg`: movies of JPEG frames.

use pyvision::mjpeg;
use upy::{Value, module};

module! {
    mjpeg_module = mjpeg {
        Mjpeg: Value::class::<mjpeg::Mjpeg>(),
    }
}
