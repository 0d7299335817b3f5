//! Placement and pacing on a heap of the board's size: few collections, whatever the program does.

mod common;

use common::board::{Board, SPANS};
use tierheap::{Phase, Progress, Refusal, Request};

const FAST: u64 = SPANS[0].bytes as u64;
const ALL: u64 = FAST + SPANS[1].bytes as u64;

#[test]
fn small_begins_fast_and_large_begins_slow() {
    let mut board = Board::new();
    let table = [
        (Request::bytes(16), 0),
        (Request::bytes(16).leaf(), 0),
        (Request::bytes(2048), 0),
        (Request::bytes(65_536), 0),
        (Request::bytes(65_537), 1),
        (Request::bytes(512).leaf(), 0),
        (Request::bytes(513).leaf(), 1),
        (Request::bytes(100_000).only(0), 0),
        (Request::bytes(16).only(1), 1),
    ];
    for (request, tier) in table {
        let address = board.alloc(request);
        assert_eq!(board.heap.tier_of(address), Some(tier), "{request:?}");
    }
}

#[test]
fn with_little_alive_garbage_never_leaves_the_fast_tier() {
    let mut board = Board::new();
    board.list_of(500, Request::bytes(32));
    let before = board.heap.totals();
    for _ in 0..1_000_000 {
        board.alloc(Request::bytes(16).leaf());
    }
    let after = board.heap.totals();
    assert_eq!(after.slow_blocks, before.slow_blocks);
    // 16 MB through 0.8 MB of fast memory.
    assert!(after.collections - before.collections <= 21, "{after:?}");
}

#[test]
fn with_much_alive_the_fast_tier_is_not_collected_again_and_again() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(16));
    let before = board.heap.totals();
    let (mut bytes, mut marked) = (0, 0);
    for _ in 0..500_000 {
        let collections = board.heap.totals().collections;
        // `[i, i]`
        let head = board.alloc(Request::bytes(16));
        board.roots.push(head);
        let body = board.alloc(Request::bytes(16));
        board.store(head, 3, body);
        board.roots.pop();
        bytes += 32;
        if board.heap.totals().collections != collections {
            marked += u64::from(board.heap.work().objects);
        }
    }
    let collections = u64::from(board.heap.totals().collections - before.collections);
    let free = ALL - 16 * 100_000 - 4 * 100_000;
    assert!(
        collections <= bytes / free + 2,
        "{collections} collections for {bytes} bytes"
    );
    assert!(marked <= 5 * 100_000, "{marked} objects marked");
}

/// Live data of any size, churn of any object size: collections stay under the bound that policy promises.
#[test]
fn the_number_of_collections_is_bounded_by_what_was_allocated() {
    for live in [1_000, 20_000, 40_000, 60_000, 150_000, 250_000] {
        for bytes in [16, 48, 200, 1000] {
            let mut board = Board::new();
            board.list_of(live, Request::bytes(16));
            let before = board.heap.totals().collections;
            let count = 12_000_000 / bytes;
            for _ in 0..count {
                board.alloc(Request::bytes(bytes));
            }
            let collections = u64::from(board.heap.totals().collections - before);
            let bound = 8 * u64::from(count * bytes.next_multiple_of(16)) / FAST + 1;
            assert!(
                collections <= bound,
                "{live} alive, churn of {bytes}: {collections} collections"
            );
        }
    }
}

#[test]
fn a_full_slow_tier_does_not_make_each_large_allocation_collect() {
    let mut board = Board::new();
    let list = board.list(2100);
    for i in 0..2048 {
        let buffer = board.alloc(Request::bytes(4096).leaf().only(1));
        if buffer == 0 {
            break;
        }
        board.store(list, i, buffer);
        if board.heap.tier_info(1).max_free < 1024 {
            break;
        }
    }
    let before = board.heap.totals().collections;
    for _ in 0..10_000 {
        board.alloc(Request::bytes(40_000).leaf());
    }
    let collections = u64::from(board.heap.totals().collections - before);
    // There is room in the fast tier for 20 of them at a time.
    assert!(
        collections <= 10_000 * 40_000 * 8 / ALL + 10_000 / 18,
        "{collections}"
    );
}

#[test]
fn a_growing_buffer_moves_seldom() {
    let mut board = Board::new();
    let mut buffer = board.alloc(Request::bytes(64).leaf());
    board.roots.push(buffer);
    let mut moves = 0;
    for bytes in (80..2_000_000).step_by(16) {
        let now = board.realloc(buffer, bytes);
        if now != buffer {
            moves += 1;
            buffer = now;
            board.roots[0] = now;
        }
    }
    assert!(moves <= 14, "{moves} moves");
}

