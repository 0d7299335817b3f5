//! An SD card on SDMMC1, four lines, by the controller's own DMA.
//!
//! The DMA reaches memory on AXI alone, and writes 32 bits at a time, so what the caller has elsewhere is bounced through memory of
//! the driver's ([`crate::dma`]). Flow control stays off: it is known to spoil blocks on relatives of this chip, and the DMA is fast
//! enough. The core sleeps while a block is under way.
//!
//! By registers: embassy's driver is asynchronous, without an end for a card that is busy for ever.
#![allow(unsafe_code)]

mod command;

use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

pub use command::Error;
use command::{Answer, Data, application, ask, long, send};
use cortex_m::asm::dsb;
use embassy_stm32::bind_interrupts;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt as _};
use embassy_stm32::pac::sdmmc::Sdmmc;
use embassy_stm32::pac::{self, RCC};

use crate::clocks;
use crate::console;
use crate::dma::{self, Bounce};
use crate::gpio::{PinId, Pull};
use crate::mdma::RealCore;
use crate::time;

/// The controller.
const SD: Sdmmc = pac::SDMMC1;

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 512;
/// What the DMA may take at once, so that a length fits into DLENR.
const MOST_BLOCKS: usize = 32 * 1024;

/// Clocks (SD 6.6.1, 6.6.6).
const IDENTIFY_HZ: u32 = 400_000;
const FASTEST_HZ: u32 = 25_000_000;
/// A card may take so long to power up (SD 4.2.3), and so long for a block (4.6.2), written ones of large cards included.
const POWER_UP_US: u64 = 1_000_000;
const BUSY_US: u64 = 500_000;
/// How long the core sleeps between two questions to a card that is busy with a block, and to one that powers up.
const BLOCK_STEP_US: u64 = 100;
const POWER_STEP_US: u64 = 10_000;

/// Where the socket is: CK, CMD and D0 to D3 with the numbers of their alternate functions.
pub type Wires = [(PinId, u8); 6];

/// A card that was identified.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    rca: u32,
    blocks: u32,
    high_capacity: bool,
    cid: [u32; 4],
}

/// Whether the caller gives up.
pub type StopWish = fn() -> bool;

bind_interrupts!(struct Irqs { SDMMC1 => Wakes; });

struct Wakes;

impl Handler<typelevel::SDMMC1> for Wakes {
    unsafe fn on_interrupt() {
        // It ends a sleep, and that is all.
        SD.maskr().write(|w| w.0 = 0);
    }
}

/// Gives the socket its pins, clock and power. The card is without a clock for a moment before its first command.
fn power(wires: &Wires) {
    for (n, (pin, number)) in wires.iter().enumerate() {
        let pull = if n == 0 { Pull::None } else { Pull::Up };
        pin.alternate(*number, false, pull);
        pin.set_speed(2);
    }
    critical_section::with(|_| {
        RCC.ahb3enr().modify(|w| w.set_sdmmc1en(true));
        RCC.ahb3rstr().modify(|w| w.set_sdmmc1rst(true));
        RCC.ahb3rstr().modify(|w| w.set_sdmmc1rst(false));
    });
    set_clock(IDENTIFY_HZ, false);
    SD.power().write(|w| w.set_pwrctrl(3));
    // A millisecond, and 74 clocks (SD 6.4.1).
    time::delay_us(1_000 + 74 * 1_000_000 / u64::from(IDENTIFY_HZ));
    typelevel::SDMMC1::unpend();
    // SAFETY: the handler above is ready.
    unsafe { typelevel::SDMMC1::enable() };
}

/// Lets go of the pins.
pub fn release(wires: &Wires) {
    WANTED.store(0, Ordering::Relaxed);
    typelevel::SDMMC1::disable();
    SD.power().write(|w| w.0 = 0);
    critical_section::with(|_| RCC.ahb3enr().modify(|w| w.set_sdmmc1en(false)));
    wires.iter().for_each(|(pin, _)| pin.analog());
}

/// What a card in use has been clocked with at most; 0: none is in use.
static WANTED: AtomicU32 = AtomicU32::new(0);

/// Whether a card is in use: its pins are taken.
pub fn is_in_use() -> bool {
    WANTED.load(Ordering::Relaxed) > 0
}

/// After a change of the controller's own clock: a card in use has its clock again.
pub fn retime() {
    let hz = WANTED.load(Ordering::Relaxed);
    if hz > 0 {
        set_clock(hz, SD.clkcr().read().widbus() != 0);
    }
}

/// The fastest that is no faster than this.
fn set_clock(hz: u32, four_lines: bool) {
    let kernel_hz = clocks::octospi_hz();
    // Zero divides by one, n by 2 n.
    let divider = if kernel_hz <= hz {
        0
    } else {
        kernel_hz.div_ceil(2 * hz)
    };
    let made_hz = kernel_hz / (2 * divider).max(1);
    SD.clkcr().write(|w| {
        w.set_clkdiv(divider as u16);
        w.set_widbus(if four_lines { 1 } else { 0 });
    });
    SD.dtimer()
        .write(|w| w.0 = (u64::from(made_hz) * BUSY_US / 1_000_000) as u32);
}

