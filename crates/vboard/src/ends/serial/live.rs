//! The loop under terminal and pty: run the machine, pass on what both sides say, sleep when both are idle.
//!
//! While the processor works or the wire carries bytes, virtual time runs as fast as the host allows. When the
//! processor sleeps, the host waits for input as long as the next event of a device is away in virtual time.
//! With [`Pace::Wire`] virtual time never runs ahead of the wall clock, so that bytes come as a wire brings them.

use std::io;
use std::time::{Duration, Instant};

use super::{Guest, just_after, milliseconds};
use crate::core::cpu::Halt;
use crate::{Stop, Until};
use chipmodel::{Picos, Time};

/// How often a busy machine looks at the host's input.
const SLICE: Picos = milliseconds(5);

/// How far virtual time may fall behind the wall clock and catch up with it again: the pauses of a host that does other
/// things too. Bytes do not come faster than the wire for longer than this.
const CATCH_UP: Duration = Duration::from_millis(2);

/// How fast bytes come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the host can.
    #[default]
    Free,
    /// As the wire carries them at its baud rate.
    Wire,
}

/// Why a console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The time that was given is over.
    TimeIsOver,
    /// The user stopped it, by a signal for instance.
    Stopped,
    /// Nobody reads what the tool says any more.
    ReaderGone,
    /// The user left.
    Left,
    /// The other side is gone, or has nothing more to say.
    InputClosed,
    /// The input is over, and the program on the board still waits for some.
    StillWaiting,
    /// The program on the board ended the run.
    Exited(u8),
    /// A debugger wanted the processor to stop.
    Halted(Halt),
    /// A debugger has something to say.
    Called,
    /// Events ended the run.
    Events,
    /// The processor is stuck.
    Lockup,
}

/// What came from the host's side.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing in that time.
    Nothing,
    /// These bytes.
    Bytes(Vec<u8>),
    /// The port's speed was set.
    LineRate(u32),
    /// The user wants to leave.
    Leave,
    /// There will be no more, for this reason.
    Over(Ended),
}

/// The host's side of a console.
pub trait Port {
    /// Wait for input at most this long, or less; `None` sets no limit.
    fn wait(&mut self, most: Option<Duration>) -> io::Result<Input>;
    /// Show what the board printed.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Connect the two until one of them ends it.
pub fn live(guest: &mut impl Guest, port: &mut impl Port, pace: Pace) -> io::Result<Ended> {
    let mut sleep = true;
    let mut until = guest.now() + SLICE;
    let mut clock = (pace == Pace::Wire).then(|| Clock::start(guest.now()));
    loop {
        let stop = guest.run(Until {
            time: until,
            output: clock.is_some(),
            idle: sleep,
        });
        if let Some(clock) = &mut clock
            && let Some(ended) = clock.keep(guest, port)?
        {
            return Ok(ended);
        }
        let printed = guest.serial_out();
        if !printed.is_empty() {
            port.write(&printed)?;
        }
        sleep = true;
        let (most, wake) = match stop {
            Stop::Events => return Ok(Ended::Events),
            Stop::Exit(code) => return Ok(Ended::Exited(code)),
            Stop::Halted(halt) => return Ok(Ended::Halted(halt)),
            Stop::Lockup | Stop::PowerFailed => return Ok(Ended::Lockup),
            Stop::Asked => return Ok(Ended::Stopped),
            Stop::Limit | Stop::Output | Stop::Reset => (Some(Duration::ZERO), None),
            Stop::Idle { until: Some(wake) } if guest.wire_is_busy() => {
                // Bytes on the wire do not wait for the wall clock.
                (sleep, until) = (false, just_after(wake));
                continue;
            }
            Stop::Idle { until: wake } => (wake.map(|wake| wall(wake - guest.now())), Some(wake)),
        };
        let start = Instant::now();
        let input = port.wait(most)?;
        until = guest.now() + SLICE;
        if let Some(wake) = wake {
            // The processor has slept as long as the host has, and not beyond its own wake-up.
            let passed = guest.now() + virtual_span(start.elapsed());
            (sleep, until) = (false, just_after(wake.map_or(passed, |wake| wake.min(passed))));
        }
        if let Some(ended) = take(guest, input) {
            return Ok(ended);
        }
    }
}

/// Gives the board what was typed, or tells why there is no more.
fn take(guest: &mut impl Guest, input: Input) -> Option<Ended> {
    match input {
        Input::Nothing => None,
        Input::Bytes(bytes) => {
            guest.serial_in(&bytes);
            None
        }
        Input::LineRate(baud) => {
            guest.set_line_rate(baud);
            None
        }
        Input::Leave => Some(Ended::Left),
        Input::Over(ended) => Some(ended),
    }
}

/// A moment at which virtual time and the wall clock were together.
struct Clock {
    wall: Instant,
    guest: Time,
}

impl Clock {
    fn start(now: Time) -> Clock {
        Clock {
            wall: Instant::now(),
            guest: now,
        }
    }

