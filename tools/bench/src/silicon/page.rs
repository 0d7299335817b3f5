//! `docs/silicon.md` of what was measured.

use super::images::Image;
use super::rows::Row;
use super::{Line, MODELS};
use std::fmt::Write;

/// What the project aims at: each image, and their mean.
const IMAGE_AIM: f64 = 0.03;
const MEAN_AIM: f64 = 0.015;
/// A row of MicroPython that does not allocate, and any other.
const ROW_AIM: f64 = 0.05;
const OTHER_AIM: f64 = 0.15;

const HEAD: &str = "\
# The virtual board's time, and that of real boards

Made by `cargo xtask bench silicon --images FOLDER`. `spiram run --model` chooses where cycles come from; `--stats` names
the model, and so does every figure here.

| model | is |
|---|---|
| `instructions` (default) | one instruction, one cycle, plus what memories and buses make it wait. Pages of `docs/` that name no model use it. |
| `fast` | the pipeline (two instructions a cycle, early and late ALU, loads by bank, multiply, divide, floats), branch prediction, the instruction cache with its fills by the flash's wait states, registers at their bus's cost, exceptions at 12 cycles |
| `full` | the same, with unaligned loads, and the D-cache for internal memory and flash: two fills at a time, the word that is waited for first, evictions |

The model is `crates/m7time`: no instruction is executed there. Each rule has a small program as its test
(`src/issue/tests.rs`), each constant its source beside it.

## Images for this chip
Machine code that others built for the NUCLEO-H7A3ZI-Q at 280 MHz and submitted to MLPerf Tiny v1.2 (closed division,
mlcommons/tiny_results_v1.2, Apache-2.0) with the times of the real board; anyone gets them there. They are no part of this
repository. They run strict, by `spiram run --bin IMAGE@0x08000000 --board FILE.toml`: `board/devebox.toml` with the
processor of that kit (STM32H7A3ZIT6Q, which has the step-down converter) and the console on USART3 (PD8, PD9). Each
gives one warning: WRHIGHFREQ is below what RM0455 table 16 asks for, as it is on the real boards. The time is the
image's own; it is the slope between two numbers of inferences, because an image prints between its laps, which takes
0.2 to 1.6 ms.
";

const FITTED: &str = "
## What was fitted
Rules of the pipeline come from measurements that others made with small programs (jnk0le/random, quinapalus), and none was
changed to fit an image. Four constants were fitted:

| constant | to |
|---|---|
| the way to the flash and back, 5 cycles | the difference between the first two images |
| the first word of a line of AXI SRAM, 4 cycles | the second image |
| a cycle between two lines of flash | the first image |
| 64 branches that are known | the first row of MicroPython |

bosch-ad-float is the one that is off: it loads six streams of floats by VLDM of one register, and each line costs it four
cycles more than here. Nothing published says why.

## What is not modelled
The half-cycle slip in runs of 16-bit instructions; bank conflicts of loads from different bases; byte stores that fill the
store buffer; double-precision floats by operand; divides by operand; other bus masters in the way; what CYCCNT shows between
two reads within one block. The D-cache of `full` for internal memory, and that of the memory window, are 16 KB each, where
silicon has one. Cache maintenance does not empty the first.
";

pub fn page(images: &[Line<Image>], rows: &[Line<Row>]) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n| image | network | silicon, us |");
    for model in MODELS {
        let _ = write!(text, " `{model}` |");
    }
    text.push_str(" `full` : silicon |\n|---|---|--:|--:|--:|--:|\n");
    for Line { of, found } in images {
        let _ = write!(text, "| {} | {} | {:.2} |", of.name, of.network, of.silicon_us);
        for us in found {
            let _ = write!(text, " {us:.1} |");
        }
        let _ = writeln!(text, " {} |", ratio(last(found) / of.silicon_us, IMAGE_AIM));
    }
    let ratios = images.iter().map(|line| last(&line.found) / line.of.silicon_us);
    let mean = ratios.sum::<f64>() / images.len() as f64;
    let _ = writeln!(
        text,
        "\nAims: each within {} %, the mean within {} %. The mean is {}.\n",
        100.0 * IMAGE_AIM,
        100.0 * MEAN_AIM,
        ratio(mean, MEAN_AIM)
    );
    text.push_str(&self::rows(rows));
    text.push_str(FITTED);
    text
}

pub fn rows(rows: &[Line<Row>]) -> String {
    let mut text = "\
## MicroPython
Cycles for one pass of `for i in range(n): C = p[1] op p[2]` in a function, with the heap in internal RAM. The board's figures
are those of shaoziyang/micropython_benchmarks (v1.23): an STM32H743 at 400 MHz with floats of double precision. Two
confounders: its firmware is another build, and where a row allocates, another heap.

| row | STM32H743 |"
        .to_owned();
    for model in MODELS {
        let _ = write!(text, " `{model}` |");
    }
    text.push_str(" `full` : silicon |\n|---|--:|--:|--:|--:|\n");
    for Line { of, found } in rows {
        let _ = write!(text, "| {} | {:.0} |", of.what, of.silicon_cycles);
        for cycles in found {
            let _ = write!(text, " {cycles:.0} |");
        }
        let aim = if of.allocates { OTHER_AIM } else { ROW_AIM };
        let _ = writeln!(text, " {} |", ratio(last(found) / of.silicon_cycles, aim));
    }
    let _ = writeln!(
        text,
        "\nAims: what does not allocate within {} %, all others within {} %.",
        100.0 * ROW_AIM,
        100.0 * OTHER_AIM
    );
    text
}

fn last(found: &[f64; MODELS.len()]) -> f64 {
    found[MODELS.len() - 1]
}

/// What misses its aim says so.
fn ratio(ratio: f64, aim: f64) -> String {
    if (ratio - 1.0).abs() <= aim {
        format!("{ratio:.3}")
    } else {
        format!("**{ratio:.3}, missed**")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_its_aim_says_so() {
        assert_eq!(ratio(1.029, 0.03), "1.029");
        assert_eq!(ratio(0.95, 0.03), "**0.950, missed**");
    }
}