#[test]
fn a_growing_buffer_moves_seldom_even_among_others() {
    let mut board = Board::new();
    let others = board.list(256);
    let mut buffer = board.alloc(Request::bytes(4096).leaf());
    board.roots.push(buffer);
    let mut moves = 0;
    for i in 0..256 {
        let other = board.alloc(Request::bytes(3000).leaf());
        board.store(others, i, other);
        let now = board.realloc(buffer, 4096 * (i + 2));
        moves += u32::from(now != buffer);
        buffer = now;
        board.roots[1] = now;
    }
    assert!(moves <= 14, "{moves} moves");
}

#[test]
fn live_data_in_slow_memory_is_not_marked_again_and_again_to_empty_the_fast_tier() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(16).only(1));
    board.collect();
    let before = board.heap.totals();
    for _ in 0..1_500_000 {
        board.alloc(Request::bytes(16));
    }
    let after = board.heap.totals();
    // 24 MB through 7 MB.
    assert!(after.collections - before.collections <= 4, "{after:?}");
    assert_eq!(after.for_speed, before.for_speed);
}

#[test]
fn what_is_freed_explicitly_is_used_again_at_once() {
    let mut board = Board::new();
    for bytes in [16, 48, 700, 5000] {
        let first = board.alloc(Request::bytes(bytes).leaf());
        for _ in 0..10_000 {
            board.heap.free(first).unwrap();
            assert_eq!(board.alloc(Request::bytes(bytes).leaf()), first);
        }
    }
    assert_eq!(board.heap.totals().collections, 0);
}

/// One object in ten stays. Collections come early enough for what is free to be in one piece.
#[test]
fn what_is_free_stays_whole_although_what_lives_is_scattered() {
    let mut board = Board::new();
    let list = board.list(200_000);
    for i in 0..120_000 {
        for _ in 0..9 {
            board.alloc(Request::bytes(24));
        }
        let kept = board.alloc(Request::bytes(24));
        board.store(list, i, kept);
        if i % 20_000 == 19_999 {
            board.collect();
            let slow = board.heap.tier_info(1);
            assert!(
                16 * slow.max_free >= slow.free / 2,
                "{i}: largest {} of {}",
                16 * slow.max_free,
                slow.free
            );
        }
    }
    assert!(board.heap.totals().for_compactness > 0);
}

/// For each frame that stays there was another one, of half the size.
#[test]
fn at_most_a_tenth_is_free_when_frames_no_longer_fit() {
    let mut board = Board::new();
    let list = board.list(100);
    let mut kept = 0;
    loop {
        let frame = board.try_alloc(Request::bytes(153_600).leaf());
        if frame == 0 {
            break;
        }
        board.store(list, kept, frame);
        kept += 1;
        board.try_alloc(Request::bytes(76_800).leaf());
        for _ in 0..100 {
            board.try_alloc(Request::bytes(32));
        }
    }
    board.collect();
    let free = u64::from(board.heap.free_bytes());
    assert!(10 * free <= ALL, "{kept} frames, {free} bytes free");
}

/// As MicroPython's bytearrays grow: by what is added, which is an object itself until then.
#[test]
fn at_most_a_tenth_is_free_when_buffers_no_longer_grow() {
    let mut board = Board::new();
    let list = board.list(1000);
    let (mut kept, mut random) = (0, 1_u32);
    let mut below = |limit| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % limit
    };
    'full: loop {
        let (goal, mut bytes) = (500 + below(32_768), 16);
        let mut buffer = board.try_alloc(Request::bytes(bytes).leaf());
        while bytes < goal {
            let piece = 1 + below(1024);
            bytes += piece;
            board.store(list, kept, buffer);
            board.try_alloc(Request::bytes(piece).leaf());
            match board.try_realloc_leaving(buffer, bytes) {
                0 => break 'full,
                now => buffer = now,
            }
        }
        board.store(list, kept, buffer);
        kept += 1;
    }
    board.collect();
    let free = u64::from(board.heap.free_bytes());
    assert!(10 * free <= ALL, "{kept} buffers, {free} bytes free");
}

/// A strip of a frame is a quarter of it and the byte behind its end.
#[test]
fn where_a_frame_was_there_is_room_for_its_strips() {
    let mut board = Board::new();
    let list = board.list(400);
    for i in 0..50 {
        let wall = board.alloc(Request::bytes(19_201).leaf());
        board.store(list, i, wall);
        let frame = board.alloc(Request::bytes(76_800).leaf());
        board.store(list, 50 + i, frame);
    }
    (50..100).for_each(|i| board.store(list, i, 0));
    board.collect();
    let before = board.heap.info().used;
    // As high as there is room: the holes come first, before what was never used.
    let lowest = (0..50).map(|i| board.memory.peek(list + 4 * i)).min().unwrap();
    for i in 50..250 {
        let strip = board.alloc(Request::bytes(19_201).leaf());
        board.store(list, i, strip);
        assert!(
            strip > lowest - 76_800 - 4096,
            "strip {i} at {strip:#x} is in no hole"
        );
    }
    assert_eq!(board.heap.info().used, before + 200 * 19_216);
}

