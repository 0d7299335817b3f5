//! Which heap Python gets: a cargo feature of the firmware.

use anyhow::{Result, bail};

/// The heaps there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heap {
    /// MicroPython's own gc.c.
    #[default]
    Stock,
}

impl Heap {
    /// From the command line.
    pub fn parse(name: &str) -> Result<Heap> {
        match name {
            "stock" => Ok(Heap::Stock),
            other => bail!("unknown heap `{other}`; expected one of: stock"),
        }
    }

    /// On the command line.
    pub fn name(self) -> &'static str {
        match self {
            Heap::Stock => "stock",
        }
    }

    /// The firmware's feature.
    pub fn feature(self) -> &'static str {
        match self {
            Heap::Stock => "heap-stock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_heap_is_answered_with_the_known_ones() {
        assert_eq!(Heap::parse("stock").unwrap(), Heap::default());
        let error = Heap::parse("tier").unwrap_err().to_string();
        assert_eq!(error, "unknown heap `tier`; expected one of: stock");
    }
}
