//! `bench hashes`: dicts and sets of many texts, of three kinds, beside gc.c with the core's hash: `docs/hashes.md`.

mod page;

use crate::run_script;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::thread;
use xtask::heap::Heap;
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

const TABLES: &str = include_str!("tables.py");

pub const KINDS: [&str; 3] = ["numbers", "words", "paths"];
pub const COUNTS: [u32; 4] = [1_000, 10_000, 50_000, 100_000];
/// What says where cycles come from (`spiram run --model`).
pub const MODEL: &str = "fast";
/// Beyond this gc.c takes minutes of virtual time.
pub const STOCK_COUNT: u32 = 10_000;

/// Microseconds for so many texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub build_dict_us: u64,
    pub look_up_dict_us: u64,
    pub build_set_us: u64,
    pub look_up_set_us: u64,
}

/// In the order of [`COUNTS`], and within that of [`KINDS`].
pub type Table = Vec<[Taken; 3]>;

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    ensure!(
        *variant == Variant::default(),
        "`bench hashes` measures both heaps; it takes no options"
    );
    let [stock, tier] = [Heap::Stock, Heap::Tier].map(|heap| Variant {
        heap,
        ..Variant::default()
    });
    firmware::ensure(project, DEFAULT_BOARD, &stock)?;
    firmware::ensure(project, DEFAULT_BOARD, &tier)?;
    let few = COUNTS.iter().filter(|count| **count <= STOCK_COUNT);
    let (stock, tier) = thread::scope(|scope| {
        let stock = scope.spawn(|| table(project, &stock, few));
        let tier = table(project, &tier, COUNTS.iter());
        (stock.join().expect("no panic over there"), tier)
    });
    let text = page::page(&stock.context("gc.c")?, &tier.context("tierheap")?);
    let path = project.root.join("docs/hashes.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}

fn table<'a>(project: &Project, variant: &Variant, counts: impl Iterator<Item = &'a u32>) -> Result<Table> {
    let mut table = Vec::new();
    for count in counts {
        let mut row = Vec::new();
        for kind in KINDS {
            let script = format!("COUNT, KIND = {count}, {kind:?}\n{TABLES}");
            let console = run_script(project, variant, &script, &["--model", MODEL])
                .with_context(|| format!("{count} {kind}"))?
                .console;
            row.push(taken(&console).with_context(|| format!("the board said {console:?}"))?);
            say::line(format!("   {}: {count} {kind}", variant.name(DEFAULT_BOARD)));
        }
        table.push(row.try_into().expect("as many as there are kinds"));
    }
    Ok(table)
}

/// `took <us> <us> <us> <us>`
fn taken(console: &str) -> Option<Taken> {
    let line = console.lines().find_map(|line| line.strip_prefix("took "))?;
    let us: Vec<u64> = line.split(' ').map_while(|word| word.parse().ok()).collect();
    let [build_dict_us, look_up_dict_us, build_set_us, look_up_set_us] = us[..] else {
        return None;
    };
    Some(Taken {
        build_dict_us,
        look_up_dict_us,
        build_set_us,
        look_up_set_us,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_says_four_times() {
        let found = taken("took 4 3 2 1\n").unwrap();
        assert_eq!((found.build_dict_us, found.look_up_set_us), (4, 1));
        assert_eq!(taken("took 4 3 2\n"), None);
        assert_eq!(taken("MemoryError\n"), None);
    }
}
