//! A booted board that runs one drawn program after the other, each from the same moment.
//!
//! A program does not go over the console, which would cost more than the program: it is put into a buffer of Python's in
//! internal RAM, behind the processor's back, and Python is asked to run that.

use crate::ground::{End, Ground, Loss, Outcome, RUNNER};
use std::collections::HashSet;

use vboard::board::Board as Wiring;
use vboard::core::cpu::Reg;
use vboard::{Config, Event, Machine, MemoryChip, Picos, Snapshot, Stop, Strictness, Time, Until};

/// Chooses the noise in memories at power-up and in the random numbers: a finding must be met again.
const SEED: u64 = 0x5350_4952_414D;
/// Room for a program. The first bytes tell which statement runs, and how long the text is.
const ROOM_BYTES: u32 = 32 << 10;
const HEADER_BYTES: u32 = 8;

const MILLISECOND: Picos = Picos(1_000_000_000);
/// How long a statement may take before it is interrupted.
const STATEMENT: Picos = Picos(80 * MILLISECOND.0);
const STATEMENT_INSTRUCTIONS: u64 = 4_000_000;
/// And all of a program, before it is left alone.
const PROGRAM_INSTRUCTIONS: u64 = 100_000_000;
const SLICE: Picos = Picos(5 * MILLISECOND.0);
/// A board that has not answered Ctrl-C after this is lost. Much less than a user's patience: it is too late long before.
const PATIENCE: Picos = Picos(1_000 * MILLISECOND.0);
/// What a user may be kept waiting.
pub const PROMPT_ANSWER: Picos = Picos(100 * MILLISECOND.0);
/// Something may have swallowed it, as a finaliser does with every exception.
const AGAIN: Picos = Picos(250 * MILLISECOND.0);
const BOOT: Picos = Picos(20_000 * MILLISECOND.0);

const CTRL_C: &[u8] = b"\x03";
const END: u8 = 4;
const ANSWER: u8 = 5;

/// What a board is booted from.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// The ELF's bytes.
    pub elf: Vec<u8>,
    /// What is soldered into the memory footprint.
    pub chip: MemoryChip,
}

/// The board.
pub struct Board {
    machine: Machine,
    ready: Snapshot,
    room: u32,
    /// Functions that are known to keep Ctrl-C waiting.
    slow: HashSet<String>,
}

impl Board {
    /// Boots it to the raw prompt.
    pub fn boot(firmware: &Firmware) -> Result<Board, String> {
        let config = Config {
            board: Wiring::named("devebox").map_err(|error| error.to_string())?,
            memory_chip: firmware.chip.fit(SEED),
            strictness: Strictness::Strict,
            seed: SEED,
        };
        let machine = Machine::new(config, &firmware.elf).map_err(|error| error.to_string())?;
        let ready = machine.snapshot();
        let mut board = Board {
            machine,
            ready,
            room: 0,
            slow: HashSet::new(),
        };
        board.wait_for(b">>> ", BOOT)?;
        board.machine.serial_in(b"\r\x03\x01");
        board.wait_for(b"CTRL-B to exit\r\n>", BOOT)?;
        Ok(board)
    }

    /// The function at an address.
    pub fn place(&self, pc: u32) -> String {
        self.machine.place(pc).map_or_else(
            || format!("0x{pc:08x}"),
            |name| name.split('+').next().unwrap_or("").to_owned(),
        )
    }

    fn wait_for(&mut self, words: &[u8], limit: Picos) -> Result<String, String> {
        let end = self.machine.now() + limit;
        let mut said = Vec::new();
        loop {
            let stop = self.machine.run(Until {
                time: end,
                output: true,
                idle: false,
            });
            said.extend(self.machine.serial_out());
            if said.ends_with(words) {
                said.truncate(said.len() - words.len());
                return Ok(String::from_utf8_lossy(&said).into_owned());
            }
            if !matches!(stop, Stop::Output) {
                let said = String::from_utf8_lossy(&said).into_owned();
                return Err(format!(
                    "{stop:?} instead of {:?}: {said}",
                    String::from_utf8_lossy(words)
                ));
            }
        }
    }

