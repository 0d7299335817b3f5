//! The camera at the board's connector, for `csi` and `sensor`: wires, SCCB over one of the chip's I2C, and who is asked what.

use core::cell::Cell;

use critical_section::Mutex;
use h7a3::camera::sensor::{self, Bus, Format, Found, Model, Sends};
use h7a3::camera::{self, Counts, Order};
use h7a3::gpio::{Mode, PinId, Pull};
use h7a3::i2c::{Data, Fault, Patience, Unit};
use h7a3::time;
use pyvision::hardware::{Control, Figure, Hardware, Kind as Pixels, Picked, Wanted};
use upy::{Error, Kind, Obj, Result, held, interpreter, port};

use crate::board;

/// Where a camera is connected.
pub struct Wires {
    /// The number of the I2C.
    pub control: u32,
    pub scl: (PinId, u8),
    pub sda: (PinId, u8),
    pub reset: PinId,
    pub pwdn: PinId,
    pub xclk: (PinId, u8),
    /// PIXCLK, HSYNC, VSYNC, D0 to D7.
    pub lines: [(PinId, u8); 11],
}

/// SCCB: what the slowest of these sensors takes.
const SCCB_HZ: u32 = 100_000;
const TIMEOUT_US: u32 = 5_000;
/// From the end of a reset until a sensor answers; the OV5640 takes 20.
const WAKE_MS: u64 = 20;
/// Steps of this many milliseconds while a picture is waited for.
const STEP_US: u64 = 1_000;

/// The camera of this board.
pub struct Eye {
    found: Mutex<Cell<Option<(Model, Sends)>>>,
}

/// There is one.
pub static EYE: Eye = Eye {
    found: Mutex::new(Cell::new(None)),
};

const NOTHING: Sends = Sends {
    rate_milli: 0,
    line_ns: 0,
};

/// At the end of a run: no frame is filled any more, and the pins are free.
pub fn stop() {
    EYE.let_go();
}

struct Sccb(Unit);

impl Sccb {
    fn transfer(&mut self, address: u8, data: Data) -> core::result::Result<usize, Fault> {
        let patience = Patience {
            timeout_us: TIMEOUT_US,
            stopped: interpreter::interrupted,
        };
        self.0.transfer(address, data, true, patience)
    }
}

impl Bus for Sccb {
    type Fault = Fault;

    fn write(&mut self, address: u8, bytes: &[u8]) -> core::result::Result<(), Fault> {
        match self.transfer(address, Data::Write(bytes))? {
            all if all == bytes.len() => Ok(()),
            _ => Err(Fault::NoDevice),
        }
    }

    fn read(&mut self, address: u8) -> core::result::Result<u8, Fault> {
        let mut byte = [0];
        self.transfer(address, Data::Read(&mut byte))?;
        Ok(byte[0])
    }
}

/// What went wrong at SCCB, in words.
fn told(fault: Fault) -> Error {
    match fault {
        Fault::NoDevice => Error::Runtime(c"the camera no longer answers at SCCB: was it unplugged?"),
        Fault::Timeout | Fault::Lost => Error::Runtime(
            c"the camera's SCCB does not work: a line is held low or has no pull-up; look at SCL and SDA of the connector",
        ),
        Fault::Stopped => Error::Runtime(c"interrupted while the camera was set up"),
    }
}

fn wires() -> Result<&'static Wires> {
    static WIRES: Option<Wires> = board::CAMERA;
    WIRES
        .as_ref()
        .ok_or(Error::Runtime(c"this board has no camera connector"))
}

fn bus(wires: &Wires) -> Result<Sccb> {
    Unit::new(wires.control)
        .map(Sccb)
        .ok_or(Error::Runtime(c"this board's camera is on no I2C of the chip"))
}

fn pause(ms: u64) {
    time::sleep(time::ticks_us() + ms * 1_000, || false);
}

impl Eye {
    fn found(&self) -> Option<(Model, Sends)> {
        critical_section::with(|cs| self.found.borrow(cs).get())
    }

    fn set_found(&self, found: Option<(Model, Sends)>) {
        critical_section::with(|cs| self.found.borrow(cs).set(found));
    }

    fn model(&self) -> Result<(Model, Sccb)> {
        let (model, _) = self.found().ok_or(Error::Runtime(c"no camera answers"))?;
        Ok((model, bus(wires()?)?))
    }

