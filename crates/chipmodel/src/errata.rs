//! Behaviour of the silicon that is not settled, or that a test wants worse than it is, by name: for a command line.

use core::fmt;
use core::str::FromStr;

use crate::dcache::Dcache;
use crate::octospi::{Octospi, Unstrobed};

/// One switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erratum {
    /// What goes out in lanes of a 64-bit beat that have no strobe.
    Unstrobed(Unstrobed),
    /// REFRESH also acts while the clock is stopped with NCS low.
    RefreshWhileStopped,
    /// ACTLR.DISRAMODE has no effect.
    DisramodeDead,
}

const KNOWN: [(&str, Erratum, &str); 5] = [
    (
        "unstrobed-zero",
        Erratum::Unstrobed(Unstrobed::Zero),
        "bytes without a strobe are written as zeros (default)",
    ),
    (
        "unstrobed-keep",
        Erratum::Unstrobed(Unstrobed::Keep),
        "bytes without a strobe are kept, as with a mask pin",
    ),
    (
        "unstrobed-stale",
        Erratum::Unstrobed(Unstrobed::Stale),
        "bytes without a strobe repeat those of the beat before",
    ),
    (
        "refresh-while-stopped",
        Erratum::RefreshWhileStopped,
        "REFRESH ends a burst whose clock is stopped, too",
    ),
    (
        "disramode-dead",
        Erratum::DisramodeDead,
        "ACTLR.DISRAMODE does nothing; no such core is known",
    ),
];

impl Erratum {
    /// Every name, with what it means.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
        KNOWN.into_iter().map(|(name, _, meaning)| (name, meaning))
    }

    /// Make the models behave so, over resets, too.
    pub fn apply(self, octospi: &mut Octospi, dcache: &mut Dcache) {
        let mut quirks = octospi.quirks();
        match self {
            Erratum::Unstrobed(how) => quirks.unstrobed = how,
            Erratum::RefreshWhileStopped => quirks.refresh_while_stopped = true,
            Erratum::DisramodeDead => dcache.break_disramode(),
        }
        octospi.set_quirks(quirks);
    }
}

impl FromStr for Erratum {
    type Err = UnknownErratum;

    fn from_str(name: &str) -> Result<Self, UnknownErratum> {
        let found = KNOWN.into_iter().find(|(known, ..)| *known == name);
        found
            .map(|(_, erratum, _)| erratum)
            .ok_or_else(|| UnknownErratum {
                asked: name.to_owned(),
            })
    }
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownErratum {
    asked: String,
}

impl fmt::Display for UnknownErratum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Erratum::known().map(|(name, _)| name).collect();
        write!(f, "unknown erratum `{}`; known: {}", self.asked, names.join(", "))
    }
}

impl std::error::Error for UnknownErratum {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_understood_and_others_list_them() {
        for (name, _) in Erratum::known() {
            assert!(name.parse::<Erratum>().is_ok(), "{name}");
        }
        let error = "nonsense".parse::<Erratum>().expect_err("no such erratum");
        assert!(
            error
                .to_string()
                .ends_with("refresh-while-stopped, disramode-dead"),
            "{error}"
        );
    }
}
