//! `machine.UART`: the chip's serial ports. Reading and writing are the core's methods of streams.

use super::bus_pins::{self, free};
use super::calls::Caller;
use super::pin;
use super::uart_irq::{self, BREAK, RX, RX_IDLE, TX_IDLE};
use crate::board;
use core::cell::Cell;
use core::fmt::{self, Write};
use h7a3::gpio::{PinId, Pull};
use h7a3::serial::Unit;
use h7a3::time;
use h7a3::uart::{self, Format};
use upy::stream::{READABLE, Request, WRITABLE};
use upy::{
    Arguments, Error, Kind, Obj, Printer, Result, Value, args, class, convert, fun, held, interpreter,
    new_object, stream_protocol, sys,
};

/// TX and RX of a port when none are named.
const USUAL: &[(u8, [&str; 2])] = &[
    (1, ["PA9", "PA10"]),
    (2, ["PA2", "PA3"]),
    (3, ["PB10", "PB11"]),
    (4, ["PA0", "PA1"]),
    (5, ["PB13", "PB12"]),
    (6, ["PC6", "PC7"]),
    (7, ["PE8", "PE7"]),
    (8, ["PE1", "PE0"]),
    (9, ["PD15", "PD14"]),
];
/// In the order of [`Setup::pins`].
const SIGNALS: [&str; 4] = ["TX", "RX", "RTS", "CTS"];
/// Values of `flow` and `invert`.
const RTS: i32 = 1;
const CTS: i32 = 2;
const INV_TX: i32 = 1;
const INV_RX: i32 = 2;
/// Room of either ring when none is named.
const USUAL_BYTES: u32 = 256;
const MOST_BYTES: u32 = 0xFFFF;

// The last place is the camera's.
const _: () = assert!(3 * Unit::COUNT < held::PLACES);

/// How a port is set up.
#[derive(Clone, Copy)]
struct Setup {
    baudrate: u32,
    format: Format,
    pins: [Option<PinId>; 4],
    timeout_ms: u32,
    /// As it was asked for; never less than two characters.
    timeout_char_ms: u32,
    rxbuf: u32,
    txbuf: u32,
}

/// `machine.UART`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct UART {
    unit: Unit,
    setup: Cell<Setup>,
}

class! {
    UART as "a UART" {
        make_new: new,
        print: print,
        protocol: &PROTOCOL,
    }
    init: fun!(keywords 1.., init),
    deinit: fun!(1, deinit),
    any: fun!(1, |uart: &UART| uart.on().map(|unit| unit.received() as i32)),
    txdone: fun!(1, |uart: &UART| uart.on().map(Unit::is_sent)),
    sendbreak: fun!(1, |uart: &UART| uart.on().map(Unit::send_break)),
    irq: fun!(keywords 1.., irq),
    read: Value::at_raw(&raw const sys::mp_stream_read_obj),
    readinto: Value::at_raw(&raw const sys::mp_stream_readinto_obj),
    readline: Value::at_raw(&raw const sys::mp_stream_unbuffered_readline_obj),
    write: Value::at_raw(&raw const sys::mp_stream_write_obj),
    flush: Value::at_raw(&raw const sys::mp_stream_flush_obj),
    RTS: Value::int(RTS),
    CTS: Value::int(CTS),
    INV_TX: Value::int(INV_TX),
    INV_RX: Value::int(INV_RX),
    IRQ_RX: Value::int(RX as i32),
    IRQ_RXIDLE: Value::int(RX_IDLE as i32),
    IRQ_TXIDLE: Value::int(TX_IDLE as i32),
    IRQ_BREAK: Value::int(BREAK as i32),
}

static PROTOCOL: sys::mp_stream_p_t = stream_protocol!(UART, read, write, ioctl);

/// The places where a port keeps what it works for: its object, and both rings.
fn places(unit: Unit) -> [usize; 3] {
    [0, 1, 2].map(|n| 3 * unit.index() + n)
}

