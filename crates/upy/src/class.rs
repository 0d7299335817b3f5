//! Python classes whose behaviour is Rust: [`class!`](macro@crate::class) and what it is made of.
//!
//! An object is a Rust value on Python's heap behind the core's header. Methods get it as `&T`, so what changes is in
//! cells. The collector reads the value like any other block: an [`Obj`] in it keeps its object alive.
//!
//! A value that owns something outside the heap (hardware, a lease) implements `Drop`: the object then has a finaliser,
//! `__del__`, that runs it once, when Python or the collector asks for it or at a soft reset. After that every use of
//! the object is a ValueError.

use crate::{
    Error, Obj, Result, RomDict, Value, buffer,
    convert::{FromObj, Mismatch},
    function::base,
    protected, sys,
};
use core::{
    cell::{Cell, UnsafeCell},
    ffi::c_void,
    fmt,
    mem::{self, MaybeUninit},
    ptr,
};

/// A Rust type whose values are Python objects; [`class!`](macro@crate::class) implements it.
///
/// # Safety
/// Objects of `TYPE` are made by [`new_object`] and [`StaticObject`] with values of `Self`, and by nothing else.
pub unsafe trait Class: Sized + 'static {
    /// The type object.
    const TYPE: &'static Type;
    /// One of them, in words: "a Pin".
    const ONE: &'static str;
}

impl Value {
    /// A class.
    pub const fn class<T: Class>() -> Value {
        Value::at(T::TYPE)
    }
}

/// An object of the class `T` in memory.
#[repr(C)]
struct Instance<T> {
    base: sys::mp_obj_base_t,
    /// Whether the finaliser has not run yet.
    alive: Cell<bool>,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// A new object on Python's heap. Allocates; may collect.
pub fn new_object<T: Class>(value: T) -> Result<Obj> {
    let bytes = mem::size_of::<Instance<T>>();
    // SAFETY: plain allocation. RAISES: caught; `value` is still this function's then, and is dropped.
    let place = protected(|| unsafe {
        if mem::needs_drop::<T>() {
            sys::m_malloc_with_finaliser(bytes)
        } else {
            sys::m_malloc(bytes)
        }
    })?;
    let instance = Instance {
        base: base(T::TYPE.as_raw()),
        alive: Cell::new(true),
        value: UnsafeCell::new(MaybeUninit::new(value)),
    };
    // SAFETY: the heap gave so many bytes, aligned to a block of 16; no reader before this write.
    unsafe { place.cast::<Instance<T>>().write(instance) };
    // The value may hold objects.
    buffer::report(place.cast(), bytes);
    Ok(Obj::from_raw(place))
}

/// An object in flash: its value never changes, and it is never finalised.
#[repr(transparent)]
pub struct StaticObject<T>(Instance<T>);

// SAFETY: a constant; the core only reads it, and without a finaliser nothing clears `alive`.
unsafe impl<T: Sync> Sync for StaticObject<T> {}

impl<T: Class + Copy> StaticObject<T> {
    /// Of this value, which has no finaliser, as it is `Copy`.
    pub const fn new(value: T) -> StaticObject<T> {
        StaticObject(Instance {
            base: base(T::TYPE.as_raw()),
            alive: Cell::new(true),
            value: UnsafeCell::new(MaybeUninit::new(value)),
        })
    }
}

/// A reference to an object inside a class's value that can be changed. A plain `Cell<Obj>` would not do: the write barrier of
/// a heap that collects in slices has to hear of the change.
pub struct ObjCell(Cell<Obj>);

impl ObjCell {
    /// Allocates: no.
    pub const fn new(object: Obj) -> ObjCell {
        ObjCell(Cell::new(object))
    }

    /// The object. Plain.
    pub fn get(&self) -> Obj {
        self.0.get()
    }

