//! An interrupt at a steady rate that does what an ordinary tick does: read its timer, add one to a counter.
//!
//! To take an exception, and to read a register of the core (Strongly-ordered memory), the core empties its store buffer,
//! also of a beat that is not complete: this is the disturbance under which mapped writes have to hold. It uses SysTick,
//! which nothing else here does.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::SYST;

static TICKS: AtomicU32 = AtomicU32::new(0);

/// Ticks at `hz` until dropped.
pub struct Pulse(());

impl Pulse {
    /// Starts to tick; `hz` from 17 to some hundred thousand. Two at a time share one timer: the last one sets the rate.
    pub fn start(hz: u32) -> Self {
        let cycles = (crate::clocks::core_hz() / hz.max(1)).clamp(2, 1 << 24);
        TICKS.store(0, Ordering::Relaxed);
        crate::armv7m::start_systick(cycles - 1);
        Pulse(())
    }

    /// How many ticks there were.
    pub fn ticks(&self) -> u32 {
        TICKS.load(Ordering::Relaxed)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        crate::armv7m::stop_systick();
    }
}

#[cortex_m_rt::exception]
fn SysTick() {
    // The load is the point: it goes to Strongly-ordered space.
    core::hint::black_box(SYST::get_current());
    TICKS.fetch_add(1, Ordering::Relaxed);
}
