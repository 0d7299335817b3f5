//! `machine.LED`: the board's lamp, on and off, as OpenMV's scripts have it.

use crate::board;
use h7a3::gpio::Led;
use upy::{Arguments, Error, Kind, Obj, Result, args, class, fun, new_object};

/// `machine.LED`
#[derive(Clone, Copy)]
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct LED(&'static Led);

class! {
    LED as "an LED" { make_new: new }
    on: fun!(1, |led: &LED| light(led, true)),
    off: fun!(1, |led: &LED| light(led, false)),
    toggle: fun!(1, toggle),
}

/// `LED(name)`: a lamp by the board's name for it. A board with a single lamp lights it for each of OpenMV's three colours.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [name: Obj]);
    let name = name.as_str()?;
    let colour = matches!(name, "LED_RED" | "LED_GREEN" | "LED_BLUE");
    let led = board::LEDS.iter().find(|led| led.name == name);
    let led = led.or_else(|| board::LEDS.first().filter(|_| colour));
    let led = led.ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!(
                "this board has no lamp '{name}': use 'LED', or 'LED_RED', 'LED_GREEN' or 'LED_BLUE'"
            ),
        )
    })?;
    led.init();
    new_object(LED(led))
}

fn light(led: &LED, on: bool) -> Result<()> {
    led.0.light(on);
    Ok(())
}

fn toggle(led: &LED) -> Result<()> {
    led.0.toggle();
    Ok(())
}