    /// How far the board is ahead; one that has fallen behind for long starts anew.
    fn ahead(&mut self, now: Time) -> Option<Duration> {
        let (passed, board) = (self.wall.elapsed(), wall(now - self.guest));
        if board + CATCH_UP < passed {
            *self = Clock::start(now);
        }
        board.checked_sub(passed).filter(|ahead| !ahead.is_zero())
    }

    /// Waits until the wall clock has come up, and takes what is typed meanwhile.
    fn keep(&mut self, guest: &mut impl Guest, port: &mut impl Port) -> io::Result<Option<Ended>> {
        while let Some(ahead) = self.ahead(guest.now()) {
            let input = port.wait(Some(ahead))?;
            if let Some(ended) = take(guest, input) {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }
}

fn wall(span: Picos) -> Duration {
    Duration::from_nanos(span.0 / 1000)
}

pub(super) fn virtual_span(span: Duration) -> Picos {
    Picos(
        u64::try_from(span.as_nanos())
            .unwrap_or(u64::MAX / 1000)
            .saturating_mul(1000),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    /// Gives these inputs, one a wait, and remembers how long it was told to wait.
    struct Fingers {
        typed: Vec<Input>,
        waits: Vec<Option<Duration>>,
        shown: Vec<u8>,
    }

    impl Fingers {
        fn typing(texts: &[&str]) -> Self {
            let mut typed: Vec<Input> = texts
                .iter()
                .map(|t| Input::Bytes(t.as_bytes().to_vec()))
                .collect();
            typed.push(Input::Leave);
            typed.reverse();
            Fingers {
                typed,
                waits: Vec::new(),
                shown: Vec::new(),
            }
        }
    }

    impl Port for Fingers {
        fn wait(&mut self, most: Option<Duration>) -> io::Result<Input> {
            self.waits.push(most);
            // Nobody types while the board sleeps for a given time.
            if let Some(most) = most.filter(|most| !most.is_zero()) {
                std::thread::sleep(most);
                return Ok(Input::Nothing);
            }
            Ok(self.typed.pop().unwrap_or(Input::Over(Ended::InputClosed)))
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.shown.extend(bytes);
            Ok(())
        }
    }

    #[test]
    fn what_is_typed_reaches_the_board_and_what_it_prints_is_shown() {
        let mut fingers = Fingers::typing(&["echo hello\r", ""]);
        assert_eq!(
            live(&mut Fake::python(), &mut fingers, Pace::Free).unwrap(),
            Ended::Left
        );
        let shown = String::from_utf8(fingers.shown).unwrap();
        assert_eq!(shown, "boot\r\n>>> echo hello\r\nhello>>> ");
    }

    #[test]
    fn a_sleeping_board_lets_the_host_sleep_as_long() {
        let mut fingers = Fingers::typing(&["sleep 50\r", ""]);
        let mut guest = Fake::python();
        live(&mut guest, &mut fingers, Pace::Free).unwrap();
        assert!(
            fingers.waits.contains(&Some(Duration::from_millis(50))),
            "{:?}",
            fingers.waits
        );
        assert!(
            guest.now() >= Time(0) + milliseconds(50),
            "virtual time has passed"
        );
    }

    #[test]
    fn a_board_with_nothing_to_do_waits_for_ever_and_never_spins() {
        let mut fingers = Fingers::typing(&[]);
        live(&mut Fake::python(), &mut fingers, Pace::Free).unwrap();
        assert_eq!(fingers.waits, [None]);
    }

    #[test]
    fn events_end_it() {
        let mut fingers = Fingers::typing(&["event\r", ""]);
        assert_eq!(
            live(&mut Fake::python(), &mut fingers, Pace::Free).unwrap(),
            Ended::Events
        );
    }
}
