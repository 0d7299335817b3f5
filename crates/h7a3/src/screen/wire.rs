//! The display's wires, and what is on its way over them.
#![allow(unsafe_code)]

use core::cell::Cell;
use core::marker::PhantomData;

use critical_section::Mutex;
use embassy_stm32::interrupt::Priority;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt};
use embassy_stm32::pac::dma::vals::{Dir, Pl, Size};
use embassy_stm32::pac::spi::vals::Comm;
use embassy_stm32::pac::{DMA1, DMAMUX1, RCC};

use super::panel::{Layout, Panel};
use crate::dma::{Master, Place, Transmit};
use crate::gpio::{PinId, Pull};
use crate::mdma::RealCore;
use crate::spi::{Format, Unit};
use crate::time;

const STREAM: usize = 7;
/// In LISR and HISR a stream has a place of its own: the number in its half.
const HALF: usize = STREAM / 4;
const AT: usize = STREAM % 4;
/// What is sent at once: below what TSIZE and NDTR hold, in frames of one byte, and whole pixels.
const BLOCK_BYTES: usize = 0xFFF8;
/// SCK while something is read: all three data sheets allow 150 ns.
const READ_HZ: u32 = 4_000_000;
const FORMAT: Format = Format {
    idle_high: false,
    second_edge: false,
    lsb_first: false,
    wide: false,
};
/// It reads pixels from wherever Python's heap is.
const MASTER: Master = Master::new(
    "DMA1",
    4,
    2,
    &[Place::Flash, Place::AxiSram, Place::AhbSram, Place::Chip],
);

const SWRESET: u8 = 0x01;
const SLPOUT: u8 = 0x11;
const INVOFF: u8 = 0x20;
const DISPON: u8 = 0x29;
const CASET: u8 = 0x2A;
const RASET: u8 = 0x2B;
const RAMWR: u8 = 0x2C;
const MADCTL: u8 = 0x36;
const COLMOD: u8 = 0x3A;
/// 16 bits a pixel, on both of the interfaces that the command knows.
const BITS_16: u8 = 0x55;
/// After power-up, after SWRESET and after SLPOUT: the longest that one of the three asks for.
const SETTLE_MS: u64 = 120;
/// Beyond what a picture takes.
const PATIENCE_US: u64 = 50_000;

/// Pins, those of the bus with the numbers of their alternate functions.
#[derive(Clone, Copy, Debug)]
pub struct Wires {
    /// The SPI.
    pub unit: Unit,
    /// Clock, to the display.
    pub bus: [(PinId, u8); 2],
    /// From the display.
    pub output: Option<(PinId, u8)>,
    /// Chip select.
    pub cs: PinId,
    /// Low for commands.
    pub dc: PinId,
    /// The light.
    pub backlight: PinId,
    /// Whether high switches it on.
    pub lit_high: bool,
}

/// What can go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The caller said so.
    Stopped,
    /// The DMA does not end.
    Stuck,
    /// It does not reach this memory.
    Memory,
    /// The display has no line back.
    NoOutput,
}

/// A picture.
#[derive(Clone, Copy)]
struct Picture {
    address: usize,
    bytes: usize,
    /// The low byte of each pixel first.
    swapped: bool,
}

/// What is going on.
#[derive(Clone, Copy)]
struct State {
    open: Option<(Wires, u32)>,
    /// On its way, and how much of it was given to the DMA.
    sending: Option<(Picture, usize)>,
    /// Next.
    waiting: Option<Picture>,
}

const CLOSED: State = State {
    open: None,
    sending: None,
    waiting: None,
};

static STATE: Mutex<Cell<State>> = Mutex::new(Cell::new(CLOSED));

fn state() -> State {
    critical_section::with(|cs| STATE.borrow(cs).get())
}

fn change(change: impl FnOnce(&mut State)) {
    critical_section::with(|cs| {
        let mut state = STATE.borrow(cs).get();
        change(&mut state);
        STATE.borrow(cs).set(state);
    });
}

/// The handler of SPI1 to SPI4: the program binds it, as the boot loader has no room for it.
pub struct Served<I>(PhantomData<I>);

impl<I: Interrupt> Handler<I> for Served<I> {
    unsafe fn on_interrupt() {
        serve();
    }
}