impl Card {
    /// Looks for a card, and gets it ready, with four lines of data or one. One that nobody answers for is asked again for `patience_us`.
    pub fn open(wires: &Wires, four_lines: bool, patience_us: u64, stopped: StopWish) -> Result<Card, Error> {
        WANTED.store(0, Ordering::Relaxed);
        power(wires);
        let end = time::ticks_us() + patience_us;
        loop {
            match Card::identify(four_lines, stopped) {
                Err(Error::Absent) if time::ticks_us() < end && !stopped() => pause(POWER_STEP_US),
                Err(error) => {
                    release(wires);
                    return Err(error);
                }
                Ok(card) => return Ok(card),
            }
        }
    }

    fn identify(four_lines: bool, stopped: StopWish) -> Result<Card, Error> {
        send(0, 0, Answer::None, Data::None)?;
        // 2.7 to 3.6 V, and a pattern that comes back. Cards from before 2006 do not know it.
        let knows_voltage = match send(8, 0x1AA, Answer::Short, Data::None) {
            Ok(echo) if echo & 0xFFF == 0x1AA => true,
            Ok(_) => return Err(Error::Unknown),
            Err(Error::Absent) => false,
            Err(error) => return Err(error),
        };
        let high_capacity = power_up(knows_voltage, stopped)?;
        send(2, 0, Answer::Long, Data::None)?;
        let cid = long();
        let rca = send(3, 0, Answer::Short, Data::None)? & 0xFFFF_0000;
        send(9, rca, Answer::Long, Data::None)?;
        let blocks = blocks(long()).ok_or(Error::Unknown)?;
        ask(7, rca, Data::None)?;
        if !high_capacity {
            ask(16, BLOCK_BYTES as u32, Data::None)?;
        }
        ask(55, rca, Data::None)?;
        ask(6, if four_lines { 2 } else { 0 }, Data::None)?;
        set_clock(FASTEST_HZ, four_lines);
        WANTED.store(FASTEST_HZ, Ordering::Relaxed);
        Ok(Card {
            rca,
            blocks,
            high_capacity,
            cid,
        })
    }

    /// How many blocks it has.
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// SDHC or SDXC, else SDSC.
    pub fn has_high_capacity(&self) -> bool {
        self.high_capacity
    }

    /// Its identification register, from the highest word.
    pub fn cid(&self) -> [u32; 4] {
        self.cid
    }

    /// Whether it still answers.
    pub fn is_there(&self) -> bool {
        send(13, self.rca, Answer::Short, Data::None).is_ok()
    }

    fn check(&self, block: u32, bytes: usize) -> Result<(), Error> {
        let blocks = (bytes / BLOCK_BYTES) as u64;
        if u64::from(block) + blocks <= u64::from(self.blocks) {
            Ok(())
        } else {
            Err(Error::Outside)
        }
    }

    /// Reads whole blocks; `memory` is the driver's, on AXI.
    pub fn read(
        &self,
        block: u32,
        into: &mut [u8],
        memory: &mut [u8],
        stopped: StopWish,
    ) -> Result<(), Error> {
        self.check(block, into.len())?;
        let mut bounce = Bounce::new(&dma::SDMMC1, memory, BLOCK_BYTES, &RealCore).ok_or(Error::Memory)?;
        bounce.receive(into, RealCore, |first, piece| {
            for (n, piece) in piece.chunks_mut(MOST_BLOCKS * BLOCK_BYTES).enumerate() {
                let at = block + (first + n * MOST_BLOCKS) as u32;
                self.transfer(at, piece.as_mut_ptr() as u32, piece.len(), true, stopped)?;
            }
            Ok(())
        })
    }

    /// Writes whole blocks.
    pub fn write(&self, block: u32, from: &[u8], memory: &mut [u8], stopped: StopWish) -> Result<(), Error> {
        self.check(block, from.len())?;
        let mut bounce = Bounce::new(&dma::SDMMC1, memory, BLOCK_BYTES, &RealCore).ok_or(Error::Memory)?;
        bounce.transmit(from, RealCore, |first, piece| {
            for (n, piece) in piece.chunks(MOST_BLOCKS * BLOCK_BYTES).enumerate() {
                let at = block + (first + n * MOST_BLOCKS) as u32;
                self.transfer(at, piece.as_ptr() as u32, piece.len(), false, stopped)?;
            }
            Ok(())
        })
    }

