//! The controllers and the glasses that a display is made of, as their data sheets and modules have them.

use crate::Picos;

const MS: u64 = 1_000_000;

/// MADCTL: rows from the bottom, columns from the right, rows and columns exchanged, and the order of colours.
pub(super) const MY: u8 = 1 << 7;
pub(super) const MX: u8 = 1 << 6;
pub(super) const MV: u8 = 1 << 5;
pub(super) const BGR: u8 = 1 << 3;

/// A controller: what differs among these three.
#[derive(Debug)]
pub struct Controller {
    pub(super) name: &'static str,
    /// Its memory, as the data sheet counts it.
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// SCL from rise to rise, when it is written.
    pub(super) cycle: Picos,
    /// After a software reset nothing is heard for this long, and SLPOUT is not allowed for `settle`.
    pub(super) reset: Picos,
    /// After SLPOUT and SLPIN nothing is heard for this long.
    pub(super) wake: Picos,
    /// Between SLPOUT and SLPIN, both ways, and after a reset.
    pub(super) settle: Picos,
    /// What 04h answers, behind one dummy clock.
    pub(super) id: [u8; 3],
    /// What D3h answers, if it is known.
    pub(super) id4: Option<[u8; 3]>,
    /// COLMOD: the values of its lower three bits that the data sheet has, and the one after a reset.
    pub(super) formats: &'static [u8],
    pub(super) format: u8,
    pub(super) sheet: &'static str,
}

/// ST7735R V0.2: 9.4 (66 ns), 9.12 (132 x 162), 10.1.2 (reset), 10.1.10 and 11 (sleep).
const ST7735R: Controller = Controller {
    name: "ST7735R",
    columns: 132,
    rows: 162,
    cycle: Picos::from_ns(66),
    reset: Picos::from_ns(120 * MS),
    wake: Picos::from_ns(120 * MS),
    settle: Picos::from_ns(120 * MS),
    id: [0x7C, 0x89, 0xF0],
    id4: None,
    formats: &[3, 5, 6],
    format: 6,
    sheet: "ST7735R V0.2",
};

/// ST7789V V1.6: 7.4.2 (16 ns), 9.1.2 (reset), 9.1.11 and 12 (sleep).
const ST7789: Controller = Controller {
    name: "ST7789",
    columns: 240,
    rows: 320,
    cycle: Picos::from_ns(16),
    reset: Picos::from_ns(5 * MS),
    wake: Picos::from_ns(5 * MS),
    settle: Picos::from_ns(120 * MS),
    id: [0x85, 0x85, 0x52],
    id4: None,
    formats: &[3, 5, 6],
    format: 6,
    sheet: "ST7789V V1.6",
};

/// ILI9341 V1.11: 18.3.4 (100 ns), 8.2.2 (reset), 8.2.11 and 12 (sleep), 8.3.23 (ID4).
const ILI9341: Controller = Controller {
    name: "ILI9341",
    columns: 240,
    rows: 320,
    cycle: Picos::from_ns(100),
    reset: Picos::from_ns(5 * MS),
    wake: Picos::from_ns(5 * MS),
    settle: Picos::from_ns(120 * MS),
    id: [0, 0, 0],
    id4: Some([0x00, 0x93, 0x41]),
    formats: &[5, 6],
    format: 6,
    sheet: "ILI9341 V1.11",
};

/// A controller bonded to a glass.
#[derive(Debug)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// The controller.
    pub(super) controller: &'static Controller,
    /// As somebody sees it who looks at it upright.
    pub width: usize,
    /// See above.
    pub height: usize,
    /// The first column and the first row of the controller's memory that have dots.
    pub(super) first: [usize; 2],
    /// The bits of MADCTL with which a picture is upright.
    pub(super) upright: u8,
    /// Dots stand as blue, green, red.
    pub(super) bgr: bool,
    /// Dots are dark with the greatest value, unless INVON is given.
    pub(super) inverted: bool,
}

/// All kinds. How the glass of a module lies to its controller is in no data sheet: it is what drivers of these modules do.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "st7735r-160x80",
        controller: &ST7735R,
        width: 160,
        height: 80,
        first: [26, 1],
        upright: MX | MV,
        bgr: true,
        inverted: true,
    },
    Kind {
        name: "st7735r-128x160",
        controller: &ST7735R,
        width: 128,
        height: 160,
        first: [2, 1],
        upright: MX | MY,
        bgr: false,
        inverted: false,
    },
    Kind {
        name: "st7789-240x240",
        controller: &ST7789,
        width: 240,
        height: 240,
        first: [0, 0],
        upright: 0,
        bgr: false,
        inverted: true,
    },
    Kind {
        name: "st7789-240x320",
        controller: &ST7789,
        width: 240,
        height: 320,
        first: [0, 0],
        upright: 0,
        bgr: false,
        inverted: true,
    },
    Kind {
        name: "ili9341-320x240",
        controller: &ILI9341,
        width: 320,
        height: 240,
        first: [0, 0],
        upright: MV,
        bgr: true,
        inverted: false,
    },
];

/// The displays that are sold loose, with a line back to the chip.
pub const ST7789_240X320: &Kind = &KINDS[3];
/// See above.
pub const ILI9341_320X240: &Kind = &KINDS[4];

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }
}

impl Controller {
    /// Columns and rows that a host counts, with rows and columns exchanged or not.
    pub(super) fn size(&self, madctl: u8) -> [usize; 2] {
        match madctl & MV {
            0 => [self.columns, self.rows],
            _ => [self.rows, self.columns],
        }
    }

    /// Where in the memory the place (x, y) of a host is (ST7735R 9.11.3, ST7789V 8.12, ILI9341 9.3: address counters).
    pub(super) fn place(&self, madctl: u8, [x, y]: [usize; 2]) -> usize {
        let [mut column, mut row] = if madctl & MV == 0 { [x, y] } else { [y, x] };
        if madctl & MX != 0 {
            column = self.columns - 1 - column;
        }
        if madctl & MY != 0 {
            row = self.rows - 1 - row;
        }
        row * self.columns + column
    }
}
