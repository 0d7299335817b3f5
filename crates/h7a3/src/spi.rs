//! SPI as a controller, full duplex, by a unit and pins that a program chooses at run time.
//!
//! By registers: embassy's driver wants unit and pins as types, and lets go of the pins when it is dropped. The core feeds both
//! FIFOs. The kernel clock of all units is the chip's own oscillator of 64 MHz (`clocks`), so that a change of the core's clock
//! leaves the speed alone.

use core::cell::Cell;
use core::sync::atomic::{AtomicU8, Ordering};

use embassy_stm32::pac::spi::{Spi, vals};
use embassy_stm32::pac::{RCC, SPI1, SPI2, SPI3, SPI4, SPI6};

/// What MBR divides.
const KERNEL_HZ: u32 = 64_000_000;
/// The speed with the smallest divider, and with the largest.
pub const FASTEST_HZ: u32 = KERNEL_HZ / 2;
/// See above.
pub const SLOWEST_HZ: u32 = KERNEL_HZ / 256;
/// Of the smaller FIFOs: so many frames of 16 bits are under way at most.
const UNDER_WAY: usize = 4;
/// What TSIZE holds.
const CHUNK_FRAMES: usize = 0xFFFF;

/// One of SPI1 to SPI4, or SPI6; the package has no pins of SPI5.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit(u8);

/// A bit for each unit that belongs to the board.
static RESERVED: AtomicU8 = AtomicU8::new(0);

/// How bits become edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    /// SCK rests high.
    pub idle_high: bool,
    /// Bits count at the second edge of SCK.
    pub second_edge: bool,
    /// The lowest bit goes first.
    pub lsb_first: bool,
    /// Frames of 16 bits, else of 8.
    pub wide: bool,
}

impl Unit {
    /// The unit of this number.
    pub const fn new(number: u32) -> Option<Unit> {
        match number {
            1..=4 | 6 => Some(Unit(number as u8)),
            _ => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Takes it away from programs, for a part of the board, or gives it back.
    pub fn reserve(self, taken: bool) {
        let bit = 1 << self.0;
        critical_section::with(|_| {
            let now = RESERVED.load(Ordering::Relaxed) & !bit;
            RESERVED.store(now | if taken { bit } else { 0 }, Ordering::Relaxed);
        });
    }

    /// Whether a part of the board has it.
    pub fn is_reserved(self) -> bool {
        RESERVED.load(Ordering::Relaxed) & 1 << self.0 != 0
    }

    pub(crate) fn registers(self) -> Spi {
        match self.0 {
            1 => SPI1,
            2 => SPI2,
            3 => SPI3,
            4 => SPI4,
            _ => SPI6,
        }
    }

    /// Switches the unit on. Returns its speed: the fastest that is no faster than asked, or the slowest that there is.
    pub fn start(self, hz: u32, format: Format) -> u32 {
        critical_section::with(|_| match self.0 {
            1 => RCC.apb2enr().modify(|w| w.set_spi1en(true)),
            2 => RCC.apb1lenr().modify(|w| w.set_spi2en(true)),
            3 => RCC.apb1lenr().modify(|w| w.set_spi3en(true)),
            4 => RCC.apb2enr().modify(|w| w.set_spi4en(true)),
            _ => RCC.apb4enr().modify(|w| w.set_spi6en(true)),
        });
        let divider = (0..8u8).find(|n| KERNEL_HZ >> (n + 1) <= hz).unwrap_or(7);
        let spi = self.registers();
        spi.cr1().write(|w| w.set_ssi(true));
        spi.cfg1().write(|w| {
            w.set_dsize(if format.wide { 15 } else { 7 });
            w.set_crcsize(7);
            w.set_fthlv(vals::Fthlv::ONE_FRAME);
            w.set_mbr(vals::Mbr::from_bits(divider));
        });
        spi.cfg2().write(|w| {
            w.set_master(vals::Master::MASTER);
            w.set_ssm(true);
            // SCK keeps its level between transfers.
            w.set_afcntr(true);
            w.set_cpol(vals::Cpol::from_bits(format.idle_high.into()));
            w.set_cpha(vals::Cpha::from_bits(format.second_edge.into()));
            w.set_lsbfirst(vals::Lsbfirst::from_bits(format.lsb_first.into()));
        });
        KERNEL_HZ >> (divider + 1)
    }

    /// Lets go of the pins.
    pub fn stop(self) {
        let spi = self.registers();
        spi.cr1().modify(|w| w.set_spe(false));
        spi.cfg2().modify(|w| w.set_afcntr(false));
    }

    /// Sends `out` and fills `into`, which may be the same bytes and is as long, or nothing. A frame of 16 bits is two bytes, the low one
    /// first. Ends early when `stopped` says so.
    pub fn transfer(self, out: &[Cell<u8>], into: &[Cell<u8>], format: Format, stopped: fn() -> bool) {
        let spi = self.registers();
        let bytes = if format.wide { 2 } else { 1 };
        for (n, out) in out.chunks(CHUNK_FRAMES * bytes).enumerate() {
            let into = into.get(n * CHUNK_FRAMES * bytes..).unwrap_or_default();
            spi.cr2().write(|w| w.set_tsize((out.len() / bytes) as u16));
            spi.cr1().modify(|w| w.set_spe(true));
            spi.cr1().modify(|w| w.set_cstart(true));
            let ended = if format.wide {
                exchange16(spi, out, into, stopped)
            } else {
                exchange8(spi, out, into, stopped)
            };
            while ended && !spi.sr().read().eot() {}
            spi.ifcr().write(|w| {
                w.set_eotc(true);
                w.set_txtfc(true);
            });
            // This throws away what a stopped transfer has left in the FIFOs.
            spi.cr1().modify(|w| w.set_spe(false));
            if !ended {
                return;
            }
        }
    }
}

/// False: stopped.
fn exchange8(spi: Spi, out: &[Cell<u8>], into: &[Cell<u8>], stopped: fn() -> bool) -> bool {
    let (mut sent, mut received) = (0, 0);
    while received < out.len() {
        let status = spi.sr().read();
        if status.txp() && sent < out.len() && sent - received < UNDER_WAY {
            spi.txdr8().write_value(out[sent].get());
            sent += 1;
        }
        if status.rxp() {
            let byte = spi.rxdr8().read();
            if let Some(place) = into.get(received) {
                place.set(byte);
            }
            received += 1;
        } else if stopped() {
            return false;
        }
    }
    true
}

/// The same with frames of 16 bits.
fn exchange16(spi: Spi, out: &[Cell<u8>], into: &[Cell<u8>], stopped: fn() -> bool) -> bool {
    let frames = out.len() / 2;
    let (mut sent, mut received) = (0, 0);
    while received < frames {
        let status = spi.sr().read();
        if status.txp() && sent < frames && sent - received < UNDER_WAY {
            spi.txdr16()
                .write_value(u16::from_le_bytes([out[2 * sent].get(), out[2 * sent + 1].get()]));
            sent += 1;
        }
        if status.rxp() {
            let [low, high] = spi.rxdr16().read().to_le_bytes();
            if let Some([first, second]) = into.get(2 * received..2 * received + 2) {
                first.set(low);
                second.set(high);
            }
            received += 1;
        } else if stopped() {
            return false;
        }
    }
    true
}
