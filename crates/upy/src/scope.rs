//! Where the compiler looks a name up in the scope that it compiles, in the place of py/scope.c's search in a row: with
//! thousands of names in a module that took most of the time.
//!
//! The index of one scope is kept, in a leaf of the heap: a table of positions by name. A scope only ever grows, by one name
//! after each search that found nothing. So an index that is shorter than its scope goes on, and a scope that is short again
//! is another one at the same place.

use crate::sys;
use core::{ffi::c_void, mem, slice};
use sys::{id_info_t, scope_t};

/// From so many names on there is an index.
const MANY: usize = 32;

/// The head of the index; `places` entries of 16 bits follow, each 0 or a position and 1.
#[repr(C)]
struct Index {
    scope: *const scope_t,
    /// How many names of the scope are in it.
    names: u32,
    /// A power of two.
    places: u32,
}

unsafe extern "C" {
    /// Of crate::heap: a block that the collector does not read, or NULL.
    fn upy_malloc_leaf(bytes: usize) -> *mut c_void;
}

/// No scope is indexed: the heap is new.
pub(crate) fn forget() {
    // SAFETY: a plain word of the core's state.
    unsafe { sys::mp_state_ctx.vm.scope_index = core::ptr::null_mut() };
}

/// The entry of `name`, or NULL.
///
/// # Safety
/// The compiler's scope.
#[unsafe(no_mangle)]
unsafe extern "C" fn scope_find(scope: *mut scope_t, name: usize) -> *mut id_info_t {
    // SAFETY: the scope has so many entries; nobody else uses them meanwhile.
    let (first, ids) = unsafe {
        let first = (*scope).id_info;
        let count = usize::from((*scope).id_info_len);
        (
            first,
            if count == 0 {
                &[]
            } else {
                slice::from_raw_parts(first, count)
            },
        )
    };
    let found = match index(scope, ids) {
        Some((_, places)) => find(places, ids, name).ok(),
        None => ids.iter().position(|id| id.qst == name),
    };
    // SAFETY: the position of one of them.
    found.map_or(core::ptr::null_mut(), |at| unsafe { first.add(at) })
}

/// The index of this scope, with all names in it. `None`: they are few, or there is no memory.
fn index(scope: *const scope_t, ids: &[id_info_t]) -> Option<(&'static mut Index, &'static mut [u16])> {
    let (mut head, mut places) = parts()
        .filter(|(head, _)| head.scope == scope && head.names as usize <= ids.len())
        .or_else(|| (ids.len() >= MANY).then(|| make(scope, ids.len()))?)?;
    if ids.len() < MANY {
        head.scope = core::ptr::null();
        return None;
    }
    if 2 * ids.len() > places.len() {
        (head, places) = make(scope, ids.len())?;
    }
    for (at, id) in ids.iter().enumerate().skip(head.names as usize) {
        if let Err(place) = find(places, ids, id.qst) {
            // The scope counts its names in 16 bits.
            places[place] = at as u16 + 1;
        }
    }
    head.names = ids.len() as u32;
    Some((head, places))
}

/// Where `name` is in the scope, or the place in the index where it is to be noted.
fn find(places: &[u16], ids: &[id_info_t], name: usize) -> Result<usize, usize> {
    let mask = places.len() - 1;
    // Names of one program are numbers in a row.
    let mut place = (name as u32).wrapping_mul(0x9E37_79B1) as usize >> 8 & mask;
    loop {
        match places[place] {
            0 => return Err(place),
            at if ids[usize::from(at) - 1].qst == name => return Ok(usize::from(at) - 1),
            _ => place = (place + 1) & mask,
        }
    }
}

/// A new index for a scope with so many names.
fn make(scope: *const scope_t, names: usize) -> Option<(&'static mut Index, &'static mut [u16])> {
    let places = (4 * names).next_power_of_two();
    forget();
    // SAFETY: asks for memory. RAISES: no, it is NULL if there is none.
    let block = unsafe { upy_malloc_leaf(mem::size_of::<Index>() + 2 * places) };
    if block.is_null() {
        return None;
    }
    // SAFETY: the block has room for it; a leaf is not cleared by the heap.
    unsafe {
        block.cast::<Index>().add(1).cast::<u16>().write_bytes(0, places);
        block.cast::<Index>().write(Index {
            scope,
            names: 0,
            places: places as u32,
        });
        sys::mp_state_ctx.vm.scope_index = block;
    }
    parts()
}

/// The index that there is.
fn parts() -> Option<(&'static mut Index, &'static mut [u16])> {
    // SAFETY: the root points to nothing or to what `make` made, which the collector keeps; there is one thread, and the
    // callers drop what they got before they ask again.
    unsafe {
        let head = sys::mp_state_ctx.vm.scope_index.cast::<Index>();
        let places = head.as_ref()?.places as usize;
        Some((&mut *head, slice::from_raw_parts_mut(head.add(1).cast(), places)))
    }
}
