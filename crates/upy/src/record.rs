//! Results with names: tuples whose items, and what is computed of them, have names.
//!
//! The same fields come in two styles: `result.x` (attributes), and `result.x()` (calls), in which the tuple may have
//! another order. Which style an object has is chosen when it is made. [`record!`](macro@crate::record) makes a kind.

use crate::{
    Error, FromObj, Mismatch, Obj, Printer, Result, Type, buffer, finish, function::base, protected, sys,
};
use core::{ffi::c_void, fmt, fmt::Write, marker::PhantomData, mem, ptr};

type Raw = *mut c_void;

/// The longest tuple.
pub const MOST_ITEMS: usize = 40;

/// How fields are read in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `result.x`
    Attributes,
    /// `result.x()`
    Calls,
}

/// Where a field's value comes from.
#[derive(Clone, Copy)]
pub enum Source {
    /// The item with this number, in the order of attributes.
    Item(u8),
    /// Made of the record when it is asked for.
    By(fn(&Fields) -> Result<Obj>),
}

/// A field; in the style of calls it is the function that is called.
#[repr(C)]
pub struct Field {
    base: sys::mp_obj_base_t,
    name: u16,
    source: Source,
}

// SAFETY: a constant that nobody writes.
unsafe impl Sync for Field {}

impl Field {
    /// A field of this name; `caller` is the type of functions of its kind.
    #[doc(hidden)]
    pub const fn new(caller: &'static Type, name: u16, source: Source) -> Field {
        Field {
            base: base(caller.as_raw()),
            name,
            source,
        }
    }
}

/// What is known of a kind of result.
pub struct Kind {
    /// All fields.
    pub fields: &'static [Field],
    /// Its types: with attributes, with calls.
    pub types: [&'static Type; 2],
    /// Length of the tuple, in each style.
    pub lengths: [usize; 2],
    /// The items in the order of the tuple that has calls, those that are not in it last; empty if nothing differs.
    pub calls_order: &'static [u8],
    /// One of them, in words: "a blob".
    pub one: &'static str,
}

impl Kind {
    /// How many items an object of this kind has, those that are not in its tuple included.
    fn items(&self) -> usize {
        let is_item = |field: &&Field| matches!(field.source, Source::Item(_));
        self.fields.iter().filter(is_item).count()
    }

    /// Where in the tuple item `at` stands.
    fn place(&self, style: Style, at: usize) -> usize {
        match style {
            Style::Attributes => at,
            Style::Calls => self
                .calls_order
                .iter()
                .position(|&item| usize::from(item) == at)
                .unwrap_or(at),
        }
    }

    fn make(&self, style: Style, items: &[Obj], hidden: Obj) -> Result<Obj> {
        let mut words = [Obj::NONE; MOST_ITEMS + 1];
        let count = self.items().min(MOST_ITEMS);
        for (at, item) in items.iter().enumerate().take(count) {
            words[self.place(style, at)] = *item;
        }
        words[count] = hidden;
        new(
            self.types[style as usize],
            self.lengths[style as usize],
            &words[..=count],
        )
    }

    fn fields_of(&'static self, object: Obj) -> Option<Fields> {
        let style = if object.is_a(self.types[0].as_raw()) {
            Style::Attributes
        } else if object.is_a(self.types[1].as_raw()) {
            Style::Calls
        } else {
            return None;
        };
        Some(Fields {
            object,
            style,
            kind: self,
        })
    }
}

/// A kind of result as a type; [`record!`](macro@crate::record) implements it.
///
/// # Safety
/// The kind is made by the macro.
pub unsafe trait Record: 'static {
    /// What is known of it.
    fn kind() -> &'static Kind;

    /// A new one, of items in the order of attributes, and something that only Rust sees. Allocates; may collect.
    fn make(style: Style, items: &[Obj], hidden: Obj) -> Result<Obj> {
        Self::kind().make(style, items, hidden)
    }
}

/// A tuple of this kind whose first `length` words are its items; others follow, the hidden object last.
fn new(kind: &'static Type, length: usize, words: &[Obj]) -> Result<Obj> {
    let bytes = mem::size_of::<sys::mp_obj_tuple_t>() + mem::size_of_val(words);
    // SAFETY: takes a number only. RAISES: caught.
    let memory = protected(|| unsafe { sys::m_malloc(bytes) })?;
    let tuple: *mut sys::mp_obj_tuple_t = memory.cast();
    // SAFETY: a fresh block of this size.
    unsafe {
        (*tuple).base = base(kind.as_raw());
        (*tuple).len = length;
        let items = (*tuple).items.as_mut_ptr().cast::<Obj>();
        ptr::copy_nonoverlapping(words.as_ptr(), items, words.len());
    }
    buffer::report(memory.cast(), bytes);
    Ok(Obj::from_raw(memory))
}

