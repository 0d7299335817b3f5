//! The mapped memory chip as memory: opening and closing the window, and access for its tests.
//!
//! The window is open while the controller is in mapped mode and the MPU lets the core in. A test that overwrites
//! everything comes before the addresses are handed to a program; afterwards there are [`retest`], which borrows a
//! block at a time and puts it back, and the lab, which [borrows](Window::borrow) the window from a program that waits.
#![allow(unsafe_code)]

use core::ops::{ControlFlow, Range};
use core::sync::atomic::{AtomicU32, Ordering};

use psram::memtest::{self, Element, Fault};
use psram::{Line, Memory};

use crate::memory_policy::MemoryPolicy;
use crate::{armv7m, caches, mpu};

const LINE: u32 = caches::LINE_BYTES as u32;
/// What is tested at once in memory that is in use: two pages of the chip, so that neighbours of both are in it.
const BLOCK: u32 = 2048;
const BLOCK_LINES: usize = (BLOCK / LINE) as usize;
/// Above this a cache of 16 KB is emptied quicker as a whole.
const BY_LINE_BYTES: u32 = 8192;

/// How much of the window is open.
static OPEN_BYTES: AtomicU32 = AtomicU32::new(0);

/// The chip's addresses, open to the core; or a part of them.
pub struct Window {
    base: u32,
    bytes: u32,
}

impl Window {
    /// Opens the window for a chip of `bytes`. The controller is in mapped mode. `None` if the MPU has no region of that
    /// size.
    pub fn open(bytes: u32, configuration: MemoryPolicy) -> Option<Self> {
        let region = mpu::chip(bytes, configuration.memory())?;
        caches::set_read_allocate_mode(!configuration.disramode());
        armv7m::set_mpu_region(mpu::CHIP, region.base, region.rasr());
        OPEN_BYTES.store(bytes, Ordering::Relaxed);
        Some(Window {
            base: region.base,
            bytes,
        })
    }

    /// The open window once more, although its addresses were handed over.
    ///
    /// # Safety
    /// Until the `Window` is gone and the configuration is as it was, nothing else touches the chip's memory: not the
    /// program that lives there, not an interrupt handler.
    pub unsafe fn borrow() -> Option<Self> {
        let bytes = OPEN_BYTES.load(Ordering::Relaxed);
        (bytes > 0).then_some(Window {
            base: mpu::WINDOW_BASE,
            bytes,
        })
    }

    /// Another way to reach the same memory. What was written stays.
    pub fn configure(&mut self, configuration: MemoryPolicy) {
        // Nothing may be in the cache when a line's attributes change, and no line may come in between.
        critical_section::with(|_| {
            caches::clean_invalidate_all();
            caches::set_read_allocate_mode(!configuration.disramode());
            // It had a region of this size before.
            if let Some(region) = mpu::chip(self.bytes, configuration.memory()) {
                armv7m::set_mpu_region(mpu::CHIP, region.base, region.rasr());
            }
            // Speculation may have filled a line between the two: forget it.
            caches::clean_invalidate_all();
        });
    }

    /// Writes everything out and closes the window; after that the controller may leave mapped mode.
    pub fn close(self) {
        caches::clean_invalidate_all();
        // A read behind the last write: when it has its answer, the writes are on the wire, not in the controller.
        self.word(0);
        cortex_m::asm::dsb();
        OPEN_BYTES.store(0, Ordering::Relaxed);
        armv7m::clear_mpu_region(mpu::CHIP);
    }

    /// Hands the addresses over for good.
    pub fn into_range(self) -> Range<usize> {
        let base = self.base as usize;
        base..base + self.bytes as usize
    }

