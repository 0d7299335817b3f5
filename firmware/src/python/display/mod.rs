//! The Python module `display`: OpenMV's `SPIDisplay`, on the board's connector.
//!
//! A picture is drawn into memory of Python's heap and sent from there by DMA; with `triple_buffer` a program never waits for that.

pub mod lcd;

use crate::board;
use core::cell::Cell;
use core::fmt;
use core::fmt::Write;
use core::sync::atomic::{AtomicU32, Ordering};
use h7a3::screen::panel::{CONTROLLERS, Controller, Layout, Look, Panel};
use h7a3::screen::{self as wire, Fault, Wires};
use h7a3::spi::FASTEST_HZ;
use pyvision::screen;
use upy::{
    Arguments, Error, Kind, Obj, ObjCell, Printer, Result, Value, args, class, convert, fun, interpreter,
    module, new_object, qstr, sys,
};

/// Pictures in turn: one is drawn, one waits, one is on its way.
const MOST_FRAMES: usize = 3;
/// Pictures lie in fast memory up to this; more would take it from the program.
const NEAR_BYTES: usize = 160 << 10;
/// Of a light without steps.
const FULL: u8 = 255;

/// The number of the display that has the wires.
static OPEN: AtomicU32 = AtomicU32::new(0);

/// `display.SPIDisplay`
pub struct SPIDisplay {
    number: u32,
    /// Images; those that are not used are None.
    frames: [ObjCell; MOST_FRAMES],
    name: &'static str,
    size: [u16; 2],
    swapped: bool,
    hz: u32,
    lit: Cell<u8>,
    /// The object that has the light, if it is not a pin.
    own_light: ObjCell,
}

class! {
    SPIDisplay as "an SPIDisplay", finaliser {
        make_new: new,
        print: print,
    }
    write: fun!(keywords 1.., write),
    clear: fun!(1..=2, clear),
    backlight: fun!(1..=2, backlight),
    deinit: fun!(1, deinit),
    width: fun!(1, |this: &SPIDisplay| Ok(u32::from(this.size[0]))),
    height: fun!(1, |this: &SPIDisplay| Ok(u32::from(this.size[1]))),
    refresh: fun!(1, refresh),
    bus_write: fun!(keywords 1.., bus_write),
    bus_read: fun!(keywords 1.., bus_read),
}

module! {
    display_module = display {
        SPIDisplay: Value::class::<SPIDisplay>(),
        ST7735R: Value::int(1),
        ST7789: Value::int(2),
        ILI9341: Value::int(3),
    }
}

impl Drop for SPIDisplay {
    fn drop(&mut self) {
        if self.is_open() {
            wire::close();
        }
    }
}

/// A fault of the wires as what Python gets. Runs Python, if Ctrl-C was the fault.
fn raise(fault: Fault) -> Error {
    match fault {
        Fault::Stuck => Error::Os(sys::MP_ETIMEDOUT),
        Fault::Memory => Error::Runtime(c"the display's DMA does not reach the picture's memory"),
        Fault::NoOutput => Error::Value(c"nothing can be read: the display has no line back to the chip"),
        Fault::Stopped => interpreter::serve_pending()
            .err()
            .unwrap_or(Error::Os(sys::MP_EINTR)),
    }
}

/// What was asked for.
struct Asked {
    width: Option<u16>,
    height: Option<u16>,
    refresh: u32,
    bgr: Option<bool>,
    swapped: bool,
    look: Look,
    triple_buffer: bool,
    controller: Option<Obj>,
    own_light: Obj,
}

/// `SPIDisplay(width=None, height=None, refresh=0, bgr=None, byte_swap=False, hmirror=False, vflip=False, triple_buffer=False, *,
/// controller=None, backlight=None)`: what is None is the panel's. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => width: Option<u16> = None, height: Option<u16> = None, refresh: u32 = 0, bgr: Option<bool> = None,
        byte_swap: bool = false, hmirror: bool = false, vflip: bool = false, triple_buffer: bool = false, *,
        controller: Option<Obj> = None, backlight: Option<Obj> = None);
    open(Asked {
        width,
        height,
        refresh,
        bgr,
        swapped: byte_swap,
        look: Look {
            turned: false,
            hmirror,
            vflip,
        },
        triple_buffer,
        controller,
        own_light: backlight.unwrap_or(Obj::NONE),
    })
}

