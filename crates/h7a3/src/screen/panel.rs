//! Controllers of small displays, the glasses that they come with, and how a picture is laid onto them.
//!
//! From the data sheets ST7735R V0.2, ST7789V V1.6 and ILI9341 V1.11. How a module's glass lies to its controller is in none of them;
//! it is what its sellers say.

/// MADCTL, which all three share.
const MY: u8 = 0x80;
const MX: u8 = 0x40;
const MV: u8 = 0x20;
const BGR: u8 = 0x08;

/// A controller.
#[derive(Debug)]
pub struct Controller {
    /// Its name.
    pub name: &'static str,
    /// The dots that its memory has room for, as columns and rows.
    memory: [u16; 2],
    /// The fastest clock that it is written with, by its data sheet.
    pub write_hz: u32,
}

/// 66 ns (table 7.4).
static ST7735R: Controller = Controller {
    name: "ST7735R",
    memory: [132, 162],
    write_hz: 15_151_515,
};
/// 16 ns (table 7.4.2).
static ST7789: Controller = Controller {
    name: "ST7789",
    memory: [240, 320],
    write_hz: 62_500_000,
};
/// 100 ns (18.3.4).
static ILI9341: Controller = Controller {
    name: "ILI9341",
    memory: [240, 320],
    write_hz: 10_000_000,
};

/// All controllers, in the order of their numbers in Python, from 1 on.
pub static CONTROLLERS: [&Controller; 3] = [&ST7735R, &ST7789, &ILI9341];

/// A glass on its controller.
#[derive(Debug)]
pub struct Panel {
    /// What a board file calls it.
    pub name: &'static str,
    /// What drives it.
    pub controller: &'static Controller,
    /// Its dots, as columns and rows of the controller.
    dots: [u16; 2],
    /// Where they begin in the controller's memory.
    first: [u16; 2],
    /// The bits of MADCTL with which a picture is upright.
    upright: u8,
    /// Whether its dots are in the order blue, green, red.
    pub bgr: bool,
    /// Whether its dots are black where others are white.
    pub inverted: bool,
}

/// All of them.
pub static PANELS: [Panel; 5] = [
    Panel {
        name: "st7735r-160x80",
        controller: &ST7735R,
        dots: [80, 160],
        first: [26, 1],
        upright: MV | MX,
        bgr: true,
        inverted: true,
    },
    Panel {
        name: "st7735r-128x160",
        controller: &ST7735R,
        dots: [128, 160],
        first: [2, 1],
        upright: MX | MY,
        bgr: false,
        inverted: false,
    },
    Panel {
        name: "st7789-240x240",
        controller: &ST7789,
        dots: [240, 240],
        first: [0, 0],
        upright: 0,
        bgr: false,
        inverted: true,
    },
    Panel {
        name: "st7789-240x320",
        controller: &ST7789,
        dots: [240, 320],
        first: [0, 0],
        upright: 0,
        bgr: false,
        inverted: true,
    },
    Panel {
        name: "ili9341-320x240",
        controller: &ILI9341,
        dots: [240, 320],
        first: [0, 0],
        upright: MV,
        bgr: true,
        inverted: false,
    },
];

/// How somebody wants to look at a panel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// By a quarter turn.
    pub turned: bool,
    /// Left for right.
    pub hmirror: bool,
    /// Upside down for upright.
    pub vflip: bool,
}

/// How a picture is laid onto a panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// MADCTL.
    pub madctl: u8,
    /// Where the picture begins, as CASET and RASET count then.
    pub first: [u16; 2],
    /// Width and height.
    pub size: [u16; 2],
}