/// `UART(id, ...)`: with nothing else the port as it is, if it is on.
fn new(arguments: Arguments) -> Result<Obj> {
    let (id, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"UART needs an id, 1 to 10"))?;
    let unit = Unit::numbered(convert::<u32>("id", id)?)
        .ok_or(Error::Value(c"id is 1 to 10, for USART1 to USART10"))?;
    if unit == board::console_port() {
        return Err(Error::new(
            Kind::Value,
            format_args!("{} is the console", name(unit)),
        ));
    }
    let [object, ..] = places(unit);
    if let Some(uart) = held::get(object).filter(|_| unit.is_open() && rest.is_empty()) {
        return Ok(uart);
    }
    let setup = parse(unit, None, rest)?;
    let uart = new_object(UART {
        unit,
        setup: Cell::new(setup),
    })?;
    open(unit, uart, setup)?;
    Ok(uart)
}

/// `uart.init(...)`: what is not given gets its default, but the pins, which stay.
fn init(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a UART"))?;
    let uart = convert::<&UART>("self", object)?;
    let setup = parse(uart.unit, Some(uart.setup.get().pins), rest)?;
    uart.setup.set(setup);
    open(uart.unit, *object, setup)
}

/// `(baudrate=9600, bits=8, parity=None, stop=1, *, tx, rx, rts, cts, timeout=0, timeout_char=0, rxbuf=256, txbuf=256, flow=0,
/// invert=0)`
fn parse(unit: Unit, pins: Option<[Option<PinId>; 4]>, arguments: Arguments) -> Result<Setup> {
    args!(arguments => baudrate: u32 = 9600, bits: u32 = 8, parity: Option<i32> = None, stop: u32 = 1, *,
        tx: Option<Obj> = None, rx: Option<Obj> = None, rts: Option<Obj> = None, cts: Option<Obj> = None,
        timeout: u32 = 0, timeout_char: u32 = 0, rxbuf: u32 = USUAL_BYTES, txbuf: u32 = USUAL_BYTES, flow: i32 = 0,
        invert: i32 = 0);
    if uart::rate(baudrate).is_none() {
        let (slowest, fastest) = uart::limits();
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "baudrate={baudrate} cannot be made within 2 %: {slowest} to {fastest} can, at the core's clock"
            ),
        ));
    }
    if !matches!(bits, 7 | 8) || !matches!(stop, 1 | 2) || !matches!(parity, None | Some(0 | 1)) {
        return Err(Error::Value(
            c"bits is 7 or 8, parity None, 0 (even) or 1 (odd), stop 1 or 2",
        ));
    }
    if flow & !(RTS | CTS) != 0 || invert & !(INV_TX | INV_RX) != 0 {
        return Err(Error::Value(
            c"flow is UART.RTS, UART.CTS, both or 0; invert is UART.INV_TX, UART.INV_RX, both or 0",
        ));
    }
    if !(1..=MOST_BYTES).contains(&rxbuf) || !(1..=MOST_BYTES).contains(&txbuf) {
        return Err(Error::Value(c"rxbuf and txbuf are 1 to 65535"));
    }
    let of = |given: &Option<Obj>| given.as_ref().map(pin::of).transpose();
    let pins = choose(unit, pins, [of(&tx)?, of(&rx)?, of(&rts)?, of(&cts)?])?;
    if flow & RTS != 0 && pins[2].is_none() || flow & CTS != 0 && pins[3].is_none() {
        return Err(Error::Value(
            c"flow=UART.RTS needs rts=, flow=UART.CTS needs cts=",
        ));
    }
    Ok(Setup {
        baudrate,
        format: Format {
            seven: bits == 7,
            parity: parity.map(|odd| odd == 1),
            two_stops: stop == 2,
            invert_tx: invert & INV_TX != 0,
            invert_rx: invert & INV_RX != 0,
            rts: flow & RTS != 0,
            cts: flow & CTS != 0,
        },
        pins,
        timeout_ms: timeout,
        timeout_char_ms: timeout_char,
        rxbuf,
        txbuf,
    })
}

