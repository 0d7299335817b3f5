//! What went wrong, in words: the core's fault registers decoded, and the report that a fault prints.
//!
//! Decoding is pure. Catching a fault, in whatever state the stack is, is `entry`'s work.

use core::fmt;

#[cfg(target_os = "none")]
mod entry;

#[cfg(target_os = "none")]
pub(crate) use entry::set_denied;
#[cfg(target_os = "none")]
pub use entry::{print_reports, set_witness};

/// The core's fault registers (DDI0403E B3.2.15 to B3.2.18).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// Configurable fault status.
    pub cfsr: u32,
    /// HardFault status.
    pub hfsr: u32,
    /// Address of a MemManage fault, if CFSR says so.
    pub mmfar: u32,
    /// Address of a BusFault, if CFSR says so.
    pub bfar: u32,
}

/// A bit of a fault register: its name in the manual, and what it means.
type Bit = (u32, &'static str, &'static str);

const CFSR: &[Bit] = &[
    (
        1 << 0,
        "IACCVIOL",
        "instruction fetch from memory that may not execute",
    ),
    (1 << 1, "DACCVIOL", "access to memory that the MPU denies"),
    (1 << 3, "MUNSTKERR", "access denied while leaving an exception"),
    (1 << 4, "MSTKERR", "access denied while entering an exception"),
    (
        1 << 5,
        "MLSPERR",
        "access denied while saving floating-point registers",
    ),
    (1 << 8, "IBUSERR", "bus error on an instruction fetch"),
    (1 << 9, "PRECISERR", "bus error on a data access"),
    (
        1 << 10,
        "IMPRECISERR",
        "bus error on an earlier store, so pc is beyond its cause",
    ),
    (1 << 11, "UNSTKERR", "bus error while leaving an exception"),
    (1 << 12, "STKERR", "bus error while entering an exception"),
    (
        1 << 13,
        "LSPERR",
        "bus error while saving floating-point registers",
    ),
    (1 << 16, "UNDEFINSTR", "undefined instruction"),
    (1 << 17, "INVSTATE", "jump to an even address: not Thumb code"),
    (1 << 18, "INVPC", "invalid return from an exception"),
    (1 << 19, "NOCP", "no such coprocessor"),
    (1 << 24, "UNALIGNED", "access that must be aligned and is not"),
    (1 << 25, "DIVBYZERO", "division by zero"),
];
const HFSR: &[Bit] = &[
    (1 << 1, "VECTTBL", "bus error on reading a vector"),
    (1 << 31, "DEBUGEVT", "breakpoint without a debugger"),
];

const MMARVALID: u32 = 1 << 7;
const BFARVALID: u32 = 1 << 15;
const MSTKERR: u32 = 1 << 4;
const STKERR: u32 = 1 << 12;

impl Status {
    /// The causes, in the order of their bits: manual's name and meaning.
    pub fn causes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let set = |word: u32| move |bit: &&Bit| word & bit.0 != 0;
        CFSR.iter()
            .filter(set(self.cfsr))
            .chain(HFSR.iter().filter(set(self.hfsr)))
            .map(|bit| (bit.1, bit.2))
    }

    /// The address whose access failed, if the core knows it.
    pub fn address(&self) -> Option<u32> {
        if self.cfsr & MMARVALID != 0 {
            Some(self.mmfar)
        } else if self.cfsr & BFARVALID != 0 {
            Some(self.bfar)
        } else {
            None
        }
    }

    /// Whether the registers of the interrupted program never reached the stack.
    pub fn frame_lost(&self) -> bool {
        self.cfsr & (MSTKERR | STKERR) != 0
    }
}

/// The interrupted program's registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Registers {
    /// `r0` to `r12`.
    pub r: [u32; 13],
    /// Stack pointer, before the exception.
    pub sp: u32,
    /// Return address.
    pub lr: u32,
    /// The instruction.
    pub pc: u32,
    /// Flags, and which exception was active.
    pub xpsr: u32,
}

/// All that is known when a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Why.
    pub status: Status,
    /// Where; `None` if the stack was no longer there to save them.
    pub registers: Option<Registers>,
    /// The stack pointer inside the handler, for when there is nothing else.
    pub sp: u32,
}

/// What lies at an address, if saying so helps.
fn place(address: u32) -> &'static str {
    use crate::mpu;
    let guard = mpu::AT_START[2].base;
    if address < 0x1_0000 {
        " (a null pointer)"
    } else if (guard..guard + mpu::STACK_GUARD_BYTES).contains(&address)
        || (guard - 4096..guard).contains(&address)
    {
        " (the guard under the stack: an overflow)"
    } else if (mpu::WINDOW_BASE..mpu::WINDOW_BASE + mpu::WINDOW_BYTES).contains(&address) {
        " (the PSRAM's window)"
    } else {
        ""
    }
}

