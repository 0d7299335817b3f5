//! What can be turned at a camera: by `csi.CSI`'s methods and `sensor`'s functions. The synthetic one takes all of it, and nothing
//! changes.

use upy::{Arguments, Result, args};

use crate::camera::{self, Camera};
use crate::hardware::{Control, Figure};

fn control(control: Control) -> Result<()> {
    camera::with(|camera| {
        camera
            .hardware()
            .map_or(Ok(()), |hardware| hardware.control(control))
    })
}

fn figure(figure: Figure) -> Result<f64> {
    camera::with(|camera| {
        camera
            .hardware()
            .map_or(Ok(0.0), |hardware| hardware.figure(figure))
    })
}

/// A setting was changed that the camera has to know of.
pub fn apply(camera: &Camera, name: &str) -> Result<()> {
    let Some(hardware) = camera.hardware() else {
        return Ok(());
    };
    let settings = camera.settings.get();
    match name {
        "hmirror" | "vflip" => hardware.control(Control::Turn(settings.hmirror, settings.vflip)),
        // With the next snapshot.
        "framerate" | "framebuffers" => {
            camera.stop();
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `auto_gain(enable, *, gain_db=None, gain_db_ceiling=None)`
pub fn auto_gain(arguments: Arguments) -> Result<()> {
    args!(arguments => [enable: bool], *, gain_db: Option<f64> = None, gain_db_ceiling: Option<f64> = None);
    let _ = gain_db_ceiling;
    control(Control::Automatic([Some(enable), None, None]))?;
    match gain_db.filter(|_| !enable) {
        Some(decibels) => control(Control::GainDb(decibels)),
        None => Ok(()),
    }
}

/// `auto_exposure(enable, *, exposure_us=None)`
pub fn auto_exposure(arguments: Arguments) -> Result<()> {
    args!(arguments => [enable: bool], *, exposure_us: Option<u32> = None);
    control(Control::Automatic([None, Some(enable), None]))?;
    match exposure_us.filter(|_| !enable) {
        Some(us) => control(Control::ExposureUs(us)),
        None => Ok(()),
    }
}

/// `auto_whitebal(enable, *, rgb_gain_db=None)`
pub fn auto_whitebal(arguments: Arguments) -> Result<()> {
    args!(arguments => [enable: bool], *, rgb_gain_db: Option<upy::Obj> = None);
    let _ = rgb_gain_db;
    control(Control::Automatic([None, None, Some(enable)]))
}

pub fn gain_db() -> Result<f64> {
    figure(Figure::GainDb)
}

pub fn exposure_us() -> Result<i32> {
    Ok((figure(Figure::ExposureUs)? + 0.5) as i32)
}

pub fn colorbar(on: bool) -> Result<()> {
    control(Control::Bars(on))
}

/// `quality(10..=100)`: of JPEG, from the next snapshot on.
pub fn set_quality(quality: u8) -> Result<()> {
    camera::with(|camera| {
        camera.stop();
        camera.change(|settings| settings.quality = quality);
        Ok(())
    })
}

pub fn read_register(register: u16) -> Result<u32> {
    Ok(figure(Figure::Register(register))? as u32)
}

pub fn write_register(register: u16, value: u8) -> Result<()> {
    control(Control::Write(register, value))
}

pub fn sleep(asleep: bool) -> Result<()> {
    camera::with(|camera| {
        camera.stop();
        camera
            .hardware()
            .map_or(Ok(()), |hardware| hardware.sleep(asleep))
    })
}
