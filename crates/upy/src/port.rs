//! What MicroPython needs of a board, as one list: [`Port`]. [`port!`](macro@crate::port) gives it to the C core.
//!
//! The core calls these functions from anywhere, also while memory is short: none of them allocates, collects or raises.

use crate::{Error, Function, Obj, Result, finish, interpreter, sys};
use core::sync::atomic::{AtomicU32, Ordering};
use core::{ffi::c_void, slice};

/// How much of a text is written between two looks for Ctrl-C: 3 ms on the wire.
const PIECE_BYTES: usize = 32;

/// The duties of a port. Times are microseconds since start.
///
/// All of them are plain: they neither allocate, nor collect, nor raise.
pub trait Port {
    /// What `help()` prints; ends with a zero byte.
    const HELP: &'static [u8];

    /// The next byte that came in over the console, if there is one.
    fn read_console() -> Option<u8>;
    /// Whether there is one.
    fn console_is_readable() -> bool;
    /// Writes to the console; waits for room.
    fn write_console(text: &[u8]);
    /// A stream of a program is a console, too, from now on, or is none any more.
    fn use_as_console(stream: &Obj, r#use: bool);
    /// How often something has happened that a program may wait for; wraps.
    fn news() -> u32;

    /// Now. Never goes back.
    fn time_us() -> u64;
    /// Cycles of the processor; wraps.
    fn cycles() -> u32;
    /// Waits so long, without sleeping.
    fn spin_us(us: u32);
    /// Sleeps until then, or until an interrupt after which `something` is true.
    fn sleep_until(time_us: u64, something: impl Fn() -> bool);
    /// Sleeps until an interrupt after which `something` is true.
    fn sleep_unless(something: impl Fn() -> bool);
    /// Microseconds since 2000-01-01, or since start if nothing keeps the time.
    fn calendar_us() -> u64;

    /// A random word; `None` if the generator does not run.
    fn random() -> Option<u32>;

    /// The number of the pin that an object stands for, for the functions below. ValueError or TypeError if there is none, or
    /// if it belongs to the board.
    fn pin_of(object: &Obj) -> Result<u32>;
    /// Makes it an input, an output, or an output that is driven low or released.
    fn use_pin(pin: u32, r#use: PinUse);
    /// The level on it.
    fn pin_is_high(pin: u32) -> bool;
    /// Drives it.
    fn set_pin(pin: u32, high: bool);

    /// Masks all interrupts; says whether they were on.
    fn mask_interrupts() -> bool;
    /// Lets them through again.
    fn unmask_interrupts();
    /// From here on, and until the counterpart, it is noted which memory of the heap is written. For interrupts.
    fn watch_stores();
    /// The counterpart.
    fn unwatch_stores();
    /// Tells the first address of each piece of [`Port::STORE_BYTES`] that was written while that was noted, once.
    fn take_stores(see: impl FnMut(u32));
    /// What one of these stands for.
    const STORE_BYTES: u32;
    /// Holds interrupts back that call handlers of Python; says whether they were let through.
    fn hold_handlers() -> bool;
    /// Lets them through again.
    fn release_handlers();

    /// Makes freshly written instructions visible to the processor.
    fn publish_code(address: usize, bytes: usize);
}

/// What a driver of the core makes of a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinUse {
    /// Read. The pull stays as it is.
    Input,
    /// Driven both ways.
    Output,
    /// Driven low or released.
    OpenDrain,
}

/// Microseconds since start. Plain.
pub fn now_us() -> u64 {
    unsafe extern "C" {
        /// Of `port!`.
        fn upy_time_us() -> u64;
    }
    // SAFETY: takes nothing. RAISES: no.
    unsafe { upy_time_us() }
}

/// The number of a pin; raises.
#[doc(hidden)]
pub fn pin_of<P: Port>(object: *mut c_void) -> u32 {
    match P::pin_of(&Obj::from_raw(object)) {
        Ok(pin) => pin,
        // Does not come back.
        Err(error) => finish(Err(error)) as u32,
    }
}

/// Writes a text of the core; after Ctrl-C nobody wants the rest of a long one.
#[doc(hidden)]
pub fn write<P: Port>(text: &[u8]) {
    for piece in text.chunks(PIECE_BYTES) {
        if interpreter::interrupted() {
            break;
        }
        P::write_console(piece);
    }
}

/// Which of the asked-for events of the console hold now.
#[doc(hidden)]
pub fn poll<P: Port>(asked: usize) -> usize {
    let mut now = sys::MP_STREAM_POLL_WR as usize;
    if P::console_is_readable() {
        now |= sys::MP_STREAM_POLL_RD as usize;
    }
    now & asked
}

/// What had happened when a wait last ended: everybody who waits has looked since.
static SEEN: AtomicU32 = AtomicU32::new(0);

/// Sleeps until something happens, at most so long. What has happened since the last time counts: it may have come between a look at
/// it and this.
#[doc(hidden)]
pub fn wait<P: Port>(timeout_ms: u32) {
    let something =
        || P::console_is_readable() || interpreter::pending() || P::news() != SEEN.load(Ordering::Relaxed);
    sleep::<P>(timeout_ms, something);
    SEEN.store(P::news(), Ordering::Relaxed);
}

fn sleep<P: Port>(timeout_ms: u32, something: impl Fn() -> bool) {
    if timeout_ms == u32::MAX {
        P::sleep_unless(something);
    } else {
        P::sleep_until(P::time_us() + u64::from(timeout_ms) * 1_000, something);
    }
}

fn calendar<P: Port>() -> sys::timeutils_struct_time_t {
    let seconds = P::calendar_us() / 1_000_000;
    let mut now = core::mem::MaybeUninit::uninit();
    // SAFETY: the function fills the struct from the seconds alone. RAISES: no.
    unsafe {
        sys::timeutils_seconds_since_2000_to_struct_time(seconds as sys::mp_uint_t, now.as_mut_ptr());
        now.assume_init()
    }
}

/// `time.localtime()`. Allocates.
#[doc(hidden)]
pub fn local_time<P: Port>() -> Result<Obj> {
    let t = calendar::<P>();
    let fields = [
        t.tm_year.into(),
        t.tm_mon.into(),
        t.tm_mday.into(),
        t.tm_hour.into(),
        t.tm_min.into(),
        t.tm_sec.into(),
        t.tm_wday.into(),
        t.tm_yday.into(),
    ];
    Obj::tuple(&fields.map(Obj::small_int))
}

/// The time as FAT stores it: seconds / 2 in bits 0-4, minutes 5-10, hours 11-15, day 16-20, month 21-24, years since
/// 1980 in bits 25-31.
#[doc(hidden)]
pub fn fat_time<P: Port>() -> u32 {
    let t = calendar::<P>();
    let date = (u32::from(t.tm_year) - 1980) << 25 | u32::from(t.tm_mon) << 21 | u32::from(t.tm_mday) << 16;
    date | u32::from(t.tm_hour) << 11 | u32::from(t.tm_min) << 5 | u32::from(t.tm_sec) >> 1
}

/// `os.urandom(n)`. Allocates.
fn random_bytes<P: Port>(n: Obj) -> Result<Obj> {
    let n = usize::try_from(n.to_i32()?).map_err(|_| Error::Value(c"a number of bytes is not negative"))?;
    Obj::bytes_with(n, |bytes| {
        for chunk in bytes.chunks_mut(4) {
            let word = P::random().ok_or(Error::Runtime(c"the random number generator is not running"))?;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    })
}

unsafe extern "C" fn random_bytes_shim<P: Port>(n: *mut c_void) -> *mut c_void {
    finish(random_bytes::<P>(Obj::from_raw(n)))
}

/// The function object `os.urandom`.
#[doc(hidden)]
pub const fn random_bytes_function<P: Port>() -> Function {
    Function::new1(random_bytes_shim::<P>)
}

/// The bytes of a slice as an array, for a static that C sees.
#[doc(hidden)]
pub const fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    let mut i = 0;
    while i < N {
        array[i] = bytes[i];
        i += 1;
    }
    array
}

/// # Safety
/// `len` bytes at `text`, which live during the call.
#[doc(hidden)]
pub unsafe fn text<'a>(text: *const core::ffi::c_char, len: usize) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(text.cast(), len) }
}