/// The fields of a record, for functions that compute others of them.
pub struct Fields {
    object: Obj,
    style: Style,
    kind: &'static Kind,
}

impl Fields {
    /// Item `at`, in the order of attributes; None if there is no such item. Plain.
    pub fn item(&self, at: usize) -> Obj {
        let place = self.kind.place(self.style, at);
        if place < self.kind.items() {
            self.word(place)
        } else {
            Obj::NONE
        }
    }

    /// What only Rust sees. Plain.
    pub fn hidden(&self) -> Obj {
        self.word(self.kind.items())
    }

    fn word(&self, at: usize) -> Obj {
        let tuple: *mut sys::mp_obj_tuple_t = self.object.into_raw().cast();
        // SAFETY: a record has so many words; `fields_of` saw that it is one.
        unsafe { (*tuple).items.as_ptr().cast::<Obj>().add(at).read() }
    }

    /// The value of one field. Allocates, as the function that computes it.
    fn value(&self, field: &Field) -> Result<Obj> {
        match field.source {
            Source::Item(at) => Ok(self.item(at.into())),
            Source::By(compute) => compute(self),
        }
    }
}

/// The slot `attr` of both types.
///
/// # Safety
/// The core's arguments.
#[doc(hidden)]
pub unsafe fn attribute(kind: &'static Kind, object: Raw, name: sys::qstr, place: *mut Raw) {
    // SAFETY: two words, by the caller's promise; the first is NULL for a load.
    if unsafe { !(*place).is_null() } {
        return;
    }
    let object = Obj::from_raw(object);
    let Some(field) = kind.fields.iter().find(|field| usize::from(field.name) == name) else {
        return;
    };
    let Some(fields) = kind.fields_of(object) else {
        return;
    };
    let (first, second) = match fields.style {
        Style::Attributes => (finish(fields.value(field)), None),
        Style::Calls => (ptr::from_ref(field).cast_mut().cast(), Some(object.into_raw())),
    };
    // SAFETY: as above.
    unsafe {
        *place = first;
        if let Some(second) = second {
            *place.add(1) = second;
        }
    }
}

/// The slot `call` of a field.
///
/// # Safety
/// The core's arguments; `field` is one of this kind.
#[doc(hidden)]
pub unsafe fn call(kind: &'static Kind, field: Raw, n_args: usize, n_kw: usize, args: *const Raw) -> Raw {
    // SAFETY: fields of this kind have this type alone.
    let field = unsafe { &*field.cast::<Field>() };
    let call = || {
        if n_args != 1 || n_kw != 0 {
            return Err(Error::Type(c"a field of a result takes no arguments"));
        }
        // SAFETY: there is one argument.
        let object = Obj::from_raw(unsafe { *args });
        let wrong = Error::Type(c"this field is of another kind of result");
        kind.fields_of(object).ok_or(wrong)?.value(field)
    };
    finish(call())
}

/// [`Fields`] of an argument that is a record of this kind.
pub struct Of<K>(pub Fields, PhantomData<K>);

impl<'a, K: Record> FromObj<'a> for Of<K> {
    fn from_obj(object: &'a Obj) -> core::result::Result<Of<K>, Mismatch> {
        let fields = K::kind().fields_of(*object);
        Ok(Of(fields.ok_or(Mismatch::Kind(K::kind().one))?, PhantomData))
    }
}

/// The slot `print`: `{"x":1, "y":2}` with calls, as scripts for them print it, and `(x=1, y=2)` with attributes.
///
/// # Safety
/// The core's arguments.
#[doc(hidden)]
pub unsafe fn print(kind: &'static Kind, print: *const sys::mp_print_t, object: Raw) {
    let Some(fields) = kind.fields_of(Obj::from_raw(object)) else {
        return;
    };
    let mut printer = Printer::new(print);
    // What a stream raises is in the printer.
    let _ = write_fields(&fields, &mut printer);
    if let Err(error) = printer.end() {
        finish(Err(error));
    }
}

