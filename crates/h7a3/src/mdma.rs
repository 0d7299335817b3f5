//! MDMA, channel 0: moving memory without the core, and for the memory chip without its cache.
//!
//! Writing the chip past the cache is what makes this worth while: the core fetches each line before it overwrites it, and
//! MDMA does not. [`copy`] keeps the rules of [`dma`]. [`run`] keeps none, and is for those who want to see what
//! happens then.
//!
//! By register, because embassy has no driver for it. The caller waits; a transfer that does not end is switched off.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_stm32::pac::mdma::regs::Tcr;
use embassy_stm32::pac::mdma::vals;
use embassy_stm32::peripherals::MDMA_CH0;
use embassy_stm32::{Peri, pac};

use crate::dma::{self, Core, LINE_BYTES, Place, Receive, Transmit};
use crate::{caches, time};

const NUMBER: usize = 0;
/// All flags of CxIFCR.
const ALL_FLAGS: u32 = 0x1F;
/// The most bytes between two looks at other channels (RM0399 15.5.6 TLEN).
const BUFFER_BYTES: u8 = 128;
/// What one block moves at most here: half of what the register holds, and a multiple of a line.
const BLOCK_BYTES: usize = 32 << 10;
/// Above this a cache of 16 KB is emptied quicker as a whole.
const BY_LINE_BYTES: usize = 8 << 10;
/// The slowest block, within the chip at 40 MHz, takes a fifth of this.
const PATIENCE_US: u64 = 20_000;
/// Between two looks at the flags, in core cycles.
const LOOK_CYCLES: u32 = 64;

static READY: AtomicBool = AtomicBool::new(false);

/// Bytes in one access.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Unit {
    /// 8 bits.
    Byte,
    /// 16 bits.
    Half,
    /// 32 bits.
    Word,
    /// 64 bits.
    Double,
}

impl Unit {
    /// Its bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Unit::Byte => 1,
            Unit::Half => 2,
            Unit::Word => 4,
            Unit::Double => 8,
        }
    }

    /// The widest that `address` and `bytes` are multiples of, on the bus that leads there.
    fn widest(address: usize, bytes: usize) -> Unit {
        // The port to the tightly coupled memories has 32 bits (RM0399 15.3.1).
        let most = if Place::of(address) == Place::Tcm { 4 } else { 8 };
        match (address | bytes | most) & 7 {
            grid if grid & 1 != 0 => Unit::Byte,
            grid if grid & 2 != 0 => Unit::Half,
            grid if grid & 4 != 0 => Unit::Word,
            _ => Unit::Double,
        }
    }

    const fn size(self) -> vals::Wordsize {
        match self {
            Unit::Byte => vals::Wordsize::BYTE,
            Unit::Half => vals::Wordsize::HALF_WORD,
            Unit::Word => vals::Wordsize::WORD,
            Unit::Double => vals::Wordsize::DOUBLE_WORD,
        }
    }

    /// As many as a line holds, in one burst. The field is the power of two (RM0399 15.5.6); its names in the PAC are of
    /// another peripheral.
    fn line(self) -> vals::Burst {
        let units = (LINE_BYTES / self.bytes()) as u8;
        vals::Burst::from_bits(units.trailing_zeros() as u8)
    }
}

/// One end of a transfer.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Where it begins.
    pub address: usize,
    /// How it is accessed; address and length are multiples of it, or the transfer fails.
    pub unit: Unit,
    /// What lies between two rows.
    pub gap_bytes: u16,
    /// In bursts of as many bytes as a line has; none of them may cross 4 KB.
    pub bursts: bool,
}

impl End {
    /// Without gaps, as wide as address and length allow.
    pub fn widest(address: usize, bytes: usize) -> Self {
        End {
            address,
            unit: Unit::widest(address, bytes),
            gap_bytes: 0,
            bursts: (address | bytes) % LINE_BYTES == 0,
        }
    }
}

/// A transfer, as the channel understands it.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Where it comes from.
    pub source: End,
    /// Where it goes.
    pub target: End,
    /// Bytes in a row, at most 65536.
    pub row_bytes: u32,
    /// Rows, 1 to 4096.
    pub rows: u16,
}

/// Why nothing, or not all, was moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// [`provide`] was not called.
    NotReady,
    /// Source and target differ in length.
    Lengths,
    /// The controller gave up.
    Transfer {
        /// MDMA_CxESR.
        status: u32,
    },
    /// It did not end in time.
    TimeOut {
        /// MDMA_CxISR then.
        status: u32,
    },
}

fn channel() -> pac::mdma::Ch {
    pac::MDMA.ch(NUMBER)
}

/// Hands over the channel and switches the controller on.
pub fn provide(_channel: Peri<'static, MDMA_CH0>) {
    pac::RCC.ahb3enr().modify(|w| w.set_mdmaen(true));
    // The clock runs two cycles later; a read takes longer (RM0455 RCC, delay after enabling).
    pac::RCC.ahb3enr().read();
    READY.store(true, Ordering::Relaxed);
}

/// The core's cache, by the real instructions.
#[derive(Clone, Copy)]
pub struct RealCore;

impl Core for RealCore {
    fn clean(&mut self, address: usize, bytes: usize) {
        if bytes > BY_LINE_BYTES {
            caches::clean_invalidate_all();
        } else {
            caches::clean(address, bytes);
        }
    }

