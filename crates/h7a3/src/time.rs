//! Time since start, in microseconds, from embassy's timer; never goes back.

use embassy_time::{Duration, Instant};

/// Microseconds since start.
pub fn ticks_us() -> u64 {
    Instant::now().as_micros()
}

/// Milliseconds since start.
pub fn ticks_ms() -> u64 {
    Instant::now().as_millis()
}

/// Waits without sleeping: for short and exact pauses.
pub fn delay_us(us: u64) {
    embassy_time::block_for(Duration::from_micros(us));
}
