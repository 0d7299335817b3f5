//! Time since start; never goes back. Microseconds from embassy's timer, cycles from the core's own counter.

use core::sync::atomic::{AtomicU32, Ordering};
use core::task::Waker;

use embassy_time::{Duration, Instant};

/// The core's clock: told by `clocks`, which stands above this.
static CORE_HZ: AtomicU32 = AtomicU32::new(280_000_000);

/// From now on the core runs at this clock.
pub fn core_runs_at(hz: u32) {
    CORE_HZ.store(hz, Ordering::Relaxed);
}

/// Microseconds since start.
pub fn ticks_us() -> u64 {
    Instant::now().as_micros()
}

/// Milliseconds since start.
pub fn ticks_ms() -> u64 {
    Instant::now().as_millis()
}

/// Core cycles, modulo 2^32: 15 seconds at 280 MHz.
pub fn cycles() -> u32 {
    cortex_m::peripheral::DWT::cycle_count()
}

/// Starts the cycle counter.
pub fn start_cycles() {
    crate::armv7m::start_cycle_counter();
}

/// Longer than this the cycle counter would come round at 280 MHz.
const CYCLES_UP_TO_US: u64 = 10_000_000;

/// Waits without sleeping, and never less: for short and exact pauses. By the cycle counter, for a tick of the clock that has
/// begun is a microsecond only in part.
pub fn delay_us(us: u64) {
    if us > CYCLES_UP_TO_US {
        return embassy_time::block_for(Duration::from_micros(us + 1));
    }
    let start = cycles();
    let enough = (us * u64::from(CORE_HZ.load(Ordering::Relaxed))).div_ceil(1_000_000) as u32;
    while cycles().wrapping_sub(start) < enough {}
}

/// Sleeps until `until_us`, or until any interrupt, unless `ready` holds already. May return early; ask again.
///
/// The timer's alarm needs no waker: its interrupt is what ends the sleep (see [`crate::console::sleep_unless`]).
pub fn sleep(until_us: u64, ready: impl FnOnce() -> bool) {
    crate::console::sleep_unless(|| {
        if ready() || ticks_us() >= until_us {
            return true;
        }
        embassy_time_driver::schedule_wake(until_us, Waker::noop());
        // A moment that passed meanwhile sets no alarm; from here on it leaves its interrupt pending.
        ticks_us() >= until_us
    });
}