    /// Stores single bytes, halfwords and words into lines that hold something else, with a barrier after each so that
    /// none waits for a neighbour, and looks at what the neighbours became: the offset of the first that changed.
    ///
    /// This is how a controller that cannot mask lanes shows itself (see `caches`). Overwrites the first 2 KB.
    pub fn find_torn_line(&mut self) -> Option<Fault> {
        const BEFORE: Line = [0x5AA5_C33C; 8];
        const AFTER: Line = [
            0x5AA5_C311,
            0x5AA5_C33C,
            0x2222_C33C,
            0x5AA5_C33C,
            0x5AA5_C33C,
            0x3333_3333,
            0x5AA5_C33C,
            0x44A5_C33C,
        ];
        let lines = || (0..self.bytes.min(64 * LINE)).step_by(caches::LINE_BYTES);
        lines().for_each(|line| self.put(line, BEFORE));
        caches::clean_invalidate_all();
        for line in lines() {
            self.put(line, 0x11u8);
            self.put(line + 10, 0x2222u16);
            self.put(line + 20, 0x3333_3333u32);
            self.put(line + 31, 0x44u8);
        }
        caches::clean_invalidate_all();
        lines()
            .flat_map(|line| (line..).step_by(4).zip(AFTER))
            .map(|(offset, expected)| (offset, expected, self.word(offset)))
            .find(|(_, expected, found)| expected != found)
            .map(|(offset, expected, found)| Fault {
                offset,
                expected,
                found,
                again: self.word(offset),
                element: 0,
            })
    }

    /// A typed place in the window; `None` outside it or out of alignment.
    #[inline(always)]
    fn cell<T>(&self, offset: u32) -> Option<*mut T> {
        let end = offset.checked_add(size_of::<T>() as u32)?;
        let fits = end <= self.bytes && offset as usize % align_of::<T>() == 0;
        fits.then_some((self.base + offset) as *mut T)
    }

    fn put<T>(&self, offset: u32, value: T) {
        if let Some(place) = self.cell::<T>(offset) {
            // SAFETY: in the window and aligned, and the caller that made this `Window` opened it and shares it with nothing.
            unsafe { place.write_volatile(value) };
            cortex_m::asm::dsb();
        }
    }

    fn word(&self, offset: u32) -> u32 {
        // SAFETY: as in `put`. A word outside the window does not exist; all callers stay inside.
        self.cell::<u32>(offset)
            .map_or(0, |place| unsafe { place.read_volatile() })
    }
}

impl Memory for Window {
    fn size_bytes(&self) -> u32 {
        self.bytes
    }

    // Word by word and in place, so that a line never leaves the registers: most of the time from reset to prompt is spent
    // here.
    #[inline(always)]
    fn write_line(&mut self, offset: u32, line: &Line) {
        if let Some(place) = self.cell::<Line>(offset) {
            let [a, b, c, d, e, f, g, h] = *line;
            // SAFETY: as in `put`; eight words are a line.
            unsafe {
                let place = place.cast::<u32>();
                place.write_volatile(a);
                place.add(1).write_volatile(b);
                place.add(2).write_volatile(c);
                place.add(3).write_volatile(d);
                place.add(4).write_volatile(e);
                place.add(5).write_volatile(f);
                place.add(6).write_volatile(g);
                place.add(7).write_volatile(h);
            }
        }
    }

    #[inline(always)]
    fn read_line(&mut self, offset: u32) -> Line {
        let Some(place) = self.cell::<Line>(offset) else {
            return [0; 8];
        };
        let place = place.cast::<u32>();
        // SAFETY: as in `put`; `n` stays within the line.
        let word = |n: usize| unsafe { place.add(n).read_volatile() };
        [
            word(0),
            word(1),
            word(2),
            word(3),
            word(4),
            word(5),
            word(6),
            word(7),
        ]
    }

    fn sync(&mut self) {
        if self.bytes <= BY_LINE_BYTES {
            caches::clean_invalidate(self.base as usize, self.bytes as usize);
        } else {
            caches::clean_invalidate_all();
        }
    }
}

/// The window for a march whose first element only writes: that element goes past the cache, which would fetch each line
/// before all of it is replaced, and halve the speed. From the first [`Memory::sync`] on it is the window as it was.
pub struct PastCache<'a, F> {
    window: &'a mut Window,
    /// What to go back to; `None` once that is done.
    home: Option<MemoryPolicy>,
    tell: F,
}

impl<'a, F: FnMut(u64)> PastCache<'a, F> {
    /// `home` is the configuration in force; `tell` hears now and then how many percent are done.
    pub fn new(window: &'a mut Window, home: MemoryPolicy, tell: F) -> Self {
        window.configure(MemoryPolicy::StronglyOrdered);
        PastCache {
            window,
            home: Some(home),
            tell,
        }
    }
}