/// Why and where, on one line.
pub struct Cause<'a>(&'a Report);

impl Report {
    /// Why and where, on one line.
    pub fn cause(&self) -> Cause<'_> {
        Cause(self)
    }
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { status, sp, .. } = self.0;
        let mut separator = "";
        for (name, meaning) in status.causes() {
            write!(f, "{separator}{meaning} [{name}]")?;
            separator = "; ";
        }
        if separator.is_empty() {
            write!(f, "no cause recorded")?;
        }
        if let Some(address) = status.address() {
            write!(f, " at 0x{address:08x}{}", place(address))?;
        } else if status.frame_lost() {
            write!(f, ", sp 0x{sp:08x}{}", place(*sp))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\r\nspiram fault: {}", self.cause())?;
        write!(
            f,
            "\r\n  cfsr 0x{:08x}  hfsr 0x{:08x}\r\n",
            self.status.cfsr, self.status.hfsr
        )?;
        let Some(registers) = &self.registers else {
            return write!(
                f,
                "  the stack was not there to save the registers, sp 0x{:08x}\r\n",
                self.sp
            );
        };
        let Registers { r, sp, lr, pc, xpsr } = registers;
        write!(
            f,
            "  pc  0x{pc:08x}  lr  0x{lr:08x}  sp  0x{sp:08x}  xpsr 0x{xpsr:08x}"
        )?;
        for (number, value) in r.iter().enumerate() {
            let start = if number % 4 == 0 { "\r\n" } else { "" };
            write!(f, "{start}  r{number:<2} 0x{value:08x}")?;
        }
        write!(f, "\r\n")
    }
}

/// Gives each kind of fault its own handler. Without it they all become HardFault, which is caught as well.
#[cfg(target_os = "none")]
pub fn enable() {
    crate::armv7m::enable_faults();
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    fn names(status: Status) -> Vec<&'static str> {
        status.causes().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_precise_bus_error_names_its_address() {
        let status = Status {
            cfsr: 0x0000_8200,
            bfar: 0x6000_0010,
            ..Status::default()
        };
        assert_eq!(names(status), ["PRECISERR"]);
        assert_eq!(status.address(), Some(0x6000_0010));
    }

    #[test]
    fn an_imprecise_bus_error_has_no_address() {
        let status = Status {
            cfsr: 0x0000_0400,
            bfar: 0x6000_0010,
            ..Status::default()
        };
        assert_eq!(names(status), ["IMPRECISERR"]);
        assert_eq!(status.address(), None);
    }

    #[test]
    fn the_bits_that_only_say_that_an_address_is_valid_are_no_cause() {
        assert!(
            names(Status {
                cfsr: MMARVALID | BFARVALID,
                hfsr: 1 << 30,
                ..Status::default()
            })
            .is_empty()
        );
    }

    #[test]
    fn every_usage_fault_has_a_name() {
        let status = Status {
            cfsr: 0x030F_0000,
            ..Status::default()
        };
        assert_eq!(
            names(status),
            [
                "UNDEFINSTR",
                "INVSTATE",
                "INVPC",
                "NOCP",
                "UNALIGNED",
                "DIVBYZERO"
            ]
        );
    }

    #[test]
    fn a_report_says_cause_address_and_place() {
        let status = Status {
            cfsr: 0x82,
            mmfar: 0x9000_0000,
            ..Status::default()
        };
        let registers = Registers {
            pc: 0x0800_1234,
            ..Registers::default()
        };
        let text = Report {
            status,
            registers: Some(registers),
            sp: 0,
        }
        .to_string();
        let first = "\r\nspiram fault: access to memory that the MPU denies [DACCVIOL] at 0x90000000 (the PSRAM's window)\r\n";
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains("pc  0x08001234"), "{text}");
    }

    #[test]
    fn a_stack_overflow_is_called_so_even_when_no_register_was_saved() {
        let status = Status {
            cfsr: MSTKERR,
            ..Status::default()
        };
        let text = Report {
            status,
            registers: None,
            sp: 0x2000_03f0,
        }
        .to_string();
        assert!(
            text.contains("(the guard under the stack: an overflow)"),
            "{text}"
        );
        assert!(text.contains("not there to save the registers"), "{text}");
    }
}
