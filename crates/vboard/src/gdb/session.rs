//! One debugger, from its first byte to its last.

use super::desk::Desk;
use super::target::{Board, Mode};
use crate::core::cpu::{Halt, Reg, Watchpoint};
use crate::ends::serial::Ended;
use crate::ends::serial::live::{Pace, live};
use crate::{Event, Kind, Machine};
use gdbstub::common::Signal;
use gdbstub::conn::ConnectionExt;
use gdbstub::stub::state_machine::GdbStubStateMachine;
use gdbstub::stub::{DisconnectReason, GdbStub, SingleThreadStopReason};
use gdbstub::target::ext::breakpoints::WatchKind;
use std::io;
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;

/// What ended it.
pub enum Over {
    /// The debugger went away, and the board goes on.
    Detached,
    /// The run is over.
    Ended(Ended),
}

/// What came of letting the board run.
enum Turn {
    /// The debugger says something.
    Called,
    /// The board stands, for this reason.
    Stands(SingleThreadStopReason<u32>),
    /// The user ends it.
    Over(Ended),
}

/// Serve this debugger.
pub fn session(
    machine: &mut Machine,
    connection: TcpStream,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&Event),
) -> io::Result<Over> {
    let wires = connection.try_clone()?;
    let mut desk = Desk::new(&wires, stop);
    let mut board = Board::new(machine);
    let over = converse(&mut board, connection, &mut desk, tell);
    board.release();
    over
}

fn converse(
    board: &mut Board<'_>,
    connection: TcpStream,
    desk: &mut Desk<'_, TcpStream>,
    tell: &mut dyn FnMut(&Event),
) -> io::Result<Over> {
    let Ok(mut gdb) = GdbStub::new(connection).run_state_machine(board) else {
        return Ok(Over::Detached);
    };
    loop {
        let next = match gdb {
            GdbStubStateMachine::Idle(mut gdb) => {
                let called = desk.wait_for_call()?;
                if called != Ended::Called {
                    return Ok(Over::Ended(called));
                }
                let Ok(byte) = gdb.borrow_conn().read() else {
                    return Ok(Over::Detached);
                };
                gdb.incoming_data(board, byte)
            }
            GdbStubStateMachine::Running(mut gdb) => match turn(board, desk, tell)? {
                Turn::Called => {
                    let Ok(byte) = gdb.borrow_conn().read() else {
                        return Ok(Over::Detached);
                    };
                    gdb.incoming_data(board, byte)
                }
                Turn::Stands(reason) => gdb.report_stop(board, reason),
                Turn::Over(ended) => return Ok(Over::Ended(ended)),
            },
            GdbStubStateMachine::CtrlCInterrupt(gdb) => {
                let reason = SingleThreadStopReason::Signal(Signal::SIGINT);
                gdb.interrupt_handled(board, Some(reason))
            }
            GdbStubStateMachine::Disconnected(gdb) => {
                return Ok(match gdb.get_reason() {
                    DisconnectReason::Disconnect => Over::Detached,
                    DisconnectReason::TargetExited(code) => Over::Ended(Ended::Exited(code)),
                    DisconnectReason::TargetTerminated(_) | DisconnectReason::Kill => {
                        Over::Ended(Ended::Left)
                    }
                });
            }
        };
        // A debugger that talks nonsense, or no more: as if it had gone.
        let Ok(next) = next else { return Ok(Over::Detached) };
        gdb = next;
    }
}

/// Let the board run until it stands, or the debugger calls.
fn turn(
    board: &mut Board<'_>,
    desk: &mut Desk<'_, TcpStream>,
    tell: &mut dyn FnMut(&Event),
) -> io::Result<Turn> {
    loop {
        if core::mem::take(&mut board.is_fresh) && board.mode != Mode::Continue {
            board.machine.step_next();
        }
        let reason = match live(board.machine, desk, Pace::Free)? {
            Ended::Called => return Ok(Turn::Called),
            Ended::Halted(Halt::Step) if is_in_range(board) => {
                board.is_fresh = true;
                continue;
            }
            Ended::Halted(Halt::Step) => SingleThreadStopReason::DoneStep,
            Ended::Halted(Halt::Breakpoint) => SingleThreadStopReason::SwBreak(()),
            Ended::Halted(Halt::Watch(watchpoint)) => SingleThreadStopReason::Watch {
                tid: (),
                kind: kind(&watchpoint),
                addr: watchpoint.first,
            },
            Ended::Exited(code) => exited(board, code),
            Ended::Events => SingleThreadStopReason::Signal(events(board.machine, tell)),
            Ended::Lockup => {
                events(board.machine, tell);
                SingleThreadStopReason::Signal(Signal::SIGABRT)
            }
            ended => return Ok(Turn::Over(ended)),
        };
        return Ok(Turn::Stands(reason));
    }
}

/// Is the board still within the line of source that is stepped over?
fn is_in_range(board: &Board<'_>) -> bool {
    let pc = board.machine.register(Reg::Pc);
    matches!(&board.mode, Mode::Step(range) if range.contains(&pc))
}

fn kind(watchpoint: &Watchpoint) -> WatchKind {
    match (watchpoint.reads, watchpoint.writes) {
        (true, true) => WatchKind::ReadWrite,
        (true, false) => WatchKind::Read,
        _ => WatchKind::Write,
    }
}

/// A BKPT of the program is a breakpoint; semihosting's exit is one.
fn exited(board: &mut Board<'_>, code: u8) -> SingleThreadStopReason<u32> {
    const BKPT: u8 = 0xBE;
    const SEMIHOSTING: u8 = 0xAB;
    let pc = board.machine.register(Reg::Pc);
    match *board.machine.look(pc, 2) {
        [number, BKPT] if number != SEMIHOSTING => {
            board.at_bkpt = Some(pc);
            SingleThreadStopReason::Signal(Signal::SIGTRAP)
        }
        _ => SingleThreadStopReason::Exited(code),
    }
}

/// Tell what has happened, and what a debugger calls it.
fn events(machine: &Machine, tell: &mut dyn FnMut(&Event)) -> Signal {
    let events = machine.events();
    let Some(last) = events.last() else {
        return Signal::SIGTRAP;
    };
    tell(last);
    match last.kind {
        Kind::BusError | Kind::Fault => Signal::SIGSEGV,
        _ => Signal::SIGTRAP,
    }
}
