//! The firmware of a board at its prompt.
//!
//! The ELFs are `target/firmware/<board>.elf`, or where `SPIRAM_ELF_<BOARD>` says.

use vboard::board::Board;
use vboard::{Config, Machine, MemoryChip, Picos, Stop, Strictness, Until};

pub const PROMPT: &str = "\r\n>>> ";
const SECOND: Picos = Picos(1_000_000_000_000);

pub struct Session {
    pub machine: Machine,
}

impl Session {
    /// A board with this memory chip that has its power, but has not run.
    pub fn new(board: &str, chip: &str) -> Self {
        Self::on(Board::named(board).expect("a known board"), board, chip)
    }

    /// The same on other copper, with the firmware of the board of this name.
    pub fn on(copper: Board, board: &str, chip: &str) -> Self {
        Self::judged(Strictness::Pedantic, copper, board, chip)
    }

    /// The same where warnings do not end a run: over a bad joint commands arrive garbled, and break rules.
    pub fn with_warnings(board: &str, chip: &str) -> Self {
        Self::judged(
            Strictness::Strict,
            Board::named(board).expect("a known board"),
            board,
            chip,
        )
    }

    fn judged(strictness: Strictness, copper: Board, board: &str, chip: &str) -> Self {
        let chip: MemoryChip = chip.parse().expect("a known chip");
        let config = Config {
            board: copper,
            memory_chip: chip.fit(1),
            strictness,
            seed: 1,
        };
        Session {
            machine: Machine::new(config, &crate::elf(board)).expect("a sound ELF"),
        }
    }

    /// Until it prompts, or the power fails: what it said, and whether it was that.
    pub fn run(&mut self) -> (String, bool) {
        let text = |said: &[u8]| String::from_utf8_lossy(said).into_owned();
        let mut said = Vec::new();
        let end = self.machine.now() + Picos(60 * SECOND.0);
        while !said.ends_with(PROMPT.as_bytes()) {
            let stop = self.machine.run(Until {
                time: end,
                output: true,
                idle: false,
            });
            said.extend(self.machine.serial_out());
            match stop {
                Stop::Output | Stop::Idle { .. } | Stop::Reset => {}
                Stop::PowerFailed => return (text(&said), true),
                other => panic!(
                    "{other:?}: {:?}; it said:\n{}",
                    self.machine.events(),
                    text(&said)
                ),
            }
        }
        (text(&said), false)
    }

    /// Let the board run until it prompts; what it said.
    pub fn until_prompt(&mut self) -> String {
        let (said, is_cut) = self.run();
        assert!(!is_cut, "the power failed: {said}");
        said
    }

    /// Type a line; what the board says, without echo and prompt.
    pub fn ask(&mut self, line: &str) -> String {
        self.machine.serial_in(format!("{line}\r").as_bytes());
        let said = self.until_prompt();
        let answer = said.strip_prefix(line).unwrap_or(&said);
        answer.strip_suffix(PROMPT).unwrap_or(answer).trim().to_owned()
    }

    /// Ctrl-D; what the board says.
    pub fn soft_reset(&mut self) -> String {
        self.machine.serial_in(b"\x04");
        self.until_prompt()
    }

    /// Let the board run for a second, whatever it does.
    pub fn for_a_while(&mut self) {
        let end = self.machine.now() + SECOND;
        while self.machine.now() < end {
            self.machine.run(Until::time(end));
            self.machine.serial_out();
        }
    }
}