impl Panel {
    /// The panel that a board file names.
    pub fn named(name: &str) -> Option<&'static Panel> {
        PANELS.iter().find(|panel| panel.name == name)
    }

    /// The panel of this controller and size, and whether that is its size turned by a quarter.
    pub fn find(controller: &Controller, size: [u16; 2]) -> Option<(&'static Panel, bool)> {
        let of = || {
            let same = |panel: &&Panel| core::ptr::eq(panel.controller, controller);
            PANELS.iter().filter(same)
        };
        let [width, height] = size;
        let upright = of().find(|panel| panel.size() == size);
        let turned = || of().find(|panel| panel.size() == [height, width]);
        upright
            .map(|panel| (panel, false))
            .or_else(|| Some((turned()?, true)))
    }

    /// Width and height, upright.
    pub fn size(&self) -> [u16; 2] {
        sized(self.dots, self.upright)
    }

    /// How a picture is laid onto it; the order of colours may be another than its own.
    pub fn layout(&self, look: Look, bgr: bool) -> Layout {
        let mut bits = self.upright;
        if look.turned {
            bits ^= MV;
            bits ^= along(bits)[1];
        }
        let [across, down] = along(bits);
        if look.hmirror {
            bits ^= across;
        }
        if look.vflip {
            bits ^= down;
        }
        Layout {
            madctl: bits | if bgr { BGR } else { 0 },
            first: self.first(bits),
            size: sized(self.dots, bits),
        }
    }

    /// A mirrored axis is counted from the other end of the memory, which may reach further than the glass.
    fn first(&self, bits: u8) -> [u16; 2] {
        let mut first = self.first;
        for (axis, mirror) in [MX, MY].into_iter().enumerate() {
            if bits & mirror != 0 {
                first[axis] = self.controller.memory[axis] - self.dots[axis] - first[axis];
            }
        }
        sized(first, bits)
    }
}

/// The bits that mirror a picture's x and its y.
const fn along(bits: u8) -> [u8; 2] {
    if bits & MV == 0 { [MX, MY] } else { [MY, MX] }
}

/// Columns and rows as the picture's x and y.
const fn sized([columns, rows]: [u16; 2], bits: u8) -> [u16; 2] {
    if bits & MV == 0 {
        [columns, rows]
    } else {
        [rows, columns]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(name: &str, turned: bool, hmirror: bool, vflip: bool) -> (u8, [u16; 2], [u16; 2]) {
        let panel = Panel::named(name).unwrap();
        let look = Look {
            turned,
            hmirror,
            vflip,
        };
        let Layout { madctl, first, size } = panel.layout(look, panel.bgr);
        (madctl, first, size)
    }

    #[test]
    fn the_small_panel_of_160_x_80_begins_at_1_and_26_however_it_is_turned() {
        let name = "st7735r-160x80";
        assert_eq!(layout(name, false, false, false), (0x68, [1, 26], [160, 80]));
        assert_eq!(layout(name, false, true, true), (0xA8, [1, 26], [160, 80]));
        assert_eq!(layout(name, true, false, false), (0xC8, [26, 1], [80, 160]));
        assert_eq!(layout(name, true, true, true), (0x08, [26, 1], [80, 160]));
    }

    #[test]
    fn a_square_glass_in_a_longer_memory_begins_at_80_when_its_rows_are_mirrored() {
        let name = "st7789-240x240";
        assert_eq!(layout(name, false, false, false), (0x00, [0, 0], [240, 240]));
        assert_eq!(layout(name, false, true, false), (0x40, [0, 0], [240, 240]));
        assert_eq!(layout(name, false, false, true), (0x80, [0, 80], [240, 240]));
        let panel = Panel::named(name).unwrap();
        let look = Look {
            turned: true,
            hmirror: true,
            vflip: false,
        };
        assert_eq!(
            panel.layout(look, true),
            Layout {
                madctl: 0xE8,
                first: [80, 0],
                size: [240, 240]
            }
        );
    }

    #[test]
    fn sizes_name_panels_upright_and_turned() {
        let found = |controller: &Controller, size| {
            Panel::find(controller, size).map(|(panel, turned)| (panel.name, turned))
        };
        assert_eq!(found(&ILI9341, [320, 240]), Some(("ili9341-320x240", false)));
        assert_eq!(found(&ILI9341, [240, 320]), Some(("ili9341-320x240", true)));
        assert_eq!(found(&ST7735R, [80, 160]), Some(("st7735r-160x80", true)));
        assert_eq!(found(&ST7789, [240, 240]), Some(("st7789-240x240", false)));
        assert_eq!(found(&ST7789, [160, 80]), None);
    }
}
