//! Randomness from the chip's generator: the seed of `random`, and `os.urandom`.

use h7a3::rng;
use upy::{Error, Function, Obj, Result, finish};

/// The seed of the module `random` at each start.
#[unsafe(no_mangle)]
extern "C" fn upy_random_seed() -> u32 {
    // Without the generator Python's numbers are the same at each start, but Python starts.
    rng::random().unwrap_or(0)
}

/// `os.urandom(n)`, under the name by which the C core's table of `os` knows it.
// SAFETY: the only definition of this symbol.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the C core's name")]
static mp_os_urandom_obj: Function = Function::new1(urandom_shim);

unsafe extern "C" fn urandom_shim(n: *mut core::ffi::c_void) -> *mut core::ffi::c_void {
    finish(urandom(Obj::from_raw(n)))
}

fn urandom(n: Obj) -> Result<Obj> {
    let n = usize::try_from(n.to_i32()?).map_err(|_| Error::Value(c"a number of bytes is not negative"))?;
    Obj::bytes_with(n, |bytes| {
        for chunk in bytes.chunks_mut(4) {
            let word = rng::random().ok_or(Error::Runtime(c"the random number generator is not running"))?;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    })
}
