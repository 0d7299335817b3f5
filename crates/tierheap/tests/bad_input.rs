//! What a careless program may ask, and what stray writes do.

mod common;

use common::{SMALL, SMALL_PARAMS, heap};
use tierheap::{Heap, NotABlock, Params, Refusal, Request, SetupError, Span, table_words};

#[test]
fn nothing_is_what_zero_bytes_get() {
    let (mut heap, _) = heap(SMALL, 8, SMALL_PARAMS);
    let fresh = heap.used_bytes();
    assert_eq!(heap.alloc(Request::bytes(0), true), Err(Refusal::Zero));
    assert_eq!(heap.realloc(0, 0, true, true), Err(Refusal::Zero));
    let block = heap.alloc(Request::bytes(1), true).unwrap();
    assert_eq!(heap.realloc(block, 0, true, true), Err(Refusal::Zero));
    assert_eq!(heap.used_bytes(), fresh);
}

#[test]
fn a_foreign_pointer_is_refused_and_named() {
    let (mut heap, _) = heap(SMALL, 8, SMALL_PARAMS);
    let block = heap.alloc(Request::bytes(40), true).unwrap();
    let table = [
        ("outside", 0x0800_0000),
        ("just below", SMALL[0].base - 16),
        ("the first block of a tier", SMALL[1].base),
        ("just behind", SMALL[0].base + 4096),
        ("between words", block + 1),
        ("inside the block", block + 16),
        ("free memory", block + 48),
    ];
    for (what, address) in table {
        assert_eq!(heap.free(address), Err(NotABlock { address }), "{what}");
        assert_eq!(heap.nbytes(address), 0, "{what}");
        let refused = Err(Refusal::NotABlock(NotABlock { address }));
        assert_eq!(heap.realloc(address, 100, true, true), refused, "{what}");
        assert_eq!(heap.realloc(address, 0, true, true), refused, "{what}");
        heap.check().unwrap();
    }
    assert_eq!(heap.free(0), Ok(()));
    assert_eq!(heap.free(block), Ok(()));
    assert_eq!(heap.free(block), Err(NotABlock { address: block }));
    let text = NotABlock { address: 0x2400_0010 }.to_string();
    assert_eq!(
        text,
        "0x24000010 is not the start of a block that this heap handed out"
    );
}

#[test]
fn the_guard_walk_names_the_first_block_that_was_written_over() {
    let (heap, memory) = heap(SMALL, 8, SMALL_PARAMS);
    let mut heap = heap.with_guards();
    let blocks: Vec<u32> = (0..10)
        .map(|i| heap.alloc(Request::bytes(10 + 30 * i), true).unwrap())
        .collect();
    assert_eq!(heap.check_guards(), Ok(()));
    // One word too far, in two places.
    for i in [7, 3] {
        memory.poke(blocks[i] + heap.nbytes(blocks[i]), 0);
    }
    let violation = heap.check_guards().unwrap_err();
    assert_eq!((violation.address, violation.found), (blocks[3], 0));
    assert!(
        violation
            .to_string()
            .starts_with(&format!("heap damaged at {:#010x}: the guard word", blocks[3]))
    );
}

#[test]
fn a_program_may_use_all_that_nbytes_promises() {
    let (heap, memory) = heap(SMALL, 8, SMALL_PARAMS);
    let mut heap = heap.with_guards();
    let mut block = heap.alloc(Request::bytes(12), true).unwrap();
    for bytes in [13, 40, 28, 500, 12] {
        for at in (0..heap.nbytes(block)).step_by(4) {
            memory.poke(block + at, 0xffff_ffff);
        }
        heap.check_guards().unwrap();
        block = heap.realloc(block, bytes, true, false).unwrap();
        heap.check_guards().unwrap();
    }
}

#[test]
fn nothing_can_be_allocated_inside_a_finaliser() {
    let (mut heap, _) = heap(SMALL, 8, SMALL_PARAMS);
    let fresh = heap.used_bytes();
    heap.alloc(Request::bytes(16).finaliser(), true).unwrap();
    let other = heap.alloc(Request::bytes(16).leaf(), true).unwrap();
    let mut ran = 0;
    heap.start();
    heap.end(|heap, doomed| {
        ran += 1;
        assert_eq!(heap.alloc(Request::bytes(16), true), Err(Refusal::Busy));
        assert_eq!(heap.realloc(doomed, 64, true, true), Err(Refusal::Busy));
        assert!(!heap.start(), "a collection inside a collection");
        heap.free(other).unwrap();
        heap.free(doomed).unwrap();
    });
    assert_eq!((ran, heap.used_bytes()), (1, fresh));
    heap.check().unwrap();
}

#[test]
fn finalisers_run_by_address_the_fastest_tier_first_and_once() {
    let (mut heap, _) = heap(SMALL, 8, SMALL_PARAMS);
    let make = |heap: &mut Heap<'_, _, 2>, request: Request| heap.alloc(request.finaliser(), true).unwrap();
    let slow = make(&mut heap, Request::bytes(16).only(1));
    let kept = make(&mut heap, Request::bytes(16));
    let mut expected: Vec<u32> = (1..60).map(|i| make(&mut heap, Request::bytes(i))).collect();
    expected.push(slow);
    let mut ran = Vec::new();
    for _ in 0..2 {
        heap.start();
        heap.root(kept);
        heap.end(|_, doomed| ran.push(doomed));
    }
    assert_eq!(ran, expected);
}

#[test]
fn regions_that_make_no_sense_are_refused() {
    let refuse = |spans: [Span; 2], words: usize| {
        let memory = common::memory::Fake::new(&SMALL);
        let (mut tables, mut stack) = (vec![0; words], vec![]);
        Heap::new(memory, spans, &mut tables, &mut stack, Params::QUAD_PSRAM).err()
    };
    let needed = table_words(&SMALL);
    let shifted = |by| {
        [
            SMALL[0],
            Span {
                base: SMALL[0].base + by,
                ..SMALL[1]
            },
        ]
    };
    assert_eq!(refuse(SMALL, needed), None);
    assert_eq!(
        refuse(SMALL, needed - 1),
        Some(SetupError::TablesTooSmall {
            needed,
            given: needed - 1
        })
    );
    assert_eq!(
        refuse(SMALL, 0),
        Some(SetupError::TablesTooSmall { needed, given: 0 })
    );
    assert_eq!(
        refuse(shifted(8), needed),
        Some(SetupError::Misaligned {
            base: SMALL[0].base + 8
        })
    );
    assert_eq!(
        refuse(shifted(16), needed),
        Some(SetupError::Misaligned {
            base: SMALL[0].base + 16
        }),
        "a slow region begins with a line"
    );
    assert_eq!(
        refuse(shifted(32), needed),
        Some(SetupError::Overlap {
            base: SMALL[0].base + 32
        })
    );
    let wraps = [
        SMALL[0],
        Span {
            base: 0xffff_ffe0,
            bytes: 1024,
        },
    ];
    assert_eq!(
        refuse(wraps, needed),
        Some(SetupError::Overlap { base: 0xffff_ffe0 })
    );
}

#[test]
fn a_heap_without_any_memory_only_refuses() {
    let (mut heap, _) = heap([Span { base: 0, bytes: 0 }], 0, SMALL_PARAMS);
    assert_eq!(
        heap.alloc(Request::bytes(16), true),
        Err(Refusal::NoRoom { tier: None })
    );
    heap.start();
    heap.root(0);
    heap.end(|_, _| ());
    heap.check().unwrap();
    assert_eq!(heap.info().total, 0);
}
