//! What outlives the power: the chip's flash, the board's second flash, the card.

use super::Machine;
use chipmodel::onchip::flash::{Array, BANK_BYTES, SECTOR_BYTES};
use chipmodel::parts::sd_card::SdCard;
use chipmodel::steps::Steps;
use std::ops::Range;

/// The name of the board's second flash among its parts.
const SECOND: &str = "flash";

/// A memory that outlives the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// That of the chip: its steps are words programmed and sectors erased.
    Flash,
    /// The board's second flash: pages programmed and sectors erased.
    SecondFlash,
    /// The card in the socket: blocks written.
    Card,
}

/// What is left in one of them.
#[derive(Clone, Debug)]
pub enum Left {
    /// Of the chip's flash.
    Flash(Array),
    /// Of the second flash.
    SecondFlash(Vec<u8>),
    /// The card.
    Card(Box<SdCard>),
}

impl Machine {
    /// The cells of the flash, as they are if the power fails now.
    pub fn flash(&self) -> Array {
        self.sys.chip.devices.flash.without_power()
    }

    /// Where files are in the flash, as offsets into it: from where the program says, or else what it leaves of the second bank.
    pub fn files(&self) -> Range<usize> {
        let end = 2 * BANK_BYTES;
        let said = self.image.files_offset().filter(|start| *start < end);
        let start = said.unwrap_or_else(|| self.image.flash.len().clamp(BANK_BYTES, end));
        start.next_multiple_of(SECTOR_BYTES)..end
    }

    /// Give that part of the flash this content. Before the first run.
    pub fn put_files(&mut self, array: &Array) {
        let Range { start, end } = self.files();
        let sectors = start / SECTOR_BYTES..end / SECTOR_BYTES;
        self.sys
            .chip
            .devices
            .flash
            .array_mut()
            .put_sectors(sectors, array);
    }

    /// Give all of the flash this content, the program too.
    pub fn put_flash(&mut self, array: &Array) {
        self.sys.chip.devices.flash.put(array);
    }

    /// What the board's second flash holds; `None`: it has none.
    pub fn second_flash(&self) -> Option<&[u8]> {
        self.sys.chip.parts.content(SECOND)
    }

    /// Give the board's second flash this content. False: it has none of this size.
    pub fn put_second_flash(&mut self, bytes: &[u8]) -> bool {
        self.sys.chip.parts.put_content(SECOND, bytes)
    }

    /// Put a card into the socket, or take out what is there, at any time.
    pub fn insert_card(&mut self, card: Option<SdCard>) {
        self.sys.chip.devices.masters.sdmmc1.card = card;
    }

    /// What is in the card's socket.
    pub fn card(&self) -> Option<&SdCard> {
        self.sys.chip.devices.masters.sdmmc1.card.as_ref()
    }

    /// The steps of a memory that were begun since power-up; 0 if it is not there.
    pub fn steps(&mut self, of: Medium) -> u64 {
        self.steps_of(of).map_or(0, |steps| steps.begun())
    }

    /// Let the power fail in the middle of a memory's step of this number, counted from 1 at power-up: a run ends there.
    pub fn fail_power_at(&mut self, of: Medium, step: Option<u64>) {
        if let Some(steps) = self.steps_of(of) {
            steps.fail_power_at(step);
        }
    }

    fn steps_of(&mut self, of: Medium) -> Option<&mut Steps> {
        let chip = &mut self.sys.chip;
        match of {
            Medium::Flash => Some(chip.devices.flash.steps_mut()),
            Medium::SecondFlash => chip.parts.steps(SECOND),
            Medium::Card => {
                let card = chip.devices.masters.sdmmc1.card.as_mut();
                card.map(SdCard::steps_mut)
            }
        }
    }

    /// What is left in a memory if the power fails now; `None`: it is not there.
    pub fn without_power(&self, of: Medium) -> Option<Left> {
        let (chip, now) = (&self.sys.chip, self.sys.now());
        match of {
            Medium::Flash => Some(Left::Flash(self.flash())),
            Medium::SecondFlash => chip.parts.without_power(SECOND, now).map(Left::SecondFlash),
            Medium::Card => self.card().cloned().map(|mut card| {
                card.lose_power(now);
                Left::Card(Box::new(card))
            }),
        }
    }

    /// Give a memory what was left in one.
    pub fn put(&mut self, left: &Left) {
        match left {
            Left::Flash(array) => self.put_flash(array),
            Left::SecondFlash(bytes) => {
                self.put_second_flash(bytes);
            }
            Left::Card(card) => self.insert_card(Some((**card).clone())),
        }
    }
}
