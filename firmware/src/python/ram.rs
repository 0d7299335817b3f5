//! The Python module `spiram`: what the SPI RAM is, and whether it still works.

use crate::ram;
use upy::{Dict, Error, Obj, Result, fun, module, qstr};

module! {
    spiram_module = spiram {
        info: fun!(0, info),
        memtest: fun!(0, memtest),
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