    /// Some blocks, between the card and memory that is leased to the DMA. The DMA is done with it at the end, however that comes.
    fn transfer(
        &self,
        block: u32,
        address: u32,
        bytes: usize,
        read: bool,
        stopped: StopWish,
    ) -> Result<(), Error> {
        let many = bytes > BLOCK_BYTES;
        let index = match (read, many) {
            (true, false) => 17,
            (true, true) => 18,
            (false, false) => 24,
            (false, true) => 25,
        };
        let at = if self.high_capacity {
            block
        } else {
            block * BLOCK_BYTES as u32
        };
        SD.dlenr().write(|w| w.0 = bytes as u32);
        SD.dctrl().write(|w| {
            w.set_dblocksize(9);
            w.set_dtdir(read);
        });
        SD.idmabase0r().write(|w| w.0 = address);
        SD.idmactrlr().write(|w| w.set_idmaen(true));
        // Memory is as the core wrote it before the DMA looks.
        compiler_fence(Ordering::SeqCst);
        dsb();
        let done = ask(index, at, Data::Follow).and_then(|_| self.wait_for_data(stopped));
        let done = match done {
            Ok(()) if many => send(12, 0, Answer::Short, Data::Stop).map(|_| ()),
            Ok(()) => Ok(()),
            Err(error) => Err(self.give_up(error)),
        };
        SD.idmactrlr().write(|w| w.set_idmaen(false));
        SD.dctrl().write(|w| w.set_fiforst(true));
        SD.dctrl().write(|_| ());
        SD.icr().write(|w| w.0 = u32::MAX);
        dsb();
        compiler_fence(Ordering::SeqCst);
        done?;
        if read {
            Ok(())
        } else {
            self.wait_until_written(stopped)
        }
    }

    /// Ends a transfer that went wrong, of which the card may know or not. Returns what was wrong: perhaps there is no card any more.
    fn give_up(&self, error: Error) -> Error {
        const SENDING: u32 = 5;
        const RECEIVING: u32 = 6;
        // Stops the data path, whatever the command; CMD12 itself is illegal for a card that has no transfer.
        match send(13, self.rca, Answer::Short, Data::Stop) {
            Ok(status) => {
                if matches!(status >> 9 & 0xF, SENDING | RECEIVING) {
                    // It may be gone by now, and the next command tells.
                    let _ = send(12, 0, Answer::Short, Data::Stop);
                }
                error
            }
            Err(_) => Error::Absent,
        }
    }

    /// Sleeps until the data path is done.
    fn wait_for_data(&self, stopped: StopWish) -> Result<(), Error> {
        // DTIMER is the controller's own end; this is for a controller without a clock.
        let end = time::ticks_us() + 2 * BUSY_US;
        loop {
            let status = SD.star().read();
            if status.idmate() {
                return Err(Error::Memory);
            }
            if status.dcrcfail() {
                return Err(Error::Crc);
            }
            if status.dtimeout() {
                return Err(if self.is_there() {
                    Error::Stuck
                } else {
                    Error::Absent
                });
            }
            if status.dataend() {
                return Ok(());
            }
            if stopped() {
                return Err(Error::Stopped);
            }
            if time::ticks_us() >= end {
                return Err(Error::Stuck);
            }
            SD.maskr().write(|w| {
                w.set_dcrcfailie(true);
                w.set_dtimeoutie(true);
                w.set_dataendie(true);
            });
            console::sleep_unless(|| stopped() || SD.maskr().read().0 == 0);
        }
    }

    /// The card has what was sent, and is not done with it.
    fn wait_until_written(&self, stopped: StopWish) -> Result<(), Error> {
        /// READY_FOR_DATA, and CURRENT_STATE "transfer".
        const READY: u32 = 1 << 8 | 4 << 9;
        let end = time::ticks_us() + BUSY_US;
        loop {
            if ask(13, self.rca, Data::None)? & (1 << 8 | 0xF << 9) == READY {
                return Ok(());
            }
            if stopped() {
                return Err(Error::Stopped);
            }
            if time::ticks_us() >= end {
                return Err(Error::Stuck);
            }
            pause(BLOCK_STEP_US);
        }
    }
}

/// ACMD41 until the card is ready; says whether it counts in blocks.
fn power_up(knows_voltage: bool, stopped: StopWish) -> Result<bool, Error> {
    /// 3.2 to 3.4 V.
    const VOLTAGE: u32 = 0x0030_0000;
    const HIGH_CAPACITY: u32 = 1 << 30;
    const READY: u32 = 1 << 31;
    let argument = VOLTAGE | if knows_voltage { HIGH_CAPACITY } else { 0 };
    let end = time::ticks_us() + POWER_UP_US;
    loop {
        let conditions = application(0, 41, argument, Answer::Open)?;
        if conditions & READY != 0 {
            return Ok(conditions & HIGH_CAPACITY != 0);
        }
        if time::ticks_us() >= end {
            return Err(Error::Stuck);
        }
        if stopped() {
            return Err(Error::Stopped);
        }
        pause(POWER_STEP_US);
    }
}

/// How many blocks a card has (SD 5.3); `None`: its CSD has another form.
fn blocks(csd: [u32; 4]) -> Option<u32> {
    let field = |high: u32, low: u32| {
        (low..=high).fold(0, |value, bit| {
            value | (csd[3 - bit as usize / 32] >> (bit % 32) & 1) << (bit - low)
        })
    };
    match field(127, 126) {
        0 => Some(((field(73, 62) + 1) << (field(49, 47) + 2) << field(83, 80)) / BLOCK_BYTES as u32),
        1 => (field(69, 48) + 1).checked_mul(1024),
        _ => None,
    }
}

fn pause(us: u64) {
    let next = time::ticks_us() + us;
    while time::ticks_us() < next {
        time::sleep(next, || false);
    }
}
