//! A simulated address space that counts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tierheap::{LINE_BYTES, Memory, Span};

/// One region of it.
struct Bank {
    span: Span,
    words: RefCell<Vec<u32>>,
    /// Lines that the heap touched.
    lines: RefCell<Vec<bool>>,
}

/// Shared between the heap and the test. Access outside the regions panics: nobody may ask for it.
#[derive(Clone)]
pub struct Fake {
    banks: Rc<Vec<Bank>>,
    reads: Rc<Vec<Cell<u64>>>,
}

impl Fake {
    /// Memory full of plausible pointers, so that reading what was not initialised is noticed.
    pub fn new(spans: &[Span]) -> Self {
        let bank = |span: &Span| Bank {
            span: *span,
            words: RefCell::new(
                (0..span.bytes / 4)
                    .map(|i| span.base + (i * 16) % span.bytes.max(1))
                    .collect(),
            ),
            lines: RefCell::new(vec![false; span.bytes.div_ceil(LINE_BYTES) as usize]),
        };
        Fake {
            banks: Rc::new(spans.iter().map(bank).collect()),
            reads: Rc::new(spans.iter().map(|_| Cell::new(0)).collect()),
        }
    }

    fn bank(&self, address: u32) -> (usize, usize) {
        assert_eq!(address % 4, 0, "{address:#010x} is not a word's address");
        let inside = |bank: &Bank| address.wrapping_sub(bank.span.base) < bank.span.bytes;
        let tier = self
            .banks
            .iter()
            .position(inside)
            .unwrap_or_else(|| panic!("{address:#010x} is no heap memory"));
        (tier, ((address - self.banks[tier].span.base) / 4) as usize)
    }

    /// What the program reads: not counted.
    pub fn peek(&self, address: u32) -> u32 {
        let (tier, word) = self.bank(address);
        self.banks[tier].words.borrow()[word]
    }

    /// What the program stores: not counted.
    pub fn poke(&self, address: u32, value: u32) {
        let (tier, word) = self.bank(address);
        self.banks[tier].words.borrow_mut()[word] = value;
    }

    /// Words that the heap read from a tier since the last call.
    pub fn take_reads(&self, tier: usize) -> u64 {
        self.reads[tier].take()
    }

    /// Lines of any tier that the heap touched since the last call.
    pub fn take_lines(&self) -> usize {
        let take = |bank: &Bank| {
            let mut lines = bank.lines.borrow_mut();
            let touched = lines.iter().filter(|&&touched| touched).count();
            lines.fill(false);
            touched
        };
        self.banks.iter().map(take).sum()
    }
}

impl Memory for Fake {
    fn read(&self, address: u32) -> u32 {
        let (tier, word) = self.bank(address);
        self.reads[tier].set(self.reads[tier].get() + 1);
        self.banks[tier].lines.borrow_mut()[word * 4 / LINE_BYTES as usize] = true;
        self.banks[tier].words.borrow()[word]
    }

    fn write(&mut self, address: u32, value: u32) {
        let (tier, word) = self.bank(address);
        self.banks[tier].lines.borrow_mut()[word * 4 / LINE_BYTES as usize] = true;
        self.banks[tier].words.borrow_mut()[word] = value;
    }

    fn zero(&mut self, address: u32, bytes: u32) {
        (address..address + bytes)
            .step_by(4)
            .for_each(|at| self.write(at, 0));
    }

    fn copy(&mut self, from: u32, to: u32, bytes: u32) {
        assert!(
            from + bytes <= to || to + bytes <= from,
            "copy between overlapping blocks"
        );
        (0..bytes)
            .step_by(4)
            .for_each(|at| self.write(to + at, self.peek(from + at)));
    }
}