    /// Changes it. Plain.
    pub fn set(&self, object: Obj) {
        self.0.set(object);
        buffer::report(ptr::from_ref(self).cast(), mem::size_of::<Obj>());
    }
}

/// The instance behind an object of this class or of a Python class derived from it.
fn instance<T: Class>(object: &Obj) -> core::result::Result<&Instance<T>, Mismatch> {
    let class = T::TYPE.as_raw();
    // SAFETY: any object may be asked. RAISES: no.
    let native = Obj::from_raw(unsafe { sys::mp_obj_cast_to_native_base(object.into_raw(), class.cast()) });
    // In a derived class whose __init__ has not called ours there is something else in its place.
    if native.into_raw().is_null() || !native.is_a(class) {
        return Err(Mismatch::Kind(T::ONE));
    }
    // SAFETY: objects of this type are instances of `T` (the trait's promise), which `object` keeps alive.
    Ok(unsafe { &*native.into_raw().cast::<Instance<T>>() })
}

impl<'a, T: Class> FromObj<'a> for &'a T {
    fn from_obj(object: &'a Obj) -> core::result::Result<&'a T, Mismatch> {
        let instance = instance::<T>(object)?;
        if !instance.alive.get() {
            return Err(Mismatch::Raised(Error::Value(
                c"this object was closed by __del__",
            )));
        }
        // SAFETY: alive means initialised; only shared references are given out until `finalise`.
        Ok(unsafe { (*instance.value.get()).assume_init_ref() })
    }
}

/// `__del__` of a class: drops the value, once.
///
/// A method that runs `__del__` of its own object, by way of Python code that it calls, would lose the value under its
/// hands; so methods copy what they need before they call Python. May raise; what the value's `Drop` does, it does.
pub fn finalise<T: Class>(object: Obj) -> Result<()> {
    let Ok(instance) = instance::<T>(&object) else {
        return Err(Error::Type(c"__del__ of another class"));
    };
    if instance.alive.replace(false) {
        // SAFETY: it was alive, and nothing reaches the value from here on.
        unsafe { (*instance.value.get()).assume_init_drop() };
    }
    Ok(())
}

/// A type object in flash.
#[repr(transparent)]
pub struct Type(sys::mp_obj_full_type_t);

// SAFETY: a constant that the core only reads, but for the flag that says that a Python class is derived from it, which it
// does not set in native types.
unsafe impl Sync for Type {}

type Raw = *mut c_void;

impl Type {
    /// A type of this name without any behaviour.
    pub const fn new(name: u16) -> Type {
        Type(sys::mp_obj_full_type_t {
            base: base(&raw const sys::mp_type_type),
            flags: sys::MP_TYPE_FLAG_NONE as u16,
            name,
            slot_index_make_new: 0,
            slot_index_print: 0,
            slot_index_call: 0,
            slot_index_unary_op: 0,
            slot_index_binary_op: 0,
            slot_index_attr: 0,
            slot_index_subscr: 0,
            slot_index_iter: 0,
            slot_index_buffer: 0,
            slot_index_protocol: 0,
            slot_index_parent: 0,
            slot_index_locals_dict: 0,
            slots: [ptr::null(); 11],
        })
    }

    /// What `Type(...)` does.
    pub const fn make_new(
        mut self,
        f: unsafe extern "C" fn(*const sys::mp_obj_type_t, usize, usize, *const Raw) -> Raw,
    ) -> Type {
        self.0.slot_index_make_new = self.put(f as *const c_void);
        self
    }

    /// What `print(object)` does.
    pub const fn print(
        mut self,
        f: unsafe extern "C" fn(*const sys::mp_print_t, Raw, sys::mp_print_kind_t),
    ) -> Type {
        self.0.slot_index_print = self.put(f as *const c_void);
        self
    }

    /// What `object(...)` does.
    pub const fn call(mut self, f: unsafe extern "C" fn(Raw, usize, usize, *const Raw) -> Raw) -> Type {
        self.0.slot_index_call = self.put(f as *const c_void);
        self
    }

    /// What `-object`, `len(object)`, `bool(object)` and the like do.
    pub const fn unary(mut self, f: unsafe extern "C" fn(sys::mp_unary_op_t, Raw) -> Raw) -> Type {
        self.0.slot_index_unary_op = self.put(f as *const c_void);
        self
    }

    /// What `object + other`, `object == other` and the like do.
    pub const fn binary(mut self, f: unsafe extern "C" fn(sys::mp_binary_op_t, Raw, Raw) -> Raw) -> Type {
        self.0.slot_index_binary_op = self.put(f as *const c_void);
        self
    }

    /// Attributes that are computed.
    pub const fn attr(mut self, f: unsafe extern "C" fn(Raw, sys::qstr, *mut Raw)) -> Type {
        self.0.slot_index_attr = self.put(f as *const c_void);
        self
    }

    /// What `object[...]` does.
    pub const fn subscr(mut self, f: unsafe extern "C" fn(Raw, Raw, Raw) -> Raw) -> Type {
        self.0.slot_index_subscr = self.put(f as *const c_void);
        self
    }

    /// What `iter(object)` does.
    pub const fn iter(mut self, f: unsafe extern "C" fn(Raw, *mut sys::mp_obj_iter_buf_t) -> Raw) -> Type {
        self.0.slot_index_iter = self.put(f as *const c_void);
        self
    }