/// Those that are given, else those that the port has, else the usual ones.
fn choose(
    unit: Unit,
    before: Option<[Option<PinId>; 4]>,
    given: [Option<PinId>; 4],
) -> Result<[Option<PinId>; 4]> {
    if let Some(before) = before {
        return Ok([0, 1, 2, 3].map(|n| given[n].or(before[n])));
    }
    let [tx, rx, rts, cts] = given;
    if tx.is_some() || rx.is_some() {
        return Ok(given);
    }
    let row = USUAL.iter().find(|row| row.0 == unit.number());
    let pins = row.and_then(|(_, [tx, rx])| Some([Some(free(tx)?), Some(free(rx)?), rts, cts]));
    pins.ok_or(Error::Value(
        c"this UART has no usual pins: name them, by tx and rx",
    ))
}

fn name(unit: Unit) -> bus_pins::Name {
    bus_pins::name(unit.kind(), unit.number())
}

/// Switches the port on; only then the pins are its own, so that TX is never low on the way.
fn open(unit: Unit, uart: Obj, setup: Setup) -> Result<()> {
    let name = name(unit);
    let mut numbers = [0; 4];
    for ((number, pin), signal) in numbers.iter_mut().zip(setup.pins).zip(SIGNALS) {
        if let Some(pin) = pin {
            *number = bus_pins::number(&name, pin, signal)?;
        }
    }
    close(unit);
    let [object, rx, tx] = places(unit);
    held::hold(object, Some(uart));
    let rx = held::memory(rx, setup.rxbuf as usize)?;
    let tx = held::memory(tx, setup.txbuf as usize)?;
    unit.open(setup.baudrate, setup.format, rx, tx);
    // Inputs rest at what an idle line has, also where nothing is connected.
    let rx_rests = if setup.format.invert_rx {
        Pull::Down
    } else {
        Pull::Up
    };
    let pulls = [Pull::None, rx_rests, Pull::None, Pull::Up];
    for ((pin, number), pull) in setup.pins.into_iter().zip(numbers).zip(pulls) {
        if let Some(pin) = pin {
            pin.alternate(number, false, pull);
        }
    }
    Ok(())
}

/// Switches the port off, and forgets what it worked for.
fn close(unit: Unit) {
    unit.close();
    Caller::Serial(unit).set(None, false);
    for place in places(unit) {
        held::hold(place, None);
    }
}

/// At the end of a run.
pub fn stop() {
    for unit in Unit::all() {
        close(unit);
        unit.set_terminal(false);
    }
}

/// `os.dupterm` took a stream, or let go of it.
pub fn use_as_console(stream: &Obj, r#use: bool) {
    if let Ok(uart) = convert::<&UART>("stream", stream) {
        uart.unit.set_terminal(r#use);
    }
}

/// `uart.deinit()`: pins are let go; `init` takes them again.
fn deinit(uart: &UART) -> Result<()> {
    if uart.unit.is_open() {
        close(uart.unit);
        uart.unit.set_terminal(false);
        for pin in uart.setup.get().pins.into_iter().flatten() {
            pin.analog();
        }
    }
    Ok(())
}

/// `uart.irq(handler=None, trigger=UART.IRQ_RXIDLE, hard=False)`. Allocates.
fn irq(arguments: Arguments) -> Result<Obj> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a UART"))?;
    uart_irq::attach(convert::<&UART>("self", object)?.unit(), *object, rest)
}

impl UART {
    /// Its port.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Its port, if that is on.
    fn on(&self) -> Result<Unit> {
        if self.unit.is_open() {
            return Ok(self.unit);
        }
        Err(Error::Value(
            c"this UART is off after deinit(); init() switches it on",
        ))
    }

    /// How long one byte may come after another.
    fn between_us(&self) -> u64 {
        let setup = self.setup.get();
        // Twelve bits are the longest character.
        let two = 24_000_000 / u64::from(setup.baudrate) + 1;
        (u64::from(setup.timeout_char_ms) * 1000).max(two)
    }

    /// Waits until `ready`. False: not in time. Runs Python; may raise.
    fn wait(&self, us: u64, ready: impl Fn(Unit) -> bool) -> Result<bool> {
        let end = time::ticks_us() + us;
        loop {
            let unit = self.on()?;
            if ready(unit) {
                return Ok(true);
            }
            if time::ticks_us() >= end {
                return Ok(false);
            }
            time::sleep(end, || ready(unit) || interpreter::pending());
            interpreter::serve_pending()?;
        }
    }