fn open(asked: Asked) -> Result<Obj> {
    let wires = board::DISPLAY.ok_or(Error::Os(sys::MP_ENODEV))?;
    // Any object with a method `init` sets up a controller that is not known here.
    let own = asked.controller.filter(|controller| !controller.is_int());
    let (panel, layout) = match own {
        Some(_) => (None, plain(&asked)?),
        None => {
            let (panel, turned) = choose(&asked)?;
            let look = Look { turned, ..asked.look };
            (Some(panel), panel.layout(look, asked.bgr.unwrap_or(panel.bgr)))
        }
    };
    let hz = clock(&asked, panel, layout.size)?;
    let count = if asked.triple_buffer { MOST_FRAMES } else { 1 };
    let [width, height] = layout.size;
    let near = count * 2 * usize::from(width) * usize::from(height) <= NEAR_BYTES;
    let frames = [const { ObjCell::new(Obj::NONE) }; MOST_FRAMES];
    for frame in &frames[..count] {
        frame.set(screen::blank(width, height, near)?);
    }
    let black = frames[0].get();
    let hz = take(wires, hz)?;
    let number = OPEN.fetch_add(1, Ordering::Relaxed) + 1;
    let object = new_object(SPIDisplay {
        number,
        frames,
        name: panel.map_or("own", |panel| panel.controller.name),
        size: layout.size,
        swapped: asked.swapped,
        hz,
        lit: Cell::new(FULL),
        own_light: ObjCell::new(asked.own_light),
    })?;
    let this = convert::<&SPIDisplay>("self", &object)?;
    match (panel, own) {
        (Some(panel), _) => {
            let pixels = screen::pixels(&black)?;
            wire::start(panel, &layout, pixels.bytes(), interpreter::interrupted).map_err(raise)?;
        }
        (None, Some(own)) => {
            own.call_method(qstr::init, &[object])?;
            wire::set_window(layout.first, layout.size, interpreter::interrupted).map_err(raise)?;
            this.show(&black)?;
        }
        (None, None) => {}
    }
    this.shine()?;
    Ok(object)
}

/// Of a controller that is not known only the size.
fn plain(asked: &Asked) -> Result<Layout> {
    match (asked.width, asked.height) {
        (Some(width @ 1..), Some(height @ 1..)) => Ok(Layout {
            madctl: 0,
            first: [0, 0],
            size: [width, height],
        }),
        _ => Err(Error::Value(
            c"with a controller of your own width and height are needed",
        )),
    }
}

/// The panel that is meant, and whether by a quarter turn.
fn choose(asked: &Asked) -> Result<(&'static Panel, bool)> {
    let fitted = board::PANEL.and_then(Panel::named);
    let controller: &Controller = match (asked.controller, fitted) {
        (Some(number), _) => {
            let number = convert::<u32>("controller", &number)?;
            let known = CONTROLLERS.get((number as usize).wrapping_sub(1));
            known.ok_or(Error::Value(
                c"controller is display.ST7735R, ST7789 or ILI9341, or an object with a method init(display)",
            ))?
        }
        (None, Some(panel)) => panel.controller,
        (None, None) => {
            return Err(Error::Value(
                c"this board carries no panel: say which is plugged in, as SPIDisplay(320, 240, controller=display.ILI9341)",
            ));
        }
    };
    let usual = fitted.filter(|panel| core::ptr::eq(panel.controller, controller));
    let usual = usual.map(Panel::size);
    let width = asked.width.or(usual.map(|size| size[0]));
    let height = asked.height.or(usual.map(|size| size[1]));
    let (Some(width), Some(height)) = (width, height) else {
        return Err(Error::Value(c"width and height are needed with this controller"));
    };
    Panel::find(controller, [width, height]).ok_or_else(|| sizes(controller, width, height))
}

/// ValueError, with the sizes there are.
fn sizes(controller: &Controller, width: u16, height: u16) -> Error {
    let mut known = heapless::String::<40>::new();
    let panels = h7a3::screen::panel::PANELS.iter();
    for panel in panels.filter(|panel| core::ptr::eq(panel.controller, controller)) {
        let [width, height] = panel.size();
        // What does not fit is left out.
        let _ = write!(known, " {width}x{height}");
    }
    Error::new(
        Kind::Value,
        format_args!(
            "no panel with {} has {width}x{height} dots; those that are known, upright or turned:{known}",
            controller.name
        ),
    )
}

/// The clock that makes so many pictures a second; without that the fastest of the controller's data sheet.
fn clock(asked: &Asked, panel: Option<&Panel>, [width, height]: [u16; 2]) -> Result<u32> {
    if asked.refresh == 0 {
        return Ok(panel.map_or(FASTEST_HZ / 4, |panel| panel.controller.write_hz));
    }
    let bits = 16 * u32::from(width) * u32::from(height);
    let least_hz = u64::from(bits) * u64::from(asked.refresh);
    let mut hz = FASTEST_HZ;
    if least_hz > u64::from(hz) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "refresh={} cannot be made: {width}x{height} dots go out at most {} times a second",
                asked.refresh,
                hz / bits
            ),
        ));
    }
    while u64::from(hz / 2) >= least_hz && hz / 2 >= h7a3::spi::SLOWEST_HZ {
        hz /= 2;
    }
    Ok(hz)
}

fn take(wires: Wires, hz: u32) -> Result<u32> {
    wire::open(wires, hz).ok_or(Error::Value(
        c"the board's display hangs on an SPI that DMA1 does not serve",
    ))
}

impl SPIDisplay {
    fn is_open(&self) -> bool {
        OPEN.load(Ordering::Relaxed) == self.number
    }

    /// ValueError after `deinit()`, and once another display was made.
    fn check(&self) -> Result<()> {
        if self.is_open() {
            return Ok(());
        }
        Err(Error::Value(
            c"this display is closed: by deinit(), or because another one was made",
        ))
    }

