//! Marking in slices, and without a stack: the cases that random programs hit seldom.

mod common;

use common::memory::Fake;
use common::{SMALL, SMALL_PARAMS, heap, held_back};
use tierheap::{Heap, Phase, Progress, Request};

type Small = Heap<'static, Fake, 2>;

fn end(heap: &mut Small) {
    heap.end(|_, _| panic!("no finalisers here"));
    heap.check().unwrap();
}

/// A chain of `length` cells; the first one's address.
fn chain(heap: &mut Small, memory: &Fake, length: u32) -> u32 {
    (0..length).fold(0, |next, _| {
        let cell = heap.alloc(Request::bytes(16), false).unwrap();
        memory.poke(cell + 4, next);
        cell
    })
}

/// A list of `items` objects of two blocks, which wait on the stack one by one.
fn list(heap: &mut Small, memory: &Fake, items: u32) -> u32 {
    let body = heap.alloc(Request::bytes(4 * items).only(1), false).unwrap();
    for i in 0..items {
        let item = heap.alloc(Request::bytes(32), false).unwrap();
        memory.poke(body + 4 * i, item);
    }
    body
}

#[test]
fn any_mark_stack_will_do_even_none() {
    for entries in [0, 1, 2, 3, 128] {
        let (mut heap, memory) = heap(SMALL, entries, SMALL_PARAMS);
        let first = chain(&mut heap, &memory, 100);
        let body = list(&mut heap, &memory, 300);
        memory.poke(body, first);
        let lost = chain(&mut heap, &memory, 50);
        heap.start();
        heap.root(body);
        end(&mut heap);
        // One item gave its place to the chain.
        assert_eq!(
            heap.used_bytes() - held_back(&heap),
            16 * 100 + 32 * 299 + 4 * 300,
            "{entries} entries"
        );
        assert_eq!(heap.nbytes(lost), 0);
        assert_eq!(heap.work().overflows == 0, entries == 128, "{entries} entries");
        assert!(heap.deepest_mark_stack() <= entries);
    }
}

#[test]
fn an_object_made_dirty_is_scanned_again_to_its_end() {
    let (mut heap, memory) = heap(SMALL, 128, SMALL_PARAMS);
    let late = heap.alloc(Request::bytes(16), false).unwrap();
    let body = list(&mut heap, &memory, 300);
    heap.start();
    heap.root(body);
    assert_eq!(heap.mark_step(u32::MAX), Progress::Done);
    assert!(heap.only_cards_wait());
    memory.poke(body + 4 * 299, late);
    assert!(heap.check_marking().is_err(), "nobody was told");
    // Not its first byte: no object.
    heap.dirty_object(body + 4);
    assert!(heap.check_marking().is_err());
    heap.dirty_object(body);
    heap.check_marking().unwrap();
    end(&mut heap);
    assert_eq!(heap.nbytes(late), 16);
}

#[test]
fn slices_are_due_before_the_fast_tier_is_full() {
    let (mut heap, _) = heap(SMALL, 128, SMALL_PARAMS);
    while !heap.slices_due() {
        heap.alloc(Request::bytes(16), false).unwrap();
    }
    let [fast, slow] = [heap.tier_info(0), heap.tier_info(1)];
    assert_eq!(slow.used, 16, "the first block");
    assert!(
        4 * fast.free < fast.total && 5 * fast.free > fast.total,
        "{fast:?}"
    );
}

#[test]
fn a_slice_keeps_to_its_budget() {
    let (mut heap, memory) = heap(SMALL, 128, SMALL_PARAMS);
    let body = list(&mut heap, &memory, 400);
    heap.start();
    heap.root(body);
    let (mut slices, mut last) = (0, 0);
    while heap.mark_step(10) == Progress::More {
        let words = heap.work().fast_words + heap.work().slow_words;
        // A piece of 32 words is not cut.
        assert!(words - last < 10 + 32);
        last = words;
        slices += 1;
        heap.check_marking().unwrap();
    }
    assert!(slices >= 3600 / 42, "{slices}");
    end(&mut heap);
}

