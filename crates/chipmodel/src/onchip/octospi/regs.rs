//! The registers of OCTOSPI and their bits (RM0455 OCTOSPI registers; positions as in ST's CMSIS header
//! `stm32h7a3xx.h`). All of them are 0 after reset.

/// A register that can be stored and read back. SR, FCR and DR have behaviour of their own and are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reg {
    /// Control.
    Cr,
    /// Device configuration 1: type, size, CE# high time, clock mode.
    Dcr1,
    /// Device configuration 2: prescaler, wrap size.
    Dcr2,
    /// Device configuration 3: where bursts are cut.
    Dcr3,
    /// Device configuration 4: refresh.
    Dcr4,
    /// Data length - 1.
    Dlr,
    /// Address.
    Ar,
    /// Polling mask.
    Psmkr,
    /// Polling match.
    Psmar,
    /// Polling interval.
    Pir,
    /// Frame of indirect transfers and mapped reads.
    Ccr,
    /// Its timing.
    Tcr,
    /// Its instruction.
    Ir,
    /// Its alternate bytes.
    Abr,
    /// Time-out of mapped mode.
    Lptr,
    /// Frame of wrapped reads.
    Wpccr,
    /// Its timing.
    Wptcr,
    /// Its instruction.
    Wpir,
    /// Its alternate bytes.
    Wpabr,
    /// Frame of mapped writes.
    Wccr,
    /// Its timing.
    Wtcr,
    /// Its instruction.
    Wir,
    /// Its alternate bytes.
    Wabr,
    /// HyperBus latency.
    Hlcr,
}

/// How a register may be written.
pub struct Info {
    /// Offset from the base.
    pub offset: u32,
    /// The name in the manual.
    pub name: &'static str,
    /// Bits that exist.
    pub mask: u32,
}

const FRAME: u32 = 0xaf3f_3f3f;
const TIMING: u32 = 0x5000_001f;

impl Reg {
    /// How many there are.
    pub const COUNT: usize = 24;

    /// All, in the order of the enum.
    pub const ALL: [Reg; Reg::COUNT] = [
        Reg::Cr,
        Reg::Dcr1,
        Reg::Dcr2,
        Reg::Dcr3,
        Reg::Dcr4,
        Reg::Dlr,
        Reg::Ar,
        Reg::Psmkr,
        Reg::Psmar,
        Reg::Pir,
        Reg::Ccr,
        Reg::Tcr,
        Reg::Ir,
        Reg::Abr,
        Reg::Lptr,
        Reg::Wpccr,
        Reg::Wptcr,
        Reg::Wpir,
        Reg::Wpabr,
        Reg::Wccr,
        Reg::Wtcr,
        Reg::Wir,
        Reg::Wabr,
        Reg::Hlcr,
    ];

    /// The register at `offset`.
    pub fn at(offset: u32) -> Option<Reg> {
        Reg::ALL.into_iter().find(|reg| reg.info().offset == offset)
    }

    /// Its place, name and bits.
    pub const fn info(self) -> Info {
        let (offset, name, mask) = match self {
            Reg::Cr => (0x000, "OCTOSPI_CR", 0x30df_1fcf),
            Reg::Dcr1 => (0x008, "OCTOSPI_DCR1", 0x071f_077b),
            Reg::Dcr2 => (0x00c, "OCTOSPI_DCR2", 0x0007_00ff),
            Reg::Dcr3 => (0x010, "OCTOSPI_DCR3", 0x001f_00ff),
            Reg::Dcr4 => (0x014, "OCTOSPI_DCR4", 0xffff_ffff),
            Reg::Dlr => (0x040, "OCTOSPI_DLR", 0xffff_ffff),
            Reg::Ar => (0x048, "OCTOSPI_AR", 0xffff_ffff),
            Reg::Psmkr => (0x080, "OCTOSPI_PSMKR", 0xffff_ffff),
            Reg::Psmar => (0x088, "OCTOSPI_PSMAR", 0xffff_ffff),
            Reg::Pir => (0x090, "OCTOSPI_PIR", 0x0000_ffff),
            Reg::Ccr => (0x100, "OCTOSPI_CCR", FRAME),
            Reg::Tcr => (0x108, "OCTOSPI_TCR", TIMING),
            Reg::Ir => (0x110, "OCTOSPI_IR", 0xffff_ffff),
            Reg::Abr => (0x120, "OCTOSPI_ABR", 0xffff_ffff),
            Reg::Lptr => (0x130, "OCTOSPI_LPTR", 0x0000_ffff),
            Reg::Wpccr => (0x140, "OCTOSPI_WPCCR", FRAME),
            Reg::Wptcr => (0x148, "OCTOSPI_WPTCR", TIMING),
            Reg::Wpir => (0x150, "OCTOSPI_WPIR", 0xffff_ffff),
            Reg::Wpabr => (0x160, "OCTOSPI_WPABR", 0xffff_ffff),
            Reg::Wccr => (0x180, "OCTOSPI_WCCR", FRAME),
            Reg::Wtcr => (0x188, "OCTOSPI_WTCR", 0x0000_001f),
            Reg::Wir => (0x190, "OCTOSPI_WIR", 0xffff_ffff),
            Reg::Wabr => (0x1a0, "OCTOSPI_WABR", 0xffff_ffff),
            Reg::Hlcr => (0x200, "OCTOSPI_HLCR", 0x00ff_ff03),
        };
        Info { offset, name, mask }
    }
}

/// Offset of the status register.
pub const SR: u32 = 0x020;
/// Offset of the flag clear register.
pub const FCR: u32 = 0x024;
/// Offset of the data port.
pub const DR: u32 = 0x050;

