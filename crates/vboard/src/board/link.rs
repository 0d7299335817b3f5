//! The copper between the processor's memory port and the memory, as its controller meets it.

use super::nets::Nets;
use chipmodel::Picos;
use chipmodel::bus::qspi::Copper;
use chipmodel::onchip::octospi::Pins;

/// The memory's data pins, by line.
pub const IO: [&str; 4] = ["SIO0", "SIO1", "SIO2", "SIO3"];
/// Without which it hears nothing.
pub const CLOCK: [&str; 2] = ["CLK", "CE#"];

/// What lies between the port and the memory. What the port's pins are set to is not asked.
pub fn memory(nets: &Nets) -> Pins {
    let lead = |pin: &str| nets.lead("memory", pin);
    let mask = |holds: &dyn Fn(&str) -> bool| (0..4).fold(0u8, |mask, n| mask | u8::from(holds(IO[n])) << n);
    let rail = |pin: &str| lead(pin).and_then(|lead| lead.rail);
    let joined = |pin: &str| lead(pin).is_some_and(|lead| lead.is_joined);
    let ties = |pin: &str, with: &[&str]| {
        let group = nets.pin_of("memory", pin).map(|at| nets.joined(at));
        let group = group.unwrap_or_default();
        let mut others = with.iter().filter(|other| **other != pin);
        others.any(|other| nets.pin_of("memory", other).is_some_and(|at| group.contains(&at)))
    };
    let clean = |pin: &&str| joined(pin) && rail(pin).is_none() && !ties(pin, &IO) && !ties(pin, &CLOCK);
    let delay = |pin: &str| lead(pin).map_or(Picos(0), |lead| lead.delay);
    let loose = |pin: &str| lead(pin).and_then(|lead| lead.loose);
    let [clock, select] = CLOCK;
    Pins {
        clk_and_ncs: nets.is_powered() && CLOCK.iter().all(clean),
        copper: Copper {
            joined: mask(&joined),
            low: mask(&|pin| rail(pin) == Some(false)),
            high: mask(&|pin| rail(pin) == Some(true)),
            tied: mask(&|pin| ties(pin, &IO)),
        },
        trace: Some(nets.trace()),
        io_delay: IO.map(delay),
        clock_delay: delay(clock),
        select_delay: delay(select),
        loose: [IO[0], IO[1], IO[2], IO[3], clock, select].map(loose),
    }
}
