//! What the machine asks of a processor core, and what a core asks of the machine.
//!
//! The core executes instructions. Exceptions, rights, system registers and time are the machine's: the core reports,
//! the machine decides. Another core (an interpreter of our own, say) can take the place of [`unicorn`].

mod blocks;
pub mod state;
pub mod unicorn;

use chipmodel::Width;
use chipmodel::core::mpu::{Access, Rights};
use chipmodel::core::nvic::Masks;
use m7time::issue::BlockCost;

/// Registers of a core, except R0 to R12 and the floating-point ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reg {
    /// R0 to R12.
    R(u8),
    /// S0 to S31.
    S(u8),
    /// Link register.
    Lr,
    /// Program counter, bit 0 clear.
    Pc,
    /// Program status, all of it: writing IPSR changes mode and stack.
    Xpsr,
    /// Main stack pointer.
    Msp,
    /// Process stack pointer.
    Psp,
    /// nPRIV, SPSEL, FPCA.
    Control,
    /// PRIMASK.
    Primask,
    /// FAULTMASK.
    Faultmask,
    /// BASEPRI.
    Basepri,
    /// Floating-point status.
    Fpscr,
}

/// CONTROL.nPRIV: thread mode is unprivileged.
pub const CONTROL_NPRIV: u32 = 1;
/// CONTROL.SPSEL: thread mode uses PSP.
pub const CONTROL_SPSEL: u32 = 1 << 1;
/// CONTROL.FPCA: the floating-point registers are in use.
pub const CONTROL_FPCA: u32 = 1 << 2;
/// IPSR in XPSR: the exception number.
pub const XPSR_EXCEPTION: u32 = 0x1FF;

/// Why a core came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The machine asked for it, before a block.
    Asked,
    /// SVC; PC is behind it.
    Svc,
    /// A branch to this EXC_RETURN value in handler mode.
    ExceptionReturn(u32),
    /// WFI; PC is behind it.
    Wfi,
    /// WFE; PC is behind it.
    Wfe,
    /// BKPT; PC is at it.
    Breakpoint,
    /// The instruction at PC is undefined.
    Undefined,
    /// The T bit is clear at PC.
    InvalidState,
    /// The instruction at PC needs a coprocessor that is not there.
    NoCoprocessor,
    /// The instruction at PC made an unaligned access where none is allowed.
    Unaligned,
    /// The instruction at PC may not do this at `address`.
    Denied {
        /// What was tried.
        access: Access,
        /// Where.
        address: u32,
    },
    /// Nothing answered at `address`, or an error came back.
    BusError {
        /// What was tried.
        access: Access,
        /// Where.
        address: u32,
    },
    /// A debugger wanted it to stop here.
    Halted(Halt),
    /// The core itself failed: a bug here, with what is known about it.
    Broken(&'static str),
}

/// Why a debugger's core stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The instruction at PC has a breakpoint.
    Breakpoint,
    /// One instruction was executed.
    Step,
    /// The last instruction accessed what is watched.
    Watch(Watchpoint),
}

/// Bytes that are watched for the core's accesses; other bus masters are not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// The first of them.
    pub first: u32,
    /// The last.
    pub last: u32,
    /// Stop behind loads.
    pub reads: bool,
    /// Stop behind stores.
    pub writes: bool,
}

/// What the machine may look at before a block.
pub trait Registers {
    /// The interrupt masks.
    fn masks(&mut self) -> Masks;
    /// The link register.
    fn link(&mut self) -> u32;
    /// The stack pointer in use.
    fn stack(&mut self) -> u32;
}

/// Instructions in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// How many.
    pub instructions: u32,
    /// How many bytes of code.
    pub bytes: u32,
    /// What the pipeline makes of them, if [`Bus::wants_costs`].
    pub cost: Option<BlockCost>,
}

/// What a core sees around itself while it runs.
pub trait Bus {
    /// These instructions at `pc` are about to be executed. True: stop before them.
    fn block(&mut self, pc: u32, run: &Run, core: &mut impl Registers) -> bool;
    /// Must blocks come with what they cost?
    fn wants_costs(&self) -> bool;
    /// Must accesses of memory that is mapped directly be told to [`Bus::accessed`]? The same for the whole life of a core.
    fn wants_accesses(&self) -> bool;
    /// A load or store of memory that is mapped directly is about to happen.
    fn accessed(&mut self, address: u32, bytes: u32, access: Access);
    /// A load from where no memory is mapped directly.
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError>;
    /// A store to the same.
    fn write(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusError>;
    /// Rights at an address.
    fn rights(&mut self, address: u32, privileged: bool) -> Rights;
    /// Do the rights differ within the 4 KB page at `page`?
    fn is_cut(&mut self, page: u32) -> bool;
    /// Is the page at `page` memory that must be accessed with natural alignment (Strongly-ordered or Device)? Asked for
    /// the window only.
    fn is_device(&mut self, page: u32) -> bool;
    /// Must accesses to the page at `page`, which is memory, be told to [`Bus::touched`]?
    fn is_followed(&mut self, page: u32) -> bool;
    /// Must loads from the page at `page`, which is flash, come to [`Bus::read`]?
    fn is_special(&mut self, page: u32) -> bool;
    /// A load or store in such a page is about to happen.
    fn touched(&mut self, address: u32, access: Access);
    /// Code is about to run in a page whose rights differ, which no core here can do.
    fn cut_fetch(&mut self, page: u32);
    /// SEV was executed.
    fn send_event(&mut self);
    /// DSB was executed.
    fn barrier(&mut self);
}

/// The bus answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusError;

/// Memory that is mapped directly, as everything but the core's own instructions reaches it.
pub trait Memory {
    /// Copy from it. False: not all of it is there.
    fn peek(&self, address: u32, bytes: &mut [u8]) -> bool;
    /// Copy into it, flash included.
    fn poke(&mut self, address: u32, bytes: &[u8]) -> bool;
}

/// A processor core.
pub trait Cpu<B: Bus>: Memory {
    /// Run at the current PC until there is something for the machine to do.
    fn run(&mut self, bus: &mut B) -> Exit;
    /// Read a register.
    fn get(&self, reg: Reg) -> u32;
    /// Write a register.
    fn set(&mut self, reg: Reg, value: u32);
    /// Forget remembered rights.
    fn flush_rights(&mut self);
    /// Forget remembered code: RAM that was executed may hold something else now.
    fn forget_code(&mut self);
    /// Stop before the instruction at `address`, or no longer. False: it cannot be.
    fn break_at(&mut self, address: u32, on: bool) -> bool;
    /// Stop behind instructions that do this, or no longer. False: it cannot be.
    fn watch_for(&mut self, watchpoint: Watchpoint, on: bool) -> bool;
    /// Stop behind the next instruction.
    fn step_next(&mut self);
    /// The debugger has changed PC, or the core was reset.
    fn moved(&mut self);
    /// The interrupt masks.
    fn masks(&self) -> Masks {
        Masks {
            primask: self.get(Reg::Primask) & 1 != 0,
            faultmask: self.get(Reg::Faultmask) & 1 != 0,
            basepri: self.get(Reg::Basepri) as u8,
        }
    }
}
