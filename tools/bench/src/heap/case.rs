//! The heaps that are collected, and what is aimed at.

use super::cost::{Cost, MODEL, program};
use anyhow::{Context, Result};
use xtask::project::Project;
use xtask::variant::Variant;

/// What a case is to reach.
#[derive(Clone, Copy)]
pub struct Aim {
    /// Less than so many milliseconds.
    pub below_ms: Option<f64>,
    /// At least so many times faster than gc.c.
    pub times_faster: Option<f64>,
}

impl Aim {
    const NONE: Aim = Aim {
        below_ms: None,
        times_faster: None,
    };

    const fn below(ms: f64) -> Aim {
        Aim {
            below_ms: Some(ms),
            times_faster: None,
        }
    }

    const fn faster(times: f64) -> Aim {
        Aim {
            below_ms: None,
            times_faster: Some(times),
        }
    }

    /// In words; a dash if there is none.
    pub fn words(&self) -> String {
        if self.is_none() {
            return "-".to_owned();
        }
        let below = self.below_ms.map(|ms| format!("< {ms} ms"));
        let faster = self.times_faster.map(|times| format!("{times} times faster"));
        [below, faster]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Is nothing aimed at? Such a case is there to be seen.
    pub fn is_none(&self) -> bool {
        self.below_ms.is_none() && self.times_faster.is_none()
    }

    /// Is it reached?
    pub fn met(&self, stock_ms: f64, tier_ms: f64) -> bool {
        self.below_ms.is_none_or(|limit| tier_ms < limit)
            && self.times_faster.is_none_or(|times| stock_ms >= times * tier_ms)
    }
}

/// A heap, and what is measured on it.
pub struct Case {
    pub name: &'static str,
    pub aim: Aim,
    /// Runs on a freshly booted board. What is measured is its last collection,
    setup: &'static str,
    /// or, if there is more, what this adds: the run with it less the run without.
    more: &'static str,
}

/// What one heap took for a case.
#[derive(Clone, Copy)]
pub struct Taken {
    /// What was measured.
    pub cost: Cost,
    /// The collections in it, and how many.
    pub collecting: Cost,
    pub collections: usize,
}

const TUPLES: Aim = Aim {
    below_ms: Some(50.0),
    times_faster: Some(4.0),
};

pub const CASES: &[Case] = &[
    Case {
        name: "`gc.collect()` at the fresh prompt",
        aim: Aim::below(0.1),
        setup: "import gc\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "one dead buffer of 4 MB",
        aim: Aim::below(1.0),
        setup: "import gc\nb = bytearray(4 << 20)\nb = None\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "6 MB live: 1500 bytearrays",
        aim: Aim::below(3.0),
        setup: "import gc\nl = [bytearray(4000) for _ in range(1500)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "170 KB live: 8500 tuples",
        aim: Aim::below(3.0),
        setup: "import gc\nl = [(i, i) for i in range(8500)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "100,000 live tuples in one list",
        aim: TUPLES,
        setup: "import gc\nl = [(i, i) for i in range(100_000)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "100,000 live tuples in 1000 lists",
        aim: TUPLES,
        setup: "import gc\nl = [[(i, j) for j in range(100)] for i in range(1000)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "200,000 live floats",
        aim: Aim::faster(4.0),
        setup: "import gc\nl = [i * 0.5 for i in range(200_000)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "50,000 live strings",
        aim: Aim::faster(4.0),
        setup: "import gc\nl = [\"string %d\" % i for i in range(50_000)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "20,000 live instances of a class",
        aim: Aim::faster(4.0),
        setup: "\
import gc
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
l = [Point(i, i * 0.5) for i in range(20_000)]
gc.collect()
",
        more: "",
    },
    Case {
        // Tuples of numbers are leaves with tierheap; these are not.
        name: "50,000 live tuples of a new string and a number",
        aim: Aim::NONE,
        setup: "import gc\nl = [(\"string %d\" % i, i) for i in range(50_000)]\ngc.collect()\n",
        more: "",
    },
    Case {
        name: "500,000 short-lived lists beside 100,000 live tuples: all of it, with collections",
        aim: Aim::faster(1.3),
        setup: "\
l = [(i, i) for i in range(100_000)]
def churn(n):
    for i in range(n):
        [i, i]
",
        more: "churn(500_000)\n",
    },
];

impl Case {
    /// Is a program measured, with its collections?
    pub fn is_a_program(&self) -> bool {
        !self.more.is_empty()
    }

    /// Measures it with this firmware.
    pub fn measure(&self, project: &Project, variant: &Variant) -> Result<Taken> {
        let setup = program(project, variant, self.setup, MODEL)?;
        if !self.is_a_program() {
            let last = *setup.collections.last().context("the script did not collect")?;
            return Ok(Taken {
                cost: last,
                collecting: last,
                collections: 1,
            });
        }
        let all = program(project, variant, &format!("{}{}", self.setup, self.more), MODEL)?;
        // The board repeats to the cycle, so that the first collections are the same in both.
        let collections = all
            .collections
            .get(setup.collections.len()..)
            .context("fewer collections in the longer run")?;
        Ok(Taken {
            cost: all.whole - setup.whole,
            collecting: collections.iter().sum(),
            collections: collections.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_only_if_all_of_it_is() {
        assert!(TUPLES.met(200.0, 49.0));
        assert!(!TUPLES.met(200.0, 50.0), "not below 50 ms");
        assert!(!TUPLES.met(190.0, 49.0), "not four times faster");
        assert!(Aim::faster(1.3).met(13.0, 10.0));
        assert_eq!(TUPLES.words(), "< 50 ms, 4 times faster");
        assert_eq!(Aim::NONE.words(), "-");
    }
}