/// DMAMUX1's number of what asks for data to send (RM0455 table 119).
const fn request(unit: Unit) -> Option<u8> {
    match unit.number() {
        1 => Some(38),
        2 => Some(40),
        3 => Some(62),
        4 => Some(84),
        _ => None,
    }
}

/// Takes SPI and pins, dark. Returns SCK: the fastest that is no faster than asked. `None`: DMA1 does not serve this SPI.
pub fn open(wires: Wires, hz: u32) -> Option<u32> {
    request(wires.unit)?;
    close();
    for (pin, high) in [
        (wires.cs, true),
        (wires.dc, true),
        (wires.backlight, !wires.lit_high),
    ] {
        pin.set(high);
        pin.output(false, Pull::None);
    }
    wires.unit.reserve(true);
    let hz = start_to_send(wires.unit, hz);
    for (pin, number) in wires.bus.into_iter().chain(wires.output) {
        pin.alternate(number, false, Pull::None);
        pin.set_speed(2);
    }
    critical_section::with(|_| {
        RCC.ahb1enr().modify(|w| w.set_dma1en(true));
        // The clock runs two cycles later; a read takes longer.
        RCC.ahb1enr().read();
    });
    fn enable<I: Interrupt>() {
        I::set_priority(Priority::P1);
        // SAFETY: the handler above is ready from the start; without it the vector is the default one, which tells.
        unsafe { I::enable() };
    }
    match wires.unit.number() {
        1 => enable::<typelevel::SPI1>(),
        2 => enable::<typelevel::SPI2>(),
        3 => enable::<typelevel::SPI3>(),
        _ => enable::<typelevel::SPI4>(),
    }
    change(|state| state.open = Some((wires, hz)));
    Some(hz)
}

/// Stops what is on its way, and lets go of SPI and pins but for the chip select and the light, which goes out.
pub fn close() {
    let Some((wires, _)) = state().open else { return };
    stop();
    light(false);
    wires.unit.stop();
    wires.unit.reserve(false);
    for (pin, _) in wires.bus.into_iter().chain(wires.output) {
        pin.analog();
    }
    change(|state| *state = CLOSED);
}

/// Whether a display is open on this SPI.
pub fn on(unit: Unit) -> bool {
    state().open.is_some_and(|(wires, _)| wires.unit == unit)
}

fn start_to_send(unit: Unit, hz: u32) -> u32 {
    let hz = unit.start(hz, FORMAT);
    unit.registers().cfg2().modify(|w| w.set_comm(Comm::TRANSMITTER));
    hz
}

/// Switches the light.
pub fn light(on: bool) {
    if let Some((wires, _)) = state().open {
        wires.backlight.set(on == wires.lit_high);
    }
}

/// Sends bytes by the core.
fn put(unit: Unit, bytes: &[u8]) {
    let spi = unit.registers();
    for block in bytes.chunks(BLOCK_BYTES) {
        spi.cfg1().modify(|w| w.set_dsize(7));
        spi.cr2().write(|w| w.set_tsize(block.len() as u16));
        spi.cr1().modify(|w| w.set_spe(true));
        spi.cr1().modify(|w| w.set_cstart(true));
        for &byte in block {
            while !spi.sr().read().txp() {}
            spi.txdr8().write_value(byte);
        }
        while !spi.sr().read().eot() {}
        end(unit);
    }
}

/// After EOT.
fn end(unit: Unit) {
    let spi = unit.registers();
    spi.ifcr().write(|w| {
        w.set_eotc(true);
        w.set_txtfc(true);
    });
    spi.cr1().modify(|w| w.set_spe(false));
}

fn command(wires: &Wires, command: u8, parameters: &[u8]) {
    wires.cs.set(false);
    wires.dc.set(false);
    put(wires.unit, &[command]);
    wires.dc.set(true);
    put(wires.unit, parameters);
    wires.cs.set(true);
}

/// Sends a command with its parameters, after what is on its way.
pub fn bus_write(code: u8, parameters: &[u8], stopped: fn() -> bool) -> Result<(), Fault> {
    wait(stopped)?;
    if let Some((wires, _)) = state().open {
        command(&wires, code, parameters);
    }
    Ok(())
}

