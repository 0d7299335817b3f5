//! The netlist: for each pin of the chip everything that is soldered to the same copper.

use crate::board::Board;
use crate::level::Pull;
use crate::pin::Pin;
use core::fmt;
use std::collections::BTreeMap;

/// One pin of one part, soldered to a net. Faults of the board are faults of joints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// The part, as the board file calls it.
    pub part: String,
    /// The part's own name for the pin.
    pub pin: &'static str,
    /// The function that the pin of the chip must have, as (peripheral, signal); `None` is a plain input or output.
    pub function: Option<(String, &'static str)>,
    /// The pull that the part asks for.
    pub pull: Pull,
}

/// What is joined to one pin of the chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// The pin, whose name is the net's.
    pub pin: Pin,
    /// All joints but the chip's own, in the order of the file.
    pub joints: Vec<Joint>,
}

impl fmt::Display for Joint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.part, self.pin))
    }
}

/// All nets of a board, by the name of the pin. A pin of the chip that nothing is joined to has none.
pub fn nets(board: &Board) -> Vec<Net> {
    let mut list = Netlist(BTreeMap::new());
    list.memory(board);
    list.console(board);
    list.lamps_and_keys(board);
    list.flash_and_sd(board);
    list.camera(board);
    list.display(board);
    list.usb_and_headers(board);
    let nets = list.0.into_iter();
    nets.map(|(pin, joints)| Net { pin, joints }).collect()
}

struct Netlist(BTreeMap<Pin, Vec<Joint>>);

impl Netlist {
    fn add(&mut self, to: Pin, part: &str, pin: &'static str, function: Option<(&str, &'static str)>) {
        self.pulled(to, part, pin, function, Pull::None);
    }

    fn pulled(
        &mut self,
        to: Pin,
        part: &str,
        pin: &'static str,
        function: Option<(&str, &'static str)>,
        pull: Pull,
    ) {
        self.0.entry(to).or_default().push(Joint {
            part: part.to_owned(),
            pin,
            function: function.map(|(peripheral, signal)| (peripheral.to_owned(), signal)),
            pull,
        });
    }

    fn memory(&mut self, board: &Board) {
        let memory = &board.memory;
        for (to, pin, signal) in [
            (memory.clk, "CLK", "P1_CLK"),
            (memory.ncs, "CE#", "P1_NCS"),
            (memory.io0, "SIO0", "P1_IO0"),
            (memory.io1, "SIO1", "P1_IO1"),
            (memory.io2, "SIO2", "P1_IO2"),
            (memory.io3, "SIO3", "P1_IO3"),
        ] {
            self.add(to, "memory", pin, Some(("OCTOSPIM", signal)));
        }
    }

    /// The other end's names: it receives what the chip sends.
    fn console(&mut self, board: &Board) {
        let console = &board.console;
        self.add(console.tx, "console", "RX", Some((&console.peripheral, "TX")));
        self.add(console.rx, "console", "TX", Some((&console.peripheral, "RX")));
    }

    fn lamps_and_keys(&mut self, board: &Board) {
        for led in &board.leds {
            self.add(led.pin, &led.name, "LED", None);
        }
        for key in &board.keys {
            self.pulled(key.pin, &key.name, "KEY", None, key.pull);
        }
    }

    fn flash_and_sd(&mut self, board: &Board) {
        if let Some(flash) = &board.flash {
            let spi = &*flash.peripheral;
            self.add(flash.sck, "flash", "CLK", Some((spi, "SCK")));
            self.add(flash.miso, "flash", "DO", Some((spi, "MISO")));
            self.add(flash.mosi, "flash", "DI", Some((spi, "MOSI")));
            self.add(flash.cs, "flash", "CS#", None);
        }
        if let Some(sd) = &board.sd {
            for (to, pin, signal) in [
                (sd.ck, "CLK", "CK"),
                (sd.cmd, "CMD", "CMD"),
                (sd.d0, "DAT0", "D0"),
                (sd.d1, "DAT1", "D1"),
                (sd.d2, "DAT2", "D2"),
                (sd.d3, "DAT3", "D3"),
            ] {
                self.add(to, "sd", pin, Some((&sd.peripheral, signal)));
            }
            if let Some(detect) = sd.detect {
                self.pulled(detect, "sd", "DETECT", None, sd.detect_pull.unwrap_or(Pull::None));
            }
        }
    }

    fn camera(&mut self, board: &Board) {
        const DATA: [(&str, &str); 8] = [
            ("Y0", "D0"),
            ("Y1", "D1"),
            ("Y2", "D2"),
            ("Y3", "D3"),
            ("Y4", "D4"),
            ("Y5", "D5"),
            ("Y6", "D6"),
            ("Y7", "D7"),
        ];
        let Some(camera) = &board.camera else { return };
        let dcmi = &*camera.peripheral;
        self.add(camera.scl, "camera", "SCL", Some((&camera.control, "SCL")));
        self.add(camera.sda, "camera", "SDA", Some((&camera.control, "SDA")));
        self.add(camera.reset, "camera", "RESET", None);
        self.add(camera.pwdn, "camera", "PWDN", None);
        self.add(camera.xclk, "camera", "XCLK", Some(("RCC", "MCO_1")));
        self.add(camera.pclk, "camera", "PCLK", Some((dcmi, "PIXCLK")));
        self.add(camera.href, "camera", "HREF", Some((dcmi, "HSYNC")));
        self.add(camera.vsync, "camera", "VSYNC", Some((dcmi, "VSYNC")));
        for (to, (pin, signal)) in camera.data.into_iter().zip(DATA) {
            self.add(to, "camera", pin, Some((dcmi, signal)));
        }
    }

    fn display(&mut self, board: &Board) {
        let Some(display) = &board.display else { return };
        let spi = &*display.peripheral;
        self.add(display.sck, "display", "SCL", Some((spi, "SCK")));
        self.add(display.mosi, "display", "SDA", Some((spi, "MOSI")));
        if let Some(miso) = display.miso {
            self.add(miso, "display", "SDO", Some((spi, "MISO")));
        }
        self.add(display.cs, "display", "CS#", None);
        self.add(display.dc, "display", "DC", None);
        self.add(display.backlight, "display", "BLK", None);
    }

    fn usb_and_headers(&mut self, board: &Board) {
        if let Some(usb) = &board.usb {
            self.add(usb.dm, "usb", "D-", Some((&usb.peripheral, "DM")));
            self.add(usb.dp, "usb", "D+", Some((&usb.peripheral, "DP")));
            if let Some(vbus) = usb.vbus {
                self.add(vbus, "usb", "VBUS", None);
            }
            if let Some(id) = usb.id {
                self.add(id, "usb", "ID", None);
            }
        }
        for header in &board.headers {
            for &pin in &header.pins {
                self.add(pin, &header.name, "contact", None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn parts_that_share_a_pin_share_its_net() {
        let nets = nets(&Board::named("weact").unwrap());
        let net = nets.iter().find(|net| net.pin == Pin::new('A', 9)).unwrap();
        let joints: Vec<String> = net.joints.iter().map(Joint::to_string).collect();
        assert_eq!(joints, ["console.RX", "usb.VBUS", "headers.contact"]);
    }

    #[test]
    fn nets_are_sorted_and_every_pin_has_one_at_most() {
        for name in Board::known() {
            let nets = nets(&Board::named(name).unwrap());
            assert!(nets.windows(2).all(|pair| pair[0].pin < pair[1].pin), "{name}");
        }
    }
}
