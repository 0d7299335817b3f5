//! The machine is recorded: what it notes goes to a file.

use super::recorder::Recorder;
use super::{Machine, System};
use crate::chip::trace::Change;
use chipmodel::onchip::octospi::Edge;
use chipmodel::{Picos, Time};
use std::io::{self, Write};

/// An edge of the memory's wires may become known so much later than it was: CE# rises by a timer.
const LATE: Picos = Picos(1_000_000_000);

impl Machine {
    /// Record the board from now on. With `memory`, every frame on the memory's wires, too.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn record(&mut self, file: Box<dyn Write>, memory: bool) -> io::Result<()> {
        let recorder = Recorder::new(file, memory)?;
        self.sys.chip.start_trace(memory);
        let now = self.sys.now();
        self.recorder = Some(recorder);
        // What is so already.
        let System { chip, current, .. } = &mut self.sys;
        let mut first = chip.levels_now(now);
        first.push((now, Change::Exception(*current)));
        first.push((now, Change::Asleep(false)));
        if memory {
            let edge = Edge { at: now, frame: None };
            first.push((now, Change::Memory(edge)));
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.record(first, now);
        }
        Ok(())
    }

    /// What the machine has noted goes to the file.
    pub(super) fn write_recording(&mut self) {
        let now = self.sys.now();
        if let Some(recorder) = &mut self.recorder {
            let until = Time(now.0.saturating_sub(LATE.0));
            recorder.record(self.sys.chip.take_trace(), until);
        }
    }

    /// End the recording.
    ///
    /// # Errors
    /// If not all of it could be written.
    pub fn end_recording(&mut self) -> io::Result<()> {
        let Some(mut recorder) = self.recorder.take() else {
            return Ok(());
        };
        let now = self.sys.now();
        recorder.record(self.sys.chip.take_trace(), Time(u64::MAX));
        self.sys.chip.end_trace();
        recorder.end(now)
    }
}