/// Sends a command and takes what comes back.
pub fn bus_read(code: u8, into: &[Cell<u8>], stopped: fn() -> bool) -> Result<(), Fault> {
    wait(stopped)?;
    let Some((wires, hz)) = state().open else {
        return Ok(());
    };
    if wires.output.is_none() {
        return Err(Fault::NoOutput);
    }
    wires.unit.start(READ_HZ, FORMAT);
    wires.cs.set(false);
    wires.dc.set(false);
    wires.unit.transfer(&[Cell::new(code)], &[], FORMAT, stopped);
    wires.dc.set(true);
    into.iter().for_each(|byte| byte.set(0));
    wires.unit.transfer(into, into, FORMAT, stopped);
    wires.cs.set(true);
    start_to_send(wires.unit, hz);
    Ok(())
}

/// Sleeps so long, or until the caller says so.
pub fn pause(ms: u64, stopped: fn() -> bool) -> Result<(), Fault> {
    pause_until(time::ticks_us() + 1000 * ms, stopped)
}

fn pause_until(us: u64, stopped: fn() -> bool) -> Result<(), Fault> {
    while time::ticks_us() < us {
        if stopped() {
            return Err(Fault::Stopped);
        }
        time::sleep(us, stopped);
    }
    Ok(())
}

/// Resets the controller and sets it up, all but dark: `black` is shown when it wakes.
pub fn start(panel: &Panel, layout: &Layout, black: &[u8], stopped: fn() -> bool) -> Result<(), Fault> {
    // The controller was switched on with the chip.
    pause_until(1000 * SETTLE_MS, stopped)?;
    bus_write(SWRESET, &[], stopped)?;
    pause(SETTLE_MS, stopped)?;
    bus_write(COLMOD, &[BITS_16], stopped)?;
    bus_write(MADCTL, &[layout.madctl], stopped)?;
    bus_write(INVOFF | u8::from(panel.inverted), &[], stopped)?;
    set_window(layout.first, layout.size, stopped)?;
    send(black, false)?;
    bus_write(SLPOUT, &[], stopped)?;
    pause(SETTLE_MS, stopped)?;
    bus_write(DISPON, &[], stopped)
}

/// Where pictures go.
pub fn set_window([x, y]: [u16; 2], [width, height]: [u16; 2], stopped: fn() -> bool) -> Result<(), Fault> {
    for (code, first, dots) in [(CASET, x, width), (RASET, y, height)] {
        let [a, b] = first.to_be_bytes();
        let [c, d] = (first + dots - 1).to_be_bytes();
        bus_write(code, &[a, b, c, d], stopped)?;
    }
    Ok(())
}

/// Gives a picture to the display, which is sent when the one before has gone out. One that already waits for that is forgotten.
///
/// Its memory must stay as it is until [`is_sending`] and [`waits_for`] say no more; the DMA only reads, so that otherwise
/// nothing worse than a torn picture comes of it.
pub fn send(pixels: &[u8], swapped: bool) -> Result<(), Fault> {
    let lease = Transmit::new(&MASTER, pixels, RealCore);
    if lease.direct().len() != pixels.len() {
        return Err(Fault::Memory);
    }
    let picture = Picture {
        address: pixels.as_ptr() as usize,
        bytes: pixels.len(),
        swapped,
    };
    critical_section::with(|_| {
        let mut begins = false;
        change(|state| {
            begins = state.sending.is_none();
            if begins {
                state.sending = Some((picture, 0));
            } else {
                state.waiting = Some(picture);
            }
        });
        if begins {
            begin();
        }
    });
    Ok(())
}

/// Whether nothing is on its way.
pub fn is_idle() -> bool {
    state().sending.is_none()
}

/// Whether the picture at this address is on its way.
pub fn is_sending(pixels: &[u8]) -> bool {
    let address = pixels.as_ptr() as usize;
    state()
        .sending
        .is_some_and(|(picture, _)| picture.address == address)
}

/// Whether the picture at this address is next.
pub fn waits_for(pixels: &[u8]) -> bool {
    let address = pixels.as_ptr() as usize;
    state().waiting.is_some_and(|picture| picture.address == address)
}

