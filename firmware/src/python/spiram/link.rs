//! `spiram.sweep()` and `spiram.calibrate()`: the clock of the PSRAM by measurement.
//!
//! What the owner calibrated stands in the file `/flash/spiram.link`, as text: clock in hertz, 1 if sampled late, margin in
//! picoseconds, identity of the chip. `_boot.py` hands it over at each start; what no longer holds is dropped.

use core::fmt::Write;

use h7a3::console;
use psram::id::Id;
use psram::train::{Best, Plot, Setting, Sweep};
use upy::{Arguments, Error, File, Kind, Obj, Result, args, qstr};

use crate::lab::{self, Bench, link};
use crate::output::Output;
use crate::ram;

const FILE: &str = "/flash/spiram.link";
const NO_CHIP: Error = Error::Runtime(c"no PSRAM on four lines; see spiram.info()");
const CONTROLLER: Error = Error::Runtime(c"the controller does not leave or enter mapped mode");

/// Something with the link, while Python stands still.
fn on_link<T>(action: impl FnOnce(&mut Bench) -> T) -> Result<T> {
    lab::with_link(action).ok_or(NO_CHIP)
}

/// Fills a sweep, which is too large to be handed from function to function; the setting in force.
fn measure(sweep: &mut Sweep) -> Result<Setting> {
    on_link(|bench| {
        let now = link::setting(bench.plan());
        link::sweep(bench, sweep).map(|()| now)
    })?
    .map_err(|_| CONTROLLER)
}

/// `sweep()`: reads a block of the PSRAM at each clock and sample point that the part allows, prints what came of it, and returns
/// it as a list of (clock in Hz, 1 if sampled late, wrong bits, of how many). Nothing is changed.
pub fn sweep() -> Result<Obj> {
    let mut sweep = Sweep::default();
    let now = measure(&mut sweep)?;
    // Fails for Ctrl-C alone.
    let _ = write!(Output, "{}", Plot { sweep: &sweep, now });
    let list = Obj::list(&[])?;
    for point in sweep.points() {
        let numbers = [
            point.setting.clock_hz,
            point.setting.late.into(),
            point.errors,
            point.bits,
        ];
        let mut items = [Obj::NONE; 4];
        for (place, number) in items.iter_mut().zip(numbers) {
            *place = Obj::from_u64(number.into())?;
        }
        list.append(Obj::tuple(&items)?)?;
    }
    Ok(list)
}

/// `calibrate()`: sweeps, goes over to the fastest setting that has room to spare, and keeps it for the next starts; returns
/// its clock in Hz. To forget it: `os.remove("/flash/spiram.link")`.
///
/// `calibrate(text)`, for `_boot.py`: goes over to a setting that was kept, if it still holds; False: it does not, and that was
/// said.
pub fn calibrate(arguments: Arguments) -> Result<Obj> {
    args!(arguments => kept: Option<&str> = None);
    if let Some(kept) = kept {
        return Ok(Obj::bool(resume(kept)?));
    }
    let mut sweep = Sweep::default();
    measure(&mut sweep)?;
    let Best { setting, margin_ps } = sweep.best().ok_or(Error::Runtime(
        c"no setting has room to spare; see spiram.sweep()",
    ))?;
    if let Some(wrong) = adopt(setting)? {
        return Err(Error::new(
            Kind::Runtime,
            format_args!(
                "{} Hz passed once, and then had {wrong} wrong bits",
                setting.clock_hz
            ),
        ));
    }
    let mut text = heapless::String::<80>::new();
    let Setting { clock_hz, late } = setting;
    let _ = write!(
        text,
        "{clock_hz} {} {margin_ps} {}",
        u8::from(late),
        Id(ram::state().id)
    );
    let file = File::open(Obj::str(FILE)?, qstr::w)?;
    file.write(text.as_bytes())?;
    file.close()?;
    let (mhz, ns, tenths) = (clock_hz / 1_000_000, margin_ps / 1000, margin_ps % 1000 / 100);
    let _ = write!(
        console::Writer,
        "spiram calibrated: {mhz} MHz, {ns}.{tenths} ns to spare\r\n"
    );
    Obj::from_u64(clock_hz.into())
}

/// The bits that are wrong in this setting; `None`: it is in force.
fn adopt(setting: Setting) -> Result<Option<u32>> {
    let point = on_link(|bench| link::adopt(bench, setting))?;
    let point = point.ok_or(Error::Value(c"the part does not allow that clock"))?;
    let errors = point.map_err(|_| CONTROLLER)?.errors;
    Ok((errors > 0).then_some(errors))
}

/// Goes over to what was kept. Without a chip on four lines, what was kept stays for one.
fn resume(kept: &str) -> Result<bool> {
    let Ok(now) = on_link(|bench| link::setting(bench.plan())) else {
        return Ok(true);
    };
    let Some((setting, id)) = parse(kept) else {
        return dropped(format_args!("the file is damaged"));
    };
    if setting == now {
        return Ok(true);
    }
    let mut fitted = heapless::String::<24>::new();
    let _ = write!(fitted, "{}", Id(ram::state().id));
    if fitted != id {
        return dropped(format_args!("another chip is fitted"));
    }
    match adopt(setting) {
        Ok(None) => {
            let mhz = setting.clock_hz / 1_000_000;
            let _ = write!(console::Writer, "spiram: {mhz} MHz, as calibrated\r\n");
            Ok(true)
        }
        Ok(Some(wrong)) => dropped(format_args!("{wrong} wrong bits at {} Hz", setting.clock_hz)),
        Err(_) => dropped(format_args!("{} Hz is not for this part", setting.clock_hz)),
    }
}

fn dropped(why: core::fmt::Arguments) -> Result<bool> {
    let _ = write!(console::Writer, "spiram: the calibration is dropped: {why}\r\n");
    Ok(false)
}

fn parse(kept: &str) -> Option<(Setting, &str)> {
    let mut words = kept.splitn(4, ' ');
    let clock_hz = words.next()?.parse().ok()?;
    let late = words.next()? == "1";
    words.next()?;
    Some((Setting { clock_hz, late }, words.next()?))
}
