//! A bench for the memory path: processor side of the cache, OCTOSPI with its registers, a chip. The register
//! addresses and bits are declared here a second time, as numbers from the manual's register map.
#![allow(dead_code, reason = "each test file uses its part")]

use chipmodel::bus::axi::BusError;
use chipmodel::core::dcache::{Dcache, Op, Policy};
use chipmodel::onchip::octospi::Octospi;
use chipmodel::parts::choice::MemoryChip;
use chipmodel::{Clocks, Device, Effects, Kernel, Picos, Refused, Report, Time, Width};

pub const CR: u32 = 0x000;
pub const DCR1: u32 = 0x008;
pub const DCR2: u32 = 0x00c;
pub const DCR3: u32 = 0x010;
pub const DCR4: u32 = 0x014;
pub const SR: u32 = 0x020;
pub const FCR: u32 = 0x024;
pub const DLR: u32 = 0x040;
pub const AR: u32 = 0x048;
pub const DR: u32 = 0x050;
pub const CCR: u32 = 0x100;
pub const TCR: u32 = 0x108;
pub const IR: u32 = 0x110;
pub const LPTR: u32 = 0x130;
pub const WCCR: u32 = 0x180;
pub const WTCR: u32 = 0x188;
pub const WIR: u32 = 0x190;

pub const SR_TEF: u32 = 0x01;
pub const SR_TCF: u32 = 0x02;
pub const SR_FTF: u32 = 0x04;
pub const SR_TOF: u32 = 0x10;
pub const SR_BUSY: u32 = 0x20;

pub const WINDOW: u32 = 0x9000_0000;

/// CPU cycles between two accesses of a program.
const CYCLE: Picos = Picos(3_572);

#[derive(Clone)]
pub struct Rig {
    pub octospi: Octospi,
    pub dcache: Dcache,
    pub now: Time,
    pub reports: Vec<Report>,
    pub kernel_hz: u32,
}

/// How mapped mode is set up.
#[derive(Clone, Copy)]
pub struct Setup {
    pub dcr1: u32,
    pub dcr2: u32,
    pub dcr3: u32,
    pub dcr4: u32,
    /// TCEN and LPTR.
    pub timeout: Option<u32>,
    pub wccr: u32,
    pub ccr: u32,
}

/// 70 MHz: CSHT 4 clocks, 16 MB, REFRESH 500, time-out after 10 clocks, quad on all phases, DQSE for writes only.
pub const GOOD: Setup = Setup {
    dcr1: 2 << 24 | 23 << 16 | 3 << 8 | 1 << 3,
    dcr2: 0,
    dcr3: 0,
    dcr4: 500,
    timeout: Some(10),
    wccr: 3 << 24 | 2 << 12 | 3 << 8 | 3 | 1 << 29,
    ccr: 3 << 24 | 2 << 12 | 3 << 8 | 3,
};

impl Rig {
    /// 200 us after power-up, nothing configured.
    pub fn cold(chip: &str, kernel_hz: u32) -> Rig {
        let chip: MemoryChip = chip.parse().expect("a known chip");
        Rig {
            octospi: Octospi::octospi1(chip.fit(7)),
            dcache: Dcache::new(),
            now: Time(200_000_000),
            reports: Vec::new(),
            kernel_hz,
        }
    }

    /// A chip in QPI mode behind mapped OCTOSPI.
    pub fn mapped(chip: &str, kernel_hz: u32, setup: Setup) -> Rig {
        let mut rig = Rig::cold(chip, kernel_hz);
        rig.configure(setup);
        rig.command(0x66, 3);
        rig.command(0x99, 3);
        rig.command(0x66, 1);
        rig.command(0x99, 1);
        rig.command(0x35, 1);
        rig.map(setup);
        rig
    }

    pub fn configure(&mut self, setup: Setup) {
        self.write(DCR1, setup.dcr1);
        self.write(DCR2, setup.dcr2);
        self.write(DCR3, setup.dcr3);
        self.write(DCR4, setup.dcr4);
        self.write(CR, 1);
    }