/// Sleeps until nothing is on its way.
pub fn wait(stopped: fn() -> bool) -> Result<(), Fault> {
    let State {
        open,
        sending,
        waiting,
    } = state();
    let Some((_, hz)) = open else { return Ok(()) };
    let bytes = sending.map_or(0, |(picture, _)| picture.bytes) + waiting.map_or(0, |picture| picture.bytes);
    let needs_us = 2 * 8_000_000 * bytes as u64 / u64::from(hz);
    let deadline_us = time::ticks_us() + needs_us + PATIENCE_US;
    loop {
        // A program that holds interrupts back has its picture all the same.
        critical_section::with(|_| serve());
        if is_idle() {
            return Ok(());
        }
        if stopped() {
            return Err(Fault::Stopped);
        }
        if time::ticks_us() > deadline_us {
            stop();
            return Err(Fault::Stuck);
        }
        time::sleep(time::ticks_us() + 1000, is_idle);
    }
}

/// In the interrupt: has a block gone out?
fn serve() {
    let State {
        open: Some((wires, _)),
        sending: Some((picture, given)),
        waiting,
    } = state()
    else {
        return;
    };
    let spi = wires.unit.registers();
    if !spi.sr().read().eot() {
        return;
    }
    spi.ier().modify(|w| w.set_eotie(false));
    end(wires.unit);
    spi.cfg1().modify(|w| w.set_txdmaen(false));
    if given < picture.bytes {
        return block();
    }
    wires.cs.set(true);
    change(|state| {
        state.sending = waiting.map(|picture| (picture, 0));
        state.waiting = None;
    });
    if waiting.is_some() {
        begin();
    }
}

/// The picture to be sent begins: the command, then its first block.
fn begin() {
    let Some((wires, _)) = state().open else { return };
    wires.cs.set(false);
    wires.dc.set(false);
    put(wires.unit, &[RAMWR]);
    wires.dc.set(true);
    block();
}

/// Gives the next block to the DMA.
fn block() {
    let State {
        open: Some((wires, _)),
        sending: Some((picture, given)),
        ..
    } = state()
    else {
        return;
    };
    let bytes = (picture.bytes - given).min(BLOCK_BYTES);
    change(|state| state.sending = Some((picture, given + bytes)));
    let (frame_bytes, size) = match picture.swapped {
        // Pixels lie in memory with the low byte first, and a frame goes out with its highest bit first.
        false => (2, Size::BITS16),
        true => (1, Size::BITS8),
    };
    let frames = (bytes / frame_bytes) as u16;
    let (spi, stream) = (wires.unit.registers(), DMA1.st(STREAM));
    stop_stream();
    DMAMUX1
        .ccr(STREAM)
        .write(|w| w.set_dmareq_id(request(wires.unit).unwrap_or(0)));
    stream.par().write_value(spi.txdr16().as_ptr() as u32);
    stream.m0ar().write_value((picture.address + given) as u32);
    stream.ndtr().write(|w| w.set_ndt(frames));
    stream.cr().write(|w| {
        w.set_dir(Dir::MEMORY_TO_PERIPHERAL);
        w.set_psize(size);
        w.set_msize(size);
        w.set_minc(true);
        w.set_pl(Pl::HIGH);
        w.set_en(true);
    });
    spi.cfg1().modify(|w| {
        w.set_dsize(8 * frame_bytes as u8 - 1);
        w.set_txdmaen(true);
    });
    spi.cr2().write(|w| w.set_tsize(frames));
    spi.ier().modify(|w| w.set_eotie(true));
    spi.cr1().modify(|w| w.set_spe(true));
    spi.cr1().modify(|w| w.set_cstart(true));
}

fn stop_stream() {
    let stream = DMA1.st(STREAM);
    stream.cr().modify(|w| w.set_en(false));
    while stream.cr().read().en() {}
    DMA1.ifcr(HALF).write(|w| {
        w.set_tcif(AT, true);
        w.set_htif(AT, true);
        w.set_teif(AT, true);
        w.set_dmeif(AT, true);
        w.set_feif(AT, true);
    });
}

/// Ends what is on its way, in the middle.
fn stop() {
    let State {
        open: Some((wires, _)),
        sending: Some(_),
        ..
    } = state()
    else {
        return;
    };
    critical_section::with(|_| {
        let spi = wires.unit.registers();
        spi.ier().modify(|w| w.set_eotie(false));
        end(wires.unit);
        spi.cfg1().modify(|w| w.set_txdmaen(false));
        stop_stream();
        wires.cs.set(true);
        change(|state| (state.sending, state.waiting) = (None, None));
    });
}
