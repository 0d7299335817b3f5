//! `docs/hashes.md` of what was measured.

use super::{COUNTS, KINDS, MODEL, Table, Taken};
use crate::heap::digits;

const HEAD: &str = "\
# Dicts and sets of many texts

MicroPython hashes texts to 16 bits, lets a table become full before it grows, and looks in a row for the next free place. With a
thousand keys nobody notices; with eight megabytes of heap, programs have a hundred thousand, and twenty thousand took half a
minute. What we changed, of which a script sees the clock only:

| what | where |
|---|---|
| A hash of 30 bits, FNV-1a and a last step. The pools of names in flash bring it along; .mpy files have no hashes in them | `crates/upy-sys/src/hash.rs`, `build/qstr.rs`, `build/freeze.py`, `port/py/qstr.h` |
| A table of more than 12 places grows when three quarters are taken, a large one at two thirds. Where many deleted keys are in the way it is made anew. Numbers and texts are moved without comparing them | `crates/upy-sys/edits/py/map.c.toml` |
| The compiler finds a name in its scope by an index, when there are 32 and more | `crates/upy/src/scope.rs` |

Small tables stay as full as they were, so instances and modules take no more memory. A large table takes up to twice its keys'
eight bytes. `--heap stock` has the core's own hash and tables, to be compared with.

A text of more than 4096 bytes is hashed by 64 pieces of it and its length, so that a key of megabytes answers at once.
The hash is no secret: whoever chooses the keys can choose them to collide.

## What it buys
";

/// Building may grow faster than the number of texts by this.
const GROWTH_AIM: f64 = 1.3;
/// Building 50,000 takes less.
const BUILD_AIM_MS: f64 = 3000.0;

pub fn page(stock: &Table, tier: &Table) -> String {
    let mut text = format!(
        "{HEAD}Made by `cargo xtask bench hashes`: milliseconds of virtual time on the virtual board (heap in the `ESP-PSRAM64H` and\n\
         internal RAM) to put texts that are there already into an empty dict or set, and to look each up. Numbers are `str(i)`, words\n\
         have twelve letters, paths are like `/data/3/run-100/item.json`. Beside it gc.c with the core's hash and tables, whose\n\
         times grow with the square: 50,000 would take minutes. By `--model {MODEL}`.\n"
    );
    for (title, of) in [("Dicts", dict as fn(&Taken) -> [u64; 2]), ("Sets", set)] {
        text += &format!("\n### {title}\n\n| texts |");
        for kind in KINDS {
            text += &format!(" {kind}: build | look up |");
        }
        text += &format!("\n|--:|{}\n", "--:|".repeat(2 * KINDS.len()));
        for (at, count) in COUNTS.iter().enumerate() {
            for (name, table) in [("gc.c", stock), ("ours", tier)] {
                let Some(row) = table.get(at) else { continue };
                text += &format!("| {count}, {name} |");
                for us in row.iter().flat_map(of) {
                    text += &format!(" {} |", digits(us as f64 / 1000.0));
                }
                text.push('\n');
            }
        }
    }
    text + &growth(tier)
}

fn dict(taken: &Taken) -> [u64; 2] {
    [taken.build_dict_us, taken.look_up_dict_us]
}

fn set(taken: &Taken) -> [u64; 2] {
    [taken.build_set_us, taken.look_up_set_us]
}

/// How building a dict grows, where 1 is as the number of texts does.
fn growth(tier: &Table) -> String {
    let mut text = format!(
        "\n### Growth\n\nHow much more a text costs than in the row above (building a dict; aim: at most {GROWTH_AIM} times). Up to some\n\
         10,000, table and texts fit into internal RAM; beyond that each look at a place is a line of the memory chip.\n\n| texts |"
    );
    for kind in KINDS {
        text += &format!(" {kind} |");
    }
    text += &format!("\n|--:|{}\n", "--:|".repeat(KINDS.len()));
    let each = |at: usize, kind: usize| tier[at][kind].build_dict_us as f64 / f64::from(COUNTS[at]);
    let mut worst: f64 = 0.0;
    for (at, count) in COUNTS.iter().enumerate().skip(1) {
        text += &format!("| {count} |");
        for kind in 0..KINDS.len() {
            let times = each(at, kind) / each(at - 1, kind);
            worst = worst.max(times);
            text += &format!(" {times:.2} |");
        }
        text.push('\n');
    }
    let slowest_ms = tier[2].iter().map(|taken| taken.build_dict_us).max().unwrap_or(0) as f64 / 1000.0;
    text + &format!(
        "\nThe aim of {} ms for {} is {}: {} ms. That of growth is {}: {worst:.2}.\n",
        BUILD_AIM_MS,
        COUNTS[2],
        met(slowest_ms < BUILD_AIM_MS),
        digits(slowest_ms),
        met(worst <= GROWTH_AIM)
    )
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}
