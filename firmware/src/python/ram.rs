//! The Python module `spiram`: what the SPI RAM is, and whether it still works.

use crate::lab::{self, Level};
use crate::ram;
use h7a3::caches;
use upy::{Arguments, Dict, Error, Obj, Result, fun, module, protected, qstr, sys};

module! {
    spiram_module = spiram {
        info: fun!(0, info),
        memtest: fun!(0, memtest),
        selftest: fun!(keywords 0.., selftest),
    }
}

/// `info()`: what is known about the chip, as a dictionary. Without a usable chip the size is 0 and `why` says why.
fn info() -> Result<Obj> {
    let state = ram::state();
    let dict = Dict::new(8)?;
    dict.set(qstr::part, Obj::str(state.part)?)?;
    dict.set(qstr::id, Obj::bytes(&state.id)?)?;
    dict.set(qstr::size, Obj::from_u64(state.size_bytes.into())?)?;
    dict.set(qstr::mode, Obj::str(state.mode)?)?;
    dict.set(qstr::clock_hz, Obj::from_u64(state.clock_hz.into())?)?;
    dict.set(qstr::configuration, Obj::str(state.configuration)?)?;
    dict.set(qstr::why, Obj::str(&state.why)?)?;
    Ok(dict.into_obj())
}

/// `memtest()`: tests every byte and puts it back; returns how many. A fault raises RuntimeError with the address,
/// what was expected, and what was found.
fn memtest() -> Result<Obj> {
    match ram::memtest() {
        Ok(bytes) => Obj::from_u64(bytes.into()),
        Err(fault) => {
            let words = [fault.address, fault.expected, fault.found];
            let mut arguments = [Obj::NONE; 4];
            arguments[0] = Obj::str("memory test failed at address, expected, found")?;
            for (place, word) in arguments[1..].iter_mut().zip(words) {
                *place = Obj::from_u64(word.into())?;
            }
            Err(Error::runtime_with(&arguments))
        }
    }
}

/// `selftest(level="quick")`: tests how the chip is reached, and prints a report that can be sent in. True if the
/// configuration in force loses nothing. "full" takes minutes, "own" leaves out what
/// others do for comparison; "matrix" tries every configuration, also bad ones; "2021"
/// repeats the failure of 2021. The program's memory is safe meanwhile.
fn selftest(arguments: Arguments) -> Result<Obj> {
    arguments.allow(1, &[qstr::level])?;
    let level = match arguments.get(qstr::level, Some(0)) {
        None => Level::Quick,
        Some(name) => Level::of(name.as_str()?)
            .ok_or(Error::Value(c"level must be quick, full, own, matrix or 2021"))?,
    };
    if !lab::is_ready() {
        return Err(Error::Runtime(c"no SPI RAM to test; see spiram.info()"));
    }
    // Whole lines, so that no line holds anything of the program.
    let line = caches::LINE_BYTES;
    let bytes = level.ground_bytes() as usize;
    // SAFETY: takes a number only. RAISES: caught.
    let memory = protected(|| unsafe { sys::m_malloc(bytes + line) })?;
    let first = (memory as usize).next_multiple_of(line) as u32;
    // SAFETY: the block is this function's, held by `memory` on the stack. Python stands still until this returns, interrupt
    // handlers live in DTCM, and so does this stack.
    let done = unsafe { lab::run(level, first..first + bytes as u32) };
    // SAFETY: allocated above, and not used any more. RAISES: no.
    unsafe { sys::m_free(memory, bytes + line) };
    match done {
        Some(Ok(passed)) => Ok(Obj::bool(passed)),
        Some(Err(_)) => Err(Error::Runtime(
            c"the controller does not leave or enter mapped mode",
        )),
        None => Err(Error::Memory(c"no free block of that size in the SPI RAM")),
    }
}