    fn clean_invalidate(&mut self, address: usize, bytes: usize) {
        if bytes > BY_LINE_BYTES {
            caches::clean_invalidate_all();
        } else {
            caches::clean_invalidate(address, bytes);
        }
    }
}

/// Copies a buffer: whole lines by MDMA, the rest by the core. Both have one length.
///
/// Pays from about a kilobyte on. After an error the target holds anything.
pub fn copy(target: &mut [u8], source: &[u8]) -> Result<(), Error> {
    if target.len() != source.len() {
        return Err(Error::Lengths);
    }
    let mut receive = Receive::new(&dma::MDMA, target, RealCore);
    let range = receive.range();
    let transmit = Transmit::new(&dma::MDMA, &source[range.clone()], RealCore);
    let done = if range.is_empty() {
        Ok(())
    } else if transmit.direct().len() == range.len() {
        move_all(receive.direct(), transmit.direct())
    } else {
        // The source is where MDMA does not reach.
        receive.direct().copy_from_slice(&source[range.clone()]);
        Ok(())
    };
    receive.finish(|head, tail| {
        head.copy_from_slice(&source[..head.len()]);
        tail.copy_from_slice(&source[range.end..]);
    });
    done
}

fn move_all(target: &mut [u8], source: &[u8]) -> Result<(), Error> {
    for (target, source) in target.chunks_mut(BLOCK_BYTES).zip(source.chunks(BLOCK_BYTES)) {
        let bytes = target.len();
        let transfer = Transfer {
            source: End::widest(source.as_ptr() as usize, bytes),
            target: End::widest(target.as_mut_ptr() as usize, bytes),
            row_bytes: bytes as u32,
            rows: 1,
        };
        // SAFETY: both slices are borrowed until this returns, and the leases around it have the cache in order.
        unsafe { run(&transfer)? };
    }
    Ok(())
}

/// Runs one transfer and waits for its end.
///
/// # Safety
/// Source and target are memory that nobody else uses meanwhile. Nothing is done about the cache: what the core has not
/// cleaned is not read, and what it holds of the target is old afterwards, or goes out over it.
pub unsafe fn run(transfer: &Transfer) -> Result<(), Error> {
    if !READY.load(Ordering::Relaxed) {
        return Err(Error::NotReady);
    }
    let Transfer {
        source,
        target,
        row_bytes,
        rows,
    } = *transfer;
    channel().ifcr().write(|w| w.0 = ALL_FLAGS);
    channel().tcr().write(|w| configure(w, &source, &target));
    channel().bndtr().write(|w| {
        w.set_bndt(row_bytes);
        w.set_brc(rows.saturating_sub(1));
    });
    channel().sar().write(|w| w.set_sar(source.address as u32));
    channel().dar().write(|w| w.set_dar(target.address as u32));
    channel().brur().write(|w| {
        w.set_suv(source.gap_bytes);
        w.set_duv(target.gap_bytes);
    });
    channel().lar().write(|w| w.set_lar(0));
    channel().tbr().write(|w| {
        w.set_sbus(bus(source.address));
        w.set_dbus(bus(target.address));
    });
    // What the core has stored is in memory before the first read.
    cortex_m::asm::dsb();
    channel().cr().write(|w| w.set_en(true));
    channel().cr().modify(|w| w.set_swrq(true));
    let done = wait();
    // And what arrives is not read ahead of time.
    cortex_m::asm::dsb();
    done
}

fn configure(w: &mut Tcr, source: &End, target: &End) {
    w.set_sinc(vals::Incmode::INCREMENT);
    w.set_dinc(vals::Incmode::INCREMENT);
    w.set_ssize(source.unit.size());
    w.set_dsize(target.unit.size());
    w.set_sincos(source.unit.size());
    w.set_dincos(target.unit.size());
    if source.bursts {
        w.set_sburst(source.unit.line());
    }
    if target.bursts {
        w.set_dburst(target.unit.line());
    }
    w.set_tlen(BUFFER_BYTES - 1);
    w.set_pke(true);
    // One request for all rows.
    w.set_trgm(vals::Trgm::REPEATED);
    w.set_swrm(true);
}

fn bus(address: usize) -> vals::Bus {
    match Place::of(address) {
        Place::Tcm => vals::Bus::AHB,
        _ => vals::Bus::SYSTEM,
    }
}

fn wait() -> Result<(), Error> {
    let deadline_us = time::ticks_us() + PATIENCE_US;
    loop {
        let status = channel().isr().read();
        if status.teif() {
            let status = channel().esr().read().0;
            return Err(Error::Transfer { status });
        }
        if status.ctcif() {
            return Ok(());
        }
        if time::ticks_us() > deadline_us {
            stop();
            return Err(Error::TimeOut { status: status.0 });
        }
        cortex_m::asm::delay(LOOK_CYCLES);
    }
}

/// Switches the channel off; it ends its buffer first (RM0399 15.3.14).
fn stop() {
    channel().cr().modify(|w| w.set_en(false));
    let deadline_us = time::ticks_us() + PATIENCE_US;
    while !channel().isr().read().ctcif() && time::ticks_us() < deadline_us {}
}