    /// A picture that is not on its way. Sleeps, if there is one alone.
    fn free(&self) -> Result<Obj> {
        if self.frames[1].get() == Obj::NONE {
            wire::wait(interpreter::interrupted).map_err(raise)?;
            return Ok(self.frames[0].get());
        }
        for frame in &self.frames {
            let frame = frame.get();
            let pixels = screen::pixels(&frame)?;
            if !wire::is_sending(pixels.bytes()) && !wire::waits_for(pixels.bytes()) {
                return Ok(frame);
            }
        }
        Err(Error::Runtime(c"all pictures are on their way"))
    }

    fn show(&self, frame: &Obj) -> Result<()> {
        wire::send(screen::pixels(frame)?.bytes(), self.swapped).map_err(raise)
    }

    fn write(&self, arguments: Arguments) -> Result<()> {
        let frame = self.free()?;
        screen::paint(&frame, arguments)?;
        self.show(&frame)?;
        self.shine()
    }

    fn clear(&self, arguments: Arguments) -> Result<()> {
        args!(arguments => display_off: bool = false);
        let frame = self.free()?;
        screen::clear(&frame)?;
        self.show(&frame)?;
        if display_off {
            wire::light(false);
        }
        Ok(())
    }

    fn set_light(&self, value: u8) -> Result<()> {
        self.lit.set(value);
        self.shine()
    }

    /// The light as it was set.
    fn shine(&self) -> Result<()> {
        let lit = self.lit.get();
        match self.own_light.get() {
            Obj::NONE => wire::light(lit > 0),
            light => {
                light.call_method(qstr::backlight, &[Obj::small_int(lit.into())])?;
            }
        }
        Ok(())
    }
}

/// The display that a method was called for, and what is behind it.
fn this<'a>(arguments: Arguments<'a>) -> Result<(&'a SPIDisplay, Arguments<'a>)> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let this = convert::<&SPIDisplay>("self", object)?;
    this.check()?;
    Ok((this, rest))
}

/// `write(image, x=0, y=0, *, x_scale=1.0, y_scale=1.0, roi=None, rgb_channel=-1, alpha=255, color_palette=None,
/// alpha_palette=None, hint=0)`
fn write(arguments: Arguments) -> Result<()> {
    let (this, rest) = this(arguments)?;
    this.write(rest)
}

/// `clear(display_off=False)`: black, without light if so asked, until something is shown.
fn clear(arguments: Arguments) -> Result<()> {
    let (this, rest) = this(arguments)?;
    this.clear(rest)
}

/// `backlight([value])`: 0 is off; a pin has no steps. Without a value it says what was set.
fn backlight(arguments: Arguments) -> Result<Option<u32>> {
    let (this, rest) = this(arguments)?;
    args!(rest => value: Option<u8> = None);
    let Some(value) = value else {
        return Ok(Some(this.lit.get().into()));
    };
    this.set_light(value)?;
    Ok(None)
}

fn deinit(this: &SPIDisplay) -> Result<()> {
    if this.is_open() {
        OPEN.fetch_add(1, Ordering::Relaxed);
        wire::close();
    }
    Ok(())
}

/// Pictures a second that the clock allows.
fn refresh(this: &SPIDisplay) -> Result<u32> {
    Ok(this.hz / (16 * u32::from(this.size[0]) * u32::from(this.size[1])))
}

/// `bus_write(cmd, args=None, dcs=False)`: a command by hand. A bytes-like object, or one number.
fn bus_write(arguments: Arguments) -> Result<()> {
    let (_, rest) = this(arguments)?;
    args!(rest => cmd: u8, args: Option<Obj> = None, dcs: bool = false);
    let _ = dcs;
    match args {
        None => wire::bus_write(cmd, &[], interpreter::interrupted),
        Some(number) if number.is_int() => {
            wire::bus_write(cmd, &[convert::<u8>("args", &number)?], interpreter::interrupted)
        }
        Some(bytes) => {
            let bytes = bytes.buffer()?;
            wire::bus_write(cmd, bytes.as_slice(), interpreter::interrupted)
        }
    }
    .map_err(raise)
}

/// `bus_read(cmd, len, args=None, dcs=False)`: what comes back behind a command, bit for bit as it is on the wire.
fn bus_read(arguments: Arguments) -> Result<Obj> {
    let (_, rest) = this(arguments)?;
    args!(rest => cmd: u8, len: usize, args: Option<Obj> = None, dcs: bool = false);
    let _ = dcs;
    if args.is_some() {
        return Err(Error::Value(
            c"these displays take no parameters before they answer: bus_write() first",
        ));
    }
    Obj::bytes_with(len, |bytes| {
        let cells = Cell::from_mut(bytes).as_slice_of_cells();
        wire::bus_read(cmd, cells, interpreter::interrupted).map_err(raise)
    })
}

fn print(this: &SPIDisplay, printer: &mut Printer) -> fmt::Result {
    let [width, height] = this.size;
    write!(
        printer,
        "SPIDisplay({width}, {height}, controller={}, baudrate={})",
        this.name, this.hz
    )
}
