//! Memory of Python's heap that is nobody's object, for the time of a call; and bytearrays made in Rust.

use crate::{Obj, Result, protected, sys};
use core::{
    ffi::c_void,
    marker::PhantomData,
    mem, slice,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// How much working memory there is: one thread changes it.
static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Working memory that is lent at this moment, and the most that was since [`forget_peak`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lent {
    /// Blocks.
    pub blocks: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// The most bytes at a time.
    pub peak_bytes: usize,
}

/// What is lent. Plain.
pub fn lent() -> Lent {
    Lent {
        blocks: BLOCKS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        peak_bytes: PEAK_BYTES.load(Relaxed),
    }
}

/// The peak begins anew with what is lent now. Plain.
pub fn forget_peak() {
    PEAK_BYTES.store(BYTES.load(Relaxed), Relaxed);
}

/// Counts a block that is lent from now on.
fn count(bytes: usize) {
    BLOCKS.store(BLOCKS.load(Relaxed) + 1, Relaxed);
    let now = BYTES.load(Relaxed) + bytes;
    BYTES.store(now, Relaxed);
    PEAK_BYTES.store(PEAK_BYTES.load(Relaxed).max(now), Relaxed);
}

/// A block of the heap. The collector sees it while this is on the stack; the end gives it back.
pub struct Scratch {
    memory: *mut c_void,
    whole_bytes: usize,
    address: usize,
    bytes: usize,
}

impl Scratch {
    /// So many bytes that begin at a multiple of `align_bytes`, and share no such unit with anything else. Allocates; may
    /// collect.
    pub fn new(bytes: usize, align_bytes: usize) -> Result<Scratch> {
        let whole_bytes = bytes.next_multiple_of(align_bytes) + align_bytes;
        // SAFETY: takes a number only. RAISES: caught.
        let memory = protected(|| unsafe { sys::m_malloc(whole_bytes) })?;
        count(whole_bytes);
        Ok(Scratch {
            memory,
            whole_bytes,
            address: (memory as usize).next_multiple_of(align_bytes),
            bytes,
        })
    }

    /// So many bytes that hold no objects: the collector does not read them. Allocates; may collect.
    pub fn leaf(bytes: usize) -> Result<Scratch> {
        let whole_bytes = bytes.max(1);
        let memory = leaf_block(whole_bytes)?;
        count(whole_bytes);
        Ok(Scratch {
            memory,
            whole_bytes,
            address: memory as usize,
            bytes,
        })
    }

    /// The same in the fast tier of the heap while that has room for it, as working memory is touched again and again.
    /// Allocates; may collect.
    pub fn near(bytes: usize) -> Result<Scratch> {
        let whole_bytes = bytes.max(1);
        let memory = near_block(whole_bytes)?;
        count(whole_bytes);
        Ok(Scratch {
            memory,
            whole_bytes,
            address: memory as usize,
            bytes,
        })
    }

    /// Its first address. Plain.
    pub fn address(&self) -> usize {
        self.address
    }

    /// The bytes, to be read. Plain.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: so many bytes of a block that is this value's alone.
        unsafe { slice::from_raw_parts(self.address as *const u8, self.bytes) }
    }

    /// The bytes, whatever they hold. Plain.
    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: so many bytes of a block that is this value's alone.
        unsafe { slice::from_raw_parts_mut(self.address as *mut u8, self.bytes) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: allocated by `new` or `leaf` with this size, and given away nowhere. RAISES: no.
        unsafe { sys::m_free(self.memory, self.whole_bytes) };
        BLOCKS.store(BLOCKS.load(Relaxed).saturating_sub(1), Relaxed);
        BYTES.store(BYTES.load(Relaxed).saturating_sub(self.whole_bytes), Relaxed);
    }
}

/// Room for values that are no objects, for the time of a call. The collector does not read it.
pub struct Room<T> {
    memory: Scratch,
    count: usize,
    kind: PhantomData<T>,
}

impl<T: Copy + Default> Room<T> {
    /// For so many, each the default. Allocates; may collect; MemoryError if there is not enough.
    pub fn new(count: usize) -> Result<Room<T>> {
        let bytes = count
            .checked_mul(mem::size_of::<T>())
            .ok_or(crate::Error::Memory(c"that is more than there are addresses"))?;
        // A block begins at a multiple of 16.
        const { assert!(mem::align_of::<T>() <= 16) };
        let memory = Scratch::near(bytes)?;
        let first = memory.address as *mut T;
        for at in 0..count {
            // SAFETY: below the number of values that there is room for.
            unsafe { first.add(at).write(T::default()) };
        }
        Ok(Room {
            memory,
            count,
            kind: PhantomData,
        })
    }

    /// The values. Plain.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: `new` has written so many, into a block that is this value's alone.
        unsafe { slice::from_raw_parts_mut(self.memory.address as *mut T, self.count) }
    }
}

/// The same in the fast tier of the heap, while that has room for it.
fn near_block(bytes: usize) -> Result<*mut c_void> {
    #[cfg(not(feature = "heap-stock"))]
    {
        let memory = crate::heap::fast_leaf(bytes);
        if !memory.is_null() {
            return Ok(memory);
        }
    }
    leaf_block(bytes)
}

/// A block that holds no pointers, or MemoryError.
fn leaf_block(bytes: usize) -> Result<*mut c_void> {
    #[cfg(not(feature = "heap-stock"))]
    unsafe extern "C" {
        /// Of crate::heap: a block that the collector does not read, or NULL.
        fn upy_malloc_leaf(bytes: usize) -> *mut c_void;
    }
    // SAFETY: takes a number only. RAISES: caught.
    protected(|| unsafe {
        #[cfg(not(feature = "heap-stock"))]
        let memory = upy_malloc_leaf(bytes);
        #[cfg(feature = "heap-stock")]
        let memory = sys::m_malloc_maybe(bytes);
        if memory.is_null() {
            sys::m_malloc_fail(bytes);
        }
        memory
    })
}

impl Obj {
    /// A bytearray of zeros, of one byte at least. Allocates; may collect; may raise: MemoryError, or Ctrl-C.
    pub fn bytearray(bytes: usize) -> Result<Obj> {
        Obj::bytearray_in(leaf_block(bytes.max(1))?, bytes)
    }

    /// The same in the fast tier of the heap, while that has room for it. Allocates; may collect; may raise: MemoryError, or Ctrl-C.
    pub fn bytearray_near(bytes: usize) -> Result<Obj> {
        Obj::bytearray_in(near_block(bytes.max(1))?, bytes)
    }

    fn bytearray_in(memory: *mut c_void, bytes: usize) -> Result<Obj> {
        protected(|| {
            // SAFETY: a block of this size that is nobody's yet. RAISES: caught; Ctrl-C, and the block is garbage.
            unsafe { sys::upy_fill(memory, 0, bytes) };
            // SAFETY: takes the block over, which is referenced by `memory` on the stack until then. RAISES: caught.
            Obj::from_raw(unsafe { sys::mp_obj_new_bytearray_by_ref(bytes, memory) })
        })
    }
}
