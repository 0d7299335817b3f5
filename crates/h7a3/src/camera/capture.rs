//! The way of pictures: DCMI, two bands, frames; all of it in two interrupts.
#![allow(unsafe_code)]

use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicU8, Ordering};

use critical_section::Mutex;
use embassy_stm32::interrupt::Priority;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt};
use embassy_stm32::pac::dma::vals::{Ct, Dir, Dmdis, Pl, Size};
use embassy_stm32::pac::{DCMI, DMA2, DMAMUX1, MDMA, RCC, mdma::vals as mdma};

use super::edges::Edges;
use crate::caches;

/// How many frames there may be.
pub const MOST_FRAMES: usize = 4;
/// Both bands lie at the beginning of AHB SRAM, which nobody else has.
const BANDS: usize = 0x3000_0000;
/// Of one band: half a millisecond at 24 MHz, and a multiple of a line.
const BAND_BYTES: usize = 12 << 10;
/// The stream of DMA2, its place among the multiplexer's channels, and DCMI's request there (RM0455 DMAMUX1 requests).
const STREAM: usize = 7;
const MUX: usize = 15;
const REQUEST: u8 = 75;
/// Of MDMA; 0 is `crate::mdma`'s.
const CHANNEL: usize = 1;

/// What is to be captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Bytes of a frame: all of a picture, or the room for a compressed one.
    pub bytes: usize,
    /// The picture's length is its own.
    pub compressed: bool,
    /// Of each pair of bytes only the first, the brightness.
    pub brightness: bool,
    /// The high byte of a pixel comes first.
    pub exchange: bool,
    /// The part that is wanted: bytes before it in a line, lines before it, its bytes and lines, as the camera sends them.
    pub crop: Option<[u16; 4]>,
    /// VSYNC is high between pictures, HREF between lines; data is valid at the rising edge of PIXCLK.
    pub polarity: [bool; 3],
}

/// Memory for a picture.
pub type Frame = &'static [AtomicU8];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing in it.
    Empty,
    /// A picture comes in.
    Fills,
    /// One is in it, with its number and its bytes.
    Full(u32, usize),
    /// The program has it.
    Out,
}

#[derive(Clone, Copy)]
struct Slot {
    frame: Option<Frame>,
    stage: Stage,
    edges: Edges,
}

/// What happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pictures that came in whole.
    pub captured: u32,
    /// Those that were lost because hardware or interrupts came too late.
    pub overruns: u32,
}

/// A frame with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Which frame.
    pub slot: usize,
    /// The picture's number.
    pub number: u32,
    /// Bytes of it.
    pub bytes: usize,
}

struct Capture {
    order: Order,
    slots: [Slot; MOST_FRAMES],
    /// The frame that is filled, and how far it is.
    at: Option<usize>,
    filled: usize,
    torn: bool,
    /// Which band the next picture begins in.
    second_first: bool,
    counts: Counts,
    on: bool,
}

const EMPTY: Slot = Slot {
    frame: None,
    stage: Stage::Empty,
    edges: Edges::NONE,
};

static CAPTURE: Mutex<RefCell<Capture>> = Mutex::new(RefCell::new(Capture {
    order: Order {
        bytes: 0,
        compressed: false,
        brightness: false,
        exchange: false,
        crop: None,
        polarity: [false; 3],
    },
    slots: [EMPTY; MOST_FRAMES],
    at: None,
    filled: 0,
    torn: false,
    second_first: false,
    counts: Counts {
        captured: 0,
        overruns: 0,
    },
    on: false,
}));

/// The vector of DCMI: a picture is over, or too late. The program binds both, so that the boot loader does without.
pub struct Pictures;
/// The vector of DMA2's stream 7: a band is full.
pub struct Bands;

impl Handler<typelevel::DCMI_PSSI> for Pictures {
    unsafe fn on_interrupt() {
        with(|capture| {
            let flags = DCMI.mis().read();
            DCMI.icr().write(|w| w.0 = flags.0);
            if flags.ovr_mis() {
                capture.torn = true;
            }
            if flags.ovr_mis() || flags.frame_mis() {
                capture.end();
                capture.begin();
            }
        });
    }
}