    pub fn map(&mut self, setup: Setup) {
        self.write(CCR, setup.ccr);
        self.write(TCR, 6 | 1 << 30);
        self.write(IR, 0xeb);
        self.write(WCCR, setup.wccr);
        self.write(WTCR, 0);
        self.write(WIR, 0x38);
        if let Some(clocks) = setup.timeout {
            self.write(LPTR, clocks);
        }
        self.write(CR, 3 << 28 | 1 | u32::from(setup.timeout.is_some()) << 3);
    }

    /// An instruction by itself, on lines coded as in CCR.
    pub fn command(&mut self, opcode: u32, lines: u32) {
        self.write(CR, 1);
        self.write(CCR, lines);
        self.write(TCR, 0);
        self.write(IR, opcode);
        self.wait_idle();
        self.write(FCR, SR_TCF);
    }

    pub fn wait_idle(&mut self) {
        for _ in 0..1_000_000 {
            if self.read(SR) & SR_BUSY == 0 {
                return;
            }
        }
        panic!("OCTOSPI stays busy");
    }

    /// Let the world see one thing done, with the time it takes.
    pub fn with<R>(&mut self, work: impl FnOnce(&mut Octospi, &mut Dcache, &mut Effects) -> R) -> R {
        let clocks = Clocks::of(&[(Kernel::Octospi, self.kernel_hz), (Kernel::Cpu, 280_000_000)]);
        let mut fx = Effects::new(self.now, clocks, &mut self.reports);
        let result = work(&mut self.octospi, &mut self.dcache, &mut fx);
        self.now = self.now + fx.stall + CYCLE;
        result
    }

    pub fn try_write(&mut self, offset: u32, value: u32) -> Result<(), Refused> {
        self.with(|octospi, _, fx| Device::write(octospi, offset, Width::Word, value, fx))
    }

    pub fn write(&mut self, offset: u32, value: u32) {
        self.try_write(offset, value).expect("a modelled register");
    }

    pub fn read(&mut self, offset: u32) -> u32 {
        self.with(|octospi, _, fx| Device::read(octospi, offset, Width::Word, fx))
            .expect("a modelled register")
    }

    pub fn read_data(&mut self) -> u8 {
        self.with(|octospi, _, fx| Device::read(octospi, DR, Width::Byte, fx))
            .expect("DR") as u8
    }

    pub fn write_data(&mut self, byte: u8) {
        self.with(|octospi, _, fx| Device::write(octospi, DR, Width::Byte, byte.into(), fx))
            .expect("DR");
    }

    pub fn try_load(&mut self, addr: u32, width: Width, policy: Policy) -> Result<u32, BusError> {
        self.with(|octospi, dcache, fx| dcache.load(addr, width, policy, octospi, fx))
    }

    pub fn try_store(&mut self, addr: u32, width: Width, value: u32, policy: Policy) -> Result<(), BusError> {
        self.with(|octospi, dcache, fx| dcache.store(addr, width, value, policy, octospi, fx))
    }

    pub fn load(&mut self, addr: u32, width: Width, policy: Policy) -> u32 {
        self.try_load(addr, width, policy).expect("a good load")
    }

    pub fn store(&mut self, addr: u32, width: Width, value: u32, policy: Policy) {
        self.try_store(addr, width, value, policy).expect("a good store");
    }

    pub fn drain(&mut self) {
        self.with(|octospi, dcache, fx| dcache.drain(octospi, fx))
            .expect("a good drain");
    }

    pub fn maintain(&mut self, op: Op) {
        self.with(|octospi, dcache, fx| dcache.maintain(op, octospi, fx))
            .expect("good maintenance");
    }

    /// Everything that the processor wrote is in memory after this.
    pub fn clean_all(&mut self) {
        self.drain();
        for way in 0..4u32 {
            for set in 0..128u32 {
                self.maintain(Op::CleanInvalidateBySetWay(way << 30 | set << 5));
            }
        }
    }

    /// What the array holds.
    pub fn chip_byte(&self, addr: u32) -> u8 {
        self.octospi.chip().peek(addr - WINDOW)
    }

    pub fn complaints(&self) -> Vec<&str> {
        self.reports
            .iter()
            .map(|report| report.message.as_str())
            .collect()
    }
}
