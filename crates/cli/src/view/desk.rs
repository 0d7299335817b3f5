//! The board on the desk, and what the page knows of it.

use serde_json::{Value, json};
use vboard::board::breakage::{self, Breakage};
use vboard::board::{Board, Level};
use vboard::{Machine, Stop};

use super::pages::{Pages, sum};

/// The console's last bytes are kept, so many.
const KEPT_BYTES: usize = 64 << 10;
/// Events that the page lists.
const EVENTS: usize = 20;
const PROMPT: &[u8] = b">>> ";

/// The board, and what is around it.
pub struct Desk {
    pub machine: Machine,
    board: Board,
    /// To be typed at the first prompt.
    script: Option<Vec<u8>>,
    said: Vec<u8>,
    /// Bytes before those.
    forgotten: usize,
    pressed: Vec<String>,
    faults: Vec<String>,
    halted: Option<String>,
    pages: Pages,
}

impl Desk {
    pub fn new(machine: Machine, board: Board, script: Option<Vec<u8>>) -> Self {
        Desk {
            machine,
            board,
            script,
            said: Vec::new(),
            forgotten: 0,
            pressed: Vec::new(),
            faults: Vec::new(),
            halted: None,
            pages: Pages::default(),
        }
    }

    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        self.halted.is_none()
    }

    /// A run has ended.
    pub fn after(&mut self, stop: Stop) {
        self.said.extend(self.machine.serial_out());
        if self.said.ends_with(PROMPT)
            && let Some(script) = self.script.take()
        {
            self.paste(&script);
        }
        let over = self.said.len().saturating_sub(KEPT_BYTES);
        self.said.drain(..over);
        self.forgotten += over;
        self.halted = halted(stop);
    }

    /// As Ctrl-E and Ctrl-D have it.
    fn paste(&mut self, script: &[u8]) {
        let lines = script
            .iter()
            .map(|byte| if *byte == b'\n' { b'\r' } else { *byte });
        let typed: Vec<u8> = [5].into_iter().chain(lines).chain([4]).collect();
        self.machine.serial_in(&typed);
    }

    /// All that the page draws; of the console what comes behind `seen` bytes.
    pub fn state(&mut self, seen: usize) -> Value {
        let lit = |desk: &mut Desk, pin, active| {
            let millivolts = desk.machine.chip().millivolts(pin);
            // A pin that floats lets the lamp's own resistor win.
            millivolts.is_some_and(|mv| (mv > 1650) == (active == Level::High))
        };
        let leds: Vec<Value> = (self.board.leds.clone().into_iter())
            .map(|led| json!({"name": led.name, "lit": lit(self, led.pin, led.active)}))
            .collect();
        let keys = self.board.keys.iter().map(|key| {
            let pressed = self.pressed.contains(&key.name);
            json!({"name": key.name, "pressed": pressed})
        });
        let keys: Vec<Value> = keys.collect();
        let from = seen.clamp(self.forgotten, self.forgotten + self.said.len());
        let new = whole(&self.said[from - self.forgotten..]);
        let picture = self.machine.picture();
        let events = self.machine.events();
        let listed: Vec<String> = events
            .iter()
            .rev()
            .take(EVENTS)
            .map(ToString::to_string)
            .collect();
        json!({
            "board": self.board.name,
            "time_us": self.machine.now().0 / 1_000_000,
            "halted": self.halted,
            "leds": leds,
            "keys": keys,
            "console": String::from_utf8_lossy(new),
            "seen": from + new.len(),
            "display": picture.map(|picture| json!({
                "width": picture.width, "height": picture.height, "sum": sum(&picture.rgb).to_string(),
            })),
            "memory": self.pages.changed(&mut self.machine),
            "faults": self.faults,
            "events": listed,
            "event_count": events.len(),
        })
    }

    pub fn type_in(&mut self, bytes: &[u8]) {
        self.machine.serial_in(bytes);
    }

    /// Presses a key, or lets go of it.
    pub fn press(&mut self, name: &str, down: bool) -> Result<(), String> {
        let key = self.board.keys.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| format!("there is no key `{name}`"))?;
        let high = key.active == Level::High;
        self.machine.drive(key.pin, down.then_some(high));
        self.pressed.retain(|pressed| pressed != name);
        if down {
            self.pressed.push(name.to_owned());
        }
        Ok(())
    }

    /// Breaks what the text says.
    pub fn break_it(&mut self, text: &str) -> Result<(), String> {
        let fault = breakage::parse(text, &self.board).map_err(|error| error.to_string())?;
        self.machine.break_board(&fault);
        self.faults.retain(|known| known != text);
        self.faults.push(text.to_owned());
        Ok(())
    }

    /// Mends it, if it is a joint.
    pub fn mend(&mut self, text: &str) -> Result<(), String> {
        let fault = breakage::parse(text, &self.board).map_err(|error| error.to_string())?;
        let Breakage::Joint { part, pin, .. } = fault else {
            return Err(format!(
                "`{text}` stays: only what is wrong with one joint is mended here"
            ));
        };
        self.machine.break_joint(part, &pin, None);
        self.faults.retain(|known| known != text);
        Ok(())
    }

    /// The reset key.
    pub fn reset(&mut self) {
        self.machine.reset();
        self.halted = None;
    }
}

/// Why it runs no more.
fn halted(stop: Stop) -> Option<String> {
    match stop {
        Stop::Lockup => Some("the processor is locked up: a fault inside the handler of a fault".to_owned()),
        Stop::Exit(code) => Some(format!("the program ended the run with code {code}")),
        Stop::PowerFailed => Some("the power failed".to_owned()),
        _ => None,
    }
}

/// Without a letter of which only a part has come.
fn whole(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_waits_for_its_last_byte() {
        let text = "grün".as_bytes();
        assert_eq!(whole(&text[..3]), b"gr");
        assert_eq!(whole(text), text);
        assert_eq!(
            whole(b"a\xFFb"),
            b"a\xFFb",
            "what is no letter at all does not wait"
        );
    }
}
