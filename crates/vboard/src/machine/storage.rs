//! What outlives the power: the chip's flash, the board's second flash, the card.

use super::Machine;
use chipmodel::onchip::flash::{Array, BANK_BYTES, SECTOR_BYTES};
use chipmodel::parts::sd_card::SdCard;
use std::ops::Range;

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

    /// Give all of the flash this content, the program too. Before the first run.
    pub fn put_flash(&mut self, array: &Array) {
        self.sys.chip.devices.flash.put(array);
    }

    /// What the board's second flash holds; `None`: it has none.
    pub fn second_flash(&self) -> Option<&[u8]> {
        self.sys.chip.parts.content("flash")
    }

    /// Give the board's second flash this content. False: it has none of this size.
    pub fn put_second_flash(&mut self, bytes: &[u8]) -> bool {
        self.sys.chip.parts.put_content("flash", bytes)
    }

    /// Put a card into the socket, or take out what is there, at any time.
    pub fn insert_card(&mut self, card: Option<SdCard>) {
        self.sys.chip.devices.masters.sdmmc1.card = card;
    }

    /// What is in the card's socket.
    pub fn card(&self) -> Option<&SdCard> {
        self.sys.chip.devices.masters.sdmmc1.card.as_ref()
    }

    /// Programs and erases of the flash that were begun since power-up.
    pub fn flash_steps(&self) -> u64 {
        self.sys.chip.devices.flash.steps()
    }

    /// Let the power fail in the middle of the program or erase of this number, counted from 1 at power-up: a run ends there.
    pub fn fail_power_at(&mut self, step: Option<u64>) {
        self.sys.chip.devices.flash.fail_power_at(step);
    }
}