/// CR.
pub mod cr {
    /// On.
    pub const EN: u32 = 1 << 0;
    /// End what is going on.
    pub const ABORT: u32 = 1 << 1;
    /// DMA requests.
    pub const DMAEN: u32 = 1 << 2;
    /// Time-out of mapped mode.
    pub const TCEN: u32 = 1 << 3;
    /// Two memories side by side.
    pub const DMM: u32 = 1 << 6;
    /// Which of two memories.
    pub const FSEL: u32 = 1 << 7;
    /// FIFO threshold - 1.
    pub const fn fthres(cr: u32) -> u32 {
        cr >> 8 & 0x1f
    }
    /// Interrupt on TEF.
    pub const TEIE: u32 = 1 << 16;
    /// Interrupt on TCF.
    pub const TCIE: u32 = 1 << 17;
    /// Interrupt on FTF.
    pub const FTIE: u32 = 1 << 18;
    /// Interrupt on SMF.
    pub const SMIE: u32 = 1 << 19;
    /// Interrupt on TOF.
    pub const TOIE: u32 = 1 << 20;
    /// The functional mode field.
    pub const FMODE: u32 = 3 << 28;
    /// Its value.
    pub const fn fmode(cr: u32) -> u32 {
        cr >> 28 & 3
    }
    /// Indirect write.
    pub const INDIRECT_WRITE: u32 = 0;
    /// Indirect read.
    pub const INDIRECT_READ: u32 = 1;
    /// Automatic polling.
    pub const POLLING: u32 = 2;
    /// Memory-mapped.
    pub const MAPPED: u32 = 3;
}

/// SR.
pub mod sr {
    /// Transfer error.
    pub const TEF: u32 = 1 << 0;
    /// Transfer complete.
    pub const TCF: u32 = 1 << 1;
    /// FIFO threshold.
    pub const FTF: u32 = 1 << 2;
    /// Status match.
    pub const SMF: u32 = 1 << 3;
    /// Time-out.
    pub const TOF: u32 = 1 << 4;
    /// Busy.
    pub const BUSY: u32 = 1 << 5;
    /// Position of the FIFO level.
    pub const FLEVEL_SHIFT: u32 = 8;
    /// What FCR clears.
    pub const CLEARABLE: u32 = TEF | TCF | SMF | TOF;
}

/// DCR1.
pub mod dcr1 {
    /// Clock idles high.
    pub const CKMODE: u32 = 1 << 0;
    /// Clock runs when idle.
    pub const FRCK: u32 = 1 << 1;
    /// Delay block bypassed.
    pub const DLYBYP: u32 = 1 << 3;
    /// CE# high, in clocks - 1.
    pub const fn csht(dcr1: u32) -> u32 {
        dcr1 >> 8 & 7
    }
    /// Size is 2 to the power of (this + 1).
    pub const fn devsize(dcr1: u32) -> u32 {
        dcr1 >> 16 & 0x1f
    }
    /// Memory type.
    pub const fn mtyp(dcr1: u32) -> u32 {
        dcr1 >> 24 & 7
    }
    /// From this type on it is HyperBus.
    pub const MTYP_HYPERBUS: u32 = 4;
}

/// DCR2.
pub mod dcr2 {
    /// Kernel clock is divided by this + 1.
    pub const fn prescaler(dcr2: u32) -> u32 {
        dcr2 & 0xff
    }
    /// Wrap size of the memory.
    pub const fn wrapsize(dcr2: u32) -> u32 {
        dcr2 >> 16 & 7
    }
}

/// DCR3. Its MAXTRAN acts only while the other controller asks for the same pins (RM0456); that one has no model, and what
/// switches it on is an event.
pub mod dcr3 {
    /// Bursts end at multiples of 2 to the power of this; 0 is never.
    pub const fn csbound(dcr3: u32) -> u32 {
        dcr3 >> 16 & 0x1f
    }
}

/// CCR, WCCR, WPCCR.
pub mod ccr {
    /// Lines of the instruction, coded.
    pub const fn imode(ccr: u32) -> u32 {
        ccr & 7
    }
    /// Bytes of the instruction - 1.
    pub const fn isize(ccr: u32) -> u32 {
        ccr >> 4 & 3
    }
    /// Lines of the address, coded.
    pub const fn admode(ccr: u32) -> u32 {
        ccr >> 8 & 7
    }
    /// Bytes of the address - 1.
    pub const fn adsize(ccr: u32) -> u32 {
        ccr >> 12 & 3
    }
    /// Lines of the alternate bytes, coded.
    pub const fn abmode(ccr: u32) -> u32 {
        ccr >> 16 & 7
    }
    /// Alternate bytes - 1.
    pub const fn absize(ccr: u32) -> u32 {
        ccr >> 20 & 3
    }
    /// Lines of the data, coded.
    pub const fn dmode(ccr: u32) -> u32 {
        ccr >> 24 & 7
    }
    /// Any phase at double rate.
    pub const ANY_DTR: u32 = 1 << 3 | 1 << 11 | 1 << 19 | 1 << 27;
    /// Data strobe.
    pub const DQSE: u32 = 1 << 29;
    /// Instruction with the first frame only.
    pub const SIOO: u32 = 1 << 31;
}

/// TCR, WTCR, WPTCR.
pub mod tcr {
    /// Dummy clocks.
    pub const fn dcyc(tcr: u32) -> u32 {
        tcr & 0x1f
    }
    /// Data held for a quarter of a clock: double rate only.
    pub const DHQC: u32 = 1 << 28;
    /// Data sampled half a clock later.
    pub const SSHIFT: u32 = 1 << 30;
}
