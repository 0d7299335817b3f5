//! What something cost on the virtual board: a collection, or a whole program.

use crate::{Run, run_script};
use anyhow::{Context, Result};
use serde_json::Value;
use std::iter::Sum;
use std::ops::Sub;
use xtask::project::Project;
use xtask::variant::Variant;

/// What says where the cycles of this bench come from: `spiram run --model`.
pub const MODEL: &str = "full";
/// What the STM32H7A3's core runs at.
const CORE_KHZ: f64 = 280e3;
/// The function that is one collection, from saving the registers to the last block swept.
const COLLECTION: &str = "gc_collect";

/// Time, and of what it is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub cycles: u64,
    pub instructions: u64,
    /// Bytes between the memory chip and the cache.
    pub bytes_read: u64,
    pub bytes_written: u64,
}

/// A program's cost, and that of each of its collections: those that Python starts by itself, too.
pub struct Program {
    pub whole: Cost,
    pub collections: Vec<Cost>,
    pub console: String,
}

impl Cost {
    /// Virtual milliseconds.
    pub fn ms(&self) -> f64 {
        self.cycles as f64 / CORE_KHZ
    }
}

impl Sub for Cost {
    type Output = Cost;

    fn sub(self, other: Cost) -> Cost {
        Cost {
            cycles: self.cycles - other.cycles,
            instructions: self.instructions - other.instructions,
            bytes_read: self.bytes_read - other.bytes_read,
            bytes_written: self.bytes_written - other.bytes_written,
        }
    }
}

impl<'a> Sum<&'a Cost> for Cost {
    fn sum<I: Iterator<Item = &'a Cost>>(costs: I) -> Cost {
        costs.fold(Cost::default(), |sum, cost| Cost {
            cycles: sum.cycles + cost.cycles,
            instructions: sum.instructions + cost.instructions,
            bytes_read: sum.bytes_read + cost.bytes_read,
            bytes_written: sum.bytes_written + cost.bytes_written,
        })
    }
}

/// Runs a script on a freshly booted board, with cycles by this model (`spiram run --model`).
pub fn program(project: &Project, variant: &Variant, script: &str, model: &str) -> Result<Program> {
    let options = ["--model", model, "--watch", COLLECTION];
    let Run { stats, console, .. } = run_script(project, variant, script, &options)?;
    let calls = stats["watched"][0]["calls"].as_array();
    let calls = calls.context("--stats has no list of calls")?;
    let psram = &stats["psram"];
    Ok(Program {
        whole: Cost {
            cycles: number(&stats, "virtual_cycles")?,
            instructions: number(&stats, "instructions")?,
            bytes_read: number(psram, "bytes_read")?,
            bytes_written: number(psram, "bytes_written")?,
        },
        collections: calls.iter().map(call).collect::<Result<_>>()?,
        console,
    })
}

fn call(call: &Value) -> Result<Cost> {
    Ok(Cost {
        cycles: number(call, "cycles")?,
        instructions: number(call, "instructions")?,
        bytes_read: number(call, "bytes_read")?,
        bytes_written: number(call, "bytes_written")?,
    })
}

fn number(object: &Value, name: &str) -> Result<u64> {
    let number = object[name].as_u64();
    number.with_context(|| format!("--stats has no number `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_without_one_of_its_numbers_is_an_error() {
        let whole =
            json!({"at_ps": 1, "cycles": 280_000, "instructions": 2, "bytes_read": 3, "bytes_written": 4});
        assert_eq!(call(&whole).unwrap().ms(), 1.0);
        let mut half = whole;
        half["bytes_read"] = Value::Null;
        let error = call(&half).unwrap_err().to_string();
        assert!(error.contains("`bytes_read`"), "{error}");
    }
}