/// Defines the functions by which the C core calls `$port`, a type with the trait [`Port`]. Once in a program.
#[macro_export]
macro_rules! port {
    ($port:ty) => {
        /// The functions that the C core knows by these names.
        mod core_calls {
            use super::*;
            use $crate::port::{self, Port};

            #[unsafe(no_mangle)]
            extern "C" fn upy_stdin_take() -> i32 {
                <$port>::read_console().map_or(-1, i32::from)
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_console_poll(asked: usize) -> usize {
                port::poll::<$port>(asked)
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn upy_console_write(text: *const ::core::ffi::c_char, len: usize) {
                // SAFETY: the core's own text, alive during the call.
                port::write::<$port>(unsafe { port::text(text, len) });
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_use_as_console(stream: *mut ::core::ffi::c_void, r#use: bool) {
                <$port>::use_as_console(&$crate::Obj::from_raw(stream), r#use);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_time_us() -> u64 {
                <$port>::time_us()
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_hal_ticks_ms() -> u32 {
                (<$port>::time_us() / 1_000) as u32
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_hal_ticks_us() -> u32 {
                <$port>::time_us() as u32
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_hal_ticks_cpu() -> u32 {
                <$port>::cycles()
            }

            /// The exact rest of a pause, whose loop is in upy-sys/port/nlr.c.
            #[unsafe(no_mangle)]
            extern "C" fn upy_delay_us(us: u32) {
                <$port>::spin_us(us);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_sleep_until(time_us: u64) {
                <$port>::sleep_until(time_us, $crate::interpreter::pending);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_wait_for_event(timeout_ms: u32) {
                port::wait::<$port>(timeout_ms);
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_hal_time_ns() -> u64 {
                <$port>::calendar_us() * 1_000
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_time_time_get() -> *mut ::core::ffi::c_void {
                $crate::finish($crate::Obj::from_u64(<$port>::calendar_us() / 1_000_000))
            }

            #[unsafe(no_mangle)]
            extern "C" fn mp_time_localtime_get() -> *mut ::core::ffi::c_void {
                $crate::finish(port::local_time::<$port>())
            }

            #[unsafe(no_mangle)]
            extern "C" fn get_fattime() -> u32 {
                port::fat_time::<$port>()
            }

            /// The seed of the module `random` at each start. Without the generator Python's numbers are the same each time.
            #[unsafe(no_mangle)]
            extern "C" fn upy_random_seed() -> u32 {
                <$port>::random().unwrap_or(0)
            }

            // SAFETY: the only definition of this symbol, here and below.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the C core's name")]
            static mp_os_urandom_obj: $crate::Function = port::random_bytes_function::<$port>();

            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the C core's name")]
            static upy_help_text: [u8; <$port>::HELP.len()] = port::array(<$port>::HELP);

            #[unsafe(no_mangle)]
            extern "C" fn upy_atomic_begin() -> u32 {
                <$port>::mask_interrupts().into()
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_atomic_end(were_on: u32) {
                if were_on != 0 {
                    <$port>::unmask_interrupts();
                }
            }

            #[unsafe(no_mangle)]
            fn upy_watch_stores(on: bool) {
                if on {
                    <$port>::watch_stores();
                } else {
                    <$port>::unwatch_stores();
                }
            }

            #[unsafe(no_mangle)]
            fn upy_take_stores(see: &mut dyn FnMut(::core::ops::Range<u32>)) {
                <$port>::take_stores(|first| see(first..first + <$port>::STORE_BYTES));
            }

            #[unsafe(no_mangle)]
            fn upy_hold_handlers(on: bool) -> bool {
                if on {
                    return <$port>::hold_handlers();
                }
                <$port>::release_handlers();
                false
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_of(object: *mut ::core::ffi::c_void) -> u32 {
                port::pin_of::<$port>(object)
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_input(pin: u32) {
                <$port>::use_pin(pin, port::PinUse::Input);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_output(pin: u32) {
                <$port>::use_pin(pin, port::PinUse::Output);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_open_drain(pin: u32) {
                <$port>::use_pin(pin, port::PinUse::OpenDrain);
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_read(pin: u32) -> i32 {
                <$port>::pin_is_high(pin).into()
            }

            #[unsafe(no_mangle)]
            extern "C" fn upy_pin_write(pin: u32, high: i32) {
                <$port>::set_pin(pin, high != 0);
            }

            #[unsafe(no_mangle)]
            fn upy_publish_code(address: usize, bytes: usize) {
                <$port>::publish_code(address, bytes);
            }

            /// The core jumps with nobody to catch: a defect of this port, never of a Python program.
            #[unsafe(no_mangle)]
            extern "C" fn nlr_jump_fail(exception: *mut ::core::ffi::c_void) -> ! {
                panic!("uncaught Python exception at {exception:p}");
            }
        }
    };
}
