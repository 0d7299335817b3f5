//! What can be asked of a heap, and what can be refused. Refusals carry facts; hints are for the caller that shows them.

/// What is asked of [`Heap::alloc`](crate::Heap::alloc).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size, rounded up to blocks of 16.
    pub bytes: u32,
    /// The object will never hold a pointer into the heap that keeps something alive.
    pub leaf: bool,
    /// The object has to be handed out by [`Heap::next_finaliser`](crate::Heap::next_finaliser) before it is freed by a collection.
    pub finaliser: bool,
    /// Where to put it.
    pub place: Place,
}

impl Request {
    /// An object that may hold pointers, wherever policy puts it.
    pub const fn bytes(bytes: u32) -> Self {
        Request {
            bytes,
            leaf: false,
            finaliser: false,
            place: Place::Auto,
        }
    }

    /// The same, without pointers.
    pub const fn leaf(self) -> Self {
        Request { leaf: true, ..self }
    }

    /// The same, with a finaliser.
    pub const fn finaliser(self) -> Self {
        Request {
            finaliser: true,
            ..self
        }
    }

    /// The same, in this tier or not at all.
    pub const fn only(self, tier: usize) -> Self {
        Request {
            place: Place::Only(tier),
            ..self
        }
    }
}

/// Where an object may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where policy says.
    Auto,
    /// Into this tier, or nowhere.
    Only(usize),
}

/// Why there is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was asked for.
    Zero,
    /// Collect, and ask again. Only if the caller said that it can.
    CollectFirst,
    /// There is no room, in this tier or, if `None`, in any.
    NoRoom {
        /// The tier that was asked for.
        tier: Option<usize>,
    },
    /// Finalisers are being run: nothing can be allocated.
    Busy,
    /// [`Memory::is_interrupted`](crate::Memory::is_interrupted) became true while the block was filled. It is free again.
    Interrupted,
    /// The address given to `realloc` is not one that the heap handed out.
    NotABlock(NotABlock),
}

/// An address that does not belong to a live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotABlock {
    /// The address.
    pub address: u32,
}

impl core::fmt::Display for NotABlock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{:#010x} is not the start of a block that this heap handed out",
            self.address
        )
    }
}

impl core::error::Error for NotABlock {}

/// Why there is no heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// A region must begin at a multiple of 16, a slow one at a multiple of 32.
    Misaligned {
        /// Where it begins.
        base: u32,
    },
    /// Regions overlap, or one goes beyond the end of the address space.
    Overlap {
        /// Where the second one begins.
        base: u32,
    },
    /// The tables need more memory.
    TablesTooSmall {
        /// Words that [`table_words`](crate::table_words) asks for.
        needed: usize,
        /// Words given.
        given: usize,
    },
}

impl core::fmt::Display for SetupError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {
            SetupError::Misaligned { base } => write!(
                f,
                "region at {base:#010x}: not a multiple of 16, or of 32 if slow"
            ),
            SetupError::Overlap { base } => {
                write!(f, "region at {base:#010x}: overlaps another, or wraps around")
            }
            SetupError::TablesTooSmall { needed, given } => {
                write!(
                    f,
                    "block tables: {given} words given, {needed} needed; see table_words()"
                )
            }
        }
    }
}

impl core::error::Error for SetupError {}