    /// What `iter(object)` does, of the object itself.
    pub const fn iter_of(self, f: unsafe extern "C" fn(Raw, *mut sys::mp_obj_iter_buf_t) -> Raw) -> Type {
        self.iter(f)
    }

    /// The object is its own iterator, and this is `next(object)`.
    pub const fn next(mut self, f: unsafe extern "C" fn(Raw) -> Raw) -> Type {
        self.0.slot_index_iter = self.put(f as *const c_void);
        self.0.flags |= sys::MP_TYPE_FLAG_ITER_IS_ITERNEXT as u16;
        self
    }

    /// The bytes of the object, for a caller that takes a buffer.
    pub const fn buffer(
        mut self,
        f: unsafe extern "C" fn(Raw, *mut sys::mp_buffer_info_t, sys::mp_uint_t) -> sys::mp_int_t,
    ) -> Type {
        self.0.slot_index_buffer = self.put(f as *const c_void);
        self
    }

    /// The bytes of another object, for a caller that takes a buffer.
    pub const fn buffer_of(
        self,
        f: unsafe extern "C" fn(Raw, *mut sys::mp_buffer_info_t, sys::mp_uint_t) -> sys::mp_int_t,
    ) -> Type {
        self.buffer(f)
    }

    /// A table of C functions that other parts of the core know, such as the pin protocol.
    pub const fn protocol<T>(mut self, table: &'static T) -> Type {
        self.0.slot_index_protocol = self.put(ptr::from_ref(table).cast());
        self
    }

    /// The class that this one is derived from.
    pub const fn parent(mut self, parent: &'static Type) -> Type {
        self.0.slot_index_parent = self.put(parent.as_raw().cast());
        self
    }

    /// `==` is asked of the slot for operators also if the other one has another type.
    pub(crate) const fn equal_to_others(mut self) -> Type {
        self.0.flags |= sys::MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE as u16;
        self
    }

    /// Methods that the core has written for this kind of class: they take the place of a table of our own.
    pub const fn core_methods(mut self, dict: *const sys::mp_obj_dict_t) -> Type {
        self.0.slot_index_locals_dict = self.put(dict.cast());
        self
    }

    /// Methods and constants.
    pub const fn locals(mut self, dict: &'static RomDict) -> Type {
        if self.0.slot_index_locals_dict != 0 {
            return self;
        }
        self.0.slot_index_locals_dict = self.put(ptr::from_ref(dict).cast());
        self
    }

    /// As the C side sees it.
    pub const fn as_raw(&'static self) -> *const sys::mp_obj_type_t {
        ptr::from_ref(self).cast()
    }

    /// Fills the next slot; slots are numbered from 1.
    const fn put(&mut self, value: *const c_void) -> u8 {
        let mut next = 0;
        while !self.0.slots[next].is_null() {
            next += 1;
        }
        self.0.slots[next] = value;
        next as u8 + 1
    }
}

/// Python's output as a Rust writer. It keeps what a stream written in Python raised, for the end of the printing.
pub struct Printer {
    print: *const sys::mp_print_t,
    raised: Option<Error>,
}

impl Printer {
    /// What `print()` writes to. Plain.
    pub fn console() -> Printer {
        Printer::new(&raw const sys::mp_plat_print)
    }

    /// Over the core's own, which stays valid while this is used.
    pub(crate) fn new(print: *const sys::mp_print_t) -> Printer {
        Printer { print, raised: None }
    }

    /// An object as `repr()` shows it. Runs Python, if the object has a method for it.
    pub fn object(&mut self, object: Obj) -> fmt::Result {
        let (print, object) = (self.print, object.into_raw());
        protected(|| {
            // SAFETY: as in `write_str`; any object may be printed. RAISES: caught.
            unsafe { sys::mp_obj_print_helper(print, object, sys::PRINT_REPR) };
        })
        .map_err(|error| {
            self.raised = Some(error);
            fmt::Error
        })
    }

    /// What the stream raised meanwhile.
    pub(crate) fn end(self) -> Result<()> {
        self.raised.map_or(Ok(()), Err)
    }
}

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (print, data, len) = (self.print, text.as_ptr(), text.len());
        protected(|| {
            // SAFETY: the core gave `print` for this call; the text outlives it. RAISES: caught (a Python stream may).
            unsafe { sys::mp_print_strn(print, data.cast(), len, 0, 0, 0) };
        })
        .map_err(|error| {
            self.raised = Some(error);
            fmt::Error
        })
    }
}
