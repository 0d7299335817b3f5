//! Module `csi`: the camera as an object, OpenMV's fifth generation.

use upy::{Arguments, Error, Obj, Result, args, class, convert, fun, new_object};
use vision::Region;

use crate::Image;
use crate::basic::format;
use crate::camera::{self, Camera, SIZES, SOFTCSI, Settings};
use crate::control;
use crate::generation;
use crate::hardware::Kind as Pixels;
use crate::parse::{of_sequence, tuple};
use crate::real;

/// `csi.CSI`
pub struct CSI;

class! {
    CSI as "a CSI" { make_new: new }
    snapshot: fun!(keywords 1.., snapshot),
    reset: fun!(keywords 1.., reset),
    pixformat: fun!(1..=2, pixformat),
    framesize: fun!(1..=2, framesize),
    framerate: fun!(1..=2, framerate),
    framebuffers: fun!(1..=2, framebuffers),
    window: fun!(1..=2, window),
    hmirror: fun!(1..=2, hmirror),
    vflip: fun!(1..=2, vflip),
    transpose: fun!(1..=2, transpose),
    width: fun!(1, |_: &CSI| camera::with(|camera| Ok(camera.window()?.w))),
    height: fun!(1, |_: &CSI| camera::with(|camera| Ok(camera.window()?.h))),
    cid: fun!(1, |_: &CSI| camera::with(|camera| Ok(camera.id()))),
    readable: fun!(1, |_: &CSI| Ok(true)),
    flush: fun!(1, |_: &CSI| camera::with(|camera| {
        camera.show();
        Ok(())
    })),
    shutdown: fun!(2, |_: &CSI, asleep: bool| control::sleep(asleep)),
    sleep: fun!(2, |_: &CSI, asleep: bool| control::sleep(asleep)),
    auto_gain: fun!(keywords 1.., |arguments| control::auto_gain(behind(arguments)?)),
    gain_db: fun!(1, |_: &CSI| control::gain_db()),
    auto_exposure: fun!(keywords 1.., |arguments| control::auto_exposure(behind(arguments)?)),
    exposure_us: fun!(1, |_: &CSI| control::exposure_us()),
    auto_whitebal: fun!(keywords 1.., |arguments| control::auto_whitebal(behind(arguments)?)),
    colorbar: fun!(2, |_: &CSI, on: bool| control::colorbar(on)),
    __read_reg: fun!(2, |_: &CSI, register: u16| control::read_register(register)),
    __write_reg: fun!(3..=3, write_register),
    // What these cameras do not have is taken, and changes nothing.
    auto_blc: fun!(keywords 1.., left),
    gainceiling: fun!(1..=2, left),
    contrast: fun!(1..=2, left),
    brightness: fun!(1..=2, left),
    saturation: fun!(1..=2, left),
    quality: fun!(2, |_: &CSI, quality: u8| control::set_quality(quality)),
}

/// `import csi` is how a script of the fifth generation begins.
pub fn imported() -> Result<()> {
    generation::choose(false);
    Ok(())
}

fn write_register(arguments: Arguments) -> Result<()> {
    let rest = behind(arguments)?;
    args!(rest => [register: u16, value: u8]);
    control::write_register(register, value)
}

/// `csi.devices()`
pub fn devices() -> Result<Obj> {
    let soft = Obj::from_u64(SOFTCSI.into())?;
    camera::with(|camera| match camera.id() {
        SOFTCSI => Obj::list(&[soft]),
        real => Obj::list(&[Obj::from_u64(real.into())?, soft]),
    })
}

/// `CSI(*, cid=-1, delays=True, fflush=True, stream=None)`
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => *, cid: i32 = -1, delays: bool = true, fflush: bool = true);
    let _ = (delays, fflush);
    camera::with(|camera| camera.choose(cid))?;
    new_object(CSI)
}

/// What a synthetic camera does not have.
pub fn left(_: Arguments) -> Result<()> {
    Ok(())
}

/// The arguments behind the object.
fn behind(arguments: Arguments) -> Result<Arguments> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    convert::<&CSI>("self", object)?;
    Ok(rest)
}

fn reset(arguments: Arguments) -> Result<()> {
    let rest = behind(arguments)?;
    args!(rest => *, hard: bool = true);
    let _ = hard;
    camera::with(Camera::reset)
}

/// `snapshot(*, time=-1, frames=-1, blocking=True, image=None)`: with a time or a number of frames those are let go first.
fn snapshot(arguments: Arguments) -> Result<Obj> {
    let rest = behind(arguments)?;
    args!(rest => *, time: i32 = -1, frames: i32 = -1, blocking: bool = true, image: Option<Obj> = None);
    let _ = blocking;
    camera::with(|camera| {
        camera.skip(frames, time)?;
        let Some(object) = image else {
            return camera.snapshot();
        };
        camera.fill(convert::<&Image>("image", &object)?)?;
        Ok(object)
    })
}

