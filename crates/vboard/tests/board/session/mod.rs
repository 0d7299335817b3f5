//! The firmware of a board at its prompt.

use chipmodel::parts::fitted::Fitted;
use vboard::board::Board;
use vboard::{Config, Machine, MemoryChip, Picos, Stop, Strictness, Until};

pub const PROMPT: &str = "\r\n>>> ";
pub const SECOND: Picos = Picos(1_000_000_000_000);
/// The longest memory test takes half a minute of virtual time; twice as much means that the board hangs.
const PATIENCE: Picos = Picos(60 * SECOND.0);

pub struct Session {
    pub machine: Machine,
}

impl Session {
    /// A board with this memory chip that has its power, but has not run.
    pub fn new(board: &str, chip: &str) -> Self {
        Self::on(named(board), board, chip)
    }

    /// The same on other copper, with the firmware of the board of this name.
    pub fn on(copper: Board, board: &str, chip: &str) -> Self {
        Self::judged(Strictness::Pedantic, copper, board, fit(chip))
    }

    /// The same where warnings do not end a run: over a bad joint commands arrive garbled, and break rules.
    pub fn with_warnings(board: &str, chip: &str) -> Self {
        Self::judged(Strictness::Strict, named(board), board, fit(chip))
    }

    /// The same where no event ends a run.
    pub fn lenient(board: &str, chip: Fitted) -> Self {
        Self::judged(Strictness::Lenient, named(board), board, chip)
    }

    /// A board at the prompt, whose warnings do not end a run, and what it said on the way.
    pub fn boot(board: &str, chip: &str) -> (Self, String) {
        let mut session = Session::with_warnings(board, chip);
        let said = session.until_prompt();
        (session, said)
    }

    /// A board without a memory chip, at the prompt, that survives events.
    pub fn surviving() -> Self {
        let mut session = Session::lenient("devebox", fit("none"));
        session.until_prompt();
        session
    }

    fn judged(strictness: Strictness, copper: Board, board: &str, memory_chip: Fitted) -> Self {
        let config = Config {
            board: copper,
            memory_chip,
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
        let end = self.machine.now() + PATIENCE;
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

    /// Type a line whose answer is a number.
    pub fn number(&mut self, line: &str) -> u32 {
        let answer = self.ask(line);
        answer.parse().unwrap_or_else(|_| panic!("{line} gave {answer}"))
    }

    /// Type a line that ends in a reset; what the board says until then.
    pub fn until_reset(&mut self, line: &str) -> String {
        self.machine.serial_in(format!("{line}\r").as_bytes());
        let (mut said, end) = (String::new(), self.machine.now() + PATIENCE);
        loop {
            let stop = self.machine.run(Until::time(end));
            said += &String::from_utf8_lossy(&self.machine.serial_out());
            match stop {
                Stop::Idle { .. } => {}
                Stop::Reset => return said.trim().to_owned(),
                other => panic!("{line}: {other:?}: {:?}; it said:\n{said}", self.machine.events()),
            }
        }
    }

    /// Let the board run until what it says ends with these words; how long that took.
    pub fn until(&mut self, words: &[u8], limit: Picos) -> Picos {
        let (start, mut said) = (self.machine.now(), Vec::new());
        while !said.ends_with(words) {
            let stop = self.machine.run(Until {
                time: start + limit,
                output: true,
                idle: false,
            });
            said.extend(self.machine.serial_out());
            assert_eq!(
                stop,
                Stop::Output,
                "no {words:?} in {limit:?}, but {:?}",
                String::from_utf8_lossy(&said)
            );
        }
        self.machine.now() - start
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

fn named(board: &str) -> Board {
    Board::named(board).expect("a known board")
}

fn fit(chip: &str) -> Fitted {
    let chip: MemoryChip = chip.parse().expect("a known chip");
    chip.fit(1)
}
