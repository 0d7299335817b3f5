//! The core's own registers: the one place that writes to them.
//!
//! `cortex-m` calls such writes unsafe, because they change what memory means. Here each has a name, an order with its
//! barriers, and a reason why it is sound; the rest of the crate calls these.
#![allow(unsafe_code)]

use cortex_m::Peripherals;
use cortex_m::asm::{dsb, isb};
use cortex_m::peripheral::DWT;
use cortex_m::peripheral::scb::Exception;
use cortex_m::peripheral::syst::SystClkSource;

use crate::dma::LINE_BYTES;

/// ACTLR: write misses of write-back write-allocate memory always fill a line (DDI0489F 3.2.2).
const ACTLR_DISRAMODE: u32 = 1 << 11;
/// MPU_CTRL: the MPU is on, also in HardFault and NMI; addresses outside all regions follow the default map.
const MPU_CTRL_ON: u32 = 1 << 0;
const MPU_CTRL_BACKGROUND: u32 = 1 << 2;
/// MPU_RBAR: the region number in this very word counts.
const RBAR_VALID: u32 = 1 << 4;

fn core() -> Peripherals {
    // SAFETY: every function here is one short sequence on registers that nobody else writes, and those that could be
    // interrupted by another of them run in a critical section.
    unsafe { Peripherals::steal() }
}

/// Writes one region, its base and the word RASR; it counts from the next instruction on.
pub fn set_mpu_region(number: u8, base: u32, rasr: u32) {
    critical_section::with(|_| {
        let mpu = core().MPU;
        dsb();
        // SAFETY: the table in `mpu` denies access to what is not memory and keeps what is in use accessible. The region
        // is switched off while its two words disagree.
        unsafe {
            mpu.rnr.write(number.into());
            mpu.rasr.write(0);
            mpu.rbar.write(base | RBAR_VALID | u32::from(number));
            mpu.rasr.write(rasr);
        }
        dsb();
        isb();
    });
}

/// The word RASR of a region.
pub fn mpu_rasr(number: u8) -> u32 {
    critical_section::with(|_| {
        let mpu = core().MPU;
        // SAFETY: chooses which region the next read is of; each writer of one chooses anew.
        unsafe { mpu.rnr.write(number.into()) };
        mpu.rasr.read()
    })
}

/// Does something to regions in the middle of whatever the core did, perhaps to regions, too.
pub fn with_mpu_number(action: impl FnOnce()) {
    let mpu = core().MPU;
    let number = mpu.rnr.read();
    action();
    // SAFETY: what it was.
    unsafe { mpu.rnr.write(number) };
}

/// Switches a region off: the next lower one, or the default map, takes its place.
pub fn clear_mpu_region(number: u8) {
    critical_section::with(|_| {
        let mpu = core().MPU;
        dsb();
        // SAFETY: as above; the caller has cleaned the cache over the region.
        unsafe {
            mpu.rnr.write(number.into());
            mpu.rasr.write(0);
        }
        dsb();
        isb();
    });
}

/// Switches the MPU on, over the default map.
pub fn enable_mpu() {
    let mpu = core().MPU;
    dsb();
    // SAFETY: with the default map as background, what was reachable stays so but for the regions of `mpu`.
    unsafe { mpu.ctrl.write(MPU_CTRL_ON | MPU_CTRL_BACKGROUND) };
    dsb();
    isb();
}

/// Switches the MPU off: the default map holds.
pub fn disable_mpu() {
    let mpu = core().MPU;
    dsb();
    // SAFETY: less is denied than before; the caller is about to start another program.
    unsafe { mpu.ctrl.write(0) };
    dsb();
    isb();
}

/// Keeps the core from streaming store misses past the D-cache. Before the D-cache is enabled.
pub fn disable_read_allocate_mode() {
    let icb = core().ICB;
    // SAFETY: turns an optimisation off; no effect on what a program means.
    unsafe { icb.actlr.modify(|w| w | ACTLR_DISRAMODE) };
    dsb();
    isb();
}

