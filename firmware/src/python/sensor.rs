//! The Python module `sensor`: the camera, as scripts of OpenMV's fourth generation have it.

use super::camera::camera_module;
use pyvision::{control, csi, sensor};
use upy::fun;

camera_module! {
    sensor_module = sensor {
        __init__: fun!(0, sensor::imported),
        snapshot: fun!(keywords 0.., sensor::snapshot),
        reset: fun!(0, sensor::reset),
        skip_frames: fun!(keywords 0.., sensor::skip_frames),
        width: fun!(0, sensor::width),
        height: fun!(0, sensor::height),
        get_fb: fun!(0, sensor::get_fb),
        get_id: fun!(0, sensor::get_id),
        get_frame_available: fun!(0, sensor::get_frame_available),
        alloc_extra_fb: fun!(3..=3, sensor::alloc_extra_fb),
        dealloc_extra_fb: fun!(0, sensor::dealloc_extra_fb),
        set_pixformat: fun!(1, sensor::set_pixformat),
        get_pixformat: fun!(0, sensor::get_pixformat),
        set_framesize: fun!(1, sensor::set_framesize),
        get_framesize: fun!(0, sensor::get_framesize),
        set_windowing: fun!(1..=4, sensor::set_windowing),
        get_windowing: fun!(0, sensor::get_windowing),
        set_hmirror: fun!(1, csi::set_hmirror),
        get_hmirror: fun!(0, csi::get_hmirror),
        set_vflip: fun!(1, csi::set_vflip),
        get_vflip: fun!(0, csi::get_vflip),
        set_transpose: fun!(1, csi::set_transpose),
        get_transpose: fun!(0, csi::get_transpose),
        set_framerate: fun!(1, csi::set_framerate),
        get_framerate: fun!(0, csi::get_framerate),
        set_framebuffers: fun!(1, csi::set_framebuffers),
        get_framebuffers: fun!(0, csi::get_framebuffers),
        set_quality: fun!(1, control::set_quality),
        set_colorbar: fun!(1, control::colorbar),
        set_auto_gain: fun!(keywords 1.., control::auto_gain),
        get_gain_db: fun!(0, control::gain_db),
        set_auto_exposure: fun!(keywords 1.., control::auto_exposure),
        get_exposure_us: fun!(0, control::exposure_us),
        set_auto_whitebal: fun!(keywords 1.., control::auto_whitebal),
        shutdown: fun!(1, control::sleep),
        sleep: fun!(1, control::sleep),
        __read_reg: fun!(1, control::read_register),
        __write_reg: fun!(2, control::write_register),
        // What these cameras do not have.
        set_gainceiling: fun!(keywords 0.., sensor::left),
        set_contrast: fun!(keywords 0.., sensor::left),
        set_brightness: fun!(keywords 0.., sensor::left),
        set_saturation: fun!(keywords 0.., sensor::left),
        set_auto_blc: fun!(keywords 0.., sensor::left),
        set_lens_correction: fun!(keywords 0.., sensor::left),
        set_special_effect: fun!(keywords 0.., sensor::left),
        flush: fun!(0, sensor::flush),
        get_rgb_gain_db: fun!(0..=0, sensor::none),
    }
}
