//! The Python module `spiram`: what the PSRAM is, and whether it still works.

mod ext_flash;
mod flash;
mod link;
#[cfg_attr(feature = "heap-stock", path = "no_tiers.rs")]
mod tiers;
mod update;

use core::fmt::Write;

use crate::lab::{self, Level};
use crate::memtest::{self, Failure};
use crate::ram::{self, TestFailure};
use h7a3::{identity, interrupts, mdma};
use upy::{Arguments, Dict, Error, Obj, Result, Value, args, fun, interpreter, module, qstr};

module! {
    spiram_module = spiram {
        info: fun!(0, info),
        ExtFlash: Value::class::<ext_flash::ExtFlash>(),
        Flash: Value::class::<flash::Flash>(),
        alloc: fun!(keywords 1.., tiers::alloc),
        heap: fun!(keywords 0.., tiers::heap),
        fail_alloc: fun!(1, tiers::fail_alloc),
        memtest: fun!(keywords 0.., test_memory),
        selftest: fun!(keywords 0.., selftest),
        speed: fun!(0, speed),
        copy: fun!(2, copy),
        diagnose: fun!(0, diagnose),
        sweep: fun!(0, link::sweep),
        calibrate: fun!(0..=1, link::calibrate),
        last_fault: fun!(0, last_fault),
        trust_native: fun!(1, trust_native),
        update: fun!(1, update::update),
    }
}

/// `diagnose()`: which joint of the memory chip is bad. Prints what was seen on its lines at start, and returns the verdict; None
/// if the chip could be used.
fn diagnose() -> Result<Obj> {
    let Some(diagnosis) = crate::diagnosis::of_start() else {
        return Ok(Obj::NONE);
    };
    diagnosis.print();
    let mut words = heapless::String::<512>::new();
    // What does not fit is cut off.
    let _ = write!(words, "{}", diagnosis.told());
    Obj::str(&words)
}

/// `last_fault()`: what ended the run before this one, if it was a fault or a panic, else None.
fn last_fault() -> Result<Obj> {
    crate::last_words::of_last_run().map_or(Ok(Obj::NONE), |words| Obj::str(&words))
}

/// `trust_native(False)`: from now on, until a reset, a `.mpy` file with machine code is a ValueError.
fn trust_native(trust: Obj) -> Result<Obj> {
    interpreter::trust_native(trust.to_bool()?);
    Ok(Obj::NONE)
}

/// `info()`: what is known about the chip, as a dictionary. Without a usable chip the size is 0 and `why` says why.
fn info() -> Result<Obj> {
    let state = ram::state();
    let dict = Dict::new(11)?;
    dict.set(qstr::part, Obj::str(state.part)?)?;
    dict.set(qstr::id, Obj::bytes(&state.id)?)?;
    dict.set(qstr::size, Obj::from_u64(state.size_bytes.into())?)?;
    dict.set(qstr::mode, Obj::str(state.mode)?)?;
    let clock_hz = lab::clock_hz().unwrap_or(state.clock_hz);
    dict.set(qstr::clock_hz, Obj::from_u64(clock_hz.into())?)?;
    let is_calibrated = lab::link::is_calibrated();
    dict.set(
        qstr::timing,
        Obj::str(if is_calibrated { "calibrated" } else { state.timing })?,
    )?;
    dict.set(qstr::configuration, Obj::str(state.configuration)?)?;
    dict.set(qstr::memtest_us, Obj::from_u64(state.memtest_us.into())?)?;
    dict.set(
        qstr::brown_out_mv,
        Obj::from_u64(identity::brown_out_mv().into())?,
    )?;
    dict.set(qstr::why, Obj::str(&state.why)?)?;
    Ok(dict.into_obj())
}

/// `memtest(level="boot", rounds=None)`: tests every byte and puts it back; returns how many, in all rounds. A fault raises
/// RuntimeError with the address, what was expected, and what was found. "full" is a longer march, "soak" one with
/// pauses, for so many rounds or until Ctrl-C.
fn test_memory(arguments: Arguments) -> Result<Obj> {
    args!(arguments => level: &str = "boot", rounds: Option<u32> = None);
    let level = memtest::Level::of(level).ok_or(Error::Value(c"level must be boot, full or soak"))?;
    let (message, numbers) = match interrupts::held(|| memtest::run(level, rounds, interpreter::interrupted))
    {
        Ok(bytes) => return Obj::from_u64(bytes),
        Err(Failure::Word(TestFailure {
            address,
            expected,
            found,
        })) => (
            "memory test failed at address, expected, found",
            [Some(address), Some(expected), Some(found)],
        ),
        Err(Failure::Faded { address, bytes }) => (
            "memory changed while nobody wrote to it; address, bytes",
            [Some(address), Some(bytes), None],
        ),
    };
    let mut arguments = [Obj::NONE; 4];
    arguments[0] = Obj::str(message)?;
    let mut count = 1;
    for (place, number) in arguments[1..].iter_mut().zip(numbers.into_iter().flatten()) {
        *place = Obj::from_u64(number.into())?;
        count += 1;
    }
    Err(Error::runtime_with(&arguments[..count]))
}

/// `selftest(level="quick", rounds=1_000_000)`: tests how the chip is reached, and prints a report that can be sent in. True if the
/// configuration in force loses nothing. "full" takes minutes, "own" leaves out what
/// others do for comparison; "matrix" tries every configuration, also bad ones; "random" makes
/// so many random accesses and nothing else; "2021" repeats the failure of 2021. The program's
/// memory is safe meanwhile.
fn selftest(arguments: Arguments) -> Result<Obj> {
    args!(arguments => level: &str = "quick", rounds: u32 = Level::ROUNDS);
    let level = Level::of(level, rounds).ok_or(Error::Value(
        c"level must be quick, full, own, matrix, random or 2021",
    ))?;
    match lab::run_on_heap(level)? {
        Ok(passed) => Ok(Obj::bool(passed)),
        Err(_) => Err(Error::Runtime(
            c"the controller does not leave or enter mapped mode",
        )),
    }
}

/// `speed()`: measures how fast the PSRAM is in the ways that programs use it, and prints that beside what the wire allows,
/// in kB/s.
fn speed() -> Result<()> {
    lab::speed_on_heap()
}

/// `copy(target, source)`: the bytes of one buffer into another of the same length, by DMA. Faster than the core from about a
/// kilobyte on; into the PSRAM twice as fast.
fn copy(target: Obj, source: Obj) -> Result<Obj> {
    let from = source.buffer()?;
    let mut to = target.buffer_like(&from)?;
    if to.len() != from.len() {
        return Err(Error::Value(c"buffers must have one length"));
    }
    if to.is_empty() {
        return Ok(Obj::NONE);
    }
    if to.overlaps(&from) {
        return Err(Error::Value(c"buffers must not overlap"));
    }
    mdma::copy(to.as_mut_slice(), from.as_slice())
        .map_err(|_| Error::Runtime(c"the DMA reported an error, or did not end"))?;
    Ok(Obj::NONE)
}
