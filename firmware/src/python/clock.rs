//! Time: ticks, pauses, and a calendar that starts on 2000-01-01 at each power-on, since nothing keeps the time.

use h7a3::time;
use upy::{Obj, Result, finish, sys};

#[unsafe(no_mangle)]
extern "C" fn upy_time_us() -> u64 {
    time::ticks_us()
}

#[unsafe(no_mangle)]
extern "C" fn mp_hal_ticks_ms() -> u32 {
    time::ticks_ms() as u32
}

#[unsafe(no_mangle)]
extern "C" fn mp_hal_ticks_us() -> u32 {
    time::ticks_us() as u32
}

#[unsafe(no_mangle)]
extern "C" fn mp_hal_ticks_cpu() -> u32 {
    time::cycles()
}

/// Waits without sleeping: the exact rest of a pause, whose loop is in upy-sys/port/nlr.c.
#[unsafe(no_mangle)]
extern "C" fn upy_delay_us(us: u32) {
    time::delay_us(us.into());
}

/// Nanoseconds since the epoch, which is 2000-01-01 as on MicroPython's other STM32 boards.
#[unsafe(no_mangle)]
extern "C" fn mp_hal_time_ns() -> u64 {
    time::ticks_us() * 1_000
}

fn seconds() -> u64 {
    time::ticks_us() / 1_000_000
}

fn calendar() -> sys::timeutils_struct_time_t {
    let mut now = core::mem::MaybeUninit::uninit();
    // SAFETY: the function fills the struct from the seconds alone. RAISES: no.
    unsafe {
        sys::timeutils_seconds_since_2000_to_struct_time(seconds() as sys::mp_uint_t, now.as_mut_ptr());
        now.assume_init()
    }
}

#[unsafe(no_mangle)]
extern "C" fn mp_time_time_get() -> *mut core::ffi::c_void {
    finish(Obj::from_u64(seconds()))
}

#[unsafe(no_mangle)]
extern "C" fn mp_time_localtime_get() -> *mut core::ffi::c_void {
    finish(local_time())
}

fn local_time() -> Result<Obj> {
    let t = calendar();
    let date = [t.tm_year.into(), t.tm_mon.into(), t.tm_mday.into()];
    let time = [
        t.tm_hour.into(),
        t.tm_min.into(),
        t.tm_sec.into(),
        t.tm_wday.into(),
        t.tm_yday.into(),
    ];
    let mut tuple = [Obj::NONE; 8];
    for (place, value) in tuple.iter_mut().zip(date.into_iter().chain(time)) {
        *place = Obj::small_int(value);
    }
    Obj::tuple(&tuple)
}

/// The time as FAT stores it: seconds / 2 in bits 0-4, minutes 5-10, hours 11-15, day 16-20, month 21-24, years since
/// 1980 in bits 25-31.
#[unsafe(no_mangle)]
extern "C" fn get_fattime() -> u32 {
    let t = calendar();
    let date = (u32::from(t.tm_year) - 1980) << 25 | u32::from(t.tm_mon) << 21 | u32::from(t.tm_mday) << 16;
    date | u32::from(t.tm_hour) << 11 | u32::from(t.tm_min) << 5 | u32::from(t.tm_sec) >> 1
}