/// The heap may be filled by garbage of any size without growing for it again and again.
#[test]
fn short_lived_things_may_use_most_of_the_tier_before_they_are_collected() {
    let mut board = Board::new();
    board.list_of(60_000, Request::bytes(16));
    let before = board.heap.totals().collections;
    for _ in 0..2_000_000 {
        board.alloc(Request::bytes(16));
    }
    let collections = board.heap.totals().collections - before;
    // 32 MB: the first time after a quarter of the tier, then after more than half of it.
    assert!(collections <= 8, "{collections}");
}

#[test]
fn what_is_made_in_a_full_memory_is_in_nobodys_way_later() {
    let mut board = Board::new();
    let fresh = board.heap.tier_info(1).max_free;
    let list = board.list(300_000);
    for i in 0.. {
        // A chain in the list: it dies as a whole.
        let object = board.try_alloc(Request::bytes(48));
        if object == 0 {
            break;
        }
        board.store(list, i, object);
    }
    let late = board.alloc(Request::bytes(96));
    assert_eq!(board.heap.tier_of(late), Some(0));
    board.roots = vec![late];
    board.collect();
    assert_eq!(board.heap.tier_info(1).max_free, fresh);
    assert_eq!(board.heap.used_bytes(), 2 * 16 + 96);
}

#[test]
fn a_refusal_names_the_tier_that_is_full() {
    let mut board = Board::new();
    assert_eq!(
        board.heap.alloc(Request::bytes(1_000_000).only(0), true),
        Err(Refusal::NoRoom { tier: Some(0) })
    );
    assert_eq!(
        board.heap.alloc(Request::bytes(16).only(2), true),
        Err(Refusal::NoRoom { tier: Some(2) })
    );
    assert_eq!(
        board.heap.alloc(Request::bytes(9_000_000), true),
        Err(Refusal::NoRoom { tier: None })
    );
    assert_eq!(
        board.heap.alloc(Request::bytes(u32::MAX), true),
        Err(Refusal::NoRoom { tier: None })
    );
}

#[test]
fn an_exhausted_heap_recovers() {
    let mut board = Board::new();
    // One chain of everything: large blocks until the first refusal, then cells until the next.
    let mut bytes = 60_000;
    loop {
        let block = board.try_alloc(Request::bytes(bytes));
        let last = board.roots.pop().unwrap_or(0);
        if block != 0 {
            board.store(block, 0, last);
            board.roots.push(block);
        } else if bytes > 16 {
            board.roots.push(last);
            bytes = 16;
        } else {
            break;
        }
    }
    assert_eq!(board.heap.free_bytes(), 0);
    board.heap.check().unwrap();
    board.roots.clear();
    board.collect();
    assert_eq!(board.heap.used_bytes(), 2 * 16);
    board.alloc(Request::bytes(8_388_608 - 16).leaf());
}

/// Marking in slices, paced by allocation: the collector keeps up, and no slice is long.
#[test]
fn slices_end_in_time_and_are_short() {
    let mut board = Board::new();
    board.list_of(100_000, Request::bytes(16));
    board.collect();
    board.roots.push(0);
    let (mut cycles, mut rate, mut owed) = (0, 0, 0);
    let mut longest = 0;
    for i in 0..1_500_000_u32 {
        if board.heap.slices_due() {
            board.heap.start();
            board.heap.roots(board.roots.iter().copied());
            rate = board.heap.slice_words_per_block();
            cycles += 1;
        }
        let cell = board
            .heap
            .alloc(Request::bytes(16), false)
            .expect("the collector keeps up");
        if i % 10 == 0 {
            // One in ten stays, in a chain; what is born while marking is not left for the end.
            board.store(cell, 0, board.roots[1]);
            board.roots[1] = cell;
        }
        match board.heap.phase() {
            Phase::Idle | Phase::Finalise => {}
            Phase::Mark => {
                owed += rate;
                if owed >= 1000 {
                    let before = board.heap.work();
                    if board.heap.mark_step(owed) == Progress::Done {
                        board.heap.roots(board.roots.iter().copied());
                        board.heap.finish_marking();
                        assert_eq!(board.heap.next_finaliser(), None);
                    }
                    let after = board.heap.work();
                    let words = after.fast_words + after.slow_words - before.fast_words - before.slow_words;
                    longest = longest.max(words);
                    owed = 0;
                }
            }
            Phase::Sweep => {
                let _ = board.heap.sweep_step(16);
            }
        }
        if i % 100_000 == 0 {
            board.heap.check().unwrap();
            board.heap.check_marking().unwrap();
        }
    }
    assert!(cycles >= 2, "{cycles}");
    assert!(longest < 3000, "{longest} words in one slice");
}
