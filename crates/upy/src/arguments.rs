//! Arguments of a call with keywords, and how a function takes them apart: [`args!`](macro@crate::args).

use crate::{
    Error, Obj, Result,
    convert::{FromObj, Mismatch, name as text, type_name},
    exception::Kind,
    sys,
};
use core::{ffi::c_void, slice};

/// Positional arguments and keywords of one call.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    /// In order.
    positional: &'a [Obj],
    /// Name and value.
    keywords: &'a [[Obj; 2]],
}

impl<'a> Arguments<'a> {
    /// From the form in which the C core passes them: positional ones, then name and value in turn. Plain.
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

    /// From the form in which a method with keywords gets them. Plain.
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

    /// Whether there are none. Plain.
    pub fn is_empty(self) -> bool {
        self.positional.is_empty() && self.keywords.is_empty()
    }

    /// How many positional ones there are. Plain.
    pub fn len(self) -> usize {
        self.positional.len()
    }

    /// The first positional argument, and the others. Plain.
    pub fn split_first(self) -> Option<(&'a Obj, Arguments<'a>)> {
        let (first, positional) = self.positional.split_first()?;
        Some((first, Arguments { positional, ..self }))
    }
}

/// Takes the arguments of one call in the order of the parameters. [`args!`](macro@crate::args) writes the calls.
pub struct Parser<'a> {
    arguments: Arguments<'a>,
    /// Parameters so far that may be given by position.
    positions: usize,
    /// A bit for each keyword that was taken, as far as there are bits.
    taken: u64,
}

impl<'a> Parser<'a> {
    /// Before the first parameter. Plain.
    pub fn new(arguments: Arguments<'a>) -> Parser<'a> {
        Parser {
            arguments,
            positions: 0,
            taken: 0,
        }
    }

    /// The next parameter, which has no name. Allocates: only in errors, which are a TypeError if it is missing, or as
    /// [`Parser::optional`].
    pub fn unnamed<T: FromObj<'a>>(&mut self, what: &'static str) -> Result<T> {
        let object = self.next_position().ok_or_else(|| missing(what))?;
        convert(what, object)
    }

    /// The next parameter, which must be given. Errors as [`Parser::unnamed`].
    /// May raise; allocates for that only, and runs Python as [`FromObj::from_obj`] does.
    pub fn required<T: FromObj<'a>>(&mut self, name: u16) -> Result<T> {
        let object = self.next(name)?.ok_or_else(|| missing(text(name)))?;
        convert(text(name), object)
    }

    /// The next parameter, if it is given. TypeError if its type is wrong or it is given twice, ValueError if its value is
    /// out of range, or what Python code raises that is asked for the value.
    /// May raise; allocates for that only, and runs Python as [`FromObj::from_obj`] does.
    pub fn optional<T: FromObj<'a>>(&mut self, name: u16) -> Result<Option<T>> {
        self.next(name)?
            .map(|object| convert(text(name), object))
            .transpose()
    }

    /// A parameter by keyword only, if it is given. Errors as [`Parser::optional`].
    /// May raise; allocates for that only, and runs Python as [`FromObj::from_obj`] does.
    pub fn keyword<T: FromObj<'a>>(&mut self, name: u16) -> Result<Option<T>> {
        self.by_name(name)
            .map(|object| convert(text(name), object))
            .transpose()
    }

    /// TypeError if an argument was left over. May raise, and allocates for that only.
    pub fn end(self) -> Result<()> {
        let given = self.arguments.positional.len();
        if given > self.positions {
            let most = self.positions;
            return Err(Error::new(
                Kind::Type,
                format_args!("takes at most {most} positional arguments, got {given}"),
            ));
        }
        let is_left = |at: &usize| *at >= 64 || self.taken >> at & 1 == 0;
        let Some(left) = (0..self.arguments.keywords.len()).find(is_left) else {
            return Ok(());
        };
        let name = self.arguments.keywords[left][0];
        Err(Error::new(
            Kind::Type,
            format_args!(
                "unexpected keyword argument '{}', or one that is given twice",
                name.as_str()?
            ),
        ))
    }

    fn next(&mut self, name: u16) -> Result<Option<&'a Obj>> {
        match (self.next_position(), self.by_name(name)) {
            (Some(_), Some(_)) => Err(Error::new(
                Kind::Type,
                format_args!("argument '{}' is given twice", text(name)),
            )),
            (by_position, by_name) => Ok(by_position.or(by_name)),
        }
    }

    fn next_position(&mut self) -> Option<&'a Obj> {
        let object = self.arguments.positional.get(self.positions);
        self.positions += 1;
        object
    }

    fn by_name(&mut self, name: u16) -> Option<&'a Obj> {
        let keywords = self.arguments.keywords;
        let at = keywords.iter().position(|[key, _]| *key == Obj::qstr(name))?;
        self.taken |= 1_u64.checked_shl(at as u32).unwrap_or(0);
        Some(&keywords[at][1])
    }
}

