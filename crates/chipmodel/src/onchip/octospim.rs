//! OCTOSPIM, the switch between the two OCTOSPIs and the two ports (RM0455 OCTOSPIM registers).
//!
//! Only the straight wiring is modelled: OCTOSPI1 on port 1, IO0 to IO3 on its low half. [`Octospim::routes_octospi1`]
//! tells whether the registers still say so. Multiplexing both controllers onto one port is not modelled; setting
//! it up is refused. That the registers may be written only while both controllers are off is not checked here,
//! because that is known elsewhere.

use crate::{Device, Effects, Kind, Refused, Width};

const CR: u32 = 0x00;
const P1CR: u32 = 0x04;
const P2CR: u32 = 0x08;

const CR_MUXEN: u32 = 1 << 0;
const CR_MASK: u32 = CR_MUXEN | 0xff << 16;

const PCR_CLKEN: u32 = 1 << 0;
const PCR_CLKSRC: u32 = 1 << 1;
const PCR_DQSEN: u32 = 1 << 4;
const PCR_DQSSRC: u32 = 1 << 5;
const PCR_NCSEN: u32 = 1 << 8;
const PCR_NCSSRC: u32 = 1 << 9;
const PCR_IOLEN: u32 = 1 << 16;
const PCR_IOLSRC: u32 = 3 << 17;
const PCR_IOHEN: u32 = 1 << 24;
const PCR_IOHSRC: u32 = 3 << 25;
const PCR_MASK: u32 = PCR_CLKEN
    | PCR_CLKSRC
    | PCR_DQSEN
    | PCR_DQSSRC
    | PCR_NCSEN
    | PCR_NCSSRC
    | PCR_IOLEN
    | PCR_IOLSRC
    | PCR_IOHEN
    | PCR_IOHSRC;

/// Port 1 belongs to OCTOSPI1.
const P1CR_RESET: u32 = 0x0301_0111;
/// Port 2 belongs to OCTOSPI2.
const P2CR_RESET: u32 = 0x0705_0333;

/// The switch.
#[derive(Clone, Debug)]
pub struct Octospim {
    cr: u32,
    ports: [u32; 2],
}

impl Default for Octospim {
    fn default() -> Self {
        Octospim {
            cr: 0,
            ports: [P1CR_RESET, P2CR_RESET],
        }
    }
}

impl Octospim {
    /// After reset.
    pub fn new() -> Self {
        Octospim::default()
    }

    /// CLK, NCS and IO0 to IO3 of OCTOSPI1 come out on port 1.
    pub fn routes_octospi1(&self) -> bool {
        let needed = PCR_CLKEN | PCR_NCSEN | PCR_IOLEN;
        let sources = PCR_CLKSRC | PCR_NCSSRC | PCR_IOLSRC;
        self.ports[0] & needed == needed && self.ports[0] & sources == 0
    }
}

impl Device for Octospim {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        match (offset, width) {
            (CR, Width::Word) => Ok(self.cr),
            (P1CR, Width::Word) => Ok(self.ports[0]),
            (P2CR, Width::Word) => Ok(self.ports[1]),
            _ => Err(Refused::Unmodelled(
                "OCTOSPIM: no such register, or not a word access",
            )),
        }
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let (register, mask) = match (offset, width) {
            (CR, Width::Word) => (&mut self.cr, CR_MASK),
            (P1CR, Width::Word) => (&mut self.ports[0], PCR_MASK),
            (P2CR, Width::Word) => (&mut self.ports[1], PCR_MASK),
            _ => {
                return Err(Refused::Unmodelled(
                    "OCTOSPIM: no such register, or not a word access",
                ));
            }
        };
        if offset == CR && value & CR_MUXEN != 0 {
            return Err(Refused::Unmodelled(
                "OCTOSPIM_CR: MUXEN, two controllers on one port",
            ));
        }
        if value & !mask != 0 {
            fx.report(
                Kind::Rule,
                format!(
                    "OCTOSPIM: reserved bits 0x{:08x} of offset 0x{offset:02x} written",
                    value & !mask
                ),
            );
        }
        *register = value & mask;
        Ok(())
    }

    fn reset(&mut self) {
        *self = Octospim::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clocks, Report, Time};

    fn with<R>(work: impl FnOnce(&mut Octospim, &mut Effects) -> R) -> (Octospim, Vec<Report>, R) {
        let mut reports = Vec::new();
        let mut switch = Octospim::new();
        let mut fx = Effects::new(Time(0), Clocks::default(), &mut reports);
        let result = work(&mut switch, &mut fx);
        (switch, reports, result)
    }

    #[test]
    fn after_reset_each_controller_has_its_own_port() {
        let (switch, _, values) = with(|switch, fx| {
            [0, 4, 8].map(|offset| switch.read(offset, Width::Word, fx).expect("a register"))
        });
        assert_eq!(values, [0, 0x0301_0111, 0x0705_0333]);
        assert!(switch.routes_octospi1());
    }

    #[test]
    fn taking_a_line_of_port_1_away_cuts_the_route() {
        for bits in [1, 1 << 8, 1 << 16] {
            let (switch, ..) = with(|switch, fx| switch.write(4, Width::Word, 0x0301_0111 & !bits, fx));
            assert!(!switch.routes_octospi1(), "0x{bits:x}");
        }
        let (switch, ..) = with(|switch, fx| switch.write(4, Width::Word, 0x0001_0111, fx));
        assert!(
            switch.routes_octospi1(),
            "the upper half does not matter to a quad chip"
        );
    }

    #[test]
    fn sharing_a_port_is_refused() {
        let (_, _, result) = with(|switch, fx| switch.write(0, Width::Word, 1, fx));
        assert!(matches!(result, Err(Refused::Unmodelled(_))));
    }
}