impl Handler<typelevel::DMA2_STREAM7> for Bands {
    unsafe fn on_interrupt() {
        with(Capture::bands);
    }
}

fn with<T>(action: impl FnOnce(&mut Capture) -> T) -> T {
    critical_section::with(|cs| action(&mut CAPTURE.borrow_ref_mut(cs)))
}

/// Takes pictures from now on, into the frames that are given. The pins are the caller's.
pub fn start(order: Order) {
    stop();
    critical_section::with(|_| {
        // AHBSRAM1EN and AHBSRAM2EN, which the PAC lacks.
        RCC.ahb2enr().modify(|w| {
            w.set_dcmien(true);
            w.0 |= 3 << 29;
        });
        RCC.ahb1enr().modify(|w| w.set_dma2en(true));
        RCC.ahb3enr().modify(|w| w.set_mdmaen(true));
        // Clocks need two cycles to arrive.
        RCC.ahb3enr().read();
    });
    DCMI.cr().write(|w| {
        w.set_cm(true);
        w.set_crop(order.crop.is_some());
        w.set_jpeg(order.compressed);
        let [vsync_high, href_high, rising] = order.polarity;
        w.set_vspol(vsync_high);
        w.set_hspol(href_high);
        w.set_pckpol(rising);
        // BSM, which the PAC lacks: every other byte.
        w.0 |= u32::from(order.brightness) << 16;
    });
    if let Some([left, top, bytes, lines]) = order.crop {
        DCMI.cwstrt().write(|w| {
            w.set_hoffcnt(left);
            w.set_vst(top);
        });
        DCMI.cwsize().write(|w| {
            w.set_capcnt(bytes - 1);
            w.set_vline(lines - 1);
        });
    }
    DCMI.icr().write(|w| w.0 = 0x1F);
    DCMI.ier().write(|w| {
        w.set_frame_ie(true);
        w.set_ovr_ie(true);
    });
    DCMI.cr().modify(|w| w.set_enable(true));
    with(|capture| {
        (capture.order, capture.counts, capture.on) = (order, Counts::default(), true);
    });
    typelevel::DCMI_PSSI::set_priority(Priority::P0);
    typelevel::DMA2_STREAM7::set_priority(Priority::P0);
    // SAFETY: the handlers above are ready from the start.
    unsafe {
        typelevel::DCMI_PSSI::enable();
        typelevel::DMA2_STREAM7::enable();
    }
}

/// No more pictures; all frames are forgotten, and hardware is done with them.
pub fn stop() {
    with(|capture| {
        if core::mem::replace(&mut capture.on, false) {
            DCMI.cr().modify(|w| {
                w.set_capture(false);
                w.set_enable(false);
            });
            switch_off();
            while is_moving() {}
        }
        capture.slots = [EMPTY; MOST_FRAMES];
        capture.at = None;
    });
}

/// Leaves a frame to be filled, in this slot. From here on until it was picked or all was stopped it is hardware's.
pub fn give(slot: usize, frame: Frame) {
    let address = frame.as_ptr() as usize;
    caches::clean_invalidate(address, frame.len());
    with(|capture| {
        capture.slots[slot] = Slot {
            frame: Some(frame),
            stage: Stage::Empty,
            edges: Edges::new(address, frame.len()),
        };
        if capture.on && capture.at.is_none() {
            capture.begin();
        }
    });
}

/// The oldest picture, or with `newest` the last one, and those before it are let go. The frame is the program's until it is given
/// again.
pub fn pick(newest: bool) -> Option<Picked> {
    let (picked, slot) = with(|capture| {
        let picked = capture.choose(newest)?;
        Some((picked, capture.slots[picked.slot]))
    })?;
    let frame = slot.frame?;
    // Lines that the core has fetched on speculation meanwhile are old.
    caches::clean_invalidate(frame.as_ptr() as usize, frame.len());
    let (head, tail) = slot.edges.ends();
    let last = slot.edges.head + slot.edges.direct;
    let ends = frame.iter().zip(head).chain(frame[last..].iter().zip(tail));
    ends.for_each(|(place, byte)| place.store(*byte, Ordering::Relaxed));
    Some(picked)
}

