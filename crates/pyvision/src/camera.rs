//! The camera that is always there: a synthetic one, whose pictures are drawn. What a real one would have to settle, such as gain,
//! it takes and leaves.
//!
//! Frame `n` has eight bars of colour above, a ramp of grey below, and a disc that goes 4 pixels a frame to the right; its number
//! stands in the upper left corner. So scripts and tests know what there is to be found.

use core::cell::Cell;

use upy::{Error, Obj, ObjCell, Result, class, convert, held, new_object};
use vision::compose::{self, Compose, Hints, Source};
use vision::{Format, Paint, PixFormat, Point, Region, ViewMut, colour::rgb565, draw};

use crate::Image;
use crate::picture::{Shape, told};
use crate::preview;

/// OpenMV's number for a camera that is a program.
pub const SOFTCSI: u32 = 0x50F7;

/// Sizes by their numbers, as modules `csi` and `sensor` name them.
pub const SIZES: [(u16, u16); 36] = [
    (88, 72),
    (176, 144),
    (352, 288),
    (88, 60),
    (176, 120),
    (352, 240),
    (40, 30),
    (80, 60),
    (160, 120),
    (320, 240),
    (640, 480),
    (30, 20),
    (60, 40),
    (120, 80),
    (240, 160),
    (480, 320),
    (64, 32),
    (64, 64),
    (128, 64),
    (128, 128),
    (160, 160),
    (320, 320),
    (128, 160),
    (720, 480),
    (752, 480),
    (800, 600),
    (1024, 768),
    (1280, 768),
    (1280, 1024),
    (1280, 960),
    (1600, 1200),
    (1280, 720),
    (1920, 1080),
    (2560, 1440),
    (2048, 1536),
    (2592, 1944),
];

/// What was set.
#[derive(Clone, Copy)]
pub struct Settings {
    pub format: Option<PixFormat>,
    /// The number of the size, -1 for one of a script's own, and what it is.
    pub size: Option<(i32, (u16, u16))>,
    /// The part of the picture that a frame shows.
    pub window: Option<Region>,
    pub hmirror: bool,
    pub vflip: bool,
    pub transpose: bool,
    pub framerate: i32,
    pub framebuffers: i32,
}

const RESET: Settings = Settings {
    format: None,
    size: None,
    window: None,
    hmirror: false,
    vflip: false,
    transpose: false,
    framerate: 0,
    framebuffers: 1,
};

/// The camera of a program.
pub struct Camera {
    pub settings: Cell<Settings>,
    /// The image that `snapshot()` fills and gives.
    frame: ObjCell,
    /// How many were made.
    count: Cell<u32>,
}

class! {
    Camera as "a camera" {}
}

/// Where the collector finds it: the last of the places that drivers have.
const PLACE: usize = held::PLACES - 1;

/// At the start of each run there is none.
pub fn start() {
    held::hold(PLACE, None);
}

/// Does something with the program's camera.
pub fn with<R>(then: impl FnOnce(&Camera) -> Result<R>) -> Result<R> {
    let object = match held::get(PLACE) {
        Some(object) => object,
        None => {
            let object = new_object(Camera {
                settings: Cell::new(RESET),
                frame: ObjCell::new(Obj::NONE),
                count: Cell::new(0),
            })?;
            held::hold(PLACE, Some(object));
            object
        }
    };
    then(convert("camera", &object)?)
}

/// At the end of a script: its last frame is for the host to see.
pub fn show_last() {
    if let Some(object) = held::get(PLACE)
        && let Ok(camera) = convert::<&Camera>("camera", &object)
    {
        camera.show();
    }
}

impl Camera {
    /// As after power-up.
    pub fn reset(&self) {
        self.settings.set(RESET);
        self.count.set(0);
        self.release();
    }

