//! What a collection reads, to the word.

mod common;

use common::board::{Board, SPANS};
use tierheap::{Request, table_words};

const MB: u32 = 1024 * 1024;

/// Collects, and compares the heap's own counters with what the memory saw.
fn collect(board: &mut Board) -> tierheap::Work {
    board.memory.take_reads(0);
    board.memory.take_reads(1);
    board.memory.take_lines();
    board.collect();
    let work = board.heap.work();
    assert_eq!(board.memory.take_reads(0), u64::from(work.fast_words));
    assert_eq!(board.memory.take_reads(1), u64::from(work.slow_words));
    work
}

#[test]
fn the_tables_of_the_board_leave_room_for_9_2_million_bytes() {
    let board = Board::new();
    assert!(table_words(&SPANS) * 4 <= 222_000);
    assert!(
        board.heap.total_bytes() >= 9_210_000,
        "{}",
        board.heap.total_bytes()
    );
    // A block of each tier is held back.
    assert_eq!(board.heap.free_bytes(), board.heap.total_bytes() - 2 * 16);
}

#[test]
fn the_largest_allocation_is_the_whole_slow_tier_but_its_first_block() {
    let mut board = Board::new();
    let all = board.alloc(Request::bytes(8_388_608 - 16).leaf());
    assert_eq!(board.heap.nbytes(all), 8_388_608 - 16);
}

/// The bases of the tiers stand in many places of a program; they keep nothing alive.
#[test]
fn nothing_lies_at_the_address_of_a_tier() {
    let mut board = Board::new();
    let mut chain = 0;
    for _ in 0..100_000 {
        let cell = board.alloc(Request::bytes(16));
        board.store(cell, 0, chain);
        chain = cell;
        board.roots = vec![chain];
    }
    board.roots = SPANS.iter().map(|span| span.base).collect();
    board.collect();
    assert_eq!(board.heap.free_bytes(), board.heap.total_bytes() - 2 * 16);
}

#[test]
fn an_empty_heap_is_collected_without_looking_anywhere() {
    let mut board = Board::new();
    let work = collect(&mut board);
    assert_eq!((work.table_words, work.fast_words, work.slow_words), (0, 0, 0));
}

#[test]
fn after_all_has_died_the_next_collection_visits_nothing() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(32));
    board.roots.clear();
    let full = collect(&mut board);
    assert_eq!(full.freed_objects, 100_002);
    assert!(full.table_words > 7_000);
    let empty = collect(&mut board);
    assert_eq!(empty.table_words, 0);
}

#[test]
fn a_dead_buffer_of_4_mb_costs_no_access_to_slow_memory() {
    let mut board = Board::new();
    board.alloc(Request::bytes(4 * MB).leaf());
    let work = collect(&mut board);
    assert_eq!(board.memory.take_lines(), 0);
    assert_eq!(work.freed_blocks, 4 * MB / 16);
    // It has 4 KB of play.
    assert_eq!(work.table_words, (4 * MB + 4096) / 512);
}

#[test]
fn live_buffers_of_6_mb_are_not_read() {
    let mut board = Board::new();
    let list = board.list_of(1500, Request::bytes(4000).leaf());
    assert_eq!(board.heap.tier_of(list), Some(0));
    let work = collect(&mut board);
    assert_eq!((work.objects, work.leaves), (1502, 1500));
    // The list is in fast memory, and slow memory is not touched at all.
    assert_eq!((work.fast_words, work.slow_words), (4 + 1500, 0));
}

#[test]
fn floats_are_not_read_wherever_they_are() {
    let mut board = Board::new();
    board.list_of(200_000, Request::bytes(16).leaf());
    let work = collect(&mut board);
    assert_eq!(work.leaves, 200_000);
    assert_eq!(work.slow_words, 200_000);
}

#[test]
fn a_live_object_with_pointers_is_read_once() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(16));
    let work = collect(&mut board);
    let words = 4 + 100_000 + 100_000 * 4;
    assert_eq!(work.fast_words + work.slow_words, words);
    assert_eq!((work.overflows, work.cards), (0, 0));
    // A line of two objects is counted for each of them.
    let lines = board.memory.take_lines() as u32;
    assert!(
        work.slow_lines >= lines / 2 && work.slow_lines <= 2 * lines,
        "{} of {lines}",
        work.slow_lines
    );
}

#[test]
fn a_wide_list_does_not_flood_the_mark_stack_and_neither_does_a_deep_one() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(16));
    let mut next = 0;
    for _ in 0..50_000 {
        let cell = board.alloc(Request::bytes(16));
        board.store(cell, 1, next);
        next = cell;
        board.roots.truncate(1);
        board.roots.push(next);
    }
    assert_eq!(collect(&mut board).overflows, 0);
    assert!(
        board.heap.deepest_mark_stack() <= 130,
        "{}",
        board.heap.deepest_mark_stack()
    );
}

#[test]
fn a_thousand_roots_do_not_flood_the_mark_stack() {
    let mut board = Board::new();
    for _ in 0..5000 {
        let head = board.alloc(Request::bytes(16));
        let body = board.alloc(Request::bytes(64));
        board.store(head, 3, body);
        board.roots.push(head);
    }
    let work = collect(&mut board);
    assert_eq!((work.objects, work.overflows), (10_000, 0));
    // Roots are taken in bundles of 32, so that what they point to is read in order.
    assert!(board.heap.deepest_mark_stack() <= 32 + 2);
}
