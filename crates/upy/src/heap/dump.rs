//! What `gc.mem_free()`, `gc.mem_alloc()` and `micropython.mem_info()` say. The words are py/gc.c's, which tools read.

use super::door::{TIERS, with};
use crate::{inside::is_inside, sys};
use core::{ffi::c_char, fmt};
use tierheap::{BLOCK_BYTES, Piece};

/// Blocks in a line of the table.
const LINE: u32 = 64;

/// Bytes in all, used and free, without a walk: all that `gc.mem_free()` and `gc.mem_alloc()` ask for. The details that
/// `micropython.mem_info()` prints as well need one, and are [`gc_dump_info`]'s.
#[unsafe(no_mangle)]
unsafe extern "C" fn gc_info(into: *mut sys::gc_info_t) {
    let [total, used, free] = with(|heap| [heap.total_bytes(), heap.used_bytes(), heap.free_bytes()]);
    // SAFETY: the caller's struct.
    unsafe {
        into.write(sys::gc_info_t {
            total: total as usize,
            used: used as usize,
            free: free as usize,
            max_free: 0,
            num_1block: 0,
            num_2block: 0,
            max_block: 0,
        });
    }
}

/// The core's printer as Rust's formatting sees it.
struct Print(*const sys::mp_print_t);

impl fmt::Write for Print {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the printer that the core handed over, and text with its length. RAISES: no, printing to the console
        // only schedules.
        unsafe {
            (*self.0)
                .print_strn
                .map(|print| print((*self.0).data, text.as_ptr().cast::<c_char>(), text.len()))
        };
        Ok(())
    }
}

/// The two lines of `micropython.mem_info()`.
#[unsafe(no_mangle)]
extern "C" fn gc_dump_info(print: *const sys::mp_print_t) {
    if refused(print) {
        return;
    }
    let info = with(|heap| heap.info());
    let (total, used, free) = (info.total, info.used, info.free);
    let (one, two, longest, longest_free) = (info.one_block, info.two_blocks, info.max_block, info.max_free);
    print_to(
        print,
        format_args!(
            "GC: total: {total}, used: {used}, free: {free}\n No. of 1-blocks: {one}, 2-blocks: {two}, max blk sz: {longest}, max free sz: {longest_free}\n"
        ),
    );
}

/// A hard handler may come while the tables are half changed.
fn refused(print: *const sys::mp_print_t) -> bool {
    let inside = is_inside();
    if inside {
        print_to(print, format_args!("not in a hard handler\n"));
    }
    inside
}

fn print_to(print: *const sys::mp_print_t, text: fmt::Arguments) {
    // A `Print` has no way to fail.
    let _ = fmt::write(&mut Print(print), text);
}

/// The table of `micropython.mem_info(1)`: for each tier a character for each block.
#[unsafe(no_mangle)]
extern "C" fn gc_dump_alloc_table(print: *const sys::mp_print_t) {
    if refused(print) {
        return;
    }
    // The door is open while the console prints, which knows nothing of the heap.
    #[cfg(feature = "heap-sliced")]
    let _silence = super::barrier::Silence::begin();
    with(|heap| {
        for tier in 0..TIERS {
            let Some(first) = heap.pieces(tier).next() else {
                continue;
            };
            print_to(
                print,
                format_args!("GC memory layout; from {:#x}:", first.address),
            );
            let mut table = Table { print, blocks: 0 };
            heap.pieces(tier).for_each(|piece| table.piece(piece));
            print_to(print, format_args!("\n"));
        }
    });
}

/// A table in lines of 64 blocks; lines with nothing in them are only counted.
struct Table {
    print: *const sys::mp_print_t,
    /// How many are printed.
    blocks: u32,
}

impl Table {
    fn piece(&mut self, piece: Piece) {
        if piece.object.is_none() {
            self.put('.', piece.blocks);
        } else {
            self.put(letter(piece.address), 1);
            self.put('=', piece.blocks - 1);
        }
    }

    fn put(&mut self, letter: char, mut count: u32) {
        while count > 0 {
            if self.blocks % LINE == 0 {
                let lines = count / LINE;
                if letter == '.' && lines >= 2 {
                    print_to(self.print, format_args!("\n       ({lines} lines all free)"));
                    self.blocks += lines * LINE;
                    count -= lines * LINE;
                    continue;
                }
                print_to(self.print, format_args!("\n{:08x}: ", self.blocks * BLOCK_BYTES));
            }
            let now = count.min(LINE - self.blocks % LINE);
            (0..now).for_each(|_| print_to(self.print, format_args!("{letter}")));
            self.blocks += now;
            count -= now;
        }
    }
}

/// What the object at `address` is, by its first word, as far as it has a type there.
fn letter(address: u32) -> char {
    // SAFETY: the first word of a block that is in use.
    let kind = unsafe { (address as *const *const sys::mp_obj_type_t).read() };
    let letters = [
        (&raw const sys::mp_type_tuple, 'T'),
        (&raw const sys::mp_type_list, 'L'),
        (&raw const sys::mp_type_dict, 'D'),
        (&raw const sys::mp_type_str, 'S'),
        (&raw const sys::mp_type_bytes, 'S'),
        (&raw const sys::mp_type_bytearray, 'A'),
        (&raw const sys::mp_type_array, 'A'),
        (&raw const sys::mp_type_float, 'F'),
        (&raw const sys::mp_type_fun_bc, 'B'),
        (&raw const sys::mp_type_module, 'M'),
    ];
    letters
        .iter()
        .find(|(object, _)| *object == kind)
        .map_or('h', |(_, letter)| *letter)
}
