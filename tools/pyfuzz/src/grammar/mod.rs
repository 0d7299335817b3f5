//! Draws programs: what there is to call, called with what nobody would give it.

pub mod makers;
mod statement;
mod value;

use crate::names::Names;
use crate::node::Node;
use fastrand::Rng;

/// Places for objects that later statements find again.
pub const SLOTS: usize = 12;

/// One program's drawing.
pub struct Draw<'a> {
    names: &'a Names,
    rng: Rng,
    /// Which maker's object is in a slot, if that is known.
    slots: [Option<usize>; SLOTS],
}

impl<'a> Draw<'a> {
    /// The same seed draws the same program from the same names.
    pub fn new(names: &'a Names, seed: u64) -> Self {
        Draw {
            names,
            rng: Rng::with_seed(seed),
            slots: [None; SLOTS],
        }
    }

    /// A program of so many statements.
    pub fn program(&mut self, statements: usize) -> Vec<Node> {
        (0..statements).map(|number| self.statement(number)).collect()
    }

    fn below(&mut self, end: usize) -> usize {
        self.rng.usize(..end.max(1))
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }
}

/// The text that Python is given: each statement notes its number, and what it raises is dropped.
pub fn text(program: &[Node]) -> String {
    let mut text = String::new();
    for (number, statement) in program.iter().enumerate() {
        text += &format!(
            "try:\n P_[0] = {}; P_[1] = {}\n",
            (number + 1) & 0xFF,
            (number + 1) >> 8
        );
        text += &indented(statement);
        text += "except Exception: pass\nexcept KeyboardInterrupt: print('\\x05')\n";
    }
    text
}

/// The same for a person.
pub fn script(program: &[Node]) -> String {
    let mut text = String::new();
    for statement in program {
        text += "try:\n";
        text += &indented(statement);
        text += "except Exception as e: print(type(e))\n";
    }
    text
}

fn indented(statement: &Node) -> String {
    statement
        .to_string()
        .lines()
        .map(|line| format!(" {line}\n"))
        .collect()
}
