//! What a collection costs on the virtual board, to the cycle: the promises that docs/heap.md makes. The other figures are
//! `cargo xtask bench heap`'s.

use crate::common::run_script;

/// The last collection of a script: virtual microseconds, and bytes that the memory chip gave for it.
#[track_caller]
fn last_collection(script: &str) -> (u64, u64) {
    let (seen, stats) = run_script("devebox", &["--watch", "gc_collect"], script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let calls = stats["watched"][0]["calls"].as_array().unwrap();
    let last = calls.last().expect("the script collects");
    // 280 cycles are a microsecond.
    (
        last["cycles"].as_u64().unwrap() / 280,
        last["bytes_read"].as_u64().unwrap(),
    )
}

#[test]
fn a_collection_at_the_prompt_takes_less_than_a_tenth_of_a_millisecond() {
    let (us, _) = last_collection("import gc\ngc.collect()\n");
    assert!(us < 100, "{us} us");
}

#[test]
fn a_large_dead_buffer_costs_less_than_a_millisecond_and_is_not_touched() {
    let (us, bytes) = last_collection("import gc\nb = bytearray(4 << 20)\nb = None\ngc.collect()\n");
    assert!(us < 1000 && bytes == 0, "{us} us, {bytes} bytes");
}

#[test]
fn the_content_of_live_buffers_is_not_read() {
    let (us, bytes) =
        last_collection("import gc\nl = [bytearray(4000) for _ in range(1500)]\ngc.collect()\n");
    // The list has 6 KB; a line that is fetched may bring the next one with it.
    assert!(us < 3000 && bytes < 16_000, "{us} us, {bytes} bytes");
}
