//! Levels and pulls.

use serde::Deserialize;

/// A logic level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 0 V.
    Low,
    /// 3.3 V.
    High,
}

/// A resistor to one of the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// To 3.3 V.
    Up,
    /// To 0 V.
    Down,
    /// There is none.
    None,
}