fn missing(what: &'static str) -> Error {
    Error::new(Kind::Type, format_args!("argument '{what}' is missing"))
}

/// The value of one argument; an error names the argument, what was expected, and what was found.
/// May raise; allocates for that only, and runs Python as [`FromObj::from_obj`] does.
pub fn convert<'a, T: FromObj<'a>>(what: &'static str, object: &'a Obj) -> Result<T> {
    T::from_obj(object).map_err(|mismatch| match mismatch {
        Mismatch::Raised(error) => error,
        Mismatch::Range(expected) => {
            Error::new(Kind::Value, format_args!("argument '{what}' must be {expected}"))
        }
        Mismatch::Kind(expected) => {
            let found = type_name(*object);
            Error::new(
                Kind::Type,
                format_args!("argument '{what}' must be {expected}, not {found}"),
            )
        }
    })
}

/// Takes arguments apart, as in a Python signature, and makes a variable of each:
/// ```ignore
/// args!(arguments => [pin: &Pin], mode: Option<i32> = None, pull: Option<i32> = None, *, value: Option<bool> = None);
/// ```
/// In brackets come parameters without a name; `*` begins those by keyword only, which have a default. A wrong call
/// returns a TypeError or ValueError with the argument's name from the function around.
#[macro_export]
macro_rules! args {
    ($arguments:expr => [$($first:ident: $kind:ty),* $(,)?] $(, $($rest:tt)*)?) => {
        let mut parser = $crate::Parser::new($arguments);
        $(let $first: $kind = parser.unnamed(stringify!($first))?;)*
        $crate::args!(@positional parser $($($rest)*)?);
        parser.end()?;
    };
    ($arguments:expr => $($rest:tt)*) => {
        let mut parser = $crate::Parser::new($arguments);
        $crate::args!(@positional parser $($rest)*);
        parser.end()?;
    };
    (@positional $parser:ident *, $($rest:tt)*) => {
        $crate::args!(@keyword $parser $($rest)*);
    };
    (@positional $parser:ident $name:ident: $kind:ty = $default:expr $(, $($rest:tt)*)?) => {
        let $name: $kind = match $parser.optional($crate::qstr::$name)? {
            Some(value) => value,
            None => $default,
        };
        $crate::args!(@positional $parser $($($rest)*)?);
    };
    (@positional $parser:ident $name:ident: $kind:ty $(, $($rest:tt)*)?) => {
        let $name: $kind = $parser.required($crate::qstr::$name)?;
        $crate::args!(@positional $parser $($($rest)*)?);
    };
    (@keyword $parser:ident $name:ident: $kind:ty = $default:expr $(, $($rest:tt)*)?) => {
        let $name: $kind = match $parser.keyword($crate::qstr::$name)? {
            Some(value) => value,
            None => $default,
        };
        $crate::args!(@keyword $parser $($($rest)*)?);
    };
    (@positional $parser:ident) => {};
    (@keyword $parser:ident) => {};
}
