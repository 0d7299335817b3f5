//! The driver's bus over OCTOSPI's registers, with the cache beside it. The registers are declared once more, for these tests alone
//! (CMSIS header of the H7A3; RM0456, OCTOSPI).
#![allow(dead_code, reason = "each test file uses its part")]

use chipmodel::core::dcache::{Dcache, Policy};
use chipmodel::onchip::octospi::Octospi;
use chipmodel::parts::fitted::Fitted;
use chipmodel::{Clocks, Device, Effects, Kernel, Picos, Report, Time, Width};
use psram::{Bus, Frame, Lines, Setup};
use std::convert::Infallible;

pub const WINDOW: u32 = 0x9000_0000;
const CPU_HZ: u32 = 280_000_000;

const CR: u32 = 0x000;
const DCR1: u32 = 0x008;
const DCR2: u32 = 0x00C;
const DCR3: u32 = 0x010;
const DCR4: u32 = 0x014;
const SR: u32 = 0x020;
const FCR: u32 = 0x024;
const DLR: u32 = 0x040;
const AR: u32 = 0x048;
const DR: u32 = 0x050;
/// CCR, TCR, IR; the write set lies 0x80 above.
const CCR: u32 = 0x100;
const TCR: u32 = 0x108;
const IR: u32 = 0x110;
const LPTR: u32 = 0x130;
const WRITE_SET: u32 = 0x80;

const CR_EN: u32 = 1 << 0;
const CR_ABORT: u32 = 1 << 1;
const CR_TCEN: u32 = 1 << 3;
const CR_INDIRECT_READ: u32 = 1 << 28;
const CR_MAPPED: u32 = 3 << 28;
const SR_TCF: u32 = 1 << 1;
const SR_FTF: u32 = 1 << 2;
const SR_BUSY: u32 = 1 << 5;
const CCR_24_BIT_ADDRESS: u32 = 2 << 12;
const CCR_DQSE: u32 = 1 << 29;
const TCR_SSHIFT: u32 = 1 << 30;

/// Controller, chip, cache and time.
pub struct Board {
    pub octospi: Octospi,
    pub cache: Dcache,
    pub policy: Policy,
    pub now: Time,
    pub clocks: Clocks,
    pub reports: Vec<Report>,
    late_sampling: bool,
}

impl Board {
    pub fn new(fitted: &str, kernel_hz: u32) -> Self {
        let mut cache = Dcache::new();
        cache.set_disramode(true);
        cache.set_enabled(true);
        Board {
            octospi: Octospi::octospi1(Fitted::parse(fitted, 5).expect("a chip")),
            cache,
            policy: Policy::WriteBackAllocate,
            now: Time(0),
            clocks: Clocks::of(&[(Kernel::Cpu, CPU_HZ), (Kernel::Octospi, kernel_hz)]),
            reports: Vec::new(),
            late_sampling: false,
        }
    }

    /// Do `work` with the models at the present time, and let the time pass that it takes.
    pub fn at<R>(&mut self, work: impl FnOnce(&mut Octospi, &mut Dcache, &mut Effects) -> R) -> R {
        let mut fx = Effects::new(self.now, self.clocks, &mut self.reports);
        let result = work(&mut self.octospi, &mut self.cache, &mut fx);
        self.now = self.now + fx.stall + Picos::of_cycles(1, CPU_HZ);
        result
    }

    fn write_reg(&mut self, offset: u32, value: u32) {
        self.at(|octospi, _, fx| octospi.write(offset, Width::Word, value, fx))
            .expect("a register");
    }

    fn until(&mut self, ready: impl Fn(u32) -> bool) {
        for _ in 0..1_000_000 {
            if ready(
                self.at(|octospi, _, fx| octospi.read(SR, Width::Word, fx))
                    .expect("SR"),
            ) {
                return;
            }
        }
        panic!("OCTOSPI waits for ever");
    }

