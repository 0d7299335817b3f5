//! The display on the board's connector.

use super::Machine;
use crate::board::Board;
use chipmodel::parts::tft::{KINDS, Picture};

impl Machine {
    /// Plug a display of this kind into the board's connector, in the place of what is there.
    ///
    /// # Errors
    /// If the board has no connector, or if there is no display of this kind.
    pub fn put_display(&mut self, board: &Board, kind: &str) -> Result<(), String> {
        let done = self
            .sys
            .with_chip(|chip, fx| chip.change_display(board, kind, fx));
        self.sys.settle();
        done
    }

    /// What somebody sees who looks at the board's display; `None`: it has none.
    pub fn picture(&self) -> Option<Picture> {
        self.sys.chip.parts.picture()
    }
}

/// The kinds of displays, with their dots.
pub fn displays() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}