fn write_fields(fields: &Fields, printer: &mut Printer) -> fmt::Result {
    let (kind, style) = (fields.kind, fields.style);
    let calls = style == Style::Calls;
    printer.write_str(if calls { "{" } else { "(" })?;
    for at in 0..kind.lengths[style as usize] {
        let here = |field: &&Field| matches!(field.source, Source::Item(item) if kind.place(style, item.into()) == at);
        let Some(field) = kind.fields.iter().find(here) else {
            continue;
        };
        let name = crate::convert::name(field.name);
        let comma = if at > 0 { ", " } else { "" };
        if calls {
            write!(printer, "{comma}\"{name}\":")?;
        } else {
            write!(printer, "{comma}{name}=")?;
        }
        printer.object(fields.word(at))?;
    }
    printer.write_str(if calls { "}" } else { ")" })
}

/// A type object for records, of the slots that the macro makes.
#[doc(hidden)]
pub const fn type_of(
    name: u16,
    print: unsafe extern "C" fn(*const sys::mp_print_t, Raw, sys::mp_print_kind_t),
    attr: unsafe extern "C" fn(Raw, sys::qstr, *mut Raw),
) -> Type {
    Type::new(name)
        .print(print)
        .attr(attr)
        .unary(sys::mp_obj_tuple_unary_op)
        .binary(sys::mp_obj_tuple_binary_op)
        .subscr(sys::mp_obj_tuple_subscr)
        .iter(sys::mp_obj_tuple_getiter)
        .equal_to_others()
}

/// Makes a kind of result, and a Rust type that stands for it:
/// ```ignore
/// record! {
///     Circle as "a circle" { length: 4, calls_length: 4, calls_order: &[] }
///     x: at(0), y: at(1), r: at(2), magnitude: at(3), rect: by(rect),
/// }
/// ```
/// `at(n)` is the item with this number, `by(f)` is computed by a `fn(&Fields) -> Result<Obj>` whenever it is asked for.
#[macro_export]
macro_rules! record {
    (
        $kind:ident as $one:literal { length: $length:expr, calls_length: $calls:expr, calls_order: $order:expr $(,)? }
        $($name:ident: $how:ident($what:expr)),* $(,)?
    ) => {
        /// Results of this kind.
        pub struct $kind;

        const _: () = {
            unsafe extern "C" fn print(
                print: *const $crate::sys::mp_print_t, object: *mut ::core::ffi::c_void, _: $crate::sys::mp_print_kind_t,
            ) {
                // SAFETY: called by the core.
                unsafe { $crate::record::print(&KIND, print, object) }
            }
            unsafe extern "C" fn attr(
                object: *mut ::core::ffi::c_void, name: $crate::sys::qstr, place: *mut *mut ::core::ffi::c_void,
            ) {
                // SAFETY: called by the core.
                unsafe { $crate::record::attribute(&KIND, object, name, place) }
            }
            unsafe extern "C" fn call(
                field: *mut ::core::ffi::c_void, n: usize, n_kw: usize, args: *const *mut ::core::ffi::c_void,
            ) -> *mut ::core::ffi::c_void {
                // SAFETY: called by the core, for an object of CALLER, which are the fields below.
                unsafe { $crate::record::call(&KIND, field, n, n_kw, args) }
            }
            static ATTRIBUTES: $crate::Type = $crate::record::type_of($crate::qstr::$kind, print, attr);
            static CALLS: $crate::Type = $crate::record::type_of($crate::qstr::$kind, print, attr);
            static CALLER: $crate::Type = $crate::Type::new($crate::qstr::$kind).call(call);
            static FIELDS: &[$crate::record::Field] = &[$(
                $crate::record::Field::new(&CALLER, $crate::qstr::$name, $crate::record!(@$how $what)),
            )*];
            static KIND: $crate::record::Kind = $crate::record::Kind {
                fields: FIELDS,
                types: [&ATTRIBUTES, &CALLS],
                lengths: [$length, $calls],
                calls_order: $order,
                one: $one,
            };
            // SAFETY: made here.
            unsafe impl $crate::record::Record for $kind {
                fn kind() -> &'static $crate::record::Kind { &KIND }
            }
        };
    };
    (@at $number:expr) => { $crate::record::Source::Item($number) };
    (@by $function:expr) => { $crate::record::Source::By($function) };
}
