//! The interpreter's life: heap, start, prompt, end.

use crate::{HeapMemory, Obj, Result, Stack, protected, sys};
use core::{ffi::CStr, mem::MaybeUninit};

/// How a prompt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user switched between the raw and the friendly prompt.
    Switched,
    /// Ctrl-D or `SystemExit`: soft reset.
    Reset,
}

/// Tells the core which stack it runs on, so that recursion ends in a RuntimeError and roots are found. Roots are looked
/// for below the frame of the caller: it and its callers are Rust, with addresses of memory, but hold no objects.
/// Plain.
///
/// # Safety
/// It must be the stack of the caller, and the caller must be its only user. The caller must not return while Python runs.
#[inline(always)]
pub unsafe fn use_stack(stack: Stack) {
    let margin = sys::MICROPY_STACK_CHECK_MARGIN as usize;
    let top = stack_pointer();
    let bytes = stack.bytes - (stack.top as usize - top as usize);
    // SAFETY: plain words that the core reads; Python is not running yet.
    unsafe {
        sys::mp_state_ctx.thread.stack_top = top.cast();
        sys::mp_state_ctx.thread.stack_limit = bytes.saturating_sub(margin);
    }
}

/// The end of the frame of the function that this is inlined into.
#[inline(always)]
fn stack_pointer() -> *mut u8 {
    let pointer: *mut u8;
    // SAFETY: reads a register.
    unsafe { core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// Makes this memory Python's heap, empty. Everything in it is lost. Plain.
///
/// # Safety
/// It is nobody else's, and no object of an earlier heap in it is used any more.
#[cfg(not(feature = "heap-stock"))]
pub unsafe fn use_heap(memory: &HeapMemory) {
    // SAFETY: the caller's promise.
    unsafe { crate::heap::use_memory(memory) }
}

/// Makes this memory Python's heap, empty. Everything in it is lost. The slow memory is searched first: py/gc.c does not
/// know the difference, and the larger area is where most of the room is. Plain.
///
/// # Safety
/// It is nobody else's, and no object of an earlier heap in it is used any more.
#[cfg(feature = "heap-stock")]
pub unsafe fn use_heap(memory: &HeapMemory) {
    let ends = |area: *mut [MaybeUninit<u8>]| {
        let start = area.cast::<u8>();
        (start.cast(), start.wrapping_add(area.len()).cast())
    };
    let (start, end) = ends(memory.slow.unwrap_or(memory.fast));
    // SAFETY: the caller gives the areas to the collector. RAISES: no.
    unsafe {
        sys::gc_init(start, end);
        if memory.slow.is_some() {
            let (start, end) = ends(memory.fast);
            sys::gc_add(start, end);
        }
    }
}

/// Makes this area, which must be executable, the home of native code. Everything in it is lost. Plain.
pub fn use_code_memory(area: *mut [MaybeUninit<u8>]) {
    crate::code::use_memory(area);
}

/// Starts the runtime on an empty heap. Allocates; may collect; may raise.
pub fn start() -> Result<()> {
    #[cfg(not(feature = "heap-stock"))]
    crate::scope::forget();
    // SAFETY: stack and heap are set. RAISES: caught.
    protected(|| unsafe { sys::mp_init() })
}

/// Ends the runtime: finalisers run, files close. Runs Python: finalisers. May raise.
pub fn stop() -> Result<()> {
    // SAFETY: the runtime was started. RAISES: caught.
    protected(|| unsafe {
        sys::gc_sweep_all();
        sys::mp_deinit();
    })
}

/// Runs the prompt that is selected (friendly at first, raw after Ctrl-A) until it ends. Runs Python; may raise.
pub fn prompt() -> Result<Ended> {
    // SAFETY: the runtime is started; it reads and writes the console through the port's functions. RAISES: caught.
    let code = protected(|| unsafe {
        if sys::pyexec_mode_kind == sys::PYEXEC_MODE_RAW_REPL {
            sys::pyexec_raw_repl()
        } else {
            sys::pyexec_friendly_repl()
        }
    })?;
    Ok(if code == 0 { Ended::Switched } else { Ended::Reset })
}

/// Runs a frozen module. Its traceback goes to the console; Ctrl-C does not end it. Runs
/// Python; may raise.
pub fn run_frozen(name: &CStr) -> Result<()> {
    // SAFETY: the name is terminated. RAISES: caught.
    protected(|| unsafe { sys::pyexec_frozen_module(name.as_ptr(), false) }).map(|_| ())
}

/// Whether the raw prompt is selected: a tool is at the other end. Plain.
pub fn is_raw() -> bool {
    // SAFETY: a plain read of a word.
    unsafe { sys::pyexec_mode_kind == sys::PYEXEC_MODE_RAW_REPL }
}

/// Runs a file of the mounted file systems if it exists. Its traceback goes to the console. True: it wants a reset.
/// Runs Python; may raise.
pub fn run_file(path: &CStr) -> Result<bool> {
    // SAFETY: the path is terminated. RAISES: caught.
    let code = protected(|| unsafe { sys::pyexec_file_if_exists(path.as_ptr()) })?;
    Ok(code & sys::PYEXEC_FORCED_EXIT != 0)
}

/// Runs the text that an object of bytes holds, as a script; it must stay where the collector finds it. What it raises goes to the
/// console. True: it wants a reset. Runs Python; may raise.
pub fn run_text(text: Obj) -> Result<bool> {
    let buffer = text.buffer()?;
    let bytes = buffer.as_slice();
    let mut text = sys::vstr_t {
        alloc: bytes.len(),
        len: bytes.len(),
        buf: bytes.as_ptr().cast_mut().cast(),
        fixed_buf: true,
    };
    let text = &raw mut text;
    // SAFETY: the core reads the bytes, which the buffer's guard keeps. RAISES: caught.
    let code = protected(|| unsafe { sys::pyexec_vstr(text, true) })?;
    Ok(code & sys::PYEXEC_FORCED_EXIT != 0)
}

/// Asks for a KeyboardInterrupt at the next safe point. May be called from an interrupt. Plain.
pub fn interrupt() {
    // SAFETY: sets two words under the core's atomic section. RAISES: no.
    unsafe { sys::mp_sched_keyboard_interrupt() }
}

/// The character that interrupts a running program, if one does (-1 in the core: none, as in the raw prompt). Plain.
pub fn interrupt_character() -> Option<u8> {
    // SAFETY: a plain read of a word.
    u8::try_from(unsafe { sys::mp_interrupt_char }).ok()
}

/// Whether Ctrl-C waits to be raised. Plain.
pub fn interrupted() -> bool {
    // SAFETY: a plain read of a word that an interrupt may set. RAISES: no.
    unsafe { sys::upy_is_interrupted() != 0 }
}

/// Whether an exception or a callback waits to be served: no time to sleep. Only once the interpreter has started: the core's word
/// for it is zero. Plain.
pub fn pending() -> bool {
    // SAFETY: a plain read of a word that interrupts may set.
    unsafe { (&raw const sys::mp_state_ctx.vm.sched_state).read_volatile() == sys::MP_SCHED_PENDING as i16 }
}

/// Serves what waits: callbacks, and Ctrl-C. For waits in Rust, after each sleep. Runs Python; may raise.
pub fn serve_pending() -> Result<()> {
    // SAFETY: the runtime is started. RAISES: caught.
    protected(|| unsafe { sys::mp_handle_pending(true) })
}

unsafe extern "C" {
    /// In the edited py/persistentcode.c.
    static mut upy_trust_native: bool;
}

/// Whether `.mpy` files may bring machine code, which nothing can check. They may at first. Plain.
pub fn trust_native(trust: bool) {
    // SAFETY: a plain word of the core, of the one thread.
    unsafe { upy_trust_native = trust }
}

/// Waits so long; callbacks are served meanwhile. Runs Python; may raise, Ctrl-C for one.
pub fn sleep_ms(time_ms: u32) -> Result<()> {
    unsafe extern "C" {
        fn mp_hal_delay_ms(time_ms: sys::mp_uint_t);
    }
    // SAFETY: the core's own wait. RAISES: caught.
    protected(|| unsafe { mp_hal_delay_ms(time_ms as sys::mp_uint_t) })
}

/// Bytes of Python's heap: used, free. Plain.
pub fn heap_bytes() -> (usize, usize) {
    let mut info = MaybeUninit::uninit();
    // SAFETY: fills the struct. RAISES: no.
    let info: sys::gc_info_t = unsafe {
        sys::gc_info(info.as_mut_ptr());
        info.assume_init()
    };
    (info.used as usize, info.free as usize)
}

/// Collects what nothing refers to. May collect; runs Python: finalisers.
pub fn collect() -> Result<()> {
    // SAFETY: the heap is in order between two calls. RAISES: caught.
    protected(|| unsafe { sys::gc_collect() })
}

/// RuntimeError unless so many bytes of stack are left beyond those that every function may use. Plain, but for the error.
pub fn stack_room(bytes: usize) -> Result<()> {
    // SAFETY: plain words of the core. RAISES: no.
    let (used, limit) = unsafe {
        (
            sys::mp_cstack_usage() as usize,
            sys::mp_state_ctx.thread.stack_limit,
        )
    };
    if used.saturating_add(bytes) >= limit {
        return Err(crate::Error::Runtime(
            c"not enough stack is left; call it from a less deep place",
        ));
    }
    Ok(())
}
