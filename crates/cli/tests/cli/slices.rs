//! The heap that collects in slices (`--heap sliced`): what it promises.
//!
//! That its check can fail is shown where a store can be left unreported: in crate tierheap.

use crate::common::{Seen, root, run_script};
use std::fs;

/// Longest and number of the calls of a function, in cycles.
fn watched(function: &str, script: &str) -> (u64, usize) {
    let (seen, stats) = run_script("devebox-sliced", &["--watch", function], script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let calls = stats["watched"][0]["calls"].as_array().unwrap();
    let cycles = calls.iter().map(|call| call["cycles"].as_u64().unwrap());
    (cycles.max().unwrap_or(0), calls.len())
}

fn checked(script: &str) -> Seen {
    run_script("devebox-sliced-checked", &["--psram", "none"], script).0
}

/// 100,000 tuples alive, while lists come and go.
const CHURN: &str = "\
keep = [[(i, [j]) for j in range(50)] for i in range(1000)]
def churn(n):
    for i in range(n): x = [i, i]
churn(300000)
";

/// 280 MHz.
const TWO_MS: u64 = 560_000;

#[test]
fn with_100_000_objects_alive_no_slice_takes_2_ms_and_nothing_is_collected_at_once() {
    let (longest, slices) = watched("upy_gc_slice", CHURN);
    assert!(longest < TWO_MS, "{longest} cycles");
    assert!(slices > 100, "{slices} slices");
    let (longest, _) = watched("upy_gc_sweep_slice", CHURN);
    assert!((1..TWO_MS).contains(&longest), "{longest} cycles");
    assert_eq!(watched("gc_collect", CHURN).1, 0);
}

#[test]
fn native_code_switches_slices_off() {
    let native = format!("@micropython.native\ndef f(): pass\n{CHURN}");
    assert_eq!(watched("upy_gc_slice", &native).1, 0);
    assert!(watched("gc_collect", &native).1 > 0);
}

/// Every way a pointer can move while a slice waits: attributes, items, closures, generators, deletion, sorting, growing.
const MOVES: &str = "\
class A:
    def __init__(self, x): self.x = x; self.n = None
def gen(n):
    for i in range(n): yield [i, str(i)]
def counter():
    cell = []
    def put(v):
        nonlocal cell
        cell = [v, cell and cell[0]]
        return cell
    return put
d = {}; put = counter(); slots = gen(2000)
for r in range(20):
    for v in gen(100):
        a = A(v); a.n = d.get(v[0]); d[v[0]] = a; a.n = None; put([a]); next(slots)
    l = [(i, str(i)) for i in range(200)]
    l.sort(key=lambda t: t[1]); l.insert(0, l.pop()); del l[5:50]
print(sum(d[k].x[0] for k in d), put(0)[1][0].x)
";

#[test]
fn each_slice_finds_every_store_reported() {
    let seen = checked(MOVES);
    assert_eq!(
        (seen.code, seen.out.trim()),
        (Some(0), "4950 [99, '99']"),
        "{seen:?}"
    );
}

/// A DMA moves the only references of objects, before and behind the marking.
const COPIES: &str = "\
import array, spiram
source = array.array('O', [[i] for i in range(100)])
target = array.array('O', [None] * 100)
for turn in range(40):
    for i in range(turn): [i]
    spiram.copy(target, source)
    for i in range(100): source[i] = None
    for i in range(20): [i]
    source, target = target, source
print([i for i in range(100) if source[i] != [i]])
";

#[test]
fn what_a_dma_writes_is_reported() {
    let seen = checked(COPIES);
    assert_eq!((seen.code, seen.out.trim()), (Some(0), "[]"), "{seen:?}");
    let script = fs::read_to_string(root().join("tests/port/moved.py")).unwrap();
    let (seen, _) = run_script("devebox-sliced", &["--psram", "none"], &script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
}

/// A program that sets a threshold, and grows lists.
const THRESHOLD: &str = "\
import gc
keep = [[i] for i in range(12_000)]
gc.threshold(60_000)
for i in range(12_000):
    l = []
    for j in range(6): l.append(j)
";

#[test]
fn a_threshold_is_kept_in_slices_too_and_so_is_growing() {
    assert_eq!(watched("gc_collect", THRESHOLD).1, 0);
    let (longest, slices) = watched("upy_gc_slice", THRESHOLD);
    assert!(
        longest < TWO_MS && slices > 20,
        "{longest} cycles, {slices} slices"
    );
}

/// Much is alive, and each list is larger than its neighbour: slices without a stall, and many of them.
const APPENDS: &str = "\
d = {}
for i in range(20000): d[i] = (i, [i])
for r in range(30000):
    d[r % 20000] = (r, [r]); d[r * 7 % 20000][1].append(r)
";

#[test]
fn slices_end_by_the_clock() {
    let (longest, slices) = watched("upy_gc_slice", APPENDS);
    // 1.4 ms, and what comes on top.
    assert!(
        longest < 460_000 && slices > 20,
        "{longest} cycles, {slices} slices"
    );
}