    /// Pins as after a reset, and no clock.
    fn let_go(&self) {
        camera::stop();
        let Some(wires) = wires().ok().filter(|_| self.found().is_some()) else {
            return;
        };
        self.set_found(None);
        release(wires);
    }

    fn switch_on(wires: &Wires) -> Result<Sccb> {
        let bus = bus(wires)?;
        for (pin, number) in [wires.scl, wires.sda] {
            pin.alternate(number, true, Pull::Up);
        }
        let (xclk, number) = wires.xclk;
        xclk.set_speed(2);
        xclk.alternate(number, false, Pull::None);
        camera::start_clock();
        wires.pwdn.set(false);
        wires.pwdn.output(false, Pull::None);
        wires.reset.set(false);
        wires.reset.output(false, Pull::None);
        pause(1);
        wires.reset.set(true);
        pause(WAKE_MS);
        bus.0.start(SCCB_HZ);
        Ok(bus)
    }
}

fn release(wires: &Wires) {
    camera::stop_clock();
    let alone = [wires.scl.0, wires.sda.0, wires.xclk.0, wires.reset, wires.pwdn];
    let lines = wires.lines.iter().map(|(pin, _)| *pin);
    alone.into_iter().chain(lines).for_each(PinId::analog);
}

impl Hardware for Eye {
    fn find(&self) -> Result<Option<u32>> {
        self.let_go();
        let Ok(wires) = wires() else { return Ok(None) };
        // A pin that a script uses says that something else is there.
        let pins = [wires.scl.0, wires.sda.0, wires.xclk.0, wires.reset, wires.pwdn];
        let pins = pins.into_iter().chain(wires.lines.iter().map(|(pin, _)| *pin));
        if pins.into_iter().any(|pin| pin.mode() != Mode::Analog) {
            return Ok(None);
        }
        let mut bus = Self::switch_on(wires)?;
        let found = sensor::find(&mut bus, |fault| *fault == Fault::NoDevice);
        match found {
            Ok(Found::Sensor(model)) => {
                self.set_found(Some((model, NOTHING)));
                model.reset(&mut bus).map_err(told)?;
                pause(WAKE_MS);
                for (pin, number) in wires.lines {
                    pin.alternate(number, false, Pull::None);
                }
                Ok(Some(model.number()))
            }
            other => {
                release(wires);
                match other {
                    Ok(Found::Unknown { address, id }) => Err(Error::new(
                        Kind::Runtime,
                        format_args!(
                            "the camera at SCCB address {address:#04x} has the id {id:#06x}, which no driver here knows: \
                             OV2640, OV5640, OV7670 and OV7725 are"
                        ),
                    )),
                    Err(fault) => Err(told(fault)),
                    _ => Ok(None),
                }
            }
        }
    }

    fn check(&self, (width, height): (u16, u16), kind: Pixels) -> Result<()> {
        let (model, _) = self.found().ok_or(Error::Runtime(c"no camera answers"))?;
        let (most_width, most_height) = model.largest();
        let name = model.name();
        if kind == Pixels::Jpeg && !model.compresses() {
            return Err(Error::new(
                Kind::Value,
                format_args!("the {name} sends no JPEG; take GRAYSCALE or RGB565, and to_jpeg()"),
            ));
        }
        let fits = width <= most_width && height <= most_height && width % 4 == 0 && height % 4 == 0;
        if fits && !(kind == Pixels::Jpeg && (width % 16 != 0 || height % 8 != 0)) {
            return Ok(());
        }
        Err(Error::new(
            Kind::Value,
            format_args!(
                "the {name} cannot send {width} x {height}: it has sides in multiples of 4 (of JPEG 16 and 8), \
                 up to {most_width} x {most_height}"
            ),
        ))
    }

