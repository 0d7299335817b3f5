//! What was seen, and what to do next, as text.

use std::fmt;

/// The diagnosis of one transcript.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the board can be flashed as it is.
    pub ready: bool,
    shows: String,
    next: Vec<String>,
}

impl Verdict {
    /// The right chip.
    pub fn ready(shows: impl Into<String>) -> Self {
        Verdict {
            ready: true,
            shows: shows.into(),
            next: Vec::new(),
        }
    }

    /// Something is in the way.
    pub fn not_yet(shows: impl Into<String>) -> Self {
        Verdict {
            ready: false,
            shows: shows.into(),
            next: Vec::new(),
        }
    }

    /// One step more.
    pub fn then(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seen: {}", self.shows)?;
        for (number, step) in self.next.iter().enumerate() {
            writeln!(f, "{}. {step}", number + 1)?;
        }
        Ok(())
    }
}

/// Steps that start the chip's own boot loader.
pub const BOOT0: &str = "start the chip's own boot loader: devebox, bridge BOOT0 to 3V3 and press reset; weact, hold BOOT0 and press NRST; \
the cable must carry data, not power alone";

/// A rule for devices of this maker, `0483` for ST.
pub fn udev(vendor: &str) -> String {
    format!(
        "let yourself use the device: echo 'SUBSYSTEM==\"usb\", ATTRS{{idVendor}}==\"{vendor}\", MODE=\"0660\", TAG+=\"uaccess\"' | \
sudo tee /etc/udev/rules.d/70-spiram.rules && sudo udevadm control --reload && sudo udevadm trigger; then plug it in again"
    )
}

/// What the flash of the wrong chip is told by.
pub const REPLACE: &str = "replace the chip by an STM32H7A3VIT6 (docs/owner/README.md); the firmware needs its 2 MB of flash and its OCTOSPI";
