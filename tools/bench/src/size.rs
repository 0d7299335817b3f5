//! Flash and RAM by crate and by the C core, from the ELF's symbols.
//!
//! A function that was inlined counts for the crate it went into; constants without a name are a row of their own.

use anyhow::{Context, Result};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::process::Command;
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{image::FLASH_BYTES, process};

const C_CORE: &str = "MicroPython's C core";
const UNNAMED: &str = "(constants without a name)";

/// Bytes in flash and in RAM.
#[derive(Clone, Copy, Default)]
struct Bytes {
    flash: u64,
    ram: u64,
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    let path = variant.elf(project, DEFAULT_BOARD);
    let data = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let elf = object::File::parse(&*data).with_context(|| format!("{} is no ELF file", path.display()))?;
    let c_names = names_of_the_c_core(project, variant)?;

    let mut rows: BTreeMap<String, Bytes> = BTreeMap::new();
    let mut sum = Bytes::default();
    let mut kinds = HashMap::new();
    for section in elf.sections() {
        let (in_flash, in_ram) = match section.kind() {
            SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => (true, false),
            // Initial values lie in flash, too.
            SectionKind::Data => (true, true),
            SectionKind::UninitializedData => (false, true),
            _ => continue,
        };
        kinds.insert(section.index(), (in_flash, in_ram));
        sum.flash += if in_flash { section.size() } else { 0 };
        sum.ram += if in_ram { section.size() } else { 0 };
    }
    let mut seen = HashSet::new();
    for symbol in elf.symbols().filter(|symbol| symbol.size() > 0) {
        let Some(&(in_flash, in_ram)) = symbol.section_index().and_then(|index| kinds.get(&index)) else {
            continue;
        };
        // Aliases share an address.
        if !seen.insert((symbol.address() & !1, symbol.section_index())) {
            continue;
        }
        let row = rows
            .entry(owner(symbol.name().unwrap_or_default(), &c_names))
            .or_default();
        row.flash += if in_flash { symbol.size() } else { 0 };
        row.ram += if in_ram { symbol.size() } else { 0 };
    }
    let named = rows.values().fold(Bytes::default(), |sum, row| Bytes {
        flash: sum.flash + row.flash,
        ram: sum.ram + row.ram,
    });
    let unnamed = rows.entry(UNNAMED.into()).or_default();
    unnamed.flash += sum.flash.saturating_sub(named.flash);
    unnamed.ram += sum.ram.saturating_sub(named.ram);

    let mut sorted: Vec<(&String, &Bytes)> = rows.iter().collect();
    sorted.sort_by_key(|(_, bytes)| std::cmp::Reverse((bytes.flash, bytes.ram)));
    println!("| part | flash bytes | share | RAM bytes |\n|---|--:|--:|--:|");
    for (name, bytes) in sorted.iter().filter(|(_, bytes)| bytes.flash + bytes.ram > 0) {
        let share = 100.0 * bytes.flash as f64 / sum.flash as f64;
        println!("| {name} | {} | {share:.1} % | {} |", bytes.flash, bytes.ram);
    }
    let share = 100.0 * sum.flash as f64 / f64::from(FLASH_BYTES);
    println!(
        "| **all**, {share:.1} % of the flash | {} | 100 % | {} |",
        sum.flash, sum.ram
    );
    println!("\nRAM is what is laid out when linking; stack and Python's heaps are not in it.");
    Ok(())
}

/// What the archive of the C core defines.
fn names_of_the_c_core(project: &Project, variant: &Variant) -> Result<HashSet<String>> {
    let nm = process::which("arm-none-eabi-nm").context("arm-none-eabi-nm is missing")?;
    let mut names = HashSet::new();
    for archive in xtask::firmware::c_archives(project, DEFAULT_BOARD, variant)? {
        let said = process::output(
            Command::new(&nm)
                .args(["--defined-only", "--format=posix"])
                .arg(archive),
        )?;
        names.extend(
            said.lines()
                .filter_map(|line| line.split(' ').next())
                .map(str::to_owned),
        );
    }
    Ok(names)
}

/// The crate that a symbol belongs to.
fn owner(symbol: &str, c_names: &HashSet<String>) -> String {
    let demangled = format!("{:#}", rustc_demangle::demangle(symbol));
    if demangled == symbol {
        let is_c = c_names.contains(symbol);
        return if is_c {
            C_CORE
        } else {
            "(Rust and assembly with C names)"
        }
        .into();
    }
    if demangled.starts_with("anon.") || demangled.starts_with(".Lanon.") {
        return UNNAMED.into();
    }
    // `<&mut a::B as core::fmt::Debug>::fmt` belongs to a.
    let path = demangled.trim_start_matches(['<', '&', '*', '[', '(']);
    let path = path
        .trim_start_matches("mut ")
        .trim_start_matches("const ")
        .trim_start_matches("dyn ");
    match path.split_once("::") {
        Some((krate, _)) if krate.chars().all(|c| c.is_alphanumeric() || c == '_') && krate != "__rustc" => {
            krate.to_owned()
        }
        // Implementations for `u32`, `str` or any `T`, whose own crate the symbol does not tell, are mostly core's.
        _ => "core".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_belong_to_their_crate_or_to_the_c_core() {
        let c: HashSet<String> = ["mp_init".to_owned()].into();
        assert_eq!(owner("mp_init", &c), C_CORE);
        assert_eq!(owner("main", &c), "(Rust and assembly with C names)");
        assert_eq!(owner("_ZN5psram4plan3run17h0123456789abcdefE", &c), "psram");
        assert_eq!(
            owner(
                "_ZN53_$LT$$RF$mut$u20$a..B$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
                &c
            ),
            "a"
        );
        assert_eq!(
            owner(
                "_ZN40_$LT$u32$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
                &c
            ),
            "core"
        );
        assert_eq!(owner("_RNvCskwGfYPst2Cb_7mycrate3foo", &c), "mycrate");
    }
}
