//! `--sd IMAGE`: a card in the socket, whose content is a file.

use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;

use vboard::{Machine, SdCard};

use super::kept;
use crate::failure::Failure;

/// A file, and which kind of card it is.
#[derive(Clone, Debug)]
pub struct Image {
    path: PathBuf,
    high_capacity: bool,
}

/// `card.img`, or `sdsc:card.img`.
pub fn parse(text: &str) -> Result<Image, Infallible> {
    let small = text.strip_prefix("sdsc:");
    Ok(Image {
        path: PathBuf::from(small.unwrap_or(text)),
        high_capacity: small.is_none(),
    })
}

impl Image {
    /// Put it into the socket.
    pub fn load(&self, machine: &mut Machine) -> Result<(), Failure> {
        let path = self.path.display();
        let content = fs::read(&self.path).map_err(|error| {
            Failure::new(format!("the card {path} cannot be read: {error}")).hint(
                "a new one: `truncate -s 64M card.img`, and vfs.VfsFat.mkfs(machine.SDCard()) on the board",
            )
        })?;
        let card = SdCard::new(content, self.high_capacity).map_err(|why| {
            Failure::new(format!("{path}: {why}"))
                .hint("`truncate -s 64M card.img` makes one; sdsc:IMAGE is a card of standard capacity")
        })?;
        machine.insert_card(Some(card));
        Ok(())
    }

    /// Write back what has changed.
    pub fn store(&self, machine: &Machine) -> Result<(), Failure> {
        match machine.card().filter(|card| card.is_changed()) {
            Some(card) => kept::write(&self.path, "the card", card.content()),
            None => Ok(()),
        }
    }
}