/// A frame that was picked is not needed.
pub fn take_back(slot: usize) {
    let frame = with(|capture| capture.slots[slot].frame);
    if let Some(frame) = frame {
        give(slot, frame);
    }
}

impl Counts {
    /// So far.
    pub fn now() -> Counts {
        with(|capture| capture.counts)
    }
}

/// Whether MDMA still moves a band.
fn is_moving() -> bool {
    let channel = MDMA.ch(CHANNEL);
    channel.cr().read().en() && !channel.isr().read().ctcif()
}

/// The stream is off when this returns, and what was on its way is in memory. The words that its band lacks, and whether that is the
/// second one.
fn switch_off() -> (usize, bool) {
    let stream = DMA2.st(STREAM);
    stream.cr().modify(|w| w.set_en(false));
    while stream.cr().read().en() {}
    (
        usize::from(stream.ndtr().read().ndt()),
        stream.cr().read().ct().to_bits() != 0,
    )
}

/// Clears the stream's flags; whether a band was full.
fn take_full() -> bool {
    let full = DMA2.isr(STREAM / 4).read().tcif(STREAM % 4);
    if full {
        DMA2.ifcr(STREAM / 4).write(|w| {
            w.set_tcif(STREAM % 4, true);
            w.set_htif(STREAM % 4, true);
        });
    }
    full
}

impl Capture {
    /// The next picture goes to an empty frame.
    fn begin(&mut self) {
        let mut empty = (0..MOST_FRAMES)
            .filter(|n| self.slots[*n].frame.is_some() && self.slots[*n].stage == Stage::Empty);
        self.at = empty.next();
        let Some(at) = self.at else { return };
        self.slots[at].stage = Stage::Fills;
        (self.filled, self.torn) = (0, false);
        DMAMUX1.ccr(MUX).write(|w| w.set_dmareq_id(REQUEST));
        take_full();
        DMA2.ifcr(STREAM / 4).write(|w| {
            w.set_tcif(STREAM % 4, true);
            w.set_htif(STREAM % 4, true);
            w.set_teif(STREAM % 4, true);
            w.set_feif(STREAM % 4, true);
            w.set_dmeif(STREAM % 4, true);
        });
        let stream = DMA2.st(STREAM);
        stream.par().write_value(DCMI.dr().as_ptr() as u32);
        stream.m0ar().write_value(BANDS as u32);
        stream.m1ar().write_value((BANDS + BAND_BYTES) as u32);
        stream.ndtr().write(|w| w.set_ndt((BAND_BYTES / 4) as u16));
        stream.fcr().write(|w| w.set_dmdis(Dmdis::ENABLED));
        stream.cr().write(|w| {
            w.set_dir(Dir::PERIPHERAL_TO_MEMORY);
            w.set_psize(Size::BITS32);
            w.set_msize(Size::BITS32);
            w.set_minc(true);
            w.set_dbm(true);
            w.set_ct(Ct::from_bits(self.second_first.into()));
            w.set_circ(true);
            w.set_pl(Pl::VERY_HIGH);
            w.set_tcie(true);
            w.set_en(true);
        });
        DCMI.cr().modify(|w| w.set_capture(true));
    }

    /// Bands that are full go on.
    fn bands(&mut self) {
        if !take_full() {
            return;
        }
        let second = DMA2.st(STREAM).cr().read().ct().to_bits() == 0;
        self.pass_on(second, BAND_BYTES);
    }

