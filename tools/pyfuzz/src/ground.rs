//! What drawn programs run on: the virtual board, or the core on this machine.

use vboard::Picos;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Well: the prompt is back.
    Prompt,
    /// It asked for a soft reset.
    SoftReset,
    /// It had to be interrupted, and the prompt came back after so long.
    Interrupted(Picos),
    /// A finding.
    Lost(Loss),
}

/// How a board is brought down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What it was, without anything that differs between two ways to the same place.
    pub kind: String,
    /// All that is known.
    pub details: String,
}

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Statements that were begun.
    pub begun: u32,
}

/// Runs one program after the other, each from the same moment.
pub trait Ground {
    /// Runs a source, and keeps what it leaves; what it printed, or its traceback as the error.
    fn ask(&mut self, source: &str) -> Result<String, String>;

    /// Makes what happened so far the moment from which programs run.
    fn make_ready(&mut self) -> Result<(), String>;

    /// Puts bytes into the room, and calls a function of Python that takes them from there.
    fn call(&mut self, runner: &str, bytes: &[u8]) -> Outcome;

    /// Runs a program from the kept moment.
    fn run(&mut self, program: &str) -> Outcome {
        self.call("g_", program.as_bytes())
    }

    /// Runs a storm from the kept moment.
    fn run_storm(&mut self, storm: &[u8]) -> Outcome {
        self.call("h_", storm)
    }

    /// Files from the kept moment.
    fn run_files(&mut self, files: &[u8]) -> Outcome {
        self.call("k_", files)
    }
}

/// Runs what is in the buffer: a text, a storm, or files. The collection at the end walks a checked heap. The traceback of
/// Ctrl-C may be longer than the wire carries in the time of an answer.
pub const RUNNER: &str = "\
import gc, machine, micropython, io, vfs
def r_(f):
 try: f(P_[4] | P_[5] << 8 | P_[6] << 16)
 except KeyboardInterrupt: print('\\x05')
 gc.collect()
def g_(): r_(lambda n: exec(str(P_[8:8 + n], 'utf8'), globals()))
def h_(): r_(lambda n: s_(8 + n))
def k_(): r_(lambda n: files_(8 + n))
";