    /// Waits until something can be written. False: not in time. Runs Python and may raise, unless it is a console.
    fn waits_for_room(&self, us: u64) -> Result<bool> {
        if !self.unit.is_terminal() {
            return self.wait(us, |unit| unit.room() > 0);
        }
        let unit = self.on()?;
        let end = time::ticks_us() + us;
        while unit.room() == 0 && !interpreter::interrupted() && time::ticks_us() < end {
            time::sleep(end, || unit.room() > 0 || interpreter::interrupted());
        }
        Ok(unit.room() > 0)
    }

    /// Waits until all is sent. The last stop bit ends without an interrupt, so it is looked for each half bit; CTS may hold it for
    /// ever, and Ctrl-C ends that. Runs Python; may raise.
    fn wait_until_sent(&self) -> Result<()> {
        let half_bit_us = (500_000 / u64::from(self.setup.get().baudrate)).clamp(10, 200);
        while !self.on()?.is_sent() {
            time::sleep(time::ticks_us() + half_bit_us, interpreter::pending);
            interpreter::serve_pending()?;
        }
        Ok(())
    }

    fn timeout_us(&self) -> u64 {
        u64::from(self.setup.get().timeout_ms) * 1000
    }
}

/// The first byte within `timeout`, each further one within `timeout_char`.
fn read(uart: &UART, bytes: &[Cell<u8>]) -> Result<Option<usize>> {
    let mut done = 0;
    let mut limit = uart.timeout_us();
    while done < bytes.len() && uart.wait(limit, |unit| unit.received() > 0)? {
        done += uart.unit.take(&bytes[done..]);
        limit = uart.between_us();
    }
    Ok((done > 0 || bytes.is_empty()).then_some(done))
}

/// Room for the first byte within `timeout`, for each further one while the wire works off the FIFO. What is printed to a console
/// waits for that from the first byte on; Ctrl-C ends it without an exception, which the core would take for a broken stream.
fn write(uart: &UART, bytes: &[Cell<u8>]) -> Result<Option<usize>> {
    // There is room again when three quarters of the FIFO have gone.
    let fifo_us = 16 * uart.between_us();
    let mut done = 0;
    let mut limit = uart.timeout_us();
    if uart.unit.is_terminal() {
        limit = limit.max(fifo_us);
    }
    while done < bytes.len() && uart.waits_for_room(limit)? {
        done += uart.unit.put(&bytes[done..]);
        limit = fifo_us;
    }
    Ok((done > 0 || bytes.is_empty()).then_some(done))
}

fn ioctl(uart: &UART, request: Request) -> Result<usize> {
    match request {
        Request::Poll(asked) => {
            let unit = uart.on()?;
            let readable = if unit.received() > 0 { READABLE } else { 0 };
            let writable = if unit.room() > 0 { WRITABLE } else { 0 };
            Ok((readable | writable) & asked)
        }
        Request::Flush => {
            uart.wait_until_sent()?;
            Ok(0)
        }
        Request::Close => deinit(uart).map(|()| 0),
    }
}

fn print(uart: &UART, printer: &mut Printer) -> fmt::Result {
    let setup = uart.setup.get();
    let Format { seven, parity, .. } = setup.format;
    let baudrate = uart::rate(setup.baudrate).unwrap_or(setup.baudrate);
    write!(
        printer,
        "UART({}, baudrate={baudrate}, bits={}, parity=",
        uart.unit.number(),
        if seven { 7 } else { 8 }
    )?;
    match parity {
        None => printer.write_str("None")?,
        Some(odd) => write!(printer, "{}", u8::from(odd))?,
    }
    let stop = if setup.format.two_stops { 2 } else { 1 };
    write!(printer, ", stop={stop}")?;
    for (pin, name) in setup.pins.into_iter().zip(["tx", "rx", "rts", "cts"]) {
        if let Some(pin) = pin {
            write!(printer, ", {name}={}", pin::spelled(pin))?;
        }
    }
    write!(
        printer,
        ", timeout={}, timeout_char={}, rxbuf={}, txbuf={})",
        setup.timeout_ms, setup.timeout_char_ms, setup.rxbuf, setup.txbuf
    )
}
