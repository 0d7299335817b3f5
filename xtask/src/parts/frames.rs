//! How much of the stack each function takes, as the firmware's own instructions say.
//!
//! Python's calls end in RuntimeError when less than the margin is left of the stack. Below that point run functions that do not
//! look, some of them under each other, and an interrupt: so one of them may take a third of the margin.

use crate::{process, project::Project, say};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

const CONFIGURATION: &str = "crates/upy-sys/port/mpconfigport.h";

/// Fails if a function takes too much.
pub fn fit(project: &Project, elf: &Path) -> Result<()> {
    let objdump = process::which("arm-none-eabi-objdump").context("arm-none-eabi-objdump is missing")?;
    let code = process::output(
        Command::new(&objdump)
            .args(["-d", "-C", "--no-show-raw-insn"])
            .arg(elf),
    )?;
    let frames = frames(&code);
    if frames.len() < 1500 {
        bail!("only {} functions take stack in {}", frames.len(), elf.display());
    }
    let most_bytes = margin_bytes(project)? / 3;
    let mut largest: Vec<_> = frames.iter().map(|&(name, bytes)| (bytes, name)).collect();
    largest.sort_unstable();
    largest.reverse();
    let list = |count: usize| {
        let told = largest.iter().take(count);
        let told: Vec<_> = told.map(|(bytes, name)| format!("{name} {bytes}")).collect();
        told.join(", ")
    };
    let too_large = largest.iter().filter(|(bytes, _)| *bytes > most_bytes).count();
    if too_large > 0 {
        bail!(
            "{too_large} functions take more than {most_bytes} bytes of stack, a third of the margin in {CONFIGURATION}: {}. \
             Lend the buffer from the heap (`upy::Scratch`), or make it smaller.",
            list(too_large)
        );
    }
    say::line(format!(
        "   {} functions take at most {most_bytes} bytes of stack each; the largest: {}",
        frames.len(),
        list(3)
    ));
    Ok(())
}

fn margin_bytes(project: &Project) -> Result<u32> {
    let path = project.root.join(CONFIGURATION);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let line = text
        .lines()
        .find(|line| line.contains("MICROPY_STACK_CHECK_MARGIN"));
    let product = line.and_then(|line| line.split_once('('));
    let factors = product.map(|(_, rest)| rest.trim_end_matches(')').split('*'));
    let numbers = factors.map(|factors| factors.map(|factor| factor.trim().parse::<u32>()));
    match numbers.map(|numbers| numbers.product::<Result<u32, _>>()) {
        Some(Ok(bytes)) => Ok(bytes),
        _ => bail!(
            "{}: MICROPY_STACK_CHECK_MARGIN is not a product of numbers",
            path.display()
        ),
    }
}

/// Functions and their bytes of stack: all that their instructions push or subtract. Instances of one generic function have the
/// same name and are counted each by itself.
fn frames(code: &str) -> Vec<(&str, u32)> {
    let mut frames = Vec::new();
    for line in code.lines() {
        if let Some(label) = line.strip_suffix(">:") {
            frames.push((label.split_once('<').map_or(label, |(_, name)| name), 0));
        } else if let (Some(bytes), Some((_, sum))) = (taken_bytes(line), frames.last_mut()) {
            *sum += bytes;
        }
    }
    frames.retain(|(_, bytes)| *bytes > 0);
    frames
}

/// What one instruction takes: `push {r4, lr}`, `stmdb sp!, {r4-r11}`, `vpush {d8-d10}`, `sub sp, #40`, `subw sp, sp, #1044`.
fn taken_bytes(line: &str) -> Option<u32> {
    let (_, instruction) = line.split_once(":\t")?;
    let (name, operands) = instruction.split_once('\t')?;
    let pushes = name.starts_with("push") || name.starts_with("stmdb") && operands.starts_with("sp!");
    if pushes || name.starts_with("vpush") {
        let each = if operands.contains("{d") { 8 } else { 4 };
        return Some(each * registers(operands)?);
    }
    let amount = operands.strip_prefix("sp, ")?;
    let amount = amount.strip_prefix("sp, ").unwrap_or(amount);
    let amount = amount.strip_prefix('#')?.split([' ', '\t']).next()?;
    name.starts_with("sub").then(|| amount.parse().ok())?
}

/// How many registers a list has, ranges and names of their own included.
fn registers(operands: &str) -> Option<u32> {
    let (_, list) = operands.split_once('{')?;
    let list = list.split_once('}')?.0;
    let number = |name: &str| match name.trim() {
        "sl" => Some(10),
        "fp" => Some(11),
        "ip" => Some(12),
        "lr" => Some(14),
        name => name.get(1..)?.parse::<u32>().ok(),
    };
    list.split(',')
        .map(|part| match part.split_once('-') {
            Some((first, last)) => Some(number(last)? - number(first)? + 1),
            None => Some(1),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_one_name_are_not_added_up() {
        let code = "08000000 <f>:\n 8000000:\tsub\tsp, #40\n08000010 <f>:\n 8000010:\tpush\t{r4, lr}\n 8000012:\tsub\tsp, #8\n08000020 <g>:\n 8000020:\tbx\tlr\n";
        assert_eq!(frames(code), [("f", 40), ("f", 16)]);
    }

    #[test]
    fn what_takes_stack_is_counted() {
        let table = [
            (" 8050d36:\tpush\t{r4, lr}", Some(8)),
            (
                " 8050d36:\tstmdb\tsp!, {r4, r5, r6, r7, r8, r9, sl, fp, lr}",
                Some(36),
            ),
            (" 8050d36:\tstmdb\tsp!, {r4-r11, lr}", Some(36)),
            (" 8050d36:\tvpush\t{d8-d10}", Some(24)),
            (" 8050d36:\tvpush\t{s16}", Some(4)),
            (" 8050d36:\tsub\tsp, #40\t@ 0x28", Some(40)),
            (" 8050d36:\tsubw\tsp, sp, #1044\t@ 0x414", Some(1044)),
            (" 8050d36:\tsub.w\tsp, sp, r3", None),
            (" 8050d36:\tadd\tsp, #40\t@ 0x28", None),
            (" 8050d36:\tstmdb\tr0!, {r4, r5}", None),
        ];
        for (line, expected) in table {
            assert_eq!(taken_bytes(line), expected, "{line}");
        }
    }
}
