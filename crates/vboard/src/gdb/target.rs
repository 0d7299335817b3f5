//! What gdb asks of the board.

use super::arch::{CortexM7, Frame};
use super::monitor;
use crate::Machine;
use crate::core::cpu::{Reg, Watchpoint};
use gdbstub::common::Signal;
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::singlethread::{
    SingleThreadBase, SingleThreadRangeStepping, SingleThreadRangeSteppingOps, SingleThreadResume,
    SingleThreadResumeOps, SingleThreadSingleStep, SingleThreadSingleStepOps,
};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps, SwBreakpoint,
    SwBreakpointOps, WatchKind,
};
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd, MonitorCmdOps};
use gdbstub::target::{Target, TargetError, TargetResult};
use std::io;

/// "Bad address", in the answer to gdb.
const EFAULT: u8 = 14;

/// How the board was told to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    Continue,
    /// Until PC is not in this range.
    Step(std::ops::Range<u32>),
}

/// The board under a debugger.
pub struct Board<'a> {
    pub machine: &'a mut Machine,
    pub mode: Mode,
    /// The next run is the first since the debugger said so.
    pub is_fresh: bool,
    /// What was set, to be taken away at the end.
    breakpoints: Vec<u32>,
    watchpoints: Vec<Watchpoint>,
    /// The program's own BKPT that the board stands at.
    pub at_bkpt: Option<u32>,
}

impl<'a> Board<'a> {
    pub fn new(machine: &'a mut Machine) -> Self {
        Board {
            machine,
            mode: Mode::Continue,
            is_fresh: false,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
            at_bkpt: None,
        }
    }

    /// The debugger is gone.
    pub fn release(&mut self) {
        for address in self.breakpoints.drain(..) {
            self.machine.break_at(address, false);
        }
        for watchpoint in self.watchpoints.drain(..) {
            self.machine.watch_for(watchpoint, false);
        }
        self.go_on(Mode::Continue);
    }

    fn go_on(&mut self, mode: Mode) {
        (self.mode, self.is_fresh) = (mode, true);
        self.machine.overlook_events();
        // Behind its own breakpoint a program goes on.
        let pc = self.machine.register(Reg::Pc);
        if self.at_bkpt.take() == Some(pc) {
            self.machine.set_register(Reg::Pc, pc.wrapping_add(2));
        }
    }
}

impl Target for Board<'_> {
    type Arch = CortexM7;
    type Error = io::Error;

    fn base_ops(&mut self) -> BaseOps<'_, CortexM7, io::Error> {
        BaseOps::SingleThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }
}

impl SingleThreadBase for Board<'_> {
    fn read_registers(&mut self, frame: &mut Frame) -> TargetResult<(), Self> {
        *frame = Frame::of(self.machine);
        Ok(())
    }

    fn write_registers(&mut self, frame: &Frame) -> TargetResult<(), Self> {
        frame.put(self.machine);
        Ok(())
    }

    fn read_addrs(&mut self, address: u32, bytes: &mut [u8]) -> TargetResult<usize, Self> {
        let found = self.machine.look(address, bytes.len());
        bytes[..found.len()].copy_from_slice(&found);
        if found.is_empty() && !bytes.is_empty() {
            return Err(TargetError::Errno(EFAULT));
        }
        Ok(found.len())
    }

    fn write_addrs(&mut self, address: u32, bytes: &[u8]) -> TargetResult<(), Self> {
        let written = self.machine.alter(address, bytes);
        if written {
            Ok(())
        } else {
            Err(TargetError::Errno(EFAULT))
        }
    }

    fn support_resume(&mut self) -> Option<SingleThreadResumeOps<'_, Self>> {
        Some(self)
    }
}

impl SingleThreadResume for Board<'_> {
    fn resume(&mut self, _signal: Option<Signal>) -> io::Result<()> {
        self.go_on(Mode::Continue);
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<SingleThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_range_step(&mut self) -> Option<SingleThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }
}

impl SingleThreadSingleStep for Board<'_> {
    fn step(&mut self, _signal: Option<Signal>) -> io::Result<()> {
        self.go_on(Mode::Step(0..0));
        Ok(())
    }
}

impl SingleThreadRangeStepping for Board<'_> {
    fn resume_range_step(&mut self, start: u32, end: u32) -> io::Result<()> {
        self.go_on(Mode::Step(start..end));
        Ok(())
    }
}

impl Breakpoints for Board<'_> {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

/// No code is changed for a breakpoint: both sorts are the same.
impl SwBreakpoint for Board<'_> {
    fn add_sw_breakpoint(&mut self, address: u32, _kind: usize) -> TargetResult<bool, Self> {
        self.breakpoints.push(address);
        Ok(self.machine.break_at(address, true))
    }

    fn remove_sw_breakpoint(&mut self, address: u32, _kind: usize) -> TargetResult<bool, Self> {
        self.breakpoints.retain(|known| *known != address);
        Ok(self.machine.break_at(address, false))
    }
}

impl HwBreakpoint for Board<'_> {
    fn add_hw_breakpoint(&mut self, address: u32, kind: usize) -> TargetResult<bool, Self> {
        self.add_sw_breakpoint(address, kind)
    }

    fn remove_hw_breakpoint(&mut self, address: u32, kind: usize) -> TargetResult<bool, Self> {
        self.remove_sw_breakpoint(address, kind)
    }
}

impl HwWatchpoint for Board<'_> {
    fn add_hw_watchpoint(&mut self, address: u32, bytes: u32, kind: WatchKind) -> TargetResult<bool, Self> {
        let watchpoint = watchpoint(address, bytes, kind);
        self.watchpoints.push(watchpoint);
        Ok(self.machine.watch_for(watchpoint, true))
    }

    fn remove_hw_watchpoint(
        &mut self,
        address: u32,
        bytes: u32,
        kind: WatchKind,
    ) -> TargetResult<bool, Self> {
        let watchpoint = watchpoint(address, bytes, kind);
        self.watchpoints.retain(|known| *known != watchpoint);
        Ok(self.machine.watch_for(watchpoint, false))
    }
}

fn watchpoint(address: u32, bytes: u32, kind: WatchKind) -> Watchpoint {
    Watchpoint {
        first: address,
        last: address.saturating_add(bytes.max(1) - 1),
        reads: kind != WatchKind::Write,
        writes: kind != WatchKind::Read,
    }
}

impl MonitorCmd for Board<'_> {
    fn handle_monitor_cmd(&mut self, command: &[u8], mut out: ConsoleOutput<'_>) -> io::Result<()> {
        let answer = monitor::answer(self.machine, &String::from_utf8_lossy(command));
        out.write_raw(answer.as_bytes());
        Ok(())
    }
}