    /// Until the prompt is back, or the board is lost. A statement that takes long is interrupted, and the next one runs.
    fn follow(&mut self) -> End {
        let mut console = Console::default();
        let first = self.instructions();
        let mut slowest = None;
        while self.instructions() - first < PROGRAM_INSTRUCTIONS {
            let (statement, since, begun) = (self.statement(), self.machine.now(), self.instructions());
            // A wait costs the board time and this computer nothing, so both are counted.
            while self.statement() == statement {
                if self.machine.now() > since + STATEMENT
                    || self.instructions() - begun > STATEMENT_INSTRUCTIONS
                {
                    match self.interrupt(&mut console) {
                        Ok(latency) => slowest = slowest.max(Some(latency)),
                        Err(end) => return end,
                    }
                    break;
                }
                let until = self.machine.now() + SLICE;
                match (self.listen(&mut console, until), slowest) {
                    (Some(End::Prompt), Some(latency)) => return End::Interrupted(latency),
                    (Some(end), _) => return end,
                    (None, _) => {}
                }
            }
        }
        slowest.map_or(End::Prompt, End::Interrupted)
    }

    /// Presses Ctrl-C, and says how long the answer took.
    fn interrupt(&mut self, console: &mut Console) -> Result<Picos, End> {
        let asked = self.machine.now();
        let before = console.answers;
        let mut next = asked;
        let mut late: Option<String> = None;
        while self.machine.now() < asked + PATIENCE {
            if self.machine.now() >= next {
                self.machine.serial_in(CTRL_C);
                next = next + AGAIN;
            }
            let until = if late.is_none() {
                asked + PROMPT_ANSWER
            } else {
                next
            };
            match self.listen(console, until) {
                // It came to its end before the key did.
                Some(End::Prompt) if late.is_none() => return Err(End::Prompt),
                Some(End::Prompt) | None => {}
                Some(end) => return Err(end),
            }
            let answered = console.answers > before || console.is_at_prompt();
            match (answered, &late) {
                (true, None) => return Ok(self.machine.now() - asked),
                (true, Some(place)) => {
                    let took = self.machine.now() - asked;
                    return Err(self.late(
                        "slow answer to Ctrl-C",
                        place.clone(),
                        format!("{} ms", took.0 / MILLISECOND.0),
                    ));
                }
                (false, None) => {
                    let place = self.place(self.machine.register(Reg::Pc));
                    // Known to be slow: not again.
                    if self.slow.contains(&place) {
                        return Err(self.late("slow answer to Ctrl-C", place, String::new()));
                    }
                    late = Some(place);
                }
                (false, Some(_)) => {}
            }
        }
        Err(self.late("no answer to Ctrl-C", late.unwrap_or_default(), console.tail()))
    }

    fn late(&mut self, what: &str, place: String, details: String) -> End {
        let kind = format!("{what} in {place}");
        self.slow.insert(place);
        End::Lost(Loss { kind, details })
    }

    /// The number of the statement that runs.
    fn statement(&self) -> u32 {
        let mut begun = [0; 4];
        self.machine.read_memory(self.room, &mut begun);
        u32::from_le_bytes(begun) & 0xFFFF
    }

    fn instructions(&self) -> u64 {
        self.machine.stats().instructions
    }

    /// Lets the board run; `None` if it is still busy at that time.
    fn listen(&mut self, console: &mut Console, until: Time) -> Option<End> {
        loop {
            let stop = self.machine.run(Until {
                time: until,
                output: true,
                idle: false,
            });
            console.hear(&self.machine.serial_out());
            match stop {
                Stop::Output if console.ends() >= 2 && console.said.ends_with(b">") => {
                    return Some(End::Prompt);
                }
                Stop::Output if console.is_soft_reset() => return Some(End::SoftReset),
                Stop::Output => {}
                Stop::Limit => return None,
                // It waits for input, or for nothing at all.
                Stop::Idle { .. } => {
                    self.machine.pass(until);
                    if self.machine.now() >= until {
                        return None;
                    }
                }
                Stop::Reset
                | Stop::Events
                | Stop::Lockup
                | Stop::PowerFailed
                | Stop::Asked
                | Stop::Exit(_)
                | Stop::Halted(_) => {
                    return Some(End::Lost(self.loss(stop, console)));
                }
            }
        }
    }

