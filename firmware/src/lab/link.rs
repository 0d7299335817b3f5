//! The link to the chip in other settings, while a program lives in the chip. The program stands still, and a kilobyte of the chip
//! is lent and put back. What a setting does is found out by reading alone; one that is to stay writes too, once it has read
//! without an error.

use core::sync::atomic::{AtomicBool, Ordering};

use h7a3::octospi::{Error, Octospi};
use h7a3::{clocks, sdmmc};
use psram::command::{QPI_READ, QPI_WRITE};
use psram::train::{self, PIECE, Point, Setting, Sweep};
use psram::{Bus, Plan, Psram};

use super::bench::{Bench, Lines};

/// What is lent: the chip's first bytes.
const BLOCK: usize = 1024;
const PLACE: u32 = 0;
/// So often it is read by a sweep, and by a setting that is to stay.
const SWEEP_TIMES: u32 = 4;
const CHECK_TIMES: u32 = 8;

static IS_CALIBRATED: AtomicBool = AtomicBool::new(false);

/// Whether the clock is the one that the owner calibrated.
pub fn is_calibrated() -> bool {
    IS_CALIBRATED.load(Ordering::Relaxed)
}

/// The setting in force.
pub fn setting(plan: &Plan) -> Setting {
    Setting {
        clock_hz: plan.clock.hz(),
        late: plan.setup.late_sampling,
    }
}

/// All clocks and sample points that the part allows.
pub fn sweep(bench: &mut Bench, sweep: &mut Sweep) -> Result<(), Error> {
    lent(bench, |bus, home, block| {
        for kernel in clocks::OCTOSPI_KERNELS {
            for late in [false, true] {
                let setting = Setting {
                    clock_hz: kernel.hz(),
                    late,
                };
                let Some(plan) = setting.plan(home.part) else {
                    continue;
                };
                change(bus, &plan)?;
                sweep.add(train::measure(bus, setting, (PLACE, block), SWEEP_TIMES)?);
            }
            if sweep.is_over() {
                break;
            }
        }
        change(bus, home)
    })
}

/// Goes over to a setting if it reads and writes without an error; what was found otherwise. `None`: the part does not allow it.
pub fn adopt(bench: &mut Bench, setting: Setting) -> Option<Result<Point, Error>> {
    let plan = setting.plan(bench.plan().part)?;
    let checked = lent(bench, |bus, home, block| {
        change(bus, &plan)?;
        let mut point = train::measure(bus, setting, (PLACE, block), CHECK_TIMES)?;
        if point.errors == 0 {
            block.iter_mut().for_each(|byte| *byte = !*byte);
            put(bus, block)?;
            point = train::measure(bus, setting, (PLACE, block), CHECK_TIMES)?;
        }
        if point.errors > 0 {
            change(bus, home)?;
        }
        Ok(point)
    });
    if matches!(checked, Ok(Point { errors: 0, .. })) {
        bench.follow(plan);
        IS_CALIBRATED.store(true, Ordering::Relaxed);
        sdmmc::retime();
    }
    Some(checked)
}

/// Puts a pattern into the chip for `action`, and back what was there. If the controller fails, it is as planned afterwards.
#[inline(never)]
fn lent<T>(
    bench: &mut Bench,
    action: impl FnOnce(&mut Octospi, &Plan, &mut [u8; BLOCK]) -> Result<T, Error>,
) -> Result<T, Error> {
    let home = *bench.plan();
    debug_assert!(bench.lines() == Lines::Four);
    bench.unmapped(|bus| {
        let [mut kept, mut block] = [[0; BLOCK]; 2];
        for (at, piece) in (PLACE..).step_by(PIECE).zip(kept.chunks_exact_mut(PIECE)) {
            bus.read(&QPI_READ, at, piece)?;
        }
        train::pattern(&mut block, 1);
        put(bus, &block)?;
        let mut done = action(bus, &home, &mut block);
        if done.is_err() {
            done = change(bus, &home).and(done);
        }
        // A command that was misheard may have changed the chip's mode; a reset leaves what it holds.
        let mut found = [0; PIECE];
        bus.read(&QPI_READ, PLACE, &mut found)?;
        if found != block[..PIECE] {
            Psram::reset(&mut *bus, home)
                .and_then(Psram::enter_qpi)
                .map_err(|error| error.cause)?;
        }
        put(bus, &kept)?;
        done
    })
}

fn put(bus: &mut Octospi, block: &[u8; BLOCK]) -> Result<(), Error> {
    (PLACE..)
        .step_by(PIECE)
        .zip(block.chunks_exact(PIECE))
        .try_for_each(|(at, piece)| bus.write(&QPI_WRITE, at, piece))
}

/// Another clock and sample point. What is not on offer stays as it was.
pub fn change(bus: &mut Octospi, plan: &Plan) -> Result<(), Error> {
    if let Some(kernel) = clocks::octospi_kernel(plan.clock.kernel_hz) {
        clocks::feed_octospi(kernel);
    }
    bus.apply(&plan.setup)
}
