//! Which pins can carry a serial console, and the alternate function that connects them (DS13195, tables 9 to 19).

use chipmodel::Clocks;

use crate::board::Pin;

/// A USART that can be a console.
pub struct Console {
    /// Its name in the reference manual.
    pub name: &'static str,
    /// Its kernel clock.
    pub clock: fn(&Clocks) -> u32,
    /// Pins for its output, each with the alternate function.
    pub tx: &'static [(Pin, u8)],
    /// Pins for its input.
    pub rx: &'static [(Pin, u8)],
}

const fn pin(port: char, number: u8) -> Pin {
    Pin::new(port, number)
}

/// All of them, in the order of `Slot::Usart`.
pub static CONSOLES: [Console; 4] = [
    Console {
        name: "USART1",
        clock: |clocks| clocks.usart16_hz,
        tx: &[(pin('A', 9), 7), (pin('B', 6), 7), (pin('B', 14), 4)],
        rx: &[(pin('A', 10), 7), (pin('B', 7), 7), (pin('B', 15), 4)],
    },
    Console {
        name: "USART2",
        clock: |clocks| clocks.usart234578_hz,
        tx: &[(pin('A', 2), 7), (pin('D', 5), 7)],
        rx: &[(pin('A', 3), 7), (pin('D', 6), 7)],
    },
    Console {
        name: "USART3",
        clock: |clocks| clocks.usart234578_hz,
        tx: &[(pin('B', 10), 7), (pin('C', 10), 7), (pin('D', 8), 7)],
        rx: &[(pin('B', 11), 7), (pin('C', 11), 7), (pin('D', 9), 7)],
    },
    Console {
        name: "UART7",
        clock: |clocks| clocks.usart234578_hz,
        tx: &[(pin('E', 8), 7), (pin('F', 7), 7)],
        rx: &[(pin('E', 7), 7), (pin('F', 6), 7)],
    },
];

/// The console of this name, by its index.
pub fn index(name: &str) -> Option<usize> {
    CONSOLES.iter().position(|console| console.name == name)
}

/// Whether a board may have its console there; if not, why.
pub fn check(name: &str, tx: Pin, rx: Pin) -> Result<(), String> {
    let Some(console) = index(name).map(|index| &CONSOLES[index]) else {
        let names: Vec<&str> = CONSOLES.iter().map(|console| console.name).collect();
        return Err(format!(
            "console.peripheral is `{name}`; the virtual board has: {}",
            names.join(", ")
        ));
    };
    for (what, pins, pin) in [("tx", console.tx, tx), ("rx", console.rx, rx)] {
        if function(pins, pin).is_none() {
            let pins: Vec<String> = pins.iter().map(|(pin, _)| pin.to_string()).collect();
            return Err(format!(
                "console.{what} is {pin}, which {name} does not reach; it reaches {}",
                pins.join(", ")
            ));
        }
    }
    Ok(())
}

/// The alternate function that connects `pin`, if it is one of `pins`.
pub fn function(pins: &[(Pin, u8)], pin: Pin) -> Option<u8> {
    pins.iter()
        .find(|(known, _)| *known == pin)
        .map(|(_, function)| *function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_that_has_no_model_is_refused() {
        let error = check("USART11", pin('A', 2), pin('A', 3)).unwrap_err();
        assert!(error.contains("USART11") && error.contains("UART7"), "{error}");
    }

    #[test]
    fn a_console_on_pins_that_it_cannot_reach_is_refused() {
        let error = check("USART2", pin('A', 2), pin('A', 4)).unwrap_err();
        assert!(
            error.contains("rx is PA4") && error.contains("PA3, PD6"),
            "{error}"
        );
    }
}
