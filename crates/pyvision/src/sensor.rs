//! Module `sensor`: the camera as functions, OpenMV's fourth generation.

use upy::{Arguments, Error, Obj, Result, args};

use crate::Image;
use crate::basic::format;
use crate::camera;
use crate::csi;
use crate::generation;
use crate::parse::tuple;
use crate::picture::Shape;

/// `import sensor` is how a script of the fourth generation begins.
pub fn imported() -> Result<()> {
    generation::choose(true);
    Ok(())
}

/// `sensor.reset()`
pub fn reset() -> Result<()> {
    camera::with(|camera| camera.choose(-1))
}

/// `sensor.snapshot()`
pub fn snapshot(arguments: Arguments) -> Result<Obj> {
    args!(arguments => );
    camera::with(|camera| camera.snapshot())
}

/// `sensor.skip_frames(n, *, time=300)`
pub fn skip_frames(arguments: Arguments) -> Result<()> {
    args!(arguments => n: i32 = -1, *, time: i32 = 300);
    camera::with(|camera| camera.skip(n, time))
}

/// `sensor.flush()`: the last frame is for the host to see.
pub fn flush() -> Result<()> {
    camera::with(|camera| {
        camera.show();
        Ok(())
    })
}

pub fn width() -> Result<i32> {
    camera::with(|camera| Ok(camera.window()?.w))
}

pub fn height() -> Result<i32> {
    camera::with(|camera| Ok(camera.window()?.h))
}

/// `sensor.get_fb()`: the last frame, or None.
pub fn get_fb() -> Result<Obj> {
    camera::with(|camera| Ok(camera.frame()))
}

pub fn get_id() -> Result<u32> {
    camera::with(|camera| Ok(camera.id()))
}

pub fn get_frame_available() -> Result<bool> {
    Ok(true)
}

/// `sensor.alloc_extra_fb(width, height, pixformat)`
pub fn alloc_extra_fb(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [width: usize, height: usize, pixformat: u32]);
    Image::zeros(Shape::new(width, height, format(pixformat)?)?)
}

/// `sensor.dealloc_extra_fb()`: the heap takes it back by itself.
pub fn dealloc_extra_fb() -> Result<()> {
    Ok(())
}

pub fn set_pixformat(value: Obj) -> Result<()> {
    camera::with(|camera| csi::set_pixformat(camera, value))
}

pub fn get_pixformat() -> Result<Option<u32>> {
    camera::with(|camera| Ok(camera.settings.get().format.map(|format| format as u32)))
}

pub fn set_framesize(value: Obj) -> Result<()> {
    camera::with(|camera| csi::set_framesize(camera, value))
}

pub fn get_framesize() -> Result<Option<i32>> {
    camera::with(|camera| Ok(camera.settings.get().size.map(|(number, _)| number)))
}

/// `sensor.set_windowing(x, y, w, h)`, `(w, h)`, or one tuple of either.
pub fn set_windowing(arguments: Arguments) -> Result<()> {
    let mut numbers = [Obj::NONE; 4];
    let (mut count, mut rest) = (0, arguments);
    while let Some((number, after)) = rest.split_first() {
        let place = numbers.get_mut(count);
        *place.ok_or(Error::Type(c"a window is (x, y, w, h) or (w, h)"))? = *number;
        (count, rest) = (count + 1, after);
    }
    let window = if count == 1 {
        numbers[0]
    } else {
        Obj::tuple(&numbers[..count])?
    };
    camera::with(|camera| csi::set_window(camera, window))
}

pub fn get_windowing() -> Result<Obj> {
    camera::with(|camera| {
        let window = camera.window()?;
        tuple(&[window.x, window.y, window.w, window.h])
    })
}

/// What a drawn picture does not have: `set_auto_gain(False)` and its like are taken, and change nothing.
pub fn left(_: Arguments) -> Result<()> {
    Ok(())
}

/// Gains and the like that are read: none.
pub fn none(_: Arguments) -> Result<f64> {
    Ok(0.0)
}
