//! How a serial port makes its rate of the bus's clock.

/// What divides the bus's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Divider {
    /// PRESC.
    pub prescaler: u8,
    /// Eight samples a bit instead of sixteen.
    pub by_eight: bool,
    /// USARTDIV.
    pub divider: u32,
}

/// The factors of PRESC (RM0455 USART_PRESC).
const PRESCALERS: [u32; 12] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256];

impl Divider {
    /// The nearest to a rate; `None`: it is out of reach.
    pub fn of(bus_hz: u32, baud: u32) -> Option<Divider> {
        if baud == 0 {
            return None;
        }
        let by_eight = baud > bus_hz / 16;
        let clock = u64::from(bus_hz) * if by_eight { 2 } else { 1 };
        for (prescaler, factor) in PRESCALERS.into_iter().enumerate() {
            let fine = u64::from(factor) * u64::from(baud);
            let divider = (clock + fine / 2) / fine;
            if divider < 16 {
                return None;
            }
            if divider < 0x1_0000 {
                return Some(Divider {
                    prescaler: prescaler as u8,
                    by_eight,
                    divider: divider as u32,
                });
            }
        }
        None
    }

    /// The rate that it makes.
    pub fn baud(self, bus_hz: u32) -> u32 {
        let factor = u64::from(PRESCALERS[usize::from(self.prescaler)]) * u64::from(self.divider);
        let clock = u64::from(bus_hz) * if self.by_eight { 2 } else { 1 };
        ((clock + factor / 2) / factor) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Divider;

    #[test]
    fn every_rate_is_within_two_percent_or_refused() {
        for bus_hz in [32_000_000, 112_500_000, 140_000_000] {
            for baud in [
                50, 300, 1200, 9600, 31_250, 115_200, 460_800, 921_600, 2_000_000, 3_000_000,
            ] {
                let divider = Divider::of(bus_hz, baud).expect("a rate that every board has");
                let made = divider.baud(bus_hz);
                assert!(made.abs_diff(baud) * 50 <= baud, "{baud} at {bus_hz}: {made}");
            }
            assert_eq!(Divider::of(bus_hz, 0), None);
            assert_eq!(Divider::of(bus_hz, bus_hz / 4), None);
            assert!(Divider::of(bus_hz, 1).is_none_or(|slow| slow.baud(bus_hz) == 1));
        }
    }
}
