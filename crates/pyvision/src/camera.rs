//! The camera of a program: the one at the board's connector if one answers (`real.rs`), else a synthetic one, whose pictures are
//! drawn. What a real one has to settle, such as gain, the synthetic one takes and leaves.
//!
//! Frame `n` has eight bars of colour above, a ramp of grey below, and a disc that goes 4 pixels a frame to the right; its number
//! stands in the upper left corner. So scripts and tests know what there is to be found.

use core::cell::Cell;

use upy::{Error, Kind, Obj, ObjCell, Result, class, convert, held, new_object};
use vision::compose::{self, Compose, Hints, Source};
use vision::{Format, Paint, PixFormat, Point, Region, ViewMut, colour::rgb565, draw};

use crate::Image;
use crate::hardware::{self, Hardware, Kind as Pixels, Wanted};
use crate::picture::{Shape, told};
use crate::preview;
use crate::real::{self, Plan, Stream};

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
    /// 10 to 100, of a camera that compresses.
    pub quality: u8,
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
    quality: 80,
};

/// The camera of a program.
pub struct Camera {
    pub settings: Cell<Settings>,
    /// The image that `snapshot()` fills and gives.
    frame: ObjCell,
    /// How many were made.
    count: Cell<u32>,
    /// The one that is asked for by its number; -1: any.
    asked: Cell<i32>,
    /// The number of the real one, if it is that.
    real: Cell<Option<u32>>,
    /// What comes from that.
    stream: Stream,
}

class! {
    Camera as "a camera" {}
}

/// Where the collector finds it: the last of the places that drivers have.
const PLACE: usize = held::PLACES - 1;

