//! Where each pin is on the LQFP100 package without SMPS (DS13195, LQFP100 pinout): what somebody with a soldering iron counts.

use crate::gpio::PinId;

/// Port and first number of pins in a row, and the package's number of the first.
const RUNS: &[(char, u8, u8, u8)] = &[
    ('E', 2, 6, 1),
    ('C', 13, 15, 7),
    ('H', 0, 1, 12),
    ('C', 0, 3, 15),
    ('A', 0, 3, 22),
    ('A', 4, 7, 28),
    ('C', 4, 5, 32),
    ('B', 0, 2, 34),
    ('E', 7, 15, 37),
    ('B', 10, 11, 46),
    ('B', 12, 15, 51),
    ('D', 8, 15, 55),
    ('C', 6, 9, 63),
    ('A', 8, 13, 67),
    ('A', 14, 15, 76),
    ('C', 10, 12, 78),
    ('D', 0, 7, 81),
    ('B', 3, 7, 89),
    ('B', 8, 9, 95),
    ('E', 0, 1, 97),
];

/// The number of a pin on the package, 1 to 100.
pub fn number(pin: PinId) -> Option<u8> {
    let runs = RUNS.iter();
    let mut found =
        runs.filter(|(port, first, last, _)| *port == pin.port() && (*first..=*last).contains(&pin.number()));
    found
        .next()
        .map(|(_, first, _, number)| number + pin.number() - first)
}

/// The pin with this number on the package, if it is one of a port.
pub fn pin(number: u8) -> Option<PinId> {
    let mut found = RUNS
        .iter()
        .filter(|(_, first, last, at)| (*at..=at + last - first).contains(&number));
    let (port, first, _, at) = found.next()?;
    PinId::new(*port, first + number - at)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn each_pin_of_a_port_has_one_number() {
        let pins: std::vec::Vec<PinId> = (0..176).filter_map(PinId::from_index).collect();
        assert_eq!(pins.len(), 82);
        for at in pins {
            let number = number(at).expect("it leaves the package");
            assert_eq!(pin(number), Some(at));
        }
        assert_eq!((1..=100).filter_map(pin).count(), 82);
        // Supply, reset and boot pins are none.
        assert_eq!((pin(10), pin(14), pin(94), pin(100)), (None, None, None, None));
    }
}
