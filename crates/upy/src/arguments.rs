//! Arguments of a call with keywords.

use crate::{Error, Obj, Result, sys};
use core::{ffi::c_void, slice};

/// Positional arguments and keywords of one call.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    /// In order.
    pub positional: &'a [Obj],
    /// Name and value.
    keywords: &'a [[Obj; 2]],
}

impl<'a> Arguments<'a> {
    /// From the form in which the C core passes them: positional ones, then name and value in turn.
    ///
    /// # Safety
    /// `args` holds `n_args` + 2 * `n_kw` objects that stay alive.
    pub unsafe fn from_raw(n_args: usize, n_kw: usize, args: *const *mut c_void) -> Arguments<'a> {
        // SAFETY: the caller's promise; Obj is a transparent mp_obj_t.
        unsafe {
            Arguments {
                positional: slice::from_raw_parts(args.cast(), n_args),
                keywords: slice::from_raw_parts(args.add(n_args).cast(), n_kw),
            }
        }
    }

    /// From the form in which a method with keywords gets them.
    ///
    /// # Safety
    /// `args` holds `n_args` objects and `keywords` is a map; both stay alive.
    pub unsafe fn from_map(
        n_args: usize,
        args: *const *mut c_void,
        keywords: *mut sys::mp_map_t,
    ) -> Arguments<'a> {
        // SAFETY: the caller's promise. The core makes such a map as a fixed table without gaps, so its entries are
        // its `used` first ones (py/runtime.c mp_map_init_fixed_table).
        unsafe {
            let used = (*keywords).used();
            Arguments {
                positional: slice::from_raw_parts(args.cast(), n_args),
                keywords: slice::from_raw_parts((*keywords).table.cast(), used),
            }
        }
    }

    /// The same without the first `n` positional arguments.
    pub fn skip(self, n: usize) -> Arguments<'a> {
        Arguments {
            positional: self.positional.get(n..).unwrap_or(&[]),
            ..self
        }
    }

    /// The argument of this name, which may also stand at this position (`None`: keyword only).
    pub fn get(&self, name: u16, position: Option<usize>) -> Option<Obj> {
        let by_name = self
            .keywords
            .iter()
            .find(|[key, _]| *key == Obj::qstr(name))
            .map(|[_, value]| *value);
        by_name.or_else(|| self.positional.get(position?).copied())
    }

    /// TypeError if there are more positional arguments, or keywords that are not among these.
    pub fn allow(&self, positional: usize, names: &[u16]) -> Result<()> {
        let known = |key: &Obj| names.iter().any(|name| *key == Obj::qstr(*name));
        if self.positional.len() > positional {
            return Err(Error::Type(c"too many arguments"));
        }
        if self.keywords.iter().any(|[key, _]| !known(key)) {
            return Err(Error::Type(c"unknown keyword argument"));
        }
        Ok(())
    }
}
