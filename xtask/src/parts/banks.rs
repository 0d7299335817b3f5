//! What the first bank of the flash needs of the second one.
//!
//! While files are written, the second bank answers nothing until an erase has ended, and what runs then (interrupts, the
//! console, the driver of the flash, the C core) has to be in the first one. The second one holds the library of machine vision.
//! A compiler may put an instance of somebody else's generic function there and let everybody use it: so whatever the first
//! bank refers to there must belong to that library by its name.

use crate::{process, say};
use anyhow::{Context as _, Result, bail};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// The section, and the packages whose functions may be called there (firmware/memory.x).
const SECTION: &str = ".vision";
const OWNERS: [&str; 4] = ["vision", "bytemuck", "font8x8", "libm"];

/// Fails if something in the first bank refers to a function that may be needed while files are written.
pub fn apart(elf: &Path) -> Result<()> {
    let data = fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
    let file = object::File::parse(&*data)?;
    let section = file.section_by_name(SECTION);
    let section = section.with_context(|| format!("{} has no section {SECTION}", elf.display()))?;
    let range = section.address() as u32..(section.address() + section.size()) as u32;
    let mut functions = HashMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let address = symbol.address() as u32;
        if range.contains(&address) {
            functions.insert(address & !1, symbol.name()?.to_owned());
        }
    }
    let objdump = process::which("arm-none-eabi-objdump").context("arm-none-eabi-objdump is missing")?;
    let code = process::output(
        Command::new(objdump)
            .args(["-d", "-j", ".text", "--no-show-raw-insn"])
            .arg(elf),
    )?;
    let mut needed = branches(&code, &range);
    for name in [".text", ".rodata", ".data"] {
        let section = file.section_by_name(name);
        needed.extend(pointers(
            section.with_context(|| format!("no section {name}"))?.data()?,
            &range,
        ));
    }
    needed.sort_unstable();
    needed.dedup();
    let names: Vec<_> = needed
        .iter()
        .filter_map(|address| functions.get(address))
        .collect();
    if functions.len() < 200 || names.len() < 50 {
        bail!(
            "{SECTION} of {} has {} functions, of which {} are called: the check looks at the wrong place",
            elf.display(),
            functions.len(),
            names.len()
        );
    }
    let strangers: Vec<_> = names.iter().filter(|name| !is_owned(name)).collect();
    if !strangers.is_empty() {
        bail!(
            "the first bank refers to functions in {SECTION} that are nobody's there, and would wait while files are written: \
             {strangers:?}. Build the package that brought them with opt-level 2 or 3 (xtask/src/cargo.rs), which shares none."
        );
    }
    say::line(format!(
        "   {} functions in the second bank, {} of them called from the first: all of machine vision",
        functions.len(),
        names.len()
    ));
    Ok(())
}

/// Does a mangled name say one of the owners? `_ZN6vision4draw4lineE`, `_ZN9_$LT$vision..error..Plain$u20$as$u20$...E`.
fn is_owned(name: &str) -> bool {
    let says = |owner| {
        name.contains(&format!("{}{owner}", str::len(owner))) || name.contains(&format!("${owner}.."))
    };
    OWNERS.into_iter().any(says)
}

/// Where branches go to: `bl 8100248 <name>`, `b.w`, `beq.w`.
fn branches(code: &str, range: &Range<u32>) -> Vec<u32> {
    let targets = code.lines().filter_map(|line| {
        let (_, instruction) = line.split_once(":\t")?;
        let (name, operands) = instruction.split_once('\t')?;
        let target = operands.split(' ').next()?;
        name.starts_with('b')
            .then(|| u32::from_str_radix(target, 16).ok())?
    });
    targets.filter(|target| range.contains(target)).collect()
}

/// Aligned words that are addresses of Thumb functions in the range.
fn pointers(bytes: &[u8], range: &Range<u32>) -> Vec<u32> {
    let (words, _) = bytes.as_chunks::<4>();
    let words = words.iter().map(|word| u32::from_le_bytes(*word));
    words
        .filter(|word| word & 1 != 0 && range.contains(word))
        .map(|word| word & !1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range<u32> = 0x0810_0000..0x0818_0000;

    #[test]
    fn branches_and_pointers_into_the_second_bank_are_seen() {
        let code = " 8000010:\tbl\t8100248 <f>\n 8000014:\tb.w\t8100300 <g>\n 8000018:\tbl\t8000248 <h>\n 800001c:\tblx\tr3\n \
                    8000020:\tldr\tr3, [pc, #8]\t@ (8100400 <k>)\n";
        assert_eq!(branches(code, &RANGE), [0x0810_0248, 0x0810_0300]);
        let words = [0x0810_0249u32, 0x0810_0250, 0x0818_0001, 0x0800_0001];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(pointers(&bytes, &RANGE), [0x0810_0248]);
    }

    #[test]
    fn a_function_of_another_package_is_no_owner_s() {
        assert!(is_owned("_ZN6vision4draw4line17h0123456789abcdefE"));
        assert!(is_owned(
            "_ZN59_$LT$vision..error..Plain$u20$as$u20$core..fmt..Display$GT$3fmt17h0E"
        ));
        assert!(!is_owned("_ZN4core5slice4sort6stable17h0123456789abcdefE"));
    }
}