    /// Changes settings.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.get();
        change(&mut settings);
        self.settings.set(settings);
    }

    /// Gives the frame's memory back: an image that a program still has says so.
    pub fn release(&self) {
        let frame = self.frame.get();
        if let Ok(image) = convert::<&Image>("frame", &frame) {
            image.replace(Obj::NONE, image.shape());
        }
        self.frame.set(Obj::NONE);
    }

    /// Frames that nobody looks at.
    pub fn skip(&self, frames: u32) {
        self.count.set(self.count.get().wrapping_add(frames));
    }

    /// The last frame, or None.
    pub fn frame(&self) -> Obj {
        self.frame.get()
    }

    /// Width and height of the whole picture. RuntimeError if they were not chosen.
    pub fn picture_size(&self) -> Result<(usize, usize)> {
        let (_, (width, height)) = self.settings.get().size.ok_or(Error::Runtime(
            c"the frame size is not set: framesize(csi.QVGA), or sensor.set_framesize(sensor.QVGA)",
        ))?;
        Ok((width.into(), height.into()))
    }

    /// The part of it that a frame shows.
    pub fn window(&self) -> Result<Region> {
        let (width, height) = self.picture_size()?;
        let whole = Region::new(0, 0, width as i32, height as i32);
        Ok(self.settings.get().window.unwrap_or(whole))
    }

    fn shape(&self) -> Result<Shape> {
        let settings = self.settings.get();
        let format = settings.format.ok_or(Error::Runtime(
            c"the pixel format is not set: pixformat(csi.RGB565), or sensor.set_pixformat(sensor.RGB565)",
        ))?;
        let window = self.window()?;
        let (mut width, mut height) = (window.w as usize, window.h as usize);
        if settings.transpose {
            (width, height) = (height, width);
        }
        Shape::new(width, height, format)
    }

    /// The last frame, as the script has left it, is for the host to see.
    pub fn show(&self) {
        if let Ok(image) = convert::<&Image>("frame", &self.frame.get()) {
            preview::publish(image);
        }
    }

    /// `snapshot()`: the next frame, in the image that the last one was in.
    pub fn snapshot(&self) -> Result<Obj> {
        let shape = self.shape()?;
        self.show();
        let mut object = self.frame.get();
        let fits = convert::<&Image>("frame", &object)
            .is_ok_and(|image| image.shape() == shape && image.store().is_ok());
        if !fits {
            match convert::<&Image>("frame", &object) {
                Ok(image) => image.replace(Obj::bytearray(shape.bytes)?, shape),
                Err(_) => object = Image::zeros(shape)?,
            }
            self.frame.set(object);
        }
        self.fill(convert("frame", &object)?)?;
        Ok(object)
    }

    /// The next frame into an image of a script's.
    pub fn fill(&self, image: &Image) -> Result<()> {
        let number = self.count.get();
        self.count.set(number.wrapping_add(1));
        let settings = self.settings.get();
        let (width, height) = self.picture_size()?;
        let mut pixels = image.pixels_mut()?;
        let mut view = pixels.view()?;
        let turned = settings.hmirror || settings.vflip || settings.transpose;
        if !turned && settings.window.is_none() && (view.width(), view.height()) == (width, height) {
            picture(&mut view, number);
            return Ok(());
        }
        let format = view.format();
        let mut memory = upy::Scratch::leaf(format.image_bytes(width, height))?;
        let mut whole = ViewMut::new(memory.bytes(), width, height, format).map_err(told)?;
        picture(&mut whole, number);
        let flag = |on: bool, hint: Hints| if on { hint.0 } else { 0 };
        let how = Compose {
            roi: settings.window,
            hints: Hints(
                flag(settings.hmirror, Hints::HMIRROR)
                    | flag(settings.vflip, Hints::VFLIP)
                    | flag(settings.transpose, Hints::TRANSPOSE),
            ),
            ..Compose::default()
        };
        compose::compose(&mut view, &Source::Image(whole.as_view()), &how).map_err(told)
    }
}

/// White, yellow, cyan, green, magenta, red, blue, black: the bars of television.
const BARS: [[u8; 3]; 8] = [
    [255, 255, 255],
    [255, 255, 0],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 0],
];

/// A colour as a pixel of this format.
fn pixel(format: Format, rgb: [u8; 3]) -> u16 {
    let colour = rgb565::from_rgb(rgb);
    match format {
        Format::Rgb565 => colour,
        Format::Grey => rgb565::luma(colour).into(),
        Format::Binary => (rgb565::luma(colour) > 127).into(),
    }
}

/// Draws frame `number`.
fn picture(view: &mut ViewMut, number: u32) {
    let (width, height) = (view.width() as i32, view.height() as i32);
    let (format, half) = (view.format(), height / 2);
    for (at, bar) in (0..).zip(BARS) {
        let (left, right) = (at * width / 8, (at + 1) * width / 8);
        let paint = Paint::new(pixel(format, bar)).filled();
        draw::rectangle(view, Region::new(left, 0, right - left, half), &paint);
    }
    for x in 0..width {
        let grey = (x * 255 / (width - 1).max(1)) as u8;
        let paint = Paint::new(pixel(format, [grey; 3])).filled();
        draw::rectangle(view, Region::new(x, half, 1, height - half), &paint);
    }
    let radius = (height / 8).max(1);
    let x = (number.wrapping_mul(4) % width as u32) as i32;
    let disc = Paint::new(pixel(format, [255, 128, 0])).filled();
    draw::circle(view, Point::new(x, height * 3 / 4), radius, &disc);
    let mut digits = [0; 10];
    let words = decimal(number, &mut digits);
    let style = draw::Text::new(pixel(format, [0, 0, 0]));
    draw::text(view, Point::new(2, 2), words, &style);
}

/// A number as text.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &str {
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return core::str::from_utf8(&digits[first..]).unwrap_or_default();
        }
    }
}