/// Sets, if there is something to set, and says what it was before or is.
fn setting(
    arguments: Arguments,
    set: impl FnOnce(&Camera, Obj) -> Result<()>,
    get: impl FnOnce(Settings) -> Result<Obj>,
) -> Result<Obj> {
    let rest = behind(arguments)?;
    camera::with(|camera| match rest.split_first() {
        Some((value, _)) => set(camera, *value).map(|()| Obj::NONE),
        None => get(camera.settings.get()),
    })
}

/// Chooses a format that can be drawn.
pub fn set_pixformat(camera: &Camera, value: Obj) -> Result<()> {
    let format = format(convert("pixformat", &value)?)?;
    if camera.hardware().is_some() {
        if real::pixels(format).is_none() {
            return Err(Error::Value(c"a camera sends GRAYSCALE, RGB565, YUV422 or JPEG"));
        }
    } else if format.pixels().is_none() {
        return Err(Error::Value(
            c"the synthetic camera makes GRAYSCALE, RGB565 and BINARY; to_jpeg() makes JPEG of them",
        ));
    }
    camera.stop();
    camera.change(|settings| settings.format = Some(format));
    Ok(())
}

/// `csi.QVGA` and the like, or (width, height).
pub fn set_framesize(camera: &Camera, value: Obj) -> Result<()> {
    let size = if value.sequence().is_some() {
        let [width, height] = of_sequence("framesize", value)?;
        let side = |side: i32| u16::try_from(side).ok().filter(|side| (1..=4096).contains(side));
        match (side(width), side(height)) {
            (Some(width), Some(height)) => (-1, (width, height)),
            _ => return Err(Error::Value(c"each side of a frame must be 1 to 4096 pixels")),
        }
    } else {
        let number: i32 = convert("framesize", &value)?;
        let size = usize::try_from(number).ok().and_then(|number| SIZES.get(number));
        let size = size.ok_or(Error::Value(
            c"no such frame size: use csi.QVGA and the like, or (width, height)",
        ))?;
        (number, *size)
    };
    if let Some(hardware) = camera.hardware() {
        hardware.check(size.1, Pixels::Rgb565)?;
    }
    camera.stop();
    camera.change(|settings| {
        settings.size = Some(size);
        settings.window = None;
    });
    Ok(())
}

/// (x, y, w, h), or (w, h) in the middle. ValueError if it is not inside the picture.
pub fn set_window(camera: &Camera, value: Obj) -> Result<()> {
    let (width, height) = camera.picture_size()?;
    let (width, height) = (width as i32, height as i32);
    let count = value.sequence().map_or(0, |items| items.len());
    let region = if count == 2 {
        let [w, h] = of_sequence("the window", value)?;
        Region::new((width - w) / 2, (height - h) / 2, w, h)
    } else {
        let [x, y, w, h] = of_sequence("the window", value)?;
        Region::new(x, y, w, h)
    };
    let inside = region.x >= 0
        && region.y >= 0
        && region.w > 0
        && region.h > 0
        && i64::from(region.x) + i64::from(region.w) <= i64::from(width)
        && i64::from(region.y) + i64::from(region.h) <= i64::from(height);
    if !inside {
        return Err(Error::Value(
            c"the window must lie in the frame: (x, y, w, h) or (w, h)",
        ));
    }
    camera.stop();
    camera.change(|settings| settings.window = Some(region));
    Ok(())
}

fn pixformat(arguments: Arguments) -> Result<Obj> {
    setting(arguments, set_pixformat, |settings| {
        settings
            .format
            .map_or(Ok(Obj::NONE), |format| Obj::from_u64(u64::from(format as u32)))
    })
}

fn framesize(arguments: Arguments) -> Result<Obj> {
    setting(arguments, set_framesize, |settings| {
        settings
            .size
            .map_or(Ok(Obj::NONE), |(number, _)| Obj::from_i32(number))
    })
}

fn window(arguments: Arguments) -> Result<Obj> {
    let rest = behind(arguments)?;
    camera::with(|camera| match rest.split_first() {
        Some((value, _)) => set_window(camera, *value).map(|()| Obj::NONE),
        None => {
            let window = camera.window()?;
            tuple(&[window.x, window.y, window.w, window.h])
        }
    })
}

/// A setting that is a number or a truth.
macro_rules! settings {
    ($($name:ident, $get:ident, $set:ident: $kind:ty),* $(,)?) => {$(
        pub fn $set(value: Obj) -> Result<()> {
            let value: $kind = convert(stringify!($name), &value)?;
            camera::with(|camera| {
                camera.change(|settings| settings.$name = value);
                control::apply(camera, stringify!($name))
            })
        }

        pub fn $get() -> Result<$kind> {
            camera::with(|camera| Ok(camera.settings.get().$name))
        }

        fn $name(arguments: Arguments) -> Result<Obj> {
            let rest = behind(arguments)?;
            match rest.split_first() {
                Some((value, _)) => $set(*value).map(|()| Obj::NONE),
                None => upy::IntoObj::into_obj($get()?),
            }
        }
    )*};
}

settings! {
    hmirror, get_hmirror, set_hmirror: bool,
    vflip, get_vflip, set_vflip: bool,
    transpose, get_transpose, set_transpose: bool,
    framerate, get_framerate, set_framerate: i32,
    framebuffers, get_framebuffers, set_framebuffers: i32,
}