    /// So many bytes of a band go to the frame.
    fn pass_on(&mut self, second: bool, bytes: usize) {
        let Some(at) = self.at else { return };
        let Order {
            bytes: room,
            exchange,
            ..
        } = self.order;
        let from = self.filled;
        let to = from + bytes;
        self.filled = to;
        // Too much for the frame; or the band before is still on its way.
        if to > room.next_multiple_of(4) || bytes > 0 && is_moving() {
            self.torn = true;
        }
        let slot = &mut self.slots[at];
        let Some(frame) = slot.frame.filter(|_| !self.torn && bytes > 0) else {
            return;
        };
        let band = BANDS + if second { BAND_BYTES } else { 0 };
        // SAFETY: AHB SRAM is this driver's, and DMA works on the other band.
        let content = unsafe { core::slice::from_raw_parts(band as *const Cell<u8>, bytes) };
        slot.edges.keep(from, content, exchange);
        let (first, last) = slot.edges.inner(from, to);
        if last > first {
            let whole = (last - first).next_multiple_of(8);
            move_band(
                band + first - from,
                frame.as_ptr() as usize + first,
                whole,
                exchange,
            );
        }
    }

    /// The picture is over.
    fn end(&mut self) {
        self.bands();
        let (left, second) = switch_off();
        // Switching off ends a block, too.
        take_full();
        let Some(at) = self.at else { return };
        let rest = BAND_BYTES - 4 * left.min(BAND_BYTES / 4);
        if rest > 0 {
            while is_moving() {}
        }
        self.pass_on(second, rest);
        self.at = None;
        // The next picture begins while the last band of this one is moved: in the other.
        self.second_first = if rest > 0 { !second } else { second };
        let whole = self.order.compressed || self.filled == self.order.bytes;
        if self.torn || !whole {
            self.counts.overruns += 1;
            self.slots[at].stage = Stage::Empty;
            return;
        }
        self.counts.captured += 1;
        self.slots[at].stage = Stage::Full(self.counts.captured, self.filled);
    }

    /// The full frame that is wanted.
    fn choose(&mut self, newest: bool) -> Option<Picked> {
        let full = |capture: &Capture, slot: usize| match capture.slots[slot].stage {
            Stage::Full(number, bytes) => Some(Picked { slot, number, bytes }),
            _ => None,
        };
        let all = (0..MOST_FRAMES).filter_map(|slot| full(self, slot));
        let picked = match newest {
            true => all.max_by_key(|picked| picked.number)?,
            false => all.min_by_key(|picked| picked.number)?,
        };
        // Its last band may be on its way.
        while is_moving() {}
        for slot in 0..MOST_FRAMES {
            if newest && full(self, slot).is_some() {
                self.slots[slot].stage = Stage::Empty;
            }
        }
        self.slots[picked.slot].stage = Stage::Out;
        if self.on && self.at.is_none() {
            self.begin();
        }
        Some(picked)
    }
}

/// MDMA takes over: whole beats of 64 bits, two at a time, so that none crosses 4 KB.
fn move_band(from: usize, to: usize, bytes: usize, exchange: bool) {
    let channel = MDMA.ch(CHANNEL);
    channel.cr().write(|_| {});
    channel.ifcr().write(|w| w.0 = 0x1F);
    channel.tcr().write(|w| {
        w.set_sinc(mdma::Incmode::INCREMENT);
        w.set_dinc(mdma::Incmode::INCREMENT);
        w.set_ssize(mdma::Wordsize::DOUBLE_WORD);
        w.set_dsize(mdma::Wordsize::DOUBLE_WORD);
        w.set_sincos(mdma::Wordsize::DOUBLE_WORD);
        w.set_dincos(mdma::Wordsize::DOUBLE_WORD);
        w.set_tlen(127);
        w.set_pke(true);
        w.set_trgm(mdma::Trgm::REPEATED);
        w.set_swrm(true);
    });
    channel.bndtr().write(|w| w.set_bndt(bytes as u32));
    channel.sar().write(|w| w.set_sar(from as u32));
    channel.dar().write(|w| w.set_dar(to as u32));
    channel.brur().write(|_| {});
    channel.lar().write(|_| {});
    channel.tbr().write(|_| {});
    channel.cr().write(|w| {
        w.set_bex(exchange);
        w.set_en(true);
    });
    channel.cr().modify(|w| w.set_swrq(true));
}