    fn set_frame(&mut self, frame: &Frame, extra: u32, set: u32) {
        let mode = |lines| match lines {
            Lines::None => 0,
            Lines::One => 1,
            Lines::Four => 3,
        };
        let phases = mode(frame.command) | mode(frame.address) << 8 | mode(frame.data) << 24;
        let shift = if self.late_sampling && set == 0 {
            TCR_SSHIFT
        } else {
            0
        };
        self.write_reg(TCR + set, u32::from(frame.dummy_cycles) | shift);
        self.write_reg(CCR + set, phases | CCR_24_BIT_ADDRESS | extra);
    }

    /// Everything up to the point where the transfer starts, or waits for data to send.
    fn begin(&mut self, mode: u32, frame: &Frame, address: u32, bytes: usize) {
        self.write_reg(CR, CR_EN | mode);
        if bytes > 0 {
            self.write_reg(DLR, bytes as u32 - 1);
        }
        self.set_frame(frame, 0, 0);
        self.write_reg(IR, frame.opcode.into());
        if frame.address != Lines::None {
            self.write_reg(AR, address);
        }
    }

    fn end(&mut self) {
        self.until(|sr| sr & SR_TCF != 0);
        self.write_reg(FCR, SR_TCF);
        self.until(|sr| sr & SR_BUSY == 0);
    }

    pub fn messages(&self) -> Vec<&str> {
        self.reports
            .iter()
            .map(|report| report.message.as_str())
            .collect()
    }
}

impl Bus for Board {
    type Error = Infallible;

    fn apply(&mut self, setup: &Setup) -> Result<(), Infallible> {
        const MTYP_STANDARD: u32 = 2 << 24;
        const DLYBYP: u32 = 1 << 3;
        let device = (setup.device_bytes.trailing_zeros() - 1) << 16;
        self.write_reg(
            DCR1,
            MTYP_STANDARD | device | u32::from(setup.cs_high_cycles - 1) << 8 | DLYBYP,
        );
        self.write_reg(DCR2, u32::from(setup.divider) - 1);
        self.write_reg(DCR3, setup.boundary_bytes.map_or(0, u32::trailing_zeros) << 16);
        self.write_reg(DCR4, setup.refresh_cycles);
        self.write_reg(LPTR, setup.idle_cycles.into());
        self.late_sampling = setup.late_sampling;
        Ok(())
    }

    fn command(&mut self, frame: &Frame) -> Result<(), Infallible> {
        self.begin(0, frame, 0, 0);
        self.end();
        Ok(())
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Infallible> {
        self.begin(CR_INDIRECT_READ, frame, address, data.len());
        for byte in data {
            *byte = self
                .at(|octospi, _, fx| octospi.read(DR, Width::Byte, fx))
                .expect("DR") as u8;
        }
        self.end();
        Ok(())
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Infallible> {
        self.begin(0, frame, address, data.len());
        for byte in data {
            self.until(|sr| sr & SR_FTF != 0);
            self.at(|octospi, _, fx| octospi.write(DR, Width::Byte, (*byte).into(), fx))
                .expect("DR");
        }
        self.end();
        Ok(())
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Infallible> {
        self.write_reg(CR, CR_EN);
        self.set_frame(write, CCR_DQSE, WRITE_SET);
        self.write_reg(IR + WRITE_SET, write.opcode.into());
        self.set_frame(read, 0, 0);
        self.write_reg(IR, read.opcode.into());
        self.write_reg(CR, CR_EN | CR_TCEN | CR_MAPPED);
        Ok(())
    }

    fn leave_mapped(&mut self) -> Result<(), Infallible> {
        self.write_reg(CR, CR_EN | CR_TCEN | CR_MAPPED | CR_ABORT);
        self.until(|sr| sr & SR_BUSY == 0);
        self.write_reg(CR, CR_EN);
        Ok(())
    }

    fn delay_us(&mut self, us: u32) {
        self.now = self.now + Picos::from_ns(u64::from(us) * 1000);
    }
}
