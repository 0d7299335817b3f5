//! `spiram.alloc()` and `spiram.heap()`: the tiers of Python's heap, by name.

use upy::heap::{self, Info, Reason, Roots, Tier};
use upy::{Arguments, Dict, Error, FromObj, Obj, Result, args, convert, handlers, qstr};

/// `alloc(n, fast=None)`: a bytearray of `n` zeros in the fast tier, in the slow one, or wherever the policy puts it.
/// MemoryError says which tier is full.
pub fn alloc(arguments: Arguments) -> Result<Obj> {
    args!(arguments => size: Obj, *, fast: Option<bool> = None);
    heap::bytearray(
        bytes(size)?,
        fast.map(|fast| if fast { Tier::Fast } else { Tier::Slow }),
    )
}

/// An integer that no memory could hold is a matter of memory, not of arguments.
fn bytes(size: Obj) -> Result<u32> {
    match size.sign() {
        Some(..=0) => Err(Error::Value(c"the size must be 1 at least")),
        Some(_) => u32::from_obj(&size).map_err(|_| Error::Memory(c"that is more than there are addresses")),
        None => convert("size", &size),
    }
}

/// `heap(check=False, roots=False)`: each tier, the collections and why they were, the pauses, what the last collection
/// did. With `check` the whole heap is walked first, and RuntimeError tells where it is damaged. With `roots` there is a
/// collection first, and what each kind of root keeps alive is in the answer.
pub fn heap(arguments: Arguments) -> Result<Obj> {
    args!(arguments => *, check: bool = false, roots: bool = false);
    if handlers::is_inside() {
        return Err(Error::Runtime(
            c"a hard handler may have interrupted the heap in the middle of something",
        ));
    }
    if check {
        heap::check()?;
    }
    let roots = roots.then(heap::roots).transpose()?;
    // All figures before the first object is made of them.
    let [fast, slow] = [heap::tier(Tier::Fast), heap::tier(Tier::Slow)];
    let (pauses, work) = (heap::pauses(), heap::last_work());

    let collections = Dict::new(5)?;
    for (name, reason) in [
        (qstr::asked, Reason::Asked),
        (qstr::threshold, Reason::Threshold),
        (qstr::speed, Reason::Speed),
        (qstr::room, Reason::Room),
        (qstr::compact, Reason::Compact),
    ] {
        set(&collections, name, pauses.reasons[reason as usize])?;
    }
    let mut buckets = [Obj::NONE; heap::BUCKETS];
    let mut filled = 0;
    for (power, count) in pauses
        .histogram
        .into_iter()
        .enumerate()
        .filter(|(_, count)| *count > 0)
    {
        buckets[filled] = Obj::tuple(&[number(1 << power)?, number(count)?])?;
        filled += 1;
    }
    let last = Dict::new(6)?;
    for (name, value) in [
        (qstr::objects, work.objects),
        (qstr::leaves, work.leaves),
        (qstr::fast_words, work.fast_words),
        (qstr::slow_words, work.slow_words),
        (qstr::slow_lines, work.slow_lines),
        (qstr::freed, work.freed_objects),
    ] {
        set(&last, name, value)?;
    }
    let all = Dict::new(8)?;
    all.set(qstr::fast, about(fast)?)?;
    all.set(qstr::slow, about(slow)?)?;
    all.set(qstr::collections, collections.into_obj())?;
    all.set(qstr::pauses_us, Obj::tuple(&buckets[..filled])?)?;
    set(&all, qstr::longest_us, pauses.longest_us)?;
    all.set(qstr::total_us, Obj::from_u64(pauses.total_us)?)?;
    all.set(qstr::last, last.into_obj())?;
    if let Some(roots) = roots {
        all.set(qstr::roots, kept_by(roots)?)?;
    }
    Ok(all.into_obj())
}

/// `fail_alloc(n)`: in a checked build the `n`-th allocation from now on raises MemoryError, and no other; 0: none. How many
/// were left until then, so 0 if one has failed.
pub fn fail_alloc(n: Obj) -> Result<Obj> {
    let left = heap::fail_in(convert("n", &n)?).ok_or(Error::Runtime(
        c"only a checked build fails when told to: --heap checked or sliced-checked",
    ))?;
    number(left)
}

/// Objects and bytes for each kind; the one word that keeps most, by its address, and how many objects these are.
fn kept_by(roots: Roots) -> Result<Obj> {
    let dict = Dict::new(5)?;
    for (name, kept) in [
        (qstr::core, roots.core),
        (qstr::registers, roots.registers),
        (qstr::stack, roots.stack),
        (qstr::finalisers, roots.finalisers),
    ] {
        dict.set(name, Obj::tuple(&[number(kept.objects)?, number(kept.bytes)?])?)?;
    }
    let (address, objects) = roots.heaviest;
    dict.set(qstr::heaviest, Obj::tuple(&[number(address)?, number(objects)?])?)?;
    Ok(dict.into_obj())
}

fn about(tier: Info) -> Result<Obj> {
    let dict = Dict::new(3)?;
    set(&dict, qstr::size, tier.total)?;
    set(&dict, qstr::used, tier.used)?;
    set(&dict, qstr::largest_free, tier.max_free * heap::BLOCK_BYTES)?;
    Ok(dict.into_obj())
}

fn set(dict: &Dict, name: u16, value: u32) -> Result<()> {
    dict.set(name, number(value)?)
}

fn number(value: u32) -> Result<Obj> {
    Obj::from_u64(value.into())
}
