//! `machine.WDT`: resets the board unless the program feeds it.

use h7a3::watchdog::{self, LONGEST_MS};
use upy::{Arguments, Error, Kind, Obj, Result, args, class, fun, new_object};

/// `machine.WDT`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct WDT;

class! {
    WDT as "a WDT" {
        make_new: new,
    }
    feed: fun!(1, feed),
}

/// `WDT(id=0, timeout=5000)`: it runs from here on, and nothing but a reset of the chip ends it. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => id: i32 = 0, timeout: u32 = 5_000);
    if id != 0 {
        return Err(Error::Value(c"there is one watchdog, WDT(0)"));
    }
    if !(1..=LONGEST_MS).contains(&timeout) {
        return Err(Error::new(
            Kind::Value,
            format_args!("timeout is 1 to {LONGEST_MS} ms, not {timeout}"),
        ));
    }
    let object = new_object(WDT)?;
    watchdog::start(timeout);
    Ok(object)
}

fn feed(_: &WDT) -> Result<()> {
    watchdog::feed();
    Ok(())
}
