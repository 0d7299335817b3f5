//! The Python module `csi`: the camera, as scripts of OpenMV's fifth generation have it.

use super::camera::camera_module;
use pyvision::csi;
use upy::{Value, fun};

camera_module! {
    csi_module = csi {
        __init__: fun!(0, csi::imported),
        CSI: Value::class::<csi::CSI>(),
        devices: fun!(0, csi::devices),
    }
}
