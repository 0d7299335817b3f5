//! Which heap Python gets: a cargo feature of the firmware.

use anyhow::{Result, bail};

/// The heaps there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heap {
    /// The crate tierheap.
    #[default]
    Tier,
    /// The same with guards behind blocks and a walk after each collection: it looks for damage.
    Checked,
    /// The crate tierheap, marking in slices.
    Sliced,
    /// The same, which looks for damage and for stores that were not reported.
    SlicedChecked,
    /// MicroPython's own gc.c.
    Stock,
}

impl Heap {
    /// All of them.
    pub const ALL: [Heap; 5] = [
        Heap::Tier,
        Heap::Checked,
        Heap::Sliced,
        Heap::SlicedChecked,
        Heap::Stock,
    ];

    /// From the command line.
    pub fn parse(name: &str) -> Result<Heap> {
        let known = Heap::ALL.map(Heap::name);
        match Heap::ALL.into_iter().find(|heap| heap.name() == name) {
            Some(heap) => Ok(heap),
            None => bail!("unknown heap `{name}`; expected one of: {}", known.join(", ")),
        }
    }

    /// On the command line.
    pub fn name(self) -> &'static str {
        match self {
            Heap::Tier => "tier",
            Heap::Checked => "checked",
            Heap::Sliced => "sliced",
            Heap::SlicedChecked => "sliced-checked",
            Heap::Stock => "stock",
        }
    }

    /// The firmware's features.
    pub fn features(self) -> &'static str {
        match self {
            Heap::Tier => "",
            Heap::Checked => "heap-checked",
            Heap::Sliced => "heap-sliced",
            Heap::SlicedChecked => "heap-sliced,heap-checked",
            Heap::Stock => "heap-stock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_is_known_by_its_name() {
        for heap in Heap::ALL {
            assert_eq!(Heap::parse(heap.name()).unwrap(), heap);
        }
    }

    #[test]
    fn an_unknown_heap_is_answered_with_the_known_ones() {
        let error = Heap::parse("boehm").unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown heap `boehm`; expected one of: tier, checked, sliced, sliced-checked, stock"
        );
    }
}
