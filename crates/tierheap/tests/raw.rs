//! The heap over real memory, reached by raw pointers: the program that miri runs.

use tierheap::{Direct, Heap, Memory, Params, Refusal, Request, Span, Window, table_words};

const BASE: u32 = 0x9000_0000;
const BYTES: usize = 8 * 1024;
const SPANS: [Span; 1] = [Span {
    base: BASE,
    bytes: BYTES as u32,
}];

#[test]
fn a_list_built_through_pointers_survives_and_its_garbage_does_not() {
    let mut buffer = vec![u32::MAX; BYTES / 4];
    let start: *mut u8 = buffer.as_mut_ptr().cast();
    let word = |address: u32| start.wrapping_add((address - BASE) as usize).cast::<u32>();
    // SAFETY: `buffer` lives to the end of the test, and is reached through `start` only.
    let memory = unsafe { Direct::new(Window { base: BASE, start }) };
    let (mut tables, mut stack) = (vec![0; table_words(&SPANS)], vec![0; 8]);
    let mut heap = Heap::new(memory, SPANS, &mut tables, &mut stack, Params::QUAD_PSRAM)
        .unwrap()
        .with_guards();
    let (mut first, mut cells, mut collections) = (0, 0, 0);
    // Pairs of (garbage, cell that points to the cell before).
    while cells < 40 {
        let mut alloc = |bytes| match heap.alloc(Request::bytes(bytes), true) {
            Err(Refusal::CollectFirst) => {
                collections += 1;
                collect(&mut heap, first);
                heap.alloc(Request::bytes(bytes), false).unwrap()
            }
            answer => answer.unwrap(),
        };
        alloc(300);
        let cell = alloc(20);
        // SAFETY: the block is ours, 20 bytes long, and lies in `buffer`.
        unsafe {
            assert_eq!(word(cell).read(), 0, "not zeroed");
            word(cell).write(first);
            word(cell + 16).write(cells);
        }
        first = heap.realloc(cell, 100, true, false).unwrap();
        cells += 1;
    }
    assert!(collections >= 1);
    collect(&mut heap, first);
    heap.check().unwrap();
    heap.check_guards().unwrap();
    let (mut at, mut expected) = (first, cells);
    while at != 0 {
        expected -= 1;
        // SAFETY: a live block of 100 bytes in `buffer`.
        unsafe {
            assert_eq!(word(at + 16).read(), expected);
            assert_eq!((20..25).map(|i| word(at + 4 * i).read()).max(), Some(0));
            at = word(at).read();
        }
    }
    assert_eq!(expected, 0);
    assert_eq!(heap.used_bytes(), 16 + cells * 112);
}

fn collect<M: Memory>(heap: &mut Heap<'_, M, 1>, root: u32) {
    heap.start();
    heap.root(root);
    heap.end(|_, _| ());
}