/// The opposite: the core's state after reset. The D-cache holds nothing dirty.
pub fn enable_read_allocate_mode() {
    let icb = core().ICB;
    // SAFETY: turns an optimisation on; no effect on what a program means. What it does to a memory without a mask pin is
    // what the caller wants to see.
    unsafe { icb.actlr.modify(|w| w & !ACTLR_DISRAMODE) };
    dsb();
    isb();
}

/// Which core it is: CPUID.
pub fn cpuid() -> u32 {
    core().CPUID.base.read()
}

/// An exception every `reload` + 1 cycles.
pub fn start_systick(reload: u32) {
    let mut timer = core().SYST;
    timer.disable_counter();
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(reload);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

/// No more of them.
pub fn stop_systick() {
    let mut timer = core().SYST;
    timer.disable_interrupt();
    timer.disable_counter();
}

/// Invalidates and enables both caches.
pub fn enable_caches() {
    let mut core = core();
    core.SCB.enable_icache();
    core.SCB.enable_dcache(&mut core.CPUID);
}

/// Writes out what is dirty, and disables both caches.
pub fn disable_caches() {
    let mut core = core();
    core.SCB.disable_dcache(&mut core.CPUID);
    core.SCB.disable_icache();
}

/// Invalidates and enables the instructions' cache alone.
pub fn enable_instruction_cache() {
    core().SCB.enable_icache();
}

/// Writes every dirty line out and forgets all lines, by set and way.
pub fn clean_invalidate_all() {
    let mut core = core();
    core.SCB.clean_invalidate_dcache(&mut core.CPUID);
}

/// The whole lines that hold a range: `cortex-m` counts lines from the address it gets, and would leave the last one out.
fn lines(address: usize, bytes: usize) -> (usize, usize) {
    let first = address & !(LINE_BYTES - 1);
    (first, address + bytes - first)
}

/// Writes dirty lines of a range out and forgets them.
pub fn clean_invalidate(address: usize, bytes: usize) {
    let (address, bytes) = lines(address, bytes);
    core().SCB.clean_invalidate_dcache_by_address(address, bytes);
}

/// Writes dirty lines of a range out and keeps them.
pub fn clean(address: usize, bytes: usize) {
    let (address, bytes) = lines(address, bytes);
    core().SCB.clean_dcache_by_address(address, bytes);
}

/// Forgets all instructions.
pub fn invalidate_instructions() {
    core().SCB.invalidate_icache();
}

/// Lets MemManage, BusFault and UsageFault have their own handlers instead of all becoming HardFault.
pub fn enable_faults() {
    let mut scb = core().SCB;
    scb.enable(Exception::MemoryManagement);
    scb.enable(Exception::BusFault);
    scb.enable(Exception::UsageFault);
}

/// What the core knows about a fault: CFSR, HFSR, MMFAR, BFAR.
pub fn fault_status() -> [u32; 4] {
    let scb = core().SCB;
    [
        scb.cfsr.read(),
        scb.hfsr.read(),
        scb.mmfar.read(),
        scb.bfar.read(),
    ]
}

/// Starts the cycle counter. A Cortex-M7 keeps it locked until a key is written, unless a debugger was there first.
pub fn start_cycle_counter() {
    let mut core = core();
    core.DCB.enable_trace();
    DWT::unlock();
    core.DWT.enable_cycle_counter();
}

/// Sleeps with SLEEPDEEP: what stops meanwhile, the power controller says.
pub fn sleep_deep() {
    let mut scb = core().SCB;
    scb.set_sleepdeep();
    dsb();
    cortex_m::asm::wfi();
    scb.clear_sleepdeep();
}

/// No interrupt is taken, or ends a sleep, from here on.
pub fn disable_all_interrupts() {
    cortex_m::interrupt::disable();
    // Eight are all that Armv7-M defines.
    for word in &core().NVIC.icer[..8] {
        // SAFETY: fewer interrupts are taken than before, and the caller never returns to what needs them.
        unsafe { word.write(u32::MAX) };
    }
}