impl<F: FnMut(u64)> Memory for PastCache<'_, F> {
    fn size_bytes(&self) -> u32 {
        self.window.size_bytes()
    }

    #[inline(always)]
    fn write_line(&mut self, offset: u32, line: &Line) {
        self.window.write_line(offset, line);
    }

    #[inline(always)]
    fn read_line(&mut self, offset: u32) -> Line {
        self.window.read_line(offset)
    }

    fn sync(&mut self) {
        match self.home.take() {
            Some(home) => self.window.configure(home),
            None => self.window.sync(),
        }
    }

    fn breathe(&mut self, done_bytes: u64, total_bytes: u64) -> ControlFlow<()> {
        (self.tell)(done_bytes * 100 / total_bytes);
        ControlFlow::Continue(())
    }
}

impl<F> Drop for PastCache<'_, F> {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            self.window.configure(home);
        }
    }
}

/// A window for a march that has to see one line disturb another: each line that is written goes to the chip before the
/// next one is visited. Otherwise the cache would hold an element's writes back and let them go together, upwards, in an
/// element that goes downwards too, and a line written after the one that disturbs it hides what was done to it.
struct OneByOne(Window);

impl Memory for OneByOne {
    fn size_bytes(&self) -> u32 {
        self.0.bytes
    }

    #[inline(always)]
    fn write_line(&mut self, offset: u32, line: &Line) {
        self.0.write_line(offset, line);
        caches::clean_invalidate((self.0.base + offset) as usize, caches::LINE_BYTES);
    }

    #[inline(always)]
    fn read_line(&mut self, offset: u32) -> Line {
        self.0.read_line(offset)
    }

    fn sync(&mut self) {
        self.0.sync();
    }
}

/// Tests the open window while a program lives in it: first the address lines, then block by block, each block put back.
/// `breathe` gets the bytes done and can end it. Returns the bytes tested; zero if the window is closed. The caller holds no
/// reference into the chip's memory meanwhile, and interrupt handlers live elsewhere.
pub fn retest(
    march: &[Element],
    key: u32,
    mut breathe: impl FnMut(u32) -> ControlFlow<()>,
) -> Result<u32, Fault> {
    let bytes = OPEN_BYTES.load(Ordering::Relaxed);
    if let Some(fault) = memtest::find_tied_lines(&mut part(0, bytes)) {
        return Err(fault);
    }
    let mut kept: [Line; BLOCK_LINES] = [[0; 8]; BLOCK_LINES];
    for offset in (0..bytes).step_by(BLOCK as usize) {
        let mut block = OneByOne(part(offset, BLOCK));
        for (at, line) in (0..).step_by(caches::LINE_BYTES).zip(&mut kept) {
            *line = block.read_line(at);
        }
        let report = memtest::run_with(&mut block, march, key);
        for (at, line) in (0..).step_by(caches::LINE_BYTES).zip(&kept) {
            block.write_line(at, line);
        }
        if let Some(fault) = report.first {
            return Err(Fault {
                offset: offset + fault.offset,
                ..fault
            });
        }
        if breathe(offset + BLOCK).is_break() {
            return Ok(offset + BLOCK);
        }
    }
    Ok(bytes)
}

/// A number made of all words of a range of the open window, as the chip holds them now; zero outside of it.
pub fn digest(range: Range<u32>) -> u32 {
    if range.end > OPEN_BYTES.load(Ordering::Relaxed) {
        return 0;
    }
    let mut part = part(range.start, range.end.saturating_sub(range.start));
    part.sync();
    let lines = (0..part.bytes).step_by(caches::LINE_BYTES);
    lines
        .flat_map(|offset| part.read_line(offset))
        .fold(0, |sum: u32, word| sum.rotate_left(1).wrapping_add(word))
}

/// How much of the window is open; zero if it is closed.
pub fn open_bytes() -> u32 {
    OPEN_BYTES.load(Ordering::Relaxed)
}

fn part(offset: u32, bytes: u32) -> Window {
    Window {
        base: mpu::WINDOW_BASE + offset,
        bytes,
    }
}