/// At the start of each run there is none. What worked for the last one was stopped at its end.
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
                asked: Cell::new(-1),
                real: Cell::new(None),
                stream: Stream::new(),
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
    /// Which camera is meant from here on: -1 is the real one if it answers, else the synthetic one. RuntimeError if it is not there,
    /// and all is as it was.
    pub fn choose(&self, asked: i32) -> Result<()> {
        let found = self.look(asked)?;
        self.asked.set(asked);
        self.begin(found);
        Ok(())
    }

    /// As after power-up: who answers is asked again.
    pub fn reset(&self) -> Result<()> {
        let found = self.look(self.asked.get())?;
        self.begin(found);
        Ok(())
    }

    /// Who answers; `None` is the synthetic one.
    fn look(&self, asked: i32) -> Result<Option<u32>> {
        self.stop();
        if asked == SOFTCSI as i32 {
            return Ok(None);
        }
        let found = hardware::get().map_or(Ok(None), Hardware::find)?;
        if asked != -1 && found != u32::try_from(asked).ok() {
            return Err(missing(asked, found));
        }
        Ok(found)
    }

    fn begin(&self, found: Option<u32>) {
        self.settings.set(RESET);
        self.count.set(0);
        self.release();
        self.real.set(found);
        if found.is_some() {
            self.change(|settings| settings.framebuffers = 3);
        }
    }

    /// The number of the camera.
    pub fn id(&self) -> u32 {
        self.real.get().unwrap_or(SOFTCSI)
    }

    /// The way to the real one, if it is that.
    pub fn hardware(&self) -> Option<&'static dyn Hardware> {
        self.real.get().and_then(|_| hardware::get())
    }

    /// Pictures no longer come; with the next snapshot they do again, as settings are then.
    pub fn stop(&self) {
        if let Some(hardware) = self.hardware() {
            self.stream.stop(hardware);
        }
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

    /// Frames that nobody looks at: so many, or those of so many milliseconds.
    pub fn skip(&self, frames: i32, time_ms: i32) -> Result<()> {
        if let Some(hardware) = self.hardware()
            && (frames > 0 || time_ms > 0)
        {
            return self.stream.skip(&self.plan()?, hardware, frames, time_ms);
        }
        let frames = match frames {
            1.. => frames as u32,
            // 30 a second.
            _ => u32::try_from(time_ms).unwrap_or(0) * 3 / 100,
        };
        self.count.set(self.count.get().wrapping_add(frames));
        Ok(())
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

    /// What a frame is.
    pub fn shape(&self) -> Result<Shape> {
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

    /// What the camera is to send, and what a frame of it is.
    fn plan(&self) -> Result<Plan> {
        let mut shape = self.shape()?;
        let settings = self.settings.get();
        let window = self.window()?;
        // As it comes; it is transposed afterwards.
        (shape.width, shape.height) = (window.w as usize, window.h as usize);
        let kind = real::pixels(shape.format).ok_or(Error::Value(
            c"a camera sends GRAYSCALE, RGB565, YUV422 or JPEG; to_bitmap() makes BINARY of them",
        ))?;
        let (width, height) = self.picture_size()?;
        if kind == Pixels::Jpeg {
            if (shape.width, shape.height) != (width, height) {
                return Err(Error::Value(
                    c"a window of JPEG cannot be cut out: choose a framesize",
                ));
            }
            shape.bytes = width * height;
        }
        let grid = if kind == Pixels::Grey { 4 } else { 2 };
        if shape.width % grid != 0 {
            return Err(Error::Value(
                c"the window's width must be a multiple of 4, or of 2 in colour, as the camera interface takes words",
            ));
        }
        let small = |n: i32| n as u16;
        Ok(Plan {
            wanted: Wanted {
                size: (width as u16, height as u16),
                window: [small(window.x), small(window.y), small(window.w), small(window.h)],
                kind,
                bytes: shape.bytes,
                rate: settings.framerate.clamp(0, 1000) as u16,
                quality: settings.quality,
            },
            shape,
            count: settings.framebuffers.max(1) as usize,
        })
    }

    /// `snapshot()`: the next frame, in the image that the last one was in.
    pub fn snapshot(&self) -> Result<Obj> {
        let shape = self.shape()?;
        self.show();
        if let Some(hardware) = self.hardware() {
            let (store, raw) = self.stream.next(&self.plan()?, hardware)?;
            return self.framed(store, raw);
        }
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

    /// A frame of the real camera, as the image that the last one was: over its own bytes, unless it is to be transposed.
    fn framed(&self, store: Obj, raw: Shape) -> Result<Obj> {
        let (store, shape) = if self.settings.get().transpose {
            let shape = Shape::new(raw.height, raw.width, raw.format)?;
            let turned = Image::zeros(shape)?;
            transposed(&Image::over(store, raw), convert("frame", &turned)?)?;
            (convert::<&Image>("frame", &turned)?.store()?, shape)
        } else {
            (store, raw)
        };
        let mut object = self.frame.get();
        match convert::<&Image>("frame", &object) {
            Ok(image) => image.replace(store, shape),
            Err(_) => object = new_object(Image::over(store, shape))?,
        }
        self.frame.set(object);
        Ok(object)
    }

    /// The next frame into an image of a script's.
    pub fn fill(&self, image: &Image) -> Result<()> {
        if let Some(hardware) = self.hardware() {
            self.shape()?;
            let (store, raw) = self.stream.next(&self.plan()?, hardware)?;
            let frame = Image::over(store, raw);
            let mut pixels = image.pixels_mut()?;
            let source = frame.pixels()?;
            return compose::compose(
                &mut pixels.view()?,
                &Source::Image(source.view()?),
                &Compose::default(),
            )
            .map_err(told);
        }
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

fn transposed(frame: &Image, target: &Image) -> Result<()> {
    let source = frame.pixels()?;
    let mut pixels = target.pixels_mut()?;
    let how = Compose {
        hints: Hints(Hints::TRANSPOSE.0),
        ..Compose::default()
    };
    compose::compose(&mut pixels.view()?, &Source::Image(source.view()?), &how).map_err(told)
}

/// The camera that is asked for is not there.
fn missing(asked: i32, found: Option<u32>) -> Error {
    match found {
        None => Error::new(
            Kind::Runtime,
            format_args!(
                "no camera answers (asked for {asked:#x}): is it plugged in, the right way round? \
                 cid=csi.SOFTCSI is the synthetic one"
            ),
        ),
        Some(found) => Error::new(
            Kind::Runtime,
            format_args!("the camera is {found:#x}, not {asked:#x} as asked for"),
        ),
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