    fn loss(&self, stop: Stop, console: &Console) -> Loss {
        let events = self.machine.events();
        let kind = match (events.first(), console.panic()) {
            (_, Some(panic)) => panic,
            (Some(event), _) => name(event),
            (None, None) => format!("{stop:?}"),
        };
        let events: Vec<String> = events.iter().map(ToString::to_string).collect();
        Loss {
            kind,
            details: format!("{stop:?}\n{}\n{}", events.join("\n"), console.tail()),
        }
    }
}

impl Ground for Board {
    fn ask(&mut self, source: &str) -> Result<String, String> {
        self.machine.serial_in(source.as_bytes());
        self.machine.serial_in(&[END]);
        self.wait_for(b"OK", BOOT)?;
        let printed = self.wait_for(&[END], BOOT)?;
        let raised = self.wait_for(&[END], BOOT)?;
        self.wait_for(b">", BOOT)?;
        if raised.is_empty() {
            Ok(printed)
        } else {
            Err(raised)
        }
    }

    fn make_ready(&mut self) -> Result<(), String> {
        self.ask(&format!(
            "import uctypes\ntry:\n import spiram\n P_ = spiram.alloc({ROOM_BYTES}, fast=True)\nexcept Exception: P_ = bytearray({ROOM_BYTES})"
        ))?;
        let address = self.ask("print(uctypes.addressof(P_))")?;
        self.room = address
            .trim()
            .parse()
            .map_err(|_| format!("no address: {address}"))?;
        self.ask(RUNNER)?;
        if !self.machine.write_memory(self.room, &[0; HEADER_BYTES as usize]) {
            return Err(format!(
                "the buffer for programs, 0x{:08x}, is not in internal RAM",
                self.room
            ));
        }
        self.ready = self.machine.snapshot();
        Ok(())
    }

    fn call(&mut self, runner: &str, bytes: &[u8]) -> Outcome {
        self.machine.restore(&self.ready);
        let mut image = vec![0; HEADER_BYTES as usize];
        image[4..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        image.extend(bytes);
        if image.len() > ROOM_BYTES as usize || !self.machine.write_memory(self.room, &image) {
            return Outcome {
                end: End::Prompt,
                begun: 0,
            };
        }
        self.machine.serial_in(format!("{runner}()\x04").as_bytes());
        let end = self.follow();
        Outcome {
            end,
            begun: self.statement(),
        }
    }
}

/// `bus error in mpz_mul`: kind and function, no addresses.
fn name(event: &Event) -> String {
    let symbol = event.symbol.as_deref().unwrap_or("?");
    let function = symbol.split('+').next().unwrap_or(symbol);
    let message = event
        .message
        .split(|c: char| c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    format!("{:?} in {function}: {}", event.kind, message.trim())
}

#[derive(Default)]
struct Console {
    said: Vec<u8>,
    /// How often the runner met Ctrl-C.
    answers: usize,
}

impl Console {
    fn hear(&mut self, bytes: &[u8]) {
        self.answers += bytes.iter().filter(|&&byte| byte == ANSWER).count();
        self.said.extend(bytes);
    }

    fn is_at_prompt(&self) -> bool {
        self.ends() >= 2 && self.said.ends_with(b">")
    }

    /// End marks of the raw prompt: behind the output, and behind the traceback.
    fn ends(&self) -> usize {
        self.said.iter().filter(|&&byte| byte == END).count()
    }

    fn is_soft_reset(&self) -> bool {
        self.said.ends_with(b"soft reboot\r\n")
    }

    fn panic(&self) -> Option<String> {
        let said = String::from_utf8_lossy(&self.said);
        let (_, panic) = said.split_once("spiram panic: ")?;
        let words = panic.split("spiram resets").next().unwrap_or(panic);
        let plain: String = words
            .chars()
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect();
        Some(format!(
            "panic: {}",
            plain.split_whitespace().collect::<Vec<_>>().join(" ")
        ))
    }

    fn tail(&self) -> String {
        let start = self.said.len().saturating_sub(1500);
        String::from_utf8_lossy(&self.said[start..]).replace("\r\n", "\n")
    }
}
