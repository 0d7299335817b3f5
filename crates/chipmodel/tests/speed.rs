//! What the models cost the host, printed (`cargo test -p chipmodel --test speed -- --nocapture`), and what the
//! memory path delivers in virtual time, checked against the limit of the wires.

mod rig;

use std::hint::black_box;
use std::time::Instant;

use chipmodel::core::dcache::{Dcache, Policy};
use chipmodel::{Clocks, Effects, Kernel, Time, Width};
use rig::*;

const WBWA: Policy = Policy::WriteBackAllocate;

fn booted() -> Rig {
    let mut rig = Rig::mapped("esp-psram64h", 70_000_000, GOOD);
    rig.dcache.set_disramode(true);
    rig.dcache.set_enabled(true);
    rig
}

#[test]
fn host_nanoseconds_for_an_access() {
    let mut rig = booted();
    let Rig {
        octospi,
        dcache,
        reports,
        ..
    } = &mut rig;
    let clocks = Clocks::of(&[(Kernel::Octospi, 70_000_000)]);
    let mut fx = Effects::new(Time(1_000_000_000), clocks, reports);
    let mut time = |name: &str, count: u32, work: &mut dyn FnMut(&mut Dcache, &mut Effects, u32) -> u32| {
        let begin = Instant::now();
        let mut sum = 0u32;
        for index in 0..count {
            sum = sum.wrapping_add(work(dcache, &mut fx, index));
        }
        black_box(sum);
        println!(
            "{name}: {:.1} ns",
            begin.elapsed().as_nanos() as f64 / f64::from(count)
        );
    };
    time("load, hit", 5_000_000, &mut |cache, fx, index| {
        cache
            .load(WINDOW + (index * 4) % 8192, Width::Word, WBWA, octospi, fx)
            .expect("a load")
    });
    time("store, hit", 5_000_000, &mut |cache, fx, index| {
        cache
            .store(WINDOW + (index * 4) % 8192, Width::Word, index, WBWA, octospi, fx)
            .map(|()| 1)
            .expect("a store")
    });
    time("load, miss, clean victim", 200_000, &mut |cache, fx, index| {
        cache
            .load(
                WINDOW + 0x10_0000 + (index * 4128) % 0x40_0000,
                Width::Word,
                WBWA,
                octospi,
                fx,
            )
            .expect("a load")
    });
    time("store, miss, dirty victim", 200_000, &mut |cache, fx, index| {
        let addr = WINDOW + 0x10_0000 + (index * 4128) % 0x40_0000;
        cache
            .store(addr, Width::Word, index, WBWA, octospi, fx)
            .map(|()| 1)
            .expect("a store")
    });
    time("load, strongly ordered", 200_000, &mut |cache, fx, index| {
        let addr = WINDOW + (index * 4128) % 0x40_0000;
        cache
            .load(addr, Width::Word, Policy::StronglyOrdered, octospi, fx)
            .expect("a load")
    });
}

/// Megabytes in a second of virtual time.
fn rate(rig: &mut Rig, bytes: u32, work: impl FnOnce(&mut Rig)) -> f64 {
    let begin = rig.now;
    work(rig);
    f64::from(bytes) / ((rig.now - begin).0 as f64 / 1e6)
}

#[test]
fn sequential_reads_come_at_the_speed_of_an_open_burst() {
    let mut rig = booted();
    let bytes = 1 << 18;
    let rate = rate(&mut rig, bytes, |rig| {
        for at in (0..bytes).step_by(4) {
            rig.load(WINDOW + at, Width::Word, WBWA);
        }
    });
    // 35 MB/s is two clocks for a byte at 70 MHz; REFRESH takes 19 clocks for 244 bytes.
    let limit = 35.0 * 488.0 / (488.0 + 19.0);
    println!("sequential read: {rate:.1} MB/s of {limit:.1}");
    assert!(rate > 0.97 * limit && rate <= 35.0, "{rate:.1} of {limit:.1}");
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn filling_memory_costs_a_fetch_and_an_eviction_for_each_line() {
    let mut rig = booted();
    let bytes = 1 << 18;
    let rate = rate(&mut rig, bytes, |rig| {
        for at in (0..bytes).step_by(4) {
            rig.store(WINDOW + at, Width::Word, at, WBWA);
        }
        rig.clean_all();
    });
    // 15 + 64 clocks for the fetch, 9 + 64 for the eviction, NCS high for 4 after each.
    let limit = 32.0 * 70.0 / (79.0 + 4.0 + 73.0 + 4.0);
    println!("memset: {rate:.1} MB/s, alternating lines give {limit:.1}");
    assert!(
        rate > 0.9 * limit && rate < 1.2 * limit,
        "{rate:.1} of {limit:.1}"
    );
    assert_eq!(rig.complaints(), [""; 0]);
}
