//! Parts and connectors that a board may have.

use crate::level::{Level, Pull};
use crate::pin::Pin;
use serde::Deserialize;

/// A serial flash with a bus of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flash {
    /// What is soldered there.
    pub part: String,
    /// The SPI.
    pub peripheral: String,
    /// Clock.
    pub sck: Pin,
    /// From the flash.
    pub miso: Pin,
    /// To the flash.
    pub mosi: Pin,
    /// Chip select, driven as a plain output.
    pub cs: Pin,
}

/// The socket of an SD card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sd {
    /// The SDMMC.
    pub peripheral: String,
    /// Clock.
    pub ck: Pin,
    /// Command.
    pub cmd: Pin,
    /// Data line 0.
    pub d0: Pin,
    /// Data line 1.
    pub d1: Pin,
    /// Data line 2.
    pub d2: Pin,
    /// Data line 3.
    pub d3: Pin,
    /// The switch that tells a card, if the socket has one.
    pub detect: Option<Pin>,
    /// The pull that the switch needs.
    pub detect_pull: Option<Pull>,
}

/// The camera connector: eight data lines of DCMI, and SCCB, which is I2C.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// The camera interface.
    pub peripheral: String,
    /// The I2C that sets the sensor up.
    pub control: String,
    /// I2C clock.
    pub scl: Pin,
    /// I2C data.
    pub sda: Pin,
    /// Reset, active low.
    pub reset: Pin,
    /// Power down.
    pub pwdn: Pin,
    /// Clock to the sensor, from MCO1.
    pub xclk: Pin,
    /// Pixel clock from the sensor.
    pub pclk: Pin,
    /// Line valid.
    pub href: Pin,
    /// Frame valid.
    pub vsync: Pin,
    /// Data, from D0 to D7.
    pub data: [Pin; 8],
}

/// The display connector.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Display {
    /// The controller that is fitted, if one is.
    pub part: Option<String>,
    /// The SPI.
    pub peripheral: String,
    /// Clock.
    pub sck: Pin,
    /// To the display.
    pub mosi: Pin,
    /// From the display, if it has that line.
    pub miso: Option<Pin>,
    /// Chip select, driven as a plain output.
    pub cs: Pin,
    /// Command or data, a plain output.
    pub dc: Pin,
    /// Backlight.
    pub backlight: Pin,
    /// The level that switches it on.
    #[serde(default = "high")]
    pub backlight_active: Level,
}

fn high() -> Level {
    Level::High
}

/// The USB connector.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usb {
    /// The USB core.
    pub peripheral: String,
    /// D-.
    pub dm: Pin,
    /// D+.
    pub dp: Pin,
    /// Supply from the host, if a pin sees it.
    pub vbus: Option<Pin>,
    /// The ID contact, if a pin sees it.
    pub id: Option<Pin>,
}

/// A pin header. Contacts are known by the label beside them, which is the pin's name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// What it is called.
    pub name: String,
    /// The pins of the chip that it brings out.
    pub pins: Vec<Pin>,
}
