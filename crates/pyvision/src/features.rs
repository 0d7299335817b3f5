//! Objects by cascades, the iris of an eye.

use core::fmt::{self, Write};

use upy::{
    Arguments, Error, File, Kind, Obj, ObjCell, Printer, Result, Scratch, args, class, new_object, qstr, sys,
};
use vision::find::{self, Cascade, FeatureQuery};

use crate::find::listed;
use crate::parse::{Roi, rect, region, this, tuple};
use crate::picture::told;

/// `image.HaarCascade`
pub struct HaarCascade {
    /// The bytes of the file.
    file: ObjCell,
    stages: Option<usize>,
}

class! {
    HaarCascade as "an image.HaarCascade" { make_new: new, print: print }
}

/// `HaarCascade(path, *, stages=-1)`: a name without a folder is that of a file in /flash.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => path: Obj, *, stages: i32 = -1);
    let file = read(path)?;
    let stages = match stages {
        -1 => None,
        _ => Some(
            usize::try_from(stages)
                .ok()
                .filter(|stages| *stages > 0)
                .ok_or(Error::Value(c"stages must be 1 or more, or -1 for all"))?,
        ),
    };
    let buffer = file.buffer()?;
    Cascade::new(buffer.as_slice(), stages).map_err(told)?;
    new_object(HaarCascade {
        file: ObjCell::new(file),
        stages,
    })
}

/// The bytes of a cascade's file.
fn read(path: Obj) -> Result<Obj> {
    let name = path.as_str()?;
    let stream = if name.contains(['/', '.']) {
        File::open(path, qstr::rb)?
    } else {
        named(name)?
    };
    let file = Obj::bytearray(stream.size()?)?;
    let read = stream.read(file.buffer_to_fill()?.as_mut_slice())?;
    stream.close()?;
    if read < file.buffer()?.len() {
        return Err(Error::Value(c"the file ended before its end"));
    }
    Ok(file)
}

/// The file of a cascade that is asked for by name: OpenCV's own are not in this firmware, as their licence is another one.
fn named(name: &str) -> Result<File> {
    const FOLDER: &str = "/flash/";
    const END: &str = ".cascade";
    let mut path = [0; 80];
    let mut length = 0;
    for part in [FOLDER, name, END] {
        let place = path.get_mut(length..length + part.len());
        let place = place.ok_or(Error::Value(c"the name of a cascade has at most 60 letters"))?;
        place.copy_from_slice(part.as_bytes());
        length += part.len();
    }
    let text = core::str::from_utf8(&path[..length]).unwrap_or_default();
    File::open(Obj::str(text)?, qstr::rb).map_err(|error| match error {
        Error::Raised(raised) if raised.is_a(&raw const sys::mp_type_OSError) => Error::new(
            Kind::Value,
            format_args!(
                "no {text}; make it of OpenCV's haarcascade_{name}*.xml by `spiram cascade`, and copy it there"
            ),
        ),
        other => other,
    })
}

fn print(cascade: &HaarCascade, printer: &mut Printer) -> fmt::Result {
    let buffer = cascade.file.get().buffer().map_err(|_| fmt::Error)?;
    let cascade = Cascade::new(buffer.as_slice(), cascade.stages).map_err(|_| fmt::Error)?;
    let (width, height) = cascade.window;
    let (features, rectangles) = cascade.counts();
    write!(
        printer,
        "{{\"width\":{width}, \"height\":{height}, \"n_stages\":{}, \"n_features\":{features}, \
         \"n_rectangles\":{rectangles}}}",
        cascade.stages
    )
}

/// `find_features(cascade, *, threshold=0.5, scale=1.5, roi=None)`: a list of (x, y, w, h). `scale_factor` is the same as `scale`.
pub fn find_features(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => cascade: &HaarCascade, *, threshold: f32 = 0.5, scale: Option<f32> = None,
        scale_factor: Option<f32> = None, roi: Option<Roi> = None);
    let query = FeatureQuery {
        roi: region(roi),
        threshold,
        scale: scale.or(scale_factor).unwrap_or(1.5),
    };
    let file = cascade.file.get().buffer()?;
    let cascade = Cascade::new(file.as_slice(), cascade.stages).map_err(told)?;
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "features",
        find::features_scratch(view.width(), &cascade),
        |scratch, found| find::find_features(&view, &cascade, &query, scratch, found),
        |region| rect(*region),
    )
}

/// `find_eye(roi)`: the middle of the iris in a region that is an eye, (x, y).
pub fn find_eye(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => roi: Roi);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let area = view.area_of(Some(roi.0)).map_err(told)?;
    let mut memory = Scratch::near(find::eye_scratch(area.w, area.h))?;
    let place = find::find_eye(&view, roi.0, vision::Scratch::new(memory.bytes())).map_err(told)?;
    tuple(&[place.x, place.y])
}
