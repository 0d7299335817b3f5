//! Long texts of our own functions on the console. Ctrl-C ends them, as it ends what Python prints: a thousand letters take the wire
//! a tenth of a second.

use core::fmt;

use h7a3::console;
use upy::interpreter;

/// For `write!`, which fails from Ctrl-C on. It stays pending, so that Python raises it.
pub struct Output;

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if interpreter::interrupted() {
            return Err(fmt::Error);
        }
        console::write(text.as_bytes());
        Ok(())
    }
}