    fn start(&self, wanted: &Wanted) -> Result<()> {
        let (model, mut bus) = self.model()?;
        let (width, height) = wanted.size;
        let sent = sensor::Wanted {
            width,
            height,
            format: match wanted.kind {
                Pixels::Rgb565 => Format::Rgb565,
                Pixels::Grey | Pixels::Yuv422 => Format::Yuv422,
                Pixels::Jpeg => Format::Jpeg,
            },
            rate: wanted.rate,
            quality: wanted.quality,
        };
        let sends = model.set_up(&mut bus, &sent).map_err(told)?;
        let sends = sends.ok_or(Error::Value(c"the camera does not have this size"))?;
        self.set_found(Some((model, sends)));
        let [x, y, w, h] = wanted.window;
        camera::start(Order {
            bytes: wanted.bytes,
            compressed: wanted.kind == Pixels::Jpeg,
            brightness: wanted.kind == Pixels::Grey,
            exchange: wanted.kind == Pixels::Rgb565,
            crop: ((w, h) != wanted.size).then_some([2 * x, y, 2 * w, h]),
            polarity: model.polarity(),
        });
        Ok(())
    }

    fn stop(&self) {
        camera::stop();
    }

    fn give(&self, slot: usize, frame: &Obj) -> Result<()> {
        camera::give(slot, held::bytes_of(frame)?);
        Ok(())
    }

    fn pick(&self) -> Option<Picked> {
        camera::pick(false).map(|picked| Picked {
            slot: picked.slot,
            bytes: picked.bytes,
        })
    }

    fn wait(&self) -> Result<()> {
        time::sleep(port::now_us() + STEP_US, interpreter::pending);
        interpreter::serve_pending()
    }

    fn control(&self, control: Control) -> Result<()> {
        let (model, mut bus) = self.model()?;
        let (_, sends) = self.found().unwrap_or((model, NOTHING));
        let bus = &mut bus;
        match control {
            Control::Turn(mirror, flip) => model.turn(bus, mirror, flip),
            Control::Bars(on) => model.show_bars(bus, on),
            Control::Automatic([gain, exposure, white]) => model.automatic(bus, gain, exposure, white),
            Control::GainDb(decibels) => model.set_gain(bus, sixteenths(decibels)),
            Control::ExposureUs(us) => {
                let lines = u64::from(us) * 1000 / u64::from(sends.line_ns.max(1));
                model.set_exposure(bus, lines.clamp(1, 0xFFFF) as u16)
            }
            Control::Write(register, value) => model.write(bus, register, value),
        }
        .map_err(told)
    }

    fn figure(&self, figure: Figure) -> Result<f64> {
        let (model, mut bus) = self.model()?;
        let (_, sends) = self.found().unwrap_or((model, NOTHING));
        Ok(match figure {
            Figure::GainDb => decibels(model.gain(&mut bus).map_err(told)?),
            Figure::ExposureUs => {
                let lines = model.exposure(&mut bus).map_err(told)?;
                f64::from(lines) * f64::from(sends.line_ns) / 1000.0
            }
            Figure::Rate => f64::from(sends.rate_milli) / 1000.0,
            Figure::Overruns => Counts::now().overruns.into(),
            Figure::Register(register) => model.read(&mut bus, register).map_err(told)?.into(),
        })
    }

    fn sleep(&self, asleep: bool) -> Result<()> {
        let wires = wires()?;
        if self.found().is_some() {
            wires.pwdn.set(asleep);
            pause(if asleep { 0 } else { WAKE_MS });
        }
        Ok(())
    }
}

/// Gains in steps of a 64th of a doubling would do: in 16ths, from one of 6.0206 dB a doubling.
fn sixteenths(decibels: f64) -> u16 {
    let mut rest = decibels.clamp(0.0, 30.0);
    let mut gain = 16.0;
    while rest >= DOUBLING_DB {
        rest -= DOUBLING_DB;
        gain *= 2.0;
    }
    // Between doublings: 2^(r/6.02) by its series to the cube.
    let x = rest / DOUBLING_DB * core::f64::consts::LN_2;
    (gain * (1.0 + x * (1.0 + x * (0.5 + x / 6.0))) + 0.5) as u16
}

const DOUBLING_DB: f64 = 6.020_599_913;

fn decibels(sixteenths: u16) -> f64 {
    let mut rest = f64::from(sixteenths.max(16)) / 16.0;
    let mut decibels = 0.0;
    while rest >= 2.0 {
        rest /= 2.0;
        decibels += DOUBLING_DB;
    }
    // log2 between one and two by atanh's series.
    let z = (rest - 1.0) / (rest + 1.0);
    let z2 = z * z;
    decibels
        + 2.0 * z * (1.0 + z2 * (1.0 / 3.0 + z2 * (0.2 + z2 / 7.0))) / core::f64::consts::LN_2 * DOUBLING_DB
}
