//! The tiers for Python modules in Rust: behind `spiram.alloc()` and `spiram.heap()`.

use super::{
    alloc,
    door::{TIERS, TwoTiers, with},
    tier::{BLOCK_BYTES, Info, Tier, tier},
};
use crate::lock::lock_depth;
use crate::{Error, Kind, Obj, Result, protected, sys};
use tierheap::{Request, Violation};

/// Walks the whole heap. RuntimeError names the first place that is not as it must be. May raise.
pub fn check() -> Result<()> {
    with(walk).map_err(|damage| Error::new(Kind::Runtime, format_args!("{damage}")))
}

/// The tables, and in a checked build the guard behind each block.
pub(super) fn walk(heap: &mut TwoTiers) -> core::result::Result<(), Violation> {
    heap.check().and_then(|()| heap.check_guards())
}

/// A bytearray of zeros in this tier, or wherever the policy puts it. MemoryError says which tier is full.
/// Allocates; may collect; may raise.
pub fn bytearray(bytes: u32, tier: Option<Tier>) -> Result<Obj> {
    let mut request = Request::bytes(bytes).leaf();
    if let Some(tier) = tier {
        request = request.only(tier as usize);
    }
    if bytes == 0 {
        return Err(Error::Value(c"the size must be 1 at least"));
    }
    if lock_depth() > 0 {
        return Err(Error::Memory(c"the heap is locked"));
    }
    let address = alloc::allocate(bytes as usize, |may_collect| {
        with(|heap| heap.alloc(request, may_collect))
    })
    .map_err(|_| no_room(bytes, tier))?;
    protected(|| {
        // SAFETY: a block of this size that is nobody's yet. RAISES: caught; Ctrl-C, and the block is garbage.
        unsafe { sys::upy_fill(address as *mut _, 0, bytes as usize) };
        // SAFETY: takes the block over, which is referenced by `address` on the stack until then. RAISES: caught.
        Obj::from_raw(unsafe { sys::mp_obj_new_bytearray_by_ref(bytes as usize, address as *mut _) })
    })
}

fn no_room(bytes: u32, only: Option<Tier>) -> Error {
    let [fast, slow] = [tier(Tier::Fast), tier(Tier::Slow)];
    let longest = |info: Info| info.max_free * BLOCK_BYTES;
    match only {
        _ if bytes > fast.total.max(slow.total) => {
            let [fast, slow] = [fast.total, slow.total];
            Error::new(
                Kind::Memory,
                format_args!("{bytes} bytes are more than any tier has: fast {fast}, slow {slow}"),
            )
        }
        Some(Tier::Slow) if slow.total == 0 => {
            Error::Memory(c"there is no slow tier, because there is no usable memory chip; see spiram.info()")
        }
        Some(which) => {
            let info = if which == Tier::Fast { fast } else { slow };
            let (name, total, longest) = (which.name(), info.total, longest(info));
            if bytes > total {
                return Error::new(
                    Kind::Memory,
                    format_args!("{bytes} bytes are more than the {name} tier has: {total}"),
                );
            }
            Error::new(
                Kind::Memory,
                format_args!(
                    "the {name} tier is full: {bytes} bytes asked for, largest free block {longest}"
                ),
            )
        }
        None => {
            let [fast, slow] = [longest(fast), longest(slow)];
            Error::new(
                Kind::Memory,
                format_args!(
                    "both tiers are full: {bytes} bytes asked for, largest free blocks: fast {fast}, slow {slow}"
                ),
            )
        }
    }
}

const _: () = assert!(TIERS == 2, "both are named above");