#[test]
fn a_slice_keeps_to_its_budget_in_a_chain_too() {
    for entries in [0, 1, 64] {
        let (mut heap, memory) = heap(SMALL, entries, SMALL_PARAMS);
        let first = chain(&mut heap, &memory, 600);
        heap.start();
        heap.root(first);
        let (mut slices, mut last) = (0, 0);
        while heap.mark_step(10) == Progress::More {
            let words = heap.work().fast_words + heap.work().slow_words;
            // A card of 128 words is not cut, and neither are an object and what it points to in fast memory.
            let uncut = if entries < 64 { 128 } else { 8 };
            assert!(
                words - last < 10 + uncut,
                "{entries} entries, {} words",
                words - last
            );
            last = words;
            slices += 1;
            heap.check().unwrap();
            heap.check_marking().unwrap();
        }
        assert!(slices >= 2400 / 138, "{slices}");
        end(&mut heap);
        assert_eq!(heap.used_bytes(), held_back(&heap) + 600 * 16);
    }
}

#[test]
fn the_only_pointer_moved_behind_the_collectors_back_is_found_by_the_barrier() {
    let (mut heap, memory) = heap(SMALL, 64, SMALL_PARAMS);
    let body = list(&mut heap, &memory, 100);
    let child = memory.peek(body + 4 * 99);
    let done = heap.alloc(Request::bytes(16), false).unwrap();
    heap.start();
    heap.roots([body, done]);
    // `done` is scanned first; the list is not.
    assert_eq!(heap.mark_step(1), Progress::More);
    memory.poke(done, child);
    memory.poke(body + 4 * 99, 0);
    let rule = heap.check_marking().unwrap_err();
    assert_eq!(
        (rule.rule, rule.address),
        ("no scanned word points to a white object", done)
    );
    heap.dirty(done);
    heap.check_marking().unwrap();
    end(&mut heap);
    assert_eq!(heap.nbytes(child), 32);
}

#[test]
fn what_is_left_of_a_freed_object_on_the_stack_is_forgotten() {
    let (mut heap, memory) = heap(SMALL, 64, SMALL_PARAMS);
    let lost = heap.alloc(Request::bytes(16), false).unwrap();
    let grey = heap.alloc(Request::bytes(64), false).unwrap();
    heap.start();
    heap.root(grey);
    heap.free(grey).unwrap();
    // Its place goes to a leaf whose payload looks like a pointer.
    let leaf = heap.alloc(Request::bytes(64).leaf(), false).unwrap();
    assert_eq!(leaf, grey);
    memory.poke(leaf, lost);
    end(&mut heap);
    assert_eq!(heap.nbytes(lost), 0);
}

#[test]
fn a_collection_that_begins_anew_forgets_what_the_last_one_found() {
    let (mut heap, memory) = heap(SMALL, 4, SMALL_PARAMS);
    let dead = chain(&mut heap, &memory, 40);
    heap.start();
    heap.root(dead);
    let _ = heap.mark_step(20);
    heap.start();
    end(&mut heap);
    assert_eq!(
        (heap.used_bytes(), heap.work().freed_objects),
        (held_back(&heap), 40)
    );
}

#[test]
fn a_root_outside_of_marking_is_ignored() {
    let (mut heap, memory) = heap(SMALL, 4, SMALL_PARAMS);
    let object = chain(&mut heap, &memory, 1);
    heap.root(object);
    heap.dirty(object);
    assert_eq!((heap.phase(), heap.mark_step(9)), (Phase::Idle, Progress::Done));
    heap.check().unwrap();
}

#[test]
fn an_object_that_spans_many_swept_slices_is_counted_once() {
    let (mut heap, _) = heap(SMALL, 4, SMALL_PARAMS);
    let first = heap.alloc(Request::bytes(9000).leaf(), false).unwrap();
    let kept = heap.alloc(Request::bytes(3000).leaf(), false).unwrap();
    heap.start();
    heap.root(kept);
    heap.finish_marking();
    assert_eq!(heap.next_finaliser(), None);
    while heap.sweep_step(1) == Progress::More {
        heap.check().unwrap();
        // What a slice has freed can be used at once.
        if heap.nbytes(first) == 0 {
            heap.alloc(Request::bytes(24), false).unwrap();
        }
    }
    heap.check().unwrap();
    assert_eq!(heap.work().freed_blocks, 563);
    assert_eq!(heap.nbytes(kept), 3008);
}
