//! The parts and their limits, each from its own data sheet.
//!
//! "Linear" is the burst that runs on through a 1 KB page, "wrapped" the 32-byte one. A part whose data sheet was
//! not at hand says so in `source`.

use crate::Picos;

/// What a data sheet promises about one part, at 3.3 V and up to 85 degrees C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name on the command line.
    pub name: &'static str,
    /// The name and revision of the document, for reports.
    pub source: &'static str,
    /// Bytes that it holds.
    pub size_bytes: u32,
    /// Fastest clock of the slow read, 0x03.
    pub slow_read_max_hz: u32,
    /// Fastest clock in linear mode, burst inside one page.
    pub linear_max_hz: u32,
    /// Fastest clock of a burst that runs into the next page.
    pub crossing_max_hz: u32,
    /// Fastest clock in 32-byte wrap mode.
    pub wrapped_max_hz: u32,
    /// tCPH: CE# high between frames, at least.
    pub ce_high_min: Picos,
    /// tCEM: CE# low, at most.
    pub ce_low_max: Picos,
    /// tCHD: CE# stays low after the last rising edge, at least.
    pub ce_hold_min: Picos,
    /// tACLK: from the falling edge of the clock to valid data, at most.
    pub access_max: Picos,
    /// 0x02 in SPI mode may not be followed by more than one byte in linear mode.
    pub no_linear_spi_write: bool,
    /// READ ID: maker, known good die, six bytes of EID.
    pub id: [u8; 8],
}

/// From the end of the power ramp to the first command, on every part.
pub const POWER_UP: Picos = Picos::from_ns(150_000);

/// Bytes of a page: ten bits of the column address.
pub const PAGE_BYTES: u32 = 1024;

/// Bytes in 64 Mbit, which most parts have.
pub const SIZE_BYTES: u32 = 8 << 20;

/// Bits of an address that the chip takes in.
pub const ADDRESS_MASK: u32 = 0xFF_FFFF;

const US: u64 = 1000;

/// ESP-PSRAM64H.
pub const ESP_PSRAM64H: Part = Part {
    name: "esp-psram64h",
    source: "ESP-PSRAM64H v1.1",
    size_bytes: SIZE_BYTES,
    slow_read_max_hz: 33_000_000,
    linear_max_hz: 133_000_000,
    crossing_max_hz: 84_000_000,
    wrapped_max_hz: 133_000_000,
    ce_high_min: Picos::from_ns(50),
    ce_low_max: Picos::from_ns(8 * US),
    ce_hold_min: Picos::from_ns(20),
    access_max: Picos::from_ns(6),
    no_linear_spi_write: false,
    id: [0x0d, 0x5d, 0x52, 0xa2, 0x64, 0x31, 0x91, 0x31],
};

/// LY68L6400SLIT.
pub const LY68L6400: Part = Part {
    name: "ly68l6400",
    source: "LY68L6400 Rev. 0.7",
    size_bytes: SIZE_BYTES,
    slow_read_max_hz: 33_000_000,
    linear_max_hz: 144_000_000,
    crossing_max_hz: 84_000_000,
    wrapped_max_hz: 144_000_000,
    ce_high_min: Picos::from_ns(50),
    ce_low_max: Picos::from_ns(8 * US),
    ce_hold_min: Picos::from_ns(20),
    access_max: Picos::from_ns(6),
    no_linear_spi_write: true,
    id: [0x0d, 0x5d, 0x46, 0x1c, 0x07, 0x52, 0x3a, 0x11],
};

/// APS6404L-3SQR: the first page of the data sheet gives the clocks, the CE# times are those of its sister
/// ESP-PSRAM64H, which is the stricter assumption.
pub const APS6404L_3SQR: Part = Part {
    name: "aps6404l-3sqr",
    source: "APS6404L-3SQR Rev. 2.3 p.1, CE# times as ESP-PSRAM64H v1.1",
    size_bytes: SIZE_BYTES,
    slow_read_max_hz: 33_000_000,
    linear_max_hz: 84_000_000,
    crossing_max_hz: 84_000_000,
    wrapped_max_hz: 109_000_000,
    ce_high_min: Picos::from_ns(50),
    ce_low_max: Picos::from_ns(8 * US),
    ce_hold_min: Picos::from_ns(20),
    access_max: Picos::from_ns(6),
    no_linear_spi_write: false,
    id: [0x0d, 0x5d, 0x53, 0x32, 0x18, 0x6d, 0x40, 0x27],
};

/// APS6404L-3SQN: its data sheet was not at hand; 133 MHz wrapped and 84 MHz linear are what is known of the
/// family, the CE# times are assumed as strict as the strictest sister.
pub const APS6404L_3SQN: Part = Part {
    name: "aps6404l-3sqn",
    source: "APS6404L family, data sheet of -3SQN not seen, CE# times as ESP-PSRAM64H v1.1",
    size_bytes: SIZE_BYTES,
    slow_read_max_hz: 33_000_000,
    linear_max_hz: 84_000_000,
    crossing_max_hz: 84_000_000,
    wrapped_max_hz: 133_000_000,
    ce_high_min: Picos::from_ns(50),
    ce_low_max: Picos::from_ns(8 * US),
    ce_hold_min: Picos::from_ns(20),
    access_max: Picos::from_ns(6),
    no_linear_spi_write: false,
    id: [0x0d, 0x5d, 0x51, 0x2e, 0x70, 0x09, 0xb3, 0x5c],
};

/// IPS6404L-SQ at 3.3 V.
pub const IPS6404L_SQ: Part = Part {
    name: "ips6404l-sq",
    source: "IPS6404L-SQ v1.1",
    size_bytes: SIZE_BYTES,
    slow_read_max_hz: 33_000_000,
    linear_max_hz: 104_000_000,
    crossing_max_hz: 84_000_000,
    wrapped_max_hz: 104_000_000,
    ce_high_min: Picos::from_ns(18),
    ce_low_max: Picos::from_ns(8 * US),
    ce_hold_min: Picos::from_ns(3),
    access_max: Picos::from_ns(7),
    no_linear_spi_write: false,
    id: [0x0d, 0x5d, 0x4a, 0x93, 0x22, 0x61, 0x08, 0xd4],
};

/// ESP-PSRAM32H: its data sheet was not at hand; half of its sister ESP-PSRAM64H.
pub const ESP_PSRAM32H: Part = Part {
    name: "esp-psram32h",
    source: "data sheet of ESP-PSRAM32H not seen, as ESP-PSRAM64H v1.1",
    size_bytes: 4 << 20,
    id: [0x0d, 0x5d, 0x32, 0x71, 0x55, 0x80, 0x1e, 0x63],
    ..ESP_PSRAM64H
};

/// APS1604M-3SQR: its data sheet was not at hand; a quarter of its sister APS6404L-3SQR.
pub const APS1604M_3SQR: Part = Part {
    name: "aps1604m-3sqr",
    source: "data sheet of APS1604M-3SQR not seen, as APS6404L-3SQR",
    size_bytes: 2 << 20,
    id: [0x0d, 0x5d, 0x0f, 0x2b, 0x90, 0x37, 0xc8, 0x14],
    ..APS6404L_3SQR
};

/// Every part that has a model.
pub const PARTS: [&Part; 7] = [
    &ESP_PSRAM64H,
    &LY68L6400,
    &APS6404L_3SQR,
    &APS6404L_3SQN,
    &IPS6404L_SQ,
    &ESP_PSRAM32H,
    &APS1604M_3SQR,
];
